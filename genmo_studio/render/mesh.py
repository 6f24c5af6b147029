"""From a body or a file of triangles to what the renderer uploads: normals, four strongest joints, suit panels."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT
from genmo_studio.render.scene import INFLUENCES, SkinnedMesh
from genmo_studio.values import replace

_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar")
_SLEEVES = (
    ("left_hip", "left_knee", 0.62),
    ("right_hip", "right_knee", 0.62),
    ("left_shoulder", "left_elbow", 0.55),
    ("right_shoulder", "right_elbow", 0.55),
)
"""Limbs that the suit covers to a fraction of their length."""


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
    return np.asarray(normals, np.float32)


def strongest_influences(weights: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(V, 24) weights -> (V, 4) joints and (V, 4) weights that sum to 1; unused places have joint 0 and weight 0."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    kept = np.take_along_axis(weights, joints, axis=1).astype(np.float64)
    kept /= kept.sum(axis=1, keepdims=True)
    kept[kept < 1e-5] = 0.0
    kept /= kept.sum(axis=1, keepdims=True)
    joints[kept == 0.0] = 0
    return joints.astype(np.uint8), kept.astype(np.float32)


def suit_panels(
    vertices: NDArray[np.float32], weights: NDArray[np.float32], rest_joints: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(V,) the suit's dark tone covers what is above 0.5: trunk, upper arms and thighs, cut square to the limbs."""
    panel = weights[:, [INDEX[name] for name in _TRUNK]].sum(axis=1)
    for upper, lower, cut in _SLEEVES:
        start, end = rest_joints[INDEX[upper]], rest_joints[INDEX[lower]]
        along = (vertices - start) @ (end - start) / float(np.sum(np.square(end - start)))
        panel += weights[:, INDEX[upper]] * np.clip(0.5 + (cut - along) * 5.0, 0.0, 1.0)
    # The collar is cut level between the shoulders and the head: weights alone leave a ragged edge there.
    base, head = rest_joints[INDEX["neck"]], rest_joints[INDEX["head"]]
    around = weights[:, [INDEX["neck"], INDEX["spine3"], INDEX["left_collar"], INDEX["right_collar"]]].sum(axis=1)
    along = (vertices - base) @ (head - base) / float(np.sum(np.square(head - base)))
    collar = np.clip(0.5 + (0.18 - along) * 4.0, 0.0, 1.0)
    panel = np.where((along > -0.4) & (around > 0.5), collar, panel)
    return np.asarray(panel, np.float32)


def coarse_faces(
    vertices: NDArray[np.float32], faces: NDArray[np.int32], joints: NDArray[np.uint8], *, cell: float = 0.03
) -> NDArray[np.int32]:
    """(G, 3) triangles of a rougher surface over the same vertices.

    Vertices of one cubic cell (m) and one leading joint become the one of them that lies nearest to their mean
    (vertex clustering, Rossignac and Borrel 1993); triangles that collapse are dropped.
    """
    place = np.floor((vertices - vertices.min(axis=0)) / cell).astype(np.int64)
    wide, high, _ = place.max(axis=0) + 1
    key = ((place[:, 2] * high + place[:, 1]) * wide + place[:, 0]) * 256 + joints[:, 0]
    # What np.unique would say of the keys, which would load NumPy's masked arrays: a thirtieth of the window's start.
    by_key = np.argsort(key, kind="stable")
    begins = np.concatenate([[True], np.diff(key[by_key]) != 0])
    cluster = np.empty(len(key), np.int64)
    cluster[by_key] = np.cumsum(begins) - 1
    counts = np.bincount(cluster)
    means = np.stack([np.bincount(cluster, vertices[:, axis]) for axis in range(3)], axis=1) / counts[:, None]
    away = np.linalg.norm(vertices - means[cluster], axis=1)
    order = np.lexsort((away, cluster))
    first = np.searchsorted(cluster[order], np.arange(len(counts)))
    mapped = order[first][cluster][faces]
    a, b, c = mapped.T
    return np.ascontiguousarray(mapped[(a != b) & (b != c) & (c != a)], np.int32)


def skinned_mesh(body: Body, betas: ArrayLike, *, like: SkinnedMesh | None = None) -> SkinnedMesh:
    """The drawable rest mesh of a shaped body; ``like``, one of the same body, saves two thirds of the work."""
    shape = np.asarray(betas, np.float32)
    vertices = body.shaped(shape)
    if like is not None and like.faces is body.faces:
        rest = np.asarray(body.rest_joints(shape), np.float32)
        return replace(like, vertices=vertices, normals=vertex_normals(vertices, body.faces), rest_joints=rest)
    joints, weights = strongest_influences(body.weights)
    rest_joints = np.asarray(body.rest_joints(shape), np.float32)
    if rest_joints.shape != (JOINT_COUNT, 3):
        raise ValueError(f"the body has {len(rest_joints)} joints, expected {JOINT_COUNT}")
    return SkinnedMesh(
        vertices=vertices,
        normals=vertex_normals(vertices, body.faces),
        faces=body.faces,
        coarse_faces=coarse_faces(vertices, body.faces, joints),
        joints=joints,
        weights=weights,
        panel=suit_panels(vertices, body.weights, rest_joints),
        rest_joints=rest_joints,
    )
