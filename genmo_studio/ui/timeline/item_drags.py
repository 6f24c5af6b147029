"""Drags of clips and keys: move and copy, trim, stretch. Pure, no Qt."""

from collections.abc import Sequence

from genmo_studio.document.edits import (
    Edit,
    duplicate_items,
    move_items,
    new_id,
    stretch_items,
    trim_end,
    trim_start,
)
from genmo_studio.document.model import Item, Track
from genmo_studio.document.queries import find_item, item_span, item_start, track_of, trim_limits
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.commands import noun
from genmo_studio.ui.timeline.drags import BOTH, EditDrag, Scene
from genmo_studio.ui.timeline.effects import Effect, Guide, Modifier, Pointer
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.index import KEY_KINDS
from genmo_studio.ui.timeline.snap import Snap, snap_frame, snap_shift
from genmo_studio.ui.timeline.timecode import format_duration, format_time

_MOST_EDGES = 64
LOCKED = "This track is locked"


class Move(EditDrag):
    """Items follow the pointer in time, and across tracks of their kind when they come from one track.

    With Ctrl held when the drag begins, copies follow the pointer and the items stay.
    """

    reach = BOTH

    def __init__(
        self,
        hit: Hit,
        ids: frozenset[str],
        pointer: Pointer,
        scene: Scene,
        *,
        clicked: Sequence[Effect] = (),
        begun: Sequence[Effect] = (),
    ) -> None:
        super().__init__(pointer, clicked=clicked, begun=begun)
        document = scene.document
        chosen = [(t, i) for t in document.tracks if not t.locked for i in t.items if i.id in ids]
        self._pressed = hit.item
        self._grabbed_at = hit.frame
        self._items: list[Item] = [item for _, item in chosen]
        self._ids = tuple(item.id for item in self._items)
        self._copies: tuple[str, ...] | None = None
        sources = {track.id: track for track, _ in chosen}
        self._source: Track | None = next(iter(sources.values())) if len(sources) == 1 else None
        self._edges = self._snap_edges(chosen)
        self._targets = scene.targets(exclude=frozenset(self._ids))
        self._with_originals = scene.targets
        self.label = f"Move {noun(self._items)}"

    def begin(self, pointer: Pointer) -> None:
        """See EditDrag."""
        if pointer.modifiers & Modifier.CTRL:
            self._copies = tuple(new_id() for _ in self._ids)
            self._targets = self._with_originals()
            self.label = f"Copy {noun(self._items)}"

    @property
    def chosen(self) -> frozenset[str] | None:
        """See EditDrag."""
        return None if self._copies is None else frozenset(self._copies)

    def _snap_edges(self, chosen: list[tuple[Track, Item]]) -> tuple[int, ...]:
        edges: set[int] = set()
        some = chosen if len(chosen) <= _MOST_EDGES else [c for c in chosen if c[1].id == self._pressed]
        for track, item in some:
            span = item_span(item)
            edges.update((span.start,) if track.kind in KEY_KINDS else (span.start, span.stop))
        return tuple(sorted(edges))

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        if not self._items:
            return None, Guide(readout=LOCKED)
        wanted = scene.layout.view.frame_at(pointer.x) - self._grabbed_at
        snap = snap_shift(wanted, self._edges, self._targets, within=scene.within(pointer))
        first = min(item_start(item) for item in self._items)
        shift = max(snap.frame, -first)
        target = self._target(pointer, scene)
        at = format_time(first + shift, fps=scene.document.fps, style=scene.time_format)
        copying = "" if self._copies is None else "copy   "
        words = f"{copying}{shift:+d} f   {at}"
        shown = guide(snap, words, taken=shift == snap.frame)
        return (None if shift == 0 and target is None else self._edit(shift, target)), shown

    def _edit(self, shift: int, target: str | None) -> Edit:
        if self._copies is None:
            return move_items(self._ids, by=shift, to_track=target)
        return duplicate_items(self._ids, by=shift, new_ids=self._copies, to_track=target)

    def _target(self, pointer: Pointer, scene: Scene) -> str | None:
        row = scene.layout.row_at(pointer.y)
        if row is None or row.track is None or self._source is None or row.track.id == self._source.id:
            return None
        return row.track.id if row.track.kind is self._source.kind and not row.track.locked else None


