"""The timeline's pointer tool: from plain pointer events to effects. Pure, no Qt.

A press looks at what is under the pointer and starts one drag (TL3: never two meanings for one gesture): scrubbing in
the ruler, moving or trimming items, a box in empty time, panning with the middle button, a track's height.
"""

from genmo_studio.document.edits import set_track_flags
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_item, find_track, item_start, track_of
from genmo_studio.ui.timeline.drags import BoxSelect, Drag, MarkerDrag, Move, PanDrag, RowResize, Scene, Scrub, Trim
from genmo_studio.ui.timeline.effects import (
    Apply,
    Begin,
    Button,
    Choose,
    EditText,
    Effect,
    Modifier,
    Pointer,
    PressButton,
    ToggleSnapping,
)
from genmo_studio.ui.timeline.hit import GRABBABLE, Hit, HitKind, hit_test
from genmo_studio.ui.timeline.layout import HeaderButton


class PointerTool:
    """Turns presses, moves and releases into effects."""

    def __init__(self) -> None:
        self._drag: Drag | None = None
        self._anchor: str | None = None  # where a range selection starts

    @property
    def dragging(self) -> bool:
        """True between press and release."""
        return self._drag is not None

    def press(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """A button went down."""
        if self._drag is not None:
            return []
        if pointer.button is Button.MIDDLE:
            self._drag = PanDrag(pointer)
            return []
        hit = hit_test(scene.layout, pointer.x, pointer.y, cache=scene.cache)
        if pointer.button is Button.RIGHT:
            return self._press_right(hit, scene)
        if hit.kind in (HitKind.RULER, HitKind.HEAT):
            self._drag = Scrub(scene.playhead)
            return self._drag.move(pointer, scene)
        if hit.kind is HitKind.EMPTY:
            self._drag = BoxSelect(pointer, scene)
            return []
        return (
            self._press_item(hit, pointer, scene) if hit.item is not None else self._press_header(hit, pointer, scene)
        )

    def _press_right(self, hit: Hit, scene: Scene) -> list[Effect]:
        """The context menu is about what is under the pointer: select it unless it is selected already."""
        if hit.item is None or hit.item in scene.selection:
            return []
        self._anchor = hit.item
        return [Choose(frozenset({hit.item}))]

    def _press_header(self, hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
        if hit.kind is HitKind.SNAP_BUTTON:
            return [ToggleSnapping()]
        if hit.track is None:
            return []
        if hit.kind is HitKind.HEADER_BUTTON and hit.button is not None:
            return [PressButton(hit.track, hit.button)]
        if hit.kind is HitKind.ROW_RESIZE:
            self._drag = RowResize(hit.track, pointer, scene)
            return [Begin("Change track height")]
        return []

    def _press_item(self, hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
        assert hit.item is not None, "only called for items"
        chosen = scene.selection
        if pointer.modifiers & Modifier.CTRL:
            self._anchor = hit.item
            return [Choose(chosen ^ {hit.item})]
        if pointer.modifiers & Modifier.SHIFT and self._anchor is not None:
            return [Choose(chosen | range_between(scene.document, self._anchor, hit.item))]
        self._anchor = hit.item
        effects: list[Effect] = [] if hit.item in chosen else [Choose(frozenset({hit.item}))]
        moving = chosen if hit.item in chosen else frozenset({hit.item})
        if hit.kind is HitKind.MARKER:
            self._drag = MarkerDrag(hit.item, pointer, scene)
        elif hit.kind in (HitKind.START_EDGE, HitKind.STOP_EDGE):
            self._drag = Trim(hit, pointer, scene)
        elif hit.kind in GRABBABLE:
            self._drag = Move(hit, moving, pointer, scene)
        return effects

    def move(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """The pointer moved; without a drag nothing happens."""
        return self._drag.move(pointer, scene) if self._drag is not None else []

    def release(self) -> list[Effect]:
        """The button went up."""
        drag, self._drag = self._drag, None
        return drag.release() if drag is not None else []

    def cancel(self) -> list[Effect]:
        """Esc, or the pointer was taken away: everything as before the press."""
        drag, self._drag = self._drag, None
        return drag.cancel() if drag is not None else []

    def double_click(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """Text segments are edited in place; anything else is left to the single click."""
        hit = hit_test(scene.layout, pointer.x, pointer.y, cache=scene.cache)
        item = find_item(scene.document, hit.item) if hit.item is not None and hit.kind in GRABBABLE else None
        track = track_of(scene.document, item.id) if item is not None else None
        if item is not None and track is not None and not track.locked and hasattr(item, "text"):
            return [EditText(item.id)]
        return []


def range_between(document: Document, first: str, last: str) -> frozenset[str]:
    """Items from one to the other in time, on their tracks and the tracks between them (TL19)."""
    places = [(n, item) for n, track in enumerate(document.tracks) for item in track.items if item.id in (first, last)]
    if not places:
        return frozenset({last})
    rows = [row for row, _ in places]
    begin = min(item_start(item) for _, item in places)
    end = max(item_start(item) for _, item in places)
    tracks = document.tracks[min(rows) : max(rows) + 1]
    return frozenset(item.id for track in tracks for item in track.items if begin <= item_start(item) <= end)


def toggle_edit(document: Document, track_id: str, button: HeaderButton) -> Apply | None:
    """The edit behind a header button; None when the track is gone."""
    track = find_track(document, track_id)
    if track is None:
        return None
    match button:
        case HeaderButton.MUTE:
            label, edit = (
                ("Unmute track" if track.muted else "Mute track"),
                set_track_flags(track_id, muted=not track.muted),
            )
        case HeaderButton.SOLO:
            label, edit = (
                ("Unsolo track" if track.solo else "Solo track"),
                set_track_flags(track_id, solo=not track.solo),
            )
        case HeaderButton.LOCK:
            label, edit = (
                ("Unlock track" if track.locked else "Lock track"),
                set_track_flags(track_id, locked=not track.locked),
            )
    return Apply(label, edit)
