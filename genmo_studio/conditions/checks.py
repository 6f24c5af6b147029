"""Looking at the conditions before generating: what contradicts itself, what no body can do, what is left open."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec
import numpy as np

from genmo_studio.conditions.path import turn_between
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.table import MODALITIES
from genmo_studio.document.model import Document, Item, PoseKey, Vec3, Waypoint
from genmo_studio.document.queries import heard_items, heard_tracks, item_span
from genmo_studio.document.time import Span
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec

FASTEST_ROOT = 12.0  # m/s; the fastest sprint measured is 12.4
SAME_PLACE = 0.01  # m
SAME_HEADING = math.radians(5.0)
LONGEST_INBETWEEN = 300
"""Frames between two neighbouring keys up to which the movement between them counts as asked for (10 s at 30 fps)."""

__all__ = ["Problem", "Severity", "check_conditions"]


class _Root(msgspec.Struct, frozen=True):
    """What an item asks of the root at a frame. A msgspec struct: there may be 100,000."""

    frame: int
    item: str
    is_key: bool
    place: tuple[float, float] | None
    waypoint: float | None = None
    """Heading of a waypoint, rad."""
    pelvis: Vec3 | None = None
    """Rotation vector of a key's pelvis, rad."""

    def heading(self) -> float | None:
        """Heading that is asked for, rad; of keys only worked out when needed, for there may be many."""
        if self.pelvis is None:
            return self.waypoint
        return float(heading_from_matrix(matrix_from_rotvec(np.array(self.pelvis, np.float64))))


def check_conditions(document: Document, *, span: Span | None = None) -> list[Problem]:
    """Problems of the conditions that take part, in the order of their frames; with ``span``, only those in it.

    A key whose pelvis points along a waypoint's heading within 5 degrees agrees with it. Speed is measured along
    straight lines over the ground between neighbouring keys and waypoints.
    """
    items: dict[str, list[Item]] = defaultdict(list)
    for track in heard_tracks(document)[::-1]:
        items[MODALITIES[track.kind].field].extend(heard_items(track.items))
    checks = {modality.field: modality.check for modality in MODALITIES.values()}
    problems = [problem for field, check in checks.items() for problem in check(items[field])]
    every = [item for group in items.values() for item in group]
    roots = sorted(_roots(every), key=lambda root: root.frame)
    problems += [*_disagreements(roots), *_sprints(roots, document.fps)]
    whole = span or Span(0, document.length)
    problems += _open_spans(every, whole)
    chosen = [problem for problem in problems if span is None or problem.span.overlaps(span)]
    return sorted(chosen, key=lambda problem: (problem.span, problem.sentence))


def _roots(items: Iterable[Item]) -> Iterator[_Root]:
    for item in items:
        if isinstance(item, Waypoint):
            yield _Root(item.frame, item.id, False, item.position, waypoint=item.heading)
        elif isinstance(item, PoseKey):
            place = (item.root_position[0], item.root_position[2]) if item.root_position is not None else None
            pelvis = item.rotations.get("pelvis")
            if place is not None or pelvis is not None:
                yield _Root(item.frame, item.id, True, place, pelvis=pelvis)


def _disagreements(roots: list[_Root]) -> Iterator[Problem]:
    """Keys against waypoints of the same frame; keys among themselves are the matter of their own module."""
    for first, second in pairwise(roots):
        if first.frame != second.frame or first.is_key == second.is_key:
            continue
        parts = []
        if first.place is not None and second.place is not None and math.dist(first.place, second.place) > SAME_PLACE:
            parts.append("place")
        headings = first.heading(), second.heading()
        if None not in headings and turn_between(*headings) > SAME_HEADING:  # type: ignore[arg-type]
            parts.append("heading")
        if parts:
            yield Problem(
                Severity.ERROR,
                f"A key and a waypoint at frame {first.frame} disagree about the {' and '.join(parts)}.",
                Span(first.frame, first.frame + 1),
                (first.item, second.item),
            )


def _sprints(roots: list[_Root], fps: int) -> Iterator[Problem]:
    placed = [(root, root.place) for root in roots if root.place is not None]
    for (first, start), (second, end) in pairwise(placed):
        frames = second.frame - first.frame
        if not frames:
            continue
        metres = math.dist(start, end)
        speed = metres * fps / frames
        if speed > FASTEST_ROOT:
            yield Problem(
                Severity.ERROR,
                f"From frame {first.frame} to {second.frame} the body would move {metres:.1f} m at {speed:.0f} m/s; "
                f"nobody runs faster than {FASTEST_ROOT:.0f} m/s.",
                Span(first.frame, second.frame + 1),
                (first.item, second.item),
            )


def _open_spans(items: Iterable[Item], whole: Span) -> Iterator[Problem]:
    """Stretches where no clip speaks and that do not lie between two near keys."""
    clips = [item_span(item) for item in items if not isinstance(item, PoseKey | Waypoint)]
    frames = sorted({item.frame for item in items if isinstance(item, PoseKey | Waypoint)})
    keys = [Span(frame, frame + 1) for frame in frames]
    between = [Span(a, b + 1) for a, b in pairwise(frames) if b - a <= LONGEST_INBETWEEN]
    reached = whole.start
    for span in [*sorted([*clips, *keys, *between]), Span(whole.stop, whole.stop + 1)]:
        start = min(span.start, whole.stop)
        if start > reached:
            open_span = Span(reached, start)
            yield Problem(
                Severity.INFO,
                f"Nothing conditions frames {open_span.start} to {open_span.stop - 1}; the model moves freely there.",
                open_span,
            )
        reached = max(reached, span.stop)
