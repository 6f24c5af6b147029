"""A small pop-up of colours."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QPushButton, QToolButton, QWidget

from genmo_studio.ui.panels.asking import Popup
from genmo_studio.ui.timeline.marker_commands import COLOURS

_COLUMNS = 4
_SIDE = 22
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -_COLUMNS,
    Qt.Key.Key_Down: _COLUMNS,
}


def swatch(colour: str, *, size: int = 14, scale: float = 1.0) -> QPixmap:
    """A rounded square of a colour; ``size`` in logical pixels."""
    pixmap = QPixmap(QSize(size, size) * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(0, 0, size, size, 3, 3)
    return pixmap


class Swatches(Popup):
    """Eight colours and, when ``default`` names it, the usual one. Arrows move, Enter chooses, Esc closes."""

    chosen = Signal(object)  # "#rrggbb", or None for the usual colour

    def __init__(self, parent: QWidget, *, default: str | None = None, current: str | None = None) -> None:
        super().__init__(parent, name="Colours")
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setSpacing(4)
        self._buttons: list[QToolButton] = []
        for number, (name, colour) in enumerate(COLOURS):
            button = self._button(name, colour, checked=colour == current)
            grid.addWidget(button, number // _COLUMNS, number % _COLUMNS)
            self._buttons.append(button)
        if default is not None:
            usual = QPushButton(default)
            usual.clicked.connect(lambda: self._choose(None))
            grid.addWidget(usual, grid.rowCount(), 0, 1, _COLUMNS)
        focused = next((button for button in self._buttons if button.isChecked()), self._buttons[0])
        focused.setFocus()

    def _button(self, name: str, colour: str, *, checked: bool) -> QToolButton:
        button = QToolButton()
        button.setIcon(QIcon(swatch(colour, size=_SIDE, scale=self.devicePixelRatioF())))
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setCheckable(True)
        button.setChecked(checked)
        button.clicked.connect(lambda: self._choose(colour))
        return button

    def _choose(self, colour: str | None) -> None:
        self.close()
        self.chosen.emit(colour)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Arrows walk through the colours."""
        step = _STEPS.get(Qt.Key(event.key()))
        here = next((n for n, button in enumerate(self._buttons) if button.hasFocus()), None)
        if step is not None and here is not None and 0 <= here + step < len(self._buttons):
            self._buttons[here + step].setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here is not None:
            self._buttons[here].click()
        else:
            super().keyPressEvent(event)
