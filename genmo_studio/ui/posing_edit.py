"""A change of the pose in the making: one gesture of the editor where it is keyed, else an unkeyed pose."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from genmo_studio.document.edits import new_id
from genmo_studio.document.gesture import Gesture
from genmo_studio.document.model import Vec3
from genmo_studio.motion.pose import Pose

if TYPE_CHECKING:
    from genmo_studio.ui.posing import Posing

MOST_STEPS = 200
"""Changes of an unkeyed pose that can be taken back."""


class Unkeyed(msgspec.Struct, frozen=True, eq=False):
    """A pose that was changed but not keyed."""

    frame: int
    pose: Pose
    touched: frozenset[str]
    """joints that differ from what the frame holds"""
    before: tuple["Unkeyed", ...] = ()
    """earlier states, the newest last"""


class PoseEdit:
    """A change of the pose in the making: a gesture of the editor where it is keyed, else an unkeyed pose."""

    def __init__(self, posing: "Posing", label: str) -> None:
        self._posing, self._label = posing, label
        self.frame = posing.frame
        self.start = posing.pose()
        self._former = posing.unkeyed.get(self.frame)
        self._writes = posing.keyed_here
        self._keys = self._writes or (posing.auto_key and self._former is None)
        self._ids = (new_id(), new_id())
        self._gesture: Gesture | None = None
        self._touched: frozenset[str] = frozenset()
        self._over = False

    @property
    def active(self) -> bool:
        """False once it was committed or cancelled, also from elsewhere."""
        return not self._over and (self._gesture is None or self._gesture.active)

    def show(self, pose: Pose, *, touched: frozenset[str], targets: Mapping[str, Vec3] | None = None) -> bool:
        """Show a pose. ``touched`` names the joints that the change turns or moves. False when the edit is over."""
        if not self.active:
            return False
        posing = self._posing
        self._touched |= touched
        if not self._keys:
            former = self._former
            before = () if former is None else (*former.before, former)[-MOST_STEPS:]
            known = frozenset() if former is None else former.touched
            posing.put_unkeyed(Unkeyed(self.frame, pose, known | self._touched, before), frame=self.frame)
            posing.tell_of(pose, touched=known | self._touched, ids=self._ids)
            return True
        if self._gesture is None:
            self._gesture = posing.editor.gesture(self._label)
        if self._writes:
            edit = posing.write_edit(pose, touched=self._touched, targets=targets or {})
        else:
            edit = posing.new_key_edit(pose, touched=self._touched, ids=self._ids)
        self._gesture.preview(edit)
        posing.refresh()
        return True

    def commit(self) -> None:
        """Keep the change: one undo step, or one unkeyed pose."""
        if self._over:
            return
        self._over = True
        if not self._keys:
            self._posing.told.emit(None)
        if self._gesture is not None:
            self._gesture.commit()
            if not self._writes:
                self._posing.keyed.emit(self.frame)
        self._posing.edit_ended(self)
        self._posing.refresh()

    def cancel(self) -> None:
        """Back to how it was."""
        if self._over:
            return
        self._over = True
        if not self._keys:
            self._posing.told.emit(None)
        if self._gesture is not None:
            self._gesture.cancel()
        elif self._touched:
            self._posing.put_unkeyed(self._former, frame=self.frame)
        self._posing.edit_ended(self)
        self._posing.refresh()
