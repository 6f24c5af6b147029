"""Small pictures drawn with paths: an icon for each kind of track and the marks of the header buttons."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from genmo_studio.document.model import TrackKind
from genmo_studio.ui.timeline.ink import diamond


def draw_kind(painter: QPainter, kind: TrackKind | None, rect: QRectF, tint: QColor) -> None:
    """Icon of a track kind (None = the result) in a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16.0, rect.height() / 16.0)
    painter.setPen(QPen(tint, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAWERS[kind](painter, tint)
    painter.restore()


def _video(painter: QPainter, tint: QColor) -> None:
    painter.drawRoundedRect(QRectF(1.5, 3, 13, 10), 1.5, 1.5)
    painter.setBrush(QBrush(tint))
    painter.drawPolygon(QPolygonF([QPointF(6.5, 5.8), QPointF(10.3, 8), QPointF(6.5, 10.2)]))


def _text(painter: QPainter, _tint: QColor) -> None:
    painter.drawLine(QPointF(3, 3.5), QPointF(13, 3.5))
    painter.drawLine(QPointF(8, 3.5), QPointF(8, 13))
    painter.drawLine(QPointF(6, 13), QPointF(10, 13))


def _music(painter: QPainter, _tint: QColor) -> None:
    for x, half in ((2.0, 1.5), (5.0, 4.5), (8.0, 6.0), (11.0, 3.0), (14.0, 1.5)):
        painter.drawLine(QPointF(x, 8 - half), QPointF(x, 8 + half))


def _full_keys(painter: QPainter, tint: QColor) -> None:
    painter.setBrush(QBrush(tint))
    painter.drawPolygon(diamond(QPointF(8, 8), 5.5))


def _partial_keys(painter: QPainter, tint: QColor) -> None:
    painter.drawPolygon(diamond(QPointF(8, 8), 5.5))
    painter.setBrush(QBrush(tint))
    painter.drawPolygon(QPolygonF([QPointF(8, 2.5), QPointF(2.5, 8), QPointF(8, 13.5)]))


def _path(painter: QPainter, tint: QColor) -> None:
    curve = QPainterPath(QPointF(3.5, 12.5))
    curve.cubicTo(QPointF(3.5, 6), QPointF(12.5, 10), QPointF(12.5, 3.5))
    painter.drawPath(curve)
    painter.setBrush(QBrush(tint))
    painter.drawEllipse(QPointF(3.5, 12.5), 1.8, 1.8)
    painter.drawEllipse(QPointF(12.5, 3.5), 1.8, 1.8)


def _contacts(painter: QPainter, tint: QColor) -> None:
    painter.drawLine(QPointF(2, 13.5), QPointF(14, 13.5))
    painter.setBrush(QBrush(tint))
    painter.drawPolygon(QPolygonF([QPointF(4, 3), QPointF(7, 3), QPointF(7.5, 8), QPointF(13, 10), QPointF(13, 11.5),
                                   QPointF(4, 11.5)]))  # fmt: skip


def _tweaks(painter: QPainter, _tint: QColor) -> None:
    curve = QPainterPath(QPointF(1.5, 12.5))
    curve.cubicTo(QPointF(6, 12.5), QPointF(5, 3.5), QPointF(8, 3.5))
    curve.cubicTo(QPointF(11, 3.5), QPointF(10, 12.5), QPointF(14.5, 12.5))
    painter.drawPath(curve)


def _locks(painter: QPainter, tint: QColor) -> None:
    draw_lock(painter, QRectF(0, 0, 16, 16), tint, closed=True)


def _result(painter: QPainter, tint: QColor) -> None:
    painter.setBrush(QBrush(tint))
    painter.drawEllipse(QPointF(9.2, 2.6), 1.5, 1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for points in (
        ((8.6, 5.0), (7.2, 9.2), (10.0, 11.0), (9.4, 14.6)),
        ((7.2, 9.2), (5.6, 12.0), (2.6, 12.6)),
        ((8.5, 5.6), (11.0, 7.6), (13.6, 6.8)),
        ((8.3, 5.6), (5.0, 6.4), (3.8, 8.8)),
    ):
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


_DRAWERS: dict[TrackKind | None, Callable[[QPainter, QColor], None]] = {
    TrackKind.VIDEO: _video,
    TrackKind.TEXT: _text,
    TrackKind.MUSIC: _music,
    TrackKind.FULL_KEYS: _full_keys,
    TrackKind.PARTIAL_KEYS: _partial_keys,
    TrackKind.PATH: _path,
    TrackKind.CONTACTS: _contacts,
    TrackKind.TWEAKS: _tweaks,
    TrackKind.LOCKS: _locks,
    None: _result,
}


def draw_lock(painter: QPainter, rect: QRectF, tint: QColor, *, closed: bool) -> None:
    """A padlock in a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16.0, rect.height() / 16.0)
    painter.setPen(QPen(tint, 1.5))
    shackle = QPainterPath(QPointF(5.2, 7.5))
    shackle.lineTo(5.2, 5.5)
    shackle.cubicTo(QPointF(5.2, 2.2), QPointF(10.8, 2.2), QPointF(10.8, 5.5))
    if closed:
        shackle.lineTo(10.8, 7.5)
    painter.drawPath(shackle)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(tint))
    painter.drawRoundedRect(QRectF(3.8, 7.2, 8.4, 6.2), 1.2, 1.2)
    painter.restore()


def draw_foot(painter: QPainter, rect: QRectF, tint: QColor, *, lifted: bool) -> None:
    """A foot in a square: on the ground, or above it, where the ground is only hinted at."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16.0, rect.height() / 16.0)
    painter.setPen(QPen(tint, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for x0, x1 in ((1, 4), (7, 9), (12, 15)) if lifted else ((1, 15),):
        painter.drawLine(QPointF(x0, 14.6), QPointF(x1, 14.6))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(tint))
    up = 3.6 if lifted else 0.0
    sole = [(3, 3.0), (6.6, 3.0), (7.2, 7.6), (13.2, 9.6), (13.6, 12.2), (3, 12.2)]
    painter.drawPolygon(QPolygonF([QPointF(x, y - up) for x, y in sole]))
    painter.restore()


def draw_magnet(painter: QPainter, rect: QRectF, tint: QColor) -> None:
    """A horseshoe magnet in a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16.0, rect.height() / 16.0)
    painter.setPen(QPen(tint, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    bow = QPainterPath(QPointF(4.0, 5.5))
    bow.lineTo(4.0, 8.5)
    bow.cubicTo(QPointF(4.0, 14.8), QPointF(12.0, 14.8), QPointF(12.0, 8.5))
    bow.lineTo(12.0, 5.5)
    painter.drawPath(bow)
    for x in (4.0, 12.0):  # the two poles
        painter.drawLine(QPointF(x, 1.2), QPointF(x, 4.2))
    painter.restore()
