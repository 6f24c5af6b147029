"""What was copied: items with their tracks, media and markers, as bytes that another window can read.

Bytes from a clipboard may come from anywhere: they are read within limits and checked like a project, and refused as a
whole when anything about them is wrong. Nothing of them is repaired.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from genmo_studio.document.model import (
    Document,
    Item,
    Marker,
    MediaRef,
    MusicClip,
    PoseKey,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import MAX_FRAMES, item_span
from genmo_studio.document.time import Span
from genmo_studio.document.validation import MAX_NAME, id_fault, is_colour, item_fault, marker_fault, media_fault

MIME = "application/x-genmo-studio-items+json"
FORM = 1
MAX_BYTES = 32 << 20
MAX_ITEMS = 200_000
MAX_FPS = 1000
MAX_ROWS = 1_000


class ClippingError(ValueError):
    """Not something that can be pasted; the message is one sentence."""


class ClippedTrack(msgspec.Struct, frozen=True):
    """Items that were copied from one track."""

    id: str
    kind: TrackKind
    name: str
    items: tuple[Item, ...]


class Clipping(msgspec.Struct, frozen=True):
    """Copied items at the frames where they lay, with what they need to be understood elsewhere."""

    form: int
    fps: int
    tracks: tuple[ClippedTrack, ...] = ()
    media: tuple[MediaRef, ...] = ()
    markers: tuple[Marker, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, track by track."""
        return tuple(item for track in self.tracks for item in track.items)

    @property
    def span(self) -> Span:
        """From the first to the last copied frame; at least one frame."""
        spans = [item_span(item) for item in self.items]
        spans += [Span(marker.frame, marker.frame + marker.length) for marker in self.markers]
        start = min(span.start for span in spans)
        return Span(start, max(start + 1, *(span.stop for span in spans)))

    def at_rate(self, fps: int) -> "Clipping":
        """The same for a project of another rate: times in frames of that rate, nothing shorter than a frame."""
        if fps == self.fps:
            return self
        tracks = tuple(
            msgspec.structs.replace(track, items=tuple(_at_rate(item, self.fps, fps) for item in track.items))
            for track in self.tracks
        )
        media = tuple(
            ref if ref.frames is None else msgspec.structs.replace(ref, frames=max(1, ref.frames * fps // self.fps))
            for ref in self.media
        )
        markers = tuple(
            msgspec.structs.replace(m, frame=_scaled(m.frame, self.fps, fps), length=_scaled(m.length, self.fps, fps))
            for m in self.markers
        )
        return _held_in_media(msgspec.structs.replace(self, fps=fps, tracks=tracks, media=media, markers=markers))


def _scaled(frames: int, old: int, new: int) -> int:
    return (2 * frames * new + old) // (2 * old)


def _at_rate(item: Item, old: int, new: int) -> Item:
    if isinstance(item, PoseKey):
        return msgspec.structs.replace(item, frame=_scaled(item.frame, old, new), hold=_scaled(item.hold, old, new))
    if isinstance(item, Waypoint):
        return msgspec.structs.replace(item, frame=_scaled(item.frame, old, new))

    def span(value: Span) -> Span:
        start = _scaled(value.start, old, new)
        return Span(start, max(start + 1, _scaled(value.stop, old, new)))

    if isinstance(item, VideoClip | MusicClip):
        return msgspec.structs.replace(item, span=span(item.span), source=span(item.source))
    if isinstance(item, Tweak):
        rise, fall = (_scaled(frames, old, new) for frames in (item.rise, item.fall))
        return msgspec.structs.replace(item, span=span(item.span), rise=rise, fall=fall)
    return msgspec.structs.replace(item, span=span(item.span))


def _held_in_media(clipping: Clipping) -> Clipping:
    """Rounding may put the end of a source one frame behind the end of its medium; take that frame back."""
    ends = {ref.id: ref.frames for ref in clipping.media if ref.frames is not None}

    def held(item: Item) -> Item:
        if not isinstance(item, VideoClip | MusicClip) or item.source.stop <= ends.get(item.media, MAX_FRAMES):
            return item
        end = ends[item.media]
        return msgspec.structs.replace(item, source=Span(min(item.source.start, end - 1), end))

    tracks = tuple(
        msgspec.structs.replace(track, items=tuple(held(item) for item in track.items)) for track in clipping.tracks
    )
    return msgspec.structs.replace(clipping, tracks=tracks)


def clip(
    document: Document, ids: Iterable[str], *, locate: Callable[[MediaRef], Path | None] = lambda _ref: None
) -> Clipping | None:
    """Copy items and markers; None when none of the ids is one.

    ``locate`` says where a medium is, so that a project in another folder finds it too.
    """
    wanted = set(ids)
    tracks = []
    for track in document.tracks:
        chosen = tuple(item for item in track.items if item.id in wanted)
        if chosen:
            tracks.append(ClippedTrack(track.id, track.kind, track.name, chosen))
    markers = tuple(marker for marker in document.markers if marker.id in wanted)
    if not tracks and not markers:
        return None
    used = {item.media for track in tracks for item in track.items if isinstance(item, VideoClip | MusicClip)}
    media = tuple(_absolute(ref, locate) for ref in document.media if ref.id in used)
    return Clipping(FORM, document.fps, tuple(tracks), media, markers)


def _absolute(ref: MediaRef, locate: Callable[[MediaRef], Path | None]) -> MediaRef:
    path = locate(ref)
    absolute = ref.absolute_path if path is None else str(path)
    return msgspec.structs.replace(ref, absolute_path=absolute, relative_path=None)


def encode(clipping: Clipping) -> bytes:
    """Bytes for the clipboard."""
    return msgspec.json.encode(clipping)


def decode(data: bytes) -> Clipping:
    """What the bytes hold. ClippingError for anything that is not sound."""
    if len(data) > MAX_BYTES:
        raise ClippingError(f"The clipboard holds more than {MAX_BYTES >> 20} MiB, which is too much to paste.")
    try:
        clipping = msgspec.json.decode(data, type=Clipping)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError, MemoryError) as error:
        raise ClippingError("What the clipboard holds is not something from a timeline.") from error
    fault = _fault(clipping)
    if fault:
        raise ClippingError(f"What the clipboard holds cannot be pasted: {fault}.")
    return clipping


def _fault(clipping: Clipping) -> str | None:
    """The first thing that is wrong."""
    if clipping.form != FORM:
        return "another version of the program copied it"
    if not 1 <= clipping.fps <= MAX_FPS:
        return "its frame rate is not possible"
    items = clipping.items
    if not items and not clipping.markers:
        return "it is empty"
    rows = max(len(clipping.tracks), len(clipping.media), len(clipping.markers))
    if len(items) > MAX_ITEMS or rows > MAX_ROWS:
        return "it holds too many things"
    ids = [thing.id for thing in (*items, *clipping.markers)]
    media_ids = [ref.id for ref in clipping.media]
    if len(set(ids)) < len(ids) or len(set(media_ids)) < len(media_ids):
        return "an id is used twice"
    return _fault_inside(clipping)


def _fault_inside(clipping: Clipping) -> str | None:
    media = {ref.id: ref for ref in clipping.media}
    for ref in clipping.media:
        if fault := media_fault(ref) or _name_fault(ref.name):
            return fault
    for marker in clipping.markers:
        if fault := marker_fault(marker) or _name_fault(marker.name):
            return fault
        if not is_colour(marker.colour):
            return "the colour of a marker is not a colour"
    for track in clipping.tracks:
        if fault := id_fault(track.id) or _name_fault(track.name):
            return fault
        for item in track.items:
            if fault := item_fault(item, track.kind, media):
                return fault
    return None


def _name_fault(name: str) -> str | None:
    return None if len(name) <= MAX_NAME else f"a name is longer than {MAX_NAME:,} characters"
