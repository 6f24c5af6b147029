"""What a drag on the gizmo means: metres or radians from where the pointer was and is. Pure; no Qt, no GL.

A drag is a value (``Pull``) that ``advance`` turns into the next one. Shift slows it tenfold from where it is pressed,
so nothing jumps when the key goes down or up. Rings count further than one turn.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.render.camera import Size, View, project, ray
from genmo_studio.ui.viewport.pose_gizmo import RING, Handle, metres_per_pixel, towards_eye
from genmo_studio.values import replace

Floats = NDArray[np.float64]

SNAP_ANGLE = np.radians(5.0)
SNAP_PLACE = 0.01
"""m"""
SLOW = 0.1
_EDGE_ON = 0.2
"""Cosine below which a ring is turned by the way along its edge, not by the angle in its plane."""


class Pull(msgspec.Struct, frozen=True, eq=False):
    """A drag in the making."""

    handle: Handle
    origin: Floats
    """(3,) m where the gizmo was"""
    axes: Floats
    """(3, 3) rows"""
    camera: View
    size: Size
    start: tuple[float, float]
    """pointer, logical pixels"""
    last: tuple[float, float]
    """pointer as it is"""
    pointer: tuple[float, float]
    """pointer as it counts: slower than the real one while Shift is held"""
    turned: float = 0.0
    """rad about the ring's axis, beyond a full turn too"""

    @property
    def axis(self) -> Floats:
        """(3,) what a ring turns about."""
        if self.handle.axis is not None:
            axis: Floats = self.axes[self.handle.axis]
            return axis
        return towards_eye(self.origin, self.camera, self.size)


def begin(handle: Handle, *, origin: Floats, axes: Floats, camera: View, size: Size, at: tuple[float, float]) -> Pull:
    """A drag that begins at a point (logical pixels)."""
    return Pull(handle, np.asarray(origin, np.float64), np.asarray(axes, np.float64), camera, size, at, at, at)


def advance(pull: Pull, at: tuple[float, float], *, slow: bool = False) -> Pull:
    """The pointer is elsewhere now."""
    share = SLOW if slow else 1.0
    pointer = (
        pull.pointer[0] + (at[0] - pull.last[0]) * share,
        pull.pointer[1] + (at[1] - pull.last[1]) * share,
    )
    turned = pull.turned
    if not pull.handle.moves and pull.handle is not Handle.TURN_FREE:
        turned += _step(pull, pointer)
    return replace(pull, last=at, pointer=pointer, turned=turned)


# -- moving ------------------------------------------------------------------------------------------------------------


def offset(pull: Pull, *, snap: bool = False) -> Floats:
    """(3,) m that the gizmo is to be moved by; ``snap`` in whole centimetres along the axes."""
    moved = _place(pull, pull.pointer) - _place(pull, pull.start)
    if not snap:
        return moved
    along = np.round(pull.axes @ moved / SNAP_PLACE) * SNAP_PLACE
    snapped: Floats = pull.axes.T @ along
    return snapped


def _place(pull: Pull, at: tuple[float, float]) -> Floats:
    """Where the pointer is on the axis or the plane of the handle, as a way from the origin."""
    start, way = ray(at, pull.camera, pull.size)
    if pull.handle.axis is not None:
        return _on_axis(pull.origin, pull.axes[pull.handle.axis], start, way)
    normal = pull.handle.normal
    plane = towards_eye(pull.origin, pull.camera, pull.size) if normal is None else pull.axes[normal]
    found = on_plane(pull.origin, plane, start, way)
    return np.zeros(3) if found is None else found - pull.origin


def _on_axis(origin: Floats, axis: Floats, start: Floats, way: Floats) -> Floats:
    """The way along the axis to the point of it that is nearest to a ray; none when the two are parallel."""
    b = float(axis @ way)
    apart = 1.0 - b * b
    if apart < 1e-4:
        return np.zeros(3)
    to = start - origin
    along: Floats = axis * ((float(axis @ to) - b * float(way @ to)) / apart)
    return along


def on_plane(point: Floats, normal: Floats, start: Floats, way: Floats) -> Floats | None:
    """Where a ray meets a plane, m; None when it does not, or so far away that a pixel would be a leap."""
    down = float(normal @ way)
    if abs(down) < 0.02:
        return None
    distance = float(normal @ (point - start)) / down
    if distance <= 0:
        return None
    place: Floats = start + distance * way
    return place


