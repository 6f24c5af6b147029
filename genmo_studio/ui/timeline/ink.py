"""Colours, fonts and small drawing helpers that all timeline painters share."""

from functools import lru_cache
from math import floor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QStaticText,
    QTransform,
)

from genmo_studio.document.model import Track
from genmo_studio.ui.theme import RESULT, Theme, clip_fill, mix, mono_font, ui_font
from genmo_studio.ui.timeline.view import Rect

_HALF = 0.5 + 1e-6
"""Rounding half up goes the same way wherever a thing is scrolled to, which round() does not; and room for noise."""


class Ink:
    """A theme made ready for painting at one device pixel ratio."""

    def __init__(self, theme: Theme, *, ratio: float) -> None:
        self.theme = theme
        self.ratio = ratio
        self.hairline = max(1.0, round(ratio)) / ratio  # a whole number of device pixels, about one logical pixel
        self.label = ui_font(points=8.5)
        self.strong = ui_font(points=9.0, bold=True)
        self.small = ui_font(points=7.5)
        self.badge = ui_font(points=7.0, bold=True)
        self.digits = mono_font(points=8.0)
        self.counter = mono_font(points=12.0, bold=True)
        self._metrics: dict[int, QFontMetricsF] = {}  # by identity: the fonts above live as long as this object
        self._words: dict[tuple[str, int, int], QStaticText | None] = {}

    def kind(self, track: Track | None) -> str:
        """Bright colour of a track (its own colour, else its kind's) or of the result row."""
        if track is None:
            return self.theme.kind(RESULT)
        return track.colour or self.theme.kind(track.kind.value)

    def fill(self, track: Track | None) -> str:
        """Clip body colour of a track."""
        return clip_fill(self.theme, RESULT if track is None else track.kind.value, track.colour if track else None)

    def metrics(self, font: QFont) -> QFontMetricsF:
        """Measures of a font, kept."""
        key = id(font)
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(font)
        return self._metrics[key]

    def words(self, text: str, font: QFont, width: float) -> QStaticText | None:
        """Text cut with an ellipsis to a width, laid out once and kept; None when not one letter would be readable.

        Drawing it costs a third of laying it out anew, and most labels stay the same from repaint to repaint.
        """
        key = (text, id(font), int(width))
        if key not in self._words:
            if len(self._words) > 4096:
                self._words.clear()
            cut = self.metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            made = None
            if cut not in {"", "…"}:
                made = QStaticText(cut)
                made.setTextFormat(Qt.TextFormat.PlainText)
                made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
                made.prepare(QTransform(), font)
            self._words[key] = made
        return self._words[key]

    def crisp(self, value: float) -> float:
        """The coordinate moved to the nearest device pixel, so that lines are sharp at fractional scales."""
        return floor(value * self.ratio + _HALF) / self.ratio

    def crisp_box(self, rect: Rect) -> QRectF:
        """The rectangle with every edge on a device pixel, a hairline narrower so that neighbours stay apart."""
        ratio, line = self.ratio, self.hairline  # called for every clip of a repaint, so nothing is looked up twice
        left, top = floor(rect.x * ratio + _HALF) / ratio, floor(rect.y * ratio + _HALF) / ratio
        width = floor((rect.x + rect.width) * ratio + _HALF) / ratio - line - left
        bottom = floor((rect.y + rect.height) * ratio + _HALF) / ratio
        return QRectF(left, top, width if width > line else line, bottom - top)


@lru_cache(maxsize=512)
def colour(name: str, alpha: int = 255) -> QColor:
    """QColor of ``#rrggbb`` with an alpha of 0..255."""
    made = QColor(name)
    made.setAlpha(alpha)
    return made


@lru_cache(maxsize=64)
def _hatch_image(name: str, alpha: int, ratio: float, step: int, rising: bool) -> QImage:
    side = round(step * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(name, alpha), 1.4 * ratio))
        for offset in (-side, 0, side):
            low, high = (side, 0) if rising else (0, side)
            painter.drawLine(QPointF(offset, low), QPointF(offset + side, high))
    image.setDevicePixelRatio(ratio)
    return image


def hatch(
    painter: QPainter, rect: QRectF, name: str, *, alpha: int, ratio: float, step: int = 8, rising: bool = True
) -> None:
    """Diagonal lines over a rectangle, rising or falling to the right, anchored so that neighbours join."""
    pixmap = QPixmap.fromImage(_hatch_image(name, alpha, ratio, step, rising))
    painter.drawTiledPixmap(rect, pixmap, QPointF(rect.x() % step, rect.y() % step))


def qrect(rect: Rect) -> QRectF:
    """The same rectangle as Qt's type."""
    return QRectF(rect.x, rect.y, rect.width, rect.height)


def rounded(
    painter: QPainter,
    rect: QRectF,
    *,
    fill: QColor | None,
    outline: QColor | None = None,
    radius: float = 3.0,
    line: float = 1.0,
) -> None:
    """A filled and outlined rounded rectangle; the outline (``line`` wide) lies inside the rectangle."""
    painter.setBrush(QBrush(fill) if fill else Qt.BrushStyle.NoBrush)
    if outline is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
    else:
        painter.setPen(QPen(outline, line))
        half = line / 2
        painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)


def text_in(painter: QPainter, rect: QRectF, text: str, *, font: QFont, name: str, ink: Ink) -> None:
    """One line of text, centred vertically and cut to the rectangle."""
    shown = ink.words(text, font, rect.width())
    if shown is None:
        return
    painter.setFont(font)
    painter.setPen(colour(name))
    top = rect.y() + (rect.height() - ink.metrics(font).height()) / 2
    painter.drawStaticText(QPointF(rect.x(), top), shown)


def badge(
    painter: QPainter, right: float, middle: float, text: str, *, tint: str, ink: Ink, solid: bool = False
) -> float:
    """A small pill whose right end is at ``right``; returns the x of its left end."""
    width = ink.metrics(ink.badge).horizontalAdvance(text) + 12.0
    height = 15.0
    rect = QRectF(ink.crisp(right - width), ink.crisp(middle - height / 2), width, height)
    back = tint if solid else mix(tint, ink.theme.outside, 0.25)
    rounded(painter, rect, fill=colour(back), outline=colour(tint), radius=height / 2)
    painter.setFont(ink.badge)
    painter.setPen(colour(ink.theme.outside if solid else mix(tint, ink.theme.text, 0.6)))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)
    return rect.x()


def diamond(centre: QPointF, radius: float) -> QPolygonF:
    """A square on its corner."""
    x, y = centre.x(), centre.y()
    return QPolygonF([QPointF(x, y - radius), QPointF(x + radius, y), QPointF(x, y + radius), QPointF(x - radius, y)])
