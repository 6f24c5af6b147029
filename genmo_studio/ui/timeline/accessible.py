"""The painted timeline for assistive technology (HD3): rows, their buttons, clips, keys, takes and markers as children.

Every child is a small ``QObject`` that Qt makes an interface for when it is asked; none exists before. The interfaces
read the document that is shown now, so they never say what was true earlier.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QAccessibleObject
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from genmo_studio.document.model import Document, Track
from genmo_studio.document.queries import find_marker, find_take, find_track, item_start
from genmo_studio.ui.timeline import walking
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import (
    RESULT_ROW,
    HeaderButton,
    Row,
    header_buttons,
    marker_rect,
    result_rect,
    track_rects,
)
from genmo_studio.ui.timeline.paint_rows import KIND_TITLE, Look, result_summary, state_text
from genmo_studio.ui.timeline.subrows import folds
from genmo_studio.ui.timeline.tips import button_words, item_tip, marker_tip, summary, take_tip
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.ui.timeline.walking import Place

MARKERS = "\0markers"
"""Key of the group of markers among the rows."""

_KEPT = 20_000  # children that exist at once; beyond it they are made anew when they are asked for


@dataclass(frozen=True)
class Shown:
    """What the timeline shows now."""

    document: Document
    view: View
    look: Look
    cache: IndexCache
    cursor: Place | None
    playhead: int
    focused: bool


class Key(NamedTuple):
    """Names a child: a row, or something in it."""

    row: str
    part: str | None = None  # id of an item, take or marker; value of a HeaderButton
    frame: int = -1  # of an item or a piece
    button: bool = False


class Element(QObject):
    """A child that assistive technology has asked for."""

    def __init__(self, area: "TimelineArea", key: Key) -> None:
        super().__init__(area)
        self.area, self.key = area, key


class TimelineArea(QWidget):
    """The area that the timeline is painted on; knows its children by key."""

    def __init__(self, shown: Callable[[], Shown]) -> None:
        super().__init__()
        self.shown = shown
        self._elements: dict[Key, Element] = {}
        install()

    def element(self, key: Key) -> Element:
        """The child of a key."""
        if key not in self._elements:
            if len(self._elements) >= _KEPT:
                self.forget()
            self._elements[key] = Element(self, key)
        return self._elements[key]

    def forget(self) -> None:
        """Let all children go; Qt drops their interfaces with them."""
        for element in self._elements.values():
            element.deleteLater()
        self._elements.clear()

    def tell(self, event: QAccessible.Event, key: Key | None = None) -> None:
        """Tell assistive technology, when there is any, of a change of the area or of a child."""
        if QAccessible.isActive():
            about: QObject = self if key is None else self.element(key)
            QAccessible.updateAccessibility(QAccessibleEvent(about, event))

    def tell_focus(self, place: Place | None) -> None:
        """The keyboard has moved to an item."""
        if place is not None:
            self.tell(QAccessible.Event.Focus, key_of(place))


def key_of(place: Place) -> Key:
    """The child at which the keyboard is."""
    return Key(place.row) if place.item is None else Key(place.row, place.item, place.frame)


def rows(document: Document) -> list[Key]:
    """The children of the area."""
    known = [Key(row) for row in walking.rows(document)]
    return [*known, Key(MARKERS)] if document.markers else known


def parts(document: Document, row: str) -> list[Key]:
    """The children of a row: its buttons, then what lies on it in order of time."""
    if row == MARKERS:
        return [Key(MARKERS, marker.id, marker.frame) for marker in document.markers]
    if row == RESULT_ROW:
        return [Key(row, piece.take, piece.span.start) for piece in walking.pieces(document)]
    track = find_track(document, row)
    if track is None:
        return []
    buttons = [Key(row, button.value, button=True) for button in HeaderButton]
    return [*buttons, *(Key(row, item.id, item_start(item)) for item in track.items)]


def part_count(document: Document, row: str) -> int:
    """Number of children of a row, without making them."""
    if row == MARKERS:
        return len(document.markers)
    if row == RESULT_ROW:
        return len(document.result)
    track = find_track(document, row)
    return 0 if track is None else len(HeaderButton) + len(track.items)


def part_at(document: Document, row: str, position: int) -> Key | None:
    """One child of a row; quick for tracks of many items."""
    track = find_track(document, row)
    count = len(HeaderButton)
    if track is not None and position >= count:
        if position - count >= len(track.items):
            return None
        item = track.items[position - count]
        return Key(row, item.id, item_start(item))
    known = parts(document, row) if track is None else [Key(row, b.value, button=True) for b in HeaderButton]
    return known[position] if 0 <= position < len(known) else None


def _rect(shown: Shown, key: Key) -> Rect | None:
    """Where a child is, in the area's coordinates; None when it is gone."""
    if key.row == MARKERS:
        return _marker_place(shown, key.part)
    if key.part is None:
        known = track_rects(shown.document, shown.view)
        return result_rect(shown.view) if key.row == RESULT_ROW else known.get(key.row)
    if key.button:
        return _button_place(shown, key.row, HeaderButton(key.part))
    place = Place(key.row, key.part, key.frame)
    gone = walking.span_of(shown.document, place) is None
    return None if gone else walking.place_rect(shown.document, shown.view, place, shown.cache)


