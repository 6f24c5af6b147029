"""Sorted lookup of a track's items by time: what is visible is found by bisection, never by a scan. Pure.

Items are sorted by start, but a long early item may still reach into the view. ``reach[i]`` is the largest stop among
items 0..i; it never falls, so the first item that can be visible is found by bisection too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec
import numpy as np

from genmo_studio.document.holds import held_parts
from genmo_studio.document.model import (
    ContactClip,
    Document,
    Foot,
    Item,
    MusicClip,
    PoseKey,
    TextClip,
    Track,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import heard_tracks, item_span, item_start
from genmo_studio.document.time import Span
from genmo_studio.document.under import is_unchecked
from genmo_studio.shapes import Int
from genmo_studio.ui.timeline.subrows import bits

_FADING = (VideoClip, MusicClip, TextClip)
"""Items of which one gives way to another where two share their time."""
KEY_KINDS = (TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS, TrackKind.PATH)


class TrackIndex(msgspec.Struct, frozen=True):
    """A track's items with what is needed to place them."""

    items: tuple[Item, ...]
    starts: Int[np.ndarray, " items"]
    stops: Int[np.ndarray, " items"]
    reach: list[int]
    start_list: list[int]
    lane: list[int]  # of a clip: row of the item among those it overlaps with
    lanes: list[int]  # of a clip: number of rows in its group of overlapping items
    overlaps: tuple[Span, ...]  # frames that two or more items share
    heard_starts: Int[np.ndarray, " stretches"]  # of the stretches that the items condition, muted ones left out;
    heard_stops: Int[np.ndarray, " stretches"]  # keys lead the time between them

    def visible(self, first: float, last: float) -> range:
        """Positions of items that may reach into ``[first, last]`` (frames); those in between may lie outside."""
        return range(bisect_right(self.reach, first), bisect_right(self.start_list, last))

    def from_start(self, first: float, seen: range) -> range:
        """Those of some positions whose items start at a time or later."""
        return range(bisect_left(self.start_list, first, lo=seen.start, hi=seen.stop), seen.stop)

    def reaching(self, frame: float, among: range) -> list[int]:
        """Those of some positions whose items reach beyond a time."""
        return (np.flatnonzero(self.stops[among.start : among.stop] > frame) + among.start).tolist()

    def at(self, frame: float) -> Item | None:
        """The latest-starting item that covers a time."""
        for position in reversed(self.visible(frame, frame)):
            if self.stops[position] > frame:
                return self.items[position]
        return None

    def nearest(self, frame: float) -> Item | None:
        """The item whose start is nearest to a time."""
        if not self.items:
            return None
        right = bisect_left(self.start_list, frame)
        near = [p for p in (right - 1, right) if 0 <= p < len(self.items)]
        return self.items[min(near, key=lambda p: abs(self.start_list[p] - frame))]


def index_items(items: tuple[Item, ...]) -> TrackIndex:
    """Build the lookup of one track."""
    if items and isinstance(items[0], PoseKey | Waypoint):
        return _index_keys(items)
    spans = [item_span(item) for item in items]
    lane, lanes = _feet(items, spans) or _lanes(spans)
    starts = [span.start for span in spans]
    stops = np.array([span.stop for span in spans], dtype=np.int64)
    speaking = [(span.start, span.stop) for span, item in zip(spans, items, strict=True) if not item.muted]
    heard = np.array(speaking, np.int64).reshape(-1, 2)
    return TrackIndex(
        items=items,
        starts=np.array(starts, dtype=np.int64),
        stops=stops,
        reach=np.maximum.accumulate(stops).tolist() if spans else [],
        start_list=starts,
        lane=lane,
        lanes=lanes,
        overlaps=tuple(_overlaps(spans)) if items and isinstance(items[0], _FADING) else (),
        heard_starts=heard[:, 0],
        heard_stops=heard[:, 1],
    )


