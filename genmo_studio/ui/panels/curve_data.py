"""Numbers behind the curve panel: feet and root of a motion, frame by frame. Pure."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.skeleton import INDEX

Floats = NDArray[np.float64]

SIDES: tuple[str, ...] = ("left", "right")
FEET_SPEED, FEET_HEIGHT, ROOT_PATH, ROOT_SPEED = "Foot speed", "Foot height", "Root path (from above)", "Root speed"
"""Names of the plots."""
_SOLE = ("ankle", "foot")
SLIDING_ABOVE = 0.15
"""m/s: a foot on the ground that moves faster than this slides (the contact labels' own threshold)."""


class MotionCurves(msgspec.Struct, frozen=True, eq=False):
    """Curves over T frames; index 0 is the left foot, 1 the right."""

    foot_height: Floats
    """(2, T) height of the lower of ankle and toe above its lowest point in the clip, m"""
    foot_speed: Floats
    """(2, T) slowest speed of ankle and toe on the ground plane, m/s"""
    sliding: NDArray[np.bool_]
    """(2, T) the foot is near the ground and slides"""
    path: Floats
    """(T, 2) pelvis over the ground: x, z in m"""
    root_speed: Floats
    """(T,) speed of the pelvis over the ground, m/s"""


def motion_curves(
    positions: NDArray[np.float32], *, fps: float, contacts: NDArray[np.float32] | None = None
) -> MotionCurves:
    """Curves of joint positions (T, 24, 3) in m; contacts (T, 6) as in ``Motion`` decide what should stand still."""
    joints = np.asarray(positions, np.float64)
    heights, speeds, sliding = [], [], []
    for side_index, side in enumerate(SIDES):
        parts = joints[:, [INDEX[f"{side}_{part}"] for part in _SOLE]]
        height = np.min(parts[..., 1] - parts[..., 1].min(axis=0), axis=1)
        speed = np.min(_ground_speed(parts, fps=fps), axis=1)
        if contacts is None:
            standing = height < 0.03
        else:
            standing = contacts[:, 2 * side_index : 2 * side_index + 2].max(axis=1) > 0.5
        heights.append(height)
        speeds.append(speed)
        sliding.append(standing & (speed > SLIDING_ABOVE))
    root = joints[:, :1]
    return MotionCurves(
        foot_height=np.stack(heights),
        foot_speed=np.stack(speeds),
        sliding=np.stack(sliding),
        path=joints[:, 0, [0, 2]],
        root_speed=_ground_speed(root, fps=fps)[:, 0],
    )


def _ground_speed(points: Floats, *, fps: float) -> Floats:
    """(T, J) m/s along the ground; central differences inside, one-sided at the ends."""
    if len(points) < 2:
        return np.zeros(points.shape[:2])
    velocity = np.gradient(points[..., [0, 2]], axis=0) * fps
    speed: Floats = np.linalg.norm(velocity, axis=-1)
    return speed
