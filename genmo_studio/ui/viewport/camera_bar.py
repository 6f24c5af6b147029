"""The strip over the viewport while one looks through a video's camera: whose, how well it fits, opacity, way out."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from genmo_studio.ui.icons import icon
from genmo_studio.ui.theme import RADIUS, Theme

_MARGIN = 12
_WIDEST_TEXT = 560
_FEET = 130
"""Room for the marks of the feet at the left, where there is any."""


class CameraBar(QFrame):
    """Sits at the bottom of its parent and follows its size."""

    opacity_changed = Signal(float)
    """Of the picture, 0 to 1."""
    left = Signal()
    """The user wants their own camera back."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("cameraBar")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setPageStep(10)
        self._slider.setFixedWidth(110)
        self._slider.setAccessibleName("Opacity of the video")
        self._slider.setToolTip("Opacity of the video")
        self._slider.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        shade = QLabel("Video")
        shade.setBuddy(self._slider)
        leave = QToolButton()
        leave.setIcon(icon("close"))
        leave.setAutoRaise(True)
        leave.setToolTip("Leave the video's camera; orbiting does so too")
        leave.setAccessibleName("Leave the video's camera")
        leave.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 4, 3)
        row.setSpacing(10)
        row.addWidget(self._text)
        row.addWidget(shade)
        row.addWidget(self._slider)
        row.addWidget(leave)
        self.set_theme(theme)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.toolTip() or self._text.text()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.setStyleSheet(
            f"#cameraBar {{ background: {theme.panel}; border: 1px solid {theme.line_strong};"
            f" border-radius: {RADIUS}px; }}"
        )

    def set_opacity(self, opacity: float) -> None:
        """Show an opacity, 0 to 1."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(opacity * 100))
        self._slider.blockSignals(False)

    def say(self, text: str) -> None:
        """Change the words; long ones are cut in the middle and stand whole in the tool tip."""
        room = min(_WIDEST_TEXT, max(80, self._over.width() - 280))
        shown = self._text.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        if shown == self._text.text():
            return
        self._text.setText(shown)
        self._text.setToolTip(text if shown != text else "")
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Follow the parent's size."""
        if event.type() == QEvent.Type.Resize and watched is self._over:
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        middle = (self._over.width() - self.width()) // 2
        right = self._over.width() - self.width() - _MARGIN
        self.move(min(max(middle, _FEET), max(right, 0)), self._over.height() - self.height() - _MARGIN)
