"""A field that asks for a number where the work is, for example by how much keys are scaled."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from genmo_studio.ui.panels.asking import AskingPopup
from genmo_studio.ui.panels.asking import hint as quiet
from genmo_studio.ui.panels.fields import number


class ValuePopup(AskingPopup):
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
        super().__init__(parent, question=question)
        self.field = number(QDoubleSpinBox(decimals=decimals, suffix=suffix))
        self.field.setRange(*bounds)
        self.field.setValue(value)
        self.field.setAccessibleName(question)
        self.field.setMinimumWidth(210)
        self.field.lineEdit().returnPressed.connect(self._accept)
        self.add(self.field, quiet(hint), focus=self.field)

    def open_at(self, place: QPoint) -> None:
        """With the number selected."""
        super().open_at(place)
        self.field.selectAll()

    def _accept(self) -> None:
        if not self.isVisible():  # a spin box hands Return to its line a second time
            return
        self.field.interpretText()
        value = self.field.value()
        self.close()
        self.accepted.emit(value)
