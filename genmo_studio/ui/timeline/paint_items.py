"""Paints what lies on the tracks: clips with their pictures, waveforms and words, keys, and the result's takes."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF

from genmo_studio.document.model import MusicClip, TextClip, Track, VideoClip
from genmo_studio.ui.theme import mix
from genmo_studio.ui.timeline.beats import clip_beats
from genmo_studio.ui.timeline.fades import Fade, FadeShape, fades
from genmo_studio.ui.timeline.ink import Ink, colour, hatch, qrect, rounded, text_in
from genmo_studio.ui.timeline.layout import PlacedClip, Row
from genmo_studio.ui.timeline.paint_base import Paint
from genmo_studio.ui.timeline.paint_keys import paint_keys
from genmo_studio.ui.timeline.paint_result import paint_pieces
from genmo_studio.ui.timeline.paint_spans import SPANS, paint_span

_LABEL_HEIGHT = 16.0
_SQUARE = 100.0  # below this width a clip has square corners
_NARROW = 26.0  # below this width a clip has no words
_RAMP = 6.0  # below this width the bracket alone says that two clips overlap


def paint_items(on: Paint, row: Row) -> None:
    """Everything that is placed in a row."""
    painter, view, look, ink = on.painter, on.view, on.look, on.ink
    painter.save()
    area = QRectF(view.metrics.header_width, row.rect.y, view.content_width, row.rect.height)
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if row.track is None:
        paint_pieces(on, row)
    else:
        if row.key in look.silent:
            painter.setOpacity(0.4)
        bright = colour(ink.kind(row.track), 170)
        for run in row.runs:
            painter.fillRect(qrect(run.rect), bright)
        narrow = [clip for clip in row.clips if clip.rect.width < _NARROW]
        if narrow:
            _narrow_clips(on, narrow, row.track)
        for clip in row.clips:
            if clip.rect.width >= _NARROW:
                (paint_span if isinstance(clip.item, SPANS) else _clip)(on, clip, row.track)
        ramps: dict[str, list[Fade]] = {}
        for ramp in fades(row):
            if ramp.rect.width >= _RAMP:
                ramps.setdefault(ramp.clip, []).append(ramp)
                _fade(painter, ramp, ink)
        for shared in row.overlaps:
            _overlap(painter, qrect(shared), ink)
        for clip in row.clips:  # after the fades, which would take the first letters away
            if isinstance(clip.item, TextClip) and clip.rect.width >= _NARROW:
                _words(on, clip, clip.item, row.track, ramps.get(clip.item.id, ()))
        paint_keys(on, row)
    painter.restore()


def _narrow_clips(on: Paint, clips: list[PlacedClip], track: Track) -> None:
    """Clips too narrow for words: bodies and starts drawn in a few calls for the whole row."""
    painter, ink, theme = on.painter, on.ink, on.ink.theme
    bright, chosen = ink.kind(track), on.look.selection
    boxes = [(clip.item.id in chosen, ink.crisp_box(clip.rect)) for clip in clips]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(mix(bright, theme.row, 0.55)))
    painter.drawRects([box for _, box in boxes])
    painter.setBrush(colour(bright))
    painter.drawRects([QRectF(box.x(), box.y(), min(2.0, box.width()), box.height()) for _, box in boxes])
    painter.setBrush(colour(theme.selection))
    painter.drawRects([box for selected, box in boxes if selected])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _clip(on: Paint, placed: PlacedClip, track: Track) -> None:
    painter, ink = on.painter, on.ink
    item, box = placed.item, ink.crisp_box(placed.rect)
    assert isinstance(item, VideoClip | MusicClip | TextClip), "the others are painted in paint_spans"
    theme, bright = ink.theme, ink.kind(track)
    chosen = item.id in on.look.selection
    body, edge = colour(_body(on, item, track)), colour(mix(bright, theme.row, 0.7))
    if box.width() < _SQUARE:  # many of these fit on screen, and a smooth corner costs as much as all the rest
        painter.fillRect(box, edge)
        painter.fillRect(box.adjusted(ink.hairline, ink.hairline, -ink.hairline, -ink.hairline), body)
    else:
        rounded(painter, box, fill=body, outline=edge, line=ink.hairline)
    if isinstance(item, TextClip):
        painter.fillRect(QRectF(box.x(), box.y(), 3, box.height()), colour(bright))
    else:
        _media(on, item, box, bright)
    if item.muted:
        painter.fillRect(box, colour(theme.row, 150))
    if chosen:
        rounded(painter, box, fill=None, outline=colour(theme.selection), line=2.0)


def _body(on: Paint, item: VideoClip | MusicClip | TextClip, track: Track) -> str:
    """Colour of a clip's body; a selected one is brighter."""
    fill = on.ink.fill(track)
    return mix(on.ink.kind(track), fill, 0.18) if item.id in on.look.selection else fill


