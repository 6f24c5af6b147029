"""Knows which letter keys are held down now: shortcuts tell only of presses.

Only the widget that has the focus is watched (as TypingGuard does), so that no other event passes through Python.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget


class HeldKeys(QObject):
    """Keys that are down; ``close`` it with the window."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._app = app
        self._down: set[int] = set()
        self._repeating = False
        app.focusChanged.connect(self._focus_changed)
        self._focus_changed(None, app.focusWidget())

    def holds(self, key: Qt.Key) -> bool:
        """True while the key is down."""
        return int(key) in self._down

    @property
    def repeating(self) -> bool:
        """True when the newest press came from the keyboard's repetition."""
        return self._repeating

    def close(self) -> None:
        """Stop listening."""
        self._app.focusChanged.disconnect(self._focus_changed)
        self._focus_changed(self._app.focusWidget(), None)

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        self._down.clear()
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Write down, and leave everything to the others."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self._down.add(event.key())
            self._repeating = event.isAutoRepeat()
        elif kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            self._down.discard(event.key())
        return False
