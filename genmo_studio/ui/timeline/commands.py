"""Edits that act on the selection, as labelled edits. Pure. None means that there is nothing to act on."""

from collections.abc import Callable, Iterable

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.edits.texts import neighbour
from genmo_studio.document.model import Document, Item, PoseKey, TextClip, Track, TrackKind, Waypoint
from genmo_studio.document.queries import MAX_FRAMES, find_item, find_marker, find_track, item_start, track_of
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.choosing import chosen_items, clips_across, items_of, span_of
from genmo_studio.ui.timeline.effects import Apply
from genmo_studio.ui.timeline.layout import block_height
from genmo_studio.ui.timeline.view import View

NEW_TEXT_SECONDS = 3
NEW_TEXT = "a person walks forward"


def tracks_height(document: Document, view: View) -> float:
    """Height of all tracks that are shown, in logical pixels."""
    shown = [track for track in document.tracks if not track.hidden]
    return sum(block_height(track, view) + view.metrics.row_gap for track in shown)


def noun(items: Iterable[Item]) -> str:
    """What undo steps call the items: Clip, Key, Clips, Keys, Items."""
    found = list(items)
    keys = [isinstance(item, PoseKey | Waypoint) for item in found]
    word = "Key" if all(keys) else "Item" if any(keys) else "Clip"
    return word if len(found) == 1 else word + "s"


def _named(verb: str, chosen: tuple[tuple[Track, Item], ...]) -> str:
    return f"{verb} {noun(item for _, item in chosen)}"


def delete(document: Document, ids: Iterable[str]) -> Apply | None:
    """Remove items and markers; their time stays (lift, TL9)."""
    wanted = set(ids)
    chosen = chosen_items(document, wanted)
    markers = [marker.id for marker in document.markers if marker.id in wanted]
    parts: list[Edit] = [edits.delete_marker(marker) for marker in markers]
    if chosen:
        parts.append(edits.delete_items([item.id for _, item in chosen]))
    if not parts:
        return None
    label = "Delete Marker" + "s" * (len(markers) > 1) if not chosen else _named("Delete", chosen)
    return Apply(label if not (chosen and markers) else "Delete", edits.compose(*parts), frozenset())


def ripple_delete(document: Document, ids: Iterable[str]) -> Apply | None:
    """Remove items and close their time on their tracks (TL9)."""
    chosen = chosen_items(document, ids)
    if not chosen:
        return None
    return Apply(_named("Ripple Delete", chosen), edits.ripple_delete([i.id for _, i in chosen]), frozenset())


def split(document: Document, ids: Iterable[str], *, frame: int) -> Apply | None:
    """Cut clips at a frame: the selected ones, or all of unlocked tracks when none is selected."""
    chosen = set(items_of(document, ids))
    cut = clips_across(document, chosen, frame)
    if chosen and not chosen.intersection(cut):
        return None
    return Apply("Split", edits.split_items(cut, frame)) if cut else None


def ripple_trim(document: Document, ids: Iterable[str], *, frame: int, track: str | None, start: bool) -> Apply | None:
    """Cut the clip under the playhead off before or behind it and close the time (TL8)."""
    cut = clips_across(document, ids, frame, track=track)
    if not cut:
        return None
    if start:
        return Apply("Ripple Trim Start", edits.ripple_trim_start(cut, frame))
    return Apply("Ripple Trim End", edits.ripple_trim_end(cut, frame))


def duplicate(document: Document, ids: Iterable[str]) -> Apply | None:
    """Put a copy of the selected items behind them, and select the copies."""
    chosen = chosen_items(document, ids)
    names = [edits.new_id() for _ in chosen]
    made = edits.duplicate_items([item.id for _, item in chosen], new_ids=names)
    return Apply(_named("Duplicate", chosen), made, frozenset(names)) if chosen else None


def nudge(document: Document, ids: Iterable[str], *, by: int) -> Apply | None:
    """Move items and markers by whole frames, not before frame 0 (TL11)."""
    wanted = set(ids)
    chosen = chosen_items(document, wanted)
    markers = [marker for marker in document.markers if marker.id in wanted]
    starts = [item_start(item) for _, item in chosen] + [marker.frame for marker in markers]
    if not starts:
        return None
    by = max(by, -min(starts))
    parts: list[Edit] = [edits.change_marker(marker.id, frame=marker.frame + by) for marker in markers]
    if chosen:
        parts.append(edits.move_items([item.id for _, item in chosen], by=by))
    return Apply("Nudge", edits.compose(*parts))


def new_text(document: Document, track_id: str, frame: int) -> tuple[Apply, str] | None:
    """A text from a frame to the next one of its track, three seconds at most; also its id. None on other tracks."""
    track = find_track(document, track_id)
    if track is None or track.kind is not TrackKind.TEXT or track.locked:
        return None
    following = min((item_start(item) for item in track.items if item_start(item) > frame), default=MAX_FRAMES)
    stop = min(following, frame + NEW_TEXT_SECONDS * document.fps)
    clip = TextClip(id=edits.new_id(), span=Span(frame, stop), text=NEW_TEXT)
    return Apply("Add Text", edits.add_item(track_id, clip), frozenset({clip.id})), clip.id


