"""How bodies are posed: a Gaussian over the turns of all joints, from motion capture.

A pose is told by the first two rows of every local rotation matrix (Zhou et al. 2019), which have no jumps, and by the
direction of gravity as the pelvis sees it, so heading and place don't matter. What the touched joints do then says what
the others most likely do: with a quadratic in these numbers a solver infers them while it solves, which for a Gaussian
is the conditional mean.

The numbers in assets/pose_prior are made by scripts/fit_pose_prior.py from free sources only (see its README).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.motion.rotations import matrix_from_sixd
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINT_COUNT
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]

FEATURES = 3 + (BODY_JOINT_COUNT - 1) * 6
"""Length of what a pose is told by: the pelvis's second row (gravity), then two rows of each of joints 1 to 21."""


def features(local: Float[Floats, "*batch 24 3 3"]) -> Float[Floats, "*batch 129"]:
    """What a pose is told by; ``local`` are local rotation matrices."""
    rows = local[..., :BODY_JOINT_COUNT, :2, :]
    flat = rows.reshape(*rows.shape[:-3], -1)
    return np.asarray(flat[..., 3:])


def feature_rates(local: Float[Floats, "24 3 3"], turns: Float[Floats, "24 3 n"]) -> Float[Floats, "129 n"]:
    """How the features change when joints turn in their parents' frames at these rates (rad a unit of n variables).

    A turn v changes the rows of R by v_y R_2 - v_z R_1 (the first) and v_z R_0 - v_x R_2 (the second).
    """
    r = local[:BODY_JOINT_COUNT, :, :, None]
    x, y, z = (turns[:BODY_JOINT_COUNT, axis, None, :] for axis in range(3))
    rates = np.concatenate([y * r[:, 2] - z * r[:, 1], z * r[:, 0] - x * r[:, 2]], axis=1)
    return np.asarray(rates.reshape(-1, turns.shape[-1])[3:])


@dataclass(frozen=True, eq=False)
class PosePrior:
    """A Gaussian over the features of a pose."""

    mean: Float[Floats, "129"]
    precision: Float[Floats, "129 129"]
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

    def distance(self, local: Float[Floats, "*batch 24 3 3"]) -> Float[Floats, "*batch"]:
        """Mahalanobis distance of poses a root of the number of features: about 1 for a pose of the data."""
        away = features(local) - self.mean
        return np.asarray(np.sqrt(np.maximum((away @ self.precision * away).sum(-1), 0) / FEATURES))

    def typical(self) -> Float[Floats, "24 3 3"]:
        """Local rotations of the mean pose, standing upright and facing +z as far as its mean does."""
        local = np.tile(np.eye(3), (JOINT_COUNT, 1, 1))
        local[1:BODY_JOINT_COUNT] = matrix_from_sixd(self.mean[3:].reshape(-1, 6))
        return local


@cache
def load_prior() -> PosePrior:
    """The prior that ships with the program."""
    return PosePrior.read(paths.assets() / "pose_prior" / "pose_prior.npz")
