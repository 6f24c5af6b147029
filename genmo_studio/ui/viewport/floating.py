"""The viewport in a window of its own, for a second screen; where it was, a button brings it back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QLayout, QPushButton, QVBoxLayout, QWidget


class FloatingView(QWidget):
    """Holds the viewport until it is closed. A tool window, so that the keys of the main window work in it."""

    returned = Signal()

    def __init__(self, main: QWidget, panel: QWidget, *, home: QLayout) -> None:
        """``home`` is the layout that holds ``panel`` now."""
        super().__init__(main, Qt.WindowType.Tool)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Viewport")
        self._panel = panel
        self._home = home
        self._note: QWidget | None = _note(self)
        self._home.replaceWidget(panel, self._note)
        size = panel.size()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        self.resize(size)
        panel.show()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Put the viewport back."""
        if self._note is not None:
            self._home.replaceWidget(self._note, self._panel)
            self._panel.show()
            self._note.deleteLater()
            self._note = None
            self.returned.emit()
        super().closeEvent(event)


def _note(view: QWidget) -> QWidget:
    """What stands in the main window meanwhile."""
    note = QWidget()
    text = QLabel("The viewport is in its own window", alignment=Qt.AlignmentFlag.AlignCenter)
    text.setEnabled(False)
    back = QPushButton("Bring It Back")
    back.clicked.connect(view.close)
    column = QVBoxLayout(note)
    column.addStretch(1)
    column.addWidget(text)
    column.addWidget(back, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(1)
    return note
