"""Edits of clips: trim, split, retime, and what they say."""

from collections.abc import Iterable

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, change_items, new_id, positions_of, put, with_items
from genmo_studio.document.edits.items import get_item
from genmo_studio.document.model import (
    Clip,
    Document,
    Item,
    MusicClip,
    PoseKey,
    TempoScale,
    TextClip,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import find_media, source_at, source_of
from genmo_studio.document.time import Span


def _as_clip(item: Item) -> Clip:
    if isinstance(item, PoseKey | Waypoint):
        raise EditError("A key has no length; move it instead.")
    return item


def part_of(clip: Clip, span: Span) -> Clip:
    """The part of a clip inside ``span`` (which lies inside the clip); its source follows proportionally."""
    if not isinstance(clip, VideoClip | MusicClip):
        return msgspec.structs.replace(clip, span=span)
    return msgspec.structs.replace(clip, span=span, source=source_of(clip, span))


def severed(clip: Clip, frame: int) -> tuple[Clip, Clip]:
    """Both parts of a clip at a frame inside it; a tweak neither fades nor grows at the cut."""
    left, right = part_of(clip, Span(clip.span.start, frame)), part_of(clip, Span(frame, clip.span.stop))
    if isinstance(left, Tweak) and isinstance(right, Tweak):
        return msgspec.structs.replace(left, fall=0), msgspec.structs.replace(right, rise=0)
    return left, right


def trim_start(item_id: str, frame: int) -> Edit:
    """Move the first frame of a clip; its end stays and its source follows at the clip's speed."""
    return _trim(item_id, start=frame)


def trim_end(item_id: str, frame: int) -> Edit:
    """Move the end (first frame no longer shown) of a clip; its start stays and its source follows."""
    return _trim(item_id, stop=frame)


def _trim(item_id: str, *, start: int | None = None, stop: int | None = None) -> Edit:
    def apply(document: Document) -> Document:
        clip = _as_clip(get_item(document, item_id))
        span = Span(clip.span.start if start is None else start, clip.span.stop if stop is None else stop)
        if span.start >= span.stop:
            raise EditError("A clip keeps at least one frame.")
        return change_items(document, (item_id,), lambda _item: _trimmed(document, clip, span))

    return apply


def _trimmed(document: Document, clip: Clip, span: Span) -> Clip:
    if not isinstance(clip, VideoClip | MusicClip) or (span.start >= clip.span.start and span.stop <= clip.span.stop):
        return part_of(clip, span)
    start, stop = source_at(clip, span.start), source_at(clip, span.stop)
    media = find_media(document, clip.media)
    name = media.name if media else "the medium"
    if start < 0:
        raise EditError(f"“{name}” has no frames before its start.")
    if media and media.frames is not None and stop > media.frames:
        raise EditError(f"“{name}” has no frames after its end.")
    return msgspec.structs.replace(clip, span=span, source=Span(start, max(stop, start + 1)))


def split_items(ids: Iterable[str], frame: int, *, new_ids: Iterable[str] | None = None) -> Edit:
    """Cut clips in two at a frame boundary; the source is divided proportionally.

    The left part keeps the id, the right part gets the new one. Clips that the frame does not cut stay as they are;
    EditError when none is cut.
    """
    wanted = tuple(ids)
    names = dict(zip(wanted, new_ids, strict=True)) if new_ids is not None else {old: new_id() for old in wanted}

    def apply(document: Document) -> Document:
        result = document
        for track, indices in positions_of(document, wanted):
            cut = [index for index in indices if _is_cut(track.items[index], frame)]
            parts: list[Item] = []
            for index in cut:
                clip = _as_clip(track.items[index])
                left, right = severed(clip, frame)
                parts += [left, msgspec.structs.replace(right, id=names[clip.id])]
            if cut:
                result = with_items(result, track, put(track, parts, without=cut))
        if result is document:
            raise EditError("No selected clip lies across this frame.")
        return result

    return apply


def _is_cut(item: Item, frame: int) -> bool:
    return not isinstance(item, PoseKey | Waypoint) and item.span.start < frame < item.span.stop


def retime(item_id: str, span: Span) -> Edit:
    """Give a clip another span and keep its source: it plays faster or slower."""

    def change(item: Item) -> Item:
        return msgspec.structs.replace(_as_clip(item), span=span)

    return lambda document: change_items(document, (item_id,), change)


def stretch_items(ids: Iterable[str], *, old: Span, new: Span) -> Edit:
    """Scale items in time so that the span ``old`` becomes ``new``; sources stay. EditError when keys collide."""
    wanted = tuple(ids)

    def scaled(frame: int) -> int:
        return new.start + (2 * (frame - old.start) * new.length + old.length) // (2 * old.length)

    def length(frames: int) -> int:
        return (2 * frames * new.length + old.length) // (2 * old.length)

    def change(item: Item) -> Item:
        if isinstance(item, PoseKey):
            return msgspec.structs.replace(item, frame=scaled(item.frame), hold=length(item.hold))
        if isinstance(item, Waypoint):
            return msgspec.structs.replace(item, frame=scaled(item.frame))
        start = scaled(item.span.start)
        made = msgspec.structs.replace(item, span=Span(start, max(scaled(item.span.stop), start + 1)))
        if not isinstance(made, Tweak):
            return made
        return msgspec.structs.replace(made, rise=length(made.rise), fall=length(made.fall))

    def apply(document: Document) -> Document:
        if old.length < 1 or new.length < 1:
            raise EditError("Time can only be stretched to at least one frame.")
        return change_items(document, wanted, change)

    return apply


def slip_source(item_id: str, *, by: int) -> Edit:
    """Show another part of the medium in the same span: the source moves by whole frames."""

    def change(item: Item) -> Item:
        if not isinstance(item, VideoClip | MusicClip):
            raise EditError("Only video and music have a source to slip.")
        return msgspec.structs.replace(item, source=item.source.shifted(by))

    return lambda document: change_items(document, (item_id,), change)


def set_text(item_id: str, text: str) -> Edit:
    """Change what a text clip says."""

    def change(item: Item) -> Item:
        if not isinstance(item, TextClip):
            raise EditError("Only a text clip has a text.")
        return msgspec.structs.replace(item, text=text)

    return lambda document: change_items(document, (item_id,), change)


def _as_music(item: Item) -> MusicClip:
    if not isinstance(item, MusicClip):
        raise EditError("Only a music clip has a tempo and a gain.")
    return item


def set_tempo(item_id: str, tempo: TempoScale) -> Edit:
    """Correct the detected tempo of a music clip."""
    return lambda document: change_items(
        document, (item_id,), lambda item: msgspec.structs.replace(_as_music(item), tempo=tempo)
    )


def set_gain(item_id: str, gain: float) -> Edit:
    """Set the loudness of a music clip (1 = as recorded)."""
    return lambda document: change_items(
        document, (item_id,), lambda item: msgspec.structs.replace(_as_music(item), gain=float(gain))
    )
