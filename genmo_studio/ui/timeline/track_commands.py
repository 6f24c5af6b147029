"""Edits of the current track, as labelled edits. Pure. None means that there is nothing to act on."""

from enum import Enum

from genmo_studio.document import edits
from genmo_studio.document.model import Document, Track, TrackKind
from genmo_studio.document.queries import find_track
from genmo_studio.ui.timeline.effects import Apply


class Switch(Enum):
    """What can be switched on a track: its word when it goes on, and when it goes off."""

    MUTED = ("Mute", "Unmute")
    SOLO = ("Solo", "Unsolo")
    LOCKED = ("Lock", "Unlock")
    HIDDEN = ("Hide", "Show")


def is_on(track: Track, switch: Switch) -> bool:
    """State of a switch."""
    return {
        Switch.MUTED: track.muted,
        Switch.SOLO: track.solo,
        Switch.LOCKED: track.locked,
        Switch.HIDDEN: track.hidden,
    }[switch]


def toggle(document: Document, track_id: str | None, switch: Switch) -> Apply | None:
    """Turn a switch of a track over."""
    track = find_track(document, track_id) if track_id is not None else None
    if track is None:
        return None
    on = not is_on(track, switch)
    change = {
        Switch.MUTED: edits.set_track_flags(track.id, muted=on),
        Switch.SOLO: edits.set_track_flags(track.id, solo=on),
        Switch.LOCKED: edits.set_track_flags(track.id, locked=on),
        Switch.HIDDEN: edits.set_track_flags(track.id, hidden=on),
    }[switch]
    return Apply(f"{switch.value[0 if on else 1]} Track", change)


def show_all(document: Document) -> Apply | None:
    """Show the tracks that are hidden."""
    hidden = [track.id for track in document.tracks if track.hidden]
    changes = (edits.set_track_flags(track, hidden=False) for track in hidden)
    return Apply("Show Tracks", edits.compose(*changes)) if hidden else None


def add(document: Document, kind: TrackKind, *, below: str | None) -> tuple[Apply, str]:
    """A new track below a given one, or below all; also returns its id."""
    index = next((n + 1 for n, track in enumerate(document.tracks) if track.id == below), None)
    made = edits.new_id()
    return Apply("Add Track", edits.add_track(kind, index=index, track_id=made)), made


def move(document: Document, track_id: str | None, *, by: int) -> Apply | None:
    """Move a track up (negative) or down past the next one that is shown."""
    places = [n for n, track in enumerate(document.tracks) if not track.hidden]
    here = next((n for n, track in enumerate(document.tracks) if track.id == track_id), None)
    if here is None or here not in places:
        return None
    place = places.index(here) + by
    if not 0 <= place < len(places):
        return None
    return Apply("Move Track", edits.move_track(document.tracks[here].id, places[place]))


def remove(document: Document, track_id: str | None) -> Apply | None:
    """Remove a track and what is on it."""
    track = find_track(document, track_id) if track_id is not None else None
    return None if track is None else Apply("Remove Track", edits.remove_track(track.id))


def colour(document: Document, track_id: str | None, value: str | None) -> Apply | None:
    """Give a track a colour; None gives it the colour of its kind."""
    track = find_track(document, track_id) if track_id is not None else None
    return None if track is None else Apply("Colour Track", edits.set_track_colour(track.id, value))
