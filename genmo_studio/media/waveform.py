"""Peaks of a sound for drawing its waveform at any zoom, computed once and kept on disk by content.

A pyramid: level 0 holds the lowest and highest sample of each 256, every level above that of four of the level below,
so that drawing a column never reads more than a handful of pairs.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.media.audio import read_audio
from genmo_studio.media.files import keep, sha256_of
from genmo_studio.shapes import Float, Int16

_BIN, _FACTOR = 256, 4
_VERSION = 1
_FULL = 32_767  # int16 value of an amplitude of 1


class Waveform(msgspec.Struct, frozen=True, eq=False):
    """Peak pyramid of one sound, all channels together."""

    rate: int
    """Samples a second."""
    samples: int
    """Number of samples."""
    levels: tuple[Int16[NDArray[np.int16], "bins 2"], ...]
    """(lowest, highest) of each bin, as int16; bin n of level k starts at sample n * 256 * 4^k."""

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return self.samples / self.rate

    def peaks(self, start: float, stop: float, *, columns: int) -> Float[NDArray[np.float32], "columns 2"]:
        """Lowest and highest value, -1..1, in each of ``columns`` equal parts of [start, stop) seconds.

        Parts outside the sound are 0. Parts shorter than a bin show the bin that they lie in.
        """
        if columns <= 0 or stop <= start:
            return np.zeros((max(columns, 0), 2), np.float32)
        edges = np.linspace(start, stop, columns + 1) * self.rate
        per_column = (edges[-1] - edges[0]) / columns
        level = 0
        while level + 1 < len(self.levels) and _BIN * _FACTOR ** (level + 1) <= per_column:
            level += 1
        return _column_peaks(self.levels[level], edges / (_BIN * _FACTOR**level))


def _column_peaks(
    bins: Int16[NDArray[np.int16], "bins 2"], edges: Float[NDArray[np.float64], " edges"]
) -> Float[NDArray[np.float32], "columns 2"]:
    """Extremes of the bins that each [edge, next edge) touches."""
    peaks = np.zeros((len(edges) - 1, 2), np.float32)
    first = np.floor(edges[:-1]).astype(np.int64)
    last = np.maximum(np.ceil(edges[1:]).astype(np.int64), first + 1)
    inside = (last > 0) & (first < len(bins))
    if not len(bins) or not inside.any():
        return peaks
    first, last = np.clip(first[inside], 0, len(bins) - 1), np.clip(last[inside], 1, len(bins))
    low, high = bins[first, 0].copy(), bins[first, 1].copy()
    for offset in range(1, int((last - first).max())):  # a few: the level was chosen so
        index = np.minimum(first + offset, last - 1)
        low, high = np.minimum(low, bins[index, 0]), np.maximum(high, bins[index, 1])
    peaks[inside] = np.stack([low, high], axis=1) / np.float32(_FULL)
    return peaks


def compute_waveform(samples: Float[NDArray[np.float32], "samples channels"], rate: int) -> Waveform:
    """The pyramid of samples (N, channels)."""
    count = len(samples)
    bins = -(-count // _BIN)
    lowest, highest = np.zeros((2, bins), np.float32)
    whole = count // _BIN * _BIN
    if whole:
        parts = samples[:whole].reshape(-1, _BIN * samples.shape[1])
        lowest[: len(parts)], highest[: len(parts)] = parts.min(axis=1), parts.max(axis=1)
    if whole < count:
        lowest[-1], highest[-1] = samples[whole:].min(), samples[whole:].max()
    level = np.rint(np.clip(np.stack([lowest, highest], axis=1), -1, 1) * _FULL).astype(np.int16)
    levels = [level]
    while len(level) > _FACTOR:
        padded = np.concatenate([level, np.repeat(level[-1:], -len(level) % _FACTOR, axis=0)])
        quads = padded.reshape(-1, _FACTOR, 2)
        level = np.stack([quads[:, :, 0].min(axis=1), quads[:, :, 1].max(axis=1)], axis=1)
        levels.append(level)
    return Waveform(rate, count, tuple(levels))


def load_waveform(path: Path, *, cache: Path | None = None) -> Waveform:
    """The pyramid of a file, from the cache when its content was seen before.

    Reads the whole sound the first time: call it off the window's thread. Raises MediaError.
    """
    root = cache or paths.cache()
    file = root / "waveforms" / f"{sha256_of(Path(path), cache=root)}-{_VERSION}.npz"
    known = _read(file)
    if known is not None:
        return known
    waveform = compute_waveform(*read_audio(path))
    data = io.BytesIO()
    arrays: dict[str, Any] = {f"level{n}": level for n, level in enumerate(waveform.levels)}
    np.savez_compressed(data, about=np.array([waveform.rate, waveform.samples], np.int64), **arrays)
    keep(file, data.getvalue())
    return waveform


def _read(file: Path) -> Waveform | None:
    try:
        with np.load(file, allow_pickle=False) as stored:
            rate, samples = (int(value) for value in stored["about"])
            levels = tuple(stored[f"level{n}"] for n in range(len(stored.files) - 1))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # not there yet, or damaged: computed again
    sound = rate > 0 and levels and all(v.dtype == np.int16 and v.ndim == 2 and v.shape[1] == 2 for v in levels)
    return Waveform(rate, samples, levels) if sound else None
