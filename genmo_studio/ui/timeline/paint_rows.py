"""Paints the frame of the timeline: ruler, track headers and row backgrounds."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF

from genmo_studio.document.model import Document, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.ui.theme import mix
from genmo_studio.ui.timeline.fills import NO_FILLS, Fills
from genmo_studio.ui.timeline.glyphs import draw_kind, draw_lock, draw_magnet
from genmo_studio.ui.timeline.headers import HeaderButton, disclosure, header_buttons, snap_button
from genmo_studio.ui.timeline.heat import HeatStrip
from genmo_studio.ui.timeline.ink import Ink, colour, hatch, qrect, rounded, text_in
from genmo_studio.ui.timeline.layout import Layout, Row
from genmo_studio.ui.timeline.ticks import major_ticks, ruler_ticks
from genmo_studio.ui.timeline.timecode import TimeFormat, format_time
from genmo_studio.ui.timeline.view import Rect

KIND_TITLE = {
    TrackKind.VIDEO: "Video",
    TrackKind.TEXT: "Text",
    TrackKind.MUSIC: "Music",
    TrackKind.FULL_KEYS: "Full-body keys",
    TrackKind.PARTIAL_KEYS: "Limb keys",
    TrackKind.PATH: "Root path",
    TrackKind.CONTACTS: "Foot contacts",
    TrackKind.TWEAKS: "Tweaks",
    TrackKind.LOCKS: "Locks",
}
_NOUN = {
    TrackKind.VIDEO: ("clip", "clips"),
    TrackKind.TEXT: ("segment", "segments"),
    TrackKind.MUSIC: ("clip", "clips"),
    TrackKind.FULL_KEYS: ("key", "keys"),
    TrackKind.PARTIAL_KEYS: ("key", "keys"),
    TrackKind.PATH: ("waypoint", "waypoints"),
    TrackKind.CONTACTS: ("contact", "contacts"),
    TrackKind.TWEAKS: ("tweak", "tweaks"),
    TrackKind.LOCKS: ("lock", "locks"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the painter needs to know besides document and view."""

    selection: frozenset[str] = frozenset()
    time_format: TimeFormat = TimeFormat.TIMECODE
    snapping: bool = True
    stale: frozenset[str] = frozenset()  # takes whose conditions have changed since
    silent: frozenset[str] = frozenset()  # tracks that are not heard (muted, or another is solo)
    gaps: tuple[Span, ...] = field(default=())  # frames that nothing conditions
    heat: HeatStrip | None = None
    anew: Span | None = None  # frames of the result that the next regeneration is about
    unchecked: frozenset[str] = frozenset()  # tweaks that were made for another result than the one below them
    fills: Fills = NO_FILLS  # what lies between keys
    parts: frozenset[str] | None = None  # joints of the selected keys that are meant; None: the keys as a whole
    current: str | None = None  # the track that commands for tracks act on


def count_text(track: Track) -> str:
    """How much is on a track, in words."""
    one, many = _NOUN[track.kind]
    return f"{len(track.items)} {one if len(track.items) == 1 else many}"


def paint_ruler(painter: QPainter, layout: Layout, look: Look, ink: Ink) -> None:
    """Ticks, times, in and out, markers; the whole strip at the top."""
    view, theme = layout.view, ink.theme
    height = view.metrics.ruler_height
    painter.fillRect(QRectF(0, 0, view.width, height), colour(theme.panel))
    painter.save()
    painter.setClipRect(QRectF(view.metrics.header_width, 0, view.content_width, height))
    end = view.x_of(layout.document.length)
    painter.fillRect(QRectF(end, 0, max(0.0, view.width - end), height), colour(theme.window))
    _in_out(painter, layout, ink)
    minor_top, major_top = height - 6.0, height - 12.0
    painter.setFont(ink.digits)
    lines: dict[str, list[QRectF]] = {theme.text_disabled: [], theme.line_strong: [], theme.line: []}
    for tick in ruler_ticks(view, fps=layout.document.fps, style=look.time_format):
        x = ink.crisp(tick.x)
        inside = tick.frame <= layout.document.length
        strong = tick.label is not None
        line = theme.text_disabled if strong else theme.line_strong
        top = major_top if strong else minor_top
        lines[line if inside else theme.line].append(QRectF(x, top, ink.hairline, height - top))
        if tick.label is not None and x + ink.metrics(ink.digits).horizontalAdvance(tick.label) + 4 <= view.width:
            painter.setPen(colour(theme.text_dim if inside else theme.text_disabled))
            painter.drawText(QPointF(x + 4, 15), tick.label)
    painter.setPen(Qt.PenStyle.NoPen)
    for name, rects in lines.items():  # one call for each colour: there may be hundreds of ticks
        painter.setBrush(colour(name))
        painter.drawRects(rects)
    _markers(painter, layout, look, ink)
    painter.restore()
    painter.fillRect(QRectF(0, height - ink.hairline, view.width, ink.hairline), colour(theme.line_strong))
    _corner(painter, layout, look, ink)


