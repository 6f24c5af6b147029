"""Project files: saved all or nothing, loaded in stages, every failure one sentence.

A ``.genmo`` file is a container (container.py) with a manifest, the document as readable JSON and the takes. A plain
project.json holds the document alone; its takes, if any, lie beside it in ``motions/``.

Clock time is in the manifest only and is passed in by the caller (SaveInfo): saving the same document with the same
SaveInfo gives the same bytes, so save, load, save is the identity.
"""

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from genmo_studio import __version__
from genmo_studio.document import schema
from genmo_studio.document.container import (
    MANIFEST,
    PROJECT,
    THUMB,
    Container,
    ContainerError,
    Limits,
    is_known,
    motion_name,
    pack,
)
from genmo_studio.document.durable import FileLayer, UnconfirmedError, write_durably
from genmo_studio.document.migrations import Version
from genmo_studio.document.model import Document
from genmo_studio.document.queries import motions_of
from genmo_studio.document.repair import repaired
from genmo_studio.document.schema import SchemaError
from genmo_studio.document.unknown import Unknown
from genmo_studio.values import replace

SUFFIX = ".genmo"
MAX_NAMED = 5


class StorageError(Exception):
    """A project could not be saved or loaded; the message is one sentence: what happened, what was kept."""


class SaveInfo(msgspec.Struct, frozen=True):
    """What the manifest says about a save besides the content. Times are ISO 8601 in UTC."""

    created: str = ""
    saved: str = ""
    edits: int = 0
    """Editor.edit_count summed over all sessions: tells which of two copies is further along."""


class Newer(msgspec.Struct, frozen=True):
    """What a file of a newer minor version holds that this program does not know."""

    version: Version
    fields: Unknown


_NOTHING_KNOWN = SaveInfo()


@dataclass(frozen=True)
class Loaded:
    """A loaded project."""

    document: Document
    takes: Mapping[str, bytes]
    """Motions of the document's takes by SHA-256, checked against it. All in memory: the file may be replaced."""
    report: tuple[str, ...] = ()
    """Sentences about what was repaired, left out or not understood."""
    info: SaveInfo = _NOTHING_KNOWN
    version: Version = schema.SCHEMA
    """Schema of the file as it was found."""
    newer: Newer | None = None
    """Set when a newer minor version made the file; pass it to save() to keep what is not known here."""
    thumb: bytes | None = None


class _Member(msgspec.Struct, frozen=True):
    sha256: str
    size: int


class _Manifest(msgspec.Struct, frozen=True):
    format: str
    schema: str
    app: str
    project: str
    edits: int = 0
    created: str = ""
    saved: str = ""
    members: dict[str, _Member] = {}


def save(
    path: str | Path,
    document: Document,
    *,
    takes: Mapping[str, bytes],
    info: SaveInfo | None = None,
    thumb: bytes | None = None,
    newer: Newer | None = None,
    files: FileLayer | None = None,
) -> None:
    """Write a project file. StorageError when it cannot be done; then the old file is still there, whole.

    ``takes`` holds at least the motions that the document's takes name. The previous file stays as ``Name.genmo~1``;
    a file of an older schema stays as ``Name (schema 0.9).genmo`` besides.
    """
    target = Path(path)
    data = file_bytes(document, takes=takes, info=info, thumb=thumb, newer=newer)
    try:
        _keep_older_schema(target, files or FileLayer())
        write_durably(target, data, files=files)
    except UnconfirmedError as error:
        raise StorageError(
            f"“{target.name}” was written, but the disk could not be asked to keep it ({error.strerror or error}); "
            "save once more before you switch off."
        ) from error
    except OSError as error:
        raise StorageError(
            f"“{target.name}” could not be saved ({error.strerror or error}); the file on disk is as it was before, "
            "and your work is still open here."
        ) from error


def file_bytes(
    document: Document,
    *,
    takes: Mapping[str, bytes],
    info: SaveInfo | None = None,
    thumb: bytes | None = None,
    newer: Newer | None = None,
) -> bytes:
    """The bytes of a project file: a pure function of its arguments. StorageError when they cannot be made."""
    try:
        version = newer.version if newer else schema.SCHEMA
        members = {PROJECT: schema.encode(document, unknown=newer.fields if newer else None, version=version)}
        if thumb is not None:
            members[THUMB] = thumb
        for blob in sorted({blob for take in document.takes for blob in motions_of(take)}):
            members[motion_name(blob)] = _checked_blob(document, blob, takes)
        return pack({MANIFEST: _manifest(document, members, info or SaveInfo(), version), **members})
    except (SchemaError, ContainerError) as error:
        raise StorageError(f"The project was not saved, because {error}; the file on disk is as it was.") from error


def _checked_blob(document: Document, blob: str, takes: Mapping[str, bytes]) -> bytes:
    data = takes.get(blob)
    if data is not None and hashlib.sha256(data).hexdigest() == blob:
        return data
    name = next(take.name for take in document.takes if blob in motions_of(take))
    raise StorageError(
        f"The project was not saved, because the motion of take “{name}” is lost; delete that take and save again."
    )


