"""Posing with the pointer: the gizmo, dragging the body itself, and drags begun by a key (Blender's G and R).

Moving a joint lets the body follow, turning one turns what hangs on it; neither is a mode of its own (GZ6).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter

from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS
from genmo_studio.render.camera import Size, View, project
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.posing import Posing
from genmo_studio.ui.posing_edit import PoseEdit
from genmo_studio.ui.posing_solver import Moved
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport import pose_drag, pose_gizmo
from genmo_studio.ui.viewport.navigation import Button
from genmo_studio.ui.viewport.pointer import Pointer
from genmo_studio.ui.viewport.pose_drag import Pull
from genmo_studio.ui.viewport.pose_gizmo import Handle, PoseGizmo, Tool
from genmo_studio.ui.viewport.pose_marks import PoseMarks
from genmo_studio.ui.viewport.pose_paint import Overlay, paint_overlay

Floats = NDArray[np.float64]
SLOP = 4.0
"""Logical pixels a press on the body may move and still be a click."""
SETTLES_AFTER = 15
"""ms after which a drag whose pointer rests searches on."""
UNREACHED = 0.01
"""m that a joint may stay from its goal before that is shown."""
_CONSTRAIN = {
    (True, "X"): Handle.MOVE_X, (True, "Y"): Handle.MOVE_Y, (True, "Z"): Handle.MOVE_Z,
    (True, "Shift+X"): Handle.MOVE_YZ, (True, "Shift+Y"): Handle.MOVE_XZ, (True, "Shift+Z"): Handle.MOVE_XY,
    (False, "X"): Handle.TURN_X, (False, "Y"): Handle.TURN_Y, (False, "Z"): Handle.TURN_Z,
}  # fmt: skip
_TYPED = frozenset("0123456789.-")


@dataclass
class _Drag:
    """A drag in the making."""

    pull: Pull
    edit: PoseEdit
    joints: tuple[int, ...]
    places: Floats
    """(24, 3) joints when it began, m"""
    modal: bool = False
    """begun by a key: no button is held"""
    typed: str = ""
    control: bool = False
    value: Floats | None = None
    missing: float = 0.0
    goal: Floats | None = None
    former: Moved | None = None
    """the answer before this one"""
    ending: bool = False
    """the last event: solve to the end"""


class PoseTool:
    """The pointer on the body."""

    def __init__(
        self,
        posing: Posing,
        joints: JointSelection,
        *,
        view: Callable[[], tuple[View, Size]],
        joint_at: Callable[[float, float], int | None],
        usable: Callable[[], bool],
        redraw: Callable[[], None],
    ) -> None:
        """``joint_at`` finds the joint of the character under a point; ``usable`` is False while nothing is posed."""
        self._posing, self._joints = posing, joints
        self._view, self._joint_at, self._usable, self._redraw = view, joint_at, usable, redraw
        self._marks = PoseMarks(posing, joints, view=view, usable=usable)
        self._drag: _Drag | None = None
        self._grab: tuple[Pointer, int] | None = None
        self._last = Pointer(0.0, 0.0)
        self.hot: Handle | None = None
        """Handle under the pointer."""
        self.hot_joint: int | None = None
        """Joint under the pointer."""
        self._primary: str | None = None
        self._known: frozenset[str] = frozenset()
        joints.changed.connect(self._chosen)

    # -- what there is -------------------------------------------------------------------------------------------------

    def _chosen(self, names: frozenset[str]) -> None:
        added = names - self._known
        self._known = names
        if len(added) == 1:
            (self._primary,) = added
        elif self._primary not in names:
            self._primary = max(names, key=lambda name: INDEX[name], default=None)

    @property
    def primary(self) -> int | None:
        """The joint at which the gizmo stands: the one that was selected last."""
        return None if self._primary is None or self._primary not in self._joints.joints else INDEX[self._primary]

    @property
    def running(self) -> bool:
        """See PointerTool."""
        return self._drag is not None or self._grab is not None

    @property
    def dragging(self) -> bool:
        """True while the pose is being changed."""
        return self._drag is not None

    def _places(self) -> tuple[Floats, Floats]:
        return self._posing.pose().world(self._posing.rest_joints())

    def axes(self, joint: int, world: Floats) -> Floats:
        """(3, 3) rows: the axes of the gizmo at a joint."""
        return np.ascontiguousarray(world[joint].T) if self._posing.rig.local else np.eye(3)

    def gizmo(self) -> PoseGizmo | None:
        """The gizmo as it is now; None when there is none."""
        joint, tool = self.primary, self._posing.rig.tool
        if joint is None or tool is Tool.SELECT or not self._usable():
            return None
        world, places = self._places()
        camera, size = self._view()
        return pose_gizmo.make_gizmo(tool, origin=places[joint], axes=self.axes(joint, world), camera=camera, size=size)

    # -- pointer -------------------------------------------------------------------------------------------------------

    def press(self, pointer: Pointer) -> bool:
        """See PointerTool."""
        self._last = pointer
        if self._drag is not None:
            if pointer.button is Button.RIGHT:
                self.cancel()
            elif self._drag.modal and pointer.button is Button.LEFT:
                self._end()
            return True
        if not self._usable() or pointer.alt or pointer.button not in {Button.LEFT, Button.RIGHT}:
            return False
        return self._free_under(pointer) if pointer.button is Button.RIGHT else self._take(pointer)

    def _take(self, pointer: Pointer) -> bool:
        """A left press on a pin, a handle or, to move it, the body."""
        pin = self._marks.pin_at(pointer)
        if pin is not None:
            self._posing.rig.toggle_pin((pin,), turn=pointer.shift)
            self._redraw()
            self._grab = (pointer, -1)
            return True
        gizmo = self.gizmo()
        handle = None if gizmo is None else pose_gizmo.hit(gizmo, *pointer.at)
        if gizmo is not None and handle is not None:
            self._begin(handle, pointer, axes=gizmo.axes)
            return True
        if self._posing.rig.tool is Tool.MOVE and not (pointer.shift or pointer.control):
            joint = self._joint_at(*pointer.at)
            if joint is not None:
                self._grab = (pointer, joint)
                return True
        return False

    def drag(self, pointer: Pointer) -> None:
        """See PointerTool."""
        self._last = pointer
        if self._grab is not None:
            began, joint = self._grab
            if joint < 0 or abs(pointer.x - began.x) + abs(pointer.y - began.y) < SLOP:
                return
            self._grab = None
            self._joints.select({JOINTS[joint]})
            self._begin(Handle.MOVE_FREE, began, axes=np.eye(3))
        if self._drag is not None:
            self._drag.pull = pose_drag.advance(self._drag.pull, pointer.at, slow=pointer.shift)
            self._drag.control = pointer.control
            self._apply()

    def release(self, pointer: Pointer) -> bool:
        """See PointerTool."""
        if self._grab is not None:
            _, joint = self._grab
            self._grab = None
            return joint >= 0
        if self._drag is not None and not self._drag.modal:
            self.drag(pointer)
            self._end()
        return False

    def hover(self, pointer: Pointer | None) -> bool:
        """See PointerTool."""
        handle, joint = None, None
        if pointer is not None:
            self._last = pointer
            if self._usable():
                gizmo = self.gizmo()
                handle = None if gizmo is None else pose_gizmo.hit(gizmo, *pointer.at)
                joint = self._joint_at(*pointer.at) if handle is None else None
        if (handle, joint) != (self.hot, self.hot_joint):
            self.hot, self.hot_joint = handle, joint
            self._redraw()
        return handle is not None

    # -- drags ---------------------------------------------------------------------------------------------------------

    def _begin(self, handle: Handle, pointer: Pointer, *, axes: Floats, modal: bool = False) -> None:
        joint = self.primary
        if joint is None:
            return
        _, places = self._places()
        camera, size = self._view()
        origin = places[joint]
        pull = pose_drag.begin(handle, origin=origin, axes=axes, camera=camera, size=size, at=pointer.at)
        joints = tuple(sorted(INDEX[name] for name in self._joints.joints))
        label = "Move" if handle.moves else "Rotate"
        what = spoken(JOINTS[joint]).title() if len(joints) == 1 else f"{len(joints)} Joints"
        edit = self._posing.begin(f"{label} {what}")
        self._drag = _Drag(pull, edit, joints, places, modal=modal)
        for chosen in joints:
            self._posing.rig.touch(JOINTS[chosen], moved=handle.moves)

    def begin_by_key(self, *, moves: bool) -> bool:
        """Blender's G and R: a drag that follows the pointer until a click or Enter; False without a joint."""
        if self.primary is None or not self._usable() or self.running:
            return False
        world, _ = self._places()
        handle = Handle.MOVE_FREE if moves else Handle.TURN_VIEW
        self._begin(handle, self._last, axes=self.axes(self.primary, world), modal=True)
        self._redraw()
        return True

    def _apply(self) -> None:
        drag = self._drag
        if drag is None:
            return
        number = _number(drag.typed)
        if drag.pull.handle.moves:
            value = pose_drag.offset(drag.pull, snap=drag.control)
            drag.value = value if number is None else pose_drag.typed_offset(drag.pull, number)
            self._move(drag)
        else:
            value = pose_drag.turn(drag.pull, snap=drag.control)
            drag.value = value if number is None else pose_drag.typed_turn(drag.pull, number)
            self._turn(drag)
        if not drag.edit.active:  # ended from elsewhere, as by undo
            self._drag = None
        self._redraw()

    def _move(self, drag: _Drag) -> None:
        posing, start = self._posing, drag.edit.start
        goals = {joint: drag.places[joint] + drag.value for joint in drag.joints}
        solved = posing.rig.move(
            start, posing.rest_joints(), floor=posing.floor, goals=goals, former=drag.former, thoroughly=drag.ending
        )
        drag.former = solved
        if not solved.settled and not drag.ending:
            QTimer.singleShot(SETTLES_AFTER, lambda: self._settle(drag, solved))
        worst = max(solved.missing, key=lambda joint: solved.missing[joint], default=None)
        drag.missing = 0.0 if worst is None else solved.missing[worst]
        drag.goal = None if worst is None or drag.missing < UNREACHED else goals[worst]
        targets = {JOINTS[joint]: poses.vec3(place) for joint, place in goals.items()}
        drag.edit.show(solved.pose, touched=poses.changed_joints(start, solved.pose), targets=targets)

    def _settle(self, drag: _Drag, solved: Moved) -> None:
        """The pointer rests: search on."""
        if drag is self._drag and drag.former is solved:
            self._apply()

    def _turn(self, drag: _Drag) -> None:
        pose, rest = drag.edit.start, self._posing.rest_joints()
        assert drag.value is not None, "a turn has a value"
        for joint in drag.joints:  # parents come first
            pose = poses.turned(pose, joint, drag.value, rest)
        drag.edit.show(pose, touched=frozenset(JOINTS[joint] for joint in drag.joints))

    def _end(self) -> None:
        if self._drag is not None and self._drag.pull.handle.moves and self._drag.former is not None:
            self._drag.ending = True
            self._apply()
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.edit.commit()
            self._redraw()

    def cancel(self) -> None:
        """See PointerTool."""
        drag, self._drag, self._grab = self._drag, None, None
        if drag is not None:
            drag.edit.cancel()
            self._redraw()

    # -- keys ----------------------------------------------------------------------------------------------------------

    def wants(self, key: str) -> bool:
        """See PointerTool."""
        if self._drag is None:
            return key == "Esc" and self._posing.frame in self._posing.unkeyed and self._usable()
        if key in ("Esc", "Return", "Enter"):
            return True
        plain = key.removeprefix("Shift+")
        return plain in ("X", "Y", "Z", "Backspace") or key in _TYPED

    def key(self, key: str) -> None:
        """See PointerTool."""
        drag = self._drag
        if drag is None:
            if key == "Esc":
                self._posing.discard()
            return
        if key == "Esc":
            self.cancel()
        elif key in ("Return", "Enter"):
            self._end()
        elif key == "Backspace":
            drag.typed = drag.typed[:-1]
            self._apply()
        elif key in _TYPED:
            drag.typed = drag.typed + key if key != "-" else _negated(drag.typed)
            self._apply()
        else:
            self._constrain(drag, key)

    def _constrain(self, drag: _Drag, key: str) -> None:
        """To an axis; the same key again takes the joint's own axes, and a third time lets it free."""
        handle = _CONSTRAIN.get((drag.pull.handle.moves, key))
        if handle is None:
            return
        world, _ = drag.edit.start.world(self._posing.rest_joints())
        joint = self.primary
        own = np.eye(3) if joint is None else np.ascontiguousarray(world[joint].T)
        if drag.pull.handle is not handle:
            axes = np.eye(3)
        elif np.array_equal(drag.pull.axes, own):
            axes, handle = np.eye(3), Handle.MOVE_FREE if handle.moves else Handle.TURN_VIEW
        else:
            axes = own
        pull = drag.pull
        again = pose_drag.begin(
            handle, origin=pull.origin, axes=axes, camera=pull.camera, size=pull.size, at=pull.start
        )
        drag.pull = pose_drag.advance(again, pull.pointer)
        drag.pull = pose_drag.advance(drag.pull, pull.pointer)
        self._apply()

    # -- marks ---------------------------------------------------------------------------------------------------------

    def _free_under(self, pointer: Pointer) -> bool:
        """A right click on the mark of an active joint frees it (GZ5)."""
        name = self._marks.active_at(pointer)
        if name is None:
            return False
        self._posing.rig.free(name)
        self._redraw()
        return True

    def overlay(self) -> Overlay:
        """Everything of posing that is painted over the picture."""
        drag = self._drag
        camera, size = self._view()
        usable = self._usable()
        _, places = self._places()
        seen = project(places, camera, size)[:BODY_JOINT_COUNT, :2]
        active = tuple(INDEX[name] for name in self._posing.rig.active) if usable else ()
        goal = None if drag is None or drag.goal is None else project(drag.goal, camera, size)[:2]
        words = "" if drag is None or drag.value is None else pose_drag.words(drag.pull, drag.value)
        return Overlay(
            gizmo=self.gizmo(),
            hot=self.hot if drag is None else drag.pull.handle,
            dragging=drag is not None,
            joints=seen,
            active=active,
            hot_joint=self.hot_joint if drag is None else None,
            pins=self._marks.pins(),
            words=words if drag is None or not drag.typed else f"{words}   [{drag.typed}]",
            pointer=self._last.at,
            goal=None if goal is None else (float(goal[0]), float(goal[1])),
            missing=0.0 if drag is None else drag.missing,
            primary=self.primary,
            others=max(len(self._joints.joints) - 1, 0),
            auto_key=self._posing.auto_key,
        )

    def paint(self, painter: QPainter, _camera: View, size: Size, theme: Theme, /) -> None:
        """See PointerTool."""
        paint_overlay(painter, self.overlay(), size=size, theme=theme)


def _number(typed: str) -> float | None:
    try:
        return float(typed)
    except ValueError:
        return None


def _negated(typed: str) -> str:
    return typed[1:] if typed.startswith("-") else f"-{typed}"
