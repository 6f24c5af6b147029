"""A field that asks for a time where the work is, for example how much to insert."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from genmo_studio.ui.timeline.timecode import TimeInputError, parse_time


class TimePopup(QFrame):
    """Asks for a length; Enter accepts what can be understood, Esc closes."""

    accepted = Signal(int)  # frames

    def __init__(self, parent: QWidget, *, question: str, proposal: str, fps: int) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._fps = fps
        self.field = QLineEdit(proposal)
        self.field.setAccessibleName(question)
        self.field.setMinimumWidth(210)
        self.field.selectAll()
        self.field.returnPressed.connect(self._accept)
        self._hint = QLabel("For example 1s, 12 (frames) or 00:00:02:00. Enter inserts, Esc closes.")
        self._hint.setWordWrap(True)
        self._hint.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(QLabel(question))
        layout.addWidget(self.field)
        layout.addWidget(self._hint)

    def open_at(self, place: QPoint) -> None:
        """Show it above a place of the screen, inside the screen, with the cursor in the field."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        y = max(room.top(), min(place.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.field.setFocus()

    def _accept(self) -> None:
        try:
            frames = parse_time(self.field.text(), fps=self._fps, current=0)
            if not frames:
                raise TimeInputError("At least one frame, please.")
        except TimeInputError as error:
            self._hint.setEnabled(True)
            self._hint.setText(str(error))
            self.field.selectAll()
            return
        self.close()
        self.accepted.emit(frames)
