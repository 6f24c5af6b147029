"""Small pictures that are painted once and then stamped: where the processor draws, shapes and text are slow."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

MOST = 96


class Stamps:
    """Images by what they show; the oldest are forgotten."""

    def __init__(self) -> None:
        self._images: OrderedDict[Hashable, QImage] = OrderedDict()

    def draw(self, painter: QPainter, key: Hashable, box: QRectF, paint: Callable[[QPainter], None]) -> None:
        """Stamp what ``paint`` paints within ``box`` (the painter's logical pixels), anew for a new ``key``."""
        ratio = painter.device().devicePixelRatioF()
        whole = (key, ratio, box.width(), box.height())
        image = self._images.get(whole)
        if image is None:
            image = QImage(
                max(1, round(box.width() * ratio)), max(1, round(box.height() * ratio)),
                QImage.Format.Format_ARGB32_Premultiplied,
            )  # fmt: skip
            image.setDevicePixelRatio(ratio)
            image.fill(Qt.GlobalColor.transparent)
            with QPainter(image) as inner:
                inner.translate(-box.topLeft())
                paint(inner)
            self._images[whole] = image
            while len(self._images) > MOST:
                self._images.popitem(last=False)
        self._images.move_to_end(whole)
        painter.drawImage(box.topLeft(), image)
