"""The body: an SMPL-format mesh and skeleton, forward kinematics and linear blend skinning.

A pose is a set of local joint rotations; `forward_kinematics` turns them into world rotations and joint positions
(NumPy or torch, differentiable), `skin` into vertices (NumPy). Loper et al. 2015 give the model:
vertices = LBS(v_template + shapedirs . betas + posedirs . (R - I), regressed joints, R) + translation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import array_api_compat
import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.motion.arrays import namespace
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotate
from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS
from genmo_studio.motion.smpl_file import read_smpl_file
from genmo_studio.shapes import Float

Array = Any
FREE_BODY = "genmo-free"
_SKIN_BLOCK = 64  # frames a block: bounds the memory of skinning long clips


@dataclass(frozen=True, eq=False)
class Body:
    """An SMPL-format body of V vertices in its rest pose: T-pose, y up, facing +z, left at +x, metres.

    The betas of one body mean nothing to another, so `name` is stored beside them.
    """

    name: str
    v_template: NDArray[np.float32]
    """(V, 3)"""
    shapedirs: NDArray[np.float32]
    """(V, 3, 10)"""
    posedirs: NDArray[np.float32] | None
    """(V, 3, 207) pose-dependent offsets, or None when the body has none"""
    joint_regressor: NDArray[np.float32]
    """(24, V), rows sum to 1"""
    weights: NDArray[np.float32]
    """(V, 24), rows sum to 1"""
    faces: NDArray[np.int32]
    """(F, 3)"""

    @cached_property
    def joint_template(self) -> NDArray[np.float32]:
        """(24, 3) joints of the mean shape, m."""
        return np.asarray(self.joint_regressor.astype(np.float64) @ self.v_template, np.float32)

    @cached_property
    def joint_shapedirs(self) -> NDArray[np.float32]:
        """(24, 3, 10) joint displacement a unit of beta, m."""
        used = np.flatnonzero(self.joint_regressor.any(axis=0))  # a few hundred of the vertices
        flat = self.shapedirs[used].reshape(len(used), -1)
        result = self.joint_regressor[:, used].astype(np.float64) @ flat
        return np.asarray(result.reshape(JOINT_COUNT, 3, -1), np.float32)

    def rest_joints(self, betas: Float[Array, "*batch 10"]) -> Float[Array, "*batch 24 3"]:
        """Rest joints of a shape, m; NumPy or torch betas. Betas that are left out count as zero."""
        xp = namespace(betas)
        like = {"dtype": betas.dtype, "device": array_api_compat.device(betas)}
        template = xp.asarray(self.joint_template, **like)
        directions = xp.asarray(self.joint_shapedirs[..., : betas.shape[-1]].reshape(JOINT_COUNT * 3, -1).T, **like)
        return template + xp.reshape(betas @ directions, (*betas.shape[:-1], JOINT_COUNT, 3))

    def shaped(self, betas: Float[Array, "10"]) -> NDArray[np.float32]:
        """(V, 3) rest vertices of a shape, m."""
        betas = np.asarray(betas, np.float32)
        return np.asarray(self.v_template + self.shapedirs[..., : len(betas)] @ betas, np.float32)


def load_body(name_or_path: str) -> Body:
    """The free body ("genmo-free") or a real SMPL file (.npz or .pkl).

    Raises ValueError with one sentence when the file is missing or is not an SMPL body.
    """
    if name_or_path == FREE_BODY:
        path, name = paths.assets() / "body" / "genmo_free.npz", FREE_BODY
    else:
        path = Path(name_or_path)
        name = path.stem
    # The free body has no pose offsets; its file holds zeros for other programs, which take half of its reading time.
    arrays = read_smpl_file(path, leave_out=frozenset({"posedirs"} if name_or_path == FREE_BODY else ()))
    posedirs = arrays.posedirs if arrays.posedirs is not None and np.any(arrays.posedirs) else None
    return Body(
        name=name,
        v_template=arrays.v_template,
        shapedirs=arrays.shapedirs,
        posedirs=posedirs,
        joint_regressor=arrays.joint_regressor,
        weights=arrays.weights,
        faces=arrays.faces,
    )


@cache
def _levels(joints: int) -> tuple[tuple[slice, tuple[int, ...]], ...]:
    """The levels of the tree below the root: SMPL numbers its joints level by level, so each is a slice of joints.

    With each go the positions of its joints' parents within the level above.
    """
    levels: list[tuple[slice, tuple[int, ...]]] = []
    above, start = 0, 1
    while start < joints:
        stop = next((j for j in range(start, joints) if PARENTS[j] >= start), joints)
        levels.append((slice(start, stop), tuple(PARENTS[j] - above for j in range(start, stop))))
        above, start = start, stop
    return tuple(levels)


def forward_kinematics(
    rotations: Float[Array, "*batch joints 3 3"],
    rest_joints: Float[Array, "*#batch joints 3"],
    translation: Float[Array, "*batch 3"],
) -> tuple[Float[Array, "*batch joints 3 3"], Float[Array, "*batch joints 3"]]:
    """World rotations and joint positions (m) of local rotation matrices.

    The root lies at ``rest_joints[0] + translation``. Takes all 24 joints or the first 22. NumPy or torch; works level
    by level of the tree, so that a batch costs nine small products instead of twenty-four.
    """
    xp = namespace(rotations, translation)
    device = array_api_compat.device(rotations)

    def take(array: Array, indices: Sequence[int], axis: int) -> Array:  # several times faster than array[..., [..]]
        return xp.take(array, xp.asarray(indices, device=device), axis=axis)

    joints = rotations.shape[-3]
    offsets = rest_joints - take(rest_joints, [max(PARENTS[j], 0) for j in range(joints)], -2)
    turned = [rotations[..., :1, :, :]]
    placed = [(rest_joints[..., 0, :] + translation)[..., None, :]]
    for level, above in _levels(joints):
        parents = take(turned[-1], above, -3)
        placed.append(take(placed[-1], above, -2) + rotate(parents, offsets[..., level, :]))
        turned.append(parents @ rotations[..., level, :, :])
    return xp.concat(turned, axis=-3), xp.concat(placed, axis=-2)


def joint_positions(motion: Motion, body: Body) -> NDArray[np.float32]:
    """(T, 24, 3) joints of a motion in the world, m."""
    matrices = matrix_from_rotvec(motion.rotations)
    _, positions = forward_kinematics(matrices, body.rest_joints(motion.betas), motion.translation)
    return np.asarray(positions, np.float32)


def skinning_transforms(
    rotations: Float[Array, "*batch 24 3"],
    rest_joints: Float[Array, "24 3"],
    translation: Float[Array, "*batch 3"],
) -> Float[Array, "*batch 24 4 4"]:
    """Rest-to-posed transform of each joint (what a vertex shader blends): NumPy rotation vectors, m."""
    turned, placed = forward_kinematics(matrix_from_rotvec(rotations), rest_joints, translation)
    result = np.zeros((*turned.shape[:-2], 4, 4), turned.dtype)
    result[..., :3, :3] = turned
    result[..., :3, 3] = placed - rotate(turned, rest_joints)
    result[..., 3, 3] = 1
    return result


def skin(body: Body, motion: Motion) -> NDArray[np.float32]:
    """(T, V, 3) vertices of a motion in the world, m."""
    vertices = body.shaped(motion.betas)
    rest_joints = body.rest_joints(motion.betas)
    result = np.empty((len(motion), len(vertices), 3), np.float32)
    for start in range(0, len(motion), _SKIN_BLOCK):
        block = slice(start, start + _SKIN_BLOCK)
        transforms = skinning_transforms(motion.rotations[block], rest_joints, motion.translation[block])
        posed = _pose_corrected(body, vertices, motion.rotations[block])
        for frame, transform in enumerate(transforms):
            blended = (body.weights @ transform[:, :3].reshape(JOINT_COUNT, 12)).reshape(-1, 3, 4)
            bent = posed[frame] if posed is not None else vertices
            result[start + frame] = np.einsum("vij,vj->vi", blended[..., :3], bent) + blended[..., 3]
    return result


def _pose_corrected(
    body: Body, vertices: NDArray[np.float32], rotations: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """(t, V, 3) rest vertices with the pose-dependent offsets added; None when the body has none."""
    if body.posedirs is None:
        return None
    features = (matrix_from_rotvec(rotations[:, 1:]) - np.eye(3, dtype=np.float32)).reshape(len(rotations), -1)
    offsets = features @ body.posedirs.reshape(-1, body.posedirs.shape[-1]).T
    return np.asarray(vertices + offsets.reshape(len(rotations), -1, 3), np.float32)
