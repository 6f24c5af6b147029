"""From a document and a view to placed rectangles: what the painter draws and what the pointer can hit. Pure.

Only what is visible is placed. Where a track is so dense that items are a few pixels wide, neighbours are merged into
blocks (``PlacedRun``) with array arithmetic, so the cost follows the pixels and not the items.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.holds import hold_stop
from genmo_studio.document.model import Clip, Document, Marker, PoseKey, ResultPiece, Take, Track, Waypoint
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.index import KEY_KINDS, IndexCache, TrackIndex
from genmo_studio.ui.timeline.subrows import SubRow, bits, sub_rows
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.values import replace

Floats = NDArray[np.float64]
RESULT_ROW = "\0result"
"""Row id of the result; cannot collide with a track id of a file, which never holds a control character."""


class PlacedClip(NamedTuple):
    """A clip on screen."""

    item: Clip
    rect: Rect


class PlacedKey(NamedTuple):
    """A key on screen; its centre is at the frame's left edge."""

    item: PoseKey | Waypoint
    rect: Rect
    until: int = 0  # first frame at which nothing of it is held any more; 0 for one that holds nothing beyond itself


class PlacedRun(NamedTuple):
    """Several items that are too narrow to be drawn one by one."""

    number: int
    rect: Rect


class PlacedPiece(NamedTuple):
    """A stretch of the result and the take it shows (None when the take is missing)."""

    piece: ResultPiece
    take: Take | None
    rect: Rect
    first: bool = True  # no piece comes before it


class PlacedMarker(NamedTuple):
    """A marker's flag in the ruler."""

    marker: Marker
    rect: Rect


class Row(msgspec.Struct, frozen=True):
    """One row of the timeline with what is visible in it. ``track`` is None for the result row."""

    key: str
    track: Track | None
    rect: Rect  # whole row, header included
    clips: tuple[PlacedClip, ...] = ()
    keys: tuple[PlacedKey, ...] = ()
    runs: tuple[PlacedRun, ...] = ()
    pieces: tuple[PlacedPiece, ...] = ()
    overlaps: tuple[Rect, ...] = ()
    around: tuple[int | None, int | None] = (None, None)  # frames of the nearest keys out of sight, left and right
    sub: SubRow | None = None  # of a region or joint below the row of its track

    @property
    def rects(self) -> Iterator[Rect]:
        """Rectangles of everything placed in the row."""
        for group in (self.clips, self.keys, self.runs, self.pieces):
            for placed in group:
                yield placed.rect


class Layout(msgspec.Struct, frozen=True):
    """Everything that is on screen. ``rows`` holds the result row first, then the visible tracks from the top."""

    document: Document
    view: View
    rows: tuple[Row, ...]
    markers: tuple[PlacedMarker, ...]
    content_height: float  # of all tracks, seen or not

    def row_at(self, y: float) -> Row | None:
        """The row under y; the result row and the ruler cover tracks that are scrolled behind them."""
        if y < self.view.metrics.ruler_height:
            return None
        for row in self.rows:
            if row.rect.y <= y < row.rect.bottom and (row.track is None or y >= self.view.tracks_top):
                return row
        return None


def row_height(track: Track, view: View) -> float:
    """Height of a track's row in logical pixels."""
    return max(view.metrics.min_row_height, float(track.height))


def block_height(track: Track, view: View) -> float:
    """Height of a track's row with the rows that are unfolded below it, and the gaps between them."""
    gap = view.metrics.row_gap
    return row_height(track, view) + sum(gap + sub.height for sub in sub_rows(track, view.unfolded))


def heat_rect(view: View) -> Rect:
    """Where the heat strip is, header included; without height while there is none."""
    metrics = view.metrics
    return Rect(0.0, metrics.ruler_height + metrics.result_height + metrics.row_gap, view.width, metrics.heat_height)


