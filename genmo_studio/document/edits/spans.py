"""Edits of contacts and locks: stretches of time that say something about the body or the result.

Their rows are made when they are first used. Moving, trimming, splitting and deleting them is in ``items``, ``clips``.
"""

from collections.abc import Iterable

import msgspec

from genmo_studio.document.edits.clips import part_of
from genmo_studio.document.edits.core import Edit, EditError, change_items, new_id, with_items
from genmo_studio.document.edits.items import add_items
from genmo_studio.document.edits.tracks import add_track
from genmo_studio.document.model import ContactClip, Document, Foot, Item, LockClip, Track, TrackKind
from genmo_studio.document.queries import sort_key
from genmo_studio.document.time import Span


def home_of(document: Document, kind: TrackKind, *, preferred: str | None = None) -> Track | None:
    """The track that takes new items of a kind: the preferred one, else the first that is open and shown."""
    fits = [track for track in document.tracks if track.kind is kind and not track.locked]
    shown = [track for track in fits if not track.hidden]
    return next((track for track in fits if track.id == preferred), next(iter(shown or fits), None))


def lay(kind: TrackKind, items: Iterable[Item], *, preferred: str | None = None) -> Edit:
    """Put items on the open track of their kind; where there is none yet, on a new one below all others."""
    laid, made = tuple(items), new_id()

    def apply(document: Document) -> Document:
        home = home_of(document, kind, preferred=preferred)
        if home is None:
            document = add_track(kind, track_id=made)(document)
        return add_items(made if home is None else home.id, laid)(document)

    return apply


def lay_contact(contact: ContactClip, *, preferred: str | None = None) -> Edit:
    """Say that a foot is planted or free in a span; what its track said about that foot in the span gives way."""
    seed = new_id()

    def apply(document: Document) -> Document:
        home = home_of(document, TrackKind.CONTACTS, preferred=preferred)
        if home is not None:
            kept: list[Item] = []
            for number, item in enumerate(home.items):
                kept += [item] if _other_foot(item, contact) else _around(item, contact.span, f"{seed}-{number}")
            if len(kept) != len(home.items) or any(a is not b for a, b in zip(kept, home.items, strict=True)):
                document = with_items(document, home, tuple(sorted(kept, key=sort_key)))
        return lay(TrackKind.CONTACTS, (contact,), preferred=preferred)(document)

    return apply


def _other_foot(item: Item, contact: ContactClip) -> bool:
    return (
        not isinstance(item, ContactClip) or item.foot is not contact.foot or not item.span.intersection(contact.span)
    )


def _around(item: Item, span: Span, name: str) -> list[Item]:
    """What is left of a clip outside a span; a second part gets the name."""
    assert isinstance(item, ContactClip), "only contacts come here"
    parts: list[Item] = []
    if item.span.start < span.start:
        parts.append(part_of(item, Span(item.span.start, span.start)))
    if item.span.stop > span.stop:
        rest = part_of(item, Span(span.stop, item.span.stop))
        parts.append(msgspec.structs.replace(rest, id=name) if parts else rest)
    return parts


def set_contact(item_id: str, *, foot: Foot | None = None, planted: bool | None = None) -> Edit:
    """Change which foot a contact is about, or whether it rests; None leaves that as it is."""

    def change(item: Item) -> Item:
        if not isinstance(item, ContactClip):
            raise EditError("Only a contact is about a foot.")
        return msgspec.structs.replace(
            item, foot=item.foot if foot is None else foot, planted=item.planted if planted is None else planted
        )

    return lambda document: change_items(document, (item_id,), change)


def set_regions(lock_id: str, regions: Iterable[str]) -> Edit:
    """Say which regions of the body a lock holds; EditError without one."""
    named = tuple(dict.fromkeys(regions))

    def change(item: Item) -> Item:
        if not isinstance(item, LockClip):
            raise EditError("Only a lock holds regions of the body.")
        if not named:
            raise EditError("A lock holds at least one region; delete it to let everything go.")
        return msgspec.structs.replace(item, regions=named)

    return lambda document: change_items(document, (lock_id,), change)