# -- turning -----------------------------------------------------------------------------------------------------------


def turn(pull: Pull, *, snap: bool = False) -> Floats:
    """(3,) rotation vector in the world, rad; ``snap`` in steps of five degrees."""
    if pull.handle is Handle.TURN_FREE:
        return _ball(pull)
    angle = round(pull.turned / SNAP_ANGLE) * SNAP_ANGLE if snap else pull.turned
    turned: Floats = pull.axis * angle
    return turned


def _ball(pull: Pull) -> Floats:
    """As if the ball of the gizmo rolled under the pointer."""
    right, up = pull.camera.view_matrix()[:2, :3]
    dx, dy = pull.pointer[0] - pull.start[0], pull.pointer[1] - pull.start[1]
    turned: Floats = (up * dx + right * dy) / RING
    return turned


def _step(pull: Pull, pointer: tuple[float, float]) -> float:
    """The angle about the ring's axis between two places of the pointer."""
    axis = pull.axis
    if abs(float(axis @ towards_eye(pull.origin, pull.camera, pull.size))) < _EDGE_ON:
        return _along_edge(pull, pointer)
    before, after = (_arm(pull, axis, at) for at in (pull.pointer, pointer))
    if before is None or after is None:
        return 0.0
    return float(np.arctan2(axis @ np.cross(before, after), before @ after))


def _arm(pull: Pull, axis: Floats, at: tuple[float, float]) -> Floats | None:
    found = on_plane(pull.origin, axis, *ray(at, pull.camera, pull.size))
    return None if found is None else found - pull.origin


def _along_edge(pull: Pull, pointer: tuple[float, float]) -> float:
    """A ring that is seen from the side: the way along it, as on the rim of a wheel."""
    scale = metres_per_pixel(pull.origin, pull.camera, pull.size)
    if scale is None:
        return 0.0
    near = towards_eye(pull.origin, pull.camera, pull.size) * RING * scale
    rim = np.cross(pull.axis, near)
    ends = project(np.stack([pull.origin + near, pull.origin + near + 0.1 * rim]), pull.camera, pull.size)[:, :2]
    along = ends[1] - ends[0]
    length = float(np.linalg.norm(along))
    if not np.isfinite(length) or length < 1e-9:
        return 0.0
    step = np.array([pointer[0] - pull.pointer[0], pointer[1] - pull.pointer[1]])
    return float(step @ along) / length / RING


# -- numbers -----------------------------------------------------------------------------------------------------------


def typed_offset(pull: Pull, centimetres: float) -> Floats:
    """(3,) m for a typed number: along the handle's axis, along both axes of a plane, to the right when it is free."""
    metres = centimetres / 100.0
    if pull.handle.axis is not None:
        along: Floats = pull.axes[pull.handle.axis] * metres
        return along
    if pull.handle.normal is not None:
        plane: Floats = (pull.axes.sum(axis=0) - pull.axes[pull.handle.normal]) * metres
        return plane
    right: Floats = pull.camera.view_matrix()[0, :3] * metres
    return right


def typed_turn(pull: Pull, degrees: float) -> Floats:
    """(3,) rotation vector for a typed number: about the handle's axis, or about the line of sight."""
    turned: Floats = pull.axis * np.radians(degrees)
    return turned


def words(pull: Pull, value: Floats) -> str:
    """What the drag says beside the pointer: ``X 12.0 cm``, ``Y 45.0°``; ``value`` is the offset or the turn."""
    name = _NAMES.get(pull.handle, "")
    if not pull.handle.moves:
        angle = float(np.degrees(np.linalg.norm(value)))
        if pull.handle is not Handle.TURN_FREE:
            angle = float(np.degrees(value @ pull.axis))
        return f"{name} {angle:.1f}°".strip()
    along = pull.axes @ value * 100.0
    if pull.handle.axis is not None:
        return f"{name} {along[pull.handle.axis]:.1f} cm"
    return (
        "  ".join(
            f"{letter} {number:.1f}"
            for index, (letter, number) in enumerate(zip("XYZ", along, strict=True))
            if index != pull.handle.normal
        )
        + " cm"
    )


_NAMES = {
    Handle.MOVE_X: "X", Handle.MOVE_Y: "Y", Handle.MOVE_Z: "Z", Handle.TURN_X: "X", Handle.TURN_Y: "Y",
    Handle.TURN_Z: "Z", Handle.TURN_VIEW: "View",
}  # fmt: skip
