"""Geometry on the GPU, and the numbers that go to the skinning shaders."""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.render import gl
from genmo_studio.render.scene import INFLUENCES, Prop, SkinnedBody, SkinnedMesh, StaticMesh

BONE_ROWS = 72
_UNUSED_LIMIT = 600  # pictures


class MeshStore:
    """Uploaded geometry, recognised by the identity of its value; what was not drawn for long is deleted."""

    def __init__(self) -> None:
        self._arrays: dict[SkinnedMesh | StaticMesh, tuple[gl.VertexArray, int]] = {}
        self._clock = 0

    def tick(self) -> None:
        """Start a picture: forget geometry that has not been drawn for a while."""
        self._clock += 1
        for mesh in [mesh for mesh, (_, used) in self._arrays.items() if self._clock - used > _UNUSED_LIMIT]:
            self._arrays.pop(mesh)[0].release()

    def of(self, mesh: SkinnedMesh | StaticMesh) -> gl.VertexArray:
        """Vertex array of a mesh, uploaded at first use."""
        if mesh in self._arrays:
            array = self._arrays[mesh][0]
        else:
            array = gl.VertexArray(mesh.faces, coarse=mesh.coarse_faces if isinstance(mesh, SkinnedMesh) else None)
            array.attribute(0, mesh.vertices.astype(np.float32))
            array.attribute(1, mesh.normals.astype(np.float32))
            if isinstance(mesh, SkinnedMesh):
                array.attribute(2, mesh.joints.astype(np.uint8))
                array.attribute(3, mesh.weights.astype(np.float32))
                array.attribute(4, mesh.panel.astype(np.float32))
            else:  # a rigid mesh hangs on joint 0
                count = len(mesh.vertices)
                array.attribute(2, np.zeros((count, INFLUENCES), np.uint8))
                array.attribute(3, np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)))
                array.attribute(4, np.zeros(count, np.float32))
        self._arrays[mesh] = (array, self._clock)
        return array

    def release(self) -> None:
        """Delete all of it."""
        for array, _ in self._arrays.values():
            array.release()
        self._arrays.clear()


def bone_rows(transforms: NDArray[np.float32]) -> NDArray[np.float32]:
    """(24, 4, 4) -> (72, 4): the upper three rows of each, as the shaders read them."""
    return np.ascontiguousarray(transforms[:, :3, :], np.float32).reshape(BONE_ROWS, 4)


def prop_rows(prop: Prop) -> NDArray[np.float32]:
    """(72, 4) of a rigid mesh: its transform in the place of joint 0."""
    rows = np.zeros((BONE_ROWS, 4), np.float32)
    rows[:3] = prop.transform[:3]
    return rows


def bind_offsets(array: gl.VertexArray, body: SkinnedBody) -> None:
    """Give the vertices of a body their pose-dependent offsets, or none."""
    if body.offsets is None:
        array.without(5, (0.0, 0.0, 0.0, 1.0))
    else:
        array.attribute(5, body.offsets.astype(np.float32))
