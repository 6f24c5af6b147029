"""Inverse kinematics: analytic for arms and legs, damped least squares for everything else.

Pure functions on NumPy float64 arrays that return new rotations and never move the root. Positions in m.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import forward_kinematics
from genmo_studio.motion.rotations import cross, matrix_from_rotvec, normalized, rotate, transpose
from genmo_studio.motion.skeleton import INDEX, PARENTS
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
_STRAIGHT = 0.9999  # part of its full length to which a limb may stretch; beyond, the middle joint snaps
_TURNED_LIMB = 0.6  # rad of bend against the hinge
_HINGE_SHARE = 0.4  # what the anatomical hinge counts for in the bend of a straight limb; nothing from _TURNED_LIMB on


class Limb(msgspec.Struct, frozen=True):
    """Two bones and the joint at their end."""

    start: int
    middle: int
    end: int
    hinge: tuple[float, float, float]
    """axis of natural flexion in the upper bone's rest frame"""


LIMBS: dict[str, Limb] = {
    "left_leg": Limb(INDEX["left_hip"], INDEX["left_knee"], INDEX["left_ankle"], (1, 0, 0)),
    "right_leg": Limb(INDEX["right_hip"], INDEX["right_knee"], INDEX["right_ankle"], (1, 0, 0)),
    "left_arm": Limb(INDEX["left_shoulder"], INDEX["left_elbow"], INDEX["left_wrist"], (0, -1, 0)),
    "right_arm": Limb(INDEX["right_shoulder"], INDEX["right_elbow"], INDEX["right_wrist"], (0, 1, 0)),
}
LIMB_OF_END: dict[int, Limb] = {limb.end: limb for limb in LIMBS.values()}


