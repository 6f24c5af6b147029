"""After an export: read the file again and say what is in it and how far its joints are from the motion's.

The readers here share no code with the writers but the format's rules: each file's own skeleton and numbers are
evaluated, so a wrong offset, order or rest pose shows as an error in metres.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.export.amass import read_amass
from genmo_studio.export.options import ExportError
from genmo_studio.importers.bvh import BvhError, read_bvh
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_quaternion
from genmo_studio.motion.skeleton import JOINTS

Positions = NDArray[np.float64]
_TYPES: dict[int, np.dtype[Any]] = {
    5126: np.dtype("<f4"),
    5121: np.dtype("u1"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
}
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True)
class ExportReport:
    """What a written file holds."""

    path: Path
    bytes: int
    frames: int
    fps: float
    max_joint_error: float | None
    """m, over all frames and joints; None for pictures"""

    def sentence(self) -> str:
        """For the user: "walk.bvh: 120 frames at 30 fps, 64 kB, joints within 0.0 mm"."""
        size = f"{self.bytes / 1e6:.1f} MB" if self.bytes >= 1_000_000 else f"{max(self.bytes, 1_000) / 1e3:.0f} kB"
        error = "" if self.max_joint_error is None else f", joints within {self.max_joint_error * 1e3:.2f} mm"
        return f"{self.path.name}: {self.frames} frames at {self.fps:g} fps, {size}{error}"


def verify_export(path: Path, motion: Motion, body: Body) -> ExportReport:
    """Read ``path`` back and compare. Raises ExportError when it cannot be read or has another length."""
    suffix = path.suffix.lower()
    if suffix in _JOINT_READERS:
        joints, fps = _JOINT_READERS[suffix](path, body)
        frames = len(joints)
        if frames != len(motion):
            raise ExportError(f"{path} was read back with {frames} frames instead of {len(motion)}; do not use it.")
        truth = joint_positions(motion, body).astype(np.float64)
        error = float(np.linalg.norm(joints - truth, axis=-1).max())
    elif suffix == ".mp4":
        frames, fps = _video(path)
        error = None
    elif suffix == ".png":
        frames, fps, error = 1, motion.fps, None
    else:
        raise ExportError(f"{path.name} is no file that the studio exports.")
    return ExportReport(path=path, bytes=path.stat().st_size, frames=frames, fps=fps, max_joint_error=error)


def _npz_joints(path: Path, body: Body) -> tuple[Positions, float]:
    motion = read_amass(path, body)
    return joint_positions(motion, body).astype(np.float64), motion.fps


def _bvh_joints(path: Path, _body: Body) -> tuple[Positions, float]:
    try:
        clip = read_bvh(path)
    except (BvhError, OSError) as error:
        raise ExportError(f"{path} cannot be read back: {error}") from error
    _, places = clip.global_pose()
    return np.asarray(places, np.float64)[:, [clip.joints.index(name) for name in JOINTS]], clip.fps


def _glb_joints(path: Path, _body: Body) -> tuple[Positions, float]:
    try:
        data = path.read_bytes()
        length = struct.unpack_from("<I", data, 12)[0]
        document = json.loads(data[20 : 20 + length])
        return _glb_positions(document, data[28 + length :]), float(document["extras"]["fps"])
    except (OSError, struct.error, ValueError, KeyError, IndexError, TypeError) as error:
        raise ExportError(f"{path} cannot be read back: {error}.") from error


def _glb_positions(document: dict[str, Any], binary: bytes) -> Positions:
    """World positions of the skin's joints at each key, from nodes and animation alone."""

    def values(index: int) -> NDArray[np.float64]:
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        width = _WIDTHS[accessor["type"]]
        kind = _TYPES[accessor["componentType"]]
        flat = np.frombuffer(binary, kind, accessor["count"] * width, view["byteOffset"])
        numbers: NDArray[np.float64] = flat.astype(np.float64).reshape(-1, width)
        return numbers

    nodes, animation = document["nodes"], document["animations"][0]
    tracks = {
        (channel["target"]["node"], channel["target"]["path"]): values(
            animation["samplers"][channel["sampler"]]["output"]
        )
        for channel in animation["channels"]
    }
    parents = {child: index for index, node in enumerate(nodes) for child in node.get("children", ())}
    world: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}

    def placed(node: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if node not in world:
            quaternions = tracks[node, "rotation"][:, [3, 0, 1, 2]]
            turn = np.asarray(matrix_from_quaternion(quaternions), np.float64)
            shift = tracks.get((node, "translation"), np.array([nodes[node]["translation"]]))
            if node in parents:
                above, place = placed(parents[node])
                shift = np.einsum("tij,tj->ti", above, np.broadcast_to(shift, place.shape)) + place
                turn = above @ turn
            world[node] = turn, shift
        return world[node]

    return np.stack([placed(node)[1] for node in document["skins"][0]["joints"]], axis=1)


def _video(path: Path) -> tuple[int, float]:
    import av  # noqa: PLC0415  # only video exports need it

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = sum(1 for packet in container.demux(stream) if packet.size)
            return frames, float(stream.average_rate or 0)
    except (av.FFmpegError, IndexError) as error:
        raise ExportError(f"{path} cannot be read back: {error}.") from error


_JOINT_READERS = {".npz": _npz_joints, ".bvh": _bvh_joints, ".glb": _glb_joints}
