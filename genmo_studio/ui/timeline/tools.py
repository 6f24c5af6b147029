"""The timeline's pointer tool: from plain pointer events to effects. Pure, no Qt.

A press looks at what is under the pointer and starts one drag (TL3: never two meanings for one gesture): scrubbing in
the ruler, moving or trimming items, a box in empty time, panning with the middle button, a track's height.
"""

from genmo_studio.document.edits import split_items
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_track
from genmo_studio.ui.timeline.choosing import is_text, range_between
from genmo_studio.ui.timeline.commands import new_text
from genmo_studio.ui.timeline.drags import BoxSelect, CarryScrub, Drag, PanDrag, Scene, Scrub, ZoomDrag
from genmo_studio.ui.timeline.effects import (
    Apply,
    Begin,
    Button,
    Carry,
    Choose,
    ChooseParts,
    EditText,
    Effect,
    Modifier,
    Pointer,
    PressButton,
    Seek,
    ToggleSnapping,
    Unfold,
    UseTrack,
)
from genmo_studio.ui.timeline.headers import HeaderButton
from genmo_studio.ui.timeline.hit import ENVELOPE, GRABBABLE, Hit, HitKind, hit_test
from genmo_studio.ui.timeline.item_drags import Move, Stretch, Trim
from genmo_studio.ui.timeline.mark_drags import InOutDrag, MarkerDrag, MarkerEnd, RowResize, TrackReorder
from genmo_studio.ui.timeline.span_drags import EnvelopeDrag, HoldDrag, PartsDrag
from genmo_studio.ui.timeline.subrows import bits
from genmo_studio.ui.timeline.track_commands import Switch, toggle

SCRUBS = (HitKind.RULER, HitKind.HEAT)
"""Where a press takes the playhead."""


