"""Root path: where the pelvis is over the ground at some frames and where the body faces."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from genmo_studio.conditions.modality import Gathered, Modality, Scope, only
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.request import WaypointCondition
from genmo_studio.document.model import Item, TrackKind, Waypoint
from genmo_studio.document.time import Span

SAME_PLACE = 0.01  # m
SAME_HEADING = math.radians(1.0)


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Waypoints inside the scope by frame; those that set nothing are left out.

    How the path passes a point is said by where it is one frame before and after, unless a waypoint says that itself.
    """
    points = list(only(items, Waypoint))
    taken = {point.frame for point in points}
    conditions = []
    for point in points:
        for frame, place in passed(point, scope.fps):
            local = scope.local_frame(frame)
            if local is None or (frame != point.frame and frame in taken):
                continue
            heading = point.heading if frame == point.frame else None
            if place is not None or heading is not None:
                conditions.append(WaypointCondition(local, position=place, heading=heading, weight=point.weight))
    return Gathered(tuple(sorted(conditions, key=lambda point: point.frame)))


def passed(point: Waypoint, fps: int) -> Iterator[tuple[int, tuple[float, float] | None]]:
    """(frame, place in m) that a waypoint promises: its own, and those beside it when it says how it is passed."""
    yield point.frame, point.position
    if point.position is None or point.velocity is None:
        return
    (x, z), (along, ahead) = point.position, point.velocity
    for step in (-1, 1):
        yield point.frame + step, (x + step * along / fps, z + step * ahead / fps)


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """Waypoints in one frame at different places or headings."""
    by_frame: dict[int, list[Waypoint]] = defaultdict(list)
    for point in only(items, Waypoint):
        by_frame[point.frame].append(point)
    for frame, points in by_frame.items():
        for first, second in pairwise(points):
            if _apart(first, second):
                yield Problem(
                    Severity.ERROR,
                    f"Two waypoints at frame {frame} disagree; the upper one is used.",
                    Span(frame, frame + 1),
                    (first.id, second.id),
                    why="Only one of them can be met.",
                    advice="Move one to another frame, mute it, or delete it.",
                )


def _apart(first: Waypoint, second: Waypoint) -> bool:
    places = first.position, second.position
    if places[0] is not None and places[1] is not None and math.dist(places[0], places[1]) > SAME_PLACE:
        return True
    if first.heading is None or second.heading is None:
        return False
    return turn_between(first.heading, second.heading) > SAME_HEADING


def turn_between(first: float, second: float) -> float:
    """Smallest angle between two headings, rad, 0..pi."""
    return abs(math.remainder(first - second, math.tau))


MODALITY = Modality(kind=TrackKind.PATH, field="waypoints", gather=gather, check=check)