def _in_out(painter: QPainter, layout: Layout, ink: Ink) -> None:
    span = layout.document.in_out
    if span is None:
        return
    view, theme = layout.view, ink.theme
    left, right = view.x_of(span.start), view.x_of(span.stop)
    top = 19.0
    painter.fillRect(QRectF(left, top, right - left, 5.0), colour(theme.accent, 150))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(theme.accent)))
    for x, side in ((left, 1.0), (right, -1.0)):
        painter.drawPolygon(QPolygonF([QPointF(x, top - 1), QPointF(x + 6 * side, top - 1), QPointF(x, top + 10)]))


def _markers(painter: QPainter, layout: Layout, look: Look, ink: Ink) -> None:
    view, theme = layout.view, ink.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for marker, rect in layout.markers:
        box = qrect(rect)
        if marker.length:
            reach = QRectF(view.x_of(marker.frame), box.bottom() - 4, max(2.0, marker.length * view.scale), 4)
            painter.fillRect(reach, colour(marker.colour, 190))
            painter.fillRect(QRectF(reach.right() - 1.5, box.top() + 2, 1.5, box.height() - 2), colour(marker.colour))
        flag = QPolygonF(
            [
                QPointF(box.left(), box.top()),
                QPointF(box.right(), box.top()),
                QPointF(box.right(), box.bottom() - 5),
                QPointF(box.center().x(), box.bottom()),
                QPointF(box.left(), box.bottom() - 5),
            ]
        )
        chosen = marker.id in look.selection
        painter.setPen(QPen(colour(theme.selection if chosen else theme.outside), 1.2))
        painter.setBrush(QBrush(colour(marker.colour)))
        painter.drawPolygon(flag)
        if marker.name:
            where = QRectF(box.right() + 3, box.top() - 1, 160, box.height())
            back = QRectF(where.x() - 1, where.y(), ink.metrics(ink.small).horizontalAdvance(marker.name) + 4, 12)
            painter.fillRect(back, colour(theme.panel, 220))
            text_in(painter, where, marker.name, font=ink.small, name=theme.text, ink=ink)


def _corner(painter: QPainter, layout: Layout, look: Look, ink: Ink) -> None:
    theme, metrics = ink.theme, layout.view.metrics
    painter.fillRect(QRectF(0, 0, metrics.header_width, metrics.ruler_height), colour(theme.panel))
    length = format_time(layout.document.length, fps=layout.document.fps, style=look.time_format)
    area = QRectF(12, 4, metrics.header_width - 52, metrics.ruler_height - 8)
    half = area.height() / 2
    over = QRectF(area.x(), area.y(), area.width(), half)
    text_in(painter, over, "Timeline", font=ink.strong, name=theme.text, ink=ink)
    hidden = sum(track.hidden for track in layout.document.tracks)
    summary = f"{length}  ·  {layout.document.fps} fps" + (f"  ·  {hidden} hidden" if hidden else "")
    under = QRectF(area.x(), area.y() + half, area.width(), half)
    text_in(painter, under, summary, font=ink.small, name=theme.text_dim, ink=ink)
    box = qrect(snap_button(layout.view))
    back = mix(theme.accent, theme.panel, 0.3) if look.snapping else theme.raised
    rounded(painter, box, fill=colour(back), outline=colour(theme.accent) if look.snapping else None, radius=4)
    draw_magnet(painter, box.adjusted(4, 4, -4, -4), colour(theme.text if look.snapping else theme.text_dim))
    _header_edge(painter, Rect(0, 0, metrics.header_width, metrics.ruler_height), layout, ink)


