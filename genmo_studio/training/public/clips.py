"""Motion with words or music as the public sets hand it out, made into a training set: AIST++, HumanML3D, Motion-X.

Every clip comes to 30 frames a second, y up, on the floor. The set's own split of the name that is judged becomes
the validation split, its training split the training clips; the others are left out.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from genmo_studio.conditions.progress import Progress
from genmo_studio.extract.known_music import MusicFeatures
from genmo_studio.extract.music import extract_music
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.grounding import lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT
from genmo_studio.training.captions import Caption, clean, mirrored
from genmo_studio.training.clips import MUSIC_FILE
from genmo_studio.training.public.files import (
    Floats,
    PublicDataError,
    lines_of,
    read_npy,
    same_length,
)
from genmo_studio.training.public.joints import HUMANML_CHANNELS, humanml_joints, posed_by_joints
from genmo_studio.training.public.sequences import aist_motion, aist_names
from genmo_studio.training.set_writer import FPS, SetWriter

MOTIONX_CHANNELS = 322
_MOTIONX = {"root_orient": slice(0, 3), "pose_body": slice(3, 66), "trans": slice(309, 312)}
_GENRES = {
    "gBR": "break", "gPO": "pop", "gLO": "lock", "gMH": "middle hip-hop", "gLH": "LA hip-hop", "gHO": "house",
    "gWA": "waack", "gKR": "krump", "gJS": "street jazz", "gJB": "ballet jazz",
}  # fmt: skip
_SOUNDS = (".wav", ".mp3", ".ogg", ".flac", ".m4a")
FEWEST = 15
"""Frames; shorter clips are left out."""


@dataclass(frozen=True, eq=False)
class PublicClip:
    """One clip at 30 frames a second."""

    id: str
    split: str
    """train or val"""
    motion: Motion
    captions: tuple[Caption, ...]
    content: str = ""
    song: Path | None = None
    """The sound that it is danced to, from its first frame on."""


Reader = Callable[[Path, str, Body], Iterator["PublicClip | PublicDataError"]]


def humanml3d(folder: Path, split: str, body: Body) -> Iterator[PublicClip | PublicDataError]:
    """HumanML3D: ``new_joint_vecs/ID.npy`` (T, 263) at 20 frames a second, ``texts/ID.txt``, ``SPLIT.txt``."""
    for part, name in _listed(folder, split):
        try:
            vectors = read_npy(folder / "new_joint_vecs" / f"{name}.npy", columns=HUMANML_CHANNELS)
            joints = _resampled_points(humanml_joints(vectors), old=20.0)
            yield PublicClip(
                name, part, _grounded(posed_by_joints(joints, body), body),
                humanml_captions(folder / "texts" / f"{name}.txt", frames=len(joints)),
            )  # fmt: skip
        except PublicDataError as error:
            yield error


def humanml_captions(path: Path, *, frames: int) -> tuple[Caption, ...]:
    """Captions of lines "sentence#words with tags#begin#end" (s; 0 and 0: the whole clip). Raises PublicDataError."""
    found = []
    for line in lines_of(path):
        parts = line.split("#")
        text = clean(parts[0])
        if not text:
            continue
        try:
            begin, end = (float(word) for word in parts[2:4]) if len(parts) >= 4 else (0.0, 0.0)
        except ValueError as error:
            raise PublicDataError(f"{path} has a line without times: {line[:60]}") from error
        whole = not np.isfinite([begin, end]).all() or end <= begin
        start, stop = (0, -1) if whole else (int(begin * FPS), min(int(np.ceil(end * FPS)), frames))
        if whole or stop > start:
            found.append(Caption(text, mirrored(text), start, stop))
    if not found:
        raise PublicDataError(f"{path} holds no caption")
    return tuple(found)


def motionx(folder: Path, split: str, body: Body) -> Iterator[PublicClip | PublicDataError]:
    """Motion-X: ``motion_data/smplx_322/NAME.npy`` (T, 322), ``texts/semantic_labels/NAME.txt``, ``SPLIT.txt``.

    SMPL-X: rotations and places are read; shape, hands and faces are not. Which axis is up differs between its parts;
    it is the one along which people stand.
    """
    for part, name in _listed(folder, split):
        path = folder / "motion_data" / "smplx_322" / f"{name}.npy"
        try:
            values = read_npy(path, columns=MOTIONX_CHANNELS)
            same_length(path, motion=values)
            rotations = np.zeros((len(values), JOINT_COUNT, 3))
            rotations[:, :22] = np.concatenate(
                [values[:, _MOTIONX["root_orient"]], values[:, _MOTIONX["pose_body"]]], axis=1
            ).reshape(-1, 22, 3)
            words = [clean(line) for line in lines_of(folder / "texts" / "semantic_labels" / f"{name}.txt")]
            captions = tuple(Caption(text, mirrored(text)) for text in words if text)
            motion = _grounded(upright(rotations, values[:, _MOTIONX["trans"]], body), body)
            yield PublicClip(name, part, motion, captions, content=name.split("/")[0])
        except PublicDataError as error:
            yield error


def aist(folder: Path, split: str, body: Body) -> Iterator[PublicClip | PublicDataError]:
    """AIST++ as dances to music: ``motions``, ``splits/crossmodal_SPLIT.txt``, songs in ``wav`` or ``music``."""
    names = [("val", name) for name in aist_names(folder, f"crossmodal_{split}")]
    if split != "train":
        names += [("train", name) for name in aist_names(folder, "crossmodal_train")]
    for part, name in names:
        try:
            rotations, translation, _ = aist_motion(folder / "motions" / f"{name}.pkl")
            motion = _grounded(upright(rotations[::2], translation[::2], body), body)
            words = name.split("_")
            genre = _GENRES.get(words[0], words[0])
            text = f"a person dances {genre}"
            song = next((word for word in words if word.startswith("m")), "")
            yield PublicClip(name, part, motion, (Caption(text, text),), content=genre, song=_song(folder, song))
        except PublicDataError as error:
            yield error


def _song(folder: Path, name: str) -> Path | None:
    places = (folder / place / f"{name}{suffix}" for place in ("wav", "music") for suffix in _SOUNDS)
    return next((path for path in places if path.is_file()), None)


CLIP_SETS: dict[str, tuple[Reader, tuple[str, ...]]] = {
    "aist": (aist, ("test", "val", "train")),
    "humanml3d": (humanml3d, ("test", "val", "train")),
    "motion-x": (motionx, ("test", "val", "train")),
}
"""Name of a set -> its reader and its splits, the usual one first."""


def as_training_set(
    read: Reader, folder: Path, out: Path, *, split: str, body: Body, cache: Path
) -> Iterator[Progress]:
    """Write a public set as a training set into ``out``, whole or not at all; songs are heard for what is judged.

    Raises PublicDataError when no clip of either split can be used.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    skipped: list[str] = []
    counts = {"train": 0, "val": 0}
    music: dict[str, NDArray[np.float16]] = {}
    heard: dict[Path, MusicFeatures] = {}
    with TemporaryDirectory(prefix="reading-", dir=out.parent) as place:
        made = Path(place) / "set"
        with SetWriter(made, body=body) as writer:
            for number, clip in enumerate(read(folder, split, body), start=1):
                if isinstance(clip, PublicDataError) or len(clip.motion) < FEWEST:
                    skipped.append(str(clip) if isinstance(clip, PublicDataError) else f"{clip.id} is too short")
                    continue
                label = {"id": clip.id, "split": clip.split, "source": folder.name, "content": clip.content}
                writer.add(clip.motion, label, captions=clip.captions)
                counts[clip.split] += 1
                if clip.song is not None and clip.split == "val":
                    yield from _hear(clip.song, heard, cache=cache)
                    music[clip.id] = heard[clip.song].features[: len(clip.motion)].astype(np.float16)
                if number % 20 == 0:
                    yield Progress("reading the data set", 0.0, f"{number} clips, {len(skipped)} left out")
            if not counts["val"]:
                reason = f" ({skipped[0]})" if skipped else ""
                raise PublicDataError(f"no clip of the split {split} in {folder} could be used{reason}")
            writer.finish(skipped)
        if music:
            np.savez(made / MUSIC_FILE, **music)  # type: ignore[arg-type]
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    yield Progress("reading the data set", 1.0, f"{counts['val']} clips to judge, {len(skipped)} left out")


