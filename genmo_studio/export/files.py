"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from genmo_studio.export.options import Existing, ExportError


def require_writable(path: Path, *, existing: Existing) -> None:
    """Raise ExportError when ``path`` may not be written."""
    if path.is_dir():
        raise ExportError(f"{path} is a folder; give a file name to export to.")
    if existing is Existing.REFUSE and path.exists():
        raise ExportError(f"{path} is already there and was kept; choose another name or allow replacing it.")
    if not path.parent.is_dir():
        raise ExportError(f"The folder {path.parent} does not exist; make it first or choose another place.")


@contextmanager
def whole_file(path: Path, *, existing: Existing) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well, and is deleted otherwise.

    The data is on the disk before the name changes, so a crash leaves the old file or the new one.
    """
    require_writable(path, existing=existing)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(_ordinary_mode())
        if existing is Existing.REFUSE and path.exists():
            raise ExportError(f"{path} appeared while the export ran and was kept; choose another name.")
        os.replace(temporary, path)
    except OSError as error:
        raise ExportError(f"{path} was not written: {error.strerror or error}.") from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _ordinary_mode() -> int:
    """Permissions that a new file would get; mkstemp makes private ones."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
