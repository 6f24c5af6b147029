"""What a training set is on disk.

A folder: ``manifest.json``, ``clips.jsonl`` (one ClipRecord a line) and, for each split, ``<split>.rotations.f32``
(N, 22, 3) local rotation vectors, ``<split>.translation.f32`` (N, 3) and ``<split>.contacts.u1`` (N, 6): raw
little-endian arrays of all clips end to end, so that they can be memory-mapped however large they are; and, when music
was rendered, ``music_features.npz``: by clip id, (frames, 35) float16.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.training.captions import Caption

VERSION = 1
SPLITS = ("train", "val")
PARTS = ("rotations.f32", "translation.f32", "contacts.u1")
MUSIC_FILE = "music_features.npz"


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


def open_arrays(folder: Path, *, split: str, frames: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Memory-mapped rotation vectors (N, 22, 3), translation (N, 3), contacts (N, 6) of a split.

    Raises PrepareError when a file is missing or has another size than the manifest says.
    """
    shapes = ((frames, BODY_JOINT_COUNT, 3), (frames, 3), (frames, 6))
    rotvecs, translation, contacts = (
        _mapped(folder / f"{split}.{part}", "u1" if part.endswith("u1") else "<f4", shape)
        for part, shape in zip(PARTS, shapes, strict=True)
    )
    return rotvecs, translation, contacts


def _mapped(path: Path, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    try:
        if path.stat().st_size != size:
            raise PrepareError(f"{path.name} has another size than the manifest says; prepare the set again")
    except OSError as error:
        raise PrepareError(f"{path.name} is missing from the training set; prepare it again") from error
    return np.memmap(path, dtype, "r", shape=shape)