def _hear(song: Path, heard: dict[Path, MusicFeatures], *, cache: Path) -> Iterator[Progress]:
    if song in heard:
        return
    for step in extract_music(song, cache=cache):
        if isinstance(step, Progress):
            yield step
        else:
            heard[song] = step


def _listed(folder: Path, split: str) -> list[tuple[str, str]]:
    """("val", name) of ``SPLIT.txt`` and ("train", name) of ``train.txt``."""
    found = [("val", name) for name in lines_of(folder / f"{split}.txt")]
    if split != "train":
        found += [("train", name) for name in lines_of(folder / "train.txt")]
    if any(name.startswith(("/", ".")) or ".." in Path(name).parts for _, name in found):
        raise PublicDataError(f"the lists of clips in {folder} hold names that lead out of it")
    return found


def upright(rotations: Sequence[Floats] | Floats, translation: Floats, body: Body) -> Motion:
    """A motion with that axis of the set turned to +y along which people stand on average (spine, over all frames)."""
    turns = np.asarray(rotations, np.float64)
    motion = _motion(turns, translation, body)
    joints = joint_positions(motion, body).astype(np.float64)
    spine = (joints[:, INDEX["neck"]] - joints[:, 0]).mean(0)
    axis = int(np.abs(spine).argmax())
    up = np.zeros(3)
    up[axis] = np.sign(spine[axis])
    if up[1] == 1:
        return motion
    turn = _onto_y(up)
    pelvis = np.asarray(body.rest_joints(motion.betas)[0], np.float64)
    turned = turns.copy()
    turned[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(turns[:, 0]))
    return _motion(turned, (translation + pelvis) @ turn.T - pelvis, body)


def _onto_y(up: Floats) -> Floats:
    """A rotation that takes a unit axis to +y."""
    if up[1] == -1:
        return np.diag([1.0, -1.0, -1.0])
    axis = np.cross(up, [0.0, 1.0, 0.0])
    return np.asarray(matrix_from_rotvec(axis * (np.pi / 2)))


def _motion(rotations: Floats, translation: Floats, body: Body) -> Motion:
    return Motion(
        rotations=np.ascontiguousarray(rotations, np.float32),
        translation=np.ascontiguousarray(translation, np.float32),
        body=body.name,
    )


def _grounded(motion: Motion, body: Body) -> Motion:
    """The motion moved up or down as a whole so that its lowest point (2nd percentile over time) is on the floor."""
    level = float(np.percentile(lowest_points(motion, body), 2))
    return _motion(motion.rotations.astype(np.float64), motion.translation - [0.0, level, 0.0], body)


def _resampled_points(points: Floats, *, old: float) -> Floats:
    """(T, J, 3) places at 30 frames a second by a cubic spline, whose accelerations are continuous."""
    if len(points) < 4:
        return points
    times = np.arange(len(points)) / old
    return np.asarray(CubicSpline(times, points, axis=0)(np.arange(0, times[-1] + 1e-9, 1 / FPS)), np.float64)
