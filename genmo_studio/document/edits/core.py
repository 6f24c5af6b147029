"""What all edits share: the error, looking up what may be touched, and putting changed items back in order."""

import uuid
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from genmo_studio.document.model import Document, Item, PoseKey, Track, Tweak, Waypoint
from genmo_studio.document.queries import ITEM_TYPES, MAX_FRAMES, find_track, item_span, item_start, sort_key
from genmo_studio.document.under import under_hash
from genmo_studio.document.validation import item_fault

Edit = Callable[[Document], Document]
"""One change of the document. Pure; raises EditError when it cannot be done."""

FEW = 64
"""Up to this many changed items are taken out and inserted by bisection; more are sorted in one go."""


class EditError(ValueError):
    """An edit that cannot be done; the message is one sentence for the user."""


def new_id() -> str:
    """A fresh id: 64 random bits in hex."""
    return uuid.uuid4().hex[:16]


def compose(*edits: Edit) -> Edit:
    """All edits, one after the other, as one."""

    def apply(document: Document) -> Document:
        for edit in edits:
            document = edit(document)
        return document

    return apply


def get_track(document: Document, track_id: str) -> Track:
    """The track, or EditError."""
    track = find_track(document, track_id)
    if track is None:
        raise EditError("This track is no longer in the project.")
    return track


def unlocked(track: Track) -> Track:
    """The track itself, or EditError when it is locked."""
    if track.locked:
        raise EditError(f"Track “{track.name}” is locked; unlock it to change it.")
    return track


def changed(document: Document, **fields: Any) -> Document:
    """The document with other fields; the document itself when they are equal to what it has."""
    different = {
        name: value
        for name, value in fields.items()
        if value is not getattr(document, name) and value != getattr(document, name)
    }
    return msgspec.structs.replace(document, **different) if different else document


def with_track(document: Document, track: Track) -> Document:
    """The document with the track of the same id replaced."""
    return changed(document, tracks=tuple(track if other.id == track.id else other for other in document.tracks))


def with_items(document: Document, track: Track, items: tuple[Item, ...]) -> Document:
    """The document with other items in one track (already sorted)."""
    return with_track(document, msgspec.structs.replace(track, items=items))


def grown(document: Document, stop: int) -> Document:
    """The document, long enough to hold frame ``stop - 1``."""
    if stop <= document.length:
        return document
    return changed(document, length=min(stop, MAX_FRAMES))


def require_items(items: Iterable[Item], track: Track, document: Document) -> None:
    """EditError when one of the items may not lie in the track."""
    media = {ref.id: ref for ref in document.media}
    for item in items:
        fault = item_fault(item, track.kind, media)
        if fault:
            raise EditError(f"This cannot be done: {fault}.")


def positions_of(document: Document, ids: Iterable[str]) -> Iterator[tuple[Track, list[int]]]:
    """The unlocked tracks that hold these items and the items' indices, ascending. EditError if one is missing."""
    wanted = set(ids)
    for track in document.tracks:
        if not wanted:
            return
        found = [index for index, item in enumerate(track.items) if item.id in wanted]
        if found:
            wanted.difference_update(track.items[index].id for index in found)
            yield unlocked(track), found
    if wanted:
        raise EditError("This item is no longer in the project.")


def is_key_track(track: Track) -> bool:
    """True when the track holds keys or waypoints."""
    return ITEM_TYPES[track.kind] in (PoseKey, Waypoint)


def put(track: Track, items: Iterable[Item], *, without: Iterable[int] = ()) -> tuple[Item, ...]:
    """The track's items without those at the given indices, with ``items`` sorted in.

    In a track of keys a new key takes the place of another key at its frame; EditError when two of the new keys would
    share a frame.
    """
    added = list(items)
    removed = sorted(without, reverse=True)
    rest = list(track.items)
    if len(removed) <= FEW:
        for index in removed:
            del rest[index]
    else:
        gone = set(removed)
        rest = [item for index, item in enumerate(rest) if index not in gone]
    if added and is_key_track(track):
        frames = {item_start(item) for item in added}
        if len(frames) < len(added):
            raise EditError("Two keys would land on the same frame.")
        rest = _without_frames(rest, frames)
    if len(added) <= FEW:
        for item in added:
            insort(rest, item, key=sort_key)
    else:
        rest = sorted([*rest, *added], key=sort_key)
    return tuple(rest)


def _without_frames(items: list[Item], frames: set[int]) -> list[Item]:
    return [item for item in items if item.frame not in frames]  # type: ignore[union-attr]  # only keys come here


def _followed(document: Document, old: Item, new: Item) -> Item:
    """A tweak that was right where it was counts as right where it is put: whoever moves it sees what is there."""
    if (
        not (isinstance(old, Tweak) and isinstance(new, Tweak))
        or old.span == new.span
        or not old.under == new.under != ""
    ):
        return new
    right = old.under == under_hash(document, old)
    return msgspec.structs.replace(new, under=under_hash(document, new)) if right else new


def change_items(document: Document, ids: Iterable[str], change: Callable[[Item], Item]) -> Document:
    """The document with each of the items replaced by ``change(item)``, checked and in order.

    The document itself comes back when nothing changes.
    """
    result, stop = document, 0
    for track, indices in positions_of(document, ids):
        changes = [_followed(document, track.items[index], change(track.items[index])) for index in indices]
        pairs = zip(changes, indices, strict=True)
        if all(new is track.items[index] or new == track.items[index] for new, index in pairs):
            continue
        require_items(changes, track, document)
        stop = max(stop, *(item_span(item).stop for item in changes))
        result = with_items(result, track, put(track, changes, without=indices))
    return grown(result, stop)
