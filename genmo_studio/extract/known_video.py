"""A video in which somebody has looked for the person already: keypoints and camera as a file.

A module of its own because the window reads it, and the window's process never loads the pose networks.
"""

import io
import zipfile
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.extract.known_music import shipped_features
from genmo_studio.media.files import keep
from genmo_studio.shapes import Float

POSE_NETWORK = "blazepose-full-1"
"""The usual pose estimator, as it is named in file names."""
_VERSION = 2  # of the recipe; part of the cache's file names


class KeypointTrack(msgspec.Struct, frozen=True, eq=False):
    """One person in a video, at 30 frames a second of the video's own time."""

    keypoints: Float[NDArray[np.float32], "frames 17 3"]
    """COCO order: x, y in pixels of the upright picture, confidence 0..1 (0 where nobody was found)."""
    bbox_xys: Float[NDArray[np.float32], "frames 3"]
    """Centre and side of the square about the person, pixels; where nobody was found that of the nearest frames."""
    intrinsics: Float[NDArray[np.float32], "3 3"]
    """Camera matrix, pixels."""
    world_to_camera: Float[NDArray[np.float32], "frames 3 3"]
    """Camera rotation; the world is the first frame's camera frame."""
    size: tuple[int, int]
    """(width, height) of the pictures, pixels."""
    camera_moves: bool
    """False for a static camera, whose rotations are all the identity."""
    notes: tuple[str, ...] = ()
    """What the user should know, as sentences."""

    @property
    def found(self) -> NDArray[np.bool_]:
        """(frames,) whether the person is known there."""
        return np.asarray(self.keypoints[..., 2].max(axis=1) > 0, np.bool_)


def known_video(sha256: str, *, cache: Path, network: str = POSE_NETWORK) -> KeypointTrack | None:
    """What was found in a file by its content: in the cache, or with the sample's own that come with the program."""
    name = _name(sha256, network)
    return _read(cache / "keypoints" / name) or _read(shipped_features() / name)


def keep_video(track: KeypointTrack, sha256: str, *, cache: Path, network: str = POSE_NETWORK) -> None:
    """Put what was found where ``known_video`` finds it."""
    data = io.BytesIO()
    np.savez_compressed(
        data,
        keypoints=track.keypoints,
        bbox_xys=track.bbox_xys,
        intrinsics=track.intrinsics,
        world_to_camera=track.world_to_camera,
        size=np.array(track.size),
        camera_moves=np.array(track.camera_moves),
        notes=np.array(track.notes, dtype=np.str_),
    )
    keep(cache / "keypoints" / _name(sha256, network), data.getvalue())


def _name(sha256: str, network: str) -> str:
    return f"{sha256}-{network}-{_VERSION}.npz"


def _read(file: Path) -> KeypointTrack | None:
    try:
        with np.load(file, allow_pickle=False) as stored:
            track = KeypointTrack(
                keypoints=stored["keypoints"].astype(np.float32),
                bbox_xys=stored["bbox_xys"].astype(np.float32),
                intrinsics=stored["intrinsics"].astype(np.float32),
                world_to_camera=stored["world_to_camera"].astype(np.float32),
                size=(int(stored["size"][0]), int(stored["size"][1])),
                camera_moves=bool(stored["camera_moves"]),
                notes=tuple(str(note) for note in stored["notes"]),
            )
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile):
        return None  # not there yet, or damaged: extracted again
    frames = len(track.keypoints)
    shapes = (track.keypoints.shape, track.bbox_xys.shape, track.world_to_camera.shape, track.intrinsics.shape)
    return track if shapes == ((frames, 17, 3), (frames, 3), (frames, 3, 3), (3, 3)) else None
