"""A field that asks for a number where the work is, for example by how much keys are scaled."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QLabel, QVBoxLayout, QWidget

from genmo_studio.ui.panels.fields import number


class ValuePopup(QFrame):
    """Asks for a number; Enter accepts it, Esc closes."""

    accepted = Signal(float)

    def __init__(
        self,
        parent: QWidget,
        *,
        question: str,
        hint: str,
        value: float,
        bounds: tuple[float, float],
        suffix: str,
        decimals: int = 0,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.field = number(QDoubleSpinBox(decimals=decimals, suffix=suffix))
        self.field.setRange(*bounds)
        self.field.setValue(value)
        self.field.setAccessibleName(question)
        self.field.setMinimumWidth(210)
        self.field.lineEdit().returnPressed.connect(self._accept)
        words = QLabel(hint)
        words.setWordWrap(True)
        words.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(QLabel(question))
        layout.addWidget(self.field)
        layout.addWidget(words)

    def open_at(self, place: QPoint) -> None:
        """Show it at a place of the screen, inside the screen, with the number selected."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        y = max(room.top(), min(place.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def _accept(self) -> None:
        if not self.isVisible():  # a spin box hands Return to its line a second time
            return
        self.field.interpretText()
        value = self.field.value()
        self.close()
        self.accepted.emit(value)
