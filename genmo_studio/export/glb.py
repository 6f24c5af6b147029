"""Binary glTF 2.0: skinned mesh of the shaped body, 24 joints, one animation. Metres, y up, body facing +z at rest.

Rotations are unit quaternions that never flip their sign from one key to the next; samples are LINEAR at true times.
The four strongest joints move each vertex; pose blend shapes of a body, if it has any, are not in the file.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio import __version__
from genmo_studio.conditions.progress import Progress
from genmo_studio.export.files import whole_file
from genmo_studio.export.options import ExportOptions, require_exportable
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import quaternion_from_rotvec
from genmo_studio.motion.skeleton import JOINT_COUNT, JOINTS, PARENTS
from genmo_studio.render.mesh import skinned_mesh
from genmo_studio.render.scene import Material, SkinnedMesh

_FLOAT, _BYTE, _SHORT, _INT = 5126, 5121, 5123, 5125
_COMPONENTS = {"f4": _FLOAT, "u1": _BYTE, "u2": _SHORT, "u4": _INT}
_TYPES = {(): "SCALAR", (2,): "VEC2", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}
_VERTICES, _INDICES = 34962, 34963


class _Buffer:
    """The binary chunk and the accessors into it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: NDArray[Any], *, target: int | None = None, bounds: bool = False) -> int:
        """Append an array (count first) and return its accessor; matrices are given row-major and stored by column."""
        array = np.ascontiguousarray(values.swapaxes(1, 2) if values.shape[1:] == (4, 4) else values)
        self.data.extend(b"\0" * (-len(self.data) % 4))
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": array.nbytes}
        if target is not None:
            view["target"] = target
        self.data.extend(array.astype(array.dtype.newbyteorder("<")).tobytes())
        self.views.append(view)
        accessor: dict[str, Any] = {
            "bufferView": len(self.views) - 1,
            "componentType": _COMPONENTS[array.dtype.str[1:]],
            "count": len(array),
            "type": _TYPES[values.shape[1:]],
        }
        if bounds:
            accessor["min"] = np.atleast_1d(array.min(axis=0)).tolist()
            accessor["max"] = np.atleast_1d(array.max(axis=0)).tolist()
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def export_glb(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    """Write the .glb."""
    require_exportable(motion, format_name=".glb")
    yield Progress("writing .glb", 0.0)
    mesh = skinned_mesh(body, motion.betas)
    yield Progress("writing .glb", 0.4)
    content = glb_bytes(motion, mesh, options)
    yield Progress("writing .glb", 0.8)
    with whole_file(path, existing=options.existing) as temporary:
        temporary.write_bytes(content)
    yield Progress("writing .glb", 1.0)
    yield path


def glb_bytes(motion: Motion, mesh: SkinnedMesh, options: ExportOptions) -> bytes:
    """The file: header, JSON chunk, binary chunk."""
    buffer = _Buffer()
    primitive = _primitive(buffer, mesh)
    rest = mesh.rest_joints.astype(np.float64)
    inverse_bind = np.tile(np.eye(4, dtype=np.float32), (JOINT_COUNT, 1, 1))
    inverse_bind[:, :3, 3] = -mesh.rest_joints
    skin = {
        "inverseBindMatrices": buffer.add(inverse_bind),
        "joints": list(range(JOINT_COUNT)),
        "skeleton": 0,
        "name": "SMPL",
    }
    document = {
        "asset": {"version": "2.0", "generator": f"GENMO Studio {__version__}"},
        "scene": 0,
        "scenes": [{"nodes": [0, JOINT_COUNT], "name": options.name}],
        "nodes": [*_joint_nodes(rest), {"name": "body", "mesh": 0, "skin": 0}],
        "meshes": [{"name": "body", "primitives": [primitive]}],
        "materials": [
            {
                "name": "suit",
                "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.75},
            }
        ],
        "skins": [skin],
        "animations": [_animation(buffer, motion, rest, options.name)],
        "extras": {
            "fps": motion.fps,
            "frames": len(motion),
            "body": motion.body,
            "betas": [float(value) for value in motion.betas],
            **options.notes,
        },
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
    }
    buffer.data.extend(b"\0" * (-len(buffer.data) % 4))
    document["buffers"] = [{"byteLength": len(buffer.data)}]
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(buffer.data), b"BIN\0")
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks) + len(buffer.data)) + chunks + bytes(buffer.data)


def _primitive(buffer: _Buffer, mesh: SkinnedMesh) -> dict[str, Any]:
    faces = mesh.faces.reshape(-1)
    indices = faces.astype(np.uint16 if len(mesh.vertices) < 65_535 else np.uint32)
    attributes = {
        "POSITION": buffer.add(mesh.vertices.astype(np.float32), target=_VERTICES, bounds=True),
        "NORMAL": buffer.add(mesh.normals.astype(np.float32), target=_VERTICES),
        "COLOR_0": buffer.add(_suit_colours(mesh), target=_VERTICES),
        "JOINTS_0": buffer.add(mesh.joints.astype(np.uint8), target=_VERTICES),
        "WEIGHTS_0": buffer.add(mesh.weights.astype(np.float32), target=_VERTICES),
    }
    return {"attributes": attributes, "indices": buffer.add(indices, target=_INDICES), "material": 0, "mode": 4}


def _suit_colours(mesh: SkinnedMesh) -> NDArray[np.float32]:
    """(V, 3) linear colours of the two-tone suit."""
    material = Material()
    tones = np.power(np.array([material.primary, material.secondary], np.float32), 2.2)
    return np.asarray(tones[(mesh.panel > 0.5).astype(int)], np.float32)


def _joint_nodes(rest: NDArray[np.float64]) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for joint, parent in enumerate(PARENTS):
        offset = rest[joint] - (rest[parent] if parent >= 0 else 0.0)
        nodes.append({"name": JOINTS[joint], "translation": [float(value) for value in offset]})
        children = [child for child in range(JOINT_COUNT) if PARENTS[child] == joint]
        if children:
            nodes[joint]["children"] = children
    return nodes


def _animation(buffer: _Buffer, motion: Motion, rest: NDArray[np.float64], name: str) -> dict[str, Any]:
    times = (np.arange(len(motion)) / motion.fps).astype(np.float32)
    time_accessor = buffer.add(times, bounds=True)
    quaternions = continuous_quaternions(motion.rotations)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def animate(node: int, path: str, values: NDArray[np.float32]) -> None:
        samplers.append({"input": time_accessor, "interpolation": "LINEAR", "output": buffer.add(values)})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": node, "path": path}})

    animate(0, "translation", (motion.translation + rest[0]).astype(np.float32))
    for joint in range(JOINT_COUNT):
        animate(joint, "rotation", quaternions[:, joint])
    return {"name": name, "samplers": samplers, "channels": channels}


def continuous_quaternions(rotations: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, J, 3) rotation vectors -> (T, J, 4) unit quaternions x, y, z, w; each on the side of the one before."""
    quaternions = np.asarray(quaternion_from_rotvec(rotations.astype(np.float64)))[..., [1, 2, 3, 0]]
    quaternions /= np.linalg.norm(quaternions, axis=-1, keepdims=True)
    flips = np.sum(quaternions[1:] * quaternions[:-1], axis=-1) < 0.0
    signs = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0)
    quaternions[1:] *= signs[..., None]
    return np.ascontiguousarray(quaternions, np.float32)
