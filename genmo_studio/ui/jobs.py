"""The window's side of generating: polls the service from a timer, and turns its events into signals for the views."""

from PySide6.QtCore import QObject, QTimer, Signal

from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol, service
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.protocol import FailureKind
from genmo_studio.engine.service import GenerationService
from genmo_studio.ui.media_facts import MediaFacts
from genmo_studio.ui.panels.job_strip import JobState
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.viewport.result import ShownMotion

POLL_MS = 30
IDLE_POLL_MS = 250

_ADVICE = {
    FailureKind.REFUSED: "Your timeline and takes are as they were.",
    FailureKind.OUT_OF_MEMORY: "Mark a shorter range with I and O, or use Draft.",
    FailureKind.CRASHED: "The next Generate starts a new engine.",
    FailureKind.INTERNAL: "Your timeline and takes are as they were.",
}


class JobController(QObject):
    """Generate, draft, cancel, and what comes back."""

    state_changed = Signal(object)
    """JobState of what runs, None when nothing does."""
    preview_changed = Signal(object)
    """ShownMotion in the making, None when there is none."""
    message = Signal(object)
    """Message for the message bar."""
    finished = Signal(object)
    """service.Finished."""
    device_changed = Signal(object)
    """protocol.DeviceDone."""
    other = Signal(object)
    """protocol.Message about work that is no generation."""

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
        self._waiting: tuple[TakeMode, Span | None] | None = None
        facts.arrived.connect(self._media_read)
        self._unsubscribe = generation.subscribe(self._event)
        self._device_job: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(IDLE_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """True while a generation is queued or runs."""
        return bool(self._service.running) or self._waiting is not None

    @property
    def busy(self) -> bool:
        """True while the engine does anything at all."""
        return self.running or bool(self._client.open_jobs)

    def submit(self, work: protocol.Work) -> int:
        """Have other work done; its messages come by ``other``."""
        job = self._client.submit(work)
        self._watch()
        return job

    def warm_up(self) -> None:
        """Start the worker in the background and ask what it computes on."""
        if self._device_job is None:
            self._device_job = self.submit(protocol.DeviceWork())

    def generate(self, *, mode: TakeMode, span: Span | None) -> None:
        """Ask for a take. Media that have not been read yet are read first, while the window goes on."""
        if self._facts.follow(again=True):
            self._generate(mode, span)
            return
        self._waiting = mode, span
        self.state_changed.emit(JobState("", "reading the media files", -1.0))

    def _media_read(self) -> None:
        if self._waiting is not None and self._facts.ready:
            (mode, span), self._waiting = self._waiting, None
            self._generate(mode, span)

    def _generate(self, mode: TakeMode, span: Span | None) -> None:
        try:
            self._service.generate(mode=mode, span=span)
        except (ValueError, OSError) as error:
            self.message.emit(
                Message(f"Nothing was generated: {error}", "Your timeline is as it was.", repr(error), Severity.ERROR)
            )
        self._watch()

    def cancel(self) -> None:
        """Stop everything that runs or waits."""
        if self._waiting is not None:
            self._waiting = None
            self._ended()
        self._service.cancel()

    def close(self) -> None:
        """Stop polling and end the worker."""
        self._waiting = None
        self._timer.stop()
        self._unsubscribe()
        self._client.close()

    def _watch(self) -> None:
        """Poll often while a generation runs, seldom while the engine warms up, not at all when it is idle."""
        if self._service.running:
            self._timer.start(POLL_MS)
        elif self._client.open_jobs:
            self._timer.start(IDLE_POLL_MS)
        else:
            self._timer.stop()

    def _poll(self) -> None:
        self._service.poll()
        self._watch()

    def _event(self, event: service.Event) -> None:
        match event:
            case service.Submitted(running):
                if len(self._service.running) == 1:
                    self.state_changed.emit(JobState(_title(running), "starting the engine", -1.0))
            case service.Advanced(running, progress, waiting):
                self.state_changed.emit(
                    JobState(
                        _title(running),
                        progress.stage,
                        progress.fraction,
                        progress.detail,
                        progress.eta_seconds,
                        queued=waiting,
                    )
                )
            case service.Previewed(running, motion):
                self.preview_changed.emit(ShownMotion(motion, running.request.start))
            case service.Finished():
                self._ended()
                self._notes(event)
                self.finished.emit(event)
            case service.Broken(running, failure):
                self._ended()
                self.message.emit(_failure(running.name, failure))
            case service.Stopped():
                self._ended()
            case service.Other(message):
                self._other(message)

    def _ended(self) -> None:
        self.preview_changed.emit(None)
        if not self.running:
            self.state_changed.emit(None)

    def _notes(self, event: service.Finished) -> None:
        if not event.shown:
            self.message.emit(
                Message(
                    f"{event.take.name} is ready, but the timeline was edited meanwhile.",
                    "It was put among the takes; click it there to show it.",
                    severity=Severity.INFO,
                )
            )
        if event.notes:
            more = "\n".join(event.notes)
            advice = "" if len(event.notes) == 1 else f"And {len(event.notes) - 1} more, in the details."
            self.message.emit(Message(event.notes[0], advice, more, Severity.WARNING))

    def _other(self, message: protocol.Message) -> None:
        self.other.emit(message)
        if isinstance(message, protocol.ProgressMessage) and self._service.running:
            # The generation waits for this; say so instead of "starting".
            title = _title(self._service.running[0])
            self.state_changed.emit(
                JobState(title, message.stage, message.fraction, message.detail, message.eta_seconds)
            )
        if message.job != self._device_job:
            return
        if isinstance(message, protocol.DeviceDone):
            self.device_changed.emit(message)
        elif isinstance(message, protocol.Failed):
            self._device_job = None
            self.message.emit(
                Message(message.sentence, "Playing, editing and exporting work without it.", message.detail)
            )


def _title(running: service.Running) -> str:
    """What runs: the take, how it is made and with which model."""
    request = running.request
    how = "draft" if request.mode is TakeMode.DRAFT else f"full, {request.steps} steps"
    return f"{running.name} ({how}, {request.model.rsplit('/', 1)[-1]} model)"


def _failure(name: str, failure: protocol.Failed) -> Message:
    sentence = failure.sentence[:1].upper() + failure.sentence[1:]
    return Message(f"{name} was not made. {sentence}", _ADVICE[failure.kind], failure.detail)