class PointerTool:
    """Turns presses, moves and releases into effects."""

    def __init__(self) -> None:
        self._drag: Drag | None = None
        self._anchor: str | None = None  # where a range selection starts

    @property
    def dragging(self) -> bool:
        """True between press and release."""
        return self._drag is not None

    @property
    def edges(self) -> tuple[bool, bool]:
        """Whether the drag moves the view on at its sides, and at its top and bottom."""
        return (False, False) if self._drag is None else self._drag.edges

    def press(self, pointer: Pointer, scene: Scene) -> list[Effect]:
        """A button went down."""
        if self._drag is not None:
            return []
        hit = hit_test(scene.layout, pointer.x, pointer.y, cache=scene.cache, selection=scene.selection)
        if pointer.button is Button.MIDDLE:
            return self._press_middle(hit, pointer, scene)
        if pointer.button is Button.RIGHT:
            return self._press_right(hit, scene)
        if hit.kind in SCRUBS:
            self._drag = Scrub(scene.playhead)
            return self._drag.move(pointer, scene)
        if hit.kind is HitKind.EMPTY:
            self._drag = BoxSelect(pointer, scene)
            return [] if hit.track is None else [UseTrack(hit.track)]
        return (
            self._press_item(hit, pointer, scene) if hit.item is not None else self._press_header(hit, pointer, scene)
        )

    def _press_middle(self, hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
        if carries(pointer, hit.kind):
            self._drag = CarryScrub(scene.playhead)
            return [Carry(True), *self._drag.move(pointer, scene)]
        self._drag = ZoomDrag(pointer) if pointer.modifiers & Modifier.CTRL else PanDrag(pointer)
        return []

    def _press_right(self, hit: Hit, scene: Scene) -> list[Effect]:
        """The context menu is about what is under the pointer: it becomes selected, current or shown."""
        effects: list[Effect] = [] if hit.track is None else [UseTrack(hit.track)]
        if hit.kind is HitKind.SUB_KEY and hit.item is not None:
            self._anchor = hit.item
            chosen = scene.selection if hit.item in scene.selection else frozenset({hit.item})
            return [*effects, Choose(chosen), ChooseParts(hit.parts)]
        if hit.kind is HitKind.RULER:
            effects.append(Seek(max(0, min(int(hit.frame), scene.document.length - 1))))
        if hit.item is not None and hit.item not in scene.selection:
            self._anchor = hit.item
            effects.append(Choose(frozenset({hit.item})))
        return effects

    def _press_header(self, hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
        if hit.kind is HitKind.SNAP_BUTTON:
            return [ToggleSnapping()]
        if hit.kind in (HitKind.MARK_IN, HitKind.MARK_OUT):
            self._drag = InOutDrag(hit, pointer, scene)
        if hit.track is None:
            return []
        if hit.kind is HitKind.DISCLOSURE or hit.parts is not None:
            return [UseTrack(hit.track), *_rows_below(hit, scene)]
        if hit.kind is HitKind.HEADER_BUTTON and hit.button is not None:
            return [PressButton(hit.track, hit.button)]
        if hit.kind is HitKind.ROW_RESIZE:
            self._drag = RowResize(hit.track, pointer, scene)
            return [Begin("Change Track Height")]
        self._drag = TrackReorder(hit.track, pointer, scene)
        return [UseTrack(hit.track)]

    def _press_item(self, hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
        assert hit.item is not None, "only called for items"
        chosen, held = scene.selection, pointer.modifiers
        if held & Modifier.SHIFT and hit.item not in chosen and self._anchor is not None:
            return [Choose(chosen | range_between(scene.document, self._anchor, hit.item))]
        effects: list[Effect] = [] if hit.track is None else [UseTrack(hit.track)]
        self._anchor = hit.item
        if hit.kind is HitKind.SUB_KEY:
            return effects + self._press_part(hit, pointer, scene)
        if scene.parts is not None:
            effects.append(ChooseParts(None))
        if held & Modifier.CTRL:
            toggled: list[Effect] = [Choose(chosen ^ {hit.item})]
            if hit.kind not in GRABBABLE:
                return toggled
            moving, begun = _grabbed(hit.item, chosen)
            self._drag = Move(hit, moving, pointer, scene, clicked=toggled, begun=begun)
            return effects
        moving, choose = _grabbed(hit.item, chosen)
        effects += choose
        if hit.kind is HitKind.MARKER:
            self._drag = MarkerDrag(hit.item, pointer, scene)
        elif hit.kind is HitKind.MARKER_STOP:
            self._drag = MarkerEnd(hit, pointer, scene)
        elif held & Modifier.ALT and hit.kind in (HitKind.START_EDGE, HitKind.STOP_EDGE, HitKind.KEY):
            self._drag = Stretch(hit, moving, pointer, scene)
        elif hit.kind in (HitKind.START_EDGE, HitKind.STOP_EDGE):
            self._drag = Trim(hit, pointer, scene)
        elif hit.kind in ENVELOPE:
            self._drag = EnvelopeDrag(hit, pointer, scene)
        elif hit.kind is HitKind.HOLD:
            self._drag = HoldDrag(hit, moving, pointer, scene)
        elif hit.kind in GRABBABLE:
            self._drag = Move(hit, moving, pointer, scene, clicked=_clicked(hit, pointer, scene))
        return effects

    def _press_part(self, hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
        """A key in the row of a region or joint: what the row is about is selected, and follows the pointer."""
        assert hit.item is not None, "only called for keys"
        assert hit.parts is not None, "of rows of regions and joints"
        chosen, parts = scene.selection, hit.parts
        if pointer.modifiers & Modifier.CTRL:
            return [Choose(chosen ^ {hit.item}), ChooseParts(parts)]
        same = hit.item in chosen and scene.parts == parts
        moving = chosen if same else frozenset({hit.item})
        self._drag = PartsDrag(hit, moving, pointer, scene)
        return [Choose(moving), ChooseParts(parts)]

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
        """Texts, names of markers and of tracks are edited in place; an empty place of a text track gets a text.

        A key is gone to. One click only selects it, as in a dope sheet: keys are chosen and moved without losing the
        frame that is looked at.
        """
        hit = hit_test(scene.layout, pointer.x, pointer.y, cache=scene.cache, selection=scene.selection)
        if hit.item is not None and hit.kind in GRABBABLE and is_text(scene.document, hit.item):
            return [EditText(hit.item)]
        if hit.kind is HitKind.MARKER and hit.item is not None:
            return [EditText(hit.item)]
        if hit.kind in (HitKind.KEY, HitKind.SUB_KEY) and hit.span is not None and pointer.button is Button.LEFT:
            return [Seek(max(0, min(hit.span.start, scene.document.length - 1)))]
        if hit.kind is HitKind.HEADER and hit.track is not None:
            return [EditText(hit.track)]
        if hit.kind is HitKind.EMPTY and hit.track is not None and pointer.button is Button.LEFT:
            return _new_text(hit.track, max(0, int(hit.frame)), scene)
        return []


def carries(pointer: Pointer, kind: HitKind) -> bool:
    """Whether a press moves time under the pose that is shown: Shift and the middle button in the ruler (KF7)."""
    held = pointer.modifiers & (Modifier.SHIFT | Modifier.CTRL)
    return pointer.button is Button.MIDDLE and held == Modifier.SHIFT and kind in SCRUBS


def _rows_below(hit: Hit, scene: Scene) -> list[Effect]:
    """Unfold or fold; in the header of a region or joint, select all keys that hold it, and mean only that."""
    if hit.unfolds is not None:
        return [Unfold(hit.unfolds)]
    track = find_track(scene.document, hit.track or "")
    if track is None or hit.parts is None:
        return []
    held = scene.cache.parts(track) & bits(hit.parts)
    return [Choose(frozenset(track.items[at].id for at in held.nonzero()[0])), ChooseParts(hit.parts)]


def _new_text(track: str, frame: int, scene: Scene) -> list[Effect]:
    """A text from a frame to the next text of the track, at most the usual length, with its field open."""
    made = new_text(scene.document, track, frame)
    return [] if made is None else [made[0], EditText(made[1])]


def _grabbed(item: str, chosen: frozenset[str]) -> tuple[frozenset[str], list[Effect]]:
    """What a press on an item takes along, and how the selection follows: all that is selected, or this one alone."""
    return (chosen, []) if item in chosen else (frozenset({item}), [Choose(frozenset({item}))])


def _clicked(hit: Hit, pointer: Pointer, scene: Scene) -> list[Effect]:
    """What a click without a drag on an item means, beside selecting it.

    With Shift a text that is selected is split where it was clicked (TL14; on one that is not, Shift selects the
    range up to it, TL19). Without, one of several selected items becomes the only one.
    """
    if hit.item is None or hit.item not in scene.selection:
        return []
    if not pointer.modifiers & Modifier.SHIFT:
        return [Choose(frozenset({hit.item}))]
    frame = round(hit.frame)
    if not is_text(scene.document, hit.item) or hit.span is None or not hit.span.start < frame < hit.span.stop:
        return []
    return [Apply("Split", split_items([hit.item], frame))]


def toggle_edit(document: Document, track_id: str, button: HeaderButton) -> Apply | None:
    """The edit behind a header button; None when the track is gone."""
    switch = {
        HeaderButton.MUTE: Switch.MUTED,
        HeaderButton.SOLO: Switch.SOLO,
        HeaderButton.LOCK: Switch.LOCKED,
    }[button]
    return toggle(document, track_id, switch)
