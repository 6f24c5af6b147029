"""Making one take again in the worker, beside the queue of generations, and saying how it came out."""

from typing import TYPE_CHECKING

import msgspec

from genmo_studio.document import edits
from genmo_studio.document.model import Take
from genmo_studio.engine import protocol
from genmo_studio.ui.panels.job_strip import JobState
from genmo_studio.ui.panels.message_bar import Message, Severity, refusal
from genmo_studio.ui.regenerate import NotRepeatableError, Repeated, compare_again, media_by_hash, request_again

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_KEPT = "Your takes are as they were."


class _Job(msgspec.Struct, frozen=True):
    number: int
    take: Take
    project: str


class TakeAgain:
    """One take at a time."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._job: _Job | None = None
        self.last: Repeated | None = None
        """How the last one came out."""

    @property
    def running(self) -> bool:
        """True while a take is made again."""
        return self._job is not None

    def begin(self, take: Take) -> None:
        """Make a take again; what stands against it is said."""
        w = self._window
        if self._job is not None:
            w.post(Message(f"{self._job.take.name} is still being made again.", _KEPT, severity=Severity.INFO))
            return
        facts = w.parts.facts
        if not facts.follow(again=True):
            w.post(Message("The media files are still being read.", "Try again in a moment.", severity=Severity.INFO))
            return
        base = w.project.store.get(take.base, b"")
        try:
            request = request_again(take, media_by_hash(w.editor.document, facts), base=base)
        except NotRepeatableError as error:
            w.post(refusal(str(error), _KEPT))
            return
        number = w.jobs.submit(protocol.GenerateWork(request, w.parts.service.device, base))
        self._job = _Job(number, take, w.editor.document.id)
        w.jobs.state_changed.emit(JobState(self._title(take), "starting the engine", -1.0))

    def cancel(self) -> None:
        """Stop it."""
        if self._job is not None:
            self._window.parts.client.cancel(self._job.number)

    def hear(self, message: object) -> None:
        """A message of the worker about work that is no generation of the queue."""
        job = self._job
        if job is None or getattr(message, "job", None) != job.number:
            return
        jobs = self._window.jobs
        if isinstance(message, protocol.ProgressMessage):
            state = JobState(
                self._title(job.take), message.stage, message.fraction, message.detail, message.eta_seconds
            )
            jobs.state_changed.emit(state)
            return
        if not isinstance(message, protocol.Done | protocol.Failed | protocol.Cancelled):
            return  # previews: the take itself is on show
        self._job = None
        if not jobs.running:
            jobs.state_changed.emit(None)
        if isinstance(message, protocol.Done):
            self._done(job, message)
        elif isinstance(message, protocol.Failed):
            sentence = message.sentence[:1].upper() + message.sentence[1:]
            self._window.post(Message(f"{job.take.name} was not made again. {sentence}", _KEPT, message.detail))

    def _done(self, job: _Job, done: protocol.Done) -> None:
        w = self._window
        if w.editor.document.id != job.project:
            return
        old = w.project.store.motion(job.take.blob)
        self.last = again = compare_again(job.take, old, done, w.picture.body)
        if again.take is None:
            w.post(Message(again.sentence, "", severity=Severity.INFO))
            return
        w.project.store[again.take.blob] = done.motion
        beside = edits.add_take(again.take, place=False)
        try:
            w.editor.edit("Regenerate Take", beside, later=beside)  # what was undone meanwhile can still be redone
        except edits.EditError as error:
            w.post(refusal(str(error), _KEPT))
            return
        w.post(Message(again.sentence, f"It was kept as “{again.take.name}”.", severity=Severity.WARNING))

    @staticmethod
    def _title(take: Take) -> str:
        return f"{take.name} again"
