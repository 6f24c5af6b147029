"""What is under a point of the timeline. Pure: from a ``Layout`` and a point to a ``Hit``."""

from enum import Enum

import msgspec

from genmo_studio.document.model import Marker, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.envelope import handles
from genmo_studio.ui.timeline.headers import HeaderButton, disclosure, header_buttons, resize_handle, snap_button
from genmo_studio.ui.timeline.hold_places import hold_handle, hold_rect
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import Layout, PlacedClip, PlacedKey, Row, heat_rect
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.values import replace

FULL, PARTIAL = TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS


class HitKind(Enum):
    """Kinds of place; one gesture begins in each (TL3)."""

    CORNER = "corner"
    SNAP_BUTTON = "snap button"
    RULER = "ruler"
    MARKER = "marker"
    MARKER_STOP = "end of a range marker"
    MARK_IN = "mark in"
    MARK_OUT = "mark out"
    HEADER = "header"
    HEADER_BUTTON = "header button"
    ROW_RESIZE = "row resize"
    BODY = "body"
    START_EDGE = "start edge"
    STOP_EDGE = "stop edge"
    RISE = "end of a tweak's rise"
    FALL = "start of a tweak's fall"
    HOLD = "end of a key's hold"
    KEY = "key"
    SUB_KEY = "key in the row of a region or joint"
    DISCLOSURE = "disclosure of rows below"
    RESULT = "result"
    HEAT = "heat strip"
    HEAT_HEADER = "heat strip header"
    EMPTY = "empty"


GRABBABLE = frozenset({HitKind.BODY, HitKind.START_EDGE, HitKind.STOP_EDGE, HitKind.KEY})
"""Places by which an item of a track is moved, trimmed or stretched."""
ENVELOPE = frozenset({HitKind.RISE, HitKind.FALL})
"""Places that change how a tweak grows and fades."""
OF_ITEM = GRABBABLE | ENVELOPE | {HitKind.HOLD, HitKind.SUB_KEY}
"""Places that belong to an item of a track."""


class Hit(msgspec.Struct, frozen=True):
    """A place: its kind, the time under the point, and what it belongs to where that applies."""

    kind: HitKind
    frame: float
    item: str | None = None  # id of item, marker or take
    track: str | None = None
    button: HeaderButton | None = None
    span: Span | None = None
    rect: Rect | None = None
    parts: frozenset[str] | None = None  # joints of the row of a region or joint
    row_of_result: bool = False  # an empty place of the result
    unfolds: str | None = None  # key of the row whose rows below are unfolded or folded


def hit_test(layout: Layout, x: float, y: float, *, cache: IndexCache, selection: frozenset[str] = frozenset()) -> Hit:
    """The topmost thing at a point (logical pixels of the timeline's area).

    A selected key that holds nothing yet can be taken beside it, to let it hold.
    """
    view = layout.view
    frame = view.frame_at(x)
    left_column = x < view.metrics.header_width
    if y < view.metrics.ruler_height:
        if left_column:
            on_button = snap_button(view).contains(x, y)
            return Hit(HitKind.SNAP_BUTTON if on_button else HitKind.CORNER, frame)
        return _in_ruler(layout, x, y)
    if heat_rect(view).contains(x, y):
        return Hit(HitKind.HEAT_HEADER if left_column else HitKind.HEAT, frame)
    row = layout.row_at(y)
    if row is None:
        return Hit(HitKind.HEADER if left_column else HitKind.EMPTY, frame)
    if left_column:
        return _in_header(layout, row, x, y)
    return _in_row(layout, row, (x, y), cache, selection) if row.sub is None else _in_sub_row(layout, row, x, y)


