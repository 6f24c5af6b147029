"""A field that waits for a key: what is pressed there is not done, but taken as the new key."""

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from genmo_studio.ui.actions import native
from genmo_studio.ui.keymaps import key_of

_WAITING = "Click here and press the new key"
_PRESS = "Press a key (Tab leaves)"


class KeyCapture(QLineEdit):
    """Shows the pressed key; ``pressed`` tells it as a portable string."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText(_WAITING)
        self.setAccessibleName("New key")
        self.setAccessibleDescription("While this field has the focus, the next key that is pressed is taken.")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.key = ""

    def forget(self) -> None:
        """Wait for another key."""
        self.key = ""
        self.clear()

    def event(self, event: QEvent) -> bool:
        """Claim every key before a shortcut or the focus chain takes it; Tab alone still leaves the field."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            leaves = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and held == Qt.KeyboardModifier.NoModifier
            if not leaves:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    self._take(event.keyCombination())
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Say what is waited for."""
        super().focusInEvent(event)
        self.setPlaceholderText(_PRESS)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Wait for a click again."""
        super().focusOutEvent(event)
        self.setPlaceholderText(_WAITING)

    def _take(self, combination: QKeyCombination) -> None:
        key = key_of(combination)
        if key:
            self.key = key
            self.setText(native(key))
            self.pressed.emit(key)
