"""The gizmo at the active joint: what it looks like on screen and what lies under the pointer. Pure; no Qt, no GL.

Its size is constant on screen, in logical pixels. Moving has three axes, three plane squares and a free centre; turning
has three rings, a ring about the line of sight and a free ball. What is seen end on is neither drawn nor hit.
"""

from enum import Enum

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.render.camera import Size, View, project

Floats = NDArray[np.float64]

ARROW = 84.0
"""Logical pixels from the centre to the tip of an axis that is seen from the side."""
SQUARE = (24.0, 42.0)
"""Where the plane squares begin and end along both of their axes."""
RING, VIEW_RING = 74.0, 90.0
CENTRE = 9.0
REACH = 7.0
"""Logical pixels from a line within which it is meant."""
_GAP = 14.0
"""The axes begin outside of the centre."""
_EDGE_ON = 0.17
"""Cosine below which a square is seen too narrow to be used."""
_END_ON = 0.20
"""Share of its length below which an axis is seen too short to be used."""
_RING_POINTS = 72


class Tool(Enum):
    """What a drag on the body does."""

    SELECT = "select"
    MOVE = "move"
    ROTATE = "rotate"


class Handle(Enum):
    """A part of the gizmo."""

    MOVE_X = "move x"
    MOVE_Y = "move y"
    MOVE_Z = "move z"
    MOVE_YZ = "move yz"
    MOVE_XZ = "move xz"
    MOVE_XY = "move xy"
    MOVE_FREE = "move"
    TURN_X = "turn x"
    TURN_Y = "turn y"
    TURN_Z = "turn z"
    TURN_VIEW = "turn view"
    TURN_FREE = "turn"

    @property
    def moves(self) -> bool:
        """True when it moves, False when it turns."""
        return self.value.startswith("move")

    @property
    def axis(self) -> int | None:
        """The axis that it moves along or turns about: 0, 1 or 2."""
        return _AXIS.get(self)

    @property
    def normal(self) -> int | None:
        """The axis that a plane square stands on: 0, 1 or 2."""
        return _NORMAL.get(self)


_AXIS = {
    Handle.MOVE_X: 0, Handle.MOVE_Y: 1, Handle.MOVE_Z: 2, Handle.TURN_X: 0, Handle.TURN_Y: 1, Handle.TURN_Z: 2,
}  # fmt: skip
_NORMAL = {Handle.MOVE_YZ: 0, Handle.MOVE_XZ: 1, Handle.MOVE_XY: 2}
MOVES = (Handle.MOVE_X, Handle.MOVE_Y, Handle.MOVE_Z)
PLANES = (Handle.MOVE_YZ, Handle.MOVE_XZ, Handle.MOVE_XY)
TURNS = (Handle.TURN_X, Handle.TURN_Y, Handle.TURN_Z)


class Shape(msgspec.Struct, frozen=True, eq=False):
    """One handle on screen."""

    handle: Handle
    points: Floats
    """(N, 2) logical pixels, in order"""
    closed: bool = False
    strength: float = 1.0
    """0..1: faint where it is seen nearly end on"""


class PoseGizmo(msgspec.Struct, frozen=True, eq=False):
    """The gizmo of a moment."""

    tool: Tool
    origin: Floats
    """(3,) m, world"""
    axes: Floats
    """(3, 3) rows x, y, z in the world"""
    centre: tuple[float, float]
    """logical pixels"""
    metres_per_pixel: float
    """at the origin"""
    shapes: tuple[Shape, ...]

    def shape(self, handle: Handle) -> Shape | None:
        """One handle; None while it cannot be used."""
        return next((shape for shape in self.shapes if shape.handle is handle), None)


def metres_per_pixel(origin: Floats, camera: View, size: Size) -> float | None:
    """How many metres across the line of sight a logical pixel covers at a point; None behind the camera."""
    right = camera.view_matrix()[0, :3]
    step = 0.01
    ends = project(np.stack([origin, origin + right * step]), camera, size)[:, :2]
    length = float(np.linalg.norm(ends[1] - ends[0]))
    return step / length if np.isfinite(length) and length > 1e-9 else None


def towards_eye(origin: Floats, camera: View, size: Size) -> Floats:
    """(3,) unit vector from a point to the eye (against the line of sight of a parallel lens)."""
    inverse = np.linalg.inv(camera.projection_matrix(size) @ camera.view_matrix())
    at = project(origin, camera, size)
    x, y = 2.0 * at[0] / size[0] - 1.0, 1.0 - 2.0 * at[1] / size[1]
    ends = np.array([[x, y, -1.0, 1.0], [x, y, 1.0, 1.0]]) @ inverse.T
    near, far = ends[:, :3] / ends[:, 3:]
    way: Floats = (near - far) / np.linalg.norm(near - far)
    return way


def make_gizmo(tool: Tool, *, origin: Floats, axes: Floats, camera: View, size: Size) -> PoseGizmo | None:
    """The gizmo of a tool at a point (3,) m with axes (3, 3) rows; None when there is nothing to show."""
    origin, axes = np.asarray(origin, np.float64), np.asarray(axes, np.float64)
    scale = metres_per_pixel(origin, camera, size)
    if tool is Tool.SELECT or scale is None:
        return None
    x, y, depth = project(origin, camera, size)
    if abs(depth) > 1:
        return None
    place = _Place(origin, axes, scale, towards_eye(origin, camera, size), camera, size)
    shapes = _moving(place) if tool is Tool.MOVE else _turning(place)
    return PoseGizmo(tool, origin, axes, (float(x), float(y)), scale, tuple(shapes))


