"""Feet on a plan: each stands where it was put, is carried to its next place in one swing, and stands.

A swing leaves with the heel first (the foot rolls over its ball), lifts the foot over what lies between, and puts it
down flat; place, velocity and acceleration are continuous. The legs follow by two-bone IK; nothing else moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from genmo_studio.motion.body import Body, forward_kinematics, joint_positions
from genmo_studio.motion.footlock import leg_length, within_reach
from genmo_studio.motion.ik import LIMBS, Limb, reach_with_limb
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotate, rotvec_from_matrix, transpose, yaw_matrix
from genmo_studio.motion.skeleton import INDEX, PARENTS
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]

ROLL_FRAMES = 4
"""Frames before a foot leaves in which its heel comes up."""
_STEEPEST_ROLL = 0.55  # rad of a long swing
_TOES_UP, _STRIKES = 0.12, 0.35  # rad of a long step ahead, and part of the swing from which on
_LONG = 0.5  # m
_BENT = 0.965  # part of its length up to which a leg is stretched for a plan
_DEEPEST = 0.10  # m that the pelvis sinks for it
_SETTLING = 8  # frames from a key to all of it
_AROUND = 24  # frames beside its plans that the smoothing of the drop reaches into
_EASING = 4  # frames over which a plan begins and ends: a knee that keys bend backwards does not snap


@dataclass(frozen=True)
class FootPose:
    """Where one foot is: its ball (m) and the world rotation of its ankle joint."""

    ball: Float[Floats, "3"]
    turn: Float[Floats, "3 3"]


@dataclass(frozen=True)
class Swing:
    """One foot leaves after frame ``start`` and stands again from frame ``stop`` on."""

    start: int
    stop: int
    to: FootPose
    lift: float
    """m over the straight way"""
    heel_first: bool = False
    """the toes are up when the foot comes down, the more the longer the step is and the more it goes ahead"""


@dataclass(frozen=True)
class FootPlan:
    """What one foot (0 left, 1 right) does between the frames ``first`` and ``last``, in which it stays as it is."""

    side: int
    first: int
    last: int
    swings: tuple[Swing, ...]


@dataclass(frozen=True)
class Steps:
    """Steps that were put in from frame ``start`` to frame ``stop`` - 1."""

    start: int
    stop: int
    count: int


@dataclass(frozen=True)
class Leg:
    """The joints of one leg."""

    limb: Limb
    ball: int
    labels: tuple[int, int]
    """columns of the contacts: ankle, ball"""


LEGS = (
    Leg(LIMBS["left_leg"], INDEX["left_foot"], (0, 1)),
    Leg(LIMBS["right_leg"], INDEX["right_foot"], (2, 3)),
)


def foot_poses(motion: Motion, body: Body) -> tuple[Float[Floats, "frames 2 3"], Float[Floats, "frames 2 3 3"]]:
    """Balls (m) and world rotations of the ankles of both feet."""
    rest = body.rest_joints(motion.betas.astype(np.float64))
    turned, placed = forward_kinematics(
        matrix_from_rotvec(motion.rotations.astype(np.float64)), rest, motion.translation.astype(np.float64)
    )
    balls, ankles = [leg.ball for leg in LEGS], [leg.limb.end for leg in LEGS]
    return placed[:, balls], turned[:, ankles]


def flat_foot(body: Body, betas: NDArray[np.floating], side: int, pose: FootPose, ground: float) -> FootPose:
    """The foot where it is and pointing where it points, flat on the ground (m)."""
    rest = body.rest_joints(np.asarray(betas, np.float64))
    leg = LEGS[side]
    along = rest[leg.ball] - rest[leg.limb.end]
    now = rotate(pose.turn, along)
    yaw = np.arctan2(now[0], now[2]) - np.arctan2(along[0], along[2])
    height = rest[leg.ball, 1] - float(body.shaped(np.asarray(betas, np.float32))[:, 1].min())
    return FootPose(np.array([pose.ball[0], ground + height, pose.ball[2]]), np.asarray(yaw_matrix(yaw)))


def walked(motion: Motion, body: Body, plans: Sequence[FootPlan], *, strength: float = 1.0) -> Motion:
    """The motion with its feet on their plans, and contacts that say so.

    The first and the last frame of a plan stay bit-identical. ``strength`` 0..1 turns the legs so much of the way.
    """
    for plan in plans:
        if plan.last - plan.first > 1 and strength > 0:
            motion = _followed(motion, body, plan, strength=strength)
    return motion


def sunk(
    motion: Motion, body: Body, plans: Sequence[FootPlan], *, held: Sequence[int] = (), strength: float = 1.0
) -> Motion:
    """The motion with its pelvis so low that no leg has to be stretched for its plan; ``held`` frames stay."""
    ends = [frame for plan in plans for frame in (plan.first, plan.last)]
    if not ends:
        return motion
    start, stop = max(min(ends) - _AROUND, 0), min(max(ends) + _AROUND + 1, len(motion))
    frames = np.arange(start, stop)
    rest = body.rest_joints(motion.betas.astype(np.float64))
    drop = np.zeros(len(frames))
    for plan in plans:
        goal, limb = _goal(motion, body, plan), LEGS[plan.side].limb
        inside = slice(plan.first + 1 - start, plan.last - start)
        hip = joint_positions(motion.sliced(plan.first + 1, plan.last), body)[:, limb.start].astype(np.float64)
        reach, off = _BENT * leg_length(rest, limb), hip - goal.ankle
        below = np.sqrt(np.maximum(reach**2 - off[:, 0] ** 2 - off[:, 2] ** 2, 0))
        drop[inside] = np.maximum(drop[inside], np.clip(off[:, 1] - below, 0, _DEEPEST))
    drop = gaussian_filter1d(maximum_filter1d(drop, 9), 3.0)
    drop[: min(ends) - start] = 0
    drop[max(ends) - start :] = 0
    for key in {*ends, *(key for key in held if start - _SETTLING < key < stop + _SETTLING)}:
        drop *= smoothstep(np.abs(frames - key) / _SETTLING)
    translation = motion.translation.copy()
    translation[start:stop, 1] -= (strength * drop).astype(np.float32)
    return replace(motion, translation=translation)


@dataclass(frozen=True)
class _Goal:
    """Where an ankle goes inside its plan (T, 3), how it is turned, how far the heel is rolled up, and what rests."""

    ankle: Floats
    turn: Floats
    roll: Floats
    rests: tuple[Floats, Floats]


def _goal(motion: Motion, body: Body, plan: FootPlan) -> _Goal:
    balls, turns = foot_poses(motion.sliced(plan.first, plan.last + 1), body)
    stands = FootPose(balls[0, plan.side], turns[0, plan.side])
    ends = FootPose(balls[-1, plan.side], turns[-1, plan.side])
    ball, turn, roll, rests = _path(plan, stands, ends)
    leg, rest = LEGS[plan.side], body.rest_joints(motion.betas.astype(np.float64))
    heel = turn @ matrix_from_rotvec(roll[:, None] * [1.0, 0.0, 0.0])
    along = np.broadcast_to(rest[leg.ball] - rest[leg.limb.end], ball.shape)
    return _Goal(ball - rotate(heel, along), np.asarray(heel), roll, rests)


def _followed(motion: Motion, body: Body, plan: FootPlan, *, strength: float) -> Motion:
    leg, inside, goal = LEGS[plan.side], slice(plan.first + 1, plan.last), _goal(motion, body, plan)
    rest = body.rest_joints(motion.betas.astype(np.float64))
    local = matrix_from_rotvec(motion.rotations[inside].astype(np.float64))
    where = motion.translation[inside].astype(np.float64)
    turned, placed = forward_kinematics(local, rest, where)
    hip, there = placed[:, leg.limb.start], placed[:, leg.limb.end]
    ankle = within_reach(
        hip, goal.ankle, present=np.linalg.norm(there - hip, axis=1), length=leg_length(rest, leg.limb)
    )  # fmt: skip
    wished = local.copy()
    wished[:, leg.limb.end] = transpose(turned[:, PARENTS[leg.limb.end]]) @ goal.turn
    wished = reach_with_limb(wished, rest, where, leg.limb, targets=ankle, keep_end_orientation=True)
    rolled = matrix_from_rotvec(-goal.roll[:, None] * [1.0, 0.0, 0.0])  # the toes stay on the ground
    wished[:, leg.ball] = local[:, leg.ball] @ rolled
    joints = [leg.limb.start, leg.limb.middle, leg.limb.end, leg.ball]
    step = rotvec_from_matrix(transpose(local[:, joints]) @ wished[:, joints])
    rotations = motion.rotations.copy()
    inner = np.arange(1, plan.last - plan.first)
    share = strength * smoothstep(np.minimum(inner, len(inner) + 1 - inner) / _EASING)[:, None, None]
    rotations[inside, joints] = rotvec_from_matrix(local[:, joints] @ matrix_from_rotvec(share * step))
    contacts = motion.contacts
    if contacts is not None:
        contacts = contacts.copy()
        for column, there_rests in zip(leg.labels, goal.rests, strict=True):
            told = contacts[inside, column]
            contacts[inside, column] = told + strength * (there_rests - told)
    return replace(motion, rotations=rotations, contacts=contacts)


def _path(plan: FootPlan, stands: FootPose, ends: FootPose) -> tuple[Floats, Floats, Floats, tuple[Floats, Floats]]:
    """Ball (T, 3), flat turn (T, 3, 3), roll of the heel (T,) rad and how much ankle and ball rest, inside the plan.

    The last swing goes where the foot is at the end of the plan.
    """
    frames = np.arange(plan.first + 1, plan.last)
    ball = np.repeat(stands.ball[None], len(frames), axis=0)
    turn = np.repeat(stands.turn[None], len(frames), axis=0)
    roll, heel_rests, ball_rests = np.zeros(len(frames)), np.ones(len(frames)), np.ones(len(frames))
    here = stands
    for number, swing in enumerate(plan.swings):
        to = ends if number == len(plan.swings) - 1 else swing.to
        share = (frames - swing.start) / max(swing.stop - swing.start, 1)
        done = smoothstep(share)
        under = share > 0
        way = to.ball - here.ball
        bump = 64 * np.clip(share * (1 - share), 0, None) ** 3  # 1 in the middle, C2 at both ends
        rise = swing.lift * bump[:, None] * [0.0, 1.0, 0.0]
        ball = np.where(under[:, None], here.ball + done[:, None] * way + rise, ball)
        arc = rotvec_from_matrix(to.turn @ here.turn.T)
        turn = np.where(under[:, None, None], matrix_from_rotvec(done[:, None] * arc) @ here.turn, turn)
        steep = _STEEPEST_ROLL * min(1.0, float(np.linalg.norm(way)) / _LONG)
        roll_share = (frames - swing.start + ROLL_FRAMES) / (ROLL_FRAMES + (swing.stop - swing.start) * 0.75)
        roll += steep * 64 * np.clip(roll_share * (1 - roll_share), 0, None) ** 3
        if swing.heel_first:
            roll -= _toes_up(way, to, share)
        heel_rests[(frames > swing.start - ROLL_FRAMES) & (frames < swing.stop)] = 0
        ball_rests[(frames > swing.start) & (frames < swing.stop)] = 0
        here = to
    return ball, turn, roll, (heel_rests, ball_rests)


def _toes_up(way: Floats, to: FootPose, share: Floats) -> Floats:
    """How far (T,) rad the toes are raised towards the end of a swing that goes ``way`` (m) to where it stands."""
    long = float(np.linalg.norm(way))
    ahead = max(float(way @ to.turn[:, 2]) / max(long, 1e-9), 0.0)
    late = (share - _STRIKES) / (1 - _STRIKES)
    return np.asarray(_TOES_UP * ahead * min(1.0, long / _LONG) * 64 * np.clip(late * (1 - late), 0, None) ** 3)
