"""The worker process: reads commands, runs one job at a time, sends messages. Started by client.py with ``spawn``.

A live draft is made between two steps of the job that runs, so that a drag is answered while a take is in the making.

A thread does nothing but read, so that the window never waits for a busy worker while it submits or cancels. When the
pipe ends the window's process is gone, and the worker ends at once, in the middle of whatever it does: results that
nobody waits for are worth nothing, and the files it writes are written atomically.
"""

import contextlib
import faulthandler
import os
import queue
import signal
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from genmo_studio.engine import protocol
from genmo_studio.engine.outcome import failure
from genmo_studio.engine.resources import prepare_process
from genmo_studio.engine.schedule import Schedule
from genmo_studio.engine.worker_jobs import JOBS, Context
from genmo_studio.spare_memory import hand_back

NICENESS = 5
_REST = 0.15  # seconds without a command after which nobody drags any more
_LONG_REST = 3.0
_PROGRESS_EVERY = 0.1  # seconds between progress messages of one stage; each repaints the 3D picture it is written on


def main(commands: Connection, messages: Connection, crash_log: str) -> None:
    """Serve until ``commands`` ends. A fatal signal leaves the Python stack in the file ``crash_log``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the window's process to decide
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    prepare_process()
    with Path(crash_log).open("w", encoding="utf-8") as crashes:
        faulthandler.enable(crashes)
        inbox: queue.SimpleQueue[protocol.Command] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(commands, inbox), name="listener", daemon=True).start()
        Worker(inbox, messages).serve()


def _listen(commands: Connection, inbox: "queue.SimpleQueue[protocol.Command]") -> None:
    while True:
        try:
            inbox.put(protocol.decode_command(commands.recv_bytes()))
        except (EOFError, OSError):
            os._exit(0)
        except msgspec.DecodeError:  # only possible when the two sides are of different versions
            os._exit(3)


class Worker:
    """The loop: hear commands, run the next job, tell how it ended."""

    def __init__(self, inbox: "queue.SimpleQueue[protocol.Command]", messages: Connection) -> None:
        self._inbox = inbox
        self._messages = messages
        self._schedule = Schedule()
        self._context = Context()
        self._last_progress = ("", 0.0)

    def serve(self) -> None:
        """Run jobs for ever; the listener ends the process."""
        while True:
            self._hear()
            self._serve_live()
            submit = self._schedule.start_next()
            if submit is None:
                self._wait()
            else:
                ending = self._run(submit)
                self._schedule.running = None
                self._write(ending)

    def _wait(self) -> None:
        """Wait for the next command; after a moment of rest, prepare what the next draft of a drag can use.

        After a longer one, memory that is free goes back to the system.
        """
        drafting = self._context.drafting
        if drafting is not None and drafting.unprepared:
            try:
                self._obey(self._inbox.get(timeout=_REST))
                return
            except queue.Empty:
                drafting.prepare()
        try:
            command = self._inbox.get(timeout=_LONG_REST)
        except queue.Empty:
            hand_back()
            command = self._inbox.get()
        self._obey(command)

    def _serve_live(self) -> None:
        while (submit := self._schedule.start_live()) is not None:
            ending = self._run(submit, live=True)
            self._schedule.live = None
            self._write(ending)
            self._hear()

    def _hear(self) -> None:
        while True:
            try:
                command = self._inbox.get_nowait()
            except queue.Empty:
                return
            self._obey(command)

    def _obey(self, command: protocol.Command) -> None:
        match command:
            case protocol.Submit():
                ended = self._schedule.submit(command)
            case protocol.Cancel(job):
                ended = self._schedule.cancel(job)
        for job in ended:
            self._send(protocol.Cancelled(job))

    def _run(self, submit: protocol.Submit, *, live: bool = False) -> bytes:
        """Run one job to its end. Returns the encoded ending."""
        try:
            return protocol.encode(self._work(submit, live=live))
        except Exception as error:  # the boundary of a job: whatever went wrong becomes a sentence
            failed = failure(submit.job, error)
        if failed.kind is protocol.FailureKind.OUT_OF_MEMORY:  # here the error no longer holds the job's arrays
            self._context.release()
        return protocol.encode(failed)

    def _work(self, submit: protocol.Submit, *, live: bool) -> protocol.Ending:
        with contextlib.closing(JOBS[type(submit.work)](submit.work, submit.job, self._context)) as steps:
            for message in steps:
                if isinstance(message, protocol.Ending):
                    return message
                self._send(message)
                self._hear()
                if not live:
                    self._serve_live()
                if self._schedule.must_stop_live if live else self._schedule.must_stop:
                    return protocol.Cancelled(submit.job)
        raise RuntimeError("the job ended without a result")

    def _send(self, message: protocol.Message) -> None:
        if isinstance(message, protocol.ProgressMessage):
            now = time.monotonic()
            stage, when = self._last_progress
            if stage == message.stage and now - when < _PROGRESS_EVERY and message.fraction < 1:
                return
            self._last_progress = (message.stage, now)
        self._write(protocol.encode(message))

    def _write(self, data: bytes) -> None:
        try:
            self._messages.send_bytes(data)
        except OSError:  # nobody reads any more
            os._exit(0)
