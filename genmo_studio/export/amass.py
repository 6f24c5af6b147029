"""AMASS-style .npz: SMPL-H pose vectors as the motion-capture archives keep them.

``poses`` (T, 156): root orientation, 21 body joints and 30 finger joints as rotation vectors in rad (fingers zero);
``trans`` (T, 3) m; ``betas`` (16), zero beyond the tenth; ``gender``; the rate under both names in use,
``mocap_framerate`` and ``mocap_frame_rate``. AMASS is z-up, and so is this file unless y-up is asked for;
``up_axis`` says which. Besides: ``contacts`` (T, 6) if known, ``hand_poses`` (T, 2, 3) for SMPL's two hand joints if
they move, and ``body``, since betas mean nothing without it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.export.files import whole_file
from genmo_studio.export.options import ExportError, ExportOptions, UpAxis, require_exportable
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINT_COUNT

SMPLH_JOINTS = 52
BETA_COUNT = 16
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
    """The motion of a file that ``export_npz`` wrote, y-up again. Raises ExportError with one sentence."""
    try:
        with np.load(path, allow_pickle=False) as file:
            poses = np.asarray(file["poses"], np.float64).reshape(-1, SMPLH_JOINTS, 3)
            translation = np.asarray(file["trans"], np.float64)
            rotations = np.zeros((len(poses), JOINT_COUNT, 3))
            rotations[:, :BODY_JOINT_COUNT] = poses[:, :BODY_JOINT_COUNT]
            if "hand_poses" in file.files:
                rotations[:, BODY_JOINT_COUNT:] = file["hand_poses"]
            betas = np.asarray(file["betas"], np.float32)[:10]
            if str(file["up_axis"]) == UpAxis.Z.value:
                pelvis = np.asarray(body.rest_joints(betas), np.float64)[0]
                rotations[:, 0] = rotvec_from_matrix(Z_UP.T @ matrix_from_rotvec(rotations[:, 0]))
                translation = (translation + pelvis) @ Z_UP - pelvis
            return Motion(
                rotations=rotations.astype(np.float32),
                translation=translation.astype(np.float32),
                betas=betas,
                contacts=np.asarray(file["contacts"], np.float32) if "contacts" in file.files else None,
                fps=float(file["mocap_frame_rate"]),
                body=str(file["body"]),
            )
    except (OSError, KeyError, ValueError, EOFError) as error:
        raise ExportError(f"{path} cannot be read back: {error}.") from error
