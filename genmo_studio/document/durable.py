"""Replacing a file so that a crash, a full disk or a pulled plug leaves the old file or the new one, never a part.

Order: write a new file in the same folder, flush it to the disk, read it back and compare, keep the previous file as
``Name.ext~1``, rename over it, flush the folder. Every step goes through FileLayer, so that tests can make any fail.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path

DAY = 86_400.0  # seconds


class UnconfirmedError(OSError):
    """The new file is in place, but the disk did not confirm that it would survive a power cut."""


class FileLayer:
    """What saving asks of the operating system. All methods raise OSError."""

    def write_new(self, path: Path, data: bytes) -> None:
        """Create a file that must not exist and hand its bytes to the system."""
        with path.open("xb") as file:
            file.write(data)

    def sync(self, path: Path) -> None:
        """Bring a file's bytes to the disk."""
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, path: Path) -> bytes:
        """Read a whole file."""
        return path.read_bytes()

    def copy_mode(self, source: Path, target: Path) -> None:
        """Give ``target`` the permissions of ``source``."""
        shutil.copymode(source, target)

    def link(self, source: Path, target: Path) -> None:
        """Make ``target`` another name of ``source``, or a copy where the file system has no links."""
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    def replace(self, source: Path, target: Path) -> None:
        """Rename, over ``target`` if it exists, in one step."""
        os.replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        """Bring the names in a folder to the disk; systems without that (Windows) do it with the rename."""
        if os.name == "nt":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def backup_path(path: Path) -> Path:
    """Where the previous version of a file is kept."""
    return path.with_name(path.name + "~1")


def write_durably(path: Path, data: bytes, *, files: FileLayer | None = None) -> None:
    """Make ``path`` hold ``data``. OSError when it could not be done; then the old file is still in place.

    UnconfirmedError when it was done but the folder could not be brought to the disk.

    A symbolic link is followed: the file that it names is replaced. Permissions of the old file are kept.
    """
    layer = files or FileLayer()
    target = Path(os.path.realpath(path))
    _sweep(target)
    temp, spare = (target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp") for _ in range(2))
    try:
        layer.write_new(temp, data)
        if target.exists():
            layer.copy_mode(target, temp)
        layer.sync(temp)
        if hashlib.sha256(layer.read(temp)).digest() != hashlib.sha256(data).digest():
            raise OSError("the disk returned other bytes than were written")
        if target.exists():
            layer.link(target, spare)
            layer.replace(spare, backup_path(target))
        layer.replace(temp, target)
    finally:
        for left in (temp, spare):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    try:
        layer.sync_folder(target.parent)
    except OSError as error:
        raise UnconfirmedError(*error.args) from error


def _sweep(target: Path) -> None:
    """Remove temporary files of this target that a crash left behind more than a day ago."""
    with contextlib.suppress(OSError):
        for left in target.parent.iterdir():
            if left.name.startswith(f".{target.name}.") and left.suffix == ".tmp":
                with contextlib.suppress(OSError):
                    if time.time() - left.stat().st_mtime > DAY:
                        left.unlink()
