"""What a training set is on disk.

A folder: ``manifest.json``, ``clips.jsonl`` (one ClipRecord a line) and, for each split, ``<split>.rotations.f32``
(N, 22, 3) local rotation vectors, ``<split>.translation.f32`` (N, 3) and ``<split>.contacts.u1`` (N, 6): raw
little-endian arrays of all clips end to end, so that they can be memory-mapped however large they are; and, when music
was rendered, ``music_features.npz``: by clip id, (frames, 35) float16.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINT_COUNT
from genmo_studio.training.captions import Caption

VERSION = 1
SPLITS = ("train", "val")
PARTS = ("rotations.f32", "translation.f32", "contacts.u1")
MUSIC_FILE = "music_features.npz"
CAPTIONS_FILE = "captions.pt"


class PrepareError(ValueError):
    """No training set could be made or opened; the message is one sentence for the user."""


class ClipRecord(msgspec.Struct, frozen=True):
    """One clip of a training set; its frames are [start, start + frames) of its split's arrays."""

    id: str
    split: str
    start: int
    frames: int
    source: str
    licence: str
    content: str
    style: str
    captions: tuple[Caption, ...]
    joint_weight: tuple[float, ...]
    """22 numbers: 1 told by the source, 0.5 spread between neighbours, 0 unknown."""


class Manifest(msgspec.Struct, frozen=True):
    """``manifest.json`` of a training set."""

    version: int
    body: str
    fps: float
    frames: dict[str, int]
    """Frames by split."""
    clips: int
    skipped: tuple[str, ...] = ()
    """A sentence for each clip that could not be used (the first 100)."""


def read_manifest(folder: Path) -> tuple[Manifest, tuple[ClipRecord, ...]]:
    """Manifest and clips of a training set. Raises PrepareError when the folder is not one."""
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        decoder = msgspec.json.Decoder(ClipRecord)
        with (folder / "clips.jsonl").open("rb") as lines:
            clips = tuple(decoder.decode(line) for line in lines if line.strip())
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PrepareError(
            f"{folder} is not a training set ({error}); make one with genmo-studio data prepare"
        ) from error
    if manifest.version != VERSION:
        raise PrepareError(f"{folder} was made by another version of the studio; prepare it again")
    return manifest, clips


@dataclass(frozen=True, eq=False)
class ClipStore:
    """One split of a training set: its clips and their memory-mapped frames end to end."""

    manifest: Manifest
    clips: tuple[ClipRecord, ...]
    rotvecs: NDArray[np.float32]
    """(N, 22, 3) local rotation vectors"""
    translation: NDArray[np.float32]
    """(N, 3) SMPL ``transl``, m"""
    contacts: NDArray[np.uint8]
    """(N, 6)"""
    vocabulary: tuple[str, ...]
    """Every caption of both splits and its mirrored wording, sorted."""

    @staticmethod
    def open(folder: Path, *, split: str) -> "ClipStore":
        """Map a split. Raises PrepareError when the folder is not a training set or a file does not fit it."""
        manifest, every = read_manifest(folder)
        frames = manifest.frames.get(split, 0)
        clips = tuple(clip for clip in every if clip.split == split)
        if not clips or any(clip.start < 0 or clip.frames < 1 or clip.start + clip.frames > frames for clip in clips):
            raise PrepareError(f"{folder} has no usable clips in its {split} split; prepare it again")
        shapes = ((frames, BODY_JOINT_COUNT, 3), (frames, 3), (frames, 6))
        rotvecs, translation, contacts = (
            _mapped(folder / f"{split}.{part}", "u1" if part.endswith("u1") else "<f4", shape)
            for part, shape in zip(PARTS, shapes, strict=True)
        )
        words = {text for clip in every for caption in clip.captions for text in (caption.text, caption.mirrored)}
        return ClipStore(manifest, clips, rotvecs, translation, contacts, tuple(sorted(words)))

    def motion(self, clip: ClipRecord) -> Motion:
        """A whole clip as prepared, with contacts."""
        part = slice(clip.start, clip.start + clip.frames)
        rotations = np.zeros((clip.frames, JOINT_COUNT, 3), np.float32)
        rotations[:, :BODY_JOINT_COUNT] = self.rotvecs[part]
        return Motion(
            rotations=rotations,
            translation=np.array(self.translation[part], np.float32),
            contacts=np.array(self.contacts[part], np.float32),
            fps=self.manifest.fps,
            body=self.manifest.body,
        )


def read_music(folder: Path, clips: Sequence[ClipRecord]) -> dict[str, NDArray[np.float32]]:
    """Music features (frames, 35) by clip id; empty when the set has none."""
    path = folder / MUSIC_FILE
    if not path.is_file():
        return {}
    ids = {clip.id for clip in clips}
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files if name in ids}


def _mapped(path: Path, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    try:
        if path.stat().st_size != size:
            raise PrepareError(f"{path.name} has another size than the manifest says; prepare the set again")
    except OSError as error:
        raise PrepareError(f"{path.name} is missing from the training set; prepare it again") from error
    return np.memmap(path, dtype, "r", shape=shape)
