"""Keeps shortcuts out of fields (KB3): what is typed, and the arrows in a field, a list or a slider, belong to it.

Qt's own fields keep letters but give arrow keys away to shortcuts. The guard watches only the widget that has the
focus, so no other event passes through Python.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

_TYPED_IN = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
_STEPPED = (QComboBox, QAbstractSlider, QAbstractItemView, QTabBar)
_ARROWS = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down})
_MOVES = _ARROWS | {Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Delete}


class TypingGuard(QObject):
    """Installed once for the application's focus changes; ``close`` it with the window."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._app = app
        app.focusChanged.connect(self._focus_changed)

    def close(self) -> None:
        """Stop listening."""
        self._app.focusChanged.disconnect(self._focus_changed)

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if isinstance(new, _TYPED_IN + _STEPPED):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Claim a key for the field before a shortcut takes it."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
            if held == Qt.KeyboardModifier.NoModifier and event.key() in _kept(watched):
                event.accept()
                return True
        return super().eventFilter(watched, event)


def is_typed_in(widget: QObject | None) -> bool:
    """True for a field in which one types."""
    return isinstance(widget, _TYPED_IN)


def _kept(widget: QObject) -> frozenset[Qt.Key]:
    """Keys that the widget needs for itself."""
    if isinstance(widget, _TYPED_IN):
        return _MOVES | {Qt.Key.Key_Escape}
    if isinstance(widget, QAbstractItemView):
        return _MOVES - {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Delete}
    return _ARROWS
