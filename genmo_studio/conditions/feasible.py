"""What no body can do, or none that the model has seen did: reach, speeds and turns between keys and waypoints."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions import limits
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.document.model import Item, PoseKey, Vec3, Waypoint
from genmo_studio.document.time import Span
from genmo_studio.motion.rotations import angle_between, heading_from_matrix, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, JOINTS, PARENTS

MOST_KEYS = 2000
"""Pose keys up to which turns of joints are compared; more are captured motion, which needs no such check."""
CLOSEST = 10
"""Frames at 30 fps between two keys from which on a joint may be turned anywhere."""
SLACK = 0.01  # m, on top of the reach of a limb


class Root(msgspec.Struct, frozen=True):
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


def roots(items: Iterable[Item]) -> list[Root]:
    """What keys and waypoints ask of the root, by frame."""
    found = []
    for item in items:
        if isinstance(item, Waypoint):
            found.append(Root(item.frame, item.id, False, item.position, waypoint=item.heading))
        elif isinstance(item, PoseKey):
            place = (item.root_position[0], item.root_position[2]) if item.root_position is not None else None
            pelvis = item.rotations.get("pelvis")
            if place is not None or pelvis is not None:
                found.append(Root(item.frame, item.id, True, place, pelvis=pelvis))
    return sorted(found, key=lambda root: root.frame)


def sprints(found: Sequence[Root], fps: int) -> Iterator[Problem]:
    """Ways over the ground, in a straight line between neighbours, that are too long for their time."""
    placed = [(root, root.place) for root in found if root.place is not None]
    for (first, start), (second, end) in pairwise(placed):
        frames = second.frame - first.frame
        metres = math.dist(start, end)
        if not frames or metres * fps / frames <= limits.SEEN_ROOT:
            continue
        speed = metres * fps / frames
        impossible = speed > limits.FASTEST_ROOT
        room = math.ceil(metres * fps / limits.SEEN_ROOT)
        yield Problem(
            Severity.ERROR if impossible else Severity.WARNING,
            f"From frame {first.frame} to {second.frame} the body would move {metres:.1f} m at {speed:.0f} m/s; "
            + (f"nobody runs faster than {limits.FASTEST_ROOT:.0f} m/s." if impossible else "that is a hard sprint."),
            Span(first.frame, second.frame + 1),
            (first.item, second.item),
            why="Both places are met, so the body will slide between them."
            if impossible
            else f"The fastest run that the model has seen is {limits.SEEN_ROOT:.1f} m/s; the feet may slide.",
            advice=f"Give it {room} frames instead of {frames}, or move the places closer together.",
        )


def spins(found: Sequence[Root], fps: int) -> Iterator[Problem]:
    """Turns of the heading between close neighbours that are faster than any seen."""
    headings = _headings(found)
    for (first, start), (second, end) in pairwise(zip(found, headings, strict=True)):
        frames = second.frame - first.frame
        if start is None or end is None or not 0 < frames * 30 / fps <= limits.SEEN_HEADING[-1][0]:
            continue
        turn = math.degrees(abs(math.remainder(end - start, math.tau)))
        if turn <= limits.SEEN_HEADING[0][1]:
            continue
        most = limits.seen(limits.SEEN_HEADING, frames / fps)
        if turn > most:
            yield Problem(
                Severity.WARNING,
                f"From frame {first.frame} to {second.frame} the body would turn by {turn:.0f}° in {frames} "
                f"{'frame' if frames == 1 else 'frames'}.",
                Span(first.frame, second.frame + 1),
                (first.item, second.item),
                why=f"The fastest turns that the model has seen make {most:.0f}° in that time; this will be a jump.",
                advice="Give the turn more frames.",
            )


def _headings(found: Sequence[Root]) -> list[float | None]:
    """Heading of each, rad, those of keys in one go."""
    headings = [root.waypoint for root in found]
    turned = [index for index, root in enumerate(found) if root.pelvis is not None]
    if turned:
        matrices = matrix_from_rotvec(np.array([found[index].pelvis for index in turned], np.float64))
        for index, heading in zip(turned, heading_from_matrix(matrices).tolist(), strict=True):
            headings[index] = heading
    return headings


def heights(items: Iterable[Item]) -> Iterator[Problem]:
    """Keys whose pelvis is under the ground or higher than any seen."""
    low, high = limits.SEEN_HEIGHT
    for key in items:
        if not isinstance(key, PoseKey) or key.root_position is None or low <= key.root_position[1] <= high:
            continue
        height = key.root_position[1]
        where = "under the ground" if height < low else "above the ground, higher than the model has ever seen"
        yield Problem(
            Severity.WARNING,
            f"The key at frame {key.frame} has its pelvis {abs(height):.2f} m {where}.",
            Span(key.frame, key.frame + 1),
            (key.id,),
            why="The frames around it will be drawn there too.",
            advice="Move the key so that the feet stand on the ground.",
        )


def leaps(items: Iterable[Item], fps: int) -> Iterator[Problem]:
    """Neighbouring keys between which the pelvis would rise or fall faster than a body can."""
    keys = sorted((i for i in items if isinstance(i, PoseKey) and i.root_position is not None), key=lambda k: k.frame)
    for first, second in pairwise(keys):
        assert first.root_position is not None, "only such keys are compared"
        assert second.root_position is not None, "only such keys are compared"
        frames, metres = second.frame - first.frame, abs(second.root_position[1] - first.root_position[1])
        if not frames or metres * fps / frames <= limits.FASTEST_FALL:
            continue
        up = second.root_position[1] > first.root_position[1]
        yield Problem(
            Severity.WARNING,
            f"From frame {first.frame} to {second.frame} the body would {'rise' if up else 'fall'} {metres:.2f} m at "
            f"{metres * fps / frames:.0f} m/s.",
            Span(first.frame, second.frame + 1),
            tuple(dict.fromkeys((first.id, second.id))),
            why=f"No jump and no fall over a body's height is faster than {limits.FASTEST_FALL:.0f} m/s; this will "
            "be a jerk.",
            advice=f"Give it {math.ceil(metres * fps / limits.FASTEST_FALL)} frames instead of {frames}.",
        )


def passes(items: Iterable[Item]) -> Iterator[Problem]:
    """Waypoints that are passed faster than anybody runs."""
    for point in items:
        if not isinstance(point, Waypoint) or point.velocity is None or point.position is None:
            continue
        speed = math.hypot(*point.velocity)
        if speed <= limits.SEEN_ROOT:
            continue
        impossible = speed > limits.FASTEST_ROOT
        yield Problem(
            Severity.ERROR if impossible else Severity.WARNING,
            f"The waypoint at frame {point.frame} is passed at {speed:.0f} m/s; "
            + (f"nobody runs faster than {limits.FASTEST_ROOT:.0f} m/s." if impossible else "that is a hard sprint."),
            Span(point.frame, point.frame + 1),
            (point.id,),
            why="The places beside it are met too, so the body will slide there."
            if impossible
            else f"The fastest run that the model has seen is {limits.SEEN_ROOT:.1f} m/s; the feet may slide.",
            advice="Lower its speed in the Inspector, or leave the speed free.",
        )


def reaches(items: Iterable[Item], rest: NDArray[np.float32]) -> Iterator[Problem]:
    """Targets of one frame that no body of these bone lengths can meet together; ``rest`` (24, 3) in m."""
    frames: dict[int, list[Item]] = {}
    for item in items:
        if (isinstance(item, PoseKey) and (item.positions or item.root_position is not None)) or (
            isinstance(item, Waypoint) and item.position is not None
        ):
            frames.setdefault(item.frame, []).append(item)
    span_of = _spans(rest)
    for frame, those in frames.items():
        if any(isinstance(item, PoseKey) and item.positions for item in those):
            yield from _out_of_reach(frame, those, span_of)


def _out_of_reach(frame: int, items: Sequence[Item], span_of: Callable[[str, str], float]) -> Iterator[Problem]:
    points: list[tuple[str, Vec3, str, bool]] = []  # joint, place, item, whether its height counts
    for item in items:
        if isinstance(item, PoseKey):
            points += [(name, place, item.id, True) for name, place in item.positions.items() if name in INDEX]
            if item.root_position is not None:
                points.append(("pelvis", item.root_position, item.id, True))
        elif isinstance(item, Waypoint) and item.position is not None:
            points.append(("pelvis", (item.position[0], 0.0, item.position[1]), item.id, False))
    for (one, here, first, tall), (other, there, second, high) in combinations(points, 2):
        if one == other:
            continue
        apart = math.dist(here, there) if tall and high else math.dist(here[::2], there[::2])
        most = span_of(one, other)
        if apart > most + SLACK:
            names = f"{one.replace('_', ' ')} and {other.replace('_', ' ')}"
            yield Problem(
                Severity.ERROR,
                f"At frame {frame} {names} would be {apart:.2f} m apart; this body reaches {most:.2f} m.",
                Span(frame, frame + 1),
                tuple(dict.fromkeys((first, second))),
                why="No pose can do that: the limb is stretched out towards the place and misses it.",
                advice=f"Bring them {apart - most:.2f} m closer together, or choose a body with longer limbs.",
            )


def _spans(rest: NDArray[np.float32]) -> Callable[[str, str], float]:
    """Length of the bones between two joints, m, along the skeleton."""
    bones = [0.0 if p < 0 else float(np.linalg.norm(rest[j] - rest[p])) for j, p in enumerate(PARENTS)]

    def path(joint: int) -> list[int]:
        found = [joint]
        while PARENTS[found[-1]] >= 0:
            found.append(PARENTS[found[-1]])
        return found

    def span(one: str, other: str) -> float:
        apart = set(path(INDEX[one])) ^ set(path(INDEX[other]))
        return sum(bones[joint] for joint in apart)

    return span


def hurries(items: Iterable[Item], fps: int) -> Iterator[Problem]:
    """Hands and feet (any joint with a place) that would move faster than any seen."""
    last: dict[str, tuple[int, Vec3, str]] = {}
    keys = sorted((item for item in items if isinstance(item, PoseKey) and item.positions), key=lambda key: key.frame)
    for key in keys:
        for name, place in key.positions.items():
            before = last.get(name)
            if before is not None and before[0] < key.frame:
                yield from _hurry(name, before, (key.frame, place, key.id), fps)
            last[name] = key.frame, place, key.id


def _hurry(name: str, first: tuple[int, Vec3, str], second: tuple[int, Vec3, str], fps: int) -> Iterator[Problem]:
    seconds = (second[0] - first[0]) / fps
    speed, most = math.dist(first[1], second[1]) / seconds, limits.seen(limits.SEEN_HAND, seconds)
    if speed <= most:
        return
    impossible = speed > limits.IMPOSSIBLE_HAND
    yield Problem(
        Severity.ERROR if impossible else Severity.WARNING,
        f"From frame {first[0]} to {second[0]} the {name.replace('_', ' ')} would move at {speed:.0f} m/s; "
        + ("nobody can do that." if impossible else f"the fastest that the model has seen is {most:.0f} m/s."),
        Span(first[0], second[0] + 1),
        (first[2], second[2]),
        why="Both places are met, so the movement between them will look like a jump.",
        advice="Give it more frames, or move the places closer together.",
    )


def snaps(items: Iterable[Item], fps: int) -> Iterator[Problem]:
    """Neighbouring pose keys between which a joint would turn faster than any seen; the worst joint of each pair."""
    keys = sorted((item for item in items if isinstance(item, PoseKey) and item.rotations), key=lambda key: key.frame)
    if len(keys) > MOST_KEYS:
        return
    near = [(a, b) for a, b in pairwise(keys) if 0 < (b.frame - a.frame) * 30 / fps < CLOSEST]
    rows = [
        (pair, INDEX[name], first.rotations[name], second.rotations[name])
        for pair, (first, second) in enumerate(near)
        for name in first.rotations
        if name in second.rotations and name in INDEX and name != "pelvis"
    ]
    if not rows:
        return
    one, other = (matrix_from_rotvec(np.array([row[k] for row in rows], np.float64)) for k in (2, 3))
    turns = np.degrees(angle_between(one, other))
    worst: dict[int, tuple[float, int]] = {}
    for (pair, joint, _, _), turn in zip(rows, turns, strict=True):
        worst[pair] = max(worst.get(pair, (0.0, 0)), (float(turn), joint))
    yield from _snaps(near, worst, fps)


def _snaps(
    near: Sequence[tuple[PoseKey, PoseKey]], worst: Mapping[int, tuple[float, int]], fps: int
) -> Iterator[Problem]:
    for pair, (turn, joint) in worst.items():
        first, second = near[pair]
        frames = second.frame - first.frame
        most = limits.seen(limits.SEEN_TURN, frames / fps)
        if turn > most:
            yield Problem(
                Severity.WARNING,
                f"From frame {first.frame} to {second.frame} the {JOINTS[joint].replace('_', ' ')} would turn by "
                f"{turn:.0f}° in {frames} {'frame' if frames == 1 else 'frames'}.",
                Span(first.frame, second.frame + 1),
                (first.id, second.id),
                why=f"The fastest turns that the model has seen make {most:.0f}° in that time; this will be a jump.",
                advice="Give the keys more frames between them.",
            )
