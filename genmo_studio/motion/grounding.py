"""Keep a rolled-out motion on the floor.

The network predicts steps, not heights, so the height of a long roll-out drifts. People touch the floor again and
again: the lowest point of the body over about a second is the floor, and its slow change is the drift.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import FEET, sole_heights
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT
from genmo_studio.shapes import Float
from genmo_studio.values import replace

WINDOW_SECONDS = 0.9
"""Longer than the flight of a jump or a running step, so that every window holds a touch."""
SMOOTHING_SECONDS = 0.3
SUNK_FROM = 0.01
"""m below the floor from which a motion is lifted."""
LIFT_REACH = 9
"""Frames over which the lift is widened and faded."""
DEFAULT_CLEARANCE = 0.06
"""m from a joint to the skin below it, where the table says nothing else."""
CLEARANCE = {
    "pelvis": 0.11, "spine1": 0.11, "spine2": 0.11, "spine3": 0.11, "head": 0.09, "left_hip": 0.10, "right_hip": 0.10,
    "left_wrist": 0.03, "right_wrist": 0.03, "left_hand": 0.02, "right_hand": 0.02,
}  # fmt: skip


def lowest_points(motion: Motion, body: Body) -> Float[NDArray[np.float64], " frames"]:
    """Height (m) of the lowest skin of each frame, from joints and how far the skin lies below them."""
    clearance = np.full(JOINT_COUNT, DEFAULT_CLEARANCE)
    for name, value in CLEARANCE.items():
        clearance[INDEX[name]] = value
    clearance[list(FEET)] = sole_heights(body, motion.betas)
    heights = joint_positions(motion, body)[..., 1].astype(np.float64)
    return np.asarray((heights - clearance).min(axis=1))


def lifted(motion: Motion, body: Body, *, protected: Sequence[int] = ()) -> Motion:
    """The motion without the parts that sink into the floor; protected frames stay as they are.

    The floor of a frame is at 0 or, near protected frames that lie lower, at their level. The lift is smooth and fades
    to nothing at protected frames.
    """
    lowest = lowest_points(motion, body)
    frames = np.arange(len(motion))
    keys = sorted({frame for frame in protected if 0 <= frame < len(motion)})
    level = np.interp(frames, keys, np.minimum(lowest[keys], 0.0)) if keys else np.zeros(len(motion))
    sunk = np.maximum(level - lowest, 0.0)
    if not (sunk > SUNK_FROM).any():
        return motion
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d  # noqa: PLC0415 - slow to load, and the window never needs it

    lift = gaussian_filter1d(maximum_filter1d(sunk, LIFT_REACH, mode="nearest"), LIFT_REACH / 3, mode="nearest")
    if keys:
        distance = np.abs(frames[:, None] - np.array(keys)).min(axis=1)
        share = np.clip(distance / LIFT_REACH, 0.0, 1.0)
        lift = lift * share * share * (3 - 2 * share)
    translation = motion.translation.copy()
    translation[:, 1] += lift.astype(np.float32)
    return replace(motion, translation=translation)


def floor_drift(lowest: Float[NDArray[np.float64], " frames"], fps: float) -> Float[NDArray[np.float64], " frames"]:
    """The slow part (m) of the lowest points: their minimum over a window, smoothed."""
    window = max(3, 2 * round(WINDOW_SECONDS * fps / 2) + 1)
    from scipy.ndimage import gaussian_filter1d, minimum_filter1d  # noqa: PLC0415 - slow to load, and the window never needs it

    floor = minimum_filter1d(lowest, window, mode="nearest")
    return np.asarray(gaussian_filter1d(floor, SMOOTHING_SECONDS * fps, mode="nearest"))
