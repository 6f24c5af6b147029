"""Key dots on the trajectories: dragging one moves that joint in that key, and the body with it (VP7)."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from genmo_studio.document.gesture import Gesture
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.render.camera import Size, View, project
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.posing import Posing
from genmo_studio.ui.posing_solver import Moved
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport import pose_drag
from genmo_studio.ui.viewport.hud import joint_title
from genmo_studio.ui.viewport.navigation import Button
from genmo_studio.ui.viewport.pointer import Pointer
from genmo_studio.ui.viewport.pose_drag import Pull
from genmo_studio.ui.viewport.pose_gizmo import Handle
from genmo_studio.ui.viewport.pose_paint import HALO, HOT, plate

Floats = NDArray[np.float64]
REACH = 8.0
"""Logical pixels from a key dot within which it is meant."""


class KeyDot(msgspec.Struct, frozen=True, eq=False):
    """A key on the way of a joint."""

    joint: int
    frame: int
    place: Floats
    """(3,) m"""


@dataclass
class _Drag:
    dot: KeyDot
    pull: Pull
    gesture: Gesture
    start: Pose
    former: Moved | None = None
    ending: bool = False
    """the last event: solve to the end"""
    place: Floats | None = None


class TrailTool:
    """See PointerTool."""

    def __init__(
        self,
        posing: Posing,
        *,
        view: Callable[[], tuple[View, Size]],
        dots: Callable[[], tuple[KeyDot, ...]],
        usable: Callable[[], bool],
        redraw: Callable[[], None],
    ) -> None:
        """``dots`` are the key dots in the picture, of keys that can be changed."""
        self._posing, self._view, self._dots, self._usable, self._redraw = posing, view, dots, usable, redraw
        self._drag: _Drag | None = None
        self._hot: tuple[int, int] | None = None
        self._last = Pointer(0.0, 0.0)

    @property
    def running(self) -> bool:
        """See PointerTool."""
        return self._drag is not None

    def _at(self, pointer: Pointer) -> KeyDot | None:
        dots = self._dots() if self._usable() else ()
        if not dots:
            return None
        camera, size = self._view()
        seen = project(np.array([dot.place for dot in dots]), camera, size)[:, :2]
        away = np.linalg.norm(seen - np.array(pointer.at), axis=1)
        away = np.where(np.isfinite(away), away, np.inf)
        nearest = int(away.argmin())
        return dots[nearest] if away[nearest] <= REACH else None

    def press(self, pointer: Pointer) -> bool:
        """See PointerTool."""
        if self._drag is not None or pointer.alt or pointer.button is not Button.LEFT:
            return self._drag is not None
        dot = self._at(pointer)
        if dot is None:
            return False
        camera, size = self._view()
        start = self._posing.settled(dot.frame)
        _, places = start.world(self._posing.rest_joints())
        pull = pose_drag.begin(
            Handle.MOVE_FREE, origin=places[dot.joint], axes=np.eye(3), camera=camera, size=size, at=pointer.at
        )
        gesture = self._posing.editor.gesture(f"Move {joint_title(dot.joint)} at Frame {dot.frame}")
        self._drag = _Drag(dot, pull, gesture, start)
        return True

    def drag(self, pointer: Pointer) -> None:
        """See PointerTool."""
        self._last, drag = pointer, self._drag
        if drag is None:
            return
        drag.pull = pose_drag.advance(drag.pull, pointer.at, slow=pointer.shift)
        posing, joint = self._posing, drag.dot.joint
        drag.place = drag.pull.origin + pose_drag.offset(drag.pull, snap=pointer.control)
        solved = posing.rig.move(
            drag.start, posing.rest_joints(), floor=posing.floor, goals={joint: drag.place}, former=drag.former,
            thoroughly=drag.ending,
        )  # fmt: skip
        drag.former = solved
        touched = poses.changed_joints(drag.start, solved.pose)
        targets = {JOINTS[joint]: poses.vec3(drag.place)}
        edit = posing.write_edit(solved.pose, touched=touched, targets=targets, frame=drag.dot.frame)
        if not drag.gesture.preview(edit):
            self._drag = None
        self._redraw()

    def release(self, pointer: Pointer) -> bool:
        """See PointerTool."""
        if self._drag is not None and self._drag.place is not None:
            self._drag.ending = True
            self.drag(pointer)
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.gesture.commit()
            self._redraw()
            return drag.place is None
        return False

    def hover(self, pointer: Pointer | None) -> bool:
        """See PointerTool."""
        dot = None if pointer is None else self._at(pointer)
        hot = None if dot is None else (dot.joint, dot.frame)
        if pointer is not None:
            self._last = pointer
        if hot != self._hot:
            self._hot = hot
            self._redraw()
        return hot is not None

    def wants(self, key: str) -> bool:
        """See PointerTool."""
        return key == "Esc" and self._drag is not None

    def key(self, _key: str) -> None:
        """See PointerTool: Esc."""
        self.cancel()

    def cancel(self) -> None:
        """See PointerTool."""
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.gesture.cancel()
            self._redraw()

    def paint(self, painter: QPainter, camera: View, size: Size, theme: Theme, /) -> None:
        """See PointerTool."""
        drag = self._drag
        if drag is None and self._hot is None:
            return
        painter.save()
        dots = {(dot.joint, dot.frame): dot for dot in self._dots()}
        key = (drag.dot.joint, drag.dot.frame) if drag is not None else self._hot
        dot = None if key is None else dots.get(key)
        place = drag.place if drag is not None and drag.place is not None else None if dot is None else dot.place
        if place is not None and key is not None:
            x, y, _ = project(place, camera, size)
            if np.isfinite(x):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(HALO, 4.0))
                painter.setBrush(QColor(HOT))
                painter.drawEllipse(QPointF(float(x), float(y)), 7.0, 7.0)
                text = f"{joint_title(key[0])}, frame {key[1]}"
                plate(painter, text, QPointF(float(x) + 14.0, float(y) + 10.0), theme=theme, size=size)
        painter.restore()
