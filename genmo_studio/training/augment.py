"""Array operations on training windows: mirroring, other body shapes, continuing one clip with another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.rotations import heading_from_matrix, slerp_matrices, transpose, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, MIRROR
from genmo_studio.shapes import Float

Array = NDArray[np.float32]

BODY_MIRROR = np.array(MIRROR[:BODY_JOINT_COUNT])
CONTACT_MIRROR = np.array([2, 3, 0, 1, 5, 4])
_SOLE_VERTICES = 400


def mirrored_rotvecs(rotvecs: Float[Array, "*batch 22 3"]) -> Float[Array, "*batch 22 3"]:
    """Local rotation vectors of the motion mirrored in the plane x = 0: sides swapped, turns about y and z reversed."""
    return rotvecs[..., BODY_MIRROR, :] * np.array([1, -1, -1], np.float32)


def mirrored_translation(translation: Float[Array, "*batch 3"]) -> Float[Array, "*batch 3"]:
    """Root path mirrored in the plane x = 0."""
    return translation * np.array([-1, 1, 1], np.float32)


@dataclass(frozen=True, eq=False)
class ShapeSpace:
    """Rest joints and soles of a body as linear functions of its betas."""

    body: Body
    lowest: NDArray[np.int64]
    """Vertices among which the lowest point of every shape is looked for."""

    @staticmethod
    def of(body: Body) -> "ShapeSpace":
        """Take the lowest vertices of the neutral shape as candidates for the sole."""
        return ShapeSpace(body, np.argsort(body.v_template[:, 1])[:_SOLE_VERTICES])

    def rest(self, betas: Float[Array, "batch 10"]) -> Float[Array, "batch 24 3"]:
        """Rest joints, m."""
        return np.asarray(self.body.rest_joints(betas), np.float32)

    def sole(self, betas: Float[Array, "batch 10"]) -> Float[Array, " batch"]:
        """Height of the lowest point of the rest pose, m."""
        heights = self.body.v_template[self.lowest, 1] + betas @ self.body.shapedirs[self.lowest, 1].T
        return np.asarray(heights.min(-1), np.float32)

    def moved(
        self,
        betas: Float[Array, "batch 10"],
        orientation: Float[Array, "batch frames 3 3"],
        translation: Float[Array, "batch frames 3"],
    ) -> Float[Array, "batch frames 3"]:
        """SMPL translation with which a body of shape ``betas`` makes the neutral body's motion.

        The path of the hips is scaled by the ratio of leg lengths and the soles keep their height over the ground.
        """
        neutral = np.zeros_like(betas)
        rest, ours = self.rest(neutral), self.rest(betas)
        ratio = _leg(ours) / _leg(rest)
        old, new = _hips(rest), _hips(ours)
        hips = rest[:, None, 0] + translation + (orientation @ old[:, None, :, None])[..., 0]
        moved = hips * ratio[:, None, None] - (orientation @ new[:, None, :, None])[..., 0] - ours[:, None, 0]
        ankle_old, ankle_new = rest[:, 7, 1] - self.sole(neutral), ours[:, 7, 1] - self.sole(betas)
        moved[..., 1] += (ankle_new - ratio * ankle_old)[:, None]
        return np.asarray(moved, np.float32)


def _leg(rest: Float[Array, "batch 24 3"]) -> Float[Array, " batch"]:
    thigh, shin = rest[:, 4] - rest[:, 1], rest[:, 7] - rest[:, 4]
    return np.asarray(np.linalg.norm(thigh, axis=-1) + np.linalg.norm(shin, axis=-1))


def _hips(rest: Float[Array, "batch 24 3"]) -> Float[Array, "batch 3"]:
    return np.asarray((rest[:, 1] + rest[:, 2]) / 2 - rest[:, 0])


def continued(
    rotations: Float[Array, "frames 22 3 3"],
    translation: Float[Array, "frames 3"],
    last_rotations: Float[Array, "22 3 3"],
    last_translation: Float[Array, " 3"],
    step: Float[Array, " 3"],
    *,
    blend: int,
) -> tuple[Array, Array]:
    """Make a clip go on from a given last frame: heading and place match, what is left over fades in ``blend`` frames.

    ``step`` is the translation from the last frame to the next one (m).
    """
    frames = len(translation)
    turn = heading_from_matrix(last_rotations[0]) - heading_from_matrix(rotations[0, 0])
    yaw = yaw_matrix(np.float32(turn).reshape(())).astype(np.float32)
    rotations = rotations.copy()
    rotations[:, 0] = yaw @ rotations[:, 0]
    path = (translation - translation[0] * (1, 0, 1)) @ yaw.T
    path = path + (last_translation + step) * (1, 0, 1)
    fade = np.clip((np.arange(frames) + 1) / (blend + 1), 0, 1)
    left = (1 - fade * fade * (3 - 2 * fade)).astype(np.float32)
    path[:, 1] += (last_translation[1] + step[1] - path[0, 1]) * left
    short = min(blend, frames)
    offset = last_rotations @ transpose(rotations[0])
    still = np.broadcast_to(np.eye(3, dtype=np.float32), (short, *offset.shape))
    back = slerp_matrices(still, np.broadcast_to(offset, still.shape), left[:short, None])
    rotations[:short] = back @ rotations[:short]
    return rotations, path.astype(np.float32)
