"""People in front of a calibrated camera, as the filmed data sets hand them out: EMDB, RICH, 3DPW, AIST++'s views.

Each reader yields sequences one by one, since a set does not fit into memory. World axes are those of the set: every
figure that is made of them is taken after an alignment, so which way is up does not matter. Shapes were checked
against the sets' own documents: ``dataset.md`` of EMDB, ``readme_and_demo`` of 3DPW, the toolkits of RICH and AIST++.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.training.public.files import (
    Floats,
    PublicDataError,
    checked_size,
    lines_of,
    numbers,
    read_pickle,
    same_length,
)

PICTURES = (".jpg", ".jpeg", ".png", ".bmp")
_MOST_XML = 100_000  # bytes


@dataclass(frozen=True, eq=False)
class CameraSequence:
    """One person in one camera over T frames at 30 a second."""

    name: str
    rotations: Floats
    """(T, 24, 3) local rotation vectors, rad; the root's in the set's world"""
    translation: Floats
    """(T, 3) SMPL ``transl``, m"""
    betas: Floats
    """(10,) of SMPL, or zeros where the set has another body's"""
    gender: str
    """"male", "female" or "neutral"."""
    world_to_camera: Floats
    """(T, 4, 4) x right, y down, z forward, m"""
    intrinsics: Floats
    """(3, 3) pixels"""
    valid: NDArray[np.bool_]
    """(T,) frames that count"""
    pictures: tuple[Path, ...] = field(default=())
    """One a frame, or none where the pictures are not there"""
    keypoints: Floats | None = None
    """(T, 17, 3) COCO order: x, y in pixels, confidence; where the set has them of a detector"""

    def __len__(self) -> int:
        return len(self.translation)


def emdb(folder: Path, split: str) -> Iterator[CameraSequence]:
    """EMDB: ``P*/*/P*_data.pkl`` and ``images``; ``split`` is emdb1 (in the camera), emdb2 (in the world) or all."""
    for path in _some(folder, "P*/*/*_data.pkl"):
        data = read_pickle(path, kind="EMDB")
        if split != "all" and not bool(data.get(split, False)):
            continue
        smpl, camera = _inner(data, "smpl", path), _inner(data, "camera", path)
        pose = np.concatenate(
            [numbers(smpl, "poses_root", (None, 3), path=path), numbers(smpl, "poses_body", (None, 69), path=path)], 1
        )
        places = numbers(smpl, "trans", (None, 3), path=path)
        seen = numbers(data, "good_frames_mask", (None,), path=path) > 0
        turns = numbers(camera, "extrinsics", (None, 4, 4), path=path)
        same_length(path, poses=pose, trans=places, mask=seen, extrinsics=turns)
        yield CameraSequence(
            name=_word(data.get("name", path.parent.name)), rotations=pose.reshape(-1, 24, 3), translation=places,
            betas=numbers(smpl, "betas", (None,), path=path)[:10], gender=_gender(data.get("gender")),
            world_to_camera=turns, intrinsics=numbers(camera, "intrinsics", (3, 3), path=path), valid=seen,
            pictures=_pictures(path.parent / "images", len(places)),
        )  # fmt: skip


def threedpw(folder: Path, split: str) -> Iterator[CameraSequence]:
    """3DPW: ``sequenceFiles/SPLIT/*.pkl`` and ``imageFiles/NAME``; one sequence a person."""
    for path in _some(folder, f"sequenceFiles/{split}/*.pkl"):
        data = read_pickle(path, kind="3DPW")
        turns = numbers(data, "cam_poses", (None, 4, 4), path=path)
        people = data.get("poses")
        if not isinstance(people, (list, tuple)) or not 1 <= len(people) <= 10:
            raise PublicDataError(f"{path} is no 3DPW file: its poses are not those of one to ten people")
        for person in range(len(people)):
            one = {name: _nth(data.get(name), person) for name in ("poses", "trans", "betas", "campose_valid")}
            poses = numbers(one, "poses", (None, 72), path=path)
            places = numbers(one, "trans", (None, 3), path=path)
            seen = numbers(one, "campose_valid", (None,), path=path) > 0
            same_length(path, poses=poses, trans=places, campose_valid=seen, cam_poses=turns)
            name = _word(data.get("sequence", path.stem))
            yield CameraSequence(
                name=f"{name}_{person}", rotations=poses.reshape(-1, 24, 3), translation=places,
                betas=numbers(one, "betas", (None,), path=path)[:10], gender=_gender(_nth(data.get("genders"), person)),
                world_to_camera=turns, intrinsics=numbers(data, "cam_intrinsics", (3, 3), path=path), valid=seen,
                pictures=_pictures(folder / "imageFiles" / name, len(places)),
            )  # fmt: skip