def _words(on: Paint, placed: PlacedClip, item: TextClip, track: Track, ramps: Sequence[Fade]) -> None:
    """What a text says: behind the ramp by which it comes in when there is room, else over it on a plate."""
    painter, ink, box = on.painter, on.ink, on.ink.crisp_box(placed.rect)
    text = item.text if item.weight == 1.0 else f"{item.text}  ×{item.weight:g}"
    left = max(box.x(), on.view.metrics.header_width) + 7.0  # the words stay readable while the clip scrolls out
    right = box.right() - 6.0
    if ramps:
        wide = ink.metrics(ink.label).horizontalAdvance(text)
        past = max((ramp.rect.right + 4.0 for ramp in ramps if ramp.shape is FadeShape.IN), default=left)
        if past + wide <= right:
            left = max(left, past)
        words = QRectF(left - 2.0, box.y() + 4.0, min(wide, right - left) + 4.0, box.height() - 8.0)
        for ramp in ramps:
            painter.fillRect(words & qrect(ramp.rect), colour(_body(on, item, track), 225))
    name = ink.theme.text_disabled if item.muted else ink.theme.text
    text_in(painter, QRectF(left, box.y(), right - left, box.height()), text, font=ink.label, name=name, ink=ink)


def _media(on: Paint, item: VideoClip | MusicClip, box: QRectF, bright: str) -> None:
    """Name and picture of a video or music clip, kept inside the clip."""
    painter, view = on.painter, on.view
    painter.save()
    inside = box.intersected(QRectF(view.metrics.header_width, box.y(), view.content_width, box.height()))
    painter.setClipRect(inside.adjusted(1, 1, -1, -1), Qt.ClipOperation.IntersectClip)
    if isinstance(item, VideoClip):
        _filmstrip(on, item, box)
    else:
        _waveform(on, item, box, bright)
    gone = on.art.missing(item.media)
    name = on.art.name(item.media)
    _label(on, item, f"Missing: {name}" if gone else name, box, bright)
    if gone:
        hatch(painter, box.adjusted(0, _LABEL_HEIGHT, 0, 0), on.ink.theme.error, alpha=120, ratio=on.ink.ratio)
    painter.restore()


def _label(on: Paint, item: VideoClip | MusicClip, label: str, box: QRectF, bright: str) -> None:
    painter, view, ink = on.painter, on.view, on.ink
    left = max(box.x(), view.metrics.header_width) + 7.0  # the name stays readable while the clip scrolls out
    room = box.right() - left - 6.0
    height = min(_LABEL_HEIGHT, box.height())
    painter.fillRect(QRectF(box.x(), box.y(), box.width(), height), colour(mix(bright, ink.theme.row, 0.42)))
    text = label if item.source.length == item.span.length else f"{label}  {_speed(item):.0f} %"
    text_in(painter, QRectF(left, box.y(), room, height), text, font=ink.small, name=ink.theme.text, ink=ink)


def _speed(item: VideoClip | MusicClip) -> float:
    return 100.0 * item.source.length / item.span.length