class Trim(EditDrag):
    """One edge of a clip follows the pointer, as far as its medium reaches."""

    def __init__(self, hit: Hit, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.item is not None, "an edge belongs to a clip"
        assert hit.span is not None, "a clip has a span"
        self._id, self._span = hit.item, hit.span
        self._at_start = hit.kind is HitKind.START_EDGE
        self.label = "Trim Start" if self._at_start else "Trim End"
        item = find_item(scene.document, hit.item)
        track = track_of(scene.document, hit.item)
        self._locked = track is None or track.locked or item is None
        limits = trim_limits(scene.document, item) if item is not None else hit.span
        edge = self._span.start if self._at_start else self._span.stop
        self._offset = edge - hit.frame
        self._range = (limits.start, self._span.stop - 1) if self._at_start else (self._span.start + 1, limits.stop)
        self._targets = scene.targets(exclude=frozenset({hit.item}))

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        if self._locked:
            return None, Guide(readout=LOCKED)
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        snap = snap_frame(wanted, self._targets, within=scene.within(pointer))
        frame = max(self._range[0], min(snap.frame, self._range[1]))
        old = self._span.start if self._at_start else self._span.stop
        length = self._span.stop - frame if self._at_start else frame - self._span.start
        shown = guide(snap, _length_words(frame - old, length, scene), taken=frame == snap.frame)
        if frame == old:
            return None, shown
        return (trim_start if self._at_start else trim_end)(self._id, frame), shown


class Stretch(EditDrag):
    """Alt and drag: the far end of what is selected stays, the grabbed place follows, all between is scaled in time."""

    def __init__(self, hit: Hit, ids: frozenset[str], pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.span is not None, "an item has a span"
        document = scene.document
        items = [i for t in document.tracks if not t.locked for i in t.items if i.id in ids]
        self._ids = tuple(item.id for item in items)
        self.label = f"Stretch {noun(items)}"
        starts = [item_start(item) for item in items]
        keys = hit.kind is HitKind.KEY
        ends = starts if keys else [item_span(item).stop for item in items]
        first, last = min(starts, default=0), max(ends, default=0)
        grabbed = hit.span.stop if hit.kind is HitKind.STOP_EDGE else hit.span.start
        self._from_right = hit.kind is HitKind.STOP_EDGE or (keys and grabbed - first > last - grabbed)
        self._anchor, self._grabbed = (first, grabbed) if self._from_right else (last, grabbed)
        self._offset = grabbed - hit.frame
        self._least = max(1, len(set(starts)) - 1)
        self._targets = scene.targets(exclude=frozenset(self._ids))

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        if not self._ids or self._anchor == self._grabbed:
            return None, Guide(readout=LOCKED if not self._ids else "Select two or more keys to stretch them")
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        snap = snap_frame(wanted, self._targets, within=scene.within(pointer))
        anchor = self._anchor
        if self._from_right:
            frame = max(snap.frame, anchor + self._least)
            old, new = Span(anchor, self._grabbed), Span(anchor, frame)
        else:
            frame = max(0, min(snap.frame, anchor - self._least))
            old, new = Span(self._grabbed, anchor), Span(frame, anchor)
        words = f"{new.length / old.length:.0%}   {_length_words(frame - self._grabbed, new.length, scene)}"
        shown = guide(snap, words, taken=frame == snap.frame)
        return (None if new == old else stretch_items(self._ids, old=old, new=new)), shown


def guide(snap: Snap, words: str, *, taken: bool) -> Guide:
    """What is shown beside the pointer: the read-out; where a target was taken, its line and what it is."""
    if not taken or snap.line is None or snap.source is None:
        return Guide(readout=words)
    return Guide(snap.line, f"{words}   on {snap.source.word}")


def _length_words(change: int, length: int, scene: Scene) -> str:
    """What changed and how long it is now, for the read-out beside the pointer."""
    return f"{change:+d} f   length {format_duration(length, fps=scene.document.fps, style=scene.time_format)}"