def _index_keys(items: tuple[Item, ...]) -> TrackIndex:
    """The same for keys, which lie on different frames, so that none overlap: quick for 100,000 of them."""
    starts: list[int] = [item.frame for item in items]  # type: ignore[union-attr]  # keys and waypoints alone come here
    array = np.array(starts, dtype=np.int64)
    stops = array + 1
    if isinstance(items[0], PoseKey):
        stops += np.array([item.hold for item in items], dtype=np.int64)  # type: ignore[union-attr]
    first = next((item_start(item) for item in items if not item.muted), None)
    last = next((item_span(item).stop for item in reversed(items) if not item.muted), None)
    stretch = [] if first is None or last is None else [(first, last)]
    heard = np.array(stretch, np.int64).reshape(-1, 2)
    return TrackIndex(
        items=items,
        starts=array,
        stops=stops,
        reach=np.maximum.accumulate(stops).tolist(),
        start_list=starts,
        lane=[],
        lanes=[],
        overlaps=(),
        heard_starts=heard[:, 0],
        heard_stops=heard[:, 1],
    )


def _feet(items: Sequence[Item], spans: Sequence[Span]) -> tuple[list[int], list[int]] | None:
    """The left foot above the right one, wherever a foot says one thing at a time; None for other items."""
    if not items or not isinstance(items[0], ContactClip):
        return None
    lane = [int(isinstance(item, ContactClip) and item.foot is Foot.RIGHT) for item in items]
    for foot in (0, 1):
        if _overlaps([span for span, mine in zip(spans, lane, strict=True) if mine == foot]):
            return None
    return lane, [2] * len(items)


def _lanes(spans: Sequence[Span]) -> tuple[list[int], list[int]]:
    """First free lane for each span in turn, and the number of lanes of the group it is chained to by overlaps."""
    lane, lanes = [0] * len(spans), [1] * len(spans)
    group: list[int] = []
    free_at: list[int] = []

    def close() -> None:
        for position in group:
            lanes[position] = len(free_at)
        group.clear()
        free_at.clear()

    for position, span in enumerate(spans):
        if free_at and span.start >= max(free_at):
            close()
        for number, until in enumerate(free_at):
            if until <= span.start:
                lane[position], free_at[number] = number, span.stop
                break
        else:
            lane[position] = len(free_at)
            free_at.append(span.stop)
        group.append(position)
    close()
    return lane, lanes


def _overlaps(spans: Sequence[Span]) -> list[Span]:
    """Frames covered at least twice, as separate spans in order; ``spans`` sorted by start."""
    shared: list[Span] = []
    furthest = -(2**62)
    for span in spans:
        if span.start < furthest:
            stop = min(span.stop, furthest)
            if shared and span.start <= shared[-1].stop:
                shared[-1] = Span(shared[-1].start, max(shared[-1].stop, stop))
            else:
                shared.append(Span(span.start, stop))
        furthest = max(furthest, span.stop)
    return shared


def _united_arrays(starts: Sequence[np.ndarray], stops: Sequence[np.ndarray]) -> list[Span]:
    """The union of many spans as separate spans in order; in arrays, for it is done anew with every step of a drag."""
    begin, end = np.concatenate([*starts, []]).astype(np.int64), np.concatenate([*stops, []]).astype(np.int64)
    if not len(begin):
        return []
    order = np.argsort(begin, kind="stable")
    begin, reach = begin[order], np.maximum.accumulate(end[order])
    breaks = np.flatnonzero(begin[1:] > reach[:-1])
    firsts = begin[np.append(0, breaks + 1)].tolist()
    return [Span(a, b) for a, b in zip(firsts, reach[np.append(breaks, -1)].tolist(), strict=True)]


