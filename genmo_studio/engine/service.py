"""GenerationService: from the Generate button to a take in the document. No Qt; the window calls ``poll`` from a timer.

A generation reads the settled document once, when it is asked for. When its motion arrives, the present document is
compiled again: if it still asks for the same, the take is shown in the result; if the user has edited on meanwhile, the
take is kept beside it as an alternative, and nothing that was edited is overwritten. Of several takes that were asked
for at once the first that arrives is shown. Steps that the user has undone meanwhile can still be redone.

What is cancelled has ended for the user at once; the worker hears it at its next denoising step, and ``Freed`` says
when that was.
"""

import hashlib
import itertools
import re
import time
from collections.abc import Callable, MutableMapping, Sequence
from datetime import UTC, datetime

import msgspec

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.modality import Locate
from genmo_studio.conditions.regenerating import Anew, NotRegenerableError, prepare, still_asked, why_not
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError, add_take
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.events import (
    Advanced,
    Broken,
    Event,
    Finished,
    Freed,
    Other,
    Previewed,
    Reordered,
    Running,
    Stopped,
    Submitted,
)
from genmo_studio.engine.landing import shown_edit, step_label, take_of
from genmo_studio.engine.live import LiveDrafts
from genmo_studio.engine.present import MotionReader, PresentResult, reader_of
from genmo_studio.engine.protocol import Failed, FailureKind, JobId
from genmo_studio.engine.queue import JobQueue
from genmo_studio.motion.motion import Motion

__all__ = [
    "MOST_AT_ONCE",
    "Advanced",
    "Broken",
    "Event",
    "Finished",
    "Freed",
    "GenerationService",
    "Other",
    "Previewed",
    "Reordered",
    "Running",
    "Stopped",
    "Submitted",
]

MOST_AT_ONCE = 8
"""Takes that one press may ask for."""
CRASHES_IN_A_ROW = 2
"""After so many workers have died one after another, what waits is given up: the next would hardly fare better."""
_GIVEN_UP = (
    "It was not started, because the engine stopped twice in a row. Your project is untouched; generate again when "
    "there is more memory, or with a shorter span."
)
_TAKE_NAME = re.compile(r"Take (\d+)")


Listener = Callable[[Event], None]


class _AtWork(msgspec.Struct):
    """The generation that the worker has."""

    engine_job: JobId
    running: Running
    begun: bool = False
    """True once the worker has said anything about it."""


