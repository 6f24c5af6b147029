"""Walking from item to item with the keyboard: which item is beside, above or below another. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from genmo_studio.document.model import Document, Item, ResultPiece, Track
from genmo_studio.document.queries import find_track, item_span, item_start, sort_key
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import RESULT_ROW, item_rect, piece_rect, result_rect, track_rects
from genmo_studio.ui.timeline.view import Rect, View


class Place(NamedTuple):
    """Where the keyboard is: a row and, unless the row is empty, one of its items (pieces on the result row)."""

    row: str
    item: str | None = None
    frame: int = 0
    """First frame of the item; of an empty row, the time one came from."""


def rows(document: Document) -> tuple[str, ...]:
    """Rows that one can walk to, from the top."""
    return (RESULT_ROW, *(track.id for track in document.tracks if not track.hidden))


def pieces(document: Document) -> tuple[ResultPiece, ...]:
    """Pieces of the result in order of time."""
    return tuple(sorted(document.result, key=lambda piece: piece.span))


def _places(document: Document, row: str) -> Sequence[tuple[int, str]]:
    """(first frame, id) of what lies on the result row."""
    return [(piece.span.start, piece.take) for piece in pieces(document)] if row == RESULT_ROW else []


def _items(document: Document, row: str) -> tuple[Item, ...]:
    track = find_track(document, row)
    return () if track is None else track.items


def _at(document: Document, row: str, position: int) -> Place:
    if row == RESULT_ROW:
        frame, take = _places(document, row)[position]
        return Place(row, take, frame)
    item = _items(document, row)[position]
    return Place(row, item.id, item_start(item))


def _count(document: Document, row: str) -> int:
    return len(document.result) if row == RESULT_ROW else len(_items(document, row))


def position_in(track: Track, item: str, frame: int) -> int | None:
    """Index of an item in its track, found by bisection; None when it is not there (any more)."""
    at = bisect_left(track.items, (frame, item), key=sort_key)
    return at if at < len(track.items) and track.items[at].id == item else None


def _position(document: Document, place: Place) -> int | None:
    if place.item is None:
        return None
    if place.row == RESULT_ROW:
        here = (place.frame, place.item)
        return next((n for n, found in enumerate(_places(document, place.row)) if found == here), None)
    track = find_track(document, place.row)
    return None if track is None else position_in(track, place.item, place.frame)


def settle(document: Document, place: Place | None) -> Place | None:
    """The place in a document that has changed meanwhile: the item where it is now, else what is nearest to it."""
    if place is None or place.row not in rows(document):
        return None
    if place.item is None or _position(document, place) is not None:
        return place
    if place.row == RESULT_ROW:
        starts = [frame for frame, take in _places(document, place.row) if take == place.item]
    else:
        starts = [item_start(item) for item in _items(document, place.row) if item.id == place.item]
    if starts:
        return Place(place.row, place.item, min(starts, key=lambda start: abs(start - place.frame)))
    return nearest(document, place.row, place.frame)


def nearest(document: Document, row: str, frame: int) -> Place:
    """The item of a row that covers a frame or else starts nearest to it."""
    count = _count(document, row)
    if not count:
        return Place(row, None, frame)
    if row == RESULT_ROW:
        right = bisect_left(_places(document, row), (frame + 1, ""))
    else:
        right = bisect_left(_items(document, row), frame + 1, key=item_start)
    near = [_at(document, row, at) for at in (right - 1, right) if 0 <= at < count]
    covering = [place for place in near if frame in (span_of(document, place) or ())]
    return covering[0] if covering else min(near, key=lambda place: abs(place.frame - frame))


def begin(document: Document, selection: frozenset[str], frame: int) -> Place:
    """Where the keyboard enters: the first selected item, else the first row with something on it."""
    for row in rows(document):
        if selection and row != RESULT_ROW:
            found = next((item for item in _items(document, row) if item.id in selection), None)
            if found is not None:
                return Place(row, found.id, item_start(found))
    row = next((row for row in rows(document) if _count(document, row)), RESULT_ROW)
    return nearest(document, row, frame)


def along(document: Document, place: Place, by: int) -> Place | None:
    """The next item of the row (+1) or the one before (-1); None at the ends."""
    at = _position(document, place)
    if at is None:
        return None
    return _at(document, place.row, at + by) if 0 <= at + by < _count(document, place.row) else None


def across(document: Document, place: Place, by: int) -> Place | None:
    """The nearest item of the row below (+1) or above (-1); None past the last row."""
    known = rows(document)
    at = known.index(place.row) + by if place.row in known else -1
    return nearest(document, known[at], place.frame) if 0 <= at < len(known) else None


def span_of(document: Document, place: Place) -> Span | None:
    """The frames of the item; None on an empty row."""
    at = _position(document, place)
    if at is None:
        return None
    return pieces(document)[at].span if place.row == RESULT_ROW else item_span(_items(document, place.row)[at])


def place_rect(document: Document, view: View, place: Place, cache: IndexCache) -> Rect | None:
    """Where the item is on screen (or would be); of an empty row, the row. None when it is gone."""
    at = _position(document, place)
    if place.row == RESULT_ROW:
        return result_rect(view) if at is None else piece_rect(pieces(document)[at], view)
    row, track = track_rects(document, view).get(place.row), find_track(document, place.row)
    if row is None or track is None:
        return None
    return row if at is None else item_rect(cache.of(track), at, view, row)