def _header_edge(painter: QPainter, rect: Rect, layout: Layout, ink: Ink) -> None:
    x = layout.view.metrics.header_width - ink.hairline
    painter.fillRect(QRectF(x, rect.y, ink.hairline, rect.height), colour(ink.theme.line_strong))


def paint_row_back(painter: QPainter, row: Row, layout: Layout, look: Look, ink: Ink) -> None:
    """Background of a row: time inside the project, time after it, second lines, unconditioned stretches."""
    view, theme = layout.view, ink.theme
    y, height = row.rect.y, row.rect.height
    left = view.metrics.header_width
    area = QRectF(left, y, view.content_width, height)
    painter.fillRect(area, colour(theme.outside))
    begin, end = max(left, view.x_of(0)), min(view.width, view.x_of(layout.document.length))
    if end > begin:
        tint = mix(ink.kind(row.track), theme.row, 0.10 if row.track is None else 0.045)
        painter.fillRect(QRectF(begin, y, end - begin, height), colour(tint))
    for x in major_ticks(view, fps=layout.document.fps, style=look.time_format):
        if begin <= x <= end:
            painter.fillRect(QRectF(ink.crisp(x), y, ink.hairline, height), colour(theme.line, 150))
    if row.track is None:
        paint_gaps(painter, row, layout, look, ink, alpha=110)
    painter.fillRect(QRectF(0, y + height, view.width, view.metrics.row_gap), colour(theme.outside))


def paint_gaps(painter: QPainter, row: Row, layout: Layout, look: Look, ink: Ink, *, alpha: int) -> None:
    """Hatching of the result row where nothing conditions the motion."""
    view = layout.view
    left, right = view.metrics.header_width, view.width
    for gap in look.gaps:
        x0, x1 = max(left, view.x_of(gap.start)), min(right, view.x_of(gap.stop))
        if x1 > x0:
            box = QRectF(x0, row.rect.y, x1 - x0, row.rect.height)
            hatch(painter, box, ink.theme.text_disabled, alpha=alpha, ratio=ink.ratio)


