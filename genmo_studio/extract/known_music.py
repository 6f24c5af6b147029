"""Music that somebody has listened to already: its features as a file, read without librosa.

A module of its own because the window reads it, and the window's process never loads librosa.
"""

import io
import zipfile
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.document.model import TempoScale
from genmo_studio.media.files import keep
from genmo_studio.shapes import Float, Int

FEATURES = 35
_VERSION = 1  # of the recipe; part of the cache's file names


class MusicFeatures(msgspec.Struct, frozen=True, eq=False):
    """Features of a piece of music on its own time, at 30 frames a second."""

    features: Float[NDArray[np.float32], "frames 35"]
    """Onset envelope, MFCC, chroma CENS, onset peak, beat; extract.music names the columns."""
    beats: Int[NDArray[np.int64], " beats"]
    """Frames of the beats, ascending."""
    tempo_bpm: float
    """Beats a minute of the tracker after the user's correction; 0 when there is nothing to track."""


def known_music(sha256: str, *, cache: Path, tempo: TempoScale = TempoScale.NORMAL) -> MusicFeatures | None:
    """Features of a file by its content, when somebody has listened to it.

    Looks into the cache and among those of the sample's own music, which come with the program so that the first start
    does not wait for librosa.
    """
    name = _name(sha256, tempo)
    return _read(cache / "music" / name) or _read(shipped_features() / name)


def keep_music(found: MusicFeatures, sha256: str, *, cache: Path, tempo: TempoScale = TempoScale.NORMAL) -> None:
    """Put what was heard where ``known_music`` finds it."""
    data = io.BytesIO()
    np.savez_compressed(data, features=found.features, beats=found.beats, tempo=np.array(found.tempo_bpm))
    keep(cache / "music" / _name(sha256, tempo), data.getvalue())


def shipped_features() -> Path:
    """Where the features of the sample's music lie."""
    return paths.assets() / "sample" / "features"


def _name(sha256: str, tempo: TempoScale) -> str:
    return f"{sha256}-{tempo.value}-{_VERSION}.npz"


def _read(file: Path) -> MusicFeatures | None:
    try:
        with np.load(file, allow_pickle=False) as stored:
            features, beats = stored["features"].astype(np.float32), stored["beats"].astype(np.int64)
            tempo = float(stored["tempo"])
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        return None  # not there yet, or damaged: computed again
    return MusicFeatures(features, beats, tempo) if features.ndim == 2 and features.shape[1] == FEATURES else None