def _filmstrip(on: Paint, item: VideoClip, box: QRectF) -> None:
    painter, view, ink, art = on.painter, on.view, on.ink, on.art
    top = box.y() + _LABEL_HEIGHT
    height = box.bottom() - top - 1.0
    if height < 8:
        return
    width = max(8.0, height * art.aspect(item.media))
    per_pixel = item.source.length / max(1.0, box.width())
    first = max(0, int((view.metrics.header_width - box.x()) // width))
    last = int((min(box.right(), view.width) - box.x()) // width)
    pixels = round(height * ink.ratio)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for slot in range(first, last + 1):
        x = box.x() + slot * width
        frame = min(item.source.stop - 1, item.source.start + int(slot * width * per_pixel))
        image = art.thumbnail(item.media, frame, height=pixels)
        if image is not None:
            painter.drawImage(QRectF(x, top, width, height), image)
        edge = QRectF(ink.crisp(x + width) - ink.hairline, top, ink.hairline, height)
        painter.fillRect(edge, colour(ink.theme.outside, 130))


def _waveform(on: Paint, item: MusicClip, box: QRectF, bright: str) -> None:
    painter, view, ink, art = on.painter, on.view, on.ink, on.art
    top = box.y() + _LABEL_HEIGHT
    height = box.bottom() - top - 1.0
    left, right = max(box.x(), view.metrics.header_width), min(box.right(), view.width)
    if height < 6 or right - left < 2:
        return
    per_pixel = item.source.length / max(1.0, box.width())
    begin = item.source.start + (left - box.x()) * per_pixel
    end = item.source.start + (right - box.x()) * per_pixel
    middle = top + height / 2
    _beats(on, item, QRectF(left, top, right - left, height))
    columns = max(2, round((right - left) * ink.ratio))
    peaks = art.peaks(item.media, begin, end, columns)
    if peaks is None:
        painter.fillRect(QRectF(left, middle - 0.5, right - left, 1), colour(bright, 120))
        return
    x = left + (np.arange(columns) + 0.5) / ink.ratio
    half = height / 2 * min(2.0, item.gain)
    upper = middle - np.clip(np.maximum(peaks[:, 1] * half, 0.5), 0.5, height / 2)
    lower = middle - np.clip(np.minimum(peaks[:, 0] * half, -0.5), -height / 2, -0.5)
    from pyqtgraph.functions import arrayToQPath  # noqa: PLC0415 - art.py has imported it by the time peaks arrive

    outline = arrayToQPath(np.concatenate((x, x[::-1])), np.concatenate((upper, lower[::-1])))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour(mix(bright, ink.theme.text, 0.85), 225)))
    painter.drawPath(outline)


def _beats(on: Paint, item: MusicClip, area: QRectF) -> None:
    """The beat grid; thinned out by whole powers of two when beats come too close together."""
    beats = clip_beats(item, on.art.beats(item.media))
    if len(beats) < 2:
        return
    ink, view = on.ink, on.view
    apart = (beats[-1] - beats[0]) / (len(beats) - 1) * view.scale
    every = 1
    while apart * every < 6:
        every *= 2
    line = colour(ink.theme.text, 85)
    for beat in beats[::every]:
        x = ink.crisp(view.x_of(beat))
        if area.left() <= x <= area.right():
            on.painter.fillRect(QRectF(x, area.y(), ink.hairline, area.height()), line)


def _overlap(painter: QPainter, box: QRectF, ink: Ink) -> None:
    """Where prompts speak at once: a bracket at the top and bottom edge."""
    tint = colour(ink.theme.text, 190)
    for y in (box.y() - 3, box.bottom() + 1.5):
        painter.fillRect(QRectF(box.x(), y, box.width(), 1.5), tint)


def _fade(painter: QPainter, fade: Fade, ink: Ink) -> None:
    """How a clip comes in or goes out while another speaks too: a ramp, and shade on the side that is silent."""
    box = qrect(fade.rect)
    shade, line = colour(ink.theme.row, 165), colour(ink.theme.text, 210)
    if fade.shape is FadeShape.BOTH:
        hatch(painter, box, ink.theme.text, alpha=70, ratio=ink.ratio)
        return
    low, high = (box.bottomLeft(), box.topRight()) if fade.shape is FadeShape.IN else (box.bottomRight(), box.topLeft())
    corner = box.topLeft() if fade.shape is FadeShape.IN else box.topRight()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(shade))
    painter.drawPolygon(QPolygonF([low, high, corner]))
    painter.setPen(QPen(line, 1.2))
    painter.drawLine(low, high)
