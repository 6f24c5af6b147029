"""Edits between neighbours: merge texts, swap two items, and hand the attributes of one item to others."""

from collections.abc import Iterable

import msgspec

from genmo_studio.document.edits.core import (
    Edit,
    EditError,
    change_items,
    grown,
    is_key_track,
    positions_of,
    put,
    require_items,
    with_items,
)
from genmo_studio.document.model import Document, Item, MusicClip, TextClip
from genmo_studio.document.queries import item_span, item_start, shifted
from genmo_studio.document.time import Span
from genmo_studio.document.validation import MAX_TEXT

JOIN = ", then "
"""Between the words of merged texts: the model reads it as one thing after the other."""


def merge_texts(ids: Iterable[str]) -> Edit:
    """Make one text of several on one track: it says all of them in order, over the whole of their time.

    The first keeps its id, weight and mute.
    """
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        places = list(positions_of(document, wanted))
        if len(places) != 1 or len(places[0][1]) < 2:
            raise EditError("Select two or more texts of one track to merge them.")
        track, indices = places[0]
        texts = [item for index in indices if isinstance(item := track.items[index], TextClip)]
        if len(texts) < len(indices):
            raise EditError("Only texts can be merged.")
        span = Span(texts[0].span.start, max(text.span.stop for text in texts))
        words = JOIN.join(text.text.strip().rstrip(".") for text in texts if text.text.strip())
        if len(words) > MAX_TEXT:
            raise EditError(f"Together the texts would be longer than {MAX_TEXT:,} characters.")
        merged = msgspec.structs.replace(texts[0], span=span, text=words)
        return with_items(document, track, put(track, (merged,), without=indices))

    return apply


def swap_items(first: str, second: str) -> Edit:
    """Let two items of one track change places; the time between them (or their overlap) stays as long as it is.

    Keys change their frames; what they hold comes with them.
    """

    def apply(document: Document) -> Document:
        places = list(positions_of(document, (first, second)))
        if len(places) != 1 or len(places[0][1]) != 2:
            raise EditError("Two items of one track can change places.")
        track, indices = places[0]
        left, right = (track.items[index] for index in indices)
        keys = is_key_track(track)
        a, b = (Span(item_start(i), item_start(i) + 1) if keys else item_span(i) for i in (left, right))
        moved: tuple[Item, Item] = (
            shifted(right, a.start - b.start),
            shifted(left, b.length + max(b.start - a.stop, -min(a.length, b.length))),
        )
        require_items(moved, track, document)
        stop = max(item_span(item).stop for item in moved)
        return grown(with_items(document, track, put(track, moved, without=indices)), stop)

    return apply


def neighbour(items: tuple[Item, ...], item_id: str, *, after: bool) -> Item | None:
    """The item before or after another one in its track, by where they start."""
    ordered = sorted(items, key=lambda item: (item_start(item), item.id))
    place = next((n for n, item in enumerate(ordered) if item.id == item_id), None)
    if place is None:
        return None
    other = place + (1 if after else -1)
    return ordered[other] if 0 <= other < len(ordered) else None


def copy_attributes(source: Item, ids: Iterable[str]) -> Edit:
    """Give items the weight and mute of another one; music also gets its tempo correction and loudness."""
    wanted = tuple(ids)

    def change(item: Item) -> Item:
        changed = msgspec.structs.replace(item, weight=source.weight, muted=source.muted)
        if isinstance(changed, MusicClip) and isinstance(source, MusicClip):
            return msgspec.structs.replace(changed, tempo=source.tempo, gain=source.gain)
        return changed

    return lambda document: change_items(document, wanted, change)