def rich(folder: Path, split: str) -> Iterator[CameraSequence]:
    """RICH: ``bodies/SPLIT/SEQUENCE/FRAME/SUBJECT.pkl`` and ``scan_calibration/SCENE/calibration/CAMERA.xml``.

    The bodies are SMPL-X: rotations and places are read, shape and hands are not. Sequences with one person only, as
    is usual; each with the cameras whose pictures are there (``images/SPLIT/SEQUENCE/cam_CC``), else with the first.
    """
    for sequence in sorted(p for p in (folder / "bodies" / split).glob("*_*_*") if p.is_dir()):
        frames = sorted(p for p in sequence.glob("[0-9]*") if p.is_dir())
        subject = sequence.name.split("_")[1]
        if len(sequence.name.split("_")) != 3 or not frames:
            continue
        found = [_rich_body(frame / f"{subject}.pkl") for frame in frames if (frame / f"{subject}.pkl").is_file()]
        if not found:
            raise PublicDataError(f"{sequence} holds no body of its subject {subject}")
        rotations = np.zeros((len(found), 24, 3))
        rotations[:, :22] = np.stack([pose for pose, _ in found]).reshape(-1, 22, 3)
        calibrations = sorted((folder / "scan_calibration" / sequence.name.split("_")[0] / "calibration").glob("*.xml"))
        if not calibrations:
            raise PublicDataError(f"there is no calibration of the scene of {sequence.name} in scan_calibration")
        with_pictures = {
            path: _pictures(folder / "images" / split / sequence.name / f"cam_{int(path.stem):02d}", len(found))
            for path in calibrations
        }
        shown = {path: pictures for path, pictures in with_pictures.items() if pictures} or {calibrations[0]: ()}
        for path, pictures in shown.items():
            turn, intrinsics = rich_camera(path)
            yield CameraSequence(
                name=f"{sequence.name}_cam{int(path.stem):02d}", rotations=rotations,
                translation=np.stack([place for _, place in found]), betas=np.zeros(10), gender="neutral",
                world_to_camera=np.tile(turn, (len(found), 1, 1)), intrinsics=intrinsics,
                valid=np.ones(len(found), bool), pictures=pictures,
            )  # fmt: skip


def _rich_body(path: Path) -> tuple[Floats, Floats]:
    data = read_pickle(path, kind="RICH")
    root = numbers(data, "global_orient", (3,), path=path)
    pose = numbers(data, "body_pose", (63,), path=path)
    return np.concatenate([root, pose]), numbers(data, "transl", (3,), path=path)


def rich_camera(path: Path) -> tuple[Floats, Floats]:
    """(4, 4) world to camera and (3, 3) intrinsics of an OpenCV calibration file. Raises PublicDataError."""
    if checked_size(path).stat().st_size > _MOST_XML:
        raise PublicDataError(f"{path} is too large for a calibration")
    text = path.read_text(encoding="utf-8", errors="replace")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PublicDataError(f"{path} defines entities, which no calibration needs")
    try:
        tree = ElementTree.fromstring(text)
        found = {
            name: np.array([float(word) for word in (tree.findtext(f"./{name}/data") or "").split()])
            for name in ("CameraMatrix", "Intrinsics")
        }
    except (ElementTree.ParseError, ValueError) as error:
        raise PublicDataError(f"{path} is not a readable calibration ({error})") from error
    turn = np.eye(4)
    turn[:3] = numbers(found, "CameraMatrix", (12,), path=path).reshape(3, 4)
    return turn, numbers(found, "Intrinsics", (9,), path=path).reshape(3, 3)


def aist_views(folder: Path, split: str) -> Iterator[CameraSequence]:
    """AIST++: dances with the detector's keypoints of nine views (``keypoints2d``), cameras, SMPL motions.

    ``split`` is train, val or test of ``splits/pose_SPLIT.txt``. Motions are 60 frames a second, every second is read;
    lengths are centimetres over the dancer's ``smpl_scaling``. One camera a dance, taking turns.
    """
    settings = dict(line.split()[:2] for line in lines_of(folder / "cameras" / "mapping.txt") if len(line.split()) > 1)
    for number, name in enumerate(aist_names(folder, f"pose_{split}")):
        rotations, translation, scale = aist_motion(folder / "motions" / f"{name}.pkl")
        path = folder / "keypoints2d" / f"{name}.pkl"
        points = numbers(read_pickle(path, kind="AIST++"), "keypoints2d", (None, None, 17, 3), path=path)
        views = aist_cameras(folder / "cameras" / f"{settings.get(name, '')}.json")
        view = number % min(len(views), len(points))
        turn, intrinsics = views[view]
        scaled = turn.copy()
        scaled[:3, 3] /= scale
        frames = min(len(translation), len(points[view]))
        every = slice(0, frames, 2)
        yield CameraSequence(
            name=f"{name}_view{view + 1}", rotations=rotations[every], translation=translation[every],
            betas=np.zeros(10), gender="neutral", world_to_camera=np.tile(scaled, (len(range(0, frames, 2)), 1, 1)),
            intrinsics=intrinsics, valid=points[view][every, :, 2].max(1) > 0, keypoints=points[view][every],
        )  # fmt: skip


