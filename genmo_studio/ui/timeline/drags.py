"""What all drags share, and those that change nothing: scrub, pan, box. Small state machines, pure, no Qt.

A drag always computes its edit from the document it began with, so Esc or an error leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from genmo_studio.document.edits import Edit
from genmo_studio.document.model import Document
from genmo_studio.ui.timeline.effects import (
    Band,
    Begin,
    Carry,
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
    Zoom,
)
from genmo_studio.ui.timeline.index import IndexCache, TrackIndex
from genmo_studio.ui.timeline.layout import Layout, item_rect, piece_rect, sub_rects, track_rects
from genmo_studio.ui.timeline.snap import Snap, SnapTargets, snap_frame, snap_targets
from genmo_studio.ui.timeline.subrows import bits
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.values import replace

NEITHER, ALONG, DOWN, BOTH = (False, False), (True, False), (False, True), (True, True)
"""Edges of the timeline: the sides, top and bottom."""
_PIXELS_TO_DOUBLE = 160.0
"""How far the zoom drag goes until everything is twice as large."""


class Scene(msgspec.Struct, frozen=True):
    """What a tool may look at."""

    layout: Layout
    cache: IndexCache
    selection: frozenset[str] = frozenset()
    parts: frozenset[str] | None = None  # joints of the selected keys that are meant; None: the keys as a whole
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

    def targets(
        self, *, exclude: frozenset[str] = frozenset(), playhead: bool = True, marks: bool = True
    ) -> SnapTargets:
        """Snap targets of the shown document; without the in and out marks while one of them is dragged."""
        return snap_targets(
            self.document,
            playhead=self.playhead if playhead else None,
            beats=self.beats(self.document),
            exclude=exclude,
            marks=marks,
            cache=self.cache,
        )


class Drag(Protocol):
    """A gesture in progress."""

    @property
    def edges(self) -> tuple[bool, bool]:
        """Whether the view moves on when the pointer is held at its left or right edge, at its upper or lower edge."""

    def move(self, pointer: Pointer, scene: Scene, /) -> list[Effect]:
        """The pointer moved with the button held."""

    def release(self) -> list[Effect]:
        """The button was released."""

    def cancel(self) -> list[Effect]:
        """Esc."""


class Scrub:
    """The playhead follows the pointer; Shift snaps."""

    edges = ALONG

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


class CarryScrub(Scrub):
    """The playhead follows the pointer and takes the pose that is shown along (KF7); where it ends, it can be keyed."""

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """See Drag; Shift belongs to the gesture and does not snap."""
        return super().move(replace(pointer, modifiers=pointer.modifiers & ~Modifier.SHIFT), scene)

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Carry(False)]

    def cancel(self) -> list[Effect]:
        """See Drag: first back, then let go, so that nothing stays on the way."""
        return [*super().cancel(), Carry(False)]


class PanDrag:
    """The content follows the pointer."""

    edges = NEITHER

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


class ZoomDrag:
    """Ctrl and the middle button: the view is zoomed about the place of the press, to the right for less time."""

    edges = NEITHER

    def __init__(self, pointer: Pointer) -> None:
        self._start = self._last = pointer

    def move(self, pointer: Pointer, _scene: Scene) -> list[Effect]:
        """See Drag."""
        last, self._last = self._last, pointer
        return [Zoom(2.0 ** ((pointer.x - last.x) / _PIXELS_TO_DOUBLE), self._start.x)]

    def release(self) -> list[Effect]:
        """See Drag."""
        return []

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return []


class BoxSelect:
    """A rubber band; with Ctrl or Shift it adds to the selection. A click without a drag clears it."""

    def __init__(self, pointer: Pointer, scene: Scene) -> None:
        view = scene.layout.view
        self._start = pointer
        self._corner = (view.frame_at(pointer.x), pointer.y + view.scroll_y)  # it stays there when the view moves on
        adds = bool(pointer.modifiers & (Modifier.CTRL | Modifier.SHIFT))
        self._before = scene.selection
        self._kept = scene.selection if adds else frozenset()
        self._moved = False

    @property
    def edges(self) -> tuple[bool, bool]:
        """See Drag."""
        return BOTH if self._moved else NEITHER

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """See Drag."""
        self._moved = self._moved or far(self._start, pointer, scene)
        if not self._moved:
            return []
        view = scene.layout.view
        frame, y = self._corner
        rect = Rect.between(view.x_of(frame), y - view.scroll_y, pointer.x, pointer.y)
        return [Band(rect), Choose(self._kept | items_in_rect(scene, rect))]

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Band(None)] if self._moved else [Choose(self._kept)]

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Band(None), Choose(self._before)]


def items_in_rect(scene: Scene, rect: Rect) -> frozenset[str]:
    """Ids of everything that a rectangle meets, also where that is out of sight by now."""
    view, document = scene.layout.view, scene.document
    found = {piece.take for piece in document.result if piece_rect(piece, view).meets(rect)}
    rows = track_rects(document, view)
    for track in document.tracks:
        if track.id in rows and rows[track.id].meets(rect):
            found |= _in_row(scene.cache.of(track), rect, view, rows[track.id])
    for track, sub, row in sub_rects(document, view):
        if row.meets(rect):
            index, held = scene.cache.of(track), scene.cache.parts(track) & bits(sub.parts)
            first, last = view.frame_at(rect.x), view.frame_at(rect.right)
            near = index.from_start(first, index.visible(first, last))
            found |= {index.items[at].id for at in near if held[at]}
    return frozenset(found)


def _in_row(index: TrackIndex, rect: Rect, view: View, row: Rect) -> set[str]:
    slack = 2 * view.metrics.key_radius / view.scale  # a key's diamond is wider than its frame
    first, last = view.frame_at(rect.x), view.frame_at(rect.right)
    seen = index.visible(first - slack, last + slack)
    if len(seen) * view.metrics.dense_pixels > max(rect.width, 1.0):  # drawn as blocks over the whole row
        return {index.items[p].id for p in seen if index.stops[p] > first and index.starts[p] <= last}
    return {index.items[p].id for p in seen if item_rect(index, p, view, row).meets(rect)}


class EditDrag:
    """Shared part of drags that change the document: waits for the threshold, then previews and finishes.

    ``clicked`` happens when the button is released without a drag, ``begun`` when the drag begins.
    """

    label = ""
    reach = ALONG
    """Edges at which the view moves on once the drag has begun; see Drag.edges."""

    def __init__(self, pointer: Pointer, *, clicked: Sequence[Effect] = (), begun: Sequence[Effect] = ()) -> None:
        self._start = pointer
        self._began = False
        self._clicked, self._begun = list(clicked), list(begun)

    def begin(self, pointer: Pointer) -> None:
        """The pointer has left the place of the press: the last moment to choose what the drag is and its label."""

    @property
    def edges(self) -> tuple[bool, bool]:
        """See Drag."""
        return self.reach if self._began else NEITHER

    @property
    def chosen(self) -> frozenset[str] | None:
        """What is selected after the drag; None leaves the selection as it is."""
        return None

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """The edit for a pointer position, relative to the document at the press, and what to show beside it."""
        raise NotImplementedError

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """See Drag."""
        effects: list[Effect] = []
        if not self._began:
            if not far(self._start, pointer, scene):
                return []
            self._began = True
            self.begin(pointer)
            effects += [*self._begun, Begin(self.label)]
        edit, guide = self.plan(pointer, scene)
        return [*effects, Preview(edit), guide]

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Finish(self.chosen), Guide()] if self._began else self._clicked

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Restore(), Guide()] if self._began else []


def far(start: Pointer, pointer: Pointer, scene: Scene) -> bool:
    """True when the pointer has left the place of the press, so that it is a drag and not a click."""
    threshold = scene.layout.view.metrics.drag_threshold
    return max(abs(pointer.x - start.x), abs(pointer.y - start.y)) >= threshold