def lay_out(document: Document, view: View, cache: IndexCache, *, old: Layout | None = None) -> Layout:
    """Place everything that the view shows. Rows of ``old`` that would be the same are taken over."""
    metrics = view.metrics
    known = {row.key: row for row in old.rows} if old is not None and old.view == view else {}
    rows = [_result_row(document, view)]
    y = view.tracks_top - view.scroll_y
    for track in document.tracks:
        if track.hidden:
            continue
        height = row_height(track, view)
        rect = Rect(0.0, y, view.width, height)
        if rect.bottom > view.tracks_top and rect.y < view.height:
            same = known.get(track.id)
            if same is None or same.track is not track or same.rect != rect:
                same = _track_row(track, cache.of(track), view, rect)
            rows.append(same)
        y += height + metrics.row_gap
        for sub in sub_rows(track, view.unfolded):
            rect = Rect(0.0, y, view.width, sub.height)
            if rect.bottom > view.tracks_top and rect.y < view.height:
                below = known.get(sub.key)
                if below is None or below.track is not track or below.rect != rect:
                    below = _sub_row(track, sub, cache, view, rect)
                rows.append(below)
            y += sub.height + metrics.row_gap
    return Layout(
        document=document,
        view=view,
        rows=tuple(rows),
        markers=_markers(document, view),
        content_height=y + view.scroll_y - view.tracks_top,
    )


def track_rects(document: Document, view: View) -> dict[str, Rect]:
    """Rows of all shown tracks by id, also of those that are scrolled out of sight."""
    rects: dict[str, Rect] = {}
    y = view.tracks_top - view.scroll_y
    for track in document.tracks:
        if not track.hidden:
            rects[track.id] = Rect(0.0, y, view.width, row_height(track, view))
            y += block_height(track, view) + view.metrics.row_gap
    return rects


def sub_rects(document: Document, view: View) -> Iterator[tuple[Track, SubRow, Rect]]:
    """The rows that are unfolded below tracks, also those that are scrolled out of sight."""
    for name, rect in track_rects(document, view).items() if view.unfolded else ():
        track = next(track for track in document.tracks if track.id == name)
        y = rect.bottom + view.metrics.row_gap
        for sub in sub_rows(track, view.unfolded):
            yield track, sub, Rect(0.0, y, view.width, sub.height)
            y += sub.height + view.metrics.row_gap


def item_rect(index: TrackIndex, position: int, view: View, row: Rect) -> Rect:
    """Where an item is, also when that is out of sight."""
    item = index.items[position]
    if isinstance(item, PoseKey | Waypoint):
        return _key_rect(item.frame, view, row)
    return _clip_rect(item.span, index, position, view, row)


def result_rect(view: View) -> Rect:
    """Where the result row is."""
    return Rect(0.0, view.metrics.ruler_height, view.width, view.metrics.result_height)


def piece_rect(piece: ResultPiece, view: View) -> Rect:
    """Where a piece of the result is, also when that is out of sight."""
    row = result_rect(view)
    return _span_rect(piece.span, view, row.y + 4.0, row.height - 8.0)


def scrolled(old: Layout, new: Layout, *, ratio: float) -> int | None:
    """By how many device pixels the time has moved, when that is all that differs; None when more does."""
    before, after = old.view, new.view
    if old.document is not new.document or before != replace(after, scroll=before.scroll) or before == after:
        return None
    moved = (before.scroll - after.scroll) * after.scale * ratio
    pixels = round(moved)
    return pixels if abs(moved - pixels) < 0.01 and abs(pixels) < 0.8 * after.content_width * ratio else None


def exposed(before: Row, after: Row, view: View, *, by: float) -> list[tuple[float, float]]:
    """The parts of a row (from x to x) that are to be painted again after its content moved ``by`` to the right.

    That is what came into view, what was under the words of a clip that begins left of the view (they stay in sight),
    and the whole row where its items are drawn in another way depending on how many are on screen.
    """
    left, right = view.metrics.header_width, view.width
    lines = after.around != before.around or after.around != (None, None)
    if after.track is None or lines or after.keys or before.keys or after.runs or before.runs:
        return [(left, right)]
    parts = [(left, left + by + 2.0) if by > 0 else (right + by - 2.0, right)]
    reach = [clip.rect.right + by for clip in before.clips if clip.rect.x < left]
    reach += [clip.rect.right for clip in after.clips if clip.rect.x < left]
    if reach and max(reach) > left:
        parts.append((left, min(max(reach) + 2.0, right)))
    return parts