def _manifest(document: Document, members: Mapping[str, bytes], info: SaveInfo, version: Version) -> bytes:
    manifest = _Manifest(
        format=schema.FORMAT,
        schema=schema.version_text(version),
        app=__version__,
        project=document.id,
        edits=info.edits,
        created=info.created,
        saved=info.saved,
        members={name: _Member(hashlib.sha256(data).hexdigest(), len(data)) for name, data in members.items()},
    )
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1) + b"\n"


def _keep_older_schema(target: Path, files: FileLayer) -> None:
    """Before a file of an older schema is written over for the first time, keep it under a name that says so."""
    if not target.is_file():
        return
    try:
        with Container(target) as container:
            version = schema.parse_version(_read_manifest(container).schema)
    except (ContainerError, SchemaError, OSError):
        return  # not a project: write_durably keeps it as the backup
    copy = target.with_name(f"{target.stem} (schema {schema.version_text(version)}){target.suffix}")
    if version < schema.SCHEMA and not copy.exists():
        files.link(target, copy)


def load(path: str | Path, *, limits: Limits | None = None) -> Loaded:
    """Read a .genmo file or a plain project.json. StorageError with one sentence when it cannot be read at all."""
    source = Path(path)
    bounds = limits or Limits()
    try:
        with _collector_resting():
            return _load(source, bounds)
    except (SchemaError, ContainerError) as error:
        raise StorageError(f"“{source.name}” cannot be opened, because {error}; it was left as it is.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"“{source.name}” cannot be read ({reason}).") from error


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Hundreds of thousands of new objects, all of which stay: looking through them over and over doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _load(source: Path, bounds: Limits) -> Loaded:
    if not source.exists():
        raise StorageError(f"There is no file “{source}”.")
    if source.is_dir():
        raise StorageError(f"“{source}” is a folder, not a project file.")
    with source.open("rb") as file:
        start = file.read(4)
    return _load_container(source, bounds) if start.startswith(b"PK") else _load_plain(source, bounds)


def _read_manifest(container: Container) -> _Manifest:
    raw = schema.decode_raw(container.read(MANIFEST))
    if raw.get("format") != schema.FORMAT:
        raise SchemaError("it is not a GENMO Studio project")
    schema.check_version(schema.parse_version(raw.get("schema")))
    try:
        return msgspec.convert(raw, _Manifest)
    except msgspec.ValidationError as error:
        raise SchemaError(f"its manifest is not as it must be ({error})") from error


def _load_container(path: Path, limits: Limits) -> Loaded:
    with Container(path, limits=limits) as container:
        manifest = _read_manifest(container)
        data = container.read(PROJECT)
        blobs = _Blobs(lambda blob: container.read(motion_name(blob)))
        report = [
            f"“{name[:80]}” in the file is not known to this version and will not be saved again."
            for name in container.names
            if not is_known(name)
        ][:MAX_NAMED]
        expected = manifest.members.get(PROJECT)
        if expected and expected.sha256 != hashlib.sha256(data).hexdigest():
            report.append("project.json was changed outside the studio.")
        version = schema.parse_version(manifest.schema)
        loaded = _finish(data, version=version, blobs=blobs, report=report)
        thumb = container.read(THUMB) if THUMB in container.names else None
    info = SaveInfo(created=manifest.created, saved=manifest.saved, edits=manifest.edits)
    return replace(loaded, info=info, thumb=thumb)


def _load_plain(path: Path, limits: Limits) -> Loaded:
    if path.stat().st_size > limits.project:
        raise SchemaError(f"it is larger than {limits.project >> 20} MiB")
    folder = path.parent

    def read(blob: str) -> bytes:
        file = folder / motion_name(blob)
        if file.stat().st_size > limits.motion:
            raise ContainerError("a take is too large")
        return file.read_bytes()

    return _finish(path.read_bytes(), version=None, blobs=_Blobs(read), report=[])


class _Blobs:
    """Reads takes when the document asks for them and keeps those that are whole."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self.whole: dict[str, bytes] = {}

    def __call__(self, blob: str) -> bool:
        if blob not in self.whole:
            try:
                data = self._read(blob)
            except (ContainerError, OSError):
                return False
            if hashlib.sha256(data).hexdigest() != blob:
                return False
            self.whole[blob] = data
        return True


def _finish(data: bytes, *, version: Version | None, blobs: _Blobs, report: list[str]) -> Loaded:
    if version == schema.SCHEMA:
        document = schema.decode_present(data)
        if document is not None:
            valid, repairs = repaired(document, blobs=blobs)
            return Loaded(document=valid, takes=blobs.whole, report=(*report, *repairs), version=version)
    raw = schema.decode_raw(data)
    plain = version is None
    found = version or (schema.parse_version(raw["schema"]) if "schema" in raw else schema.SCHEMA)
    document = schema.decode(raw, found)
    newer = None
    if found > schema.SCHEMA:
        newer = Newer(found, schema.unknown_fields(raw, document))
        report.append(
            f"A newer GENMO Studio made this file (format {schema.version_text(found)}); "
            "what this version does not know is kept but not shown."
        )
    elif plain and found == schema.SCHEMA and (names := schema.unknown_fields(raw, document).names()):
        listed = ", ".join(name[:80] for name in names[:MAX_NAMED])
        report.append(f"{len(names)} unknown field(s) were ignored: {listed}.")
    valid, repairs = repaired(document, blobs=blobs)
    return Loaded(document=valid, takes=blobs.whole, report=(*report, *repairs), version=found, newer=newer)
