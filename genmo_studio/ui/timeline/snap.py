"""Snapping: the times that a drag is drawn to, and the nearest of them. Pure.

Targets are whole frames, sorted; a frame wanted by several sources keeps the strongest (playhead, edges, keys, markers,
in and out, beats).
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from genmo_studio.document.model import Document
from genmo_studio.document.queries import item_span
from genmo_studio.ui.timeline.index import KEY_KINDS


class SnapSource(IntEnum):
    """Where a target comes from; lower wins on the same frame."""

    PLAYHEAD = 0
    EDGE = 1
    KEY = 2
    MARKER = 3
    IN_OUT = 4
    BEAT = 5


@dataclass(frozen=True, slots=True)
class SnapTargets:
    """Sorted frames and the source of each."""

    frames: tuple[int, ...] = ()
    sources: tuple[SnapSource, ...] = ()

    def nearest(self, frame: float, *, within: float) -> int | None:
        """Position of the nearest target at most ``within`` frames away, or None."""
        right = bisect_left(self.frames, frame)
        near = [p for p in (right - 1, right) if 0 <= p < len(self.frames)]
        best = min(near, key=lambda p: abs(self.frames[p] - frame), default=None)
        return best if best is not None and abs(self.frames[best] - frame) <= within else None


@dataclass(frozen=True, slots=True)
class Snap:
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
) -> SnapTargets:
    """Collect the targets of a document; items, markers and marks that are being dragged (``exclude``) give none.

    ``beats`` are timeline frames; ``playhead`` None leaves the playhead out (while it is what is dragged).
    """
    found: dict[int, SnapSource] = {}

    def add(frame: int, source: SnapSource) -> None:
        found[frame] = min(source, found.get(frame, source))

    for frame in beats:
        add(frame, SnapSource.BEAT)
    for track in document.tracks:
        if track.hidden:
            continue
        key_track = track.kind in KEY_KINDS
        for item in track.items:
            if item.id in exclude:
                continue
            span = item_span(item)
            if key_track:
                add(span.start, SnapSource.KEY)
            else:
                add(span.start, SnapSource.EDGE)
                add(span.stop, SnapSource.EDGE)
    for piece in document.result:
        add(piece.span.start, SnapSource.EDGE)
        add(piece.span.stop, SnapSource.EDGE)
    for marker in (marker for marker in document.markers if marker.id not in exclude):
        add(marker.frame, SnapSource.MARKER)
        if marker.length:
            add(marker.frame + marker.length, SnapSource.MARKER)
    in_out = document.in_out if marks else None
    ends = (0, document.length) + ((in_out.start, in_out.stop) if in_out else ())
    for frame in ends:
        add(frame, SnapSource.IN_OUT)
    if playhead is not None:
        add(playhead, SnapSource.PLAYHEAD)
    ordered = sorted(found.items())
    return SnapTargets(tuple(frame for frame, _ in ordered), tuple(source for _, source in ordered))


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
