"""The drags of the timeline, one small state machine each, from pointer events to effects. Pure, no Qt.

A drag always computes its edit from the document it began with, so Esc or an error leaves nothing behind.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from genmo_studio.document.edits import Edit, change_marker, move_items, set_track_height, trim_end, trim_start
from genmo_studio.document.model import Document, Item, Track
from genmo_studio.document.queries import find_item, item_span, item_start, track_of, trim_limits
from genmo_studio.ui.timeline.effects import (
    Band,
    Begin,
    Choose,
    Effect,
    Finish,
    Guide,
    Modifier,
    Pan,
    Pointer,
    Preview,
    Restore,
    Seek,
)
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.index import KEY_KINDS, IndexCache
from genmo_studio.ui.timeline.layout import Layout, row_height
from genmo_studio.ui.timeline.snap import Snap, SnapTargets, snap_frame, snap_shift, snap_targets
from genmo_studio.ui.timeline.timecode import TimeFormat, format_duration, format_time
from genmo_studio.ui.timeline.view import Rect

_MOST_EDGES = 64


@dataclass(frozen=True, slots=True)
class Scene:
    """What a tool may look at."""

    layout: Layout
    cache: IndexCache
    selection: frozenset[str] = frozenset()
    playhead: int = 0
    snapping: bool = True
    beats: Callable[[Document], Iterable[int]] = lambda _document: ()
    time_format: TimeFormat = TimeFormat.TIMECODE

    @property
    def document(self) -> Document:
        """The document that is shown (during a gesture: its preview)."""
        return self.layout.document

    def within(self, pointer: Pointer) -> float:
        """Snap distance in frames; 0 when snapping is off. Shift inverts (TL6)."""
        on = self.snapping != bool(pointer.modifiers & Modifier.SHIFT)
        return self.layout.view.metrics.snap_distance / self.layout.view.scale if on else 0.0

    def targets(self, *, exclude: frozenset[str] = frozenset(), playhead: bool = True) -> SnapTargets:
        """Snap targets of the shown document."""
        return snap_targets(
            self.document,
            playhead=self.playhead if playhead else None,
            beats=self.beats(self.document),
            exclude=exclude,
        )


class Drag(Protocol):
    """A gesture in progress."""

    def move(self, pointer: Pointer, scene: Scene, /) -> list[Effect]:
        """The pointer moved with the button held."""

    def release(self) -> list[Effect]:
        """The button was released."""

    def cancel(self) -> list[Effect]:
        """Esc."""


class Scrub:
    """The playhead follows the pointer; Shift snaps."""

    def __init__(self, began_at: int) -> None:
        self._began_at = began_at

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """See Drag."""
        wanted = scene.layout.view.frame_at(pointer.x)
        held = bool(pointer.modifiers & Modifier.SHIFT)
        reach = scene.layout.view.metrics.snap_distance / scene.layout.view.scale if held else 0.0
        snap = snap_frame(wanted, scene.targets(playhead=False), within=reach) if held else Snap(round(wanted))
        return [Seek(max(0, min(snap.frame, scene.document.length - 1)))]

    def release(self) -> list[Effect]:
        """See Drag."""
        return []

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Seek(self._began_at)]


class PanDrag:
    """The content follows the pointer."""

    def __init__(self, pointer: Pointer) -> None:
        self._last = pointer

    def move(self, pointer: Pointer, _scene: Scene) -> list[Effect]:
        """See Drag."""
        last, self._last = self._last, pointer
        return [Pan(pointer.x - last.x, pointer.y - last.y)]

    def release(self) -> list[Effect]:
        """See Drag."""
        return []

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return []


class BoxSelect:
    """A rubber band; with Ctrl or Shift it adds to the selection. A click without a drag clears it."""

    def __init__(self, pointer: Pointer, scene: Scene) -> None:
        self._start = pointer
        adds = bool(pointer.modifiers & (Modifier.CTRL | Modifier.SHIFT))
        self._before = scene.selection
        self._kept = scene.selection if adds else frozenset()
        self._moved = False

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """See Drag."""
        self._moved = self._moved or _far(self._start, pointer, scene)
        if not self._moved:
            return []
        rect = Rect.between(self._start.x, self._start.y, pointer.x, pointer.y)
        return [Band(rect), Choose(self._kept | items_in_rect(scene, rect))]

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Band(None)] if self._moved else [Choose(self._kept)]

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Band(None), Choose(self._before)]


def items_in_rect(scene: Scene, rect: Rect) -> frozenset[str]:
    """Ids of everything whose picture meets a rectangle."""
    view = scene.layout.view
    found: set[str] = set()
    for row in scene.layout.rows:
        if not row.rect.meets(rect):
            continue
        found.update(piece.piece.take for piece in row.pieces if piece.rect.meets(rect))
        found.update(clip.item.id for clip in row.clips if clip.rect.meets(rect))
        found.update(key.item.id for key in row.keys if key.rect.meets(rect))
        if row.runs and row.track is not None:
            index = scene.cache.of(row.track)
            first, last = view.frame_at(rect.x), view.frame_at(rect.right)
            found.update(index.items[p].id for p in index.visible(first, last) if index.stops[p] > first)
    return frozenset(found)


class EditDrag:
    """Shared part of drags that change the document: waits for the threshold, then previews and finishes."""

    label = ""

    def __init__(self, pointer: Pointer) -> None:
        self._start = pointer
        self._began = False

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """The edit for a pointer position, relative to the document at the press, and what to show beside it."""
        raise NotImplementedError

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """See Drag."""
        effects: list[Effect] = []
        if not self._began:
            if not _far(self._start, pointer, scene):
                return []
            self._began = True
            effects.append(Begin(self.label))
        edit, guide = self.plan(pointer, scene)
        return [*effects, Preview(edit), guide]

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Finish(), Guide()] if self._began else []

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Restore(), Guide()] if self._began else []


class Move(EditDrag):
    """Items follow the pointer in time, and across tracks of their kind when they come from one track."""

    def __init__(self, hit: Hit, ids: frozenset[str], pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        document = scene.document
        chosen = [(t, i) for t in document.tracks if not t.locked for i in t.items if i.id in ids]
        self._pressed = hit.item
        self._grabbed_at = hit.frame
        self._items: list[Item] = [item for _, item in chosen]
        self._ids = tuple(item.id for item in self._items)
        sources = {track.id: track for track, _ in chosen}
        self._source: Track | None = next(iter(sources.values())) if len(sources) == 1 else None
        self._edges = self._snap_edges(chosen)
        self._targets = scene.targets(exclude=frozenset(self._ids))
        what = "keys" if all(t.kind in KEY_KINDS for t, _ in chosen) else "items"
        self.label = f"Move {what}" if len(self._ids) > 1 else ("Move key" if what == "keys" else "Move clip")

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
            return None, Guide(readout="This track is locked")
        wanted = scene.layout.view.frame_at(pointer.x) - self._grabbed_at
        snap = snap_shift(wanted, self._edges, self._targets, within=scene.within(pointer))
        first = min(item_start(item) for item in self._items)
        shift = max(snap.frame, -first)
        target = self._target(pointer, scene)
        if shift == 0 and target is None:
            return None, Guide(snap.line)
        fps = scene.document.fps
        at = format_time(first + shift, fps=fps, style=scene.time_format)
        line = snap.line if shift == snap.frame else None
        return move_items(self._ids, by=shift, to_track=target), Guide(line, f"{shift:+d} f   {at}")

    def _target(self, pointer: Pointer, scene: Scene) -> str | None:
        row = scene.layout.row_at(pointer.y)
        if row is None or row.track is None or self._source is None or row.key == self._source.id:
            return None
        return row.key if row.track.kind is self._source.kind and not row.track.locked else None


class Trim(EditDrag):
    """One edge of a clip follows the pointer, as far as its medium reaches."""

    def __init__(self, hit: Hit, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.item is not None, "an edge belongs to a clip"
        assert hit.span is not None, "a clip has a span"
        self._id, self._span = hit.item, hit.span
        self._at_start = hit.kind is HitKind.START_EDGE
        self.label = "Trim start" if self._at_start else "Trim end"
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
            return None, Guide(readout="This track is locked")
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        snap = snap_frame(wanted, self._targets, within=scene.within(pointer))
        frame = max(self._range[0], min(snap.frame, self._range[1]))
        old = self._span.start if self._at_start else self._span.stop
        length = self._span.stop - frame if self._at_start else frame - self._span.start
        fps, style = scene.document.fps, scene.time_format
        words = f"{frame - old:+d} f   length {format_duration(length, fps=fps, style=style)}"
        guide = Guide(snap.line if frame == snap.frame else None, words)
        if frame == old:
            return None, guide
        return (trim_start if self._at_start else trim_end)(self._id, frame), guide


class MarkerDrag(EditDrag):
    """A marker follows the pointer."""

    label = "Move marker"

    def __init__(self, marker: str, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        self._id = marker
        self._targets = scene.targets()

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        snap = snap_frame(scene.layout.view.frame_at(pointer.x), self._targets, within=scene.within(pointer))
        frame = max(0, min(snap.frame, scene.document.length))
        words = format_time(frame, fps=scene.document.fps, style=scene.time_format)
        return change_marker(self._id, frame=frame), Guide(snap.line, words)


class RowResize:
    """A track's height follows the pointer."""

    def __init__(self, track: str, pointer: Pointer, scene: Scene) -> None:
        self._track, self._start = track, pointer.y
        row = next(row for row in scene.layout.rows if row.key == track)
        self._height = row_height(row.track, scene.layout.view) if row.track is not None else 0.0

    def move(self, pointer: Pointer, _scene: Scene) -> list[Effect]:
        """See Drag."""
        return [Preview(set_track_height(self._track, round(self._height + pointer.y - self._start)))]

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Finish()]

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Restore()]


def _far(start: Pointer, pointer: Pointer, scene: Scene) -> bool:
    threshold = scene.layout.view.metrics.drag_threshold
    return max(abs(pointer.x - start.x), abs(pointer.y - start.y)) >= threshold
