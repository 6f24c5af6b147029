"""Sorted lookup of a track's items by time: what is visible is found by bisection, never by a scan. Pure.

Items are sorted by start, but a long early item may still reach into the view. ``reach[i]`` is the largest stop among
items 0..i; it never falls, so the first item that can be visible is found by bisection too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from genmo_studio.document.model import Document, Item, Track, TrackKind
from genmo_studio.document.queries import item_span
from genmo_studio.document.time import Span

KEY_KINDS = (TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS, TrackKind.PATH)


@dataclass(frozen=True, slots=True)
class TrackIndex:
    """A track's items with what is needed to place them."""

    items: tuple[Item, ...]
    starts: Int[np.ndarray, " items"]
    stops: Int[np.ndarray, " items"]
    reach: list[int]
    start_list: list[int]
    lane: list[int]  # row of the item among those it overlaps with
    lanes: list[int]  # number of rows in its group of overlapping items
    overlaps: tuple[Span, ...]  # frames that two or more items share

    def visible(self, first: float, last: float) -> range:
        """Positions of items that may reach into ``[first, last]`` (frames); those in between may lie outside."""
        return range(bisect_right(self.reach, first), bisect_right(self.start_list, last))

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
    spans = [item_span(item) for item in items]
    lane, lanes = _lanes(spans)
    reach, furthest = [], -(2**62)
    for span in spans:
        furthest = max(furthest, span.stop)
        reach.append(furthest)
    starts = [span.start for span in spans]
    return TrackIndex(
        items=items,
        starts=np.array(starts, dtype=np.int64),
        stops=np.array([span.stop for span in spans], dtype=np.int64),
        reach=reach,
        start_list=starts,
        lane=lane,
        lanes=lanes,
        overlaps=tuple(_overlaps(spans)),
    )


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


class IndexCache:
    """Keeps the lookup of each track until its items are another value."""

    def __init__(self) -> None:
        self._of_track: dict[str, TrackIndex] = {}

    def of(self, track: Track) -> TrackIndex:
        """The lookup of a track; built once for each value of ``track.items``."""
        known = self._of_track.get(track.id)
        if known is None or known.items is not track.items:
            known = self._of_track[track.id] = index_items(track.items)
        return known

    def keep_only(self, document: Document) -> None:
        """Forget tracks that are gone."""
        present = {track.id for track in document.tracks}
        self._of_track = {key: value for key, value in self._of_track.items() if key in present}


def unconditioned(document: Document) -> tuple[Span, ...]:
    """Stretches of the project for which nothing that is heard says what to do (TL15).

    A clip conditions its own span; keys of one track condition from the first to the last, since the motion between
    them is led by both. Muted tracks and items say nothing; with solo tracks only those speak.
    """
    solo = any(track.solo for track in document.tracks)
    covered: list[Span] = []
    for track in document.tracks:
        if track.muted or (solo and not track.solo):
            continue
        spans = [item_span(item) for item in track.items if not item.muted]
        if track.kind in KEY_KINDS and spans:
            spans = [Span(min(s.start for s in spans), max(s.stop for s in spans))]
        covered.extend(spans)
    gaps, reached = [], 0
    for span in sorted(covered):
        if span.start > reached:
            gaps.append(Span(reached, min(span.start, document.length)))
        reached = max(reached, span.stop)
        if reached >= document.length:
            break
    if reached < document.length:
        gaps.append(Span(reached, document.length))
    return tuple(gap for gap in gaps if gap.length > 0)