def _marker_place(shown: Shown, part: str | None) -> Rect | None:
    view = shown.view
    if part is None:
        return Rect(view.metrics.header_width, 0.0, view.content_width, view.metrics.ruler_height)
    found = find_marker(shown.document, part)
    return None if found is None else marker_rect(found, view)


def _button_place(shown: Shown, row: str, button: HeaderButton) -> Rect | None:
    rect, track = track_rects(shown.document, shown.view).get(row), find_track(shown.document, row)
    if rect is None or track is None:
        return None
    return header_buttons(Row(row, track, rect), shown.view)[button]


def _name(shown: Shown, key: Key) -> str:
    document, style = shown.document, shown.look.time_format
    if key.row == MARKERS:
        return "Markers" if key.part is None else _flat(marker_tip(key.part, document, style=style))
    if key.row == RESULT_ROW:
        return _result_name(shown, key.part)
    track = find_track(document, key.row)
    return "" if track is None else _track_name(shown, track, key)


def _result_name(shown: Shown, part: str | None) -> str:
    if part is None:
        return f"Result, {result_summary(shown.document, shown.look)}"
    take = find_take(shown.document, part)
    state = ", stale" if part in shown.look.stale else ""
    return f"Take {take.name if take is not None else 'missing'}{state}"


def _track_name(shown: Shown, track: Track, key: Key) -> str:
    if key.part is None:
        unfolded = ", unfolded" if track.id in shown.view.unfolded and folds(track) else ""
        return f"{KIND_TITLE[track.kind]} track {track.name}, {state_text(track, shown.look)}{unfolded}"
    if key.button:
        return f"{HeaderButton(key.part).value.capitalize()} {track.name}"
    at = walking.position_in(track, key.part, key.frame)
    style = shown.look.time_format
    return "" if at is None else _flat(item_tip(track.items[at], shown.document, style=style))


def _description(shown: Shown, key: Key) -> str:
    document = shown.document
    if key.row == RESULT_ROW and key.part is not None:
        return _flat(take_tip(key.part, document, frame=key.frame, stale=shown.look.stale))
    track = find_track(document, key.row)
    if key.button and track is not None and key.part is not None:
        return button_words(HeaderButton(key.part), track)
    return ""


def _flat(words: str) -> str:
    return ", ".join(words.splitlines())


def _flags(shown: Shown, key: Key) -> set[str]:
    """The flags of QAccessible.State that are true of a child."""
    rect, track = _rect(shown, key), find_track(shown.document, key.row)
    if rect is None:
        return {"invalid"}
    flags = set() if rect.meets(Rect(0.0, 0.0, shown.view.width, shown.view.height)) else {"offscreen"}
    if key.button and track is not None and key.part is not None:
        return flags | {"checkable"} | ({"checked"} if _pressed(track, HeaderButton(key.part)) else set())
    flags.add("focusable")
    if shown.focused and shown.cursor is not None and key_of(shown.cursor) == key:
        flags.add("focused")
    if track is not None and track.locked:
        flags.add("readOnly")
    if key.part is not None:
        flags |= {"selectable", "multiSelectable"} | ({"selected"} if key.part in shown.look.selection else set())
    return flags


def _pressed(track: Track, button: HeaderButton) -> bool:
    return {HeaderButton.MUTE: track.muted, HeaderButton.SOLO: track.solo, HeaderButton.LOCK: track.locked}[button]


def _placed(area: QWidget, rect: Rect) -> QRect:
    """A rectangle of the area on the screen."""
    corner = area.mapToGlobal(QPoint(round(rect.x), round(rect.y)))
    return QRect(corner.x(), corner.y(), round(rect.width), round(rect.height))


