"""What the keys do at the timeline's focused item: walk, select, edit, open its menu (HD3). An event filter."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import PoseKey, TextClip, Waypoint
from genmo_studio.document.queries import find_item
from genmo_studio.ui.timeline import walking
from genmo_studio.ui.timeline.accessible import TimelineArea
from genmo_studio.ui.timeline.cursor import TimelineCursor
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.layout import RESULT_ROW
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.walking import Place

_TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Keyboard(QObject):
    """Hears the keys of the timeline before it does. ``edit_text`` and ``menu`` are the timeline's own."""

    def __init__(
        self,
        widget: QWidget,
        area: TimelineArea,
        cursor: TimelineCursor,
        *,
        editor: Editor,
        session: Session,
        edit_text: Callable[[str], None],
        menu: Callable[[Hit, QPoint], None],
    ) -> None:
        super().__init__(widget)
        self._widget, self._area, self._cursor = widget, area, cursor
        self._editor, self._session, self._edit_text, self._menu = editor, session, edit_text, menu
        widget.installEventFilter(self)
        cursor.moved.connect(self._moved)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """True for what was done here."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QContextMenuEvent) and event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._open_menu()
            return True
        if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusIn and event.reason() in _TAB_REASONS:
            self._area.tell_focus(self._cursor.enter())
        return False

    def _key(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and not held & Qt.KeyboardModifier.ControlModifier:
            return self._cursor.across(1 if event.key() == Qt.Key.Key_Tab else -1)  # past the ends, focus goes on
        if event.key() in _ENTER and held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            return self._enter(self._cursor.place, add=bool(held & Qt.KeyboardModifier.ShiftModifier))
        return False

    def _enter(self, place: Place | None, *, add: bool) -> bool:
        """Select the item (``add``: or take it out of the selection); selected already, edit its text."""
        if place is None or place.item is None:
            return False
        chosen = self._session.selection
        if add:
            self._session.select(chosen ^ {place.item})
        elif chosen != {place.item}:
            self._session.select({place.item})
        elif isinstance(find_item(self._editor.document, place.item), TextClip):
            self._edit_text(place.item)
        return True

    def _open_menu(self) -> None:
        place = self._cursor.enter()
        rect = self._cursor.rect
        if rect is None:
            return
        view = self._session.view
        x = min(max(rect.x + min(rect.width, 40.0) / 2, view.metrics.header_width), view.width - 1)
        y = min(max(rect.y + rect.height / 2, 0.0), view.height - 1)
        self._menu(self._hit(place, view.frame_at(x)), self._area.mapToGlobal(QPoint(round(x), round(y))))

    def _hit(self, place: Place, frame: float) -> Hit:
        """The place as if the pointer were on it."""
        document = self._editor.document
        span, rect = walking.span_of(document, place), self._cursor.rect
        if place.row == RESULT_ROW:
            kind = HitKind.EMPTY if place.item is None else HitKind.RESULT
            return Hit(kind, frame, item=place.item, span=span, rect=rect)
        if place.item is None:
            return Hit(HitKind.EMPTY, frame, track=place.row)
        is_key = isinstance(find_item(document, place.item), PoseKey | Waypoint)
        kind = HitKind.KEY if is_key else HitKind.BODY
        return Hit(kind, frame, item=place.item, track=place.row, span=span, rect=rect)

    def _moved(self, place: Place | None) -> None:
        if place is not None and place.row != RESULT_ROW:
            self._session.set_track(place.row)
        self._widget.update()
        self._area.update()
        if self._widget.hasFocus():
            self._area.tell_focus(place)