def _in_ruler(layout: Layout, x: float, y: float) -> Hit:
    view = layout.view
    frame = view.frame_at(x)
    for placed in reversed(layout.markers):
        if placed.rect.contains(x, y):
            return Hit(HitKind.MARKER, frame, item=placed.marker.id, rect=placed.rect)
    for marker in reversed(layout.document.markers):
        stop = marker_stop(marker, view)
        if stop is not None and stop.contains(x, y):
            span = Span(marker.frame, marker.frame + marker.length)
            return Hit(HitKind.MARKER_STOP, frame, item=marker.id, rect=stop, span=span)
    marks = layout.document.in_out
    if marks is not None:
        begin, end = mark_handles(marks, view)
        nearer_end = abs(x - view.x_of(marks.stop)) < abs(x - view.x_of(marks.start))
        kinds = ((HitKind.MARK_OUT, end), (HitKind.MARK_IN, begin))
        for kind, rect in kinds if nearer_end else reversed(kinds):
            if rect.contains(x, y):
                return Hit(kind, frame, rect=rect, span=marks)
    return Hit(HitKind.RULER, frame)


def marker_stop(marker: Marker, view: View) -> Rect | None:
    """Where the end of a range marker is taken; None for a marker without length."""
    if not marker.length:
        return None
    return Rect(view.x_of(marker.frame + marker.length) - 5.0, view.metrics.ruler_height - 13.0, 10.0, 13.0)


def mark_handles(marks: Span, view: View) -> tuple[Rect, Rect]:
    """Where the edges of the marked range are taken in the ruler."""
    begin, end = view.x_of(marks.start), view.x_of(marks.stop)
    top, height = view.metrics.ruler_height - 22.0, 12.0
    return Rect(begin - 3.0, top, 11.0, height), Rect(end - 8.0, top, 11.0, height)


def place_of(layout: Layout, thing: str) -> Rect | None:
    """Where an item, a marker or the name of a track is on screen; None when it is out of sight."""
    for row in layout.rows:
        if row.key == thing and row.track is not None and row.sub is None:
            return Rect(34.0, row.rect.y, layout.view.metrics.header_width - 38.0, row.rect.height)
        places = [(clip.item.id, clip.rect) for clip in row.clips] + [(key.item.id, key.rect) for key in row.keys]
        found = next((rect for name, rect in places if name == thing), None)
        if found is not None:
            return found
    return next((placed.rect for placed in layout.markers if placed.marker.id == thing), None)


def _in_header(layout: Layout, row: Row, x: float, y: float) -> Hit:
    frame = layout.view.frame_at(x)
    if row.track is None:
        return Hit(HitKind.HEADER, frame)
    unfold = disclosure(row)
    if unfold is not None and unfold.contains(x, y):
        return Hit(HitKind.DISCLOSURE, frame, track=row.track.id, rect=unfold, unfolds=row.key)
    if row.sub is not None:
        return Hit(HitKind.HEADER, frame, track=row.track.id, rect=row.rect, parts=row.sub.parts)
    for button, rect in header_buttons(row, layout.view).items():
        if rect.contains(x, y):
            return Hit(HitKind.HEADER_BUTTON, frame, track=row.key, button=button, rect=rect)
    if resize_handle(row, layout.view).contains(x, y):
        return Hit(HitKind.ROW_RESIZE, frame, track=row.key)
    return Hit(HitKind.HEADER, frame, track=row.key, rect=row.rect)


