"""Paints contacts, tweaks and locks: what they say is drawn, written and hatched, so that colour is never alone."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPen, QPolygonF

from genmo_studio.document.model import ContactClip, Foot, LockClip, Track, Tweak
from genmo_studio.ui.body_words import region_words
from genmo_studio.ui.theme import mix
from genmo_studio.ui.timeline.envelope import handles, outline
from genmo_studio.ui.timeline.glyphs import draw_foot, draw_lock
from genmo_studio.ui.timeline.ink import badge, colour, hatch, qrect, rounded, text_in
from genmo_studio.ui.timeline.layout import PlacedClip
from genmo_studio.ui.timeline.paint_base import Paint
from genmo_studio.ui.timeline.tips import tweak_words

SPANS = (ContactClip, Tweak, LockClip)
_PLATE = 16.0  # width of the letter that names the foot
_GLYPH = 13.0
_WORDS = 58.0  # below this width there are no words beside the sign


def paint_span(on: Paint, placed: PlacedClip, track: Track) -> None:
    """A contact, a tweak or a lock that is wide enough to be more than a bar."""
    painter, theme, item = on.painter, on.ink.theme, placed.item
    box = on.ink.crisp_box(placed.rect)
    bright = on.ink.kind(track)
    match item:
        case ContactClip():
            _contact(on, item, box, bright)
        case Tweak():
            _tweak(on, placed, item, bright)
        case LockClip():
            _lock(on, item, box, bright)
    if item.muted:
        painter.fillRect(box, colour(theme.row, 150))
    if item.id in on.look.selection:
        rounded(painter, box, fill=None, outline=colour(theme.selection), line=2.0)
    if isinstance(item, Tweak):
        _handles(on, placed, bright)


def _contact(on: Paint, item: ContactClip, box: QRectF, bright: str) -> None:
    """A foot that rests has ground under it and lines through it, left and right ones; a free one has none."""
    painter, ink, theme = on.painter, on.ink, on.ink.theme
    left = item.foot is Foot.LEFT
    if item.planted:
        rounded(painter, box, fill=colour(mix(bright, theme.row, 0.5)))
        hatch(painter, box, theme.text, alpha=34, ratio=ink.ratio, step=10, rising=left)
        painter.fillRect(QRectF(box.x(), box.bottom() - 3, box.width(), 3), colour(bright))
    else:
        rounded(painter, box, fill=colour(mix(bright, theme.row, 0.12)))
        hatch(painter, box, theme.text, alpha=30, ratio=ink.ratio, step=20, rising=left)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(bright), 1.2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)
    x = _plate(on, box, "L" if left else "R", bright)
    sign = QRectF(x, box.center().y() - _GLYPH / 2, _GLYPH, _GLYPH)
    if sign.right() + 2 > box.right():
        return
    draw_foot(painter, sign, colour(theme.text), lifted=not item.planted)
    if box.right() - sign.right() > _WORDS:
        words = _weighed("planted" if item.planted else "free", item.weight)
        _text(on, QRectF(sign.right() + 5, box.y(), box.right() - sign.right() - 9, box.height()), words)


def _plate(on: Paint, box: QRectF, letter: str, bright: str) -> float:
    """A letter on a plate at the left, which stays in sight; returns where it ends."""
    painter, ink, theme = on.painter, on.ink, on.ink.theme
    left = max(box.x(), on.view.metrics.header_width)
    plate = QRectF(left + 2, box.y() + 2, _PLATE, max(4.0, box.height() - 6))
    if plate.right() > box.right() - 1:
        return plate.right() + 3
    rounded(painter, plate, fill=colour(theme.outside), outline=colour(bright), radius=2)
    painter.setFont(ink.badge)
    painter.setPen(colour(theme.text))
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), letter)
    return plate.right() + 4


def _tweak(on: Paint, placed: PlacedClip, item: Tweak, bright: str) -> None:
    painter, ink, theme = on.painter, on.ink, on.ink.theme
    box = ink.crisp_box(placed.rect)
    rounded(painter, box, fill=colour(mix(bright, theme.row, 0.12)), outline=colour(mix(bright, theme.row, 0.5)))
    shape = [QPointF(x, y) for x, y in outline(placed, on.view)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(mix(bright, theme.row, 0.4))))
    painter.drawPolygon(QPolygonF(shape))
    painter.setPen(QPen(colour(bright), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(shape))
    left = max(box.x() + 8, on.view.metrics.header_width + 6)
    right = min(box.right(), on.view.width) - 8
    if item.id in on.look.unchecked and right - left > ink.metrics(ink.badge).horizontalAdvance("UNCHECKED") + 20:
        right = badge(painter, right, box.bottom() - 11, "UNCHECKED", tint=theme.warning, ink=ink, solid=True) - 5
    if right - left > _WORDS - 20:
        _text(on, QRectF(left, box.bottom() - 18, right - left, 15), _weighed(tweak_words(item), item.weight))


def _handles(on: Paint, placed: PlacedClip, bright: str) -> None:
    found = handles(placed, on.view)
    if found is None:
        return
    painter, theme = on.painter, on.ink.theme
    painter.setPen(QPen(colour(theme.outside), 1.0))
    shown = mix(bright, theme.row, 0.4) if placed.item.muted else bright
    painter.setBrush(QBrush(colour(theme.selection if placed.item.id in on.look.selection else shown)))
    for rect in found:
        painter.drawEllipse(qrect(rect).adjusted(1, 1, -1, -1))


def _lock(on: Paint, item: LockClip, box: QRectF, bright: str) -> None:
    painter, ink, theme = on.painter, on.ink, on.ink.theme
    rounded(painter, box, fill=colour(mix(bright, theme.row, 0.28)))
    hatch(painter, box, theme.text, alpha=46, ratio=ink.ratio, step=7)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(bright), 1.2))
    painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)
    left = max(box.x(), on.view.metrics.header_width) + 3
    sign = QRectF(left, box.center().y() - 8, 16, 16)
    if sign.right() > box.right() - 1:
        return
    words = _weighed(region_words(item.regions), item.weight)
    wide = min(ink.metrics(ink.label).horizontalAdvance(words) + 8, box.right() - sign.right() - 6)
    if wide < 14:
        wide = 0.0
    plate = QRectF(sign.x(), box.center().y() - 9, sign.width() + wide, 18)
    rounded(painter, plate, fill=colour(theme.row, 225), radius=3)
    draw_lock(painter, sign.adjusted(1.5, 1.5, -1.5, -1.5), colour(theme.text), closed=True)
    if wide:
        _text(on, QRectF(sign.right() + 3, box.y(), wide - 5, box.height()), words)


def _text(on: Paint, box: QRectF, words: str) -> None:
    text_in(on.painter, box, words, font=on.ink.label, name=on.ink.theme.text, ink=on.ink)


def _weighed(words: str, weight: float) -> str:
    return words if weight == 1.0 else f"{words}  ×{weight:g}"
