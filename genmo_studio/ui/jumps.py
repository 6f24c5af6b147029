"""The keys and cuts that Up and Down jump to. Pure; quick in projects of a hundred thousand keys."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from genmo_studio.document.model import Document, Track
from genmo_studio.document.queries import item_span, item_start
from genmo_studio.ui.timeline.index import KEY_KINDS


def next_edit(document: Document, frame: int, *, forward: bool) -> int | None:
    """The nearest frame after (or before) ``frame`` with a key, an edge of a clip or the result, a marker or a mark."""
    last = document.length - 1
    found = [
        at
        for at in _candidates(document, frame, forward=forward)
        if 0 <= at <= last and (at > frame if forward else at < frame)
    ]
    return (min(found) if forward else max(found)) if found else None


def _candidates(document: Document, frame: int, *, forward: bool) -> Iterator[int]:
    yield 0
    for track in document.tracks:
        if not track.hidden:
            yield from _of_track(track, frame, forward=forward)
    for piece in document.result:
        yield from (piece.span.start, piece.span.stop)
    for marker in document.markers:
        yield from (marker.frame, marker.frame + marker.length)
    if document.in_out is not None:
        yield from (document.in_out.start, document.in_out.stop)


def _of_track(track: Track, frame: int, *, forward: bool) -> Iterator[int]:
    """Items are sorted by start: of keys only the neighbours, of clips all edges (their ends are in no order)."""
    if track.kind in KEY_KINDS:
        find = bisect_right if forward else bisect_left
        at = find(track.items, frame, key=item_start) - (0 if forward else 1)
        if 0 <= at < len(track.items):
            yield item_start(track.items[at])
        return
    for item in track.items:
        span = item_span(item)
        yield span.start
        yield span.stop
