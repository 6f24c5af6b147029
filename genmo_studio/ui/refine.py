"""What is let go is refined: the frames between the keys around an edit are made anew with the full sampler.

Edits wait a moment for each other, so that a run of taps is one refinement. The next drag ends the one that runs: it
answers what was there before. What was edited elsewhere meanwhile is not forgotten: it is refined after it. Undo asks
for nothing: it brings back the former result. Words are not refined: another prompt is another motion, which the user
asks for with Generate.
"""

from PySide6.QtCore import QObject, QTimer

from genmo_studio.conditions.edited import POSED, Edited, between_keys, edited
from genmo_studio.conditions.regenerating import Anew, covered_stretches
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.editor import Editor, Step, StepKind
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span
from genmo_studio.engine import service
from genmo_studio.engine.service import GenerationService
from genmo_studio.ui.jobs import JobController
from genmo_studio.ui.stage import Stage

DEBOUNCE_MS = 250


class Refine(QObject):
    """Asks for a refinement after an edit, where there is a result to refine."""

    def __init__(
        self, editor: Editor, generation: GenerationService, *, jobs: JobController, stage: Stage, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor, self._service, self._jobs, self._stage = editor, generation, jobs, stage
        self._pending: list[Edited] = []
        self._running: Span | None = None
        self.enabled = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self._begin)
        self._unsubscribe = editor.subscribe(changed=self._changed, committed=self._committed)
        self._unhear = generation.subscribe(self._heard)

    @property
    def waits(self) -> bool:
        """True while something was edited that has not been refined yet."""
        return bool(self._pending)

    def set_enabled(self, on: bool) -> None:
        """Refine, or leave it to the user; what runs is stopped."""
        self.enabled = on
        if not on:
            self._forget()

    def close(self) -> None:
        """Nothing is asked for after this."""
        self._timer.stop()
        self._unsubscribe()
        self._unhear()

    # -- hearing -------------------------------------------------------------------------------------------------------

    def _changed(self, old: Document, new: Document) -> None:
        if old.id != new.id:
            self._forget()
        elif self._editor.in_gesture and self._pending and edited(self._editor.settled, new, kinds=POSED) is not None:
            self._timer.stop()
            self._stop()  # outdated; it is asked for again when the drag is over

    def _committed(self, step: Step) -> None:
        if step.kind is not StepKind.DONE:
            self._forget()
            return
        what = edited(step.old, step.new, kinds=POSED) if self.enabled else None
        if what is not None:
            self._stop()
            self._pending.append(what)
        if self._pending and self._running is None:
            self._timer.start()

    def _heard(self, event: service.Event) -> None:
        running = getattr(event, "running", None)
        if running is None or not running.refines:
            return
        if isinstance(event, service.Finished):
            done, self._running = self._running, None
            if event.shown and done is not None:
                self._pending = [what for what in self._pending if not _within(self._span(what), done)]
            if self._pending:
                self._timer.start()
        elif isinstance(event, service.Broken):
            self._running, self._pending = None, []  # the same would happen again; the next edit tries anew
        elif isinstance(event, service.Stopped):
            self._running = None

    # -- asking --------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._editor.in_gesture or not self._pending:
            return
        shown = self._stage.bare
        self._pending = [what for what in self._pending if _reached(self._span(what), shown) is not None]
        if not self._pending:
            return
        span = _reached(self._span(self._pending[-1]), shown)
        assert span is not None
        for what in self._pending[-2::-1]:  # what overlaps is one refinement
            other = _reached(self._span(what), shown)
            if other is not None and other.overlaps(span):
                span = Span(min(span.start, other.start), max(span.stop, other.stop))
        anew = Anew(span)
        if self._service.why_not(anew):  # locked
            self._pending = [what for what in self._pending if not _within(self._span(what), span)]
            return
        self._running = span
        self._jobs.regenerate(anew, seed=self._seed_shown(span), refines=True)

    def _seed_shown(self, span: Span) -> int | None:
        """The seed of the take that is shown there: a refinement is the same motion, not another one."""
        document = self._editor.settled
        shown = (find_take(document, piece.take) for piece in document.result if piece.span.overlaps(span))
        return next((take.seed for take in shown if take is not None), None)

    def _span(self, what: Edited) -> Span:
        return between_keys(self._editor.settled, what)

    def _stop(self) -> None:
        self._service.cancel_refining()
        self._running = None

    def _forget(self) -> None:
        self._timer.stop()
        self._pending = []
        self._stop()


def _reached(span: Span, shown: ShownMotion | None) -> Span | None:
    """The part of a span that the result covers in one stretch; None where there is nothing to refine."""
    return next((part for stretch in covered_stretches(shown) if (part := span.intersection(stretch))), None)


def _within(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.stop <= other.stop
