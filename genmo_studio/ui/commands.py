"""Editing commands of the menus: what is selected and where the playhead is, made into one labelled edit. No Qt."""

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.model import Document, Item, PoseKey, TextClip, TrackKind, Waypoint
from genmo_studio.document.queries import all_items, find_take, item_span
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.commands import NEW_TEXT, NEW_TEXT_SECONDS

Command = tuple[str, Edit]
"""Label of the undo step and the edit."""


def add_text(document: Document, frame: int, *, track: str | None = None) -> tuple[Command, str]:
    """A text segment from a frame on, in an open text track (``track``, else the first) or a new one; and its id."""
    clip = TextClip(id=edits.new_id(), span=Span(frame, frame + NEW_TEXT_SECONDS * document.fps), text=NEW_TEXT)
    open_tracks = [t for t in document.tracks if t.kind is TrackKind.TEXT and not t.locked]
    if open_tracks:
        home = next((t for t in open_tracks if t.id == track), open_tracks[0])
        return ("Add Text", edits.add_item(home.id, clip)), clip.id
    made = edits.new_id()
    new_track = edits.add_track(TrackKind.TEXT, name="Text", track_id=made)
    return ("Add Text", edits.compose(new_track, edits.add_item(made, clip))), clip.id


def items_of(document: Document, ids: frozenset[str]) -> tuple[Item, ...]:
    """The clips and keys among the ids, in the order of the document."""
    found: list[Item] = []
    for track in document.tracks if ids else ():
        found += [item for item in track.items if item.id in ids]
        if len(found) == len(ids):
            break
    return tuple(found)


def show_take(document: Document, take_id: str) -> Command | None:
    """Show a take over its whole span in the result."""
    take = find_take(document, take_id)
    return None if take is None else (f"Show {take.name}", edits.splice_result(take.id, take.span))


def edit_points(document: Document) -> tuple[int, ...]:
    """Frames of keys and of the edges of clips and pieces, for jumping; sorted."""
    points = {0, max(document.length - 1, 0)}
    for _, item in all_items(document):
        span = item_span(item)
        points.add(span.start)
        if not isinstance(item, PoseKey | Waypoint):
            points.add(span.stop)
    for piece in document.result:
        points |= {piece.span.start, piece.span.stop}
    return tuple(sorted(point for point in points if 0 <= point < max(document.length, 1)))
