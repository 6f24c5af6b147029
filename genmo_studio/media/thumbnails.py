"""Filmstrip pictures of a video, made in the background and kept on disk by the video's content."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from genmo_studio import paths
from genmo_studio.media.files import keep, sha256_of
from genmo_studio.media.video import Image, VideoReader

_LONGEST = 512  # pixels; longer sides are not thumbnails


class Thumbnails:
    """Small pictures of one video by project frame.

    ``cached`` is quick and is what painting calls; ``make`` decodes and belongs on another thread. The constructor
    hashes the file (once in the file's life), so make this object on the other thread too.
    """

    def __init__(self, path: Path, *, height: int = 48, cache: Path | None = None) -> None:
        if not 1 <= height <= _LONGEST:
            raise ValueError(f"a thumbnail is 1 to {_LONGEST} pixels high")
        self.path, self.height = Path(path), height
        root = cache or paths.cache()
        self._folder = root / "thumbnails" / f"{sha256_of(self.path, cache=root)}-{height}"

    def cached(self, frame: int) -> Image | None:
        """The picture of a project frame if it was made before."""
        try:
            image = np.load(io.BytesIO(self._file(frame).read_bytes()), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        valid = image.dtype == np.uint8 and image.ndim == 3 and image.shape[0] == self.height and image.shape[2] == 3
        return image if valid else None

    def make(self, frames: Iterable[int]) -> Iterator[tuple[int, Image]]:
        """Pictures of ``frames`` in ascending order, each as (frame, (height, width, 3) uint8); raises MediaError."""
        missing = []
        for frame in sorted(set(frames)):
            known = self.cached(frame)
            if known is None:
                missing.append(frame)
            else:
                yield frame, known
        if not missing:
            return
        with VideoReader(self.path) as probe:
            width, height = probe.size
        longest = min(_LONGEST, round(self.height * max(width, height) / height))
        with VideoReader(self.path, max_side=longest) as reader:
            for frame in missing:
                image = _fit_height(reader.frame_at(frame), self.height)
                data = io.BytesIO()
                np.save(data, image, allow_pickle=False)
                keep(self._file(frame), data.getvalue())
                yield frame, image

    def _file(self, frame: int) -> Path:
        return self._folder / f"{frame}.npy"


def _fit_height(image: Image, height: int) -> Image:
    """Exactly ``height`` rows: rounding while scaling can leave one more or less."""
    rows = np.linspace(0, image.shape[0] - 1, height).round().astype(int)
    return image if image.shape[0] == height else np.ascontiguousarray(image[rows])
