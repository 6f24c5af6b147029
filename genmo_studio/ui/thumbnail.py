"""The small picture of a project that is kept in its file."""

from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter

from genmo_studio.ui.project import Thumb
from genmo_studio.ui.viewport.widget import Viewport

WIDTH = 320
"""Pixels."""


def thumbnail(viewport: Viewport | None) -> Thumb | None:
    """What makes a small PNG of the viewport's picture, on another thread; None where nothing is drawn."""
    if viewport is None or not viewport.isValid() or viewport.width() < 2:
        return None
    # Drawn anew at twice its size: a full picture takes the processor longer, in the middle of a save.
    image = viewport.snapshot(scale=2 * WIDTH / (viewport.width() * viewport.devicePixelRatioF()), samples=0)
    return None if image.isNull() else partial(_small_png, image)


def _small_png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small = image.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    QImageWriter(buffer, QByteArray(b"png")).write(small)
    return bytes(buffer.data().data())