class IndexCache:
    """Keeps the lookup of each track until its items are another value."""

    def __init__(self) -> None:
        self._of_track: dict[str, TrackIndex] = {}
        self._parts: dict[str, tuple[tuple[Item, ...], dict[int, int]]] = {}
        self._holding: dict[tuple[str, int], tuple[tuple[Item, ...], Int[np.ndarray, " some"]]] = {}

    def of(self, track: Track) -> TrackIndex:
        """The lookup of a track; built once for each value of ``track.items``."""
        known = self._of_track.get(track.id)
        if known is None or known.items is not track.items:
            known = self._of_track[track.id] = index_items(track.items)
        return known

    def parts(self, track: Track) -> Int[np.ndarray, " items"]:
        """What each key of a track holds, as bits (subrows.bits); what is known of keys is not worked out again."""
        items, known = self._parts.get(track.id, ((), {}))
        if items is not track.items:
            made: dict[tuple[tuple[str, ...], tuple[str, ...], bool], int] = {}
            found = {id(item): known.get(id(item)) or _parts_of(item, made) for item in track.items}
            items, known = self._parts[track.id] = track.items, found
        return np.fromiter(known.values(), np.int64, len(known))

    def holding(self, track: Track, wanted: int) -> Int[np.ndarray, " some"]:
        """Positions in a track of the keys that hold any of some parts (subrows.bits), in order."""
        known = self._holding.get((track.id, wanted))
        if known is None or known[0] is not track.items:
            found = np.flatnonzero(self.parts(track) & wanted)
            known = self._holding[track.id, wanted] = track.items, found
        return known[1]

    def keep_only(self, document: Document) -> None:
        """Forget tracks that are gone."""
        present = {track.id for track in document.tracks}
        self._of_track = {key: value for key, value in self._of_track.items() if key in present}
        self._parts = {key: value for key, value in self._parts.items() if key in present}
        self._holding = {key: value for key, value in self._holding.items() if key[0] in present}


def _parts_of(item: Item, made: dict[tuple[tuple[str, ...], tuple[str, ...], bool], int]) -> int:
    """Bits of what a key holds; keys that hold the same joints share the work (captured motion is many of them)."""
    if not isinstance(item, PoseKey):
        return 0
    named = (tuple(item.rotations), tuple(item.positions), item.root_position is None)
    if named not in made:
        made[named] = bits(held_parts(item))
    return made[named]


class Silence:
    """Which tracks are not heard, which stretches nothing conditions and which tweaks were made for another result.

    Worked out once for each document.
    """

    def __init__(self, cache: IndexCache) -> None:
        self._cache = cache
        self._of: Document | None = None
        self.gaps: tuple[Span, ...] = ()
        self.tracks: frozenset[str] = frozenset()
        self.unchecked: frozenset[str] = frozenset()

    def follow(self, document: Document) -> None:
        """Look at a document."""
        if document is not self._of:
            self._of = document
            heard = {track.id for track in heard_tracks(document)}
            self.tracks = frozenset(track.id for track in document.tracks) - heard
            self.gaps = unconditioned(document, self._cache)
            rows = (track for track in document.tracks if track.kind is TrackKind.TWEAKS)
            tweaks = (item for track in rows for item in track.items if isinstance(item, Tweak))
            self.unchecked = frozenset(tweak.id for tweak in tweaks if is_unchecked(document, tweak))


def unconditioned(document: Document, cache: IndexCache) -> tuple[Span, ...]:
    """Stretches of the project for which nothing that is heard says what to do (TL15).

    A clip conditions its own span; keys of one track condition from the first to the last, since the motion between
    them is led by both. Tracks that are muted, or not solo while others are, say nothing.
    """
    known = [cache.of(track) for track in heard_tracks(document)]
    covered = _united_arrays([index.heard_starts for index in known], [index.heard_stops for index in known])
    gaps, reached = [], 0
    for span in covered:
        if span.start >= document.length:
            break
        if span.start > reached:
            gaps.append(Span(reached, span.start))
        reached = span.stop
    if reached < document.length:
        gaps.append(Span(reached, document.length))
    return tuple(gaps)
