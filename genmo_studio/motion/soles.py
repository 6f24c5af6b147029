"""Find out how a skeleton's feet lie in its rest pose, from motion in which they stand on the ground.

Rest poses made from slanted bind poses can leave the sole rolled by twenty degrees and more; a foot that is flat on
the ground then looks twisted on another body.
"""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, forward_kinematics
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.shapes import Float

_STILL = 0.15
_LOW = 0.05
_FEWEST = 15
_LARGEST = np.radians(35.0)
_SMALLEST = np.radians(4.0)
_FEET = ((7, 10, 1.0), (8, 11, -1.0))


def planted_up(motion: Motion, body: Body) -> Float[NDArray[np.float64], "samples 3"]:
    """The world's up in the ankle's frame for every foot and frame that stands flat and still; right feet mirrored.

    Both ankle and toe joint must be slower than 0.15 m/s and the toe joint within 5 cm of its height when standing.
    """
    if len(motion) < 2:
        return np.zeros((0, 3))
    rest = np.asarray(body.rest_joints(motion.betas), np.float64)
    world, positions = forward_kinematics(
        matrix_from_rotvec(motion.rotations.astype(np.float64)), rest, motion.translation.astype(np.float64)
    )
    speed = np.linalg.norm(np.diff(positions, axis=0, append=positions[-1:]), axis=-1) * motion.fps
    sole = float(body.v_template[:, 1].min())
    found = []
    for ankle, toe, side in _FEET:
        height = positions[:, toe, 1] - (rest[toe, 1] - sole)
        stands = (speed[:, ankle] < _STILL) & (speed[:, toe] < _STILL) & (np.abs(height) < _LOW)
        found.append(world[stands, ankle, 1] * (side, 1.0, 1.0))
    return np.concatenate(found)


def sole_direction(samples: Float[NDArray[np.float64], "samples 3"]) -> Float[NDArray[np.float64], " 3"] | None:
    """Direction of up in the left ankle's frame when the foot is flat, from samples of ``planted_up``.

    Straight up where the feet are flat as they are (within 4 degrees); None where there are too few samples or the tilt
    cannot be the skeleton's (over 35 degrees).
    """
    if len(samples) < _FEWEST:
        return None
    up = np.median(samples, axis=0)
    up = up / np.linalg.norm(up)
    tilt = float(np.arccos(np.clip(up[1], -1, 1)))
    if tilt > _LARGEST:
        return None
    return np.asarray(up) if tilt > _SMALLEST else np.array([0.0, 1.0, 0.0])