class GenerationService:
    """Compiles, queues, submits, and turns what comes back into takes."""

    def __init__(
        self,
        editor: Editor,
        client: EngineClient,
        store: MutableMapping[str, bytes],
        *,
        locate: Locate,
        read: MotionReader | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``store`` keeps motions by SHA-256, ``read`` reads them; ``locate`` maps a media id to (path, SHA-256)."""
        self._editor = editor
        self._client = client
        self._store = store
        self._locate = locate
        self._now = now
        self._numbers = itertools.count(1)
        self._batches = itertools.count(1)
        self._shown_batches: set[int] = set()
        self._queue: JobQueue[Running] = JobQueue()
        self._at_work: _AtWork | None = None
        self._leaving: dict[JobId, tuple[Running, float]] = {}  # by the worker's number: what, cancelled when
        self._retried: set[JobId] = set()
        self._crashes = 0
        self._listeners: list[Listener] = []
        self.device = "auto"
        self._present = PresentResult(read or reader_of(store))
        self.live = LiveDrafts(client, locate=locate, device=lambda: self.device, result=self._present)
        """Drafts of what is being dragged; they hear of the worker by ``poll`` too."""

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def running(self) -> tuple[Running, ...]:
        """Generations that have not ended: the one that runs, then those that wait in their order."""
        return self._queue.all

    @property
    def active(self) -> Running | None:
        """The generation that the worker has."""
        return self._queue.active

    @property
    def waiting(self) -> tuple[Running, ...]:
        """Generations that wait, in the order they will run."""
        return self._queue.waiting

    @property
    def freeing(self) -> bool:
        """True while the worker still holds a generation that was cancelled."""
        return bool(self._leaving)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every event; the returned function ends the subscription."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    # -- asking --------------------------------------------------------------------------------------------------------

    def generate(self, *, span: Span | None = None, mode: TakeMode = TakeMode.FULL, seed: int | None = None) -> JobId:
        """Ask for a take of ``span`` (default: the whole project). Raises ValueError for a span without frames."""
        return self.generate_several([seed], span=span, mode=mode)[0]

    def generate_several(
        self, seeds: Sequence[int | None], *, span: Span | None = None, mode: TakeMode = TakeMode.FULL
    ) -> tuple[JobId, ...]:
        """Ask for one take a seed (None: the document's); the first that arrives is shown, the others are kept.

        At most MOST_AT_ONCE. Raises ValueError for a span without frames. The worker hears of it with the next poll, so
        that the answer to a press of Generate never waits for a process to start.
        """
        if not 0 < len(seeds) <= MOST_AT_ONCE:
            raise ValueError(f"One to {MOST_AT_ONCE} takes can be asked for at once, not {len(seeds)}.")
        document, batch = self._editor.settled, next(self._batches)
        tickets: list[Running] = []
        for seed in seeds:
            compiled = compile_request(document, locate=self._locate, mode=mode, span=span, seed=seed)
            ticket = Running(
                job=next(self._numbers),
                request=compiled.request,
                project=document.id,
                name="Draft" if mode is TakeMode.DRAFT else self._next_name(document, tickets),
                notes=compiled.notes if not tickets else (),
                batch=batch,
            )
            tickets.append(ticket)
        for ticket in tickets:
            for replaced in self._queue.add(ticket):
                self._let_go(replaced)
            self._tell(Submitted(ticket))
        return tuple(ticket.job for ticket in tickets)

    def regenerate(
        self, anew: Anew, *, mode: TakeMode = TakeMode.FULL, seed: int | None = None, refines: bool = False
    ) -> JobId:
        """Ask for a part of the result anew; all the rest of it stays bit-identical.

        ``refines``: it answers an edit that was just let go. It goes before all that waits and replaces an earlier one.
        NotRegenerableError (a ValueError with one sentence) when there is nothing to make anew there.
        """
        document = self._editor.settled
        prepared = prepare(document, self._present(document), anew, locate=self._locate, mode=mode, seed=seed)
        ticket = Running(
            job=next(self._numbers),
            request=prepared.request,
            project=document.id,
            name=self._next_name(document, ()),
            notes=prepared.notes,
            batch=next(self._batches),
            anew=anew,
            base=prepared.base,
            above=_takes_in(document, Span(prepared.request.start, prepared.request.start + prepared.request.frames)),
            refines=refines,
        )
        if refines:
            self.cancel_refining()
            self._queue.put_first(ticket)
        else:
            for replaced in self._queue.add(ticket):
                self._let_go(replaced)
        self._tell(Submitted(ticket))
        return ticket.job

    def why_not(self, anew: Anew) -> str:
        """Why a part of the result cannot be made anew, in one sentence; empty when it can."""
        document = self._editor.settled
        return why_not(document, self._present(document), anew)

    def cancel_refining(self) -> None:
        """What answers an edit that was let go is of no use any more: something else was edited."""
        for running in self.running:
            if running.refines:
                self._let_go(running)

    def _next_name(self, document: Document, more: Sequence[Running]) -> str:
        names = [take.name for take in document.takes] + [running.name for running in (*self.running, *more)]
        numbers = [int(match[1]) for name in names if (match := _TAKE_NAME.fullmatch(name))]
        return f"Take {max(numbers, default=0) + 1}"

    def move(self, job: JobId, by: int) -> None:
        """Move a generation that waits, towards the end or (negative) the front of the queue."""
        if self._queue.move(job, by):
            self._tell(Reordered())

    def cancel(self, job: JobId | None = None) -> None:
        """Stop one generation, or all. What has arrived by now is kept; the rest has ended when this returns."""
        self.poll()
        for running in self.running[::-1] if job is None else self.running:
            if job is None or running.job == job:
                self._let_go(running)

    def _let_go(self, running: Running) -> None:
        """End a generation for the user; the worker hears of it, if it has it."""
        self._queue.remove(running.job)
        if self._at_work is not None and self._at_work.running.job == running.job:
            self._leaving[self._at_work.engine_job] = running, time.monotonic()
            self._client.cancel(self._at_work.engine_job)
            self._at_work = None
        self._tell(Stopped(running))

    def _start_next(self) -> None:
        running = self._queue.start_next()
        if running is not None:
            running = self._renewed(running)
            job = self._client.submit(protocol.GenerateWork(running.request, self.device, running.base))
            self._at_work = _AtWork(job, running)
            self._tell(Reordered())

    def _renewed(self, running: Running) -> Running:
        """What is to run: a regeneration whose motion was made anew while it waited starts from the motion of now."""
        document = self._editor.settled
        if running.anew is None or document.id != running.project:
            return running
        shown, request = self._present(document), running.request
        if still_asked(document, shown, request):
            return running
        try:
            made = prepare(document, shown, running.anew, locate=self._locate, mode=request.mode, seed=request.seed)
        except NotRegenerableError:
            return running  # locked meanwhile: it is made as it was asked for and kept beside
        window = Span(made.request.start, made.request.start + made.request.frames)
        renewed = msgspec.structs.replace(
            running, request=made.request, base=made.base, notes=made.notes, above=_takes_in(document, window)
        )
        self._queue.active = renewed
        return renewed

    # -- hearing -------------------------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Take in what the worker has said since the last call. Never blocks."""
        for message in _newest_previews(self._client.poll()):
            if message.job in self._leaving:
                self._hear_leaving(message)
            elif self._at_work is not None and message.job == self._at_work.engine_job:
                self._hear(self._at_work, message)
            elif not self.live.hear(message):
                self._tell(Other(message))
        self._start_next()

    def _hear_leaving(self, message: protocol.Message) -> None:
        if isinstance(message, protocol.Ending):  # whatever it came to: cancelled means cancelled
            running, since = self._leaving.pop(message.job)
            self._tell(Freed(running, time.monotonic() - since))

    def _hear(self, at_work: _AtWork, message: protocol.Message) -> None:
        running = at_work.running
        if isinstance(message, protocol.ProgressMessage):
            at_work.begun = True
            self._tell(Advanced(running, message, len(self.waiting)))
            return
        if isinstance(message, protocol.PreviewMessage):
            self._tell(Previewed(running, Motion.from_bytes(message.motion), message.step, message.steps))
            return
        self._at_work = None
        self._queue.remove(running.job)
        if isinstance(message, protocol.Done):
            self._crashes = 0
            self._tell(self._finish(running, message))
        elif isinstance(message, protocol.Failed):
            self._fail(running, message, begun=at_work.begun)
        else:
            self._tell(Stopped(running))

    def _fail(self, running: Running, failed: Failed, *, begun: bool) -> None:
        crashed = failed.kind is FailureKind.CRASHED
        if crashed and not begun and running.job not in self._retried:
            self._retried.add(running.job)  # the worker died of something else before it came to this
            self._queue.put_first(running)
            return
        self._crashes = self._crashes + 1 if crashed else 0
        self._tell(Broken(running, failed))
        if self._crashes >= CRASHES_IN_A_ROW:
            self._crashes = 0
            for waiting in self._queue.clear_waiting():
                self._tell(Broken(waiting, Failed(waiting.job, _GIVEN_UP, kind=FailureKind.CRASHED)))

    def _finish(self, running: Running, done: protocol.Done) -> Event:
        if self._editor.settled.id != running.project:  # another project was opened meanwhile
            return Stopped(running)
        blob = hashlib.sha256(done.motion).hexdigest()
        self._store[blob] = done.motion
        take = take_of(running, done, blob, created=self._now())
        if take.base:
            self._store[take.base] = running.base
        wanted = self._still_asked_for(running.request)
        shown = wanted and running.batch not in self._shown_batches
        beside = add_take(take, place=False)
        edit = shown_edit(take, running.anew) if shown else beside
        try:
            self._editor.edit(step_label(running), edit, later=beside)
        except EditError as error:
            return Broken(running, Failed(running.job, str(error), kind=FailureKind.REFUSED))
        if shown:
            self._shown_batches.add(running.batch)
        notes = (*running.notes, *done.notes)
        return Finished(running, take, shown, done.report, notes, outdated=not wanted)

    def _still_asked_for(self, request: GenerationRequest) -> bool:
        document = self._editor.settled
        span = Span(request.start, request.start + request.frames)
        if span.stop > document.length:
            return False
        if not still_asked(document, self._present(document), request):
            return False
        compiled = compile_request(document, locate=self._locate, span=span)
        # How it is made may have changed meanwhile; what is asked for may not.
        return compiled.request.conditions_hash == request.conditions_hash

    def _tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)


def _newest_previews(messages: list[protocol.Message]) -> list[protocol.Message]:
    """The messages without previews that a later one of them replaces: decoding them would only cost time."""
    newest = {message.job: message for message in messages if isinstance(message, protocol.PreviewMessage)}
    return [
        message
        for message in messages
        if not isinstance(message, protocol.PreviewMessage) or newest[message.job] is message
    ]


def _takes_in(document: Document, window: Span) -> tuple[str, ...]:
    """Ids of the takes that the result shows in a window, by time."""
    return tuple(dict.fromkeys(piece.take for piece in document.result if piece.span.overlaps(window)))
