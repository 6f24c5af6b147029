"""The breakdown slider: the pose between the keys before and after, from one to the other and a little beyond."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

LEAST, MOST = -50, 150
"""Per cent of the way: pose_ops.OVERSHOOT."""
ABOVE_EDGE = 110


class BreakdownPopup(QFrame):
    """A small popup that closes with Enter or a click elsewhere (keep) or Esc (bring back)."""

    moved = Signal(float)
    """Share of the way from the key before (0) to the key after (1)."""
    ended = Signal(bool)
    """True: keep it."""

    def __init__(self, share: float, *, frames: tuple[int, int], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("breakdown")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._keep = True
        self._told = False
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(LEAST, MOST)
        self.slider.setValue(round(share * 100))
        self.slider.setMinimumWidth(320)
        self.slider.setAccessibleName("Between the keys")
        self._value = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        ends = QHBoxLayout()
        ends.addWidget(QLabel(f"Frame {frames[0]}"))
        ends.addWidget(self._value, 1)
        ends.addWidget(QLabel(f"Frame {frames[1]}"))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.addLayout(ends)
        column.addWidget(self.slider)
        hint = QLabel("Enter keeps it, Esc brings the pose back", alignment=Qt.AlignmentFlag.AlignCenter)
        hint.setEnabled(False)
        column.addWidget(hint)
        self.slider.valueChanged.connect(self._slid)
        self._write()

    def open_over(self, view: QWidget) -> None:
        """Over the lower edge of a widget."""
        self.adjustSize()
        at = view.mapToGlobal(QPoint((view.width() - self.width()) // 2, view.height() - self.height() - ABOVE_EDGE))
        self.move(at)
        self.show()
        self.slider.setFocus()

    def _write(self) -> None:
        self._value.setText(f"{self.slider.value()} %")

    def _slid(self, value: int) -> None:
        self._write()
        self.moved.emit(value / 100.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Enter keeps, Esc brings back."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}:
            self._keep = event.key() != Qt.Key.Key_Escape
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Tell once."""
        super().closeEvent(event)
        if not self._told:
            self._told = True
            self.ended.emit(self._keep)
