"""Which joints are at rest, and how well the feet keep to the ground: labels for training and figures for reports."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.arrays import namespace
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import vector_length
from genmo_studio.motion.skeleton import CONTACT_JOINTS, INDEX
from genmo_studio.shapes import Float

Array = Any

STATIC_SPEED = 0.15
"""m/s: a joint slower than this is at rest."""
FEET = tuple(INDEX[name] for name in ("left_ankle", "left_foot", "right_ankle", "right_foot"))
_LIFTED = 0.025  # m above its lowest level at which a foot joint no longer counts as touching, without labels


def contact_labels(
    positions: Float[Array, "*batch frames 24 3"], fps: float = 30.0, *, threshold: float = STATIC_SPEED
) -> Float[Array, "*batch frames 6"]:
    """1 where each of skeleton.CONTACT_JOINTS moves slower than ``threshold`` (m/s) to the next frame, else 0.

    NumPy or torch; positions in m. The last frame repeats the one before; a single frame is at rest.
    """
    xp = namespace(positions)
    joints = xp.stack([positions[..., joint, :] for joint in CONTACT_JOINTS], axis=-2)
    if joints.shape[-3] == 1:
        return xp.ones_like(joints[..., 0])
    step = joints[..., 1:, :, :] - joints[..., :-1, :, :]
    speed = vector_length(step) * fps
    speed = xp.concat([speed, speed[..., -1:, :]], axis=-2)
    return xp.astype(speed < threshold, positions.dtype)


def foot_skate(
    positions: Float[NDArray[np.floating[Any]], "frames 24 3"],
    contacts: Float[NDArray[np.floating[Any]], "frames 6"] | None = None,
    fps: float = 30.0,
) -> float:
    """Mean horizontal speed (m/s) of ankles and toe joints while they touch the ground.

    Touching is ``contacts`` (probabilities weigh the mean) or, without labels, closeness to the joint's own lowest
    level: weight 2 - 2^(h / 2.5 cm) for h up to 2.5 cm, as in Zhang et al. 2018. 0 when nothing touches.
    """
    if len(positions) < 2:
        return 0.0
    feet = positions[:, list(FEET)].astype(np.float64)
    speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * fps
    weight = touching(positions, contacts)
    total = weight.sum()
    return float((weight * speed).sum() / total) if total > 0 else 0.0


def touching(
    positions: Float[NDArray[np.floating[Any]], "frames 24 3"],
    contacts: Float[NDArray[np.floating[Any]], "frames 6"] | None = None,
) -> Float[NDArray[np.float64], "steps 4"]:
    """How much (0..1) each of FEET touches the ground from one frame to the next; see ``foot_skate``."""
    if contacts is not None:
        return np.asarray(np.minimum(contacts[:-1, :4], contacts[1:, :4]), np.float64)
    level = positions[:, list(FEET), 1].astype(np.float64)
    height = level - np.percentile(level, 2, axis=0)
    return np.asarray(np.clip(2 - 2 ** (np.maximum(height[:-1], 0) / _LIFTED), 0, 1))


class MotionQuality(msgspec.Struct, frozen=True):
    """Figures of a motion on flat ground, for reports."""

    foot_skate: float
    """mean horizontal speed of touching feet, m/s"""
    penetration: float
    """mean depth of the lowest foot joint's sole below the ground, m"""
    floating: float
    """mean height of the lowest sole above the ground while a foot is at rest, m"""
    jitter: float
    """mean jerk of the 22 body joints, m/s^3 (real motion: 50 to 400)"""


def motion_quality(motion: Motion, body: Body) -> MotionQuality:
    """Skate, penetration, floating and jitter; contacts from the motion where it has them, else from speed."""
    positions = joint_positions(motion, body).astype(np.float64)
    contacts = motion.contacts if motion.contacts is not None else contact_labels(positions, motion.fps)
    clearance = (positions[:, list(FEET), 1] - sole_heights(body, motion.betas)).min(axis=1)
    resting = contacts[:, :4].max(axis=1) > 0.5
    jerk = np.diff(positions[:, :22], n=3, axis=0) * motion.fps**3
    return MotionQuality(
        foot_skate=foot_skate(positions, contacts, motion.fps),
        penetration=float(np.maximum(-clearance, 0).mean()),
        floating=float(np.maximum(clearance[resting], 0).mean()) if resting.any() else 0.0,
        jitter=float(np.linalg.norm(jerk, axis=-1).mean()) if len(jerk) else 0.0,
    )


def sole_heights(body: Body, betas: NDArray[np.float32]) -> Float[NDArray[np.float64], "4"]:
    """Height (m) of ankles and toe joints over the sole of a foot that stands flat: order of FEET."""
    rest = body.rest_joints(betas)[list(FEET), 1].astype(np.float64)
    return np.asarray(rest - float(body.shaped(betas)[:, 1].min()), np.float64)
