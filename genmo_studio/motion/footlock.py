"""Foot clean-up after sampling: feet that rest stay where they are.

While a foot touches the ground, the slide of whatever part of it rests (heel, ball or both, weighted by the contact
labels) is taken out, and its sole is brought to the ground (footpath.py); a foot that the user planted is also put
flat. The legs follow by two-bone IK that keeps the foot's orientation and the knee's plane (a knee that bends backwards
there is bent forward); where a leg is too short, the pelvis gives way downwards. Nothing else moves, and frames
without a correction stay bit-identical.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from genmo_studio.motion.body import Body, forward_kinematics, joint_positions
from genmo_studio.motion.contacts import contact_labels, foot_skate, sole_heights
from genmo_studio.motion.footpath import FootTask, foot_shift, runs
from genmo_studio.motion.ik import LIMBS, Limb, bends_backwards, reach_with_limb, shortest_arc
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, normalized, rotvec_from_matrix, transpose
from genmo_studio.motion.skeleton import INDEX, PARENTS
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FADE_FRAMES = 8
_EASY_STRETCH, _STRETCH = 0.95, 0.99  # parts of its length from which and to which the clean-up may stretch a leg
_DEEPEST = 0.08  # m that the pelvis may give way
_FLATTEN = 2.0  # frames (standard deviation) over which a planted foot is laid flat
_NOTHING = 1e-6  # m
_UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class _Foot:
    leg: str
    ankle: int
    toe: int
    labels: tuple[int, int]
    """columns of the contact array: ankle, toe"""
    soles: tuple[int, int]
    """places in contacts.FEET"""


_FEET = (
    _Foot("left_leg", INDEX["left_ankle"], INDEX["left_foot"], (0, 1), (0, 1)),
    _Foot("right_leg", INDEX["right_ankle"], INDEX["right_foot"], (2, 3), (2, 3)),
)


@dataclass(frozen=True)
class FootlockReport:
    """What the clean-up did."""

    skate_before: float
    """m/s, mean horizontal speed of resting feet"""
    skate_after: float
    """m/s"""
    floor_shift: float
    """m by which the whole motion was lifted"""


@dataclass(frozen=True)
class Held:
    """Frames in which only one part of the lower body may not be changed."""

    left_leg: Sequence[int] = ()
    right_leg: Sequence[int] = ()
    pelvis: Sequence[int] = ()
    """its height"""


def lock_feet(
    motion: Motion,
    body: Body,
    *,
    contacts: Float[NDArray[np.float32], "frames 6"] | None = None,
    protected: Sequence[int] = (),
    held: Held | None = None,
    planted: Float[NDArray[np.floating], "frames 2"] | None = None,
    ground: Float[NDArray[np.floating], " frames"] | None = None,
    strength: float = 1.0,
    floor: bool | None = None,
    pelvis: bool = True,
) -> tuple[Motion, FootlockReport]:
    """The motion with less skate, and how much there was and is.

    ``contacts`` are probabilities (default: the motion's own, else labels from joint speed). ``protected`` frames stay
    bit-identical; ``held`` says where only a leg or the pelvis does. ``planted`` says how much (0..1) the left and the
    right foot have to rest, whatever the contacts and ``strength`` say. ``ground`` is the height of the ground, m
    (default 0). ``strength`` 0..1 scales the correction. ``floor`` also lifts or lowers the whole motion onto the
    ground, protected frames included; by default only where no frame is protected. Path points have no height: give
    ``floor=True`` where only they are protected. Without ``pelvis`` the pelvis does not give way.
    """
    original = joint_positions(motion, body).astype(np.float64)
    if contacts is None:
        contacts = motion.contacts if motion.contacts is not None else contact_labels(original, motion.fps)
    before = foot_skate(original, contacts, motion.fps)
    wanted = np.zeros((len(motion), 2)) if planted is None else np.asarray(planted, np.float64)
    if (strength <= 0 and not wanted.any()) or len(motion) < 2:
        return motion, FootlockReport(before, before, 0.0)
    scene = _Scene(
        contacts=np.asarray(contacts, np.float64),
        soles=sole_heights(body, motion.betas),
        ground=np.zeros(len(motion)) if ground is None else np.asarray(ground, np.float64),
        still=_frames(protected, motion),
        held=held or Held(),
    )
    floor = not (scene.still or scene.held.pelvis) if floor is None else floor
    lift = strength * _floor_shift(original, contacts, scene.soles) if floor else 0.0
    flat = _laid_flat(motion, body, wanted, scene)
    placed = joint_positions(flat, body).astype(np.float64) + lift * _UP
    shifts = _shifts(placed, wanted, scene, strength=strength)
    locked = _follow(flat, body, shifts, scene, lift=lift, pelvis=pelvis)
    after = foot_skate(joint_positions(locked, body), contacts, motion.fps)
    return locked, FootlockReport(before, after, lift)


@dataclass(frozen=True)
class _Scene:
    """What the feet stand on and what may not be changed."""

    contacts: Floats
    soles: Floats
    ground: Floats
    still: list[int]
    held: Held

    def of_leg(self, leg: str) -> list[int]:
        """Frames in which a leg may not be changed."""
        own = self.held.left_leg if leg == "left_leg" else self.held.right_leg
        return sorted({*self.still, *(frame for frame in own if 0 <= frame < len(self.ground))})

    @property
    def of_pelvis(self) -> list[int]:
        """Frames in which the pelvis may not give way; legs that stay would go along with it."""
        frames = {*self.held.left_leg, *self.held.right_leg, *self.held.pelvis}
        return sorted({*self.still, *(frame for frame in frames if 0 <= frame < len(self.ground))})


def _frames(frames: Sequence[int], motion: Motion) -> list[int]:
    return sorted({frame for frame in frames if 0 <= frame < len(motion)})


def _shifts(placed: Floats, planted: Floats, scene: _Scene, *, strength: float) -> list[Floats]:
    """How each foot is moved: ``strength`` of what the contacts ask, and all of what the user asks."""
    found = []
    for side, foot in enumerate(_FEET):
        task = FootTask(
            parts=placed[:, [foot.ankle, foot.toe]],
            contacts=scene.contacts[:, foot.labels],
            soles=scene.soles[list(foot.soles)],
            ground=scene.ground,
            planted=planted[:, side],
            protected=scene.of_leg(foot.leg),
        )
        shift = foot_shift(task) if strength > 0 else np.zeros((len(placed), 3))
        if strength < 1:
            asked = np.zeros_like(shift)
            if planted[:, side].any():
                asked = foot_shift(replace(task, contacts=np.zeros_like(task.contacts)))
            shift = asked + strength * (shift - asked)
        found.append(shift)
    return found


def _laid_flat(motion: Motion, body: Body, planted: Floats, scene: _Scene) -> Motion:
    """Feet that the user planted turned in the ankle until heel and ball lie level."""
    if not planted.any():
        return motion
    rest = body.rest_joints(motion.betas.astype(np.float64))
    turned, placed = forward_kinematics(
        matrix_from_rotvec(motion.rotations.astype(np.float64)), rest, motion.translation.astype(np.float64)
    )
    rotations = motion.rotations.copy()
    for side, foot in enumerate(_FEET):
        share = np.minimum(gaussian_filter1d(planted[:, side], _FLATTEN), 1.0)
        for frame in scene.of_leg(foot.leg):
            share *= smoothstep(np.abs(np.arange(len(share)) - frame) / FADE_FRAMES)
        moved = share > _NOTHING
        along = placed[moved, foot.toe] - placed[moved, foot.ankle]
        rise = scene.soles[foot.soles[1]] - scene.soles[foot.soles[0]]
        level = along * (1 - _UP)
        length = np.linalg.norm(along, axis=1, keepdims=True)
        flat = normalized(level) * np.sqrt(np.maximum(length**2 - rise**2, 1e-12)) + rise * _UP
        turn = matrix_from_rotvec(rotvec_from_matrix(shortest_arc(along, flat)) * share[moved, None])
        above = turned[moved, PARENTS[foot.ankle]]
        rotations[moved, foot.ankle] = rotvec_from_matrix(transpose(above) @ turn @ turned[moved, foot.ankle])
    return replace(motion, rotations=rotations)


def _floor_shift(placed: Floats, contacts: NDArray[np.floating], soles: Floats) -> float:
    """Lift (m) that brings the toe joints of resting feet to their standing height, by the median; 0 without any."""
    gaps = [
        (soles[foot.soles[1]] - placed[:, foot.toe, 1])[np.asarray(contacts[:, foot.labels[1]]) > 0.5] for foot in _FEET
    ]
    found = np.concatenate(gaps)
    return float(np.median(found)) if len(found) else 0.0


def _follow(
    motion: Motion, body: Body, shifts: Sequence[Floats], scene: _Scene, *, lift: float, pelvis: bool
) -> Motion:
    """Let the legs follow their feet; the pelvis gives way where a leg would have to be stretched."""
    rest = body.rest_joints(motion.betas.astype(np.float64))
    local = np.asarray(matrix_from_rotvec(motion.rotations.astype(np.float64)))
    translation = motion.translation.astype(np.float64) + lift * _UP
    _, placed = forward_kinematics(local, rest, translation)
    goals = [placed[:, foot.ankle] + shift for foot, shift in zip(_FEET, shifts, strict=True)]
    drop = _pelvis_drop(placed, goals, rest, scene.of_pelvis) if pelvis else np.zeros(len(placed))
    sinks = drop > _NOTHING
    rotations = motion.rotations.copy()
    where = translation.astype(np.float32) if lift else motion.translation.copy()
    where[sinks] = (translation[sinks] - drop[sinks, None] * _UP).astype(np.float32)
    for foot, goal, shift in zip(_FEET, goals, shifts, strict=True):
        limb, keys = LIMBS[foot.leg], scene.of_leg(foot.leg)
        moved = sinks | (np.abs(shift).max(axis=1) > _NOTHING)
        moved |= _overstretched_around(local, rest, moved, limb, keys)
        moved[keys] = False
        if not moved.any():
            continue
        hip, ankle = placed[moved, limb.start], placed[moved, limb.end]
        lowered = drop[moved, None] * _UP
        targets = within_reach(
            hip - lowered,
            goal[moved],
            present=np.linalg.norm(ankle - hip, axis=1),
            length=leg_length(rest, limb),
        )
        solved = reach_with_limb(
            local[moved], rest, translation[moved] - lowered, limb, targets=targets, keep_end_orientation=True
        )
        changed = [limb.start, limb.middle, limb.end]
        rotations[np.ix_(moved, changed)] = rotvec_from_matrix(solved[:, changed])
    return replace(motion, rotations=rotations, translation=where)


def _overstretched_around(
    local: Float[Floats, "frames 24 3 3"], rest: Float[Floats, "24 3"], moved: Bools, limb: Limb, keys: Sequence[int]
) -> Bools:
    """Frames whose knee bends backwards next to frames that are moved.

    Inverse kinematics bends those knees forward; doing so for the whole stretch of time keeps them from snapping.
    A stretch with a protected frame is left as it is.
    """
    result = np.zeros(len(moved), np.bool_)
    for start, stop in runs(bends_backwards(local, rest, limb)):
        if moved[start:stop].any() and not any(start <= key < stop for key in keys):
            result[start:stop] = True
    return result


def leg_length(rest: Float[Floats, "24 3"], limb: Limb) -> float:
    """Length (m) of both bones of a limb."""
    upper, lower = rest[limb.middle] - rest[limb.start], rest[limb.end] - rest[limb.middle]
    return float(np.linalg.norm(upper) + np.linalg.norm(lower))


def within_reach(
    hip: Float[Floats, "frames 3"],
    goal: Float[Floats, "frames 3"],
    *,
    present: Float[Floats, " frames"],
    length: float,
) -> Float[Floats, "frames 3"]:
    """Goals drawn towards the hip where they would stretch the leg: it nears its full length softly, so no knee snaps.

    A leg that is stretched already may stay so.
    """
    distance = np.linalg.norm(goal - hip, axis=1)
    near, room = _EASY_STRETCH * length, (_STRETCH - _EASY_STRETCH) * length
    soft = np.where(distance > near, near + room * -np.expm1(-np.maximum(distance - near, 0) / room), distance)
    allowed = np.maximum(soft, np.minimum(distance, present))
    return np.asarray(hip + (goal - hip) * (allowed / np.maximum(distance, 1e-9))[:, None])


def _pelvis_drop(
    placed: Float[Floats, "frames 24 3"], goals: Sequence[Floats], rest: Float[Floats, "24 3"], keys: Sequence[int]
) -> Float[Floats, " frames"]:
    """How far (m) the pelvis has to sink so that no leg is stretched beyond what it is or 95 % of its length."""
    drop = np.zeros(len(placed))
    for foot, goal in zip(_FEET, goals, strict=True):
        limb = LIMBS[foot.leg]
        hip = placed[:, limb.start]
        reach = np.maximum(_EASY_STRETCH * leg_length(rest, limb), np.linalg.norm(placed[:, limb.end] - hip, axis=1))
        off = hip - goal
        below = np.sqrt(np.maximum(reach**2 - off[:, 0] ** 2 - off[:, 2] ** 2, 0))
        drop = np.maximum(drop, off[:, 1] - below)
    drop = np.where(drop > _NOTHING, np.minimum(drop, _DEEPEST), 0)
    drop = gaussian_filter1d(maximum_filter1d(drop, 7), 2.0)
    for key in keys:
        drop *= smoothstep(np.abs(np.arange(len(drop)) - key) / FADE_FRAMES)
    return np.asarray(drop, np.float64)
