"""Drags of what only some items have: how a tweak grows and fades, how long a key holds. Pure, no Qt."""

from genmo_studio.document.edits import Edit, change_tweak, move_joints, new_id, set_hold
from genmo_studio.document.holds import held_parts
from genmo_studio.document.model import PoseKey, Tweak
from genmo_studio.document.queries import MAX_FRAMES, find_item, track_of
from genmo_studio.ui.body_words import parts_words
from genmo_studio.ui.timeline.drags import EditDrag, Scene
from genmo_studio.ui.timeline.effects import ChooseParts, Effect, Guide, Pointer
from genmo_studio.ui.timeline.envelope import lengths
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.item_drags import LOCKED, guide
from genmo_studio.ui.timeline.snap import snap_frame, snap_shift
from genmo_studio.ui.timeline.timecode import format_duration, format_time


class EnvelopeDrag(EditDrag):
    """The end of a tweak's rise, or the start of its fall, follows the pointer; both stay inside the tweak."""

    def __init__(self, hit: Hit, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.item is not None, "a handle belongs to a tweak"
        item, track = find_item(scene.document, hit.item), track_of(scene.document, hit.item)
        assert isinstance(item, Tweak), "only tweaks have handles"
        self._id, self._span = hit.item, item.span
        self._rises = hit.kind is HitKind.RISE
        self.label = "Change Rise" if self._rises else "Change Fall"
        self._locked = track is None or track.locked
        rise, fall = lengths(item)
        self._now = rise if self._rises else fall
        self._most = item.span.length - 1 - (fall if self._rises else rise)
        at = item.span.start + rise if self._rises else item.span.stop - fall
        self._offset = at - hit.frame
        self._targets = scene.targets(exclude=frozenset({hit.item}))

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        if self._locked:
            return None, Guide(readout=LOCKED)
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        snap = snap_frame(wanted, self._targets, within=scene.within(pointer))
        length = snap.frame - self._span.start if self._rises else self._span.stop - snap.frame
        held = max(0, min(length, self._most))
        fps, style = scene.document.fps, scene.time_format
        words = f"{'rise' if self._rises else 'fall'} {held} f   {format_duration(held, fps=fps, style=style)}"
        shown = guide(snap, words, taken=held == length)
        if held == self._now:
            return None, shown
        return change_tweak(self._id, rise=held) if self._rises else change_tweak(self._id, fall=held), shown


class HoldDrag(EditDrag):
    """The end of a hold follows the pointer; the other selected pose keys hold as long."""

    label = "Change Hold"

    def __init__(self, hit: Hit, ids: frozenset[str], pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.item is not None, "a hold belongs to a key"
        item = find_item(scene.document, hit.item)
        assert isinstance(item, PoseKey), "only pose keys hold"
        open_tracks = [track for track in scene.document.tracks if not track.locked]
        found = [i for track in open_tracks for i in track.items if i.id in ids and isinstance(i, PoseKey)]
        self._ids = tuple(key.id for key in found)
        self._locked = hit.item not in self._ids
        self._frame, self._now = item.frame, {key.hold for key in found}
        last = item.frame if hit.span is None else hit.span.stop - 1
        self._offset = last - scene.layout.view.frame_at(pointer.x)
        self._targets = scene.targets(exclude=ids)

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        if self._locked:
            return None, Guide(readout=LOCKED)
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        snap = snap_frame(wanted, self._targets, within=scene.within(pointer))
        hold = max(0, min(snap.frame, MAX_FRAMES - 1) - self._frame)
        fps, style = scene.document.fps, scene.time_format
        words = f"hold {hold} f   {format_duration(hold, fps=fps, style=style)}" if hold else "no hold"
        shown = guide(snap, words, taken=hold == snap.frame - self._frame)
        return (None if self._now == {hold} else set_hold(self._ids, hold)), shown


class PartsDrag(EditDrag):
    """Some joints of keys follow the pointer in time; what else the keys hold stays where it is."""

    def __init__(self, hit: Hit, ids: frozenset[str], pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.parts is not None, "the row of a region or joint"
        self._parts, self._grabbed_at = hit.parts, hit.frame
        open_tracks = [track for track in scene.document.tracks if not track.locked]
        found = [i for track in open_tracks for i in track.items if i.id in ids and isinstance(i, PoseKey)]
        self._keys = tuple(key for key in found if held_parts(key) & self._parts)
        self._names = tuple(new_id() for _ in self._keys)
        self.label = f"Move {parts_words(self._parts).title()}"
        self._targets = scene.targets(exclude=ids)
        self._edges = tuple(sorted({key.frame for key in self._keys}))[:64]

    @property
    def chosen(self) -> frozenset[str]:
        """See EditDrag."""
        pairs = zip(self._keys, self._names, strict=True)
        return frozenset(key.id if held_parts(key) <= self._parts else name for key, name in pairs)

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        if not self._keys:
            return None, Guide(readout=LOCKED)
        wanted = scene.layout.view.frame_at(pointer.x) - self._grabbed_at
        snap = snap_shift(wanted, self._edges, self._targets, within=scene.within(pointer))
        first = min(key.frame for key in self._keys)
        shift = max(snap.frame, -first)
        at = format_time(first + shift, fps=scene.document.fps, style=scene.time_format)
        shown = guide(snap, f"{parts_words(self._parts)}   {shift:+d} f   {at}", taken=shift == snap.frame)
        if not shift:
            return None, shown
        return move_joints((k.id for k in self._keys), self._parts, by=shift, new_ids=self._names), shown

    def release(self) -> list[Effect]:
        """See Drag; the same joints stay selected."""
        return [*super().release(), ChooseParts(self._parts)]
