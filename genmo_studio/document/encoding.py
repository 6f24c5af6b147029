"""project.json in small steps: the same bytes as in one go, but no step holds the interpreter for long.

Saving runs beside the window on a thread of its own. One call of the encoder over 100,000 keys would stop every other
thread for as long as it takes, so items are encoded a few hundred at a time and put into the rest of the document.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from genmo_studio.document.model import Document, Item, Track

STEP = 400
"""Items in one call of the encoder: a few milliseconds."""

_EMPTY = b'\n   "items": []'
"""An empty track as it is written; text of the user cannot look like this, since it never holds a line break."""

_ITEMS = msgspec.json.Decoder(tuple[Item, ...])


class NotFiniteError(ValueError):
    """A number came back as another one: infinite, or not a number."""


def plain_json(document: Document, version: str) -> bytes:
    """Sorted names, indented by one, checked by reading it back. msgspec's errors pass through."""
    hollow = msgspec.structs.replace(document, tracks=tuple(_without_items(track) for track in document.tracks))
    frame = _written({**msgspec.to_builtins(hollow, str_keys=True), "schema": version})
    if msgspec.json.decode(frame, type=Document) != hollow:
        raise NotFiniteError
    pieces = frame.split(_EMPTY)
    if len(pieces) != len(document.tracks) + 1:
        raise AssertionError("the places of the tracks' items were not found again")
    parts: list[bytes] = [pieces[0]]
    for track, rest in zip(document.tracks, pieces[1:], strict=True):
        if track.items:
            parts.append(b'\n   "items": [\n')
            parts.append(b",\n".join(_chunks(track.items)))
            parts.append(b"\n   ]")
        else:
            parts.append(_EMPTY)
        parts.append(rest)
    return b"".join([*parts, b"\n"])


def _without_items(track: Track) -> Track:
    return msgspec.structs.replace(track, items=())


def _chunks(items: tuple[Item, ...]) -> Iterator[bytes]:
    """Some items at a time, as they stand inside a track of a document."""
    for start in range(0, len(items), STEP):
        some = items[start : start + STEP]
        text = _written(msgspec.to_builtins(some, str_keys=True))
        if _ITEMS.decode(text) != some:
            raise NotFiniteError
        yield text.removeprefix(b"[\n").removesuffix(b"\n]").replace(b"\n", b"\n   ").join((b"   ", b""))


_encode: Callable[..., bytes] = msgspec.json.Encoder(order="sorted").encode


def _written(plain: Any) -> bytes:
    return msgspec.json.format(_encode(plain), indent=1)
