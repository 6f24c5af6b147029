"""Read motion from .npz: AMASS-style SMPL parameters and the studio's own takes. Never unpickles.

Sizes are looked at before anything is unpacked: a small file that claims to hold a huge array is refused.
"""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.export.amass import Z_UP
from genmo_studio.export.options import UpAxis
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import MAX_FRAMES, Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, slerp_matrices
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINT_COUNT

MAX_BYTES = 1_000_000_000
MAX_PARTS = 256
USUAL_RATE = 30.0
_RATES = ("mocap_frame_rate", "mocap_framerate", "framerate", "frame_rate", "fps")
_PLACES = ("trans", "transl", "translation")
_POSES = ("poses", "fullpose", "full_pose")
_NAMES = frozenset(
    {*_RATES, *_PLACES, *_POSES, "rotations", "root_orient", "pose_body", "betas", "up_axis", "hand_poses",
     "contacts", "body"}
)  # fmt: skip


class NpzError(ValueError):
    """The file holds no motion that can be read; the message is one sentence for the user."""


class NpzMotion(msgspec.Struct, frozen=True, eq=False):
    """A motion file as arrays, in the file's own axes."""

    rotations: NDArray[np.float64]
    """(T, 24, 3) local rotation vectors, rad."""
    translation: NDArray[np.float64]
    """(T, 3) SMPL ``transl``, m."""
    betas: NDArray[np.float32]
    """(10,)"""
    fps: float
    up: UpAxis
    """What the file says, or what its style means."""
    rate_known: bool
    """False: the file names no rate, and the usual one was taken."""
    up_known: bool
    """False: the file does not say which axis is up."""
    style: str
    """For the report: "AMASS-style" or "take of the studio"."""
    body: str | None = None

    def __len__(self) -> int:
        return len(self.translation)

    def to_motion(self, body: Body, *, fps: float, up: UpAxis | None = None) -> Motion:
        """The motion on ``body``, y up, at another rate. ``up`` overrides what the file says."""
        rotations, translation = _resampled(self.rotations, self.translation, old=self.fps, new=fps)
        # The shape numbers of another body mean nothing here.
        betas = self.betas if self.body in (None, body.name) else np.zeros(10, np.float32)
        if (up or self.up) is UpAxis.Z:
            pelvis = np.asarray(body.rest_joints(betas), np.float64)[0]
            rotations = rotations.copy()
            rotations[:, 0] = rotvec_from_matrix(Z_UP.T @ matrix_from_rotvec(rotations[:, 0]))
            # The pelvis lies at rest pelvis + trans, and a rest pose does not turn with the world.
            translation = (translation + pelvis) @ Z_UP - pelvis
        return Motion(
            rotations=np.ascontiguousarray(rotations, np.float32),
            translation=np.ascontiguousarray(translation, np.float32),
            betas=betas,
            fps=fps,
            body=body.name,
        )


def npz_frames(path: Path) -> tuple[int, float]:
    """(frames, rate) from the headers alone, without unpacking the motion. Raises NpzError, OSError."""
    parts = _headers(Path(path))
    name = next((name for name in (*_POSES, "pose_body", "rotations") if name in parts), None)
    if name is None or not parts[name]:
        raise NpzError(f"{Path(path).name} holds no body motion (no poses or rotations).")
    data = _arrays(Path(path), only=frozenset(_RATES))
    return parts[name][0], _rate(data)[0]


