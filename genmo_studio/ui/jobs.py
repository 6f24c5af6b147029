"""The window's side of generating: polls the service from a timer, and turns its events into signals for the views."""

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from genmo_studio.conditions.regenerating import Anew
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol, service
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.job_log import JobLog
from genmo_studio.engine.protocol import FailureKind, JobId
from genmo_studio.engine.service import GenerationService
from genmo_studio.motion.regions import region_words
from genmo_studio.ui.media_facts import MediaFacts
from genmo_studio.ui.panels.job_strip import JobState
from genmo_studio.ui.panels.message_bar import Message, Severity

POLL_MS = 30
IDLE_POLL_MS = 250
LIVE_POLL_MS = 2
"""While a draft of something that is being dragged is under way, where nothing tells that it is there (Windows): its
way to the screen is counted in milliseconds."""

_ADVICE = {
    FailureKind.REFUSED: "Your timeline and takes are as they were.",
    FailureKind.OUT_OF_MEMORY: "Mark a shorter range with I and O, ask for fewer takes, or use Draft.",
    FailureKind.CRASHED: "The next Generate starts a new engine.",
    FailureKind.INTERNAL: "Your timeline and takes are as they were. Copy the details for a report.",
}
NOT_MADE = "generation"
"""Topic of what is said about takes that were not made; the next one that is asked for is an answer to it."""
_NAMED = 3
"""Takes that a message names before it only counts them."""


class Ask(msgspec.Struct, frozen=True):
    """What a press of Generate asked for."""

    mode: TakeMode
    span: Span | None
    seeds: tuple[int | None, ...] = (None,)
    anew: Anew | None = None
    refines: bool = False


