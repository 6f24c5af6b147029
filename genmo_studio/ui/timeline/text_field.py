"""The field that edits a text segment where it lies: Enter or leaving keeps the words, Esc gives them up."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from genmo_studio.document.validation import MAX_TEXT
from genmo_studio.ui.theme import ui_font
from genmo_studio.ui.timeline.view import Rect, View

_NARROWEST = 220.0


class TextField(QLineEdit):
    """One line over the timeline; hidden while nothing is edited."""

    accepted = Signal(str, str)  # id of the text, marker or track; what was typed
    left = Signal()  # done with Enter or Esc: the focus may go back

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._item: str | None = None
        self.setMaxLength(MAX_TEXT)  # a shorter field would cut off what it shows
        self.setAccessibleName("Text")
        self.setPlaceholderText("Type here; Enter keeps it")
        self.setFont(ui_font(points=9.0))
        self.hide()
        self.returnPressed.connect(self._enter)

    def open(self, item: str, text: str, rect: Rect, *, view: View) -> None:
        """Show the field over a segment, a marker or a header, wide enough to type in and inside the visible part."""
        self._item = item
        self.place(rect, view=view)
        self.setText(text)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def place(self, rect: Rect, *, view: View) -> None:
        """Lie over a segment, a marker or a header; also when these have moved while one types."""
        if rect.right <= view.metrics.header_width:  # a name in a header keeps to its place
            left, width = rect.x, rect.width
        else:
            left = max(rect.x, view.metrics.header_width)
            width = max(min(rect.right, view.width) - left, _NARROWEST)
            left = max(view.metrics.header_width, min(left, view.width - width))
        height = max(26.0, min(rect.height, 30.0))
        top = rect.y + (rect.height - height) / 2
        self.setGeometry(round(left), round(top), round(width), round(height))

    @property
    def item(self) -> str | None:
        """Id of what is edited; None while nothing is."""
        return self._item

    def give_up(self) -> None:
        """Close without keeping what was typed."""
        self._item = None
        self.hide()

    def keep(self) -> None:
        """Close and keep what was typed."""
        self._accept()

    def _enter(self) -> None:
        self._accept()
        self.left.emit()

    def _accept(self) -> None:
        item, self._item = self._item, None
        self.hide()
        if item is not None:
            self.accepted.emit(item, self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc closes; the rest is typing."""
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Leaving the field keeps the words."""
        super().focusOutEvent(event)
        self._accept()
