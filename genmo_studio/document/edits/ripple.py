"""Edits that move everything behind a point: insert time, remove time, close a gap, ripple delete.

On all unlocked tracks (``tracks=None``) the project's length, the in/out marks and the result move along; on chosen
tracks only their items do. Markers move with them unless ``markers=False``. Takes never change: a moved piece of the
result remembers by how much (``ResultPiece.offset``).
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import count

import msgspec

from genmo_studio.document.edits.clips import part_of, severed
from genmo_studio.document.edits.core import (
    Edit,
    EditError,
    changed,
    get_track,
    grown,
    new_id,
    positions_of,
    put,
    unlocked,
    with_items,
)
from genmo_studio.document.edits.takes import cut_pieces
from genmo_studio.document.model import (
    Clip,
    Document,
    Item,
    LockClip,
    Marker,
    MusicClip,
    PoseKey,
    ResultPiece,
    Track,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import MAX_FRAMES, item_span, item_start, shifted, sort_key, track_of
from genmo_studio.document.time import Span


def insert_time(at: int, frames: int, *, tracks: Collection[str] | None = None, markers: bool = True) -> Edit:
    """Insert empty frames before frame ``at``. Media clips and locks across it are split; others, and holds, grow."""
    seed = new_id()

    def apply(document: Document) -> Document:
        if at < 0 or frames < 1:
            raise EditError("Only a positive number of frames can be inserted, at frame 0 or later.")
        _require_room(document, frames)
        names = (f"{seed}-{number}" for number in count())
        result = document
        for track in _chosen(document, tracks):
            items = [part for item in track.items for part in _opened(item, at, frames, names)]
            result = _with_sorted(result, track, items)
        if markers:
            moved = (_opened_marker(marker, at, frames) for marker in document.markers)
            result = changed(result, markers=tuple(moved))
        if tracks is None:
            result = _with_longer(result, at, frames)
        return grown(result, _last_stop(result))

    return apply


def delete_time(span: Span, *, tracks: Collection[str] | None = None, markers: bool = True) -> Edit:
    """Remove the frames of ``span`` with what lies in them and close up. Clips that show no medium keep the rest."""
    seed = new_id()

    def apply(document: Document) -> Document:
        if span.start < 0 or span.length < 1:
            raise EditError("There is no time to remove here.")
        names = (f"{seed}-{number}" for number in count())
        result = document
        for track in _chosen(document, tracks):
            items = [part for item in track.items for part in _closed(item, span, names)]
            result = _with_sorted(result, track, items)
        if markers:
            moved = (_closed_marker(marker, span) for marker in document.markers)
            result = changed(result, markers=tuple(marker for marker in moved if marker))
        return _with_shorter(result, span) if tracks is None else result

    return apply


def close_gap(frame: int, *, tracks: Collection[str] | None = None, markers: bool = True) -> Edit:
    """Remove the empty time around ``frame`` up to the next item of the tracks; EditError when there is none."""

    def apply(document: Document) -> Document:
        spans = [item_span(item) for track in _chosen(document, tracks) for item in track.items]
        if any(frame in span for span in spans):
            raise EditError("There is no gap at this frame.")
        after = min((span.start for span in spans if span.start > frame), default=None)
        if after is None:
            raise EditError("Nothing follows this frame, so there is no gap to close.")
        before = max((span.stop for span in spans if span.stop <= frame), default=0)
        return delete_time(Span(before, after), tracks=tracks, markers=markers)(document)

    return apply


def ripple_delete(ids: Iterable[str], *, all_tracks: bool = False) -> Edit:
    """Remove items and close the time of the removed clips, on their own tracks or on all. Keys leave no time."""
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        result, spans = document, []
        for track, indices in positions_of(document, wanted):
            gone = _merged(item_span(track.items[i]) for i in indices if not _is_key(track.items[i]))
            spans += gone
            items = put(track, (), without=indices)
            if not all_tracks:
                items = tuple(sorted((_pulled(item, gone) for item in items), key=sort_key))
            result = with_items(result, track, items)
        if all_tracks:
            for span in reversed(_merged(spans)):
                result = delete_time(span)(result)
        return result

    return apply


def ripple_trim_start(ids: Iterable[str], frame: int) -> Edit:
    """Cut what lies before ``frame`` off clips and close the time on their tracks: what follows moves left."""
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        result = document
        for item in _across(document, wanted, frame):
            track = track_of(result, item.id)
            assert track is not None, "a trim keeps every item"
            by = frame - item.span.start
            kept = shifted(part_of(item, Span(frame, item.span.stop)), -by)
            items = [
                kept if other.id == item.id else shifted(other, -by) if item_start(other) >= frame else other
                for other in track.items
            ]
            result = _with_sorted(result, track, items)
        return result

    return apply


def ripple_trim_end(ids: Iterable[str], frame: int) -> Edit:
    """Cut what lies from ``frame`` on off clips and close the time on their tracks.

    What starts within the part that is cut off starts at ``frame`` afterwards; all that follows moves as far as the
    clip became shorter.
    """
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        result = document
        for item in _across(document, wanted, frame):
            track = track_of(result, item.id)
            assert track is not None, "a trim keeps every item"
            by = item.span.stop - frame
            kept = part_of(item, Span(item.span.start, frame))
            items: list[Item] = []
            for other in track.items:
                late = item_start(other) - frame
                items.append(kept if other.id == item.id else shifted(other, -min(by, late)) if late > 0 else other)
            result = _with_sorted(result, track, items)
        return result

    return apply


def _across(document: Document, ids: tuple[str, ...], frame: int) -> list[Clip]:
    """The clips among the items that a frame cuts, at most one a track; EditError when there are none."""
    items = [track.items[index] for track, indices in positions_of(document, ids) for index in indices]
    cut = [i for i in items if not isinstance(i, PoseKey | Waypoint) and i.span.start < frame < i.span.stop]
    if not cut:
        raise EditError("No clip lies across this frame.")
    if len({track.id for item in cut if (track := track_of(document, item.id))}) < len(cut):
        raise EditError("Two of these clips lie on one track; select the one that is to be trimmed.")
    return cut


def _is_key(item: Item) -> bool:
    return isinstance(item, PoseKey | Waypoint)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].stop:
            merged[-1] = Span(merged[-1].start, max(span.stop, merged[-1].stop))
        else:
            merged.append(span)
    return merged


def _pulled(item: Item, gone: list[Span]) -> Item:
    earlier = sum(span.length for span in gone if span.stop <= item_start(item))
    return shifted(item, -earlier) if earlier else item


def _chosen(document: Document, tracks: Collection[str] | None) -> list[Track]:
    if tracks is None:
        return [track for track in document.tracks if not track.locked]
    return [unlocked(get_track(document, track_id)) for track_id in tracks]


def _with_sorted(document: Document, track: Track, items: list[Item]) -> Document:
    if len(items) == len(track.items) and all(new is old for new, old in zip(items, track.items, strict=True)):
        return document
    return with_items(document, track, tuple(sorted(items, key=sort_key)))


def _opened(item: Item, at: int, frames: int, names: Iterator[str]) -> Iterator[Item]:
    if item_start(item) >= at:
        yield shifted(item, frames)
    elif isinstance(item, PoseKey) and at <= item.frame + item.hold:
        yield msgspec.structs.replace(item, hold=item.hold + frames)
    elif isinstance(item, PoseKey | Waypoint) or item.span.stop <= at:
        yield item
    elif isinstance(item, VideoClip | MusicClip | LockClip):  # new time is not locked: there is nothing in it yet
        left, right = severed(item, at)
        yield left
        yield shifted(msgspec.structs.replace(right, id=next(names)), frames)
    else:
        yield msgspec.structs.replace(item, span=Span(item.span.start, item.span.stop + frames))


def _closed(item: Item, gone: Span, names: Iterator[str]) -> Iterator[Item]:
    span = item_span(item)
    if span.stop <= gone.start:
        yield item
    elif span.start >= gone.stop:
        yield shifted(item, -gone.length)
    elif isinstance(item, PoseKey):
        if span.start < gone.start:  # the key itself stays; its hold loses what is removed
            yield msgspec.structs.replace(item, hold=item.hold - (min(span.stop, gone.stop) - gone.start))
    elif not isinstance(item, Waypoint):
        yield from _cut_clip(item, gone, names)


def _cut_clip(clip: Clip, gone: Span, names: Iterator[str]) -> Iterator[Clip]:
    span = clip.span
    has_left, has_right = span.start < gone.start, span.stop > gone.stop
    if not isinstance(clip, VideoClip | MusicClip):
        left = min(span.start, gone.start)
        stop = max(span.stop - gone.length, gone.start)
        if has_left or has_right:
            yield msgspec.structs.replace(clip, span=Span(left, stop))
        return
    if has_left:
        yield part_of(clip, Span(span.start, gone.start))
    if has_right:
        right = part_of(clip, Span(gone.stop, span.stop))
        named = msgspec.structs.replace(right, id=next(names)) if has_left else right
        yield msgspec.structs.replace(named, span=named.span.shifted(-gone.length))


def _opened_marker(marker: Marker, at: int, frames: int) -> Marker:
    if marker.frame >= at:
        return msgspec.structs.replace(marker, frame=marker.frame + frames)
    if marker.frame + marker.length > at:
        return msgspec.structs.replace(marker, length=marker.length + frames)
    return marker


def _closed_marker(marker: Marker, gone: Span) -> Marker | None:
    start, stop = marker.frame, marker.frame + max(marker.length, 1)
    if stop <= gone.start:
        return marker
    if start >= gone.stop:
        return msgspec.structs.replace(marker, frame=start - gone.length)
    left, right = max(0, gone.start - start), max(0, stop - gone.stop)
    if not left + right:
        return None
    return msgspec.structs.replace(marker, frame=min(start, gone.start), length=left + right if marker.length else 0)


def _with_longer(document: Document, at: int, frames: int) -> Document:
    pieces: list[ResultPiece] = []
    for piece in document.result:
        if piece.span.stop <= at:
            pieces.append(piece)
            continue
        if piece.span.start < at:
            pieces.append(msgspec.structs.replace(piece, span=Span(piece.span.start, at)))
            piece = msgspec.structs.replace(piece, span=Span(at, piece.span.stop), blend=0)  # noqa: PLW2901
        pieces.append(_shifted_piece(piece, frames))
    marks = document.in_out
    if marks and marks.stop > at:
        marks = Span(marks.start + (frames if marks.start >= at else 0), marks.stop + frames)
    length = document.length + frames if at <= document.length else document.length
    return changed(document, result=tuple(pieces), in_out=marks, length=length)


def _with_shorter(document: Document, gone: Span) -> Document:
    pieces = (
        _shifted_piece(piece, -gone.length) if piece.span.start >= gone.stop else piece
        for piece in cut_pieces(document.result, gone)
    )
    marks = document.in_out
    if marks:
        start, stop = (_closed_boundary(frame, gone) for frame in (marks.start, marks.stop))
        marks = Span(start, stop) if start < stop else None
    length = max(1, _closed_boundary(document.length, gone))
    return changed(document, result=tuple(pieces), in_out=marks, length=length)


def _shifted_piece(piece: ResultPiece, frames: int) -> ResultPiece:
    return msgspec.structs.replace(piece, span=piece.span.shifted(frames), offset=piece.offset + frames)


def _closed_boundary(frame: int, gone: Span) -> int:
    return frame if frame <= gone.start else max(gone.start, frame - gone.length)


def _last_stop(document: Document) -> int:
    """End of the last item; in sorted clips a long early one can end last, so all are looked at."""
    return max((item_span(item).stop for track in document.tracks for item in track.items), default=0)


def _require_room(document: Document, frames: int) -> None:
    marks = [document.in_out.stop] if document.in_out else []
    markers = [marker.frame + marker.length for marker in document.markers]
    pieces = [piece.span.stop for piece in document.result]
    if max(document.length, _last_stop(document), *marks, *markers, *pieces) + frames > MAX_FRAMES:
        raise EditError(f"The project would become longer than {MAX_FRAMES:,} frames.")
