"""A pose that goes along with the playhead until it is keyed somewhere (KF7). Pure; no Qt."""

from genmo_studio.motion.pose import Pose
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.posing_edit import Unkeyed


class HeldPose:
    """Lies over the frame of the playhead and leaves every frame that it passes as it was.

    An unkeyed pose that is held goes along. Where another unkeyed pose is, it is covered, comes back when time moves on
    and is one step back when it does not.
    """

    def __init__(self, pose: Pose, frame: int, unkeyed: Unkeyed | None) -> None:
        self.pose = pose
        self._home, self._origin = frame, unkeyed
        self._at, self._laid = frame, unkeyed
        self._covered: Unkeyed | None = None

    def go(self, frame: int, unkeyed: dict[int, Unkeyed], settled: Pose) -> None:
        """The playhead is at ``frame``, whose keys and motion say ``settled``: change ``unkeyed`` so that it shows."""
        if frame == self._at:
            return
        if self._laid is not None and unkeyed.get(self._at) is self._laid:  # not when it was edited or keyed there
            del unkeyed[self._at]
            if self._covered is not None:
                unkeyed[self._at] = self._covered
        self._at, self._covered, self._laid = frame, unkeyed.get(frame), None
        if frame == self._home and self._origin is not None and self._covered is None:
            self._laid = self._origin
        elif self._covered is not None or not poses.same(self.pose, settled):
            before = () if self._covered is None else (*self._covered.before, self._covered)
            self._laid = Unkeyed(frame, self.pose, poses.changed_joints(settled, self.pose), before)
        if self._laid is not None:
            unkeyed[frame] = self._laid