def _result_row(document: Document, view: View) -> Row:
    rect = result_rect(view)
    takes = {take.id: take for take in document.takes}
    first, last = view.visible()
    begin = min((piece.span.start for piece in document.result), default=0)
    pieces = [
        PlacedPiece(
            piece,
            takes.get(piece.take),
            piece_rect(piece, view),
            piece.span.start == begin,
        )
        for piece in document.result
        if piece.span.start <= last and piece.span.stop > first
    ]
    return Row(key=RESULT_ROW, track=None, rect=rect, pieces=tuple(pieces))


def _track_row(track: Track, index: TrackIndex, view: View, rect: Rect) -> Row:
    first, last = view.visible()
    slack = 2 * view.metrics.key_radius / view.scale  # a key's diamond is wider than its frame
    seen = index.visible(first - slack, last + slack)
    is_keys = track.kind in KEY_KINDS
    holding: list[PlacedKey] = []
    if is_keys:  # holds may reach in from far away: what lies in between is not on screen
        near = index.from_start(first - slack, seen)
        reaching = index.reaching(first, range(seen.start, near.start))  # also a waypoint in its own last fraction
        holding = [_placed_key(index, at, view, rect) for at in reaching if isinstance(index.items[at], PoseKey)]
        seen = near
    around = _around(index, seen) if is_keys else (None, None)
    if len(seen) * view.metrics.dense_pixels > view.content_width:
        return Row(
            key=track.id,
            track=track,
            rect=rect,
            runs=_runs(index, seen, view, rect),
            keys=tuple(holding),
            around=around,
        )
    chosen = slice(seen.start, seen.stop)
    lefts = (view.origin + (index.starts[chosen] - view.scroll) * view.scale).tolist()
    clips: list[PlacedClip] = []
    keys: list[PlacedKey] = holding
    if is_keys:
        radius = view.metrics.key_radius
        top, side = rect.y + rect.height / 2 - radius, 2 * radius
        for at, left, item in zip(seen, lefts, index.items[chosen], strict=True):
            until = _held_until(index, at) if index.stops[at] - index.starts[at] > 1 else 0
            keys.append(PlacedKey(item, Rect(left - radius, top, side, side), until))  # type: ignore[arg-type]  # of such tracks
    else:
        stops = index.stops[chosen]
        widths = np.maximum(2.0, (stops - index.starts[chosen]) * view.scale).tolist()
        for position, left, width, stop in zip(seen, lefts, widths, stops.tolist(), strict=True):
            if stop > first:
                top, height = _lane(index, position, view, rect)
                clips.append(PlacedClip(index.items[position], Rect(left, top, width, height)))  # type: ignore[arg-type]
    inner = rect.y + view.metrics.row_padding, rect.height - 2 * view.metrics.row_padding
    overlaps = (
        tuple(
            _span_rect(shared, view, *inner)
            for shared in index.overlaps
            if shared.start <= last and shared.stop > first
        )
        if clips
        else ()
    )
    return Row(
        key=track.id, track=track, rect=rect, clips=tuple(clips), keys=tuple(keys), overlaps=overlaps, around=around
    )


def _around(index: TrackIndex, seen: range) -> tuple[int | None, int | None]:
    """Frames of the keys before and after those that are placed."""
    before = index.start_list[seen.start - 1] if seen.start else None
    return before, index.start_list[seen.stop] if seen.stop < len(index.start_list) else None


