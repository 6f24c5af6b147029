"""From a body or a file of triangles to what the renderer uploads: normals, four strongest joints, suit panels."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT
from genmo_studio.render.scene import INFLUENCES, SkinnedMesh

_PANEL_JOINTS = (
    "left_ankle", "left_foot", "right_ankle", "right_foot", "left_wrist", "left_hand", "right_wrist", "right_hand",
)  # fmt: skip


def vertex_normals(vertices: NDArray[np.float32], faces: NDArray[np.int32]) -> NDArray[np.float32]:
    """(V, 3) unit normals: mean of the faces around each vertex, weighted by their area."""
    corners = vertices[faces].astype(np.float64)
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros((len(vertices), 3))
    for axis in range(3):
        for corner in range(3):
            normals[:, axis] += np.bincount(faces[:, corner], areas[:, axis], minlength=len(vertices))
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 1e-12, normals / np.maximum(length, 1e-12), [0.0, 1.0, 0.0])
    return normals.astype(np.float32)


def strongest_influences(weights: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(V, 24) weights -> (V, 4) joints and (V, 4) weights that sum to 1; unused places have joint 0 and weight 0."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    kept = np.take_along_axis(weights, joints, axis=1).astype(np.float64)
    kept /= kept.sum(axis=1, keepdims=True)
    kept[kept < 1e-5] = 0.0
    kept /= kept.sum(axis=1, keepdims=True)
    joints[kept == 0.0] = 0
    return joints.astype(np.uint8), kept.astype(np.float32)


def suit_panels(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(V,) how much of a vertex belongs to hands and feet: the dark panels of the suit."""
    return weights[:, [INDEX[name] for name in _PANEL_JOINTS]].sum(axis=1).astype(np.float32)


def skinned_mesh(body: Body, betas: ArrayLike) -> SkinnedMesh:
    """The drawable rest mesh of a shaped body."""
    shape = np.asarray(betas, np.float32)
    vertices = body.shaped(shape)
    joints, weights = strongest_influences(body.weights)
    rest_joints = np.asarray(body.rest_joints(shape), np.float32)
    if rest_joints.shape != (JOINT_COUNT, 3):
        raise ValueError(f"the body has {len(rest_joints)} joints, expected {JOINT_COUNT}")
    return SkinnedMesh(
        vertices=vertices,
        normals=vertex_normals(vertices, body.faces),
        faces=body.faces,
        joints=joints,
        weights=weights,
        panel=suit_panels(body.weights),
        rest_joints=rest_joints,
    )
