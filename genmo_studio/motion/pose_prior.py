"""How bodies are posed: a Gaussian over the turns of all joints, from motion capture.

A pose is told by the first two rows of every local rotation matrix (Zhou et al. 2019), which have no jumps, and by the
direction of gravity as pelvis, chest, head and feet see it, so heading and place don't matter. What the touched joints
do then says what the others most likely do: with a quadratic in these numbers a solver infers them while it solves,
which for a Gaussian is the conditional mean.

The numbers in assets/pose_prior are made by scripts/fit_pose_prior.py from free sources only (see its README).
"""

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]

LEVEL = np.array([INDEX[name] for name in ("pelvis", "spine3", "head", "left_ankle", "right_ankle")])
"""Joints whose direction of gravity belongs to a pose: feet rest flat and heads are held level."""
_LOCAL = (BODY_JOINT_COUNT - 1) * 6
FEATURES = 3 * len(LEVEL) + _LOCAL
"""Length of what a pose is told by: gravity seen by the joints of ``LEVEL``, then two rows of joints 1 to 21 each."""


def features(
    local: Float[Floats, "*batch 24 3 3"], world: Float[Floats, "*batch 24 3 3"]
) -> Float[Floats, "*batch 141"]:
    """What a pose is told by; ``local`` and ``world`` are rotation matrices."""
    gravity = world[..., LEVEL, 1, :]
    rows = local[..., 1:BODY_JOINT_COUNT, :2, :]
    return np.concatenate([gravity.reshape(*gravity.shape[:-2], -1), rows.reshape(*rows.shape[:-3], _LOCAL)], axis=-1)


def feature_rates(
    local: Float[Floats, "24 3 3"],
    world: Float[Floats, "24 3 3"],
    turns: Float[Floats, "24 3 n"],
    world_turns: Float[Floats, "24 3 n"],
) -> Float[Floats, "141 n"]:
    """How the features change when joints turn at these rates (rad a unit of n variables), in their parents' frames and
    in the world.

    A turn v changes the rows of R by v_y R_2 - v_z R_1 (the first) and v_z R_0 - v_x R_2 (the second).
    """
    r = local[1:BODY_JOINT_COUNT, :, :, None]
    x, y, z = (turns[1:BODY_JOINT_COUNT, axis, None, :] for axis in range(3))
    rates = np.concatenate([y * r[:, 2] - z * r[:, 1], z * r[:, 0] - x * r[:, 2]], axis=1)
    w = world[LEVEL][..., None]
    wx, wz = (world_turns[LEVEL, axis, None, :] for axis in (0, 2))
    gravity = wz * w[:, 0] - wx * w[:, 2]
    count = turns.shape[-1]
    return np.concatenate([gravity.reshape(-1, count), rates.reshape(-1, count)])


class PosePrior(msgspec.Struct, frozen=True, eq=False):
    """A Gaussian over the features of a pose."""

    mean: Float[Floats, "141"]
    precision: Float[Floats, "141 141"]
    """inverse of the covariance"""

    @staticmethod
    def read(path: Path) -> "PosePrior":
        """From a file of scripts/fit_pose_prior.py. Raises ValueError with a sentence when it is not one."""
        try:
            with np.load(path, allow_pickle=False) as file:
                mean = file["mean"].astype(np.float64)
                covariance = file["covariance"].astype(np.float64)
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"the pose prior {path.name} cannot be read: {error}") from error
        if mean.shape != (FEATURES,) or covariance.shape != (FEATURES, FEATURES):
            raise ValueError(f"the pose prior {path.name} is of another body than this program's")
        return PosePrior(mean, np.linalg.inv((covariance + covariance.T) / 2))

    def distance(self, pose: Pose) -> float:
        """Mahalanobis distance of a pose over the root of the number of features: about 1 for one like the data's."""
        away = features(pose.matrices(), pose.world(np.zeros((JOINT_COUNT, 3)))[0]) - self.mean
        return float(np.sqrt(np.maximum(away @ self.precision @ away, 0.0) / FEATURES))


@cache
def load_prior() -> PosePrior:
    """The prior that ships with the program."""
    return PosePrior.read(paths.assets() / "pose_prior" / "pose_prior.npz")
