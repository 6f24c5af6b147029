"""HumanML3D's 263 numbers a frame as joints, and joints as a pose of a body.

The vectors (Guo et al. 2022) are: the root's turn about y and speed over the ground, its height, 21 joints seen from
the root, their 6D rotations, 22 joint speeds, 4 foot contacts. The joints are what the data means; its rotations are
of another skeleton. Places alone do not tell how a limb is twisted: each bone turns no more than it must from its
parent's turn.
"""

import numpy as np

from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT, PARENTS
from genmo_studio.training.public.files import Floats

HUMANML_CHANNELS = 263
_TURN, _SPEED, _HEIGHT, _JOINTS = 0, slice(1, 3), 3, slice(4, 67)
_SEVERAL = {
    INDEX["pelvis"]: ("left_hip", "right_hip", "spine1"),
    INDEX["spine3"]: ("neck", "left_collar", "right_collar"),
}
"""Joints whose turn is told by several bones."""


def humanml_joints(vectors: Floats) -> Floats:
    """(T, 22, 3) joints in metres, y up, from vectors (T, 263).

    The first number is half of the turn about y to the next frame (rad; the part of a quaternion), the next two the
    step of the root (m) in the next frame's heading; both are summed up.
    """
    half = np.concatenate([[0.0], np.cumsum(vectors[:-1, _TURN])])
    world = yaw_matrix(-2 * half)  # (T, 3, 3) from the heading frame to the world
    step = np.zeros((len(vectors), 3))
    step[1:, [0, 2]] = vectors[:-1, _SPEED]
    root = np.cumsum(np.einsum("tij,tj->ti", world, step), axis=0)
    root[:, 1] = vectors[:, _HEIGHT]
    others = vectors[:, _JOINTS].reshape(-1, 21, 3) @ np.swapaxes(world, 1, 2)
    others = others + root[:, None] * (1, 0, 1)
    return np.concatenate([root[:, None], others], axis=1)


def posed_by_joints(joints: Floats, body: Body) -> Motion:
    """The motion of ``body`` whose bones point where those between ``joints`` (T, 22, 3; m, y up) do.

    The root's way is scaled by the length of the legs, so that feet that stand still stand.
    """
    rest = np.asarray(body.rest_joints(np.zeros(10, np.float32)), np.float64)[:BODY_JOINT_COUNT]
    children = {
        joint: [child for child in range(BODY_JOINT_COUNT) if PARENTS[child] == joint]
        for joint in range(BODY_JOINT_COUNT)
    }
    world = np.tile(np.eye(3), (len(joints), BODY_JOINT_COUNT, 1, 1))
    for joint in range(BODY_JOINT_COUNT):
        above = world[:, PARENTS[joint]] if joint else np.tile(np.eye(3), (len(joints), 1, 1))
        if joint in _SEVERAL:
            named = [INDEX[name] for name in _SEVERAL[joint]]
            world[:, joint] = _fitted(rest[named] - rest[joint], joints[:, named] - joints[:, [joint]])
        elif children[joint]:
            child = children[joint][0]
            now = (above @ (rest[child] - rest[joint])[:, None])[..., 0]
            world[:, joint] = _shortest(now, joints[:, child] - joints[:, joint]) @ above
        else:
            world[:, joint] = above
    local = world.copy()
    for joint in range(1, BODY_JOINT_COUNT):
        local[:, joint] = np.swapaxes(world[:, PARENTS[joint]], -1, -2) @ world[:, joint]
    rotations = np.zeros((len(joints), JOINT_COUNT, 3), np.float32)
    rotations[:, :BODY_JOINT_COUNT] = rotvec_from_matrix(local)
    share = _leg(rest) / max(float(np.mean([_leg(frame) for frame in joints])), 1e-6)
    return Motion(rotations=rotations, translation=(joints[:, 0] * share - rest[0]).astype(np.float32), body=body.name)


def _leg(joints: Floats) -> float:
    """Length (m) of the left leg from hip to ankle."""
    hip, knee, ankle = (joints[INDEX[f"left_{name}"]] for name in ("hip", "knee", "ankle"))
    return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))


def _fitted(rest: Floats, seen: Floats) -> Floats:
    """(T, 3, 3) rotations that best take the directions ``rest`` (N, 3) to ``seen`` (T, N, 3) (Kabsch 1976)."""
    a = rest / np.maximum(np.linalg.norm(rest, axis=-1, keepdims=True), 1e-9)
    b = seen / np.maximum(np.linalg.norm(seen, axis=-1, keepdims=True), 1e-9)
    left, _, right = np.linalg.svd(np.einsum("tni,nj->tij", b, a))
    flip = np.ones((len(seen), 3))
    flip[:, 2] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    return np.asarray((left * flip[:, None]) @ right)


def _shortest(source: Floats, target: Floats) -> Floats:
    """(T, 3, 3) the smallest rotations that turn ``source`` (T, 3) into the direction of ``target`` (T, 3)."""
    a = source / np.maximum(np.linalg.norm(source, axis=-1, keepdims=True), 1e-9)
    b = target / np.maximum(np.linalg.norm(target, axis=-1, keepdims=True), 1e-9)
    axis, cosine = np.cross(a, b), (a * b).sum(-1)
    cross = np.zeros((len(a), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -axis[:, 2], axis[:, 1], -axis[:, 0]
    cross -= np.swapaxes(cross, 1, 2)
    return np.asarray(np.eye(3) + cross + cross @ cross / np.maximum(1 + cosine, 1e-6)[:, None, None])
