"""Edits that act on the selection, as labelled edits, and small questions about it. Pure."""

from collections.abc import Iterable

from genmo_studio.document.edits import (
    Edit,
    compose,
    delete_items,
    delete_marker,
    duplicate_items,
    set_text,
    split_items,
)
from genmo_studio.document.model import Document, PoseKey, TextClip, Waypoint
from genmo_studio.document.queries import all_items, find_item, item_span
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.effects import Apply
from genmo_studio.ui.timeline.layout import row_height
from genmo_studio.ui.timeline.view import View


def items_of(document: Document, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids that belong to clips and keys, in the order of the document."""
    wanted = set(ids)
    return tuple(item.id for _, item in all_items(document) if item.id in wanted)


def everything(document: Document) -> frozenset[str]:
    """Every clip and key of the tracks that are shown."""
    return frozenset(item.id for track, item in all_items(document) if not track.hidden)


def span_of(document: Document, ids: Iterable[str]) -> Span | None:
    """From the first to the last frame of what is selected."""
    wanted = set(ids)
    spans = [item_span(item) for _, item in all_items(document) if item.id in wanted]
    spans += [piece.span for piece in document.result if piece.take in wanted]
    return Span(min(s.start for s in spans), max(s.stop for s in spans)) if spans else None


def tracks_height(document: Document, view: View) -> float:
    """Height of all tracks that are shown, in logical pixels."""
    shown = [track for track in document.tracks if not track.hidden]
    return sum(row_height(track, view) + view.metrics.row_gap for track in shown)


def delete(document: Document, ids: Iterable[str]) -> Apply | None:
    """Remove items and markers."""
    wanted = set(ids)
    items = items_of(document, wanted)
    markers = [marker.id for marker in document.markers if marker.id in wanted]
    edits: list[Edit] = [delete_marker(marker) for marker in markers]
    if items:
        edits.append(delete_items(items))
    if not edits:
        return None
    return Apply("Delete" if len(items) + len(markers) > 1 else "Delete item", compose(*edits))


def split(document: Document, ids: Iterable[str], *, frame: int) -> Apply | None:
    """Cut clips at a frame: the selected ones, or all of unlocked tracks when none is selected."""
    chosen = set(items_of(document, ids))
    cut = [
        item.id
        for track, item in all_items(document)
        if (item.id in chosen or (not chosen and not track.locked))
        and not isinstance(item, PoseKey | Waypoint)
        and item.span.start < frame < item.span.stop
    ]
    return Apply("Split", split_items(cut, frame)) if cut else None


def duplicate(document: Document, ids: Iterable[str]) -> Apply | None:
    """Put a copy of the selected items behind them."""
    items = items_of(document, ids)
    return Apply("Duplicate", duplicate_items(items)) if items else None


def change_text(document: Document, item_id: str, text: str) -> Apply | None:
    """Give a text segment other words; None when nothing changes."""
    item = find_item(document, item_id)
    words = " ".join(text.split())
    if not isinstance(item, TextClip) or item.text == words:
        return None
    return Apply("Change text", set_text(item_id, words))
