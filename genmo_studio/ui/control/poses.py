"""Whole poses: mirror, copy, paste, reset, breakdown, the pose library."""

from typing import TYPE_CHECKING

import numpy as np

from genmo_studio.motion import pose_ops
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import INDEX, JOINTS, MIRROR
from genmo_studio.ui import posing_keys as keys
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.posing import PosingControl
from genmo_studio.ui.panels.breakdown import BreakdownPopup
from genmo_studio.ui.posing import Posing
from genmo_studio.ui.posing_edit import PoseEdit

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class PosesControl(Control):
    """Commands that make a pose from another."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._copied: Pose | None = None
        self._copied_joints: frozenset[str] = frozenset()
        self._edit: PoseEdit | None = None
        self.popup: BreakdownPopup | None = None

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "pose.mirror": self.mirror,
            "pose.copy": self.copy,
            "pose.paste": self.paste,
            "pose.paste_flipped": self.paste_flipped,
            "pose.reset_joint": self.reset_joints,
            "pose.reset_generated": self.reset_generated,
            "pose.t_pose": self.t_pose,
            "pose.breakdown": self.breakdown,
        }

    def close(self) -> None:
        """See Control."""
        if self.popup is not None:
            self.popup.close()

    @property
    def posing(self) -> Posing:
        """The pose at the playhead."""
        return self.window.commands.of(PosingControl).posing

    def _say(self, sentence: str) -> None:
        self.window.commands.of(PosingControl).say(sentence)

    @property
    def chosen(self) -> frozenset[str]:
        """The selected joints; empty for the whole body."""
        return self.window.commands.of(BodyPartsControl).joints.joints

    def _joints(self) -> tuple[int, ...] | None:
        return tuple(sorted(INDEX[name] for name in self.chosen)) or None

    def change(self, label: str, pose: Pose) -> None:
        """One step, or an unkeyed pose; said when nothing changes."""
        if not self.posing.change(label, pose):
            self._say("The pose is that already")

    # -- commands ------------------------------------------------------------------------------------------------------

    def mirror(self) -> None:
        """Left and right change places: of the body, or of the selected joints and their partners."""
        joints = self._joints()
        both = None if joints is None else sorted({*joints, *(MIRROR[joint] for joint in joints)})
        self.change("Mirror Pose", pose_ops.mirrored(self.posing.pose(), self.posing.rest_joints(), joints=both))

    def copy(self) -> None:
        """Remember the pose."""
        self._copied, self._copied_joints = self.posing.pose(), self.chosen
        what = "the pose" if not self.chosen else f"{len(self.chosen)} joints"
        self._say(f"Copied {what} of frame {self.posing.frame}")

    def paste(self) -> None:
        """The copied pose: where the body stands now, all of it or the joints that were copied or are selected."""
        if self._copied is not None:
            self.apply(self._copied, "Paste Pose", joints=self.chosen or self._copied_joints)
        else:
            self._say("Nothing was copied yet: Ctrl+C copies the pose")

    def paste_flipped(self) -> None:
        """With left and right exchanged."""
        if self._copied is None:
            self._say("Nothing was copied yet: Ctrl+C copies the pose")
            return
        joints = tuple(sorted(INDEX[name] for name in self._copied_joints)) or None
        rest = self.posing.rest_joints()
        pose = pose_ops.pasted_flipped(self.posing.pose(), self._copied, rest, joints=joints)
        self.change("Paste Pose Flipped", pose)

    def apply(self, source: Pose, label: str, *, joints: frozenset[str], flipped: bool = False) -> None:
        """Pose the body (or these joints) as another pose has them; it stays where it stands and faces."""
        pose, rest = self.posing.pose(), self.posing.rest_joints()
        source = pose_ops.mirrored(source, rest) if flipped else source
        chosen = tuple(sorted(INDEX[name] for name in joints)) or None
        self.change(
            label, pose_ops.copied(pose, poses.standing_like(source, pose), joints=chosen or range(len(JOINTS)))
        )

    def reset_joints(self) -> None:
        """The selected joints as in the T-pose."""
        chosen = self._joints()
        joints = range(1, len(JOINTS)) if chosen is None else chosen
        self.change("Reset Joints", pose_ops.reset(self.posing.pose(), joints=joints))

    def reset_generated(self) -> None:
        """All or the selected joints as the motion has them."""
        if self.window.picture.shown is None:
            self._say("There is no generated motion yet")
            return
        posing = self.posing
        pose = pose_ops.reset(posing.pose(), joints=self._joints(), to=posing.generated(posing.frame))
        self.change("Reset to Generated", pose)

    def t_pose(self) -> None:
        """Upright where it stands, on the floor."""
        pose = self.posing.pose()
        rotations = np.zeros_like(pose.rotations)
        rotations[0, 1] = pose_ops.heading_of(pose)
        floor = poses.at_rest(floor=self.posing.floor).translation[1]
        self.change("T-Pose", Pose(rotations, np.array([pose.translation[0], floor, pose.translation[2]])))

    # -- breakdown -----------------------------------------------------------------------------------------------------

    def breakdown(self) -> None:
        """A slider between the neighbouring keys; the pose follows it, and closing it makes one step."""
        posing = self.posing
        before, after = keys.neighbours(posing.document, posing.frame)
        if before is None or after is None:
            self._say("A breakdown needs a pose key before and one after the playhead")
            return
        rest, now = posing.rest_joints(), posing.pose()
        first, second = (poses.with_keys(posing.generated(key.frame), (key,), rest) for key in (before, after))
        share = (posing.frame - before.frame) / (after.frame - before.frame)
        self._edit, joints = posing.begin("Breakdown"), self._joints()

        def slide(value: float) -> None:
            pose = pose_ops.breakdown(first, second, value, joints=joints, of=now)
            if self._edit is not None:
                self._edit.show(pose, touched=poses.changed_joints(now, pose))

        self.popup = BreakdownPopup(share, frames=(before.frame, after.frame), parent=self.window)
        self.popup.moved.connect(slide)
        self.popup.ended.connect(self._end_breakdown)
        self.popup.open_over(self.window.viewport)

    def _end_breakdown(self, keep: bool) -> None:
        edit, self._edit, self.popup = self._edit, None, None
        if edit is not None:
            edit.commit() if keep else edit.cancel()
