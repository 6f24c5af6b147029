"""Random conditions for training: which channels are keyed where, which root targets are given, what is dropped.

Patterns follow what an animator does: full-body keys at irregular or regular gaps, limb keys, dense body parts,
in-filling with context on both sides, a start pose only (MODEL.md section 6).
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from genmo_studio.model.config import MOTION_CHANNELS
from genmo_studio.motion.representation import LAYOUT
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, REGIONS

Bools = NDArray[np.bool_]
GAPS = (5, 10, 15, 30, 45, 60)
LIMBS = ("left_arm", "right_arm", "left_leg", "right_leg", "upper", "lower", "spine")


class Task(Enum):
    """What a training item is mainly told."""

    VIDEO = "video"
    KEYS = "keys"
    TEXT = "text"


TASK_SHARES = {Task.VIDEO: 0.35, Task.KEYS: 0.3, Task.TEXT: 0.35}
ESTIMATION_SHARES = {Task.VIDEO: 0.55, Task.KEYS: 0.5, Task.TEXT: 0.05}
"""Share of items trained in estimation mode (one pass from zeros), by task."""


def joint_channels(joints: tuple[int, ...]) -> Bools:
    """(151,) which channels hold the rotations of these joints; joint 0 is the gravity-view orientation."""
    mask = np.zeros(MOTION_CHANNELS, bool)
    for joint in joints:
        if joint == 0:
            mask[LAYOUT["global_orient_gv"]] = True
        elif joint < BODY_JOINT_COUNT:
            start = LAYOUT["body_pose"].start + 6 * (joint - 1)
            mask[start : start + 6] = True
    return mask


FULL_POSE = joint_channels(REGIONS["full"])
REGION_CHANNELS = {name: joint_channels(joints) for name, joints in REGIONS.items()}


@dataclass(frozen=True)
class KeyPattern:
    """Random keys of one item."""

    channels: Bools
    """(L, 151)"""
    position: Bools
    """(L,) frames whose root ground position is given"""
    heading: Bools
    height: Bools


def _key_frames(rng: np.random.Generator, length: int) -> NDArray[np.int64]:
    if rng.random() < 0.5:
        gap = int(rng.choice(GAPS))
        return np.arange(int(rng.integers(0, gap)), length, gap)
    count = int(rng.integers(1, 8))
    return np.sort(rng.choice(length, size=min(count, length), replace=False))


def random_keys(rng: np.random.Generator, length: int) -> KeyPattern:
    """One of the patterns of this module for a window of ``length`` frames."""
    channels = np.zeros((length, MOTION_CHANNELS), bool)
    at = np.zeros((3, length), bool)
    kind = rng.choice(5, p=(0.45, 0.15, 0.15, 0.15, 0.1))
    frames = _key_frames(rng, length)
    if kind == 0:  # full-body keys, most with a root position
        channels[frames] = FULL_POSE
        if rng.random() < 0.8:
            at[:, frames] = True
    elif kind == 1:  # keys of a region
        channels[frames] = REGION_CHANNELS[str(rng.choice(LIMBS))]
    elif kind == 2:  # everything but one region is given on the whole window (partial regeneration)
        region = REGION_CHANNELS[str(rng.choice(LIMBS))]
        channels[:] = FULL_POSE & ~region
        channels[:, LAYOUT["local_transl_vel"]] = rng.random() < 0.7
    elif kind == 3:  # in-filling: context on both sides, a gap in the middle
        gap = int(rng.integers(8, max(9, min(75, length - 10))))
        start = int(rng.integers(3, max(4, length - gap - 3)))
        channels[:] = FULL_POSE
        channels[:, LAYOUT["local_transl_vel"]] = True
        channels[start : start + gap] = False
        at[:, [start - 1, min(start + gap, length - 1)]] = True
    else:  # start pose only
        channels[0] = FULL_POSE
        at[:, 0] = rng.random() < 0.5
    return KeyPattern(channels=channels, position=at[0], heading=at[1] & (rng.random() < 0.5), height=at[2])


def random_path(rng: np.random.Generator, length: int) -> tuple[Bools, Bools]:
    """Frames (L,) of given positions and of given headings of a root path."""
    frames = _key_frames(rng, length) if rng.random() < 0.7 else np.arange(length)
    position = np.zeros(length, bool)
    position[frames] = True
    position[[0, -1]] |= rng.random() < 0.7
    heading = position & (rng.random() < 0.5)
    return position, heading


def spans_dropped(rng: np.random.Generator, length: int, *, probability: float) -> Bools:
    """(L,) True where a condition is dropped: frame by frame with ``probability``, and sometimes a whole span."""
    dropped = np.asarray(rng.random(length) < probability * 0.5)
    if rng.random() < 0.3:
        span = int(rng.integers(5, max(6, length // 2)))
        start = int(rng.integers(0, length - span + 1))
        dropped[start : start + span] = True
    return dropped
