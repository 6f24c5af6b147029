"""Edits of any clip or key: add, move, duplicate, delete, weight, mute."""

from collections.abc import Iterable

import msgspec

from genmo_studio.document.edits.core import (
    Edit,
    EditError,
    change_items,
    get_track,
    grown,
    new_id,
    positions_of,
    put,
    require_items,
    unlocked,
    with_items,
)
from genmo_studio.document.model import Document, Item
from genmo_studio.document.queries import find_item, item_span, shifted


def add_item(track_id: str, item: Item) -> Edit:
    """Put one clip or key into a track of its kind. Its id must be new (``new_id()``)."""
    return add_items(track_id, (item,))


def add_items(track_id: str, items: Iterable[Item]) -> Edit:
    """Put clips or keys into a track of their kind. Their ids must be new."""
    added = tuple(items)

    def apply(document: Document) -> Document:
        track = unlocked(get_track(document, track_id))
        ids = {item.id for item in added}
        taken = any(item.id in ids for other in document.tracks for item in other.items)
        if taken or len(ids) < len(added):
            raise EditError("This item is already in the project.")
        if not added:
            return document
        require_items(added, track, document)
        return grown(with_items(document, track, put(track, added)), max(item_span(item).stop for item in added))

    return apply


def replace_item(item: Item) -> Edit:
    """Put ``item`` in the place of the item with the same id."""
    return lambda document: change_items(document, (item.id,), lambda _old: item)


def move_items(ids: Iterable[str], *, by: int = 0, to_track: str | None = None) -> Edit:
    """Move items by whole frames and, when ``to_track`` is given, to another track of the same kind."""
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        if to_track is None or {item.id for item in get_track(document, to_track).items}.issuperset(wanted):
            return change_items(document, wanted, lambda item: shifted(item, by)) if by else document
        moved: list[Item] = []
        result = document
        for track, indices in positions_of(document, wanted):
            moved += [shifted(track.items[index], by) for index in indices]
            result = with_items(result, track, put(track, (), without=indices))
        target = unlocked(get_track(result, to_track))
        require_items(moved, target, document)
        stop = max(item_span(item).stop for item in moved)
        return grown(with_items(result, target, put(target, moved)), stop)

    return apply


def duplicate_items(
    ids: Iterable[str], *, by: int | None = None, new_ids: Iterable[str] | None = None, to_track: str | None = None
) -> Edit:
    """Copy items ``by`` frames later; by default right behind the group. ``new_ids`` names the copies, in order.

    The copies lie on the tracks of the originals, or all on ``to_track``, a track of the same kind.
    """
    wanted = tuple(ids)
    names = dict(zip(wanted, new_ids, strict=True)) if new_ids is not None else {old: new_id() for old in wanted}

    def apply(document: Document) -> Document:
        places = list(positions_of(document, wanted))
        spans = [item_span(track.items[index]) for track, indices in places for index in indices]
        if not spans:
            return document
        offset = by if by is not None else max(span.stop for span in spans) - min(span.start for span in spans)
        result = document
        for track, indices in places:
            items = (shifted(track.items[index], offset) for index in indices)
            copies = [msgspec.structs.replace(item, id=names[item.id]) for item in items]
            result = add_items(to_track or track.id, copies)(result)
        return result

    return apply


def delete_items(ids: Iterable[str]) -> Edit:
    """Remove clips and keys and leave their time empty."""
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        result = document
        for track, indices in positions_of(document, wanted):
            result = with_items(result, track, put(track, (), without=indices))
        return result

    return apply


def set_weight(ids: Iterable[str], weight: float) -> Edit:
    """Set how strongly items condition the motion (1 = as trained, 0 = not at all)."""
    wanted = tuple(ids)
    return lambda document: change_items(
        document, wanted, lambda item: msgspec.structs.replace(item, weight=float(weight))
    )


def set_muted(ids: Iterable[str], *, muted: bool) -> Edit:
    """Mute or unmute items."""
    wanted = tuple(ids)
    return lambda document: change_items(document, wanted, lambda item: msgspec.structs.replace(item, muted=muted))


def get_item(document: Document, item_id: str) -> Item:
    """The item, or EditError."""
    item = find_item(document, item_id)
    if item is None:
        raise EditError("This item is no longer in the project.")
    return item