def aist_names(folder: Path, listed: str) -> list[str]:
    """Dances of ``splits/LISTED.txt`` that are not in ``ignore_list.txt``. Raises PublicDataError."""
    ignored = set(lines_of(folder / "ignore_list.txt")) if (folder / "ignore_list.txt").is_file() else set()
    names = [name for name in lines_of(folder / "splits" / f"{listed}.txt") if name not in ignored]
    if any("/" in name or "\\" in name or name.startswith(".") for name in names):
        raise PublicDataError(f"splits/{listed}.txt of {folder} holds names that are no dances")
    return names


def aist_motion(path: Path) -> tuple[Floats, Floats, float]:
    """(rotations (T, 24, 3), translation (T, 3) in m, scale) of a dance at 60 frames a second.

    ``smpl_trans`` is in centimetres for a body enlarged by ``smpl_scaling``; over it, it is metres of SMPL.
    """
    data = read_pickle(path, kind="AIST++")
    raw = np.asarray(data.get("smpl_poses", ()))
    poses = numbers({"smpl_poses": raw.reshape(len(raw), -1)}, "smpl_poses", (None, 72), path=path)
    places = numbers(data, "smpl_trans", (None, 3), path=path)
    scale = float(numbers({"smpl_scaling": np.ravel(data.get("smpl_scaling", ()))}, "smpl_scaling", (1,), path=path)[0])
    if not 1e-3 < scale < 1e5:
        raise PublicDataError(f"smpl_scaling in {path} is {scale}")
    same_length(path, smpl_poses=poses, smpl_trans=places)
    return poses.reshape(-1, 24, 3), places / scale, scale


def aist_keypoints(path: Path, *, scale: float) -> Floats:
    """(T, 17, 3) COCO keypoints of a dance in the metres of its motion: the smoothed ones where there are any."""
    data = read_pickle(path, kind="AIST++")
    name = "keypoints3d_optim" if "keypoints3d_optim" in data else "keypoints3d"
    return numbers({name: np.nan_to_num(np.asarray(data.get(name, ())))}, name, (None, 17, 3), path=path) / scale


def aist_cameras(path: Path) -> list[tuple[Floats, Floats]]:
    """World to camera (4, 4) and intrinsics (3, 3) of the views of a ``cameras/setting*.json``."""
    try:
        cameras = json.loads(checked_size(path).read_text(encoding="utf-8"))
        if not isinstance(cameras, list) or not cameras:
            raise ValueError("it is no list of cameras")
    except ValueError as error:
        raise PublicDataError(f"{path} is not readable ({error})") from error
    found = []
    for camera in cameras:
        turn = np.eye(4)
        turn[:3, :3] = matrix_from_rotvec(numbers(camera, "rotation", (3,), path=path))
        turn[:3, 3] = numbers(camera, "translation", (3,), path=path)
        found.append((turn, numbers(camera, "matrix", (3, 3), path=path)))
    return found


CAMERA_SETS: dict[str, tuple[Callable[[Path, str], Iterator[CameraSequence]], tuple[str, ...]]] = {
    "emdb": (emdb, ("emdb1", "emdb2", "all")),
    "3dpw": (threedpw, ("test", "validation", "train")),
    "rich": (rich, ("test", "val", "train")),
    "aist-views": (aist_views, ("test", "val", "train")),
}
"""Name of a set -> its reader and its splits, the usual one first."""


def _some(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise PublicDataError(f"{folder} holds no {pattern}; name the folder into which the set was unpacked")
    return found


def _inner(data: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise PublicDataError(f"{path} has no {name}")
    return value


def _nth(value: Any, number: int) -> Any:
    return value[number] if isinstance(value, (list, tuple, np.ndarray)) and len(value) > number else ()


def _gender(value: Any) -> str:
    return {"m": "male", "f": "female"}.get(_word(value)[:1].lower(), "neutral")


def _word(value: Any) -> str:
    """A word that may be bytes, as Python 2 wrote it."""
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _pictures(folder: Path, frames: int) -> tuple[Path, ...]:
    """The pictures of a folder in order, when there is one for each frame."""
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES) if folder.is_dir() else []
    return tuple(found[:frames]) if len(found) >= frames else ()