def shortest_arc(a: Float[Floats, "*batch 3"], b: Float[Floats, "*batch 3"]) -> Float[Floats, "*batch 3 3"]:
    """The smallest rotation that turns direction a to direction b; about any normal axis where they are opposite."""
    a, b = normalized(a), normalized(b)
    axis = cross(a, b)
    sine, cosine = np.linalg.norm(axis, axis=-1), (a * b).sum(-1)
    opposite = (sine < 1e-9) & (cosine < 0)
    helper = np.where(np.abs(a[..., :1]) < 0.9, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    axis = np.where(opposite[..., None], cross(a, helper), axis)
    result = matrix_from_rotvec(normalized(axis) * np.arctan2(sine, cosine)[..., None])
    return np.asarray(result)


def two_bone_ik(
    start: Float[Floats, "*batch 3"],
    middle: Float[Floats, "*batch 3"],
    end: Float[Floats, "*batch 3"],
    *,
    target: Float[Floats, "*batch 3"],
    hinge: Float[Floats, "*batch 3"],
) -> tuple[Float[Floats, "*batch 3 3"], Float[Floats, "*batch 3 3"]]:
    """World rotations (swing, bend) that bring the end to the target, or as near as the limb is long.

    Multiply ``swing`` onto the upper bone's world rotation and ``swing @ bend`` onto the lower bone's. The limb keeps
    the plane in which it is bent; a nearly straight one bends about ``hinge`` (world), and one that is bent a little
    the wrong way comes out bent the right way. Where the target is the present end of a limb that is bent the right
    way, both are the identity.
    """
    upper, lower = middle - start, end - middle
    a, b = np.linalg.norm(upper, axis=-1), np.linalg.norm(lower, axis=-1)
    distance = np.clip(np.linalg.norm(target - start, axis=-1), np.abs(a - b) + 1e-4 * (a + b), _STRAIGHT * (a + b))
    wanted = np.pi - np.arccos(np.clip((a * a + b * b - distance**2) / (2 * a * b), -1, 1))
    bend = np.broadcast_to(np.eye(3), (*start.shape[:-1], 3, 3))
    moved = lower
    for _ in range(6):  # once where the bending plane is exact; the hinge's share in it needs a few rounds
        plane = cross(normalized(upper), normalized(moved))
        flexion = np.arctan2(np.linalg.norm(plane, axis=-1), (normalized(upper) * normalized(moved)).sum(-1))
        side = np.where(overstretched(plane, flexion, hinge), -1.0, 1.0)
        near_straight = _HINGE_SHARE * np.clip(1 - flexion / _TURNED_LIMB, 0, 1)[..., None]
        axis = normalized(side[..., None] * plane + near_straight * hinge)
        turn = matrix_from_rotvec(axis * (wanted - side * flexion)[..., None])
        bend, moved = turn @ bend, rotate(turn, moved)
    reach = np.linalg.norm(end - start, axis=-1, keepdims=True)
    swing = shortest_arc(upper + moved, np.where(reach > 0, target - start, upper + moved))
    return swing, np.asarray(bend)


def overstretched(
    plane: Float[Floats, "*batch 3"], flexion: Float[Floats, " *batch"], hinge: Float[Floats, "*batch 3"]
) -> NDArray[np.bool_]:
    """Whether a limb is bent the wrong way a little (more than 35 degrees can only be a turned limb)."""
    return np.asarray(((plane * hinge).sum(-1) < 0) & (flexion < _TURNED_LIMB))


def bends_backwards(
    local: Float[Floats, "frames 24 3 3"], rest_joints: Float[Floats, "24 3"], limb: Limb
) -> NDArray[np.bool_]:
    """(frames,) whether the knee or elbow is bent the wrong way."""
    upper = normalized(rest_joints[limb.middle] - rest_joints[limb.start])
    lower = normalized(rotate(local[:, limb.middle], rest_joints[limb.end] - rest_joints[limb.middle]))
    plane = cross(np.broadcast_to(upper, lower.shape), lower)
    flexion = np.arctan2(np.linalg.norm(plane, axis=-1), lower @ upper)
    return overstretched(plane, flexion, np.broadcast_to(np.array(limb.hinge, np.float64), lower.shape))


def reach_with_limb(
    local: Float[Floats, "frames 24 3 3"],
    rest_joints: Float[Floats, "24 3"],
    translation: Float[Floats, "frames 3"],
    limb: Limb,
    *,
    targets: Float[Floats, "frames 3"],
    keep_end_orientation: bool,
) -> Float[Floats, "frames 24 3 3"]:
    """Local rotations with the limb's end joint at ``targets`` (world, m) where it can reach.

    With ``keep_end_orientation`` the foot or hand keeps its world orientation, else its bend against the limb.
    """
    turned, placed = forward_kinematics(local, rest_joints, translation)
    start, middle, end = (placed[:, joint] for joint in (limb.start, limb.middle, limb.end))
    hinge = rotate(turned[:, limb.start], np.broadcast_to(np.array(limb.hinge, np.float64), start.shape))
    swing, bend = two_bone_ik(start, middle, end, target=targets, hinge=hinge)
    upper = swing @ turned[:, limb.start]
    lower = swing @ bend @ turned[:, limb.middle]
    result = local.copy()
    result[:, limb.start] = transpose(turned[:, PARENTS[limb.start]]) @ upper
    result[:, limb.middle] = transpose(upper) @ lower
    if keep_end_orientation:
        result[:, limb.end] = transpose(lower) @ turned[:, limb.end]
    return result


def chain_above(joint: int) -> tuple[int, ...]:
    """The joints whose rotation moves ``joint``, nearest first, without the root."""
    chain = []
    while (joint := PARENTS[joint]) > 0:
        chain.append(joint)
    return tuple(chain)


def solve_positions(
    local: Float[Floats, "24 3 3"],
    rest_joints: Float[Floats, "24 3"],
    translation: Float[Floats, "3"],
    *,
    targets: dict[int, Float[Floats, "3"]],
    free: Sequence[int],
    iterations: int = 60,
    damping: float = 0.03,
) -> Float[Floats, "24 3 3"]:
    """Turn the free joints of one pose until the target joints are where they should be (damped least squares).

    Stops at 0.1 mm or when it gets no nearer; an unreachable target ends at a near pose. ``damping`` is in m.
    """
    effectors = list(targets)
    wanted = np.stack([targets[joint] for joint in effectors])
    columns = [joint for joint in free if any(joint in chain_above(effector) for effector in effectors)]
    if not columns:
        return local
    best, best_error = local, np.inf
    current = local
    for _ in range(iterations):
        turned, placed = forward_kinematics(current, rest_joints, translation)
        missing = wanted - placed[effectors]
        error = float(np.linalg.norm(missing, axis=-1).max())
        if error < best_error:
            best, best_error = current, error
        if error < 1e-4:
            break
        jacobian = np.zeros((len(effectors) * 3, len(columns) * 3))
        for row, effector in enumerate(effectors):
            above = chain_above(effector)
            for column, joint in enumerate(columns):
                if joint in above:
                    x, y, z = placed[effector] - placed[joint]
                    jacobian[3 * row : 3 * row + 3, 3 * column : 3 * column + 3] = [[0, z, -y], [-z, 0, x], [y, -x, 0]]
        reduced = np.minimum(1.0, 0.2 / np.maximum(np.linalg.norm(missing, axis=-1, keepdims=True), 1e-9)) * missing
        square = jacobian @ jacobian.T + min(damping, error) ** 2 * np.eye(len(jacobian))
        turns = (jacobian.T @ np.linalg.solve(square, reduced.ravel())).reshape(-1, 3)
        current = current.copy()
        above_rotations = turned[[PARENTS[joint] for joint in columns]]
        current[columns] = transpose(above_rotations) @ matrix_from_rotvec(turns) @ above_rotations @ current[columns]
    return best
