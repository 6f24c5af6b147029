"""Turning poses into other poses: mirror, copy, paste flipped, reset, breakdown, blend and difference.

All are pure functions of poses; rotations are handled on SO(3), never component by component. Joints are indices of
``skeleton.JOINTS``; ``joints=None`` means all of them, and then the root moves too. With a set of joints the root's
place changes only where joint 0 is among them.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.pose import Pose
from genmo_studio.motion.rotations import (
    direction_angle,
    heading_from_matrix,
    matrix_from_rotvec,
    rotvec_from_matrix,
    slerp_matrices,
    transpose,
    yaw_matrix,
)
from genmo_studio.motion.skeleton import JOINT_COUNT, MIRROR
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Joints = Iterable[int] | None

OVERSHOOT = (-0.5, 1.5)
"""How far a breakdown may go past either pose."""
_MIRROR = list(MIRROR)
_FLIP = np.array([1.0, -1.0, -1.0])  # of a rotation vector, in the plane x = 0
_UPRIGHT = 0.2  # length on the ground of the body's forward axis below which it tells no heading


class Plane(Enum):
    """The plane in which a pose is mirrored."""

    BODY = "body"
    """the body's own: upright, through the pelvis, along where it faces, so that it stays in its place"""
    WORLD_X = "world_x"
    """x = 0"""


def t_pose(rest_joints: Float[Floats, "24 3"] | None = None, *, ground: float | None = None) -> Pose:
    """The rest pose, facing +z. With rest joints and a ground height (m) the lowest joint stands on it."""
    translation = np.zeros(3)
    if rest_joints is not None and ground is not None:
        translation[1] = ground - float(rest_joints[:, 1].min())
    return Pose(np.zeros((JOINT_COUNT, 3)), translation)


def heading_of(pose: Pose) -> float:
    """Where the body faces, rad about +y; for one that lies or flies, where its head or feet lead."""
    turn = np.asarray(matrix_from_rotvec(pose.rotations[0]))
    forward, up = turn[[0, 2], 2], turn[[0, 2], 1]
    if np.hypot(*forward) >= _UPRIGHT:
        return float(heading_from_matrix(turn))
    return float(direction_angle(*(-np.sign(turn[1, 2]) * up)))


def mirrored(
    pose: Pose, rest_joints: Float[Floats, "24 3"], *, joints: Joints = None, plane: Plane = Plane.BODY
) -> Pose:
    """The mirror image: left and right change places. Doing it twice gives the pose back.

    With ``joints`` only those take the mirrored value of their partners; the others keep theirs.
    """
    rotations = pose.rotations[_MIRROR] * _FLIP
    rotations[0] = _mirrored_root(pose.rotations[0], heading_of(pose) if plane is Plane.BODY else 0.0)
    translation = pose.translation.copy()
    if plane is Plane.WORLD_X:  # the pelvis changes sides; in the body's own plane it lies and stays
        translation[0] = -2 * rest_joints[0, 0] - pose.translation[0]
    return _taken(pose, Pose(rotations, translation), joints)


def _mirrored_root(rotation: Float[Floats, "3"], heading: float) -> Float[Floats, "3"]:
    """The root's rotation vector, mirrored in the upright plane of a heading."""
    turn = np.asarray(yaw_matrix(heading))
    tilt = np.asarray(rotvec_from_matrix(turn.T @ np.asarray(matrix_from_rotvec(rotation))))
    return np.asarray(rotvec_from_matrix(turn @ np.asarray(matrix_from_rotvec(tilt * _FLIP))))


def copied(pose: Pose, source: Pose, *, joints: Joints) -> Pose:
    """The pose with the values of some joints of another."""
    return _taken(pose, source, joints)


def pasted_flipped(pose: Pose, source: Pose, rest_joints: Float[Floats, "24 3"], *, joints: Joints) -> Pose:
    """Paste what was copied from ``joints`` of ``source`` onto the same joints of the other side.

    The root, where it is among them, takes the mirrored tilt and height but keeps the heading and ground position that
    the pose has.
    """
    other = mirrored(source, rest_joints)
    targets = range(JOINT_COUNT) if joints is None else {MIRROR[joint] for joint in joints}
    own = Pose(other.rotations.copy(), other.translation.copy())
    turn = np.asarray(yaw_matrix(heading_of(pose) - heading_of(other)))
    own.rotations[0] = rotvec_from_matrix(turn @ np.asarray(matrix_from_rotvec(other.rotations[0])))
    own.translation[[0, 2]] = pose.translation[[0, 2]]
    return _taken(pose, own, targets)


