"""Small pop-ups that ask for something where the work is; a click elsewhere or Esc closes them."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget


class Popup(QFrame):
    """A frame over the window that is gone once it is closed."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        """``name`` for those who cannot see it."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(name)

    def open_at(self, place: QPoint) -> None:
        """Show it at a place of the screen, inside the screen."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        y = max(room.top(), min(place.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()


class AskingPopup(Popup):
    """A question over what answers it. Subclasses tell the answer by a signal of their own."""

    def __init__(self, parent: QWidget, *, question: str) -> None:
        super().__init__(parent, name=question)
        self._first: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 10, 8)
        self._column.setSpacing(6)
        self._column.addWidget(QLabel(question))

    def add(self, *widgets: QWidget, focus: QWidget) -> None:
        """Put these below the question; ``focus`` has the keyboard when it opens."""
        for widget in widgets:
            self._column.addWidget(widget)
        self._first = focus

    def open_at(self, place: QPoint) -> None:
        """Show it, ready for the keyboard."""
        super().open_at(place)
        if self._first is not None:
            self._first.setFocus()


def hint(text: str) -> QLabel:
    """A quiet line below the answer."""
    label = QLabel(text, wordWrap=True)
    label.setEnabled(False)
    return label
