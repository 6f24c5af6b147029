"""Edits of markers and of the marked range, as labelled edits. Pure. None means that there is nothing to act on."""

from collections.abc import Iterable

from genmo_studio.document import edits
from genmo_studio.document.model import Document, Marker
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.choosing import span_of
from genmo_studio.ui.timeline.effects import Apply

COLOURS: tuple[tuple[str, str], ...] = (
    ("Amber", "#e0b040"),
    ("Red", "#e0604f"),
    ("Pink", "#d873b5"),
    ("Violet", "#9a7be0"),
    ("Blue", "#4f93e0"),
    ("Cyan", "#3fb5c4"),
    ("Green", "#5fb562"),
    ("Grey", "#98a2ad"),
)
"""Colours of markers and tracks that can be told apart on light and dark rows."""


def chosen_markers(document: Document, ids: Iterable[str]) -> tuple[Marker, ...]:
    """The markers among the ids, in order of time."""
    wanted = set(ids)
    return tuple(marker for marker in document.markers if marker.id in wanted)


def add(frame: int, *, length: int = 0, name: str = "") -> Apply:
    """A marker at a frame, selected; ``length`` makes it a range."""
    marker = Marker(id=edits.new_id(), frame=frame, length=length, name=name)
    return Apply("Add Marker", edits.add_marker(marker), frozenset({marker.id}))


def at(document: Document, frame: int) -> Marker | None:
    """The marker that begins at a frame."""
    return next((marker for marker in document.markers if marker.frame == frame), None)


def add_range(document: Document, ids: Iterable[str]) -> Apply | None:
    """A range marker over the selection, else over the marked range (TL12)."""
    span = span_of(document, ids) or document.in_out
    return None if span is None else add(span.start, length=span.length)


def beside(document: Document, frame: int, *, after: bool) -> Marker | None:
    """The next marker after or before a frame."""
    if after:
        return next((marker for marker in document.markers if marker.frame > frame), None)
    return next((marker for marker in reversed(document.markers) if marker.frame < frame), None)


def colour(document: Document, ids: Iterable[str], value: str) -> Apply | None:
    """Give the selected markers a colour."""
    markers = chosen_markers(document, ids)
    changes = (edits.change_marker(marker.id, colour=value) for marker in markers)
    return Apply("Colour Marker" + "s" * (len(markers) > 1), edits.compose(*changes)) if markers else None


def mark(document: Document, ids: Iterable[str]) -> Apply | None:
    """Set in and out around what is selected: items, takes, a range marker (TL12, TL13)."""
    span = span_of(document, ids)
    if span is None:
        return None
    held = Span(max(0, span.start), max(span.start + 1, span.stop))
    return Apply("Mark Selection", edits.set_in_out(held))