def reset(pose: Pose, *, joints: Joints, to: Pose | None = None) -> Pose:
    """Joints put back to rest, or to a given pose (what was generated). At rest the root keeps heading and place."""
    if to is not None:
        return _taken(pose, to, joints)
    rotations = np.zeros((JOINT_COUNT, 3))
    rotations[0] = [0.0, heading_of(pose), 0.0]
    return _taken(pose, Pose(rotations, pose.translation), joints)


def breakdown(first: Pose, second: Pose, share: float, *, joints: Joints = None, of: Pose | None = None) -> Pose:
    """The pose between two: 0 is exactly the first, 1 exactly the second, beyond them it overshoots.

    Each joint goes along the shortest arc, the root along a line. ``share`` is held to -0.5 to 1.5. With ``joints``
    the others keep the values of ``of`` (default: of the first pose).
    """
    share = float(np.clip(share, *OVERSHOOT))
    if share in (0.0, 1.0):
        between = second if share else first
    else:
        matrices = slerp_matrices(first.matrices(), second.matrices(), share)
        between = Pose(
            np.asarray(rotvec_from_matrix(matrices)),
            first.translation + share * (second.translation - first.translation),
        )
    return _taken(first if of is None else of, between, joints)


def blended(poses: Sequence[Pose], weights: Sequence[float]) -> Pose:
    """Weighted mean of poses; of each joint the rotation with the least weighted squared angles to all of them.

    Weights must not be negative and must not all vanish (ValueError); only their ratios matter.
    """
    if len(poses) != len(weights) or not len(poses):
        raise ValueError(f"there are {len(poses)} poses and {len(weights)} weights")
    shares = np.array(weights, np.float64)
    if (shares < 0).any() or shares.sum() <= 0:
        raise ValueError("the weights of a blend must be positive")
    shares /= shares.sum()
    matrices = np.stack([pose.matrices() for pose in poses])
    middle = matrices[int(shares.argmax())]
    for _ in range(30):  # the Karcher mean by its fixed point
        away = np.asarray(rotvec_from_matrix(transpose(middle) @ matrices))
        step = np.tensordot(shares, away, 1)
        middle = middle @ np.asarray(matrix_from_rotvec(step))
        if np.abs(step).max() < 1e-12:
            break
    return Pose(np.asarray(rotvec_from_matrix(middle)), shares @ np.stack([pose.translation for pose in poses]))


class PoseDifference(msgspec.Struct, frozen=True, eq=False):
    """What turns one pose into another."""

    turns: Float[Floats, "24 3"]
    """rad: the local rotation R becomes exp(turn) R, as a Tweak of the document has it"""
    shift: Float[Floats, "3"]
    """m, of the root in the world"""

    def added(self, pose: Pose, *, weight: float = 1.0, joints: Joints = None) -> Pose:
        """A pose with this difference, or a part of it, on top."""
        turned = np.asarray(matrix_from_rotvec(weight * self.turns)) @ pose.matrices()
        result = Pose(np.asarray(rotvec_from_matrix(turned)), pose.translation + weight * self.shift)
        return _taken(pose, result, joints)

    def changed(self, *, least: float = 1e-6) -> tuple[int, ...]:
        """Joints that turn by more than ``least`` rad."""
        return tuple(np.flatnonzero(np.linalg.norm(self.turns, axis=1) > least).tolist())


def difference(first: Pose, second: Pose) -> PoseDifference:
    """What leads from the first pose to the second."""
    turns = np.asarray(rotvec_from_matrix(second.matrices() @ transpose(first.matrices())))
    return PoseDifference(turns, second.translation - first.translation)


def with_joints(pose: Pose, rotations: Mapping[int, Float[Floats, "3"]]) -> Pose:
    """The pose with some joints' local rotation vectors (rad) put in their place."""
    turned = pose.rotations.copy()
    for joint, rotation in rotations.items():
        turned[joint] = rotation
    return Pose(turned, pose.translation)


def _taken(pose: Pose, source: Pose, joints: Joints) -> Pose:
    """The pose with the joints of another; the root's place goes with joint 0."""
    if joints is None:
        return source
    chosen = sorted({int(joint) for joint in joints})
    rotations = pose.rotations.copy()
    rotations[chosen] = source.rotations[chosen]
    return Pose(rotations, source.translation if 0 in chosen else pose.translation)
