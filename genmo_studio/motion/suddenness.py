"""How suddenly joints and knees move, frame by frame: what ``motion.usual`` says the usual range of."""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, transpose
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
_KNEES = (INDEX["left_knee"], INDEX["right_knee"])


def joint_accelerations(motion: Motion, body: Body) -> Float[Floats, "frames 22"]:
    """m/s^2 of each body joint in the world: second difference about each frame, 0 at both ends."""
    found = np.zeros((len(motion), BODY_JOINT_COUNT))
    if len(motion) > 2:
        placed = joint_positions(motion, body)[:, :BODY_JOINT_COUNT].astype(np.float64)
        found[1:-1] = np.linalg.norm(np.diff(placed, n=2, axis=0), axis=-1) * motion.fps**2
    return found


def turn_accelerations(motion: Motion) -> Float[Floats, "frames 22"]:
    """rad/s^2 of each joint's local rotation: change of the turn from frame to frame, 0 at both ends."""
    found = np.zeros((len(motion), BODY_JOINT_COUNT))
    if len(motion) > 2:
        local = matrix_from_rotvec(motion.rotations[:, :BODY_JOINT_COUNT].astype(np.float64))
        turns = np.asarray(rotvec_from_matrix(local[1:] @ transpose(local[:-1])))
        found[1:-1] = np.linalg.norm(np.diff(turns, axis=0), axis=-1) * motion.fps**2
    return found


def knee_speeds(motion: Motion) -> Float[Floats, "frames 2"]:
    """Degrees a second at which the left and the right knee's angle changes to the next frame; the last one repeats."""
    if len(motion) < 2:
        return np.zeros((len(motion), 2))
    bend = np.degrees(np.linalg.norm(motion.rotations[:, _KNEES].astype(np.float64), axis=-1))
    speed = np.abs(np.diff(bend, axis=0)) * motion.fps
    return np.concatenate([speed, speed[-1:]])
