"""Paints the heat strip under the result: bars over time, and a header with name and legend."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPolygonF

from genmo_studio.motion.quality import LIMITS
from genmo_studio.ui.timeline.heat import BAD_LEVEL, WORDS, HeatStrip, amount, columns, levels, picture
from genmo_studio.ui.timeline.ink import Ink, colour, text_in
from genmo_studio.ui.timeline.layout import Layout, heat_rect
from genmo_studio.ui.timeline.view import View

_LEGEND = 42.0  # logical pixels
_PAD = 2.0


class HeatPainter:
    """Keeps the strip's picture for as long as strip and view are the same."""

    def __init__(self) -> None:
        self._made: tuple[HeatStrip, View, float] | None = None
        self._image = QImage()

    def paint(self, painter: QPainter, layout: Layout, strip: HeatStrip, ink: Ink) -> None:
        """The whole strip with its header."""
        view, theme = layout.view, ink.theme
        rect = heat_rect(view)
        left = view.metrics.header_width
        painter.fillRect(QRectF(left, rect.y, view.content_width, rect.height), colour(theme.outside))
        begin, end = max(left, view.x_of(0)), min(view.width, view.x_of(layout.document.length))
        if end > begin:
            painter.fillRect(QRectF(begin, rect.y, end - begin, rect.height), colour(theme.row))
        tall = rect.height - 2 * _PAD
        line = ink.crisp(rect.y + _PAD + (1 - BAD_LEVEL) * tall)
        painter.fillRect(QRectF(begin, line, max(0.0, end - begin), ink.hairline), colour(theme.line_strong, 140))
        painter.drawImage(QPointF(ink.crisp(left), ink.crisp(rect.y + _PAD)), self._bars(strip, view, tall, ink.ratio))
        painter.fillRect(QRectF(0, rect.bottom - ink.hairline, view.width, ink.hairline), colour(theme.line_strong))
        self._header(painter, view, strip, ink)

    def _bars(self, strip: HeatStrip, view: View, tall: float, ratio: float) -> QImage:
        if self._made is None or self._made[0] is not strip or self._made[1:] != (view, ratio):
            level = levels(strip.measure, columns(strip, view, ratio=ratio))
            self._image = _as_image(picture(level, height=max(1, round(tall * ratio)), ratio=ratio), ratio)
            self._made = (strip, view, ratio)
        return self._image

    @staticmethod
    def _header(painter: QPainter, view: View, strip: HeatStrip, ink: Ink) -> None:
        theme, rect, width = ink.theme, heat_rect(view), view.metrics.header_width
        painter.fillRect(QRectF(0, rect.y, width, rect.height - ink.hairline), colour(theme.raised))
        painter.fillRect(QRectF(0, rect.y, 4, rect.height - ink.hairline), colour(ink.kind(None)))
        words = WORDS[strip.measure]
        limit = f"≥ {amount(strip.measure, LIMITS[strip.measure].bad)}"
        wide = ink.metrics(ink.small).horizontalAdvance(limit) + 1
        right = width - 8.0 - wide
        text_in(painter, QRectF(right, rect.y, wide, rect.height), limit, font=ink.small, name=theme.text_dim, ink=ink)
        legend = np.linspace(0.02, 1.0, max(2, round(_LEGEND * ink.ratio)))
        tall = rect.height - 2 * (_PAD + 2)
        bars = _as_image(picture(legend, height=max(1, round(tall * ink.ratio)), ratio=ink.ratio), ink.ratio)
        at = right - 5 - _LEGEND
        painter.drawImage(QPointF(ink.crisp(at), ink.crisp(rect.y + _PAD + 2)), bars)
        room = at - 8 - 37
        text_in(painter, QRectF(37, rect.y, room, rect.height), words.title, font=ink.small, name=theme.text, ink=ink)
        x, y = 18.0, rect.y + rect.height / 2 - 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour(theme.text_dim)))
        painter.drawPolygon(QPolygonF([QPointF(x, y - 2), QPointF(x + 8, y - 2), QPointF(x + 4, y + 3)]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(width - ink.hairline, rect.y, ink.hairline, rect.height), colour(theme.line_strong))


def _as_image(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", ratio: float) -> QImage:
    high, wide = pixels.shape[:2]
    image = QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
    image.setDevicePixelRatio(ratio)
    return image