class JobController(QObject):
    """Generate, draft, cancel, and what comes back."""

    state_changed = Signal(object)
    """JobState of what runs, None when nothing does."""
    preview_changed = Signal(object)
    """ShownMotion in the making, None when there is none."""
    message = Signal(object)
    """Message for the message bar."""
    solved = Signal(str)
    """Topic of messages whose cause is gone."""
    finished = Signal(object)
    """service.Finished."""
    device_changed = Signal(object)
    """protocol.DeviceDone."""
    other = Signal(object)
    """protocol.Message about work that is no generation."""
    listed = Signal()
    """The log of jobs has changed."""
    show_wanted = Signal(str)
    """Id of a take that the user asked to see, from a message."""
    report_wanted = Signal(str)
    """Id of a take whose report the user asked to see, from a message."""

    def __init__(
        self,
        generation: GenerationService,
        client: EngineClient,
        *,
        facts: MediaFacts,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._client, self._facts = generation, client, facts
        self.log = JobLog()
        self._asked: list[Ask] = []
        # What failed, by sentence, since the queue was last empty: names, and how to ask for them again.
        self._failures: dict[str, list[tuple[str, Ask]]] = {}
        facts.arrived.connect(self._media_read)
        self._unsubscribe = generation.subscribe(self._event)
        self._device_job: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(IDLE_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._notifier: QSocketNotifier | None = None

    @property
    def running(self) -> bool:
        """True while a generation is queued or runs."""
        return bool(self._service.running) or bool(self._asked)

    @property
    def reading(self) -> int:
        """Takes that wait until the media files have been read, before they are queued."""
        return sum(len(ask.seeds) for ask in self._asked)

    @property
    def freeing(self) -> bool:
        """True while the engine still holds what was cancelled, until its next denoising step."""
        return self._service.freeing

    @property
    def busy(self) -> bool:
        """True while the engine does anything at all."""
        return self.running or bool(self._client.open_jobs)

    def submit(self, work: protocol.Work) -> int:
        """Have other work done; its messages come by ``other``."""
        job = self._client.submit(work)
        self.watch()
        return job

    def warm_up(self) -> None:
        """Start the worker in the background and ask what it computes on."""
        if self._device_job is None:
            self._device_job = self.submit(protocol.DeviceWork())

    def generate(self, *, mode: TakeMode, span: Span | None, seeds: Sequence[int | None] = (None,)) -> None:
        """Ask for one take a seed. Media that have not been read yet are read first, while the window goes on."""
        self._take_up(Ask(mode, span, tuple(seeds)))

    def regenerate(
        self, anew: Anew, *, mode: TakeMode = TakeMode.FULL, seed: int | None = None, refines: bool = False
    ) -> None:
        """Ask for a part of the result anew; ``refines``: it answers what was just let go."""
        self._take_up(Ask(mode, anew.span, (seed,), anew, refines))

    def _take_up(self, ask: Ask) -> None:
        if not self.running and not ask.refines:  # what nobody asked for answers nothing
            self._failures.clear()
            self.solved.emit(NOT_MADE)
        if not self._asked and self._facts.follow(again=True):
            self._generate(ask)
            return
        self._asked.append(ask)
        self._show_state()
        self.listed.emit()

    def _media_read(self) -> None:
        if self._asked and self._facts.ready:
            asked, self._asked = self._asked, []
            for ask in asked:
                self._generate(ask)

    def _generate(self, ask: Ask) -> None:
        try:
            if ask.anew is None:
                self._service.generate_several(ask.seeds, mode=ask.mode, span=ask.span)
            else:
                self._service.regenerate(ask.anew, mode=ask.mode, seed=ask.seeds[0], refines=ask.refines)
        except (ValueError, OSError) as error:
            self.message.emit(
                Message(f"Nothing was generated: {error}", "Your timeline is as it was.", repr(error), topic=NOT_MADE)
            )
            self._ended()
        self.watch()

    def cancel(self, job: JobId | None = None) -> None:
        """Stop one generation (default: the one that runs); it has ended for the user when this returns."""
        active = self._service.active
        if job is None and active is None:
            self.cancel_all()
        else:
            self._service.cancel(active.job if job is None and active is not None else job)
        self.watch()

    def cancel_all(self) -> None:
        """Stop everything that runs or waits; takes that are finished are kept."""
        self._asked.clear()
        self._service.cancel()
        self._ended()
        self.listed.emit()
        self.watch()

    def move(self, job: JobId, by: int) -> None:
        """Move what waits towards the end or (negative) the front of the queue."""
        self._service.move(job, by)

    def clear_ended(self) -> None:
        """Take what has ended off the list."""
        self.log.forget_ended()
        self.listed.emit()

    def close(self) -> None:
        """Stop polling and end the worker."""
        self._asked.clear()
        self._timer.stop()
        self._forget_notifier()
        self._unsubscribe()
        self._client.close()

    def watch(self) -> None:
        """Hear drafts at once; poll often while a generation runs, seldom while the engine warms up, else never."""
        heard = self._heard_at_once()
        if self._service.live.waiting and not heard:
            self._timer.start(LIVE_POLL_MS)
        elif self._service.running or self._service.freeing:
            self._timer.start(POLL_MS)
        elif self._client.open_jobs:
            self._timer.start(IDLE_POLL_MS)
        else:
            self._timer.stop()

    def _heard_at_once(self) -> bool:
        """While a draft is under way, wait for what the worker says; False where that cannot be waited for."""
        readable = self._client.readable
        if self._notifier is not None and self._notifier.socket() != readable:
            self._forget_notifier()  # the worker is another one, or gone
        if readable is None:
            return False
        if self._notifier is None:
            self._notifier = QSocketNotifier(readable, QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._poll)
        # A take's previews are read at the timer's pace: only the newest is decoded.
        self._notifier.setEnabled(self._service.live.waiting)
        return True

    def _forget_notifier(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None

    def _poll(self) -> None:
        self._service.poll()
        self.watch()

    def _event(self, event: service.Event) -> None:
        self.log.take_in(event, active=self._service.active, waiting=self._service.waiting)
        match event:
            case service.Submitted() | service.Reordered():
                self._show_state()
            case service.Advanced(running, progress, waiting):
                self.state_changed.emit(_state(running, progress, queued=waiting))
            case service.Previewed(running, motion):
                self.preview_changed.emit(ShownMotion(motion, running.request.start))
            case service.Finished():
                self._ended()
                self._notes(event)
                self.finished.emit(event)
            case service.Broken(running, failure):
                self._ended()
                self._tell_failure(running, failure)
            case service.Stopped():
                self._ended()
            case service.Other(message):
                self._other(message)
        if not isinstance(event, service.Other):
            self.listed.emit()

    def _ended(self) -> None:
        self.preview_changed.emit(None)
        self._show_state()

    def _show_state(self) -> None:
        """Say what runs now; between two messages of the worker that is what the log remembers."""
        running = self._service.active or next(iter(self._service.running), None)
        if running is None:
            reading = JobState("", "reading the media files", -1.0)
            self.state_changed.emit(reading if self._asked else None)
            return
        record = self.log.record(running.job)
        stage = record.stage if record is not None and record.stage else "starting the engine"
        fraction = record.fraction if record is not None else -1.0
        detail = record.detail if record is not None else ""
        queued = len(self._service.running) - 1
        self.state_changed.emit(JobState(_title(running), stage, fraction, detail, queued=queued))

    def _notes(self, event: service.Finished) -> None:
        if event.outdated:
            take = event.take
            self.message.emit(
                Message(
                    f"{take.name} is ready, but the timeline was edited meanwhile.",
                    "Your edits stay; it was put among the takes.",
                    severity=Severity.INFO,
                    action=("Show it", lambda: self.show_wanted.emit(take.id)),
                )
            )
        if event.notes:
            more = "\n".join(event.notes)
            advice = "" if len(event.notes) == 1 else f"And {len(event.notes) - 1} more, in the report."
            show = ("Show Report", lambda: self.report_wanted.emit(event.take.id))
            topic = f"{NOT_MADE}/notes/{event.take.id}"
            self.message.emit(Message(event.notes[0], advice, more, Severity.WARNING, action=show, topic=topic))

    def _tell_failure(self, running: service.Running, failure: protocol.Failed) -> None:
        """One message for all takes that fail for the same reason."""
        failed = self._failures.setdefault(failure.sentence, [])
        failed.append((running.name, _ask_again(running)))
        names = [name for name, _ in failed]
        who = ", ".join(names) if len(names) <= _NAMED else f"{len(names)} takes"
        were = "was" if len(names) == 1 else "were"
        sentence = failure.sentence[:1].upper() + failure.sentence[1:].rstrip(".") + "."
        what = f"{who} {were} not made. {sentence}"
        # What was refused would be refused again: the user has to change something first.
        again = None if failure.kind is FailureKind.REFUSED else ("Try Again", partial(self._try_again, tuple(failed)))
        topic = f"{NOT_MADE}/{failure.sentence}"
        self.message.emit(Message(what, _ADVICE[failure.kind], failure.detail, action=again, topic=topic))

    def _try_again(self, failed: Sequence[tuple[str, Ask]]) -> None:
        for _, ask in failed:
            self._take_up(ask)

    def _other(self, message: protocol.Message) -> None:
        self.other.emit(message)
        running = self._service.active
        if isinstance(message, protocol.ProgressMessage) and running is not None:
            # The generation waits for this; say so instead of "starting".
            self.state_changed.emit(_state(running, message, queued=len(self._service.waiting)))
        if message.job != self._device_job:
            return
        if isinstance(message, protocol.DeviceDone):
            self.device_changed.emit(message)
        elif isinstance(message, protocol.Failed):
            self._device_job = None
            self.message.emit(
                Message(message.sentence, "Playing, editing and exporting work without it.", message.detail)
            )


def _ask_again(running: service.Running) -> Ask:
    """What would make the same take now."""
    request = running.request
    span = Span(request.start, request.start + request.frames)
    return Ask(request.mode, span, (request.seed,), running.anew, running.refines)


def _title(running: service.Running) -> str:
    """What runs: the take, how it is made and with which model."""
    request = running.request
    how = "draft" if request.mode is TakeMode.DRAFT else f"full, {request.steps} steps"
    anew = running.anew
    what = "" if anew is None else f"{region_words(anew.regions)}, frames {anew.span.start} to {anew.span.stop - 1}, "
    return f"{running.name} ({what}{how}, {request.model.rsplit('/', 1)[-1]} model)"


def _state(running: service.Running, progress: protocol.ProgressMessage, *, queued: int) -> JobState:
    return JobState(
        _title(running), progress.stage, progress.fraction, progress.detail, progress.eta_seconds, queued=queued
    )