def mute(document: Document, ids: Iterable[str]) -> Apply | None:
    """Mute the items, or let them speak again when all are muted."""
    chosen = chosen_items(document, ids)
    if not chosen:
        return None
    muted = not all(item.muted for _, item in chosen)
    change = edits.set_muted([item.id for _, item in chosen], muted=muted)
    return Apply(_named("Mute" if muted else "Unmute", chosen), change)


def merge(document: Document, ids: Iterable[str]) -> Apply | None:
    """Make one text of the selected ones; of a single one, with the text after it (TL14)."""
    texts = [(track, item) for track, item in chosen_items(document, ids) if isinstance(item, TextClip)]
    if len(texts) == 1:
        track, item = texts[0]
        other = neighbour(track.items, item.id, after=True) or neighbour(track.items, item.id, after=False)
        texts += [(track, other)] if isinstance(other, TextClip) else []
    if len(texts) < 2:
        return None
    first = min((item for _, item in texts), key=lambda item: (item.span.start, item.id))
    return Apply("Merge Texts", edits.merge_texts([item.id for _, item in texts]), frozenset({first.id}))


def swap(document: Document, ids: Iterable[str], *, after: bool) -> Apply | None:
    """Let the selected item change places with its neighbour on the track (TL14)."""
    chosen = chosen_items(document, ids)
    if len(chosen) != 1:
        return None
    track, item = chosen[0]
    other = neighbour(track.items, item.id, after=after)
    return None if other is None else Apply(_named("Swap", (chosen[0], (track, other))), _swapped(item, other))


def _swapped(item: Item, other: Item) -> Edit:
    return edits.swap_items(item.id, other.id)


def insert_time(document: Document, ids: Iterable[str], *, frame: int, frames: int) -> Apply:
    """Insert empty time: on the tracks of the selected items, or on all tracks with markers and result (TL10)."""
    tracks = _tracks_of(document, ids)
    return Apply("Insert Time", edits.insert_time(frame, frames, tracks=tracks, markers=tracks is None))


def close_gap(document: Document, ids: Iterable[str], *, frame: int, track: str | None = None) -> Apply:
    """Close the empty time around a frame: on a track, else on the tracks of the selection, else on all (TL10)."""
    tracks = (track,) if track is not None else _tracks_of(document, ids)
    return Apply("Close Gap", edits.close_gap(frame, tracks=tracks, markers=tracks is None))


def _tracks_of(document: Document, ids: Iterable[str]) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(track.id for track, _ in chosen_items(document, ids)))
    return found or None


def fit_to_marks(document: Document, ids: Iterable[str]) -> Apply | None:
    """Scale the selected items in time so that they fill the marked range; keys: its first to its last frame."""
    chosen, marks = chosen_items(document, ids), document.in_out
    old = span_of(document, [item.id for _, item in chosen])
    if old is None or marks is None:
        return None
    if all(isinstance(item, PoseKey | Waypoint) for _, item in chosen):
        old, marks = Span(old.start, old.stop - 1), Span(marks.start, marks.stop - 1)
    stretched = edits.stretch_items([item.id for _, item in chosen], old=old, new=marks)
    return Apply(_named("Stretch", chosen), stretched)


def remove_time(span: Span | None) -> Apply | None:
    """Remove the marked range with what lies in it, on all tracks, and close up."""
    return None if span is None else Apply("Remove Marked Time", edits.delete_time(span))


def change_words(document: Document, thing: str, words: str) -> Apply | None:
    """Give a text segment, a marker or a track other words; None when nothing changes."""
    words = " ".join(words.split())
    ways: tuple[Callable[[Document, str, str], Apply | None], ...] = (_text, _marker_name, _track_name)
    return next((made for way in ways if (made := way(document, thing, words)) is not None), None)


def _text(document: Document, item_id: str, words: str) -> Apply | None:
    item = find_item(document, item_id)
    if not isinstance(item, TextClip) or item.text == words:
        return None
    return Apply("Change Text", edits.set_text(item_id, words))


def _marker_name(document: Document, marker_id: str, words: str) -> Apply | None:
    marker = find_marker(document, marker_id)
    if marker is None or marker.name == words:
        return None
    return Apply("Rename Marker", edits.change_marker(marker_id, name=words))


def _track_name(document: Document, track_id: str, words: str) -> Apply | None:
    track = find_track(document, track_id)
    if track is None or track.name == words or not words:
        return None
    return Apply("Rename Track", edits.rename_track(track_id, words))


def words_of(document: Document, thing: str) -> str | None:
    """The words of a text segment on an open track, the name of a marker or of a track; None for anything else."""
    item, track = find_item(document, thing), track_of(document, thing)
    if isinstance(item, TextClip):
        return None if track is None or track.locked else item.text
    marker, row = find_marker(document, thing), find_track(document, thing)
    return marker.name if marker is not None else row.name if row is not None else None
