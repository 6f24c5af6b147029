"""EngineClient: owns the worker process. Never blocks: the window submits, cancels and polls from a timer.

A dead worker shows as the end of its pipe. Its jobs then fail with one sentence, and the next submit starts a new
worker; nothing in this process is lost.
"""

import contextlib
import itertools
import multiprocessing
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.engine import entry, protocol
from genmo_studio.engine.protocol import Cancel, Failed, FailureKind, GenerateWork, JobId, Message, Submit, Work
from genmo_studio.engine.sender import Sender

_END_PATIENCE = 2.0  # seconds that a worker may take to end by itself before it is killed
_KILLED = -9


class EngineClient:
    """Submits work to the worker process and collects what it says."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._open: dict[JobId, Work] = {}
        self._unread: list[Message] = []
        self._process: multiprocessing.process.BaseProcess | None = None
        self._commands: Sender | None = None
        self._messages: Connection | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def open_jobs(self) -> tuple[JobId, ...]:
        """Jobs that were submitted and have not ended, in order."""
        return tuple(self._open)

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def readable(self) -> int | None:
        """File descriptor that can be read when the worker has said something or has died.

        None while there is no worker, and on Windows, whose pipes cannot be waited for like that.
        """
        return None if self._messages is None or sys.platform == "win32" else self._messages.fileno()

    def submit(self, work: Work | GenerationRequest) -> JobId:
        """Queue work and return its number. Starts a worker if there is none."""
        if isinstance(work, GenerationRequest):
            work = GenerateWork(work)
        if self._process is not None and not self._process.is_alive():
            self._unread += self.poll()
        job = next(self._numbers)
        if self._process is None:
            self._start()
        self._open[job] = work
        self._send(Submit(job, work))
        return job

    def cancel(self, job: JobId) -> None:
        """Ask for the end of a job; Cancelled (or its result, if that was faster) comes by ``poll``."""
        if job in self._open:
            self._send(Cancel(job))

    def poll(self) -> list[Message]:
        """Everything that the worker has said since the last call, oldest first; empty when there is nothing new."""
        found, self._unread = self._unread, []
        while self._messages is not None:
            try:
                if not self._messages.poll(0):
                    break
                message = protocol.decode_message(self._messages.recv_bytes())
            except (EOFError, OSError):
                found += self._bury()
                break
            if isinstance(message, protocol.Ending):
                self._open.pop(message.job, None)
            found.append(message)
        return found

    def close(self) -> None:
        """End the worker, whatever it does. The client may be used again afterwards."""
        if self._process is None:
            return
        self._hang_up()
        self._process.join(_END_PATIENCE)
        self._remove()
        self._open.clear()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        theirs, ours = context.Pipe(duplex=False)
        self._messages, answers = context.Pipe(duplex=False)
        self._folder = tempfile.TemporaryDirectory(prefix="genmo-engine-")
        self._process = context.Process(
            target=entry.main, args=(theirs, answers, str(self._crash_log)), name="genmo-engine", daemon=True
        )
        self._process.start()
        self._commands = Sender(ours)
        # The worker has its own ends now; ours must go, or its death would not end the pipes.
        theirs.close()
        answers.close()

    @property
    def _crash_log(self) -> Path:
        return Path(self._folder.name if self._folder is not None else ".") / "crash.txt"

    def _send(self, command: protocol.Command) -> None:
        if self._commands is not None:  # where the worker has died, the next poll finds out and fails its jobs
            self._commands.send(protocol.encode(command))

    def _bury(self) -> list[Message]:
        """Fail the jobs of a dead worker and forget it."""
        assert self._process is not None
        self._hang_up()
        self._process.join(_END_PATIENCE)
        sentence = _why(self._process.exitcode)
        detail = ""
        with contextlib.suppress(OSError):
            detail = self._crash_log.read_text(encoding="utf-8", errors="replace")
        self._remove()
        jobs, self._open = list(self._open), {}
        return [Failed(job, sentence, detail, FailureKind.CRASHED) for job in jobs]

    def _hang_up(self) -> None:
        if self._commands is not None:
            self._commands.close()
        if self._messages is not None:
            self._messages.close()
            self._messages = None

    def _remove(self) -> None:
        if self._process is not None:
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
            self._process = None
        if self._commands is not None:
            self._commands.join(_END_PATIENCE)
            self._commands = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _why(exit_code: int | None) -> str:
    kept = "Your project is untouched; generate again to start a new engine."
    if exit_code == _KILLED:
        return f"The engine was ended by the system, probably because memory ran out. {kept} A shorter span needs less."
    return f"The engine stopped unexpectedly (exit code {exit_code}). {kept}"
