"""Foot clean-up after sampling: feet that rest stay where they are.

While a foot touches the ground, the horizontal velocity of whatever part of it rests (heel, ball or both, weighted by
the contact labels) is integrated and taken out; the correction is zero on average over the contact, fades out within
a few frames around it, and is zero at protected frames. Feet are brought to the height of a standing sole in the same
way. The legs follow by two-bone IK that keeps the foot's orientation and the knee's plane (a knee that bends backwards
there is bent forward); where a leg is too short, the pelvis gives way downwards. Nothing else moves, and frames
without a correction stay bit-identical.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from genmo_studio.motion.body import Body, forward_kinematics, joint_positions
from genmo_studio.motion.contacts import contact_labels, foot_skate, sole_heights
from genmo_studio.motion.ik import LIMBS, Limb, bends_backwards, reach_with_limb
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FADE_FRAMES = 8
_SHORTEST_CONTACT = 3  # frames; shorter ones are noise of the labels
_LONGEST_GAP = 2  # frames; shorter interruptions of a contact are noise of the labels
_FARTHEST = 0.2  # m that a foot may be moved; a longer slide is reduced in proportion
_ON_FLOOR, _OFF_FLOOR = 0.05, 0.10  # m from the standing height between which the pull to the floor fades out
_EASY_STRETCH, _STRETCH = 0.95, 0.99  # parts of its length from which and to which the clean-up may stretch a leg
_DEEPEST = 0.08  # m that the pelvis may give way
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


def lock_feet(
    motion: Motion,
    body: Body,
    *,
    contacts: Float[NDArray[np.float32], "frames 6"] | None = None,
    protected: Sequence[int] = (),
    strength: float = 1.0,
    floor: bool | None = None,
    pelvis: bool = True,
) -> tuple[Motion, FootlockReport]:
    """The motion with less skate, and how much there was and is.

    ``contacts`` are probabilities (default: the motion's own, else labels from joint speed). ``protected`` frames stay
    bit-identical. ``strength`` 0..1 scales the correction. ``floor`` also lifts or lowers the whole motion onto the
    ground, protected frames included; by default only where no frame is protected. Path points have no height: give
    ``floor=True`` where only they are protected.
    """
    original = joint_positions(motion, body).astype(np.float64)
    if contacts is None:
        contacts = motion.contacts if motion.contacts is not None else contact_labels(original, motion.fps)
    before = foot_skate(original, contacts, motion.fps)
    if strength <= 0 or len(motion) < 2:
        return motion, FootlockReport(before, before, 0.0)
    soles = sole_heights(body, motion.betas)
    floor = not protected if floor is None else floor
    lift = strength * _floor_shift(original, contacts, soles) if floor else 0.0
    keys = sorted({frame for frame in protected if 0 <= frame < len(motion)})
    placed = original + lift * _UP
    shifts = [
        strength
        * _foot_shift(placed[:, [foot.ankle, foot.toe]], contacts[:, foot.labels], soles[list(foot.soles)], keys)
        for foot in _FEET
    ]
    locked = _follow(motion, body, shifts, keys, lift=lift, pelvis=pelvis)
    after = foot_skate(joint_positions(locked, body), contacts, motion.fps)
    return locked, FootlockReport(before, after, lift)


def _floor_shift(placed: Floats, contacts: NDArray[np.floating], soles: Floats) -> float:
    """Lift (m) that brings the toe joints of resting feet to their standing height, by the median; 0 without any."""
    gaps = [
        (soles[foot.soles[1]] - placed[:, foot.toe, 1])[np.asarray(contacts[:, foot.labels[1]]) > 0.5] for foot in _FEET
    ]
    found = np.concatenate(gaps)
    return float(np.median(found)) if len(found) else 0.0


def _runs(mask: Bools) -> list[tuple[int, int]]:
    """Half-open runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _cleaned(mask: Bools) -> Bools:
    """Short gaps closed, then short runs dropped."""
    result = mask.copy()
    for start, stop in _runs(~mask):
        if stop - start <= _LONGEST_GAP and start > 0 and stop < len(mask):
            result[start:stop] = True
    for start, stop in _runs(result):
        if stop - start < _SHORTEST_CONTACT:
            result[start:stop] = False
    return result


def _foot_shift(
    parts: Float[Floats, "frames 2 3"],
    contacts: Float[NDArray[np.floating], "frames 2"],
    soles: Float[Floats, "2"],
    keys: Sequence[int],
) -> Float[Floats, "frames 3"]:
    """How a foot has to be moved (m) so that its resting part rests; zero at keys and away from contacts."""
    frames = len(parts)
    weights = np.clip(np.asarray(contacts, np.float64), 0, 1)
    weights[weights < 0.5] = 0
    resting = _cleaned(weights.max(axis=1) > 0)
    weights = gaussian_filter1d(weights, 1.0, axis=0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    steps = np.diff(parts[..., [0, 2]], axis=0, append=parts[-1:, :, [0, 2]])
    slide = (weights[..., None] * steps).sum(axis=1)
    gap = soles - parts[..., 1]
    gap *= smoothstep((_OFF_FLOOR - np.abs(gap)) / (_OFF_FLOOR - _ON_FLOOR))
    sink = gaussian_filter1d((weights * gap).sum(axis=1), 2.0)
    shift = np.zeros((frames, 3))
    known = np.zeros(frames, np.bool_)
    for start, stop in _runs(resting):
        ground = -np.concatenate([np.zeros((1, 2)), np.cumsum(slide[start : stop - 1], axis=0)])
        part = np.column_stack([ground[:, 0], sink[start:stop], ground[:, 1]])
        shift[start:stop] = _centred(part, [key - start for key in keys if start <= key < stop])
        known[start:stop] = True
    for key in keys:  # a contact that ends beside a key must not jump at it
        shift *= smoothstep(np.abs(np.arange(frames) - key) / FADE_FRAMES)[:, None]
    known[list(keys)] = True
    return _faded(shift, known)


def _centred(part: Float[Floats, "frames 3"], keys: Sequence[int]) -> Float[Floats, "frames 3"]:
    """Least movement on the ground, or none at the keys; and no more than a foot may be moved."""
    if keys:
        time = np.arange(len(part))
        part = part - np.column_stack([np.interp(time, keys, part[keys, axis]) for axis in range(3)])
    else:
        part = part - part.mean(axis=0) * [1, 0, 1]
    farthest = float(np.linalg.norm(part[:, [0, 2]], axis=1).max())
    part[:, [0, 2]] *= min(1.0, _FARTHEST / max(farthest, 1e-9))
    return part


def _faded(shift: Float[Floats, "frames 3"], known: Bools) -> Float[Floats, "frames 3"]:
    """Fill the frames that are not known: the nearest known shifts fade out over FADE_FRAMES or the gap."""
    result = shift.copy()
    for start, stop in _runs(~known):
        time = np.arange(start, stop)
        if start > 0:
            fade = min(FADE_FRAMES, stop - start + 1)
            result[start:stop] += smoothstep(1 - (time - start + 1) / fade)[:, None] * shift[start - 1]
        if stop < len(known):
            fade = min(FADE_FRAMES, stop - start + 1)
            result[start:stop] += smoothstep(1 - (stop - time) / fade)[:, None] * shift[stop]
    return result


def _follow(
    motion: Motion, body: Body, shifts: Sequence[Floats], keys: Sequence[int], *, lift: float, pelvis: bool
) -> Motion:
    """Let the legs follow their feet; the pelvis gives way where a leg would have to be stretched."""
    rest = body.rest_joints(motion.betas.astype(np.float64))
    local = matrix_from_rotvec(motion.rotations.astype(np.float64))
    translation = motion.translation.astype(np.float64) + lift * _UP
    _, placed = forward_kinematics(local, rest, translation)
    goals = [placed[:, foot.ankle] + shift for foot, shift in zip(_FEET, shifts, strict=True)]
    drop = _pelvis_drop(placed, goals, rest, keys) if pelvis else np.zeros(len(placed))
    moved = (drop > _NOTHING) | (np.abs(np.concatenate(shifts, axis=1)).max(axis=1) > _NOTHING)
    moved |= _overstretched_around(local, rest, moved, keys)
    moved[list(keys)] = False
    rotations = motion.rotations.copy()
    where = translation.astype(np.float32) if lift else motion.translation.copy()
    if moved.any():
        solved, lowered = local[moved], translation[moved] - drop[moved, None] * _UP
        changed = []
        for foot, goal in zip(_FEET, goals, strict=True):
            limb = LIMBS[foot.leg]
            hip, ankle = placed[moved, limb.start], placed[moved, limb.end]
            targets = _within_reach(
                hip - drop[moved, None] * _UP,
                goal[moved],
                present=np.linalg.norm(ankle - hip, axis=1),
                length=_leg_length(rest, limb),
            )
            solved = reach_with_limb(solved, rest, lowered, limb, targets=targets, keep_end_orientation=True)
            changed += [limb.start, limb.middle, limb.end]
        rotations[np.ix_(moved, changed)] = rotvec_from_matrix(solved[:, changed])
        where[moved] = lowered
    return replace(motion, rotations=rotations, translation=where)


def _overstretched_around(
    local: Float[Floats, "frames 24 3 3"], rest: Float[Floats, "24 3"], moved: Bools, keys: Sequence[int]
) -> Bools:
    """Frames whose knees bend backwards next to frames that are moved.

    Inverse kinematics bends those knees forward; doing so for the whole stretch of time keeps them from snapping.
    A stretch with a protected frame is left as it is.
    """
    result = np.zeros(len(moved), np.bool_)
    for foot in _FEET:
        for start, stop in _runs(bends_backwards(local, rest, LIMBS[foot.leg])):
            if moved[start:stop].any() and not any(start <= key < stop for key in keys):
                result[start:stop] = True
    return result


def _leg_length(rest: Float[Floats, "24 3"], limb: Limb) -> float:
    upper, lower = rest[limb.middle] - rest[limb.start], rest[limb.end] - rest[limb.middle]
    return float(np.linalg.norm(upper) + np.linalg.norm(lower))


def _within_reach(
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
        reach = np.maximum(_EASY_STRETCH * _leg_length(rest, limb), np.linalg.norm(placed[:, limb.end] - hip, axis=1))
        off = hip - goal
        below = np.sqrt(np.maximum(reach**2 - off[:, 0] ** 2 - off[:, 2] ** 2, 0))
        drop = np.maximum(drop, off[:, 1] - below)
    drop = np.where(drop > _NOTHING, np.minimum(drop, _DEEPEST), 0)
    drop = gaussian_filter1d(maximum_filter1d(drop, 7), 2.0)
    for key in keys:
        drop *= smoothstep(np.abs(np.arange(len(drop)) - key) / FADE_FRAMES)
    return np.asarray(drop, np.float64)
