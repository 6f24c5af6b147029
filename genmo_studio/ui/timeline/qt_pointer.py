"""Qt's pointer events as plain ones, and the pointer's shape over each kind of place."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputEvent, QMouseEvent

from genmo_studio.ui.timeline.effects import Button, Modifier, Pointer
from genmo_studio.ui.timeline.hit import HitKind

_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}
_MODIFIERS = {
    Qt.KeyboardModifier.ShiftModifier: Modifier.SHIFT,
    Qt.KeyboardModifier.ControlModifier: Modifier.CTRL,
    Qt.KeyboardModifier.AltModifier: Modifier.ALT,
}
_CURSORS = {
    HitKind.START_EDGE: Qt.CursorShape.SizeHorCursor,
    HitKind.STOP_EDGE: Qt.CursorShape.SizeHorCursor,
    HitKind.DISCLOSURE: Qt.CursorShape.PointingHandCursor,
    HitKind.HOLD: Qt.CursorShape.SizeHorCursor,
    HitKind.RISE: Qt.CursorShape.SizeHorCursor,
    HitKind.FALL: Qt.CursorShape.SizeHorCursor,
    HitKind.MARKER_STOP: Qt.CursorShape.SizeHorCursor,
    HitKind.MARK_IN: Qt.CursorShape.SizeHorCursor,
    HitKind.MARK_OUT: Qt.CursorShape.SizeHorCursor,
    HitKind.MARKER: Qt.CursorShape.OpenHandCursor,
    HitKind.ROW_RESIZE: Qt.CursorShape.SizeVerCursor,
    HitKind.HEADER_BUTTON: Qt.CursorShape.PointingHandCursor,
    HitKind.HEAT: Qt.CursorShape.PointingHandCursor,
    HitKind.HEAT_HEADER: Qt.CursorShape.PointingHandCursor,
    HitKind.SNAP_BUTTON: Qt.CursorShape.PointingHandCursor,
}


def cursor_of(kind: HitKind) -> Qt.CursorShape:
    """Shape of the pointer over a kind of place."""
    return _CURSORS.get(kind, Qt.CursorShape.ArrowCursor)


def pressed(event: QMouseEvent) -> Pointer | None:
    """The plain event of a press; None for buttons that have no meaning here."""
    button = _BUTTONS.get(event.button())
    return None if button is None else _plain(event, button)


def moved(event: QMouseEvent) -> Pointer:
    """The plain event of a move or a release."""
    return _plain(event, Button.LEFT)


def _plain(event: QMouseEvent, button: Button) -> Pointer:
    return Pointer(event.position().x(), event.position().y(), button, held(event))


def held(event: QInputEvent) -> Modifier:
    """The modifiers of an event."""
    modifiers = Modifier.NONE
    for key, flag in _MODIFIERS.items():
        if event.modifiers() & key:
            modifiers |= flag
    return modifiers
