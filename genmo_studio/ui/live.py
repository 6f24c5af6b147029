"""The loop of a drag: what is dragged is drafted, and the draft is shown, while the drag goes on.

``Live`` follows the previews of the editor's gestures on keys, waypoints, contacts and text windows. Whoever drags
something that is not in the document yet (a pose before it is keyed) calls ``preview`` with the document as it would
be, and ``end`` when it is over. A draft stays on show after the drag until the result answers the same, or something
else is edited; it is never part of the document.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from genmo_studio.conditions.edited import edited
from genmo_studio.conditions.laid import laid_over
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document
from genmo_studio.engine.live import LiveDraft, LiveDrafts, LiveEvent, LiveFailed, LiveNone, LiveWaits
from genmo_studio.ui.jobs import JobController
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.stage import Stage

NO_DRAFT = "draft"
"""Topic of what is said when there is no draft; the next one that comes is an answer to it."""


class Live(QObject):
    """Asks for drafts while something is dragged, and shows them."""

    message = Signal(object)
    """Message for the message bar."""
    solved = Signal(str)
    """Topic of messages whose cause is gone."""
    drafted = Signal(object)
    """LiveDraft that is shown now."""

    def __init__(
        self,
        editor: Editor,
        drafts: LiveDrafts,
        *,
        jobs: JobController,
        stage: Stage,
        playhead: Callable[[], int],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor, self._drafts, self._jobs, self._stage = editor, drafts, jobs, stage
        self._playhead = playhead
        self._device = ""  # what the engine computes on, in words
        self._asked: Document | None = None  # what the newest draft answers
        self._outside = False  # True while what is dragged is not in the document
        self._shown: LiveDraft | None = None
        self.shown_at = 0.0
        """time.perf_counter() when the draft that is on show came."""
        self._warm = False  # drafts take as long as drafts do: the engine runs and has its model
        self.enabled = True
        stage.follow_drags(dragging=lambda: self.dragging, drafting=self._drafting)
        drafts.tell = self._heard
        jobs.preview_changed.connect(self._refined)
        jobs.device_changed.connect(self._device_known)
        self._unsubscribe = editor.subscribe(changed=self._changed, committed=lambda _: self._let_stand())

    @property
    def shown(self) -> LiveDraft | None:
        """The draft that is on show."""
        return self._shown

    @property
    def dragging(self) -> bool:
        """True while something is dragged that drafts can answer."""
        return self._editor.in_gesture or self._outside

    def _drafting(self) -> bool:
        """True while a draft is on its way that answers what is dragged. Only what is dragged says so: at the first
        pointer event of a drag others may hear of the new document before this does."""
        if not (self.enabled and self._warm and self.dragging):
            return False
        return self._outside or edited(self._editor.settled, self._editor.document) is not None

    def set_enabled(self, on: bool) -> None:
        """Draft while something is dragged, or do not."""
        self.enabled = on
        if not on:
            self._drop()

    def preview(self, document: Document) -> None:
        """Something is being dragged that would make the document this one."""
        self._outside = True
        self._ask(document)

    def end(self) -> None:
        """The drag that ``preview`` told of is over. What was drafted stays only if the document answers it now."""
        self._outside = False
        self._let_go(self._editor.document)

    def close(self) -> None:
        """Nothing is asked for or shown after this."""
        self._unsubscribe()
        self._drafts.end()
        self._drafts.tell = lambda _: None

    # -- following -----------------------------------------------------------------------------------------------------

    def _changed(self, old: Document, new: Document) -> None:
        if old.id != new.id:
            self._outside = False
            self._drop()
        elif self._editor.in_gesture:
            self._ask(new)
        elif not self._outside:
            self._let_go(new)

    def _ask(self, document: Document) -> None:
        base = self._editor.settled
        what = edited(base, document) if self.enabled else None
        if what is None:
            if self._asked is not None:
                self._drop()  # dragged back to where it was
            return
        self._asked = document
        self._drafts.want(document, what, at=self._playhead())
        self._jobs.watch()

    def _let_go(self, document: Document) -> None:
        """No drag any more: the draft stays while it answers the document and the result does not."""
        asked = self._asked
        if asked is None:
            return
        if edited(asked, document) is not None or asked.result is not document.result:
            self._drop()

    def _let_stand(self) -> None:
        """A drag has ended: what is drawn only while it goes on is taken away."""
        if self._shown is not None:
            self._stage.refresh()

    def _drop(self) -> None:
        self._asked = None
        self._drafts.end()
        self._show(None)

    def _device_known(self, device: object) -> None:
        self._device = getattr(device, "name", "")

    def _refined(self, preview: object) -> None:
        """A take shows what it looks like so far: while nothing is dragged, that is nearer to the end than a draft."""
        if preview is not None and not self._editor.in_gesture and not self._outside and self._asked is not None:
            self._drop()

    # -- what comes back -----------------------------------------------------------------------------------------------

    def _heard(self, event: LiveEvent) -> None:
        if isinstance(event, LiveDraft):
            if self._asked is not None:
                self.solved.emit(NO_DRAFT)
                self._show(event)
        elif isinstance(event, LiveNone):
            self._show(None)
        elif isinstance(event, LiveWaits):
            self._warm = False
            self._stage.say_of_draft(f"Draft: {event.stage}")
        else:
            self._failed(event)

    def _show(self, draft: LiveDraft | None) -> None:
        self._shown = draft
        if draft is None:
            self._stage.show_draft(None)
            return
        self.shown_at, self._warm = time.perf_counter(), True
        shown = laid_over(self._stage.result, draft.motion, draft.start)
        words = ("Draft", _duration(draft.seconds), self._device or draft.device)
        self._stage.show_draft(shown, title="  ·  ".join(words))
        self.drafted.emit(draft)

    def _failed(self, event: LiveFailed) -> None:
        self._warm = False
        if not event.given_up:
            return
        failure = event.failure
        self._stage.say_of_draft("")
        sentence = failure.sentence[:1].upper() + failure.sentence[1:].rstrip(".") + "."
        what = f"There is no draft while you drag. {sentence}"
        advice = "What you drag is kept; the next drag tries again."
        self.message.emit(Message(what, advice, failure.detail, Severity.WARNING, topic=NO_DRAFT))


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
