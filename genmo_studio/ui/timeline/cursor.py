"""The keyboard's place on the timeline: a focused item that Tab and Ctrl+arrows move, shown by a frame of its own."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document
from genmo_studio.ui.timeline import walking
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import RESULT_ROW
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.ui.timeline.walking import Place
from genmo_studio.values import replace

Go = Callable[[View], None]


class TimelineCursor(QObject):
    """Remembers the place and brings it into view; the timeline paints it and tells assistive technology."""

    moved = Signal(object)  # Place | None

    def __init__(self, editor: Editor, session: Session, cache: IndexCache, *, go: Go, parent: QObject) -> None:
        super().__init__(parent)
        self._editor, self._session, self._cache, self._go = editor, session, cache, go
        self._place: Place | None = None

    @property
    def place(self) -> Place | None:
        """Where the keyboard is; None until it has been used."""
        return self._place

    @property
    def rect(self) -> Rect | None:
        """Where that is on screen."""
        if self._place is None:
            return None
        return walking.place_rect(self._editor.document, self._session.view, self._place, self._cache)

    def put(self, place: Place | None) -> None:
        """Move there, and scroll so that it is seen."""
        if place == self._place:
            return
        self._place = place
        if place is not None:
            self._reveal(place)
        self.moved.emit(place)

    def enter(self) -> Place:
        """The place; the first time, the selected item or the one nearest to the playhead."""
        document, session = self._editor.document, self._session
        found = walking.settle(document, self._place) or walking.begin(document, session.selection, session.playhead)
        self.put(found)
        return found

    def along(self, by: int) -> None:
        """To the next or previous item of the row."""
        self._step(lambda document, place: walking.along(document, place, by))

    def across(self, by: int) -> bool:
        """To the row below or above; False when there is none."""
        return self._step(lambda document, place: walking.across(document, place, by))

    def _step(self, step: Callable[[Document, Place], Place | None]) -> bool:
        if self._place is None:
            self.enter()
            return True
        target = step(self._editor.document, self.enter())
        if target is not None:
            self.put(target)
        return target is not None

    def follow(self, document: Document) -> None:
        """The document has changed: stay with the item, or go to what is nearest."""
        if self._place is not None:
            self.put(walking.settle(document, self._place))

    def _reveal(self, place: Place) -> None:
        view, rect = self._session.view, self.rect
        if rect is None:
            return
        metrics = view.metrics
        if rect.right < metrics.header_width + 20 or rect.x > view.width - 20:
            view = view.revealing(place.frame)
        if place.row != RESULT_ROW:
            over, under = view.tracks_top - rect.y, rect.bottom - view.height
            if over > 0:
                view = replace(view, scroll_y=max(0.0, view.scroll_y - over - metrics.row_padding))
            elif under > 0:
                view = replace(view, scroll_y=view.scroll_y + under + metrics.row_padding)
        if view != self._session.view:
            self._go(view)
