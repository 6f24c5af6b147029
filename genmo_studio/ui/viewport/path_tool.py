"""The root path under the pointer: draw one on the ground, drag waypoints, their heading and their speed.

A drag is one gesture of the editor. Handles of heading and speed belong to the waypoint that is selected.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError, new_id, replace_item
from genmo_studio.document.gesture import Gesture
from genmo_studio.document.model import Document, TrackKind, Waypoint
from genmo_studio.render.camera import Size, View, project, ray
from genmo_studio.ui import path_drawing
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport.navigation import Button
from genmo_studio.ui.viewport.pointer import Pointer
from genmo_studio.ui.viewport.pose_drag import SLOW, SNAP_ANGLE, SNAP_PLACE, on_plane
from genmo_studio.ui.viewport.pose_paint import HALO, plate

Floats = NDArray[np.float64]
REACH = 9.0
"""Logical pixels within which a handle is meant."""
ARM = 0.42
"""m from a waypoint to the tip of its heading."""
SPEED_SECONDS = 0.5
"""The handle of the speed stands where the path would be after this time."""
NEW_SPEED = 0.8
"""m/s shown for a waypoint that leaves its speed free."""
_UP = np.array([0.0, 1.0, 0.0])


class Selecting(Protocol):
    """What is selected on the timeline."""

    @property
    def playhead(self) -> int:
        """Frame that is shown."""
        ...

    @property
    def selection(self) -> frozenset[str]:
        """Ids."""
        ...

    def select(self, ids: frozenset[str]) -> None:
        """Select others."""
        ...


class Grip(msgspec.Struct, frozen=True):
    """A handle on the ground."""

    waypoint: Waypoint
    part: str
    """place, heading or speed"""
    x: float
    z: float


@dataclass
class _Drag:
    gesture: Gesture
    grip: Grip | None
    stroke: list[tuple[float, float]]
    start: tuple[float, float]
    words: str = ""


class PathTool:
    """See PointerTool."""

    def __init__(
        self,
        editor: Editor,
        session: Selecting,
        *,
        view: Callable[[], tuple[View, Size]],
        shown: Callable[[], bool],
        redraw: Callable[[], None],
        drawn: Callable[[int], None],
    ) -> None:
        """``shown``: whether the path is in the picture. ``drawn`` hears how many waypoints a stroke made."""
        self._editor, self._session = editor, session
        self._view, self._shown, self._redraw, self._drawn = view, shown, redraw, drawn
        self._drag: _Drag | None = None
        self._hot: Grip | None = None
        self._last = Pointer(0.0, 0.0)
        self.drawing = False
        """The next drag on the ground draws a path."""

    @property
    def running(self) -> bool:
        """See PointerTool."""
        return self._drag is not None

    def set_drawing(self, on: bool) -> None:
        """Draw with the next drag, or not."""
        self.cancel()
        self.drawing = on
        self._redraw()

    # -- where things are ----------------------------------------------------------------------------------------------

    def _ground(self, pointer: Pointer) -> tuple[float, float] | None:
        camera, size = self._view()
        found = on_plane(np.zeros(3), _UP, *ray(pointer.at, camera, size))
        return None if found is None else (float(found[0]), float(found[2]))

    def grips(self) -> tuple[Grip, ...]:
        """Handles that can be dragged, those of selected waypoints first."""
        if not self._shown():
            return ()
        chosen, others = [], []
        for track in self._editor.document.tracks:
            if track.kind is not TrackKind.PATH or track.hidden or track.locked:
                continue
            for item in track.items:
                if isinstance(item, Waypoint) and item.position is not None:
                    if item.id in self._session.selection:
                        chosen += [*_arms(item), Grip(item, "place", *item.position)]
                    else:
                        others.append(Grip(item, "place", *item.position))
        return (*chosen, *others)

    def _at(self, pointer: Pointer) -> Grip | None:
        grips = self.grips()
        if not grips:
            return None
        camera, size = self._view()
        places = np.array([[grip.x, 0.008, grip.z] for grip in grips])
        away = np.linalg.norm(project(places, camera, size)[:, :2] - np.array(pointer.at), axis=1)
        away = np.where(np.isfinite(away), away, np.inf)
        nearest = int(away.argmin())
        return grips[nearest] if away[nearest] <= REACH else None

    # -- pointer -------------------------------------------------------------------------------------------------------

    def press(self, pointer: Pointer) -> bool:
        """See PointerTool."""
        self._last = pointer
        if self._drag is not None or pointer.alt or pointer.button is not Button.LEFT:
            return self._drag is not None
        place = self._ground(pointer)
        if self.drawing and place is not None:
            self._drag = _Drag(self._editor.gesture("Draw Path"), None, [place], place)
            return True
        grip = self._at(pointer)
        if grip is None or place is None:
            return False
        self._session.select(frozenset({grip.waypoint.id}))
        label = {"place": "Move Waypoint", "heading": "Turn Waypoint", "speed": "Change Speed at Waypoint"}[grip.part]
        self._drag = _Drag(self._editor.gesture(label), grip, [], place)
        return True

    def drag(self, pointer: Pointer) -> None:
        """See PointerTool."""
        self._last = pointer
        drag, place = self._drag, self._ground(pointer)
        if drag is None or place is None:
            return
        if not drag.gesture.active:
            self._drag = None
            return
        if drag.grip is None:
            if math.dist(place, drag.stroke[-1]) > 0.01:
                drag.stroke.append(place)
                self._draw(drag)
        else:
            moved = _moved(drag.grip, drag.start, place, pointer)
            drag.words = _words(drag.grip.part, moved)
            drag.gesture.preview(replace_item(moved))
        self._redraw()

    def _draw(self, drag: _Drag) -> None:
        base = drag.gesture.base
        length = path_drawing.length_of(np.array(drag.stroke))
        span = path_drawing.span_for(base, self._session.playhead, length)
        made = path_drawing.waypoints(drag.stroke, span, fps=base.fps)
        seconds = (span.length - 1) / base.fps
        drag.words = f"{length:.1f} m in {seconds:.1f} s, {length / max(seconds, 1e-6):.1f} m/s"
        if made:
            track = new_id()
            drag.gesture.preview(lambda document: path_drawing.put_path(document, made, track_id=track)(document))

    def release(self, pointer: Pointer) -> bool:
        """See PointerTool."""
        self.drag(pointer)
        drag, self._drag = self._drag, None
        if drag is None:
            return False
        try:
            drag.gesture.commit()
        except EditError:
            drag.gesture.cancel()
        if drag.grip is None:
            self.drawing = False
            self._drawn(_count(drag.gesture.shown) - _count(drag.gesture.base))
        self._redraw()
        return False

    def hover(self, pointer: Pointer | None) -> bool:
        """See PointerTool."""
        if pointer is not None:
            self._last = pointer
        hot = None if pointer is None else self._at(pointer)
        if hot != self._hot:
            self._hot = hot
            self._redraw()
        return hot is not None or (self.drawing and pointer is not None)

    def wants(self, key: str) -> bool:
        """See PointerTool."""
        return key == "Esc" and (self.drawing or self._drag is not None)

    def key(self, _key: str) -> None:
        """See PointerTool: Esc."""
        if self._drag is not None:
            self.cancel()
        else:
            self.drawing = False
            self._drawn(0)
            self._redraw()

    def cancel(self) -> None:
        """See PointerTool."""
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.gesture.cancel()
            self._redraw()

    # -- painting ------------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, camera: View, size: Size, theme: Theme, /) -> None:
        """See PointerTool."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for grip in self.grips():
            hot = self._hot is not None and (grip.waypoint.id, grip.part) == (self._hot.waypoint.id, self._hot.part)
            if grip.part != "place" or hot:
                _paint_grip(painter, grip, camera, size, hot=hot, theme=theme)
        drag = self._drag
        if drag is not None and drag.grip is None and len(drag.stroke) > 1:
            places = np.array([[x, 0.008, z] for x, z in drag.stroke])
            seen = project(places, camera, size)[:, :2]
            line = QPolygonF([QPointF(float(x), float(y)) for x, y in seen if math.isfinite(x)])
            for colour, wide in ((HALO, 4.5), (QColor(theme.kind("path")), 2.2)):
                painter.setPen(QPen(colour, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPolyline(line)
        words = drag.words if drag is not None else "Drag on the ground to draw the path" if self.drawing else ""
        if words:
            at = QPointF(self._last.x + 18.0, self._last.y + 14.0)
            plate(painter, words, at, theme=theme, size=size)
        painter.restore()


def _arms(waypoint: Waypoint) -> list[Grip]:
    assert waypoint.position is not None, "a waypoint on the ground"
    x, z = waypoint.position
    heading = 0.0 if waypoint.heading is None else waypoint.heading
    vx, vz = waypoint.velocity or (NEW_SPEED * math.sin(heading), NEW_SPEED * math.cos(heading))
    way = math.hypot(vx, vz) or 1.0
    # The speed's handle begins beyond the heading's tip, so that the two never lie on each other.
    reach = ARM + 0.12 + way * SPEED_SECONDS
    return [
        Grip(waypoint, "heading", x + ARM * math.sin(heading), z + ARM * math.cos(heading)),
        Grip(waypoint, "speed", x + vx / way * reach, z + vz / way * reach),
    ]


def _moved(grip: Grip, start: tuple[float, float], place: tuple[float, float], pointer: Pointer) -> Waypoint:
    waypoint = grip.waypoint
    assert waypoint.position is not None, "a waypoint on the ground"
    share = SLOW if pointer.shift else 1.0
    x = grip.x + (place[0] - start[0]) * share
    z = grip.z + (place[1] - start[1]) * share
    if grip.part == "place":
        if pointer.control:
            x, z = round(x / SNAP_PLACE) * SNAP_PLACE, round(z / SNAP_PLACE) * SNAP_PLACE
        return msgspec.structs.replace(waypoint, position=(x, z))
    dx, dz = x - waypoint.position[0], z - waypoint.position[1]
    angle = math.atan2(dx, dz)
    if pointer.control:
        angle = round(angle / SNAP_ANGLE) * SNAP_ANGLE
    if grip.part == "heading":
        return msgspec.structs.replace(waypoint, heading=angle)
    speed = max(math.hypot(dx, dz) - ARM - 0.12, 0.0) / SPEED_SECONDS
    return msgspec.structs.replace(waypoint, velocity=(speed * math.sin(angle), speed * math.cos(angle)))


def _words(part: str, waypoint: Waypoint) -> str:
    if part == "heading":
        return f"{math.degrees(waypoint.heading or 0.0):.0f}°"
    if part == "speed":
        return f"{math.hypot(*(waypoint.velocity or (0.0, 0.0))):.2f} m/s"
    x, z = waypoint.position or (0.0, 0.0)
    return f"X {x:.2f} m  Z {z:.2f} m"


def _count(document: Document) -> int:
    return sum(len(track.items) for track in document.tracks if track.kind is TrackKind.PATH)


def _paint_grip(painter: QPainter, grip: Grip, camera: View, size: Size, *, hot: bool, theme: Theme) -> None:
    assert grip.waypoint.position is not None, "a waypoint on the ground"
    ends = np.array([[grip.waypoint.position[0], 0.008, grip.waypoint.position[1]], [grip.x, 0.008, grip.z]])
    seen = project(ends, camera, size)[:, :2]
    if not np.isfinite(seen).all():
        return
    foot, tip = (QPointF(float(x), float(y)) for x, y in seen)
    ink = QColor("#ffe14d" if hot else theme.kind("path") if grip.part == "heading" else theme.success)
    if grip.part == "speed":
        free = grip.waypoint.velocity is None
        style = Qt.PenStyle.DotLine if free else Qt.PenStyle.SolidLine
        for colour, wide in ((HALO, 4.0), (ink, 1.8)):
            painter.setPen(QPen(colour, wide, style))
            painter.drawLine(foot, tip)
    painter.setPen(QPen(HALO, 3.5))
    painter.setBrush(ink)
    if grip.part == "speed":
        painter.drawRect(int(tip.x()) - 4, int(tip.y()) - 4, 8, 8)
    else:
        painter.drawEllipse(tip, 5.5, 5.5)
