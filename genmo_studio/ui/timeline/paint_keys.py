"""Paints keys: what kind each is, how long it holds, and what fills the time between it and the next.

A kind is told by its shape and never by colour alone: a full pose is a whole diamond, a limb key is one half filled, a
waypoint a disc (with a pointer when it says where the body faces, with a tail when it says how fast it is passed), a
breakdown (a weight below 1) a small light diamond in a ring, a muted key is crossed out.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen, QPolygonF

from genmo_studio.document.holds import held_parts
from genmo_studio.document.model import PoseKey, Track, TrackKind, Waypoint
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.ui.theme import mix
from genmo_studio.ui.timeline.fills import Fill
from genmo_studio.ui.timeline.hold_places import hold_handle, hold_rect
from genmo_studio.ui.timeline.ink import colour, diamond
from genmo_studio.ui.timeline.layout import PlacedKey, Row
from genmo_studio.ui.timeline.paint_base import Paint

_KEY_ROOM = 11.0  # pixels a key needs to be drawn as a diamond
_MARGIN = 20.0
"""Pixels that a line to a key out of sight goes on beyond the edge."""
_LINE = 3.0
"""Width of the line between two keys."""


def paint_keys(on: Paint, row: Row) -> None:
    """Everything about the keys of a row."""
    if row.track is None or not (row.keys or row.around != (None, None)):
        return
    if row.sub is not None:
        _part_keys(on, row, row.track, row.sub.parts)
        return
    if not row.keys:
        _fills(on, row, on.ink.kind(row.track))
        return
    first, last = row.keys[0].rect, row.keys[-1].rect
    bright = on.ink.kind(row.track)
    if len(row.keys) * _KEY_ROOM > last.x - first.x + 4 * _KEY_ROOM:
        middle = row.rect.y + row.rect.height / 2
        bar = QRectF(first.x + first.width / 2, middle - _LINE / 2, last.x - first.x, _LINE)
        on.painter.fillRect(bar, colour(bright, 110))
        _holds(on, row, bright)
        _key_ticks(on, row.keys, bright)
        return
    _fills(on, row, bright)
    _holds(on, row, bright)
    for placed in row.keys:
        _key(on, placed, row.track)


def _part_keys(on: Paint, row: Row, track: Track, parts: frozenset[str]) -> None:
    """Keys in the row of a region or joint: whole when a key holds all of it, half when only some of it."""
    painter, theme, look = on.painter, on.ink.theme, on.look
    bright = on.ink.kind(track)
    meant = look.parts is None or bool(parts & look.parts)
    middle = row.rect.y + row.rect.height / 2
    named = parts - {"left_hand", "right_hand"}
    for placed in row.keys:
        item = placed.item
        if not isinstance(item, PoseKey):
            continue
        chosen = meant and item.id in look.selection
        shown = mix(bright, theme.row, 0.4) if item.muted else bright
        radius = placed.rect.width / 2
        centre = QPointF(placed.rect.x + radius, middle)
        painter.setPen(QPen(colour(theme.selection if chosen else theme.outside), 2.0 if chosen else 1.2))
        whole = named <= held_parts(item)
        painter.setBrush(QBrush(colour(shown if whole else theme.row)))
        painter.drawPolygon(diamond(centre, radius))
        if not whole:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(colour(shown)))
            x, y, inner = centre.x(), centre.y(), radius - 1
            painter.drawPolygon(QPolygonF([QPointF(x, y - inner), QPointF(x - inner, y), QPointF(x, y + inner)]))


def _fills(on: Paint, row: Row, bright: str) -> None:
    """The lines between keys, also to those out of sight: whole where motion was made for them, broken where not."""
    view = on.view
    middle = on.ink.crisp(row.rect.y + row.rect.height / 2)
    before, after = row.around
    stops = [(key.item.frame, max(key.item.frame, key.until - 1)) for key in row.keys]
    ends = [*([] if before is None else [(before, before)]), *stops, *([] if after is None else [(after, after)])]
    for (frame, start), (following, _) in pairwise(ends):
        if start >= following:
            continue
        left = max(view.x_of(start), view.metrics.header_width - _MARGIN)
        right = min(view.x_of(following), view.width + _MARGIN)
        if right - left >= 2:
            _fill(on, on.look.fills.between(max(frame, start), following), (left, right, middle), bright)


def _fill(on: Paint, fill: Fill, place: tuple[float, float, float], bright: str) -> None:
    painter, theme = on.painter, on.ink.theme
    left, right, middle = place
    if fill is Fill.GENERATED:
        painter.fillRect(QRectF(left, middle - _LINE / 2, right - left, _LINE), colour(bright, 140))
        return
    tint, style, alpha = {
        Fill.STALE: (theme.warning, Qt.PenStyle.DashLine, 210),
        Fill.FAILED: (theme.error, Qt.PenStyle.DashDotLine, 255),
        Fill.HELD: (theme.text_dim, Qt.PenStyle.DotLine, 190),
        Fill.NOTHING: (bright, Qt.PenStyle.DotLine, 120),
    }[fill]
    painter.setPen(QPen(colour(tint, alpha), 2.0, style))
    painter.drawLine(QPointF(left, middle), QPointF(right, middle))
    at = (left + right) / 2
    if fill is Fill.FAILED and right - left > 30:  # a cross in the middle of the line
        painter.setPen(QPen(colour(tint), 2.0))
        for sign in (-1.0, 1.0):
            painter.drawLine(QPointF(at - 4, middle - 4 * sign), QPointF(at + 4, middle + 4 * sign))


def _holds(on: Paint, row: Row, bright: str) -> None:
    """Bars of the holds with an end to take, and the place beside a selected key where a hold begins."""
    painter, theme, chosen = on.painter, on.ink.theme, on.look.selection
    for placed in row.keys:
        item = placed.item
        if not isinstance(item, PoseKey) or not (item.hold or item.id in chosen):
            continue
        bar, handle = hold_rect(placed, on.view), hold_handle(placed, on.view)
        if bar is not None:
            body = mix(bright, theme.row, 0.2 if item.muted else 0.5)
            box = on.ink.crisp_box(bar)
            painter.setPen(QPen(colour(mix(bright, theme.row, 0.8)), on.ink.hairline))
            painter.setBrush(QBrush(colour(body)))
            painter.drawRect(box)
            end = QRectF(on.ink.crisp(bar.right) - 1.5, bar.y - 3, 3.0, bar.height + 6)
            painter.fillRect(end, colour(theme.selection if item.id in chosen else bright))
        elif handle is not None and item.id in chosen:
            middle = handle.y + handle.height / 2
            painter.setPen(QPen(colour(theme.selection, 190), 1.4))
            for step in (1.0, 4.0):  # two strokes, as of a grip
                x = on.ink.crisp(handle.x + step)
                painter.drawLine(QPointF(x, middle - 4), QPointF(x, middle + 4))


def _key_ticks(on: Paint, keys: Sequence[PlacedKey], bright: str) -> None:
    """Keys that are too close for diamonds, as upright ticks; selected ones are drawn last and taller."""
    painter, ink = on.painter, on.ink
    ticks: dict[bool, list[QRectF]] = {False: [], True: []}
    for placed in keys:
        chosen, rect = placed.item.id in on.look.selection, placed.rect
        x = ink.crisp(rect.x + rect.width / 2)
        grow = 2.0 if chosen else -1.0
        ticks[chosen].append(QRectF(x - 1.0, rect.y - grow, 2.0, rect.height + 2 * grow))
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    for chosen, name in ((False, bright), (True, ink.theme.selection)):
        painter.setBrush(colour(name))
        painter.drawRects(ticks[chosen])
    painter.setRenderHint(painter.RenderHint.Antialiasing)


class _Mark(msgspec.Struct, frozen=True):
    """Where a key is drawn and in which colours."""

    centre: QPointF
    radius: float
    shown: str
    rim: QPen
    chosen: bool


def _key(on: Paint, placed: PlacedKey, track: Track) -> None:
    painter, theme, item = on.painter, on.ink.theme, placed.item
    chosen, bright = item.id in on.look.selection, on.ink.kind(track)
    centre = QPointF(placed.rect.x + placed.rect.width / 2, placed.rect.y + placed.rect.height / 2)
    shown = mix(bright, theme.row, 0.4) if item.muted else bright
    rim = QPen(colour(theme.selection if chosen else theme.outside), 2.0 if chosen else 1.4)
    mark = _Mark(centre, placed.rect.width / 2, shown, rim, chosen)
    if isinstance(item, Waypoint):
        _waypoint(on, item, mark)
    elif is_breakdown(item):
        _breakdown(on, mark, half=is_partial(item, track))
    elif is_partial(item, track):
        _partial(on, mark)
    else:
        painter.setPen(rim)
        painter.setBrush(QBrush(colour(shown)))
        painter.drawPolygon(diamond(centre, mark.radius))
    if item.muted:
        x, y = centre.x(), centre.y()
        painter.setPen(QPen(colour(theme.text), 1.4))
        painter.drawLine(QPointF(x - 5, y + 5), QPointF(x + 5, y - 5))


def _waypoint(on: Paint, item: Waypoint, mark: _Mark) -> None:
    painter, theme, light = on.painter, on.ink.theme, item.weight < 1
    x, y, radius = mark.centre.x(), mark.centre.y(), mark.radius - 1
    if item.velocity is not None:  # a tail on both sides: it is passed at a speed
        painter.setPen(QPen(colour(mark.shown), 2.0))
        for side in (-1.0, 1.0):
            painter.drawLine(QPointF(x + side * radius, y), QPointF(x + side * (radius + 5), y))
    painter.setPen(mark.rim)
    painter.setBrush(QBrush(colour(theme.row if light else mark.shown)))
    painter.drawEllipse(mark.centre, radius, radius)
    if light:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(mark.shown), 1.6))
        painter.drawEllipse(mark.centre, radius - 1, radius - 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(mark.shown if light else theme.outside)))
    if item.heading is None:
        painter.drawEllipse(mark.centre, 2, 2)
    else:
        painter.drawPolygon(QPolygonF([QPointF(x, y - 4), QPointF(x + 3, y + 3), QPointF(x - 3, y + 3)]))


def _breakdown(on: Paint, mark: _Mark, *, half: bool) -> None:
    """A suggestion: a light diamond with a small one in it, half of one for limbs."""
    painter, x, y = on.painter, mark.centre.x(), mark.centre.y()
    _light(on, mark, colour(mark.shown))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(mark.shown)))
    left = QPolygonF([QPointF(x, y - 3), QPointF(x - 3, y), QPointF(x, y + 3)])
    painter.drawPolygon(left if half else diamond(mark.centre, 3.0))


def _partial(on: Paint, mark: _Mark) -> None:
    """Half of a diamond: only some of the body."""
    painter, x, y, inner = on.painter, mark.centre.x(), mark.centre.y(), mark.radius - 1
    _light(on, mark, colour(on.ink.theme.selection if mark.chosen else mark.shown))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(mark.shown)))
    painter.drawPolygon(QPolygonF([QPointF(x, y - inner), QPointF(x - inner, y), QPointF(x, y + inner)]))


def _light(on: Paint, mark: _Mark, line: QColor) -> None:
    """An empty diamond."""
    on.painter.setPen(mark.rim)
    on.painter.setBrush(QBrush(colour(on.ink.theme.row)))
    on.painter.drawPolygon(diamond(mark.centre, mark.radius))
    on.painter.setPen(QPen(line, 1.6))
    on.painter.setBrush(Qt.BrushStyle.NoBrush)
    on.painter.drawPolygon(diamond(mark.centre, mark.radius - 1))


def is_partial(key: PoseKey, track: Track) -> bool:
    """True for a key that holds only some limbs."""
    few = len(key.rotations) < BODY_JOINT_COUNT
    return track.kind is TrackKind.PARTIAL_KEYS or few or bool(key.positions)


def is_breakdown(key: PoseKey) -> bool:
    """True for a key that only suggests: its weight is below 1."""
    return key.weight < 1
