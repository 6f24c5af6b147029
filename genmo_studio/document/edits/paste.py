"""Putting copied items into a project."""

from collections.abc import Sequence

import msgspec

from genmo_studio.document.clipping import ClippedTrack, Clipping
from genmo_studio.document.edits.core import Edit, EditError
from genmo_studio.document.edits.items import add_items
from genmo_studio.document.edits.project import add_marker, add_media
from genmo_studio.document.edits.ripple import insert_time
from genmo_studio.document.edits.tracks import add_track
from genmo_studio.document.model import Document, Item, MediaRef, MusicClip, Track, VideoClip
from genmo_studio.document.queries import find_track, shifted


def paste(
    clipping: Clipping, at: int, *, new_ids: Sequence[str], track: str | None = None, insert: bool = False
) -> Edit:
    """Put copied items into the project so that the first of them starts at frame ``at``.

    ``new_ids`` names the items and then the markers, in the order of ``clipping.items`` and ``clipping.markers``.
    Each goes to the track it came from, else to an open track of its kind, else to a new one; ``track`` is preferred
    when all come from one track of its kind. ``insert`` moves everything behind ``at`` out of the way, on all open
    tracks. Media that the project does not know are added.
    """
    if len(new_ids) != len(clipping.items) + len(clipping.markers):
        raise ValueError("one new id for each copied item and marker")
    span, names = clipping.span, tuple(new_ids)
    shift = at - span.start
    room = insert_time(at, span.length) if insert else None

    def apply(document: Document) -> Document:
        if clipping.fps != document.fps:
            raise EditError("This was copied at another frame rate.")
        result = document if room is None else room(document)
        result, media = _with_media(result, clipping.media, seed=names[0])
        used: set[str] = set()
        rest = iter(names)
        for number, source in enumerate(clipping.tracks):
            preferred = track if len(clipping.tracks) == 1 else None
            result, target = _target(result, source, used=used, preferred=preferred, name=f"{names[0]}-t{number}")
            used.add(target)
            items = [_renamed(shifted(item, shift), next(rest), media) for item in source.items]
            result = add_items(target, items)(result)
        for marker in clipping.markers:
            placed = msgspec.structs.replace(marker, id=next(rest), frame=marker.frame + shift)
            result = add_marker(placed)(result)
        return result

    return apply


def _renamed(item: Item, name: str, media: dict[str, str]) -> Item:
    if isinstance(item, VideoClip | MusicClip):
        return msgspec.structs.replace(item, id=name, media=media[item.media])
    return msgspec.structs.replace(item, id=name)


def _with_media(document: Document, media: tuple[MediaRef, ...], *, seed: str) -> tuple[Document, dict[str, str]]:
    """The document with all media, and the id that each has there."""
    known: dict[str, str] = {}
    for number, ref in enumerate(media):
        same = next((other for other in document.media if _same_file(ref, other)), None)
        if same is not None:
            known[ref.id] = same.id
            continue
        free = all(other.id != ref.id for other in document.media)
        known[ref.id] = ref.id if free else f"{seed}-m{number}"
        document = add_media(msgspec.structs.replace(ref, id=known[ref.id]))(document)
    return document, known


def _same_file(copied: MediaRef, known: MediaRef) -> bool:
    if copied.kind is not known.kind:
        return False
    if copied.sha256 is not None and known.sha256 is not None:
        return copied.sha256 == known.sha256
    if copied.absolute_path is not None and copied.absolute_path == known.absolute_path:
        return True
    return copied.id == known.id and copied.name == known.name and copied.size == known.size


def _target(
    document: Document, source: ClippedTrack, *, used: set[str], preferred: str | None, name: str
) -> tuple[Document, str]:
    """The track that takes the items of a copied one; made when no open one is left."""

    def fits(track: Track | None) -> bool:
        return track is not None and track.kind is source.kind and not track.locked and track.id not in used

    for candidate in (find_track(document, preferred) if preferred else None, find_track(document, source.id)):
        if candidate is not None and fits(candidate):
            return document, candidate.id
    found = next((track for track in document.tracks if fits(track) and not track.hidden), None)
    if found is not None:
        return document, found.id
    return add_track(source.kind, name=source.name or None, track_id=name)(document), name
