"""AMASS-style .npz: SMPL-H pose vectors as the motion-capture archives keep them.

``poses`` (T, 156): root orientation, 21 body joints and 30 finger joints as rotation vectors in rad (fingers zero);
``trans`` (T, 3) m; ``betas`` (16), zero beyond the tenth; ``gender``; the rate under both names in use,
``mocap_framerate`` and ``mocap_frame_rate``. AMASS is z-up, and so is this file unless y-up is asked for;
``up_axis`` says which. Besides: ``contacts`` (T, 6) if known, ``hand_poses`` (T, 2, 3) for SMPL's two hand joints if
they move, and ``body``, since betas mean nothing without it.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.export.files import whole_file
from genmo_studio.export.options import MAX_FRAMES, ExportError, ExportOptions, UpAxis, require_exportable
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINT_COUNT

SMPLH_JOINTS = 52
BETA_COUNT = 16
MAX_BYTES = 1_000_000_000
Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""(x, y, z) -> (x, -z, y): a quarter turn about x, from y-up to z-up."""


def export_npz(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    """Write the AMASS-style archive."""
    require_exportable(motion, format_name=".npz")
    yield Progress("writing .npz", 0.0)
    arrays = amass_arrays(motion, body, options)
    with whole_file(path, existing=options.existing) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    yield Progress("writing .npz", 1.0)
    yield path


def amass_arrays(motion: Motion, body: Body, options: ExportOptions) -> dict[str, NDArray[Any]]:
    """The arrays of the file, float64 as AMASS has them."""
    rotations, translation = motion.rotations.astype(np.float64), motion.translation.astype(np.float64)
    if options.up is UpAxis.Z:
        pelvis = np.asarray(body.rest_joints(motion.betas), np.float64)[0]
        rotations = rotations.copy()
        rotations[:, 0] = rotvec_from_matrix(Z_UP @ matrix_from_rotvec(rotations[:, 0]))
        # The pelvis lies at rest pelvis + trans, and a rest pose does not turn with the world.
        translation = (translation + pelvis) @ Z_UP.T - pelvis
    poses = np.zeros((len(motion), SMPLH_JOINTS, 3))
    poses[:, :BODY_JOINT_COUNT] = rotations[:, :BODY_JOINT_COUNT]
    betas = np.zeros(max(BETA_COUNT, len(motion.betas)))
    betas[: len(motion.betas)] = motion.betas
    arrays: dict[str, NDArray[Any]] = {
        "poses": poses.reshape(len(motion), -1),
        "trans": translation,
        "betas": betas,
        "gender": np.array(options.gender),
        "mocap_framerate": np.array(motion.fps, np.float64),
        "mocap_frame_rate": np.array(motion.fps, np.float64),
        "up_axis": np.array(options.up.value),
        "body": np.array(motion.body),
        "name": np.array(options.name),
    }
    if np.any(rotations[:, BODY_JOINT_COUNT:]):
        arrays["hand_poses"] = rotations[:, BODY_JOINT_COUNT:]
    if motion.contacts is not None:
        arrays["contacts"] = motion.contacts
    for key, value in options.notes.items():
        arrays[f"note_{key}"] = np.array(value)
    return arrays


def read_amass(path: Path, body: Body) -> Motion:
    """The motion of an AMASS-style file, y-up again: one that ``export_npz`` wrote, or one of the archive.

    A file without ``up_axis`` is z-up, as AMASS is. Raises ExportError with one sentence; never unpickles, and looks at
    the sizes before it unpacks anything.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
                raise ValueError(f"it unpacks to more than {MAX_BYTES / 1e6:.0f} MB")
        with np.load(path, allow_pickle=False) as file:
            return _motion({name: file[name] for name in file.files}, body)
    except (OSError, KeyError, ValueError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise ExportError(f"{path} cannot be read as a motion: {reason}.") from error


def _motion(data: Mapping[str, NDArray[Any]], body: Body) -> Motion:
    flat = np.asarray(data["poses"], np.float64)
    if flat.ndim != 2 or flat.shape[1] < BODY_JOINT_COUNT * 3 or flat.shape[1] % 3:
        raise ValueError(f"its poses have the shape {flat.shape}")
    if len(flat) > MAX_FRAMES:
        raise ValueError(f"it has more than {MAX_FRAMES:,} frames")
    rotations = np.zeros((len(flat), JOINT_COUNT, 3))
    rotations[:, :BODY_JOINT_COUNT] = flat[:, : BODY_JOINT_COUNT * 3].reshape(len(flat), BODY_JOINT_COUNT, 3)
    if "hand_poses" in data:
        rotations[:, BODY_JOINT_COUNT:] = data["hand_poses"]
    betas = np.zeros(10, np.float32)
    given = np.asarray(data["betas"], np.float32).reshape(-1)[:10]
    betas[: len(given)] = given
    translation = np.asarray(data["trans"], np.float64)
    if not (np.isfinite(rotations).all() and np.isfinite(translation).all() and np.isfinite(betas).all()):
        raise ValueError("it holds values that are not numbers")
    if str(data.get("up_axis", UpAxis.Z.value)) == UpAxis.Z.value:
        pelvis = np.asarray(body.rest_joints(betas), np.float64)[0]
        rotations[:, 0] = rotvec_from_matrix(Z_UP.T @ matrix_from_rotvec(rotations[:, 0]))
        translation = (translation + pelvis) @ Z_UP - pelvis
    fps = float(data["mocap_frame_rate"] if "mocap_frame_rate" in data else data["mocap_framerate"])
    if not 0.1 <= fps <= 1000.0:
        raise ValueError(f"its rate of {fps} frames a second is outside 0.1 to 1,000")
    return Motion(
        rotations=rotations.astype(np.float32),
        translation=translation.astype(np.float32),
        betas=betas,
        contacts=np.asarray(data["contacts"], np.float32) if "contacts" in data else None,
        fps=fps,
        body=str(data.get("body", body.name)),
    )
