"""The layout of project.json: its version, its JSON Schema, and the way from bytes to a document and back."""

from typing import Any

import msgspec

from genmo_studio.document.encoding import NotFiniteError, plain_json
from genmo_studio.document.migrations import CHAIN, Raw, Version, migrated
from genmo_studio.document.model import Document
from genmo_studio.document.unknown import Unknown, merged, unknown_of

FORMAT = "genmo-studio-project"
SCHEMA: Version = CHAIN[-1].target
MAX_DEPTH = 64
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)


class SchemaError(ValueError):
    """Bytes that are not a project; the message completes "because ..."."""


def _short(error: object) -> str:
    """An error's text as a part of a sentence: hostile files may put anything into it. Its end tells the place."""
    text = "".join(character if character.isprintable() else " " for character in str(error))
    return text if len(text) <= 240 else f"{text[:100]}…{text[-120:]}"


def version_text(version: Version) -> str:
    """ "1.0" """
    return f"{version[0]}.{version[1]}"


def parse_version(text: object) -> Version:
    """Inverse of version_text; SchemaError for anything else."""
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) <= 6 for part in parts):
        raise SchemaError("it does not say which version of the project format it has")
    return int(parts[0]), int(parts[1])


def check_version(version: Version) -> None:
    """SchemaError when a newer or an unknown older program wrote the file."""
    if version[0] > SCHEMA[0]:
        raise SchemaError(
            f"it was made by a newer GENMO Studio (format {version_text(version)}); "
            f"this one reads up to {SCHEMA[0]}.x, please update it"
        )
    if version < SCHEMA and version not in [migration.source for migration in CHAIN]:
        raise SchemaError(f"its format {version_text(version)} was never released")


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of project.json."""
    schema = msgspec.json.schema(Document)
    properties = schema["$defs"]["Document"]["properties"]
    properties["schema"] = {
        "type": "string",
        "description": "Version of this layout; the present one when absent.",
        "const": version_text(SCHEMA),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"GENMO Studio project {version_text(SCHEMA)}",
        **schema,
    }


def encode(document: Document, *, unknown: Unknown | None = None, version: Version = SCHEMA) -> bytes:
    """project.json: sorted names, indented, always the same bytes for the same document.

    SchemaError when the document holds something that JSON cannot (a number that is not finite, a broken string).
    """
    try:
        if unknown is None:
            return plain_json(document, version_text(version))
        plain = merged(msgspec.to_builtins(document, str_keys=True), unknown)
        data = msgspec.json.encode({**plain, "schema": version_text(version)}, order="sorted")
        if msgspec.json.decode(data, type=Document) != document:
            raise SchemaError("a number in the project is not finite")
    except SchemaError:
        raise
    except NotFiniteError as error:
        raise SchemaError("a number in the project is not finite") from error
    except (msgspec.MsgspecError, *MALFORMED) as error:
        raise SchemaError(f"it holds a value that a file cannot hold ({_short(error)})") from error
    return msgspec.json.format(data, indent=1) + b"\n"


def decode_raw(data: bytes) -> Raw:
    """Plain data from bytes; SchemaError when they are not a JSON object of sane depth."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError, MemoryError) as error:
        raise SchemaError(f"its text is not valid JSON ({_short(error)})") from error
    if not isinstance(raw, dict):
        raise SchemaError("it does not hold a project")
    if _too_deep(raw):
        raise SchemaError("it is nested too deeply")
    return raw


def _too_deep(raw: Raw) -> bool:
    level: list[Any] = [raw]
    for _ in range(MAX_DEPTH):
        level = [
            part
            for value in level
            for part in (value.values() if isinstance(value, dict) else value)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def decode(raw: Raw, version: Version) -> Document:
    """The document, through the migrations. Structure and types are checked here, meaning is checked in repair.py."""
    check_version(version)
    try:
        present = raw if version > SCHEMA else migrated(raw, version)
        return msgspec.convert(present, Document)
    except msgspec.ValidationError as error:
        raise SchemaError(f"a part of it is not as it must be ({_short(error)})") from error
    except MALFORMED as error:
        raise SchemaError(
            f"its older format {version_text(version)} is not as it must be ({_short(repr(error))})"
        ) from error


def decode_present(data: bytes) -> Document | None:
    """The document of a file of the present version, in one step; None when it has to be looked at closely."""
    try:
        return msgspec.json.decode(data, type=Document)
    except (msgspec.MsgspecError, *MALFORMED, MemoryError):
        return None


def unknown_fields(raw: Raw, document: Document) -> Unknown:
    """Fields of a project of the present major version that this program does not know."""
    known = {**msgspec.to_builtins(document, str_keys=True), "schema": None}
    return unknown_of(raw, known)
