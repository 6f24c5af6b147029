"""Files of public data sets: arrays of known shape and bounded size, with a sentence for everything else."""

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.restricted_pickle import RestrictedUnpickler
from genmo_studio.training.clips import PrepareError

MAX_FILE_BYTES = 2**30
MAX_FRAMES = 100_000
"""An hour at 30 frames a second is 108,000; the longest recording of these sets has a few thousand."""
MAX_NUMBERS = 200_000_000

Floats = NDArray[np.float64]


class PublicDataError(PrepareError):
    """A file of a public data set cannot be used; the message is one sentence for the user."""


def checked_size(path: Path) -> Path:
    """The path of a file that is there and no larger than any of its kind. Raises PublicDataError."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise PublicDataError(f"{path} is not there or cannot be read") from error
    if size > MAX_FILE_BYTES:
        raise PublicDataError(f"{path} is {size / 2**20:.0f} MB, more than any file of these data sets has")
    return path


def read_pickle(path: Path, *, kind: str) -> dict[str, Any]:
    """The dictionary of a pickle of arrays; nothing in it is run. Raises PublicDataError."""
    with checked_size(path).open("rb") as file:
        try:
            content = RestrictedUnpickler(file, what=f"file {path.name}", kind=kind).load()
        except ValueError as error:
            raise PublicDataError(str(error)) from error
        except Exception as error:  # a broken pickle can raise almost anything while it is being read
            raise PublicDataError(f"{path} is not a readable pickle ({type(error).__name__}: {error})") from error
    if not isinstance(content, dict):
        raise PublicDataError(f"{path} is no {kind} file: it holds no dictionary")
    return content


def read_npy(path: Path, *, columns: int) -> Floats:
    """(frames, columns) of an .npy file of plain numbers. Raises PublicDataError."""
    try:
        mapped = np.load(checked_size(path), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise PublicDataError(f"{path} is not a readable array ({error})") from error
    if not isinstance(mapped, np.ndarray):
        raise PublicDataError(f"{path} is an archive, not an array")
    return numbers({"array": mapped}, "array", (None, columns), path=path)


def numbers(fields: Mapping[str, Any], name: str, shape: tuple[int | None, ...], *, path: Path) -> Floats:
    """One array of a file as float64, its shape checked (None: any length). Raises PublicDataError.

    Leading or trailing axes of length 1 are dropped where there are too many.
    """
    if name not in fields:
        raise PublicDataError(f"{path} has no {name}")
    try:
        value = np.asarray(fields[name])
    except ValueError as error:
        raise PublicDataError(f"{name} in {path} is no array ({error})") from error
    if value.dtype.kind not in "fiub":
        raise PublicDataError(f"{name} in {path} is not made of numbers")
    if math.prod(value.shape) > MAX_NUMBERS:
        raise PublicDataError(f"{name} in {path} holds {math.prod(value.shape)} numbers, more than can be right")
    while value.ndim > len(shape) and 1 in (value.shape[0], value.shape[-1]):
        value = value[0] if value.shape[0] == 1 else value[..., 0]
    fits = value.ndim == len(shape) and all(w is None or w == n for w, n in zip(shape, value.shape, strict=True))
    if not fits:
        wanted = " x ".join("any" if side is None else str(side) for side in shape)
        raise PublicDataError(f"{name} in {path} has the shape {value.shape}; {wanted} was expected")
    array = np.ascontiguousarray(value, np.float64)
    if not np.isfinite(array).all():
        raise PublicDataError(f"{name} in {path} holds numbers that are not finite")
    return array


def same_length(path: Path, **arrays: NDArray[Any]) -> int:
    """The frames that all arrays have. Raises PublicDataError when they differ, are none or too many."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1:
        raise PublicDataError(f"the arrays in {path} do not fit together: {lengths} frames")
    frames = next(iter(lengths.values()))
    if not 1 <= frames <= MAX_FRAMES:
        raise PublicDataError(f"{path} has {frames} frames; 1 to {MAX_FRAMES} can be read")
    return frames


def lines_of(path: Path) -> list[str]:
    """The lines of a small text file that are not empty. Raises PublicDataError."""
    try:
        text = checked_size(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PublicDataError(f"{path} cannot be read ({error})") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
