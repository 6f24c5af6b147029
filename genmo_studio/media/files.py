"""Media files by content: their hash (computed once) and where they are now."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from genmo_studio import paths

_CHUNK = 1 << 20


class MediaError(Exception):
    """A media file cannot be used; the message is one sentence for the user."""


class MediaReference(Protocol):
    """What a document knows about a file; ``document.model.MediaRef`` is one."""

    @property
    def relative_path(self) -> str | None:
        """POSIX path relative to the project file's folder."""

    @property
    def absolute_path(self) -> str | None:
        """Where the file was when it was added."""

    @property
    def sha256(self) -> str | None:
        """Lower-case hex of the whole file."""

    @property
    def size(self) -> int:
        """Bytes; 0 when unknown."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a cache file so that a reader sees all of it or none; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def keep(path: Path, data: bytes) -> None:
    """Write a cache file; a full or read-only disk only means that the work is done again the next time."""
    with contextlib.suppress(OSError):
        write_atomically(path, data)


def sha256_of(path: Path, *, cache: Path | None = None, stop: Callable[[], bool] | None = None) -> str:
    """SHA-256 (lower-case hex) of a file.

    Kept in ``cache`` (the user's cache folder by default) under path, size and time of change, so that a large video is
    read once. Raises MediaError when the file cannot be read, or as soon as ``stop`` answers True.
    """
    path = Path(path)
    try:
        state = path.stat()
        name = f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}"
        note = (cache or paths.cache()) / "hashes" / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        if note.is_file() and len(known := note.read_text("ascii", errors="replace").strip()) == 64:
            return known
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if stop is not None and stop():
                    raise MediaError(f"{path.name} was not read to its end.")
                digest.update(chunk)
    except OSError as error:
        raise MediaError(f"{path.name} cannot be read ({error.strerror or error}); nothing was changed.") from error
    keep(note, digest.hexdigest().encode("ascii"))
    return digest.hexdigest()


def locate(
    media: MediaReference,
    project_folder: Path | None,
    *,
    cache: Path | None = None,
    stop: Callable[[], bool] | None = None,
) -> Path | None:
    """Where a medium of a project is now: beside the project first, then at its old absolute place; None = gone.

    When its hash is known, a file with that content is preferred to one that merely has the name; for that it is read
    once (``sha256_of``, which ``stop`` ends with MediaError).
    """
    candidates: list[Path] = []
    if media.relative_path is not None and project_folder is not None:
        candidates.append(Path(project_folder) / media.relative_path)
    if media.absolute_path is not None:
        candidates.append(Path(media.absolute_path))
    present = [path for path in candidates if _is_file(path)]
    for path in present:
        if media.sha256 is None or (
            (not media.size or path.stat().st_size == media.size)
            and sha256_of(path, cache=cache, stop=stop) == media.sha256
        ):
            return path
    return present[0] if present else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file system accepts
        return False
