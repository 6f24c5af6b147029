"""Questions about a document: where an item is, what lies in a span, which source frames a clip shows.

Items of a track are sorted by (start frame, id), so time look-ups bisect. Look-ups by id scan one tuple; that costs
about 3 ms in a track of 100,000 keys, which is why edits take many ids at once instead of being called in a loop.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from operator import lt

import msgspec

from genmo_studio.document.model import (
    ContactClip,
    Document,
    Item,
    LockClip,
    Marker,
    MediaRef,
    MusicClip,
    PoseKey,
    ResultPiece,
    Take,
    TextClip,
    Track,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.time import Span

MAX_FRAMES = 1_000_000
"""Longest project, in frames (9 hours at 30 frames a second)."""

MediaClip = VideoClip | MusicClip

ITEM_TYPES: dict[TrackKind, type[Item]] = {
    TrackKind.VIDEO: VideoClip,
    TrackKind.TEXT: TextClip,
    TrackKind.MUSIC: MusicClip,
    TrackKind.FULL_KEYS: PoseKey,
    TrackKind.PARTIAL_KEYS: PoseKey,
    TrackKind.PATH: Waypoint,
    TrackKind.CONTACTS: ContactClip,
    TrackKind.TWEAKS: Tweak,
    TrackKind.LOCKS: LockClip,
}
"""The type of item that each kind of track accepts."""


def item_start(item: Item) -> int:
    """First frame of a clip, or the frame of a key."""
    return item.frame if isinstance(item, PoseKey | Waypoint) else item.span.start


def item_span(item: Item) -> Span:
    """The frames an item occupies; a key occupies its frame and those that it holds."""
    if isinstance(item, PoseKey):
        return Span(item.frame, item.frame + 1 + item.hold)
    return Span(item.frame, item.frame + 1) if isinstance(item, Waypoint) else item.span


def sort_key(item: Item) -> tuple[int, str]:
    """The order of items in a track."""
    return item_start(item), item.id


def in_order(items: Sequence[Item]) -> list[Item]:
    """Items in the order of a track; quick where that is the order that they have."""
    starts = [item_start(item) for item in items]
    if all(map(lt, starts, starts[1:])):
        return list(items)
    return sorted(items, key=sort_key)


def shifted(item: Item, frames: int) -> Item:
    """The same item, ``frames`` later."""
    if isinstance(item, PoseKey | Waypoint):
        return msgspec.structs.replace(item, frame=item.frame + frames)
    return msgspec.structs.replace(item, span=item.span.shifted(frames))


def find_track(document: Document, track_id: str) -> Track | None:
    """The track with this id."""
    return next((track for track in document.tracks if track.id == track_id), None)


def find_item(document: Document, item_id: str) -> Item | None:
    """The clip or key with this id."""
    found = _find(document, item_id)
    return found[1] if found else None


def track_of(document: Document, item_id: str) -> Track | None:
    """The track that holds the item with this id."""
    found = _find(document, item_id)
    return found[0] if found else None


def _find(document: Document, item_id: str) -> tuple[Track, Item] | None:
    for track in document.tracks:
        for item in track.items:
            if item.id == item_id:
                return track, item
    return None


def find_media(document: Document, media_id: str) -> MediaRef | None:
    """The media reference with this id."""
    return next((media for media in document.media if media.id == media_id), None)


def find_take(document: Document, take_id: str) -> Take | None:
    """The take with this id."""
    return next((take for take in document.takes if take.id == take_id), None)


def differ_in_takes_alone(old: Document, new: Document) -> bool:
    """True when a document came from another by takes and the result alone: nothing that the user laid down changed."""
    apart = (name for name in old.__struct_fields__ if getattr(old, name) is not getattr(new, name))
    return all(name in ("takes", "result") for name in apart)


def motions_of(take: Take) -> tuple[str, ...]:
    """Blobs that a take needs: its motion and, for a regeneration, the motion that it started from."""
    return (take.blob, take.base) if take.base else (take.blob,)


def find_marker(document: Document, marker_id: str) -> Marker | None:
    """The marker with this id."""
    return next((marker for marker in document.markers if marker.id == marker_id), None)


def items_in(track: Track, span: Span) -> tuple[Item, ...]:
    """Items of the track with at least one frame in the span, in track order; keys by their own frame alone."""
    stop = bisect_left(track.items, span.stop, key=item_start)
    if ITEM_TYPES[track.kind] in (PoseKey, Waypoint):
        return track.items[bisect_left(track.items, span.start, key=item_start) : stop]
    return tuple(item for item in track.items[:stop] if item_span(item).stop > span.start)


def items_at(track: Track, frame: int) -> tuple[Item, ...]:
    """Items of the track that cover one frame."""
    return items_in(track, Span(frame, frame + 1))


def all_items(document: Document) -> Iterator[tuple[Track, Item]]:
    """Every clip and key with its track."""
    for track in document.tracks:
        for item in track.items:
            yield track, item


def heard_tracks(document: Document) -> tuple[Track, ...]:
    """Tracks that condition the motion: not muted and, when any track is solo, solo. Hidden tracks count."""
    any_solo = any(track.solo for track in document.tracks)
    return tuple(track for track in document.tracks if not track.muted and (track.solo or not any_solo))


def heard_items(items: Iterable[Item]) -> Iterator[Item]:
    """Items that are not muted and have a weight above zero."""
    return (item for item in items if not item.muted and item.weight > 0)


def source_at(clip: MediaClip, frame: int) -> int:
    """Source frame boundary at a timeline frame boundary; linear, also beyond the clip's ends. Rounds half up."""
    length, source = clip.span.length, clip.source.length
    return clip.source.start + (2 * (frame - clip.span.start) * source + length) // (2 * length)


def source_of(clip: MediaClip, span: Span) -> Span:
    """The source range that belongs to a part of the clip's span; at least one frame, inside the clip's source."""
    start = min(max(source_at(clip, span.start), clip.source.start), clip.source.stop - 1)
    return Span(start, min(max(source_at(clip, span.stop), start + 1), clip.source.stop))


def trim_limits(document: Document, clip: Item) -> Span:
    """How far the edges of a clip may be dragged outwards: (smallest start, largest stop) on the timeline.

    Video and music are limited by their medium where its length is known; others only by the start of the project.
    A key cannot be trimmed: its own frame is returned.
    """
    if isinstance(clip, PoseKey | Waypoint):
        return Span(clip.frame, clip.frame + 1)
    if not isinstance(clip, VideoClip | MusicClip):
        return Span(0, MAX_FRAMES)
    media = find_media(document, clip.media)
    known = media.frames if media else None
    span, source = clip.span, clip.source
    before = source.start * span.length // source.length
    after = MAX_FRAMES if known is None else max(0, known - source.stop) * span.length // source.length
    return Span(max(0, span.start - before), min(MAX_FRAMES, span.stop + after))


def take_frame(piece: ResultPiece, take: Take, frame: int) -> int:
    """The frame of the take's motion that a piece of the result shows at a timeline frame."""
    return frame - piece.offset - take.span.start