def read_npz(path: Path) -> NpzMotion:
    """Read a motion. Raises NpzError with one sentence, OSError when the file cannot be opened."""
    path = Path(path)
    _headers(path)
    data = _arrays(path, only=_NAMES)
    try:
        return _studio(data) if "rotations" in data else _amass(data)
    except (KeyError, ValueError, TypeError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise NpzError(f"{path.name} cannot be read as a motion: {reason}.") from error


def _headers(path: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every array; NpzError when the file is no archive of plain arrays or claims more than it holds."""
    shapes: dict[str, tuple[int, ...]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_BYTES:
                raise NpzError(f"{path.name} unpacks to more than {MAX_BYTES // 10**6} MB.")
            for part in parts:
                name = part.filename.removesuffix(".npy")
                if name in _NAMES and part.filename.endswith(".npy"):
                    shapes[name] = _header(archive, part, path.name)
    except (zipfile.BadZipFile, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        if isinstance(error, NpzError):
            raise
        raise NpzError(f"{path.name} is not an archive of arrays, or it is damaged.") from error
    return shapes


def _header(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> tuple[int, ...]:
    with archive.open(part) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file, max_header_size=10_000)
    if dtype.hasobject:
        raise NpzError(f"{name} holds Python objects, which are not read from files.")
    if int(np.prod(shape, dtype=object)) * dtype.itemsize > part.file_size:
        raise NpzError(f"{name} says that it holds more than it does.")
    return tuple(int(side) for side in shape)


def _arrays(path: Path, *, only: frozenset[str]) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files if name in only}
    except (zipfile.BadZipFile, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise NpzError(f"{path.name} cannot be read as a motion: {error}.") from error


def _studio(data: Mapping[str, NDArray[Any]]) -> NpzMotion:
    rotations = np.asarray(data["rotations"], np.float64)
    if rotations.ndim != 3 or rotations.shape[1:] != (JOINT_COUNT, 3):
        raise ValueError(f"its rotations have the shape {rotations.shape}")
    fps, known = _rate(data)
    return _checked(
        rotations, _place(data, len(rotations)), data, fps=fps, known=known, up=UpAxis.Y, style="take of the studio"
    )


def _amass(data: Mapping[str, NDArray[Any]]) -> NpzMotion:
    name = next((name for name in _POSES if name in data), None)
    if name is not None:
        flat = np.asarray(data[name], np.float64)
    elif "pose_body" in data:
        flat = np.concatenate([np.asarray(data["root_orient"], np.float64), np.asarray(data["pose_body"])], axis=1)
    else:
        raise KeyError("poses")
    flat = flat.reshape(len(flat), -1) if flat.ndim == 3 else flat
    if flat.ndim != 2 or flat.shape[1] < BODY_JOINT_COUNT * 3 or flat.shape[1] % 3:
        raise ValueError(f"its poses have the shape {flat.shape}")
    rotations = np.zeros((len(flat), JOINT_COUNT, 3))
    rotations[:, :BODY_JOINT_COUNT] = flat[:, : BODY_JOINT_COUNT * 3].reshape(len(flat), BODY_JOINT_COUNT, 3)
    if "hand_poses" in data:
        rotations[:, BODY_JOINT_COUNT:] = data["hand_poses"]
    fps, known = _rate(data)
    said = str(data["up_axis"]) if "up_axis" in data else ""
    up = UpAxis.Y if said == UpAxis.Y.value else UpAxis.Z
    place = _place(data, len(rotations))
    return _checked(rotations, place, data, fps=fps, known=known, up=up, style="AMASS-style")


def _place(data: Mapping[str, NDArray[Any]], frames: int) -> NDArray[np.float64]:
    name = next((name for name in _PLACES if name in data), None)
    return np.zeros((frames, 3)) if name is None else np.asarray(data[name], np.float64)


def _checked(
    rotations: NDArray[np.float64],
    translation: NDArray[np.float64],
    data: Mapping[str, NDArray[Any]],
    *,
    fps: float,
    known: bool,
    up: UpAxis,
    style: str,
) -> NpzMotion:
    if not 1 <= len(rotations) <= MAX_FRAMES:
        raise ValueError(f"it has {len(rotations):,} frames (1 to {MAX_FRAMES:,} can be read)")
    if translation.shape != (len(rotations), 3):
        raise ValueError(f"its translation has the shape {translation.shape}, expected ({len(rotations)}, 3)")
    betas = np.zeros(10, np.float32)
    given = np.asarray(data.get("betas", betas), np.float32).reshape(-1)[:10]
    betas[: len(given)] = given
    numbers = (rotations, translation, betas)
    if not all(np.isfinite(array).all() for array in numbers) or np.abs(translation).max() > 1e6:
        raise ValueError("it holds values that are not ordinary numbers")
    return NpzMotion(
        rotations=rotations,
        translation=translation,
        betas=betas,
        fps=fps,
        up=up,
        rate_known=known,
        up_known="up_axis" in data or style != "AMASS-style",
        style=style,
        body=str(data["body"]) if "body" in data else None,
    )


def _rate(data: Mapping[str, NDArray[Any]]) -> tuple[float, bool]:
    """Frames a second, and whether the file says so."""
    name = next((name for name in _RATES if name in data), None)
    if name is None:
        return USUAL_RATE, False
    array = np.asarray(data[name]).reshape(-1)
    fps = float(array[0]) if array.size == 1 and array.dtype.kind in "iuf" else float("nan")
    if not 0.1 <= fps <= 1000.0:
        raise NpzError("The file's rate is outside 0.1 to 1,000 frames a second.")
    return fps, True


def _resampled(
    rotations: NDArray[np.float64], translation: NDArray[np.float64], *, old: float, new: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frame k of the answer is at time k / new; rotations by slerp, path linearly."""
    if abs(new / old - 1) < 1e-3 or len(translation) < 2:
        return rotations, translation
    count = min(int(np.floor((len(translation) - 1) / old * new + 1e-6)) + 1, MAX_FRAMES)
    at = np.minimum(np.arange(count) * (old / new), len(translation) - 1.0)
    low = np.minimum(at.astype(np.int64), len(translation) - 2)
    part = at - low
    before, after = matrix_from_rotvec(rotations[low]), matrix_from_rotvec(rotations[low + 1])
    turned = rotvec_from_matrix(slerp_matrices(before, after, part[:, None]))
    return np.asarray(turned), translation[low] + (translation[low + 1] - translation[low]) * part[:, None]