def paint_header(painter: QPainter, row: Row, layout: Layout, look: Look, ink: Ink) -> None:
    """Name, kind, count and buttons of a row."""
    if row.sub is not None:
        paint_sub_header(painter, row, layout, look, ink)
        return
    view, theme = layout.view, ink.theme
    area = QRectF(0, row.rect.y, view.metrics.header_width, row.rect.height)
    current = row.track is not None and row.key == look.current
    back = theme.raised if row.track is None else theme.hover if current else theme.panel
    painter.fillRect(area, colour(back))
    bright = ink.kind(row.track)
    silent = row.track is not None and row.key in look.silent
    tint = mix(bright, back, 0.35) if silent else bright
    painter.fillRect(QRectF(0, area.y(), 5, area.height()), colour(tint))
    if row.track is not None and row.track.locked:
        hatch(painter, area.adjusted(5, 0, 0, 0), theme.text, alpha=22, ratio=ink.ratio)
    if current:  # a frame, so that it does not take a good screen to see it
        painter.setPen(QPen(colour(theme.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(0.75, 0.75, -1.75, -0.75))
    side = 16.0
    unfold = disclosure(row)
    if unfold is not None:
        _triangle(painter, 10.0, area.center().y(), ink, unfolded=row.key in view.unfolded)
    icon = QRectF(16, area.center().y() - side / 2, side, side)
    draw_kind(painter, None if row.track is None else row.track.kind, icon, colour(tint))
    title, detail = _header_words(row, layout, look)
    buttons = header_buttons(row, view)
    room = (buttons[HeaderButton.MUTE].x if buttons else area.right()) - 8 - 37
    name = theme.text_dim if silent else theme.text
    if area.height() >= 36 and detail:
        middle = area.center().y()
        text_in(painter, QRectF(37, middle - 16, room, 16), title, font=ink.strong, name=name, ink=ink)
        text_in(painter, QRectF(37, middle, room, 15), detail, font=ink.small, name=theme.text_dim, ink=ink)
    else:
        text_in(painter, QRectF(37, area.y(), room, area.height()), title, font=ink.strong, name=name, ink=ink)
    for button, rect in buttons.items():
        _button(painter, button, rect, row, ink)
    _header_edge(painter, row.rect, layout, ink)


def _triangle(painter: QPainter, x: float, y: float, ink: Ink, *, unfolded: bool) -> None:
    """Points down when the rows below are shown, else to the right."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(ink.theme.text_dim)))
    down = [QPointF(x - 4, y - 2.5), QPointF(x + 4, y - 2.5), QPointF(x, y + 3)]
    right = [QPointF(x - 2.5, y - 4), QPointF(x + 3, y), QPointF(x - 2.5, y + 4)]
    painter.drawPolygon(QPolygonF(down if unfolded else right))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_sub_header(painter: QPainter, row: Row, layout: Layout, look: Look, ink: Ink) -> None:
    """The name of a region or joint below its track; it is bright while it is what the selection means."""
    assert row.sub is not None, "only called for such rows"
    view, theme = layout.view, ink.theme
    area = QRectF(0, row.rect.y, view.metrics.header_width, row.rect.height)
    meant = look.parts is not None and row.sub.parts <= look.parts
    painter.fillRect(area, colour(theme.hover if meant else mix(theme.panel, theme.window, 0.6)))
    painter.fillRect(QRectF(0, area.y(), 5, area.height()), colour(mix(ink.kind(row.track), theme.panel, 0.5)))
    left = 56.0 if row.sub.joint else 40.0
    if not row.sub.joint:
        _triangle(painter, 28.0, area.center().y(), ink, unfolded=row.key in view.unfolded)
    font, name = (ink.small, theme.text_dim) if row.sub.joint else (ink.label, theme.text)
    box = QRectF(left, area.y(), area.right() - left - 8, area.height())
    text_in(painter, box, row.sub.title, font=font, name=theme.text if meant else name, ink=ink)
    _header_edge(painter, row.rect, layout, ink)


def _header_words(row: Row, layout: Layout, look: Look) -> tuple[str, str]:
    if row.track is not None:
        return row.track.name or KIND_TITLE[row.track.kind], state_text(row.track, look)
    return "Result", result_summary(layout.document, look)


def state_text(track: Track, look: Look) -> str:
    """What keeps a track from speaking or from being changed; else how much is on it."""
    states = []
    if track.muted:
        states.append("muted")
    elif track.id in look.silent:
        states.append("not solo")
    if track.solo:
        states.append("solo")
    if track.locked:
        states.append("locked")
    return ", ".join(states).capitalize() if states else count_text(track)


def result_summary(document: Document, look: Look) -> str:
    """One short line on what the result shows."""
    used = {piece.take for piece in document.result}
    if not used:
        return "No take shown" if document.takes else "Nothing generated yet"
    if used & look.stale:
        return "Conditions changed"
    return "1 take" if len(used) == 1 else f"{len(used)} takes"


def _button(painter: QPainter, button: HeaderButton, rect: Rect, row: Row, ink: Ink) -> None:
    assert row.track is not None
    theme, box = ink.theme, qrect(rect)
    on, tint = {
        HeaderButton.MUTE: (row.track.muted, theme.error),
        HeaderButton.SOLO: (row.track.solo, theme.warning),
        HeaderButton.LOCK: (row.track.locked, theme.accent),
    }[button]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rounded(painter, box, fill=colour(tint if on else theme.raised), radius=4)
    ink_name = theme.outside if on else theme.text_dim
    if button is HeaderButton.LOCK:
        draw_lock(painter, box.adjusted(2.5, 2.5, -2.5, -2.5), colour(ink_name), closed=on)
    else:
        painter.setFont(ink.badge)
        painter.setPen(colour(ink_name))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "M" if button is HeaderButton.MUTE else "S")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
