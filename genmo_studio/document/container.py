"""The .genmo container: a zip with known members only, read within limits and written byte for byte reproducibly.

    manifest.json          what this file is (storage.py)
    project.json           the document, readable
    motions/<sha256>.npz   takes, named by their content
    thumb.png              optional picture

Nothing is ever extracted to disk, so names cannot lead anywhere; a file with names that try is refused all the same.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import msgspec

MANIFEST, PROJECT, THUMB = "manifest.json", "project.json", "thumb.png"
MOTION = re.compile(r"motions/([0-9a-f]{64})\.npz")
MIB = 1 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same in every file, so that equal projects give equal bytes
FLAG_ENCRYPTED = 0x1


class Limits(msgspec.Struct, frozen=True):
    """How much a project file may hold. Sizes in bytes, expanded."""

    members: int = 20_000
    manifest: int = 8 * MIB
    project: int = 256 * MIB
    thumb: int = 8 * MIB
    motion: int = 1024 * MIB
    total: int = 4096 * MIB
    ratio: int = 200
    """Largest expansion of a compressed member above 1 MiB."""

    def of(self, name: str) -> int:
        """Largest size of a member."""
        return {MANIFEST: self.manifest, PROJECT: self.project, THUMB: self.thumb}.get(name, self.motion)


class ContainerError(ValueError):
    """Not a readable container; the message completes "because ..."."""


BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
    KeyError, IndexError, OverflowError, MemoryError, AttributeError,
)  # fmt: skip
"""What the zip reader raises on broken or hostile bytes."""


def motion_name(blob: str) -> str:
    """Member name of a take's motion."""
    return f"motions/{blob}.npz"


def is_known(name: str) -> bool:
    """True for the members that this version reads."""
    return name in (MANIFEST, PROJECT, THUMB) or MOTION.fullmatch(name) is not None


def pack(members: Mapping[str, bytes], *, limits: Limits | None = None) -> bytes:
    """The container's bytes. Motions are stored as they are (they hardly shrink), text is deflated.

    ContainerError when a member is larger than the reader would accept.
    """
    bounds = limits or Limits()
    if len(members) > bounds.members or sum(map(len, members.values())) > bounds.total:
        raise ContainerError("the project is larger than a project file may be")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            if len(data) > bounds.of(name):
                raise ContainerError(f"{name} would be larger than {bounds.of(name) // MIB} MiB")
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            info.create_system = 3  # Unix on every system, for equal bytes
            deflated = name in (MANIFEST, PROJECT) and not _packs_too_well(data, bounds)
            info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
            archive.writestr(info, data, compresslevel=6)
    return out.getvalue()


def _packs_too_well(data: bytes, limits: Limits) -> bool:
    """True when the reader would take the member for a zip bomb (a project of thousands of equal lines)."""
    return len(data) > MIB and len(data) > limits.ratio // 2 * len(zlib.compress(data, 1))


class Container:
    """A container opened for reading; use as context manager. ContainerError for whatever is wrong with it."""

    def __init__(self, path: Path, *, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        try:
            self._archive = zipfile.ZipFile(path)
        except BROKEN as error:
            raise ContainerError("it is damaged or was cut off") from error
        try:
            self._members = self._checked()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> "Container":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members."""
        return tuple(self._members)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        infos = self._archive.infolist()
        if len(infos) > self._limits.members:
            raise ContainerError(f"it has more than {self._limits.members:,} members")
        for info in infos:
            # orig_filename: zipfile itself cuts names at a NUL and turns backslashes round on Windows
            if _leads_outside(info.orig_filename):
                raise ContainerError(f"it holds the name {info.orig_filename[:80]!r}, which points outside of it")
            if info.filename in members:
                raise ContainerError(f"it holds {info.filename[:80]!r} twice")
            members[info.filename] = info
            self._check_size(info)
        if sum(info.file_size for info in infos if is_known(info.filename)) > self._limits.total:
            raise ContainerError(f"it would expand to more than {self._limits.total // MIB} MiB")
        return members

    def _check_size(self, info: zipfile.ZipInfo) -> None:
        if not is_known(info.filename):
            return
        if info.file_size > self._limits.of(info.filename):
            raise ContainerError(f"{info.filename} is larger than {self._limits.of(info.filename) // MIB} MiB")
        if info.file_size > MIB and info.file_size > self._limits.ratio * max(1, info.compress_size):
            raise ContainerError(f"{info.filename} expands more than {self._limits.ratio} times")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & FLAG_ENCRYPTED:
            raise ContainerError(f"{info.filename} is packed in a way that project files do not use")

    def read(self, name: str) -> bytes:
        """A member's bytes, checked against the zip's own checksum."""
        info = self._members.get(name)
        if info is None:
            raise ContainerError(f"{name} is missing in it")
        try:
            with self._archive.open(info) as member:
                data = member.read(info.file_size + 1)
                rest = member.read(1)
        except BROKEN as error:
            raise ContainerError(f"{name} in it is damaged") from error
        if rest or len(data) != info.file_size:
            raise ContainerError(f"{name} in it is damaged")
        return data


def _leads_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name