def _sub_row(track: Track, sub: SubRow, cache: IndexCache, view: View, rect: Rect) -> Row:
    """The keys of a track that hold something of a region or joint; merged where they are too many to tell apart."""
    index, radius = cache.of(track), view.metrics.key_radius - 2.0
    first, last = view.visible()
    slack = 2 * view.metrics.key_radius / view.scale
    seen = index.from_start(first - slack, index.visible(first - slack, last + slack))
    held = cache.parts(track)[seen.start : seen.stop] & bits(sub.parts)
    positions = np.flatnonzero(held) + seen.start
    row = Row(key=sub.key, track=track, rect=rect, sub=sub)
    lefts = view.origin + (index.starts[positions] - view.scroll) * view.scale
    if len(positions) * view.metrics.dense_pixels > view.content_width:
        return replace(row, runs=_merged(lefts, lefts + 1.0, view, rect))
    top, side = rect.y + rect.height / 2 - radius, 2 * radius
    keys = (
        PlacedKey(index.items[at], Rect(left - radius, top, side, side))  # type: ignore[arg-type]  # of key tracks
        for at, left in zip(positions.tolist(), lefts.tolist(), strict=True)
    )
    return replace(row, keys=tuple(keys))


def _placed_key(index: TrackIndex, position: int, view: View, rect: Rect) -> PlacedKey:
    item = index.items[position]
    assert isinstance(item, PoseKey), "only pose keys hold"
    return PlacedKey(item, _key_rect(item.frame, view, rect), _held_until(index, position))


def _held_until(index: TrackIndex, position: int) -> int:
    """First frame at which nothing of a key is held any more: its hold ends, or later keys of the row took it over."""
    key = index.items[position]
    assert isinstance(key, PoseKey), "only pose keys hold"
    later = (item for item in islice(index.items, position + 1, None) if isinstance(item, PoseKey))
    return hold_stop(key, later)


def _span_rect(span: Span, view: View, y: float, height: float) -> Rect:
    x = view.x_of(span.start)
    return Rect(x, y, max(2.0, span.length * view.scale), height)


def _clip_rect(span: Span, index: TrackIndex, position: int, view: View, rect: Rect) -> Rect:
    return _span_rect(span, view, *_lane(index, position, view, rect))


def _lane(index: TrackIndex, position: int, view: View, rect: Rect) -> tuple[float, float]:
    """y and height of a clip in its row."""
    metrics = view.metrics
    step = (rect.height - 2 * metrics.row_padding + metrics.lane_gap) / index.lanes[position]
    return rect.y + metrics.row_padding + index.lane[position] * step, max(3.0, step - metrics.lane_gap)


def _key_rect(frame: int, view: View, rect: Rect) -> Rect:
    radius = view.metrics.key_radius
    return Rect(view.x_of(frame) - radius, rect.y + rect.height / 2 - radius, 2 * radius, 2 * radius)


def _runs(index: TrackIndex, seen: range, view: View, rect: Rect) -> tuple[PlacedRun, ...]:
    """Merge items that touch on screen (gap below a pixel) into blocks."""
    chosen = slice(seen.start, seen.stop)
    left = view.origin + (index.starts[chosen] - view.scroll) * view.scale
    right = np.maximum(view.origin + (index.stops[chosen] - view.scroll) * view.scale, left + 1.0)
    return _merged(left, right, view, rect)


def _merged(left: Floats, right: Floats, view: View, rect: Rect) -> tuple[PlacedRun, ...]:
    metrics = view.metrics
    edge = np.maximum.accumulate(right)
    breaks = np.flatnonzero(left[1:] > edge[:-1] + 1.0) + 1
    begins = np.concatenate(([0], breaks))
    ends = np.concatenate((breaks, [len(left)]))
    y, height = rect.y + metrics.row_padding, rect.height - 2 * metrics.row_padding
    return tuple(
        PlacedRun(int(end - begin), Rect(float(left[begin]), y, float(edge[end - 1] - left[begin]), height))
        for begin, end in zip(begins, ends, strict=True)
    )


def marker_rect(marker: Marker, view: View) -> Rect:
    """Where a marker's flag is in the ruler."""
    return Rect(view.x_of(marker.frame) - 5.0, view.metrics.ruler_height - 13.0, 10.0, 12.0)


def _markers(document: Document, view: View) -> tuple[PlacedMarker, ...]:
    first, last = view.visible()
    return tuple(
        PlacedMarker(marker, marker_rect(marker, view))
        for marker in document.markers
        if first - 10 / view.scale <= marker.frame + marker.length and marker.frame <= last + 10 / view.scale
    )
