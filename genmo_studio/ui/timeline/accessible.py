"""The painted timeline for assistive technology (HD3): rows, their buttons, clips, keys, takes and markers as children.

Every child is a small ``QObject`` that Qt makes an interface for when it is asked; none exists before. The interfaces
read the document that is shown now (``accessible_tree``), so they never say what was true earlier.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QAccessibleObject
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from genmo_studio.ui.timeline.accessible_tree import (
    Key,
    Shown,
    description_of,
    flags_of,
    key_of,
    name_of,
    part_at,
    part_count,
    parts,
    rect_of,
    rows,
)
from genmo_studio.ui.timeline.tips import summary
from genmo_studio.ui.timeline.view import Rect
from genmo_studio.ui.timeline.walking import Place

_KEPT = 20_000  # children that exist at once; beyond it they are made anew when they are asked for


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
        return len(rows(self._area.shown()))

    def child(self, index: int) -> QAccessibleInterface:
        """A row."""
        known = rows(self._area.shown())
        return _interface(self._area, known[index] if 0 <= index < len(known) else None)

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt's name
        """Position of a row; -1 for others."""
        element, known = child.object(), rows(self._area.shown())
        return known.index(element.key) if isinstance(element, Element) and element.key in known else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface:  # noqa: N802 - Qt's name
        """The row under a point of the screen."""
        shown = self._area.shown()
        for key in rows(shown):
            rect = rect_of(shown, key)
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
        return rect_of(self._area.shown(), self._key) is not None

    def text(self, which: QAccessible.Text) -> str:
        """Name: what it is and when; description: what the tool tip says more."""
        if which is QAccessible.Text.Name:
            return name_of(self._area.shown(), self._key)
        return description_of(self._area.shown(), self._key) if which is QAccessible.Text.Description else ""

    def role(self) -> QAccessible.Role:
        """Group, item or button."""
        if self._key.part is None:
            return QAccessible.Role.Grouping
        return QAccessible.Role.CheckBox if self._key.button else QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Selected, focused, checked, locked, out of sight."""
        state = QAccessible.State()
        for flag in flags_of(self._area.shown(), self._key):
            setattr(state, flag, True)
        return state

    def rect(self) -> QRect:
        """Where it is on the screen."""
        rect = rect_of(self._area.shown(), self._key)
        return QRect() if rect is None else _placed(self._area, rect)

    def parent(self) -> QAccessibleInterface:
        """The row of an item, the area of a row."""
        if self._key.part is None:
            return QAccessible.queryAccessibleInterface(self._area)
        return _interface(self._area, Key(self._key.row))

    def childCount(self) -> int:  # noqa: N802 - Qt's name
        """What lies on a row."""
        return part_count(self._area.shown(), self._key.row) if self._key.part is None else 0

    def child(self, index: int) -> QAccessibleInterface:
        """Something on the row."""
        found = part_at(self._area.shown(), self._key.row, index) if self._key.part is None else None
        return _interface(self._area, found)

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt's name
        """Position of something on the row; -1 for others."""
        element = child.object()
        if not isinstance(element, Element) or element.key.row != self._key.row or self._key.part is not None:
            return -1
        known = parts(self._area.shown(), self._key.row)
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
