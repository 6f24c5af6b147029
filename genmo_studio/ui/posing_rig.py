"""How joints are moved: what is pinned, what the user touched, what follows. Session state, never undone.

*Active* joints are those that the user touched on the present pose: they stay where they were put while others are
dragged, everything else is inferred and looks different (GZ5). Pins hold a joint whatever is done.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from genmo_studio.document.model import PoseKey
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.ui import posing_solver as solver
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.posing_solver import PINNABLE, Drag, IkMode, Moved, Pin
from genmo_studio.ui.viewport.pose_gizmo import Tool
from genmo_studio.values import replace

Floats = NDArray[np.float64]
_FEET = ("left_ankle", "right_ankle")
STANDS = 0.035
"""m over its height at rest within which a foot counts as standing."""


class Rig(QObject):
    """Tool, axes, mode, pins and active joints."""

    changed = Signal()

    def __init__(self, joints: JointSelection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._joints = joints
        self.tool = Tool.SELECT
        self.local = False
        """Axes of the joint instead of those of the world."""
        self.mode = IkMode.FULL_BODY
        self.pin_feet = True
        """Feet that stand are pinned by themselves."""
        self._pins: dict[str, Pin] = {}
        self._moved: frozenset[str] = frozenset()
        self._turned: frozenset[str] = frozenset()
        self._question: tuple[Pose, tuple[int, ...], tuple[object, ...]] | None = None
        """what the last drag is about"""

    # -- settings ------------------------------------------------------------------------------------------------------

    def set_tool(self, tool: Tool) -> None:
        """What a drag on the body does."""
        self.tool = tool
        self.changed.emit()

    def set_local(self, on: bool) -> None:
        """Axes of the joint, or of the world."""
        self.local = on
        self.changed.emit()

    def set_mode(self, mode: IkMode) -> None:
        """What follows a joint that is moved."""
        self.mode = mode
        self.changed.emit()

    def set_pin_feet(self, on: bool) -> None:
        """Whether feet that stand are pinned by themselves."""
        self.pin_feet = on
        self.changed.emit()

    # -- pins ----------------------------------------------------------------------------------------------------------

    @property
    def pins(self) -> Mapping[str, Pin]:
        """Pins that the user set, by joint."""
        return self._pins

    def toggle_pin(self, names: Iterable[str], *, turn: bool = False) -> bool:
        """Pin the place (or with ``turn`` the orientation) of joints, or free it where all have it. True when pinned.

        Joints that cannot be pinned are left out.
        """
        chosen = [name for name in names if name in PINNABLE]
        part = "turn" if turn else "place"
        on = not all(getattr(self._pins.get(name, Pin(place=False)), part) for name in chosen)
        for name in chosen:
            pin = replace(self._pins.get(name, Pin(place=False)), **{part: on})
            self._pins[name] = pin
            if not (pin.place or pin.turn):
                del self._pins[name]
        self.changed.emit()
        return on and bool(chosen)

    def free_pins(self) -> None:
        """No pins."""
        self._pins.clear()
        self.changed.emit()

    def holding_pins(
        self, pose: Pose, rest_joints: Floats, *, floor: float, besides: Iterable[str] = ()
    ) -> dict[str, Pin]:
        """The pins that count for a pose: those that were set, and feet that stand.

        ``floor`` is the lowest point of the body at rest, m.
        """
        held = dict(self._pins)
        if self.pin_feet:
            _, places = pose.world(rest_joints)
            for name in _FEET:
                foot = INDEX[name]
                high = float(places[foot, 1]) - (float(rest_joints[foot, 1]) - floor)
                if name not in held and high < STANDS:
                    held[name] = Pin(place=True, turn=True)
        return {name: pin for name, pin in held.items() if name not in set(besides)}

    # -- touched joints ------------------------------------------------------------------------------------------------

    @property
    def active(self) -> frozenset[str]:
        """Joints that the user moved or turned on this pose."""
        return self._moved | self._turned

    @property
    def moved(self) -> frozenset[str]:
        """Joints that were moved to a place."""
        return self._moved

    def touch(self, name: str, *, moved: bool) -> None:
        """The user put a joint somewhere."""
        if moved:
            self._moved |= {name}
        else:
            self._turned |= {name}
        self.changed.emit()

    def free(self, name: str) -> bool:
        """Let a joint follow again; False when it was not active."""
        known = name in self.active
        self._moved -= {name}
        self._turned -= {name}
        if known:
            self.changed.emit()
        return known

    def forget_touched(self) -> None:
        """Another pose: nothing on it was touched."""
        self._moved = self._turned = frozenset()
        self.changed.emit()

    # -- moving --------------------------------------------------------------------------------------------------------

    def move(
        self,
        start: Pose,
        rest_joints: Floats,
        *,
        floor: float,
        goals: Mapping[int, Floats],
        former: Moved | None = None,
        thoroughly: bool = True,
    ) -> Moved:
        """The pose with joints at places (3,) m, from the pose at the beginning of the drag.

        With the answer before this one the search goes on from there. See posing_solver.Drag.
        """
        drag = None if former is None else former.drag
        question = (start, tuple(goals), self._held_by_user())
        if (
            drag is None
            or self._question is None
            or self._question[0] is not start
            or self._question[1:] != question[1:]
        ):
            drag = self._drag(start, rest_joints, floor=floor, joints=tuple(goals))
            self._question = question
        return drag.to(goals, thoroughly=thoroughly)

    def _held_by_user(self) -> tuple[object, ...]:
        """What decides what a drag moves."""
        return self.mode, self.pin_feet, dict(self._pins), self._moved, self._turned, frozenset(self._joints.joints)

    def _drag(self, start: Pose, rest_joints: Floats, *, floor: float, joints: tuple[int, ...]) -> Drag:
        names = {JOINTS[joint] for joint in joints}
        held = self.holding_pins(start, rest_joints, floor=floor, besides=names)
        for other in self._moved - names:
            held.setdefault(other, Pin())
        pins = {INDEX[other]: pin for other, pin in held.items()}
        free = frozenset[int]().union(*(solver.free_joints(self.mode, joint, self._joints.joints) for joint in joints))
        fixed = frozenset(INDEX[other] for other in self._turned - names)
        return Drag(start, rest_joints, joints=joints, pins=pins, free=free - fixed)

    def meeting(self, pose: Pose, keys: Iterable[PoseKey], rest_joints: Floats) -> Pose:
        """The pose with the places that partial keys ask for."""
        goals = {
            INDEX[name]: np.asarray(place, np.float64)
            for key in keys
            for name, place in key.positions.items()
            if name in INDEX
        }
        if not goals:
            return pose
        free = frozenset[int]().union(*(solver.free_joints(IkMode.BODY_PART, joint, ()) for joint in goals))
        return Drag(pose, rest_joints, joints=goals, pins={}, free=free).to(goals, thoroughly=True).pose
