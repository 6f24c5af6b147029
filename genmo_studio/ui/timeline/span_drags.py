"""Drags of what only some items have: how a tweak grows and fades. Pure, no Qt."""

from genmo_studio.document.edits import Edit, change_tweak
from genmo_studio.document.model import Tweak
from genmo_studio.document.queries import find_item, track_of
from genmo_studio.ui.timeline.drags import EditDrag, Scene
from genmo_studio.ui.timeline.effects import Guide, Pointer
from genmo_studio.ui.timeline.envelope import lengths
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.item_drags import LOCKED, guide
from genmo_studio.ui.timeline.snap import snap_frame
from genmo_studio.ui.timeline.timecode import format_duration


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