class AreaInterface(QAccessibleWidget):
    """The whole area: a list of rows."""

    def __init__(self, area: TimelineArea) -> None:
        super().__init__(area, QAccessible.Role.List)
        self._area = area

    def text(self, which: QAccessible.Text) -> str:
        """Name, and one sentence on what is shown."""
        if which is QAccessible.Text.Name:
            return "Timeline tracks"
        if which is QAccessible.Text.Description:
            shown = self._area.shown()
            look = shown.look
            return summary(shown.document, selection=look.selection, playhead=shown.playhead, style=look.time_format)
        return super().text(which)

    def childCount(self) -> int:  # noqa: N802 - Qt's name
        """Rows."""
        return len(rows(self._area.shown().document))

    def child(self, index: int) -> QAccessibleInterface:
        """A row."""
        known = rows(self._area.shown().document)
        return _interface(self._area, known[index] if 0 <= index < len(known) else None)

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt's name
        """Position of a row; -1 for others."""
        element, known = child.object(), rows(self._area.shown().document)
        return known.index(element.key) if isinstance(element, Element) and element.key in known else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface:  # noqa: N802 - Qt's name
        """The row under a point of the screen."""
        shown = self._area.shown()
        for key in rows(shown.document):
            rect = _rect(shown, key)
            if rect is not None and _placed(self._area, rect).contains(x, y):
                return _interface(self._area, key)
        return _interface(self._area, None)

    def focusChild(self) -> QAccessibleInterface:  # noqa: N802 - Qt's name
        """The item that the keyboard is at."""
        shown = self._area.shown()
        return _interface(self._area, key_of(shown.cursor) if shown.focused and shown.cursor is not None else None)


class ElementInterface(QAccessibleObject):
    """A row, or something in it."""

    def __init__(self, element: Element) -> None:
        super().__init__(element)
        self._area, self._key = element.area, element.key

    def isValid(self) -> bool:  # noqa: N802 - Qt's name
        """False once it is gone from the document."""
        return _rect(self._area.shown(), self._key) is not None

    def text(self, which: QAccessible.Text) -> str:
        """Name: what it is and when; description: what the tool tip says more."""
        if which is QAccessible.Text.Name:
            return _name(self._area.shown(), self._key)
        return _description(self._area.shown(), self._key) if which is QAccessible.Text.Description else ""

    def role(self) -> QAccessible.Role:
        """Group, item or button."""
        if self._key.part is None:
            return QAccessible.Role.Grouping
        return QAccessible.Role.CheckBox if self._key.button else QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Selected, focused, checked, locked, out of sight."""
        state = QAccessible.State()
        for flag in _flags(self._area.shown(), self._key):
            setattr(state, flag, True)
        return state

    def rect(self) -> QRect:
        """Where it is on the screen."""
        rect = _rect(self._area.shown(), self._key)
        return QRect() if rect is None else _placed(self._area, rect)

    def parent(self) -> QAccessibleInterface:
        """The row of an item, the area of a row."""
        if self._key.part is None:
            return QAccessible.queryAccessibleInterface(self._area)
        return _interface(self._area, Key(self._key.row))

    def childCount(self) -> int:  # noqa: N802 - Qt's name
        """What lies on a row."""
        return part_count(self._area.shown().document, self._key.row) if self._key.part is None else 0

    def child(self, index: int) -> QAccessibleInterface:
        """Something on the row."""
        found = part_at(self._area.shown().document, self._key.row, index) if self._key.part is None else None
        return _interface(self._area, found)

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt's name
        """Position of something on the row; -1 for others."""
        element = child.object()
        if not isinstance(element, Element) or element.key.row != self._key.row or self._key.part is not None:
            return -1
        known = parts(self._area.shown().document, self._key.row)
        return known.index(element.key) if element.key in known else -1


def _interface(area: TimelineArea, key: Key | None) -> QAccessibleInterface:
    """Qt's interface of a child; None (which Qt takes, and the stubs do not know) when there is none."""
    nothing: Any = None
    return nothing if key is None else QAccessible.queryAccessibleInterface(area.element(key))


def _make(_class: str, thing: QObject) -> QAccessibleInterface | None:
    if isinstance(thing, Element):
        return ElementInterface(thing)
    return AreaInterface(thing) if isinstance(thing, TimelineArea) else None


@lru_cache(maxsize=1)
def install() -> None:
    """Teach Qt, once a process, to make these interfaces; it has no way to unlearn one."""
    QAccessible.installFactory(_make)
