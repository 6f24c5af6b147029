"""Steps where there were none: a body that turns or travels over feet that are said to stand gets steps under it.

Where both feet are said to rest while the motion carries them over the ground, further than a standing foot can give,
the stretch is cut into steps, left and right in turn, each an equal part of the way: the body leans over the foot that
stays, the other is lifted, carried and put down where the motion has it in the middle of its next stand. So the feet
stand where the animator sees them stand, and the body goes the way it went. Feet at keys stay where the keys put them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.contacts import sole_heights
from genmo_studio.motion.footpath import cleaned, runs
from genmo_studio.motion.footplan import (
    ROLL_FRAMES,
    FootPlan,
    FootPose,
    Steps,
    Swing,
    flat_foot,
    foot_poses,
    sunk,
    walked,
)
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_RESTS = 0.3  # probability from which on a foot is said to rest, as for the foot lock
_SLIDES = 0.15  # m that a foot has to be carried while it rests
_TURNS = np.radians(35.0)  # or turned
_FAR, _TWISTED = 0.3, np.radians(55.0)  # how far from where the motion has it a foot may stand
_SAME, _AS_TURNED = 0.05, np.radians(15.0)  # a foot that ends so near to where it began need not step
_RADIUS = 0.3  # m of way that a turn of one radian counts
_FEWEST, _MOST = 9, 16  # frames of a swing
_LOW, _LEVEL = 0.10, 0.5  # m over the ground, and cosine of its slant, up to which a foot stands on its sole
_BESIDE = 2  # frames at least in which both feet stand between two swings
_LIFT, _LIFT_OF_WAY, _LIFT_OF_TURN = 0.03, 0.08, 0.01  # m at least, a m of way, a rad of turn
_HIGHEST = 0.15  # m that the motion's own lift of the foot is followed
_LEAN = 0.035  # m that the pelvis goes over the foot that stays


def stepped(
    motion: Motion,
    body: Body,
    *,
    ground: Float[Floats, " frames"],
    legs: Sequence[int] = (),
    pelvis: Sequence[int] = (),
    planted: Float[Floats, "frames 2"] | None = None,
    strength: float = 1.0,
) -> tuple[Motion, list[Steps]]:
    """The motion with steps where feet that are said to rest are carried along, and where they are.

    ``ground`` is the height of the ground, m. ``legs`` and ``pelvis`` are frames in which keys fix a leg or the pelvis;
    where the user has ``planted`` a foot (0..1), there are no steps.
    """
    if motion.contacts is None or len(motion) < 2 * _FEWEST or strength <= 0:
        return motion, []
    told: list[Steps] = []
    for start, stop in _stretches(motion, body, ground, legs, planted):
        plans = _plans(motion, body, start, stop - 1, ground)
        swings = sum(len(plan.swings) for plan in plans)
        if not swings:
            continue
        leaning = _leaned(motion, plans, body, pelvis, strength=strength)
        motion = walked(sunk(leaning, body, plans, held=pelvis, strength=strength), body, plans, strength=strength)
        told.append(Steps(start, stop, swings))
    return motion, told


def _stretches(
    motion: Motion, body: Body, ground: Floats, legs: Sequence[int], planted: Floats | None
) -> Iterator[tuple[int, int]]:
    """Stretches (start, stop) in which both feet are said to rest, from key to key; a key belongs to both its sides."""
    assert motion.contacts is not None
    said = motion.contacts[:, :4].reshape(-1, 2, 2).max(axis=2) > _RESTS
    balls, turns = foot_poses(motion, body)
    soles = sole_heights(body, motion.betas)[[1, 3]]
    said &= (balls[..., 1] - soles - ground[:, None] < _LOW) & (turns[..., 1, 1] > _LEVEL)
    both = cleaned(np.asarray(said[:, 0] & said[:, 1]))
    if planted is not None:
        both &= ~(planted > 0).any(axis=1)
    for start, stop in runs(both):
        cuts = [start, *(key for key in sorted(set(legs)) if start < key < stop - 1), stop - 1]
        for first, last in pairwise(cuts):
            yield first, last + 1


@dataclass(frozen=True)
class _Stretch:
    """Where the motion has the feet and the root from frame ``first`` on, frame by frame of the stretch."""

    first: int
    balls: Float[Floats, "frames 2 3"]
    turns: Float[Floats, "frames 2 3 3"]
    headings: Float[Floats, "frames 2"]
    root: Float[Floats, "frames 2"]
    facing: Float[Floats, " frames"]

    @property
    def last(self) -> int:
        return self.first + len(self.root) - 1

    def apart(self, foot: int, one: int | slice, other: int) -> tuple[float, float]:
        """How far (m) and how much turned (rad) a foot is at most from where it is in another frame."""
        off = self.balls[one, foot][..., [0, 2]] - self.balls[other, foot, [0, 2]]
        turn = self.headings[one, foot] - self.headings[other, foot]
        return float(np.linalg.norm(off, axis=-1).max()), float(np.abs(turn).max())

    def way(self) -> Float[Floats, " frames"]:
        """How far body and feet have gone and turned up to each frame, as m."""
        pace = np.linalg.norm(np.diff(self.balls[:, :, [0, 2]].mean(axis=1), axis=0), axis=-1)
        pace = np.maximum(pace, np.linalg.norm(np.diff(self.root, axis=0), axis=-1))
        return np.concatenate([[0.0], np.cumsum(pace + _RADIUS * np.abs(np.diff(self.facing)))])


def _stretch(motion: Motion, body: Body, first: int, last: int) -> _Stretch:
    part = motion.sliced(first, last + 1)
    balls, turns = foot_poses(part, body)
    facing = heading_from_matrix(matrix_from_rotvec(part.rotations[:, 0].astype(np.float64)))
    return _Stretch(
        first, balls, turns, np.unwrap(heading_from_matrix(turns), axis=0),
        part.translation[:, [0, 2]].astype(np.float64), np.unwrap(facing),
    )  # fmt: skip


def _plans(motion: Motion, body: Body, first: int, last: int, ground: Floats) -> list[FootPlan]:
    """What both feet do in a stretch, nothing where they need no steps or have no time for them.

    As few steps as keep every standing foot near where the motion has it; as many as there is time for at most.
    """
    there = _stretch(motion, body, first, last)
    whole, end = slice(0, last - first + 1), last - first
    carried = [there.apart(foot, whole, 0) for foot in (0, 1)]
    if max(way for way, _ in carried) < _SLIDES and max(turn for _, turn in carried) < _TURNS:
        return []
    ends = [there.apart(foot, end, 0) for foot in (0, 1)]
    if max(way for way, _ in ends) < _SAME and max(turn for _, turn in ends) < _AS_TURNED:
        return []
    most = 2 * (end // (2 * (_FEWEST + _BESIDE)))
    side = _first_side(there.facing[-1] - there.facing[0], there.root[-1] - there.root[0], float(there.facing[0]))
    for count in range(2, most + 1, 2):
        stands = [_stands(there, _times(there.way(), count)[int(foot != side) :: 2]) for foot in (0, 1)]
        if count + 2 > most or all(_near(there, foot, stands[foot]) for foot in (0, 1)):
            return [
                FootPlan(
                    foot,
                    first,
                    last,
                    tuple(_swing(there, foot, stand, body, betas=motion.betas, ground=ground) for stand in mine),
                )
                for foot, mine in enumerate(stands)
            ]
    return []


@dataclass(frozen=True)
class _Stand:
    """A foot swings from ``start`` to ``stop``, then stands until ``until`` as the motion has it at ``like``."""

    start: int
    stop: int
    until: int
    like: int


def _stands(there: _Stretch, times: list[tuple[int, int]]) -> list[_Stand]:
    end = len(there.root) - 1
    found = []
    for number, (start, stop) in enumerate(times):
        last = number + 1 == len(times)
        until = end if last else times[number + 1][0]
        found.append(_Stand(start, stop, until, end if last else (stop + until) // 2))
    return found


def _near(there: _Stretch, foot: int, stands: list[_Stand]) -> bool:
    """Whether a foot stands near where the motion has it all the time."""
    before = _Stand(0, 0, stands[0].start, 0)
    off = [there.apart(foot, slice(stand.stop, stand.until + 1), stand.like) for stand in (before, *stands)]
    return all(way <= _FAR and turn <= _TWISTED for way, turn in off)


def _swing(
    there: _Stretch, foot: int, stand: _Stand, body: Body, *, betas: NDArray[np.float32], ground: Floats
) -> Swing:
    pose = FootPose(there.balls[stand.like, foot], there.turns[stand.like, foot])
    level = float(ground[there.first + stand.like])
    flat = flat_foot(body, betas, foot, pose, level)
    lift = _lift(there, foot, stand)
    return Swing(there.first + stand.start, there.first + stand.stop, flat, lift, heel_first=True)


def _lift(there: _Stretch, foot: int, stand: _Stand) -> float:
    """m: a short step is low, a long one or a turn higher, and no lower than the motion itself lifts the foot."""
    way, turn = there.apart(foot, stand.like, stand.start)
    asked = _LIFT + _LIFT_OF_WAY * way + _LIFT_OF_TURN * turn
    height = there.balls[stand.start : stand.stop + 1, foot, 1]
    own = float(height.max() - min(height[0], height[-1]))
    return min(max(asked, own), _HIGHEST)


def _times(way: Floats, count: int) -> list[tuple[int, int]]:
    """(start, stop) of each swing within a stretch: equal parts of the way, each with time enough."""
    frames = len(way) - 1
    even = np.linspace(0, frames, count + 1)
    by_way = np.interp(np.linspace(0, way[-1], count + 1), way + np.arange(len(way)) * 1e-6, np.arange(len(way)))
    least = _FEWEST + _BESIDE
    edges = by_way
    for _ in range(20):  # towards even parts until each has time enough
        if np.diff(edges).min() >= least:
            break
        edges = edges + 0.2 * (even - edges)
    found = []
    for early, late in pairwise(edges.tolist()):
        length = min(late - early - _BESIDE, _MOST)
        middle = (early + late) / 2
        start = round(middle - length / 2)
        found.append((start, start + round(length)))
    return found


def _first_side(turn: float, way: Floats, facing: float) -> int:
    """The foot on the side to which the body turns or, without a turn, goes."""
    if abs(turn) > _TURNS / 2:
        return 0 if turn > 0 else 1
    return 0 if float(way @ [np.cos(facing), -np.sin(facing)]) > 0 else 1


def _leaned(motion: Motion, plans: list[FootPlan], body: Body, pelvis: Sequence[int], *, strength: float) -> Motion:
    """The pelvis over the foot that stays while the other swings; nothing at frames that fix it."""
    first, last = plans[0].first, plans[0].last
    frames = np.arange(first, last + 1)
    shift = np.zeros((len(frames), 3))
    balls, _ = foot_poses(motion.sliced(first, last + 1), body)
    for plan in plans:
        for swing in plan.swings:
            middle = (swing.start + swing.stop) // 2
            over = balls[middle - first, 1 - plan.side] - balls[middle - first, plan.side]
            over = over * [1.0, 0.0, 1.0] / max(float(np.linalg.norm(over[[0, 2]])), 1e-6)
            early, late = swing.start - ROLL_FRAMES, swing.stop + ROLL_FRAMES
            share = smoothstep((frames - early) / (middle - early)) * smoothstep((late - frames) / (late - middle))
            shift += _LEAN * share[:, None] * over
    shift[[0, -1]] = 0
    for key in (first, last, *(key for key in pelvis if first - 6 < key < last + 6)):
        shift *= smoothstep(np.abs(frames - key) / 6)[:, None]
    translation = motion.translation.copy()
    translation[first : last + 1] = translation[first : last + 1] + strength * shift
    return replace(motion, translation=translation)