class _Place(msgspec.Struct, frozen=True, eq=False):
    """Where a gizmo stands and how it is seen."""

    origin: Floats
    axes: Floats
    scale: float
    eye: Floats
    camera: View
    size: Size

    def seen(self, points: Floats) -> Floats:
        """(N, 3) m -> (N, 2) logical pixels."""
        found: Floats = project(points, self.camera, self.size)[..., :2]
        return found


def _moving(place: _Place) -> list[Shape]:
    origin, axes, scale, eye = place.origin, place.axes, place.scale, place.eye
    found = [Shape(Handle.MOVE_FREE, _circle(place.seen(origin), CENTRE), closed=True)]
    for handle in PLANES:
        normal = handle.normal
        assert normal is not None, "a plane stands on an axis"
        facing = abs(float(axes[normal] @ eye))
        if facing < _EDGE_ON:
            continue
        u, v = axes[(normal + 1) % 3] * scale, axes[(normal + 2) % 3] * scale
        near, far = SQUARE
        corners = origin + np.array([near * u + near * v, far * u + near * v, far * u + far * v, near * u + far * v])
        found.append(Shape(handle, place.seen(corners), closed=True, strength=min(1.0, facing * 2)))
    for handle, axis in zip(MOVES, axes, strict=True):
        across = float(np.sqrt(max(0.0, 1.0 - float(axis @ eye) ** 2)))
        if across < _END_ON:
            continue
        ends = origin + np.outer([_GAP * scale, ARROW * scale], axis)
        found.append(Shape(handle, place.seen(ends), strength=min(1.0, across * 1.6)))
    return found


def _turning(place: _Place) -> list[Shape]:
    origin, axes, scale, eye = place.origin, place.axes, place.scale, place.eye
    centre = place.seen(origin)
    found = [Shape(Handle.TURN_FREE, _circle(centre, RING - REACH - 3.0), closed=True)]
    angles = np.linspace(0.0, 2 * np.pi, _RING_POINTS, endpoint=False)
    for handle, axis in zip(TURNS, axes, strict=True):
        side = np.cross(axis, eye)
        if np.linalg.norm(side) < 0.05:  # faces us: a whole circle
            u = np.cross(axis, place.camera.view_matrix()[1, :3])
            u = u / np.linalg.norm(u)
            around = _around(u, np.cross(axis, u), angles) * RING * scale
            found.append(Shape(handle, place.seen(origin + around), closed=True))
            continue
        u = side / np.linalg.norm(side)
        v = np.cross(u, axis)  # the half towards the eye is where v grows
        v = v if v @ eye > 0 else -v
        around = _around(u, v, np.linspace(0.0, np.pi, _RING_POINTS // 2)) * RING * scale
        found.append(Shape(handle, place.seen(origin + around)))
    found.append(Shape(Handle.TURN_VIEW, _circle(centre, VIEW_RING), closed=True))
    return found


def _around(u: Floats, v: Floats, angles: Floats) -> Floats:
    around: Floats = np.outer(np.cos(angles), u) + np.outer(np.sin(angles), v)
    return around


def _circle(centre: Floats, radius: float) -> Floats:
    angles = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    circle: Floats = np.stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)], axis=1)
    return circle


def hit(gizmo: PoseGizmo, x: float, y: float) -> Handle | None:
    """The handle under a point (logical pixels): the centre before axes, axes before squares, rings before the ball."""
    point = np.array([x, y])
    away = float(np.hypot(x - gizmo.centre[0], y - gizmo.centre[1]))
    if gizmo.tool is Tool.MOVE and away <= CENTRE + 2.0:
        return Handle.MOVE_FREE
    lines = [
        (distance_to(shape.points, point, closed=shape.closed), shape.handle)
        for shape in gizmo.shapes
        if shape.handle.axis is not None or shape.handle is Handle.TURN_VIEW
    ]
    nearest = min(lines, key=lambda found: found[0], default=None)
    if nearest is not None and nearest[0] <= REACH:
        return nearest[1]
    for shape in gizmo.shapes:
        if shape.handle.normal is not None and inside(shape.points, point):
            return shape.handle
    if gizmo.tool is Tool.ROTATE and away <= RING - REACH:
        return Handle.TURN_FREE
    return None


def distance_to(points: Floats, point: Floats, *, closed: bool) -> float:
    """From a point (2,) to a polyline (N, 2)."""
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    starts = points if closed else points[:-1]
    along = ends - starts
    length = np.maximum((along * along).sum(axis=1), 1e-12)
    share = np.clip(((point - starts) * along).sum(axis=1) / length, 0.0, 1.0)
    return float(np.linalg.norm(starts + share[:, None] * along - point, axis=1).min())


def inside(points: Floats, point: Floats) -> bool:
    """Whether a point (2,) lies in a convex polygon (N, 2)."""
    along = np.roll(points, -1, axis=0) - points
    to = point - points
    side = along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0]
    return bool((side >= 0).all() or (side <= 0).all())
