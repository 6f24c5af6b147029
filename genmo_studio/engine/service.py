"""GenerationService: from the Generate button to a take in the document. No Qt; the window calls ``poll`` from a timer.

A generation reads the settled document once, when it is asked for. When its motion arrives, the present document is
compiled again: if it still asks for the same, the take is shown in the result; if the user has edited on meanwhile, the
take is kept beside it as an alternative, and nothing that was edited is overwritten.
"""

import hashlib
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.modality import Locate
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError, add_take, new_id
from genmo_studio.document.model import Take, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.protocol import Failed, FailureKind, JobId
from genmo_studio.motion.motion import Motion


@dataclass(frozen=True)
class Running:
    """A generation that was asked for and has not ended."""

    job: JobId
    request: GenerationRequest
    project: str
    """Id of the document it was asked for."""
    name: str
    """What the take will be called."""
    notes: tuple[str, ...] = ()
    """Sentences about conditions that were left out."""


@dataclass(frozen=True)
class Submitted:
    """A generation was queued."""

    running: Running


@dataclass(frozen=True)
class Advanced:
    """A generation went on."""

    running: Running
    progress: protocol.ProgressMessage
    waiting: int
    """Generations queued behind it."""


@dataclass(frozen=True)
class Previewed:
    """What a generation looks like so far."""

    running: Running
    motion: Motion
    step: int
    steps: int


@dataclass(frozen=True)
class Finished:
    """A take was added to the document."""

    running: Running
    take: Take
    shown: bool
    """False when the document had changed meanwhile, so that the take was only kept as an alternative."""
    report: protocol.Report
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Stopped:
    """A generation was cancelled or replaced by a newer draft."""

    running: Running


@dataclass(frozen=True)
class Broken:
    """A generation failed; the document is as it was."""

    running: Running
    failure: Failed


@dataclass(frozen=True)
class Other:
    """A message about work that is not a generation (beats, video, device), for whoever submitted it."""

    message: protocol.Message


Event = Submitted | Advanced | Previewed | Finished | Stopped | Broken | Other
Listener = Callable[[Event], None]


class GenerationService:
    """Compiles, submits, and turns what comes back into takes."""

    def __init__(
        self,
        editor: Editor,
        client: EngineClient,
        store: MutableMapping[str, bytes],
        *,
        locate: Locate,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``store`` keeps motions by SHA-256; ``locate`` maps a media id to (path, SHA-256)."""
        self._editor = editor
        self._client = client
        self._store = store
        self._locate = locate
        self._now = now
        self._running: dict[JobId, Running] = {}
        self._listeners: list[Listener] = []
        self.device = "auto"

    @property
    def running(self) -> tuple[Running, ...]:
        """Generations that have not ended, in the order they were asked for."""
        return tuple(self._running.values())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every event; the returned function ends the subscription."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def generate(self, *, span: Span | None = None, mode: TakeMode = TakeMode.FULL, seed: int | None = None) -> JobId:
        """Ask for a take of ``span`` (default: the whole project). Raises ValueError for a span without frames."""
        document = self._editor.settled
        compiled = compile_request(document, locate=self._locate, mode=mode, span=span, seed=seed)
        job = self._client.submit(protocol.GenerateWork(compiled.request, self.device))
        name = "Draft" if mode is TakeMode.DRAFT else f"Take {len(document.takes) + len(self._running) + 1}"
        self._running[job] = Running(job, compiled.request, document.id, name, compiled.notes)
        self._tell(Submitted(self._running[job]))
        return job

    def cancel(self, job: JobId | None = None) -> None:
        """Stop one generation, or all of them."""
        for number in list(self._running) if job is None else [job]:
            self._client.cancel(number)

    def poll(self) -> None:
        """Take in what the worker has said since the last call. Never blocks."""
        for message in self._client.poll():
            running = self._running.get(message.job)
            self._tell(Other(message) if running is None else self._event(running, message))

    def _event(self, running: Running, message: protocol.Message) -> Event:
        if isinstance(message, protocol.ProgressMessage):
            return Advanced(running, message, len(self._running) - 1)
        if isinstance(message, protocol.PreviewMessage):
            return Previewed(running, Motion.from_bytes(message.motion), message.step, message.steps)
        del self._running[running.job]
        if isinstance(message, protocol.Done):
            return self._finish(running, message)
        if isinstance(message, protocol.Failed):
            return Broken(running, message)
        return Stopped(running)

    def _finish(self, running: Running, done: protocol.Done) -> Event:
        if self._editor.settled.id != running.project:  # another project was opened meanwhile
            return Stopped(running)
        blob = hashlib.sha256(done.motion).hexdigest()
        self._store[blob] = done.motion
        take = self._take(running, done, blob)
        shown = self._still_asked_for(running.request)
        label = "Draft motion" if running.request.mode is TakeMode.DRAFT else "Generate motion"
        try:
            self._editor.edit(label, add_take(take, place=shown))
        except EditError as error:
            return Broken(running, Failed(running.job, str(error), kind=FailureKind.REFUSED))
        notes = (*running.notes, *done.notes)
        return Finished(running, take, shown, done.report, notes)

    def _still_asked_for(self, request: GenerationRequest) -> bool:
        document = self._editor.settled
        span = Span(request.start, request.start + request.frames)
        if span.stop > document.length:
            return False
        compiled = compile_request(document, locate=self._locate, span=span)
        # How it is made may have changed meanwhile; what is asked for may not.
        return compiled.request.conditions_hash == request.conditions_hash

    def _take(self, running: Running, done: protocol.Done, blob: str) -> Take:
        request = running.request
        return Take(
            id=new_id(),
            name=running.name,
            span=Span(request.start, request.start + request.frames),
            blob=blob,
            request_hash=request.hash,
            conditions_hash=request.conditions_hash,
            seed=request.seed,
            model=str(done.report.get("model", request.model)),
            mode=request.mode,
            device=str(done.report.get("device", "cpu")),
            created=self._now().isoformat(timespec="seconds"),
            metrics=_numbers(done.report),
        )

    def _tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)


def _numbers(report: dict[str, Any]) -> dict[str, float]:
    """The figures of a report that a take keeps: numbers on its top level."""
    return {
        name: float(value)
        for name, value in report.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
