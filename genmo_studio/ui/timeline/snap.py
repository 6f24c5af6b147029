"""Snapping: the times that a drag is drawn to, and the nearest of them. Pure.

Targets are whole frames, sorted; a frame wanted by several sources keeps the strongest (playhead, edges, keys, markers,
in and out, beats).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.model import Document, Track
from genmo_studio.ui.timeline.index import KEY_KINDS, IndexCache, TrackIndex


class SnapSource(IntEnum):
    """Where a target comes from; lower wins on the same frame."""

    PLAYHEAD = 0
    EDGE = 1
    KEY = 2
    MARKER = 3
    IN_OUT = 4
    BEAT = 5

    @property
    def word(self) -> str:
        """What one is drawn to, beside the pointer."""
        return _WORDS[self]


_SOURCES = tuple(SnapSource)
_WORDS = dict(zip(_SOURCES, ("playhead", "clip edge", "key", "marker", "in or out", "beat"), strict=True))


class SnapTargets(msgspec.Struct, frozen=True):
    """Sorted frames and the source of each."""

    frames: tuple[int, ...] = ()
    sources: tuple[SnapSource, ...] = ()

    def nearest(self, frame: float, *, within: float) -> int | None:
        """Position of the nearest target at most ``within`` frames away, or None."""
        right = bisect_left(self.frames, frame)
        near = [p for p in (right - 1, right) if 0 <= p < len(self.frames)]
        best = min(near, key=lambda p: abs(self.frames[p] - frame), default=None)
        return best if best is not None and abs(self.frames[best] - frame) <= within else None


class Snap(msgspec.Struct, frozen=True):
    """Result of snapping: a whole frame or shift, and the line to show when a target was taken."""

    frame: int
    line: int | None = None
    source: SnapSource | None = None


def snap_targets(
    document: Document,
    *,
    playhead: int | None = None,
    beats: Iterable[int] = (),
    exclude: frozenset[str] = frozenset(),
    marks: bool = True,
    cache: IndexCache | None = None,
) -> SnapTargets:
    """Collect the targets of a document; items, markers and marks that are being dragged (``exclude``) give none.

    ``beats`` are timeline frames; ``playhead`` None leaves the playhead out (while it is what is dragged). ``cache``
    has the times of large tracks at hand.
    """
    known = cache or IndexCache()
    found: list[tuple[SnapSource, Iterable[int]]] = [(SnapSource.BEAT, beats)]
    for track in document.tracks:
        if not track.hidden:
            found += _of_track(track, known.of(track), exclude)
    found.append((SnapSource.EDGE, [edge for p in document.result for edge in (p.span.start, p.span.stop)]))
    for marker in (marker for marker in document.markers if marker.id not in exclude):
        ends = (marker.frame, marker.frame + marker.length) if marker.length else (marker.frame,)
        found.append((SnapSource.MARKER, ends))
    in_out = document.in_out if marks else None
    found.append((SnapSource.IN_OUT, (0, document.length) + ((in_out.start, in_out.stop) if in_out else ())))
    found.append((SnapSource.PLAYHEAD, () if playhead is None else (playhead,)))
    return _merged(found)


def _of_track(
    track: Track, index: TrackIndex, exclude: frozenset[str]
) -> Iterator[tuple[SnapSource, NDArray[np.int64]]]:
    keep: Any = slice(None)
    if exclude:
        gone = [position for position, item in enumerate(track.items) if item.id in exclude]
        keep = np.delete(np.arange(len(track.items)), gone) if gone else keep
    if track.kind in KEY_KINDS:
        yield SnapSource.KEY, index.starts[keep]
    else:
        yield SnapSource.EDGE, index.starts[keep]
        yield SnapSource.EDGE, index.stops[keep]


def _merged(found: Iterable[tuple[SnapSource, Iterable[int]]]) -> SnapTargets:
    """All frames in order, each once with its strongest source; in arrays, since there may be 100,000 keys."""
    lists = [(source, np.asarray(list(f) if not isinstance(f, np.ndarray) else f, np.int64)) for source, f in found]
    frames = np.concatenate([part for _, part in lists])
    sources = np.concatenate([np.full(len(part), source, np.int64) for source, part in lists])
    order = np.lexsort((sources, frames))
    frames, sources = frames[order], sources[order]
    first = np.append(True, frames[1:] != frames[:-1]) if len(frames) else np.zeros(0, bool)
    return SnapTargets(tuple(frames[first].tolist()), tuple(map(_SOURCES.__getitem__, sources[first].tolist())))


def snap_frame(frame: float, targets: SnapTargets, *, within: float) -> Snap:
    """A time drawn to the nearest target, else to the nearest whole frame."""
    position = targets.nearest(frame, within=within)
    if position is None:
        return Snap(round(frame))
    return Snap(targets.frames[position], targets.frames[position], targets.sources[position])


def snap_shift(shift: float, edges: Sequence[int], targets: SnapTargets, *, within: float) -> Snap:
    """A shift (frames) for things whose edges are at ``edges``: the edge that comes nearest to a target takes it."""
    best: Snap | None = None
    best_distance = within
    for edge in edges:
        position = targets.nearest(edge + shift, within=best_distance)
        if position is None:
            continue
        target = targets.frames[position]
        distance = abs(target - edge - shift)
        if best is None or distance < best_distance:
            best, best_distance = Snap(target - edge, target, targets.sources[position]), distance
    return best or Snap(round(shift))
