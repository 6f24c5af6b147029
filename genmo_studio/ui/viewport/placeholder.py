"""What stands where the viewport would be when there is no OpenGL: why, and what to do."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from genmo_studio.ui.icons import pixmap
from genmo_studio.ui.theme import Theme

_ADVICE = (
    "Everything else works: the timeline, generating, and exporting files.<br>To see the character, install or update "
    "the graphics driver (on Linux the package <b>libgl1-mesa-dri</b> draws without a graphics card), "
    "then start the program again."
)


class ViewportPlaceholder(QWidget):
    """A sentence in the middle of an empty viewport."""

    def __init__(self, reason: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reason = reason
        self.setAccessibleName("Viewport, not available")
        self.setAccessibleDescription(reason)
        picture = self._mark = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.set_theme(theme)
        head = QLabel("No 3D view", alignment=Qt.AlignmentFlag.AlignCenter)
        font = head.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        head.setFont(font)
        text = QLabel(f"{reason}<br><br>{_ADVICE}", alignment=Qt.AlignmentFlag.AlignCenter)
        text.setWordWrap(True)
        text.setMaximumWidth(520)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(picture)
        layout.addWidget(head)
        layout.addWidget(text, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Draw the mark in another theme's colour."""
        ink = QColor(theme.text_disabled)
        self._mark.setPixmap(pixmap("view", size=48, colour=ink, scale=self.devicePixelRatioF()))
