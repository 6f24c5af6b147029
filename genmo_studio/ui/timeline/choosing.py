"""Which items: all, the others, those before or after a frame, those under the playhead. Pure.

Tracks that are hidden take no part, since nobody would see what was selected there.
"""

from collections.abc import Collection, Iterable, Iterator

from genmo_studio.document.model import Document, Item, PoseKey, TextClip, Track, Waypoint
from genmo_studio.document.queries import all_items, item_span, item_start, items_at
from genmo_studio.document.time import Span


def items_of(document: Document, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids that belong to clips and keys, in the order of the document."""
    wanted = set(ids)
    return tuple(item.id for _, item in all_items(document) if item.id in wanted) if wanted else ()


def chosen_items(document: Document, ids: Iterable[str]) -> tuple[tuple[Track, Item], ...]:
    """The clips and keys among the ids with their tracks, in the order of the document."""
    wanted = set(ids)
    return tuple((track, item) for track, item in all_items(document) if item.id in wanted) if wanted else ()


def shown_items(document: Document) -> Iterator[tuple[Track, Item]]:
    """Every clip and key of the tracks that are shown."""
    return ((track, item) for track, item in all_items(document) if not track.hidden)


def everything(document: Document) -> frozenset[str]:
    """Every clip and key of the tracks that are shown."""
    return frozenset(item.id for _, item in shown_items(document))


def inverted(document: Document, ids: Collection[str]) -> frozenset[str]:
    """What is shown and not selected (SE3)."""
    return everything(document) - set(ids)


def before(document: Document, frame: int) -> frozenset[str]:
    """What starts before a frame (TL19)."""
    return frozenset(item.id for _, item in shown_items(document) if item_start(item) < frame)


def after(document: Document, frame: int) -> frozenset[str]:
    """What starts at a frame or later (TL19)."""
    return frozenset(item.id for _, item in shown_items(document) if item_start(item) >= frame)


def under(document: Document, frame: int) -> frozenset[str]:
    """What lies at a frame (SE4)."""
    shown = (track for track in document.tracks if not track.hidden)
    return frozenset(item.id for track in shown for item in items_at(track, frame))


def range_between(document: Document, first: str, last: str) -> frozenset[str]:
    """Items from one to the other in time, on their tracks and the tracks between them (TL19)."""
    places = [(n, item) for n, track in enumerate(document.tracks) for item in track.items if item.id in (first, last)]
    if not places:
        return frozenset({last})
    rows = [row for row, _ in places]
    begin = min(item_start(item) for _, item in places)
    end = max(item_start(item) for _, item in places)
    tracks = [track for track in document.tracks[min(rows) : max(rows) + 1] if not track.hidden]
    return frozenset(item.id for track in tracks for item in track.items if begin <= item_start(item) <= end)


def span_of(document: Document, ids: Iterable[str]) -> Span | None:
    """From the first to the last frame of what is selected: items, markers, takes in the result."""
    wanted = set(ids)
    spans = [item_span(item) for _, item in all_items(document) if item.id in wanted]
    spans += [piece.span for piece in document.result if piece.take in wanted]
    spans += [Span(m.frame, m.frame + max(1, m.length)) for m in document.markers if m.id in wanted]
    return Span(min(s.start for s in spans), max(s.stop for s in spans)) if spans else None


def clips_across(document: Document, ids: Iterable[str], frame: int, *, track: str | None = None) -> tuple[str, ...]:
    """Clips that a frame cuts in two: the selected ones, else those of the current track, else all of open tracks."""
    chosen = set(ids)
    cut = [
        (row, item)
        for row, item in shown_items(document)
        if not row.locked and not isinstance(item, PoseKey | Waypoint) and item.span.start < frame < item.span.stop
    ]
    for wanted in ([i.id for _, i in cut if i.id in chosen], [i.id for row, i in cut if row.id == track]):
        if wanted:
            return tuple(wanted)
    return tuple(item.id for _, item in cut)


def is_text(document: Document, item_id: str) -> bool:
    """True for a text segment of an open track."""
    return any(
        item.id == item_id and isinstance(item, TextClip) and not track.locked for track, item in all_items(document)
    )
