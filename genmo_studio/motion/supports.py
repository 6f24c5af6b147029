"""A body that is carried by nobody: where no foot is said to rest for long and nobody flies, one foot has to.

A network that is unsure of a fast dance says of no foot that it rests, and both slide. Where the feet are what is
lowest of the body and the lower one still rushes over the ground, the foot that carries is chosen frame by frame (the
lower and slower one, with a price on changing). It stands where the motion has it in the middle of its turn; between
its turns it swings (footplan.py). So the rhythm of the dance stays, and its steps become steps. Who runs is left alone.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import FEET, sole_heights
from genmo_studio.motion.footpath import runs
from genmo_studio.motion.footplan import FootPlan, FootPose, Steps, Swing, flat_foot, foot_poses, sunk, walked
from genmo_studio.motion.grounding import lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_RESTS = 0.3  # probability from which on a foot is said to rest
_LONG = 24  # frames without
_GAP = 4  # frames of a contact that does not interrupt
_LOWEST = 0.04  # m that a foot may be above the lowest point and carry
_RUSHES = 0.6  # m/s
_TRAVELS = 1.2  # m/s from which on a body runs
_MOSTLY = 0.8  # share of frames
_UPRIGHT = 0.7  # cosine of the trunk's slant
_HEIGHT_PRICE, _SPEED_PRICE, _CHANGE_PRICE = 10.0, 0.5, 2.0  # a m, a m/s, a change
_SHORTEST = 5  # frames that a foot carries
_FEWEST, _MOST = 5, 14  # frames of a swing
_STAYS = 0.04  # m nearer than which the next place is the same
_LIFT = 0.06  # m
_TOO_FAR = 0.6  # m from where the motion has it that a foot may stand: about what a leg reaches beside the body


def supported(
    motion: Motion,
    body: Body,
    *,
    ground: Float[Floats, " frames"],
    legs: Sequence[int] = (),
    pelvis: Sequence[int] = (),
    planted: Float[Floats, "frames 2"] | None = None,
    strength: float = 1.0,
) -> tuple[Motion, list[Steps]]:
    """The motion with steps where no foot carries it, and where; arguments as of footsteps.stepped."""
    told: list[Steps] = []
    if motion.contacts is None or len(motion) < _LONG or strength <= 0:
        return motion, told
    for first, last in _uncarried(motion, body, ground, legs, planted):
        plans = _plans(motion, body, first, last, ground)
        if max(_carried_off(motion, body, plan) for plan in plans) > _TOO_FAR:
            continue  # a body that glides on one foot: a nailed foot would be torn back at the end
        count = sum(len(plan.swings) for plan in plans)
        if count:
            motion = walked(sunk(motion, body, plans, held=pelvis, strength=strength), body, plans, strength=strength)
            told.append(Steps(first, last + 1, count))
    return motion, told


def _carried_off(motion: Motion, body: Body, plan: FootPlan) -> float:
    """How far (m) a foot stands at most from where the motion has it, between the swings of its plan."""
    balls = foot_poses(motion.sliced(plan.first, plan.last + 1), body)[0][:, plan.side][:, [0, 2]]
    here, since, most = balls[0], plan.first, 0.0
    for swing in plan.swings:
        stood = balls[since - plan.first : swing.start - plan.first + 1]
        most = max(most, float(np.linalg.norm(stood - here, axis=1).max()))
        here, since = swing.to.ball[[0, 2]], swing.stop
    stood = balls[since - plan.first :]
    return max(most, float(np.linalg.norm(stood - here, axis=1).max()))


def _soles(motion: Motion, body: Body, ground: Floats) -> tuple[Floats, Floats]:
    """Height (T, 2) of the lower part of each foot over the ground, m, and speed (T, 2) of its slower part, m/s."""
    feet = joint_positions(motion, body)[:, list(FEET)].astype(np.float64)
    height = (feet[..., 1] - sole_heights(body, motion.betas)).reshape(-1, 2, 2).min(axis=2) - ground[:, None]
    step = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1).reshape(-1, 2, 2).min(axis=2) * motion.fps
    return height, np.concatenate([step, step[-1:]])


def _uncarried(
    motion: Motion, body: Body, ground: Floats, legs: Sequence[int], planted: Floats | None
) -> Iterator[tuple[int, int]]:
    """First and last frames of stretches that no foot is said to carry, though the lower one is on the ground."""
    assert motion.contacts is not None
    height, speed = _soles(motion, body, ground)
    said = motion.contacts[:, :4].max(axis=1) > _RESTS
    for start, stop in runs(said):
        if stop - start <= _GAP and start > 0 and stop < len(said):
            said[start:stop] = False
    if planted is not None:
        said |= (planted > 0).any(axis=1)
    said[list(legs)] = True
    lower = np.take_along_axis(speed, height.argmin(axis=1)[:, None], axis=1)[:, 0]
    carries = height.min(axis=1) - (lowest_points(motion, body) - ground) < _LOWEST
    low = height.min(axis=1) < 2 * _LOWEST
    places = joint_positions(motion, body).astype(np.float64)
    trunk = places[:, INDEX["neck"]] - places[:, 0]
    upright = trunk[:, 1] > _UPRIGHT * np.linalg.norm(trunk, axis=1)
    good = carries & low & upright
    for start, stop in runs(np.asarray(~said)):
        part = slice(start, stop)
        if stop - start < _LONG or lower[part].mean() < _RUSHES or good[part].mean() < _MOSTLY:
            continue
        way = np.linalg.norm(np.diff(places[part, 0][:, [0, 2]], axis=0), axis=1).sum() * motion.fps
        if way < _TRAVELS * (stop - start):
            yield start, stop - 1


def _carrier(height: Floats, speed: Floats) -> NDArray[np.int64]:
    """(T,) which foot carries: the cheapest way through the frames (Viterbi)."""
    price = _HEIGHT_PRICE * height + _SPEED_PRICE * speed
    total, came = price[0], np.zeros(price.shape, np.int64)
    for frame in range(1, len(price)):
        change = total[::-1] + _CHANGE_PRICE
        came[frame] = np.where(change < total, [1, 0], [0, 1])
        total = np.minimum(total, change) + price[frame]
    side = np.zeros(len(price), np.int64)
    side[-1] = int(total.argmin())
    for frame in range(len(price) - 1, 0, -1):
        side[frame - 1] = came[frame, side[frame]]
    return side


def _plans(motion: Motion, body: Body, first: int, last: int, ground: Floats) -> list[FootPlan]:
    part = motion.sliced(first, last + 1)
    height, speed = _soles(part, body, ground[first : last + 1])
    side = _carrier(height, speed)
    balls, turns = foot_poses(part, body)
    plans = []
    for foot in (0, 1):
        mine = [(start, stop) for start, stop in runs(side == foot) if stop - start >= _SHORTEST]
        swings: list[Swing] = []
        here, leaves = balls[0, foot], 0
        for start, stop in mine:
            middle = (start + stop) // 2
            pose = FootPose(balls[middle, foot], turns[middle, foot])
            there = flat_foot(body, motion.betas, foot, pose, float(ground[first + middle]))
            begins = max(leaves, start - _MOST)
            if start - begins >= _FEWEST and float(np.linalg.norm((there.ball - here)[[0, 2]])) > _STAYS:
                swings.append(Swing(first + begins, first + start, there, _LIFT))
                here = there.ball
            leaves = stop
        end = last - first
        if end - leaves >= _FEWEST:  # on its way when the stretch ends
            swings.append(
                Swing(first + max(leaves, end - _MOST), last, FootPose(balls[-1, foot], turns[-1, foot]), _LIFT)
            )
        elif swings:  # the last swing of a plan goes to where the foot is at its end
            last_swing = swings.pop()
            swings += [last_swing, Swing(last - 1, last, FootPose(balls[-1, foot], turns[-1, foot]), 0.0)]
        plans.append(FootPlan(foot, first, last, tuple(swings)))
    return plans
