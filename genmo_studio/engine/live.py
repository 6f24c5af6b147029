"""LiveDrafts: what is dragged is answered by the motion around it, while it is dragged. No Qt; polled by the service.

The newest event wins. One draft is being made at a time; the next is compiled from the newest document when it comes
back, so that nothing is ever made that is outdated before it begins, and nothing piles up. Drafts never become takes,
never stand in the list of jobs, and never stop a take that is being made: the worker makes them between two of its
steps (docs/adr/0017-live-drafts-between-steps.md).
"""

import time
from collections.abc import Callable

import msgspec

from genmo_studio.conditions.affected import RestPelvis, affected, reached
from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.edited import Edited, between_keys, live_window
from genmo_studio.conditions.modality import Locate
from genmo_studio.conditions.regenerating import Anew, Base, NotRegenerableError, base_of, covered_stretches, prepare
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.protocol import Failed, FailureKind, JobId
from genmo_studio.motion.motion import Motion

MOST_FAILURES = 2
"""Drafts that may fail one after another before no more are asked for until the next drag."""


class LiveDraft(msgspec.Struct, frozen=True, eq=False):
    """The motion that answers what is being dragged."""

    motion: Motion
    start: int
    """Timeline frame of its first frame."""
    span: Span
    """Timeline frames that were made anew."""
    seconds: float
    """From the event that asked for it."""
    compute_seconds: float
    """Of these, what the worker computed."""
    device: str


class LiveWaits(msgspec.Struct, frozen=True):
    """A draft is on its way and takes longer than a draft: the engine starts or the model is loaded."""

    stage: str


class LiveFailed(msgspec.Struct, frozen=True):
    """A draft could not be made; ``given_up``: no more are asked for until the next drag."""

    failure: Failed
    given_up: bool


class LiveNone(msgspec.Struct, frozen=True):
    """The result does already what is dragged: there is nothing to draft, and no draft to show."""


LiveEvent = LiveDraft | LiveWaits | LiveFailed | LiveNone


class _Wanted(msgspec.Struct, frozen=True):
    """What the newest event asks for."""

    document: Document
    what: Edited
    at: int
    """The frame that is looked at."""
    since: float


class _Flight(msgspec.Struct, frozen=True):
    """The draft that the worker has."""

    job: JobId
    start: int
    span: Span
    since: float


