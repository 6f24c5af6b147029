"""Jumps between keys that stand on different levels: push off, fly as things fly, land.

Between two such keys the way of the pelvis is planned anew: while both feet are off the ground its height follows
y'' = -9.81 m/s^2 and it goes straight on over the ground; before and after, its acceleration is as small as it can be
(smoothest.py), so that the crouch that a jump needs comes by itself. Of all flights that leave with the legs nearly
straight and give the feet enough time for their way, the one with the smallest effort is taken. Keys are met as they
were: nothing outside of the frames between them is touched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.footplan import FootPlan, FootPose, Swing, foot_poses, walked
from genmo_studio.motion.ik import LIMBS
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.smoothest import Wanted, smoothest
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]

GRAVITY = 9.81
"""m/s^2"""
LEAST_RISE = 0.15
"""m between the levels of two keys from which on a jump is planned."""
LONGEST = 45
"""Frames between two keys up to which it is a jump; with more time a person climbs."""
_PUSH, _LAND = 3, 2  # frames at least before and after the flight
_STRAIGHT = 0.97  # part of the standing height at which the pelvis leaves
_FOOT_ACCELERATION = 45.0  # m/s^2, usual of ankles (usual.py)
_PEAK = 10 / np.sqrt(3)  # largest acceleration of smoothstep over the unit interval
_LIFT = 0.08  # m by which feet are drawn up over their straight way
_FLIGHT, _LEAVES = 1e4, 1e3  # weights beside that of other second differences


@dataclass(frozen=True)
class Jump:
    """A flight between two keys: both feet are off the ground after ``leaves`` and before ``lands``."""

    first: int
    last: int
    leaves: int
    lands: int
    rise: float
    """m"""


def planned_jumps(
    motion: Motion, body: Body, levels: Mapping[int, float], *, held: Sequence[int] = ()
) -> list[tuple[Jump, Floats]]:
    """Jumps between neighbouring keys (frame -> height of the ground under it, m), each with its way of the root.

    Where a frame between them is ``held`` (a key in the air) the user has said how it goes: no jump is planned.

    The way is (last - first + 1, 3) translations; its ends are the motion's.
    """
    keys = sorted(levels)
    found = []
    for first, last in pairwise(keys):
        rise = levels[last] - levels[first]
        if any(first < frame < last for frame in held):
            continue
        if abs(rise) >= LEAST_RISE and last - first <= LONGEST:
            best = _best(motion, body, first, last, ground=levels[first], rise=rise)
            if best is not None:
                found.append(best)
    return found


def jumped(
    motion: Motion, body: Body, levels: Mapping[int, float], *, held: Sequence[int] = (), strength: float
) -> tuple[Motion, list[Jump]]:
    """The motion with ``strength`` of its planned jumps, and those jumps; contacts say when the feet are off."""
    jumps = []
    for jump, way in planned_jumps(motion, body, levels, held=held):
        jumps.append(jump)
        if strength <= 0:
            continue
        inside = slice(jump.first + 1, jump.last)
        translation = motion.translation.copy()
        translation[inside] += (strength * (way[1:-1] - translation[inside])).astype(np.float32)
        motion = replace(motion, translation=translation)
        balls, turns = foot_poses(motion.sliced(jump.last, jump.last + 1), body)
        plans = [
            FootPlan(
                side, jump.first, jump.last,
                (Swing(jump.leaves, jump.lands, FootPose(balls[0, side], turns[0, side]), _LIFT),),
            )
            for side in (0, 1)
        ]  # fmt: skip
        motion = walked(motion, body, plans, strength=strength)
    return motion, jumps


def level_ground(jumps: list[Jump], ground: Float[Floats, " frames"]) -> Float[Floats, " frames"]:
    """The ground with each change of level within the flight over it."""
    level = ground.copy()
    for jump in jumps:
        low, high = ground[jump.first], ground[jump.last]
        frames = np.arange(jump.first, jump.last + 1)
        level[frames] = np.interp(frames, [jump.leaves, jump.lands], [low, high])
    return level


def _best(
    motion: Motion, body: Body, first: int, last: int, *, ground: float, rise: float
) -> tuple[Jump, Floats] | None:
    """The flight of least effort, or None where the keys leave no time for one."""
    rest = body.rest_joints(motion.betas.astype(np.float64))
    standing = rest[0, 1] - float(body.shaped(motion.betas)[:, 1].min())
    feet = joint_positions(motion.sliced(first, last + 1), body)[:, [leg.end for leg in LIMBS.values()][:2]]
    way = float(np.linalg.norm(feet[-1] - feet[0], axis=-1).max())
    shortest = max(6, int(np.ceil(np.sqrt(_PEAK * way / _FOOT_ACCELERATION) * motion.fps)))
    leaving = ground + _STRAIGHT * standing - rest[0, 1]  # as a translation
    best: tuple[float, Jump, Floats] | None = None
    for leaves in range(first + _PUSH, last - _LAND - shortest + 1):
        for lands in range(leaves + shortest, min(last - _LAND, leaves + 2 * shortest) + 1):
            jump = Jump(first, last, leaves, lands, rise)
            path = _way(motion, jump, leaving)
            bend = np.diff(path, n=2, axis=0) * motion.fps**2
            pushing = np.ones(len(bend), np.bool_)
            pushing[leaves - first : lands - first - 1] = False
            arrives = path[lands - first, 1] - (leaving + rise)
            cost = float(np.sqrt((bend[pushing] ** 2).mean())) + 300 * max(0.0, arrives) ** 2
            if best is None or cost < best[0]:
                best = cost, jump, path
    return None if best is None else best[1:]


def _way(motion: Motion, jump: Jump, leaving: float) -> Floats:
    """Translations from the first to the last frame of a jump whose pelvis leaves at the height ``leaving``."""
    margin = 2
    near = np.arange(jump.first - margin, jump.last + margin + 1)
    at = np.clip(near, 0, len(motion) - 1)
    place = motion.translation[at].astype(np.float64)
    fixed = (near <= jump.first) | (near >= jump.last)
    weight = np.zeros(len(near))
    bend, bend_weight = np.zeros((len(near) - 2, 3)), np.ones(len(near) - 2)
    flight = (near[1:-1] > jump.leaves) & (near[1:-1] < jump.lands)
    bend[flight, 1] = -GRAVITY / motion.fps**2
    bend_weight[flight] = _FLIGHT
    upright = place.copy()
    upright[:, 1] = leaving
    height = smoothest(
        Wanted(bend, bend_weight, np.where(fixed[:, None], place, upright),
               np.where(near == jump.leaves, _LEAVES, weight), fixed)
    )  # fmt: skip
    level = smoothest(Wanted(np.zeros_like(bend), bend_weight, place, weight, fixed))
    return np.stack([level[:, 0], height[:, 1], level[:, 2]], axis=-1)[margin:-margin]
