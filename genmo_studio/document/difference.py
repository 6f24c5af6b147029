"""What an undo step remembers: the difference of two documents, both ways.

Keeping whole documents would share every unchanged struct, but the ``items`` tuple of a touched track is 8 bytes an
item: 1,000 steps in a track of 100,000 keys would hold 800 MB. A difference holds only the slices that changed, so a
step costs what the edit touched. Applying one is exact: values, not operations, are put back.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from genmo_studio.document.model import Track

CHUNK = 1024
"""Tuples are compared in slices of this many elements first, which runs in C."""


class Whole(msgspec.Struct, frozen=True):
    """One value instead of another."""

    old: Any
    new: Any


class Splice(msgspec.Struct, frozen=True):
    """A slice of a tuple instead of another, from ``start`` on."""

    start: int
    old: tuple[Any, ...]
    new: tuple[Any, ...]


class Inside(msgspec.Struct, frozen=True):
    """Differences inside the elements of a tuple that keeps its length, by index."""

    elements: tuple[tuple[int, "Fields"], ...]


Change = Whole | Splice | Inside
Fields = tuple[tuple[str, Change], ...]
"""Changed fields of a struct."""

S = TypeVar("S", bound=msgspec.Struct)


def difference(old: msgspec.Struct, new: msgspec.Struct) -> Fields:
    """The fields that differ between two structs of the same type."""
    changes = []
    for name in old.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before is not after and before != after:
            changes.append((name, _change(before, after)))
    return tuple(changes)


def _change(old: Any, new: Any) -> Change:
    if not (isinstance(old, tuple) and isinstance(new, tuple)):
        return Whole(old, new)
    start = _common(old, new)
    ended = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    before, after = old[start : len(old) - ended], new[start : len(new) - ended]
    if _same_tracks(before, after):
        pairs = enumerate(zip(before, after, strict=True), start)
        return Inside(tuple((index, difference(left, right)) for index, (left, right) in pairs if left is not right))
    return Splice(start, before, after)


def _same_tracks(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return len(old) == len(new) and all(
        isinstance(left, Track) and isinstance(right, Track) and left.id == right.id
        for left, right in zip(old, new, strict=True)
    )


def _common(old: tuple[Any, ...], new: tuple[Any, ...]) -> int:
    """Number of equal elements at the front."""
    limit = min(len(old), len(new))
    index = 0
    while index < limit and old[index : index + CHUNK] == new[index : index + CHUNK]:
        index += CHUNK
    index = min(index, limit)
    while index < limit and (old[index] is new[index] or old[index] == new[index]):
        index += 1
    return index


def elements(change: Change) -> Iterator[Any]:
    """The elements of a tuple field that a change puts or takes, in both directions."""
    match change:
        case Whole(old, new) | Splice(_, old, new):
            yield from old
            yield from new
        case Inside(inner):
            raise TypeError(f"{len(inner)} elements are changed inside; only whole ones can be named")


def applied(value: S, fields: Fields) -> S:
    """The new value, from the old one and the difference."""
    return _moved(value, fields, forward=True)


def reverted(value: S, fields: Fields) -> S:
    """The old value, from the new one and the difference."""
    return _moved(value, fields, forward=False)


def _moved(value: S, fields: Fields, *, forward: bool) -> S:
    changes = {name: _moved_field(getattr(value, name), change, forward=forward) for name, change in fields}
    return msgspec.structs.replace(value, **changes)


def _moved_field(value: Any, change: Change, *, forward: bool) -> Any:
    match change:
        case Whole(old, new):
            return new if forward else old
        case Splice(start, old, new):
            gone, put = (old, new) if forward else (new, old)
            return (*value[:start], *put, *value[start + len(gone) :])
        case Inside(elements):
            items = list(value)
            for index, fields in elements:
                items[index] = _moved(items[index], fields, forward=forward)
            return tuple(items)
