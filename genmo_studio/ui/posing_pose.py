"""Where poses come from (a motion, keys, the body at rest) and small changes of them. Pure; metres and radians."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion, pose_at
from genmo_studio.document.model import PoseKey, Vec3
from genmo_studio.motion import pose_ops
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT, JOINTS, PARENTS

Floats = NDArray[np.float64]
NAMES = JOINTS[:BODY_JOINT_COUNT]
"""Joints that a key can hold."""


def at_rest(*, floor: float) -> Pose:
    """The T-pose with its lowest point, ``floor`` m high in the rest pose, on the ground."""
    return Pose(np.zeros((JOINT_COUNT, 3)), np.array([0.0, -floor, 0.0]))


def of_motion(shown: ShownMotion, frame: float) -> Pose:
    """The pose of a shown motion at a timeline frame."""
    rotations, translation = pose_at(shown.motion, shown.local(frame))
    return Pose(rotations.astype(np.float64), translation.astype(np.float64))


def with_keys(pose: Pose, keys: Iterable[PoseKey], rest_joints: Floats) -> Pose:
    """The pose with what keys say about rotations and the pelvis; later keys are stronger."""
    for key in keys:
        known = {name: turn for name, turn in key.rotations.items() if name in INDEX}
        pose = pose.with_named(known, root_position=key.root_position, rest_joints=rest_joints)
    return pose


def vec3(values: Floats) -> Vec3:
    """Three plain numbers."""
    x, y, z = (float(value) for value in values)
    return (x, y, z)


def same(one: Pose, other: Pose, *, within: float = 1e-6) -> bool:
    """Whether two poses are equal within ``within`` (rad and m)."""
    if one is other:
        return True
    if not np.allclose(one.translation, other.translation, rtol=0.0, atol=within):
        return False
    return bool(np.allclose(one.matrices(), other.matrices(), rtol=0.0, atol=within))


def turned(pose: Pose, joint: int, rotvec: Floats, rest_joints: Floats) -> Pose:
    """The pose with one joint turned in the world (rotvec, rad); what hangs on it goes along."""
    world, _ = pose.world(rest_joints)
    above = np.eye(3) if PARENTS[joint] < 0 else world[PARENTS[joint]]
    local = above.T @ np.asarray(matrix_from_rotvec(np.asarray(rotvec, np.float64))) @ world[joint]
    rotations = pose.rotations.copy()
    rotations[joint] = rotvec_from_matrix(local)
    return Pose(rotations, pose.translation)


def taking(pose: Pose, other: Pose, names: Iterable[str] | None) -> Pose:
    """The pose with the named joints as another pose has them; the pelvis brings its place along. None: all."""
    if names is None:
        return other
    chosen = frozenset(names)
    rotations = pose.rotations.copy()
    rows = [INDEX[name] for name in chosen if name in INDEX]
    rotations[rows] = other.rotations[rows]
    return Pose(rotations, other.translation if "pelvis" in chosen else pose.translation)


def changed_joints(before: Pose, after: Pose, *, angle: float = 1e-4) -> frozenset[str]:
    """Names of the joints (0..21) whose local rotation differs by more than ``angle`` rad; pelvis also by its place."""
    apart = np.linalg.norm(before.matrices() - after.matrices(), axis=(1, 2)) / np.sqrt(2.0)
    names = {name for joint, name in enumerate(NAMES) if apart[joint] > angle}
    if np.linalg.norm(before.translation - after.translation) > 1e-5:
        names.add("pelvis")
    return frozenset(names)


def to_plain(pose: Pose) -> dict[str, list[float]]:
    """For a file: rotation vectors by joint name, and ``translation``."""
    return {**{name: list(turn) for name, turn in pose.named().items()}, "translation": list(vec3(pose.translation))}


def from_plain(plain: Mapping[str, list[float]]) -> Pose | None:
    """Back from a file; None when it does not hold a pose."""
    rotations = np.zeros((JOINT_COUNT, 3))
    for name in NAMES:
        turn = plain.get(name, [0.0, 0.0, 0.0])
        if len(turn) != 3:
            return None
        rotations[INDEX[name]] = turn
    translation = np.asarray(plain.get("translation", [0.0, 0.0, 0.0]), np.float64)
    if translation.shape != (3,) or not (np.isfinite(translation).all() and np.isfinite(rotations).all()):
        return None
    if np.abs(translation).max() > 1e4 or np.abs(rotations).max() > 1e3:
        return None
    return Pose(rotations, translation)


def standing_like(source: Pose, pose: Pose) -> Pose:
    """The source turned about +y and moved over the ground to where the pose stands and faces; its height stays."""
    turn = np.asarray(yaw_matrix(pose_ops.heading_of(pose) - pose_ops.heading_of(source)))
    rotations = source.rotations.copy()
    rotations[0] = rotvec_from_matrix(turn @ np.asarray(matrix_from_rotvec(source.rotations[0])))
    place = np.array([pose.translation[0], source.translation[1], pose.translation[2]])
    return Pose(rotations, place)
