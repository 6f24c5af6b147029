"""The breakdown slider: the pose between the keys before and after, from one to the other and a little beyond."""

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget

LEAST, MOST = -50, 150
"""Per cent of the way: pose_ops.OVERSHOOT."""
MARKS = (0, 50, 100)
"""Per cent that have a tick: at the keys, and half-way."""
GAP = 6
"""Logical pixels between the popup and the edge of the view."""


class _Scale(QWidget):
    """Ticks under a slider, at the keys and half-way, with the frames of the keys."""

    def __init__(self, slider: QSlider, frames: tuple[int, int]) -> None:
        super().__init__()
        self._slider = slider
        self._words = {0: f"key at {frames[0]}", 100: f"key at {frames[1]}"}
        self.setFixedHeight(8 + self.fontMetrics().height())

    def x_of(self, value: int) -> int:
        """Where the middle of the slider's handle is at a value, in pixels of this widget."""
        option = QStyleOptionSlider()
        self._slider.initStyleOption(option)
        style, part = self._slider.style(), QStyle.SubControl
        complex_ = QStyle.ComplexControl.CC_Slider
        groove = style.subControlRect(complex_, option, part.SC_SliderGroove, self._slider)
        handle = style.subControlRect(complex_, option, part.SC_SliderHandle, self._slider).width()
        room = groove.width() - handle
        return groove.x() + handle // 2 + QStyle.sliderPositionFromValue(LEAST, MOST, value, room)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 (Qt's)
        """Strokes, and words below the longer ones."""
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            for value in MARKS:
                x, words = self.x_of(value), self._words.get(value, "")
                painter.drawLine(x, 0, x, 6 if words else 4)
                if words:
                    box = QRectF(x - 60, 7, 120, self.height() - 7)
                    painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), words)


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
        self.scale = _Scale(self.slider, frames)
        hint = QLabel("Enter keeps it, Esc brings the pose back")
        hint.setEnabled(False)
        head = QHBoxLayout()
        head.addWidget(QLabel("Breakdown"))
        head.addSpacing(8)
        head.addWidget(self._value)
        head.addStretch(1)
        head.addSpacing(16)
        head.addWidget(hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.slider)
        column.addWidget(self.scale)
        self.slider.valueChanged.connect(self._slid)
        self._write()

    def open_over(self, view: QWidget) -> None:
        """Below the lower edge of a widget, where it covers nothing of it; at the edge where the screen ends there."""
        self.adjustSize()
        at = view.mapToGlobal(QPoint((view.width() - self.width()) // 2, view.height() + GAP))
        room = view.screen().availableGeometry()
        if at.y() + self.height() > room.bottom():
            at.setY(view.mapToGlobal(QPoint(0, view.height() - self.height() - GAP)).y())
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
