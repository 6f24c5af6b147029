"""Marks of posing in the picture: pins that hold or could, joints that were put somewhere; what is under a point."""

from collections.abc import Callable

import numpy as np

from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.render.camera import Size, View, project
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.posing import Posing
from genmo_studio.ui.posing_solver import PINNABLE
from genmo_studio.ui.viewport.pointer import Pointer
from genmo_studio.ui.viewport.pose_gizmo import Tool
from genmo_studio.ui.viewport.pose_paint import PinMark

ACTIVE_REACH = 9.0
"""Logical pixels from the mark of an active joint within which a right click frees it."""


class PoseMarks:
    """Where the marks of the pose at the playhead are on the screen."""

    def __init__(
        self,
        posing: Posing,
        joints: JointSelection,
        *,
        view: Callable[[], tuple[View, Size]],
        usable: Callable[[], bool],
    ) -> None:
        self._posing, self._joints, self._view, self._usable = posing, joints, view, usable

    def pins(self) -> tuple[PinMark, ...]:
        """Pins where they are on screen: those that hold, and those that selected joints could have."""
        posing = self._posing
        if posing.rig.tool is Tool.SELECT or not self._usable():
            return ()
        camera, size = self._view()
        pose, rest = posing.pose(), posing.rest_joints()
        _, places = pose.world(rest)
        held = posing.rig.holding_pins(pose, rest, floor=posing.floor)
        marks = []
        chosen = {name.replace("_foot", "_ankle") for name in self._joints.joints}
        for name in (other for other in PINNABLE if other in held or other in chosen):
            x, y, depth = project(places[INDEX[name]], camera, size)
            if np.isfinite(x) and abs(depth) <= 1:
                marks.append(PinMark(name, float(x), float(y), held.get(name), name in posing.rig.pins))
        return tuple(marks)

    def pin_at(self, pointer: Pointer) -> str | None:
        """The joint whose pin is under the pointer."""
        return next((mark.joint for mark in self.pins() if mark.hit(pointer.x, pointer.y)), None)

    def active_at(self, pointer: Pointer) -> str | None:
        """The joint that was put somewhere and whose mark is under the pointer (GZ5)."""
        active = [INDEX[name] for name in self._posing.rig.active]
        if not active:
            return None
        camera, size = self._view()
        _, places = self._posing.pose().world(self._posing.rest_joints())
        seen = project(places[active], camera, size)[:, :2]
        away = np.linalg.norm(seen - np.array(pointer.at), axis=1)
        nearest = int(np.nanargmin(away)) if np.isfinite(away).any() else None
        return None if nearest is None or away[nearest] > ACTIVE_REACH else JOINTS[active[nearest]]