def _in_row(layout: Layout, row: Row, point: tuple[float, float], cache: IndexCache, selection: frozenset[str]) -> Hit:
    x, y = point
    frame = layout.view.frame_at(x)
    for piece in reversed(row.pieces):
        if piece.rect.contains(x, y):
            return Hit(HitKind.RESULT, frame, item=piece.piece.take, span=piece.piece.span, rect=piece.rect)
    nearest = _nearest_key(row, x, y)
    if nearest is not None:
        at = nearest.item.frame
        return Hit(HitKind.KEY, frame, item=nearest.item.id, track=row.key, span=Span(at, at + 1), rect=nearest.rect)
    on_hold = _hold_at(row, point, layout.view, selection)
    if on_hold is not None:
        return Hit(on_hold[1], frame, item=on_hold[0].item.id, track=row.key, span=on_hold[2], rect=on_hold[3])
    on_clip = _clip_at(row, x, y, view=layout.view)
    if on_clip is not None:
        clip, kind, rect = on_clip
        return Hit(kind, frame, item=clip.item.id, track=row.key, span=clip.item.span, rect=rect)
    if row.track is not None and any(run.rect.contains(x, y) for run in row.runs):
        index = cache.of(row.track)
        item = index.at(frame) or index.nearest(frame)
        if item is not None:
            return Hit(HitKind.BODY, frame, item=item.id, track=row.key)
    return Hit(HitKind.EMPTY, frame, track=None if row.track is None else row.key, row_of_result=row.track is None)


def _nearest_key(row: Row, x: float, y: float) -> PlacedKey | None:
    """The key under a point; of several, the one whose middle is nearest."""
    under = (key for key in row.keys if key.rect.contains(x, y))
    return min(under, key=lambda key: abs(key.rect.x + key.rect.width / 2 - x), default=None)


def _in_sub_row(layout: Layout, row: Row, x: float, y: float) -> Hit:
    """In the row of a region or joint: a key that holds some of it, else empty time of its track."""
    assert row.track is not None, "only tracks have such rows"
    assert row.sub is not None, "only called for such rows"
    here = Hit(HitKind.EMPTY, layout.view.frame_at(x), track=row.track.id, parts=row.sub.parts)
    nearest = _nearest_key(row, x, y)
    if nearest is None:
        return here
    key = nearest.item
    return replace(here, kind=HitKind.SUB_KEY, item=key.id, span=Span(key.frame, key.frame + 1), rect=nearest.rect)


def _hold_at(
    row: Row, point: tuple[float, float], view: View, selection: frozenset[str]
) -> tuple[PlacedKey, HitKind, Span, Rect] | None:
    """The hold under a point: its end, or its bar, which moves the key."""
    for key in row.keys if row.track is not None and row.track.kind in (FULL, PARTIAL) else ():
        bar = hold_rect(key, view)
        if bar is None and key.item.id not in selection:
            continue
        span = Span(key.item.frame, max(key.until, key.item.frame + 1))
        end = hold_handle(key, view)
        if end is not None and end.contains(*point):
            return key, HitKind.HOLD, span, end
        if bar is not None and bar.contains(*point):
            return key, HitKind.KEY, span, key.rect
    return None


def _clip_at(row: Row, x: float, y: float, *, view: View) -> tuple[PlacedClip, HitKind, Rect] | None:
    """The clip under a point and its part; the edges of a narrow clip can also be taken beside it (HD4)."""
    beside: tuple[PlacedClip, HitKind, Rect] | None = None
    handle = view.metrics.handle
    for clip in reversed(row.clips):
        rect = clip.rect
        if rect.contains(x, y):
            for kind, spot in zip((HitKind.RISE, HitKind.FALL), handles(clip, view) or (), strict=False):
                if spot.contains(x, y):
                    return clip, kind, spot
            return clip, _part(rect, x, handle=handle), rect
        outside = handle - min(handle, rect.width / 3)
        if beside is None and outside > 0 and rect.y <= y < rect.bottom:
            if rect.x - outside <= x < rect.x:
                beside = clip, HitKind.START_EDGE, rect
            elif rect.right <= x < rect.right + outside:
                beside = clip, HitKind.STOP_EDGE, rect
    return beside


def _part(rect: Rect, x: float, *, handle: float) -> HitKind:
    """Edge or body; a narrow clip keeps a third of its width to be moved by."""
    reach = min(handle, rect.width / 3)
    if x < rect.x + reach:
        return HitKind.START_EDGE
    if x >= rect.right - reach:
        return HitKind.STOP_EDGE
    return HitKind.BODY
