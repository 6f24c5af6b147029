"""Edits of tracks."""

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, changed, get_track, new_id, unlocked, with_track
from genmo_studio.document.model import Document, Track, TrackKind
from genmo_studio.document.queries import find_track
from genmo_studio.document.validation import MAX_NAME, is_colour

NAMES = {
    TrackKind.VIDEO: "Video",
    TrackKind.TEXT: "Text",
    TrackKind.MUSIC: "Music",
    TrackKind.FULL_KEYS: "Poses",
    TrackKind.PARTIAL_KEYS: "Limbs",
    TrackKind.PATH: "Path",
    TrackKind.CONTACTS: "Contacts",
    TrackKind.TWEAKS: "Tweaks",
    TrackKind.LOCKS: "Locks",
}
MIN_HEIGHT, MAX_HEIGHT = 16, 1024  # logical pixels


def add_track(
    kind: TrackKind, *, name: str | None = None, index: int | None = None, track_id: str | None = None
) -> Edit:
    """Add an empty track at ``index`` (default: below all)."""
    identifier = track_id or new_id()

    def apply(document: Document) -> Document:
        if find_track(document, identifier):
            raise EditError("This track is already in the project.")
        same = sum(track.kind is kind for track in document.tracks)
        default = NAMES[kind] if not same else f"{NAMES[kind]} {same + 1}"
        track = Track(id=identifier, kind=kind, name=_checked_name(default if name is None else name))
        place = len(document.tracks) if index is None else max(0, min(index, len(document.tracks)))
        tracks = (*document.tracks[:place], track, *document.tracks[place:])
        return changed(document, tracks=tracks)

    return apply


def _checked_name(name: str) -> str:
    if len(name) > MAX_NAME:
        raise EditError(f"A name has at most {MAX_NAME:,} characters.")
    return name


def remove_track(track_id: str) -> Edit:
    """Remove a track and what is on it."""

    def apply(document: Document) -> Document:
        gone = unlocked(get_track(document, track_id))
        return changed(document, tracks=tuple(track for track in document.tracks if track is not gone))

    return apply


def rename_track(track_id: str, name: str) -> Edit:
    """Give a track another name."""
    return lambda document: with_track(
        document, msgspec.structs.replace(get_track(document, track_id), name=_checked_name(name))
    )


def move_track(track_id: str, index: int) -> Edit:
    """Move a track so that it is number ``index`` (0 = top); out of range means first or last."""

    def apply(document: Document) -> Document:
        track = get_track(document, track_id)
        others = [other for other in document.tracks if other is not track]
        others.insert(max(0, min(index, len(others))), track)
        return changed(document, tracks=tuple(others))

    return apply


def set_track_flags(
    track_id: str,
    *,
    muted: bool | None = None,
    solo: bool | None = None,
    locked: bool | None = None,
    hidden: bool | None = None,
) -> Edit:
    """Set the switches that are given; None leaves one as it is."""
    given = {"muted": muted, "solo": solo, "locked": locked, "hidden": hidden}
    changes = {name: value for name, value in given.items() if value is not None}

    def apply(document: Document) -> Document:
        return with_track(document, msgspec.structs.replace(get_track(document, track_id), **changes))

    return apply


def set_track_colour(track_id: str, colour: str | None) -> Edit:
    """Set a track's colour as "#rrggbb"; None gives it the colour of its kind."""
    if colour is not None and not is_colour(colour):
        raise EditError("A colour is written as #rrggbb.")
    return lambda document: with_track(document, msgspec.structs.replace(get_track(document, track_id), colour=colour))


def set_track_height(track_id: str, height: int) -> Edit:
    """Set a track's height in logical pixels, held between 16 and 1024."""
    held = max(MIN_HEIGHT, min(MAX_HEIGHT, height))
    return lambda document: with_track(document, msgspec.structs.replace(get_track(document, track_id), height=held))
