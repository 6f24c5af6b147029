"""Paints the result row: the takes that are shown, how they follow each other, and where a pose is held."""

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPen, QPolygonF

from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.ui.theme import RESULT, mix
from genmo_studio.ui.timeline.ink import badge, colour, hatch, rounded, text_in
from genmo_studio.ui.timeline.layout import PlacedPiece, Row
from genmo_studio.ui.timeline.paint_base import Paint


def paint_pieces(on: Paint, row: Row) -> None:
    """All pieces that are on screen, from left to right."""
    for placed in row.pieces:
        _piece(on, placed)
    for before, after in pairwise(row.pieces):
        if before.piece.span.stop < after.piece.span.start:
            _held(on, QRectF(before.rect.right, row.rect.y, after.rect.x - before.rect.right, row.rect.height))
    for placed in row.pieces:
        if not placed.first:
            _seam(on, placed)
    if on.look.anew is not None:
        _anew(on, row, on.look.anew)
    for span in on.look.fills.failed:
        _failed(on, span, row)


def _anew(on: Paint, row: Row, span: Span) -> None:
    """What the next regeneration is about: a frame in the accent's colour with a tint that hides nothing."""
    painter, view, ink = on.painter, on.view, on.ink
    left, right = view.x_of(span.start), view.x_of(span.stop)
    if right < view.metrics.header_width or left > view.width:
        return
    box = QRectF(ink.crisp(left), row.rect.y + 1, max(right - left, 2.0), row.rect.height - 2)
    painter.setBrush(QBrush(colour(ink.theme.accent, 36)))
    painter.setPen(QPen(colour(ink.theme.accent), 2.0))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 2, 2)


def _failed(on: Paint, span: Span, row: Row) -> None:
    """The last attempt to make this failed: a broken line under it, with a word where there is room."""
    painter, view, ink = on.painter, on.view, on.ink
    left, right = max(view.x_of(span.start), view.metrics.header_width), min(view.x_of(span.stop), view.width)
    if right - left < 2:
        return
    low = row.rect.bottom - 3.0
    painter.setPen(QPen(colour(ink.theme.error), 2.0, Qt.PenStyle.DashDotLine))
    painter.drawLine(QPointF(left, low), QPointF(right, low))
    if right - left > ink.metrics(ink.badge).horizontalAdvance("FAILED") + 30:
        badge(painter, right - 4, row.rect.y + 9.0, "FAILED", tint=ink.theme.error, ink=ink, solid=True)


def _piece(on: Paint, placed: PlacedPiece) -> None:
    painter, view, look, ink = on.painter, on.view, on.look, on.ink
    theme, tint, take = ink.theme, ink.theme.kind(RESULT), placed.take
    box = ink.crisp_box(placed.rect)
    chosen = placed.piece.take in look.selection
    draft = take is not None and take.mode is TakeMode.DRAFT
    stale = take is not None and take.id in look.stale
    fill = mix(tint, theme.row, 0.22 if draft else 0.40)
    rounded(painter, box, fill=colour(fill, 225))
    if stale:
        hatch(painter, box, theme.warning, alpha=60, ratio=ink.ratio, step=16)
    left = max(box.x(), view.metrics.header_width) + 9.0
    if not placed.first:
        left = max(left, box.x() + placed.piece.blend * view.scale + 9.0)
    right = min(box.right(), view.width) - 8.0
    middle = box.center().y()
    if take is None:
        area = QRectF(left, box.y(), right - left, box.height())
        text_in(painter, area, "Take is missing", font=ink.label, name=theme.error, ink=ink)
    else:
        marks = [("DRAFT" if draft else "FULL", theme.warning if draft else theme.success)]
        if stale:
            marks.append(("STALE", theme.warning))
        for word, mark_tint in reversed(marks):
            if right - left > ink.metrics(ink.badge).horizontalAdvance(word) + 66:
                right = badge(painter, right, middle, word, tint=mark_tint, ink=ink, solid=word == "STALE") - 5
        upper = QRectF(left, middle - 15, right - left, 15)
        lower = QRectF(left, middle, right - left, 14)
        text_in(painter, upper, take.name or "Take", font=ink.strong, name=theme.text, ink=ink)
        detail = f"{take.model}  ·  seed {take.seed}"
        text_in(painter, lower, detail, font=ink.small, name=mix(theme.text, fill, 0.78), ink=ink)
    edge = theme.selection if chosen else mix(tint, theme.row, 0.75)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if draft else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour(edge), 2.0 if chosen else 1.0, style))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def _seam(on: Paint, placed: PlacedPiece) -> None:
    """Where a piece follows another: its cross-fade as a ramp, a hard cut as a notched line."""
    painter, ink = on.painter, on.ink
    box = ink.crisp_box(placed.rect)
    width = min(placed.piece.blend * on.view.scale, box.width())
    line = colour(ink.theme.text, 230)
    painter.setPen(Qt.PenStyle.NoPen)
    if width >= 2:
        painter.setBrush(QBrush(colour(ink.theme.row, 120)))
        painter.drawPolygon(QPolygonF([box.topLeft(), QPointF(box.x() + width, box.y()), box.bottomLeft()]))
        painter.setPen(QPen(line, 1.2))
        painter.drawLine(box.bottomLeft(), QPointF(box.x() + width, box.y()))
        return
    x = box.x()
    painter.fillRect(QRectF(x - ink.hairline / 2, box.y() - 3, ink.hairline, box.height() + 6), line)
    painter.setBrush(QBrush(line))
    for y, side in ((box.y() - 4, 1.0), (box.bottom() + 4, -1.0)):
        painter.drawPolygon(QPolygonF([QPointF(x - 4, y), QPointF(x + 4, y), QPointF(x, y + 5 * side)]))


def _held(on: Paint, gap: QRectF) -> None:
    """No take here: the pose before is held."""
    painter, ink = on.painter, on.ink
    middle = ink.crisp(gap.center().y())
    painter.setPen(QPen(colour(ink.theme.text_dim), 1.4, Qt.PenStyle.DotLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    words = "pose held"
    room = ink.metrics(ink.small).horizontalAdvance(words) + 12
    if gap.width() < room + 24:
        painter.drawLine(QPointF(gap.x() + 2, middle), QPointF(gap.right() - 2, middle))
        return
    at = gap.center().x() - room / 2
    painter.drawLine(QPointF(gap.x() + 2, middle), QPointF(at, middle))
    painter.drawLine(QPointF(at + room, middle), QPointF(gap.right() - 2, middle))
    area = QRectF(at + 6, gap.y(), room, gap.height())
    text_in(painter, area, words, font=ink.small, name=ink.theme.text_dim, ink=ink)