class LiveDrafts:
    """Asks for drafts, at most one at a time, and tells what comes back."""

    def __init__(
        self,
        client: EngineClient,
        *,
        locate: Locate,
        device: Callable[[], str] = lambda: "auto",
        result: Callable[[Document], ShownMotion | None] = lambda _: None,
        tell: Callable[[LiveEvent], None] = lambda _: None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``locate`` maps a media id to (path, SHA-256) and must answer at once. ``tell`` hears every event.

        ``result`` is the present result of a document without its tweaks: what a draft starts from.
        """
        self._client, self._locate, self._device, self._now = client, locate, device, now
        self._result = result
        self.tell = tell
        self.rest_pelvis: RestPelvis | None = None
        """Where the body's pelvis is at rest, once it is known; without it a new key is about the whole body."""
        self._wanted: _Wanted | None = None
        self._flight: _Flight | None = None
        self._dropped: set[JobId] = set()
        self._window: tuple[Span, Span] | None = None
        self._failures = 0
        self._base: tuple[ShownMotion, Span, Base] | None = None

    @property
    def waiting(self) -> bool:
        """True while the worker has a draft that somebody waits for."""
        return self._flight is not None

    def want(self, document: Document, what: Edited, *, at: int) -> None:
        """The document is being dragged about and looks like this now; ``at`` is the frame that is looked at."""
        if self._failures < MOST_FAILURES:
            self._wanted = _Wanted(document, what, at, self._now())
            self._send_next()

    def end(self) -> None:
        """The drag is over: nothing that is under way is of use any more."""
        self._wanted, self._window, self._failures = None, None, 0
        if self._flight is not None:
            self._dropped.add(self._flight.job)
            self._client.cancel(self._flight.job)
            self._flight = None

    def hear(self, message: protocol.Message) -> bool:
        """Take in a message of the worker. False when it is about something else."""
        if message.job in self._dropped:
            if isinstance(message, protocol.Ending):
                self._dropped.discard(message.job)
            return True
        flight = self._flight
        if flight is None or message.job != flight.job:
            return False
        if isinstance(message, protocol.ProgressMessage):
            self.tell(LiveWaits(message.stage))
            return True
        self._flight = None
        if isinstance(message, protocol.LiveDone):
            self._failures = 0
            self._send_next()  # before anybody paints: the worker goes on meanwhile
            took = self._now() - flight.since
            self.tell(
                LiveDraft(message.motion.motion(), flight.start, flight.span, took, message.seconds, message.device)
            )
        elif isinstance(message, protocol.Failed):
            self._failed(message)
        else:
            self._send_next()
        return True

    def _failed(self, failed: Failed) -> None:
        self._failures += 1
        if failed.kind is not FailureKind.CRASHED:
            self._failures = MOST_FAILURES  # the same drag would fail in the same way
        given_up = self._failures >= MOST_FAILURES
        if given_up:
            self._wanted = None
        self.tell(LiveFailed(failed, given_up))
        self._send_next()

    def _send_next(self) -> None:
        if self._flight is not None or self._wanted is None:
            return
        wanted, self._wanted = self._wanted, None
        found = self._work(wanted)
        if found is None:
            return
        work, span = found
        job = self._client.submit(work)
        self._flight = _Flight(job, work.request.start, span, wanted.since)

    def _work(self, wanted: _Wanted) -> tuple[protocol.LiveWork, Span] | None:
        """What the worker is to do, and which frames it makes anew; None where locks keep all of them, and where the
        result does what is dragged.

        Where the result does not reach there is nothing to start from: the frames around what is dragged are drafted
        as a motion of their own.
        """
        document, shown = wanted.document, self._result(wanted.document)
        about = affected(document, wanted.what, shown, pelvis=self.rest_pelvis)
        if about is None and reached(document, wanted.what, shown) is not None:
            self.tell(LiveNone())
            return None
        span = between_keys(document, wanted.what) if about is None else about.span
        regions = ("full",) if about is None else about.regions
        for stretch in covered_stretches(shown):
            inside = span.intersection(stretch)
            if inside is None or wanted.what.span.start not in stretch:
                continue
            window, part = self._frames(inside, bounds=stretch, at=wanted.at)
            anew = Anew(part, regions)
            try:
                prepared = prepare(
                    document,
                    shown,
                    anew,
                    locate=self._locate,
                    mode=TakeMode.DRAFT,
                    window=window,
                    known_base=self._base_of(shown, window),
                )
            except NotRegenerableError:
                return None
            return protocol.LiveWork(prepared.request, self._device(), prepared.base), part
        window, part = self._frames(span, bounds=Span(0, document.length), at=wanted.at)
        request = compile_request(document, locate=self._locate, mode=TakeMode.DRAFT, span=window).request
        return protocol.LiveWork(request, self._device()), window

    def _base_of(self, shown: ShownMotion | None, window: Span) -> Base | None:
        """The frames of the result in a window as they are sent: for a whole drag the same, so packed once."""
        if shown is None:
            return None
        if self._base is None or self._base[0] is not shown or self._base[1] != window:
            self._base = shown, window, base_of(shown, window)
        return self._base[2]

    def _frames(self, span: Span, *, bounds: Span, at: int) -> tuple[Span, Span]:
        """Window and span of a draft. A window stays for the whole drag if it can: what it holds is known then."""
        window, part = live_window(span, bounds=bounds, at=at)
        if self._window is not None:
            kept, _ = self._window
            if bounds.start <= kept.start <= part.start and part.stop <= kept.stop <= bounds.stop:
                window = kept
        self._window = window, part
        return window, part
