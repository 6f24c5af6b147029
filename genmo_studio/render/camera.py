"""Cameras as values: orbit camera of the viewport, camera of a video, projection and picking rays. Pure maths.

World: metres, y up. Eye space follows GL: x right, y up, the camera looks along -z. Matrices act on columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from genmo_studio.values import replace

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Size = tuple[int, int]

MAX_PITCH = math.radians(89.5)
NEAR_LIMIT, FAR_LIMIT = 0.05, 400.0


class Lens(Enum):
    """Projection of the viewport camera."""

    PERSPECTIVE = "perspective"
    ORTHOGRAPHIC = "orthographic"


class ViewPreset(Enum):
    """Standard views as (yaw, pitch) in degrees; the name says from where one looks."""

    FRONT = (0.0, 0.0)
    BACK = (180.0, 0.0)
    LEFT = (90.0, 0.0)
    RIGHT = (-90.0, 0.0)
    TOP = (0.0, 89.5)
    BOTTOM = (0.0, -89.5)
    THREE_QUARTER = (32.0, 14.0)


class View(Protocol):
    """What the renderer needs from a camera."""

    def view_matrix(self) -> Matrix:
        """(4, 4) world to eye."""
        ...

    def projection_matrix(self, size: Size) -> Matrix:
        """(4, 4) eye to clip space for a picture of ``size`` pixels."""
        ...

    def focus_point(self) -> Vector:
        """(3,) the point of interest; the grid fades around it."""
        ...


class Camera(msgspec.Struct, frozen=True):
    """Orbit camera: looks at ``target`` from ``distance``; every operation returns a new camera."""

    target: tuple[float, float, float] = (0.0, 0.95, 0.0)
    yaw: float = math.radians(32.0)
    """rad about +y; 0 looks at the body's front (eye on +z)."""
    pitch: float = math.radians(14.0)
    """rad; positive looks down."""
    distance: float = 4.2
    """m from target to eye."""
    fov: float = math.radians(34.0)
    """vertical field of view, rad."""
    lens: Lens = Lens.PERSPECTIVE

    def backward(self) -> Vector:
        """(3,) unit vector from the target to the eye."""
        cos_pitch = math.cos(self.pitch)
        return np.array([cos_pitch * math.sin(self.yaw), math.sin(self.pitch), cos_pitch * math.cos(self.yaw)])

    def eye(self) -> Vector:
        """(3,) position of the eye, m."""
        return np.asarray(self.target, np.float64) + self.distance * self.backward()

    def focus_point(self) -> Vector:
        """(3,) the target."""
        return np.asarray(self.target, np.float64)

    def axes(self) -> Matrix:
        """(3, 3) rows right, up, backward in the world."""
        right = np.array([math.cos(self.yaw), 0.0, -math.sin(self.yaw)])
        backward = self.backward()
        return np.stack([right, np.cross(backward, right), backward])

    def view_matrix(self) -> Matrix:
        """(4, 4) world to eye."""
        view = np.eye(4)
        view[:3, :3] = self.axes()
        view[:3, 3] = -view[:3, :3] @ self.eye()
        return view

    def clip_range(self) -> tuple[float, float]:
        """Near and far plane, m; they follow the distance so that depth keeps its precision."""
        return max(NEAR_LIMIT, self.distance * 0.02), max(FAR_LIMIT, self.distance * 20.0)

    def projection_matrix(self, size: Size) -> Matrix:
        """(4, 4) eye to clip for a picture of ``size`` pixels."""
        aspect = size[0] / max(size[1], 1)
        near, far = self.clip_range()
        half = math.tan(self.fov / 2.0)
        if self.lens is Lens.PERSPECTIVE:
            return perspective(half_width=half * aspect, half_height=half, near=near, far=far)
        height = half * self.distance
        return orthographic(half_width=height * aspect, half_height=height, near=-far, far=far)

    def orbit(self, *, yaw: float, pitch: float) -> "Camera":
        """Turn about the target by radians; pitch stops short of the poles."""
        return replace(
            self,
            yaw=math.remainder(self.yaw + yaw, math.tau),
            pitch=min(max(self.pitch + pitch, -MAX_PITCH), MAX_PITCH),
        )

    def orbit_about(self, pivot: ArrayLike, *, yaw: float, pitch: float) -> "Camera":
        """Turn by radians about any point (3,) of the world: it stays where it is in the picture."""
        centre = np.asarray(pivot, np.float64)
        turned = self.orbit(yaw=yaw, pitch=pitch)
        seen = self.axes() @ (self.focus_point() - centre)
        return turned.looking_at(centre + turned.axes().T @ seen)

    def kept_above(self, floor: float, *, before: "Camera") -> "Camera":
        """This camera with its eye at least at ``floor`` (m), pitched towards ``before``, which it was turned from.

        One that was below already may come up, but goes no deeper.
        """
        least = min(floor, float(before.eye()[1]))
        if self.eye()[1] >= least - 1e-9:
            return self
        share_kept, share_low = 0.0, 1.0
        for _ in range(24):  # the eye sinks steadily on the way from the one to the other
            middle = (share_kept + share_low) / 2
            if _between(before, self, middle).eye()[1] >= least:
                share_kept = middle
            else:
                share_low = middle
        held = _between(before, self, share_kept)
        return replace(self, pitch=held.pitch, target=held.target)

    def pan(self, *, dx: float, dy: float, height: int) -> "Camera":
        """Shift so that the target plane follows a pointer drag of (dx, dy) pixels, y down; ``height`` of the view."""
        scale = 2.0 * self.distance * math.tan(self.fov / 2.0) / max(height, 1)
        right, up, _ = self.axes()
        return self.looking_at(self.focus_point() - right * (dx * scale) + up * (dy * scale))

    def dolly(self, factor: float) -> "Camera":
        """Multiply the distance to the target, within 0.2 m to 200 m."""
        return replace(self, distance=min(max(self.distance * factor, 0.2), 200.0))

    def looking_at(self, target: ArrayLike) -> "Camera":
        """The same view about another target."""
        x, y, z = (float(value) for value in np.asarray(target, np.float64))
        return replace(self, target=(x, y, z))

    def preset(self, preset: ViewPreset) -> "Camera":
        """Turn to a standard view; target and distance stay."""
        yaw, pitch = preset.value
        return replace(self, yaw=math.radians(yaw), pitch=math.radians(pitch))

    def shows(self, preset: ViewPreset) -> bool:
        """Whether one looks from a standard side, within half a degree."""
        yaw, pitch = (math.radians(value) for value in preset.value)
        near = math.radians(0.5)
        turn = abs(math.remainder(self.yaw - yaw, math.tau))
        return abs(self.pitch - pitch) < near and turn < near

    def with_other_lens(self) -> "Camera":
        """Perspective becomes orthographic and back; what lies in the target plane keeps its size."""
        parallel = self.lens is Lens.ORTHOGRAPHIC
        return replace(self, lens=Lens.PERSPECTIVE if parallel else Lens.ORTHOGRAPHIC)

    def at_ground(self, *, height: float = 0.12) -> "Camera":
        """Look level along the floor from ``height`` m above it: what stands on it and what does not."""
        x, _, z = self.target
        return replace(self, target=(x, height, z), pitch=0.0)

    def framing(self, centre: ArrayLike, radius: float, *, aspect: float, margin: float = 1.08) -> "Camera":
        """Keep the direction and move so that a sphere (m) fills the picture."""
        half = self.fov / 2.0
        half = min(half, math.atan(math.tan(half) * aspect))
        return replace(self.looking_at(centre), distance=max(margin * radius / math.sin(half), 0.2))


def _between(first: Camera, second: Camera, share: float) -> Camera:
    """Pitch and target on the way from one camera to another; all else as in the second."""
    x, y, z = (a + share * (b - a) for a, b in zip(first.target, second.target, strict=True))
    return replace(second, target=(x, y, z), pitch=first.pitch + share * (second.pitch - first.pitch))


@dataclass(frozen=True, eq=False)
class VideoCamera:
    """Pinhole camera of a video frame; its picture is letterboxed into whatever size is drawn."""

    intrinsics: Matrix
    """(3, 3) pixels of the image; x right, y down."""
    image_size: Size
    """width, height in pixels the intrinsics refer to."""
    world_to_camera: Matrix = field(default_factory=lambda: np.eye(4))
    """(4, 4) world to camera in the computer-vision frame: x right, y down, z forward, metres."""
    near: float = 0.05
    far: float = 200.0

    def view_matrix(self) -> Matrix:
        """(4, 4) world to eye: the vision frame turned half round x."""
        return np.diag([1.0, -1.0, -1.0, 1.0]) @ np.asarray(self.world_to_camera, np.float64)

    def focus_point(self) -> Vector:
        """(3,) a point 4 m in front of the camera."""
        inverse = np.linalg.inv(np.asarray(self.world_to_camera, np.float64))
        point: Vector = inverse[:3, :3] @ np.array([0.0, 0.0, 4.0]) + inverse[:3, 3]
        return point

    def projection_matrix(self, size: Size) -> Matrix:
        """(4, 4) eye to clip; image pixels land in ``image_rectangle(size)``."""
        fx, fy = self.intrinsics[0, 0], self.intrinsics[1, 1]
        skew, cx, cy = self.intrinsics[0, 1], self.intrinsics[0, 2], self.intrinsics[1, 2]
        width, height = self.image_size
        near, far = self.near, self.far
        matrix = np.zeros((4, 4))
        # From u = fx x/z + skew y/z + cx with z_eye = -z and y_eye = -y, scaled to -1..1 over the image.
        matrix[0] = [2 * fx / width, -2 * skew / width, 1 - 2 * cx / width, 0]
        matrix[1] = [0, 2 * fy / height, 2 * cy / height - 1, 0]
        matrix[2, 2:] = [-(far + near) / (far - near), -2 * far * near / (far - near)]
        matrix[3, 2] = -1
        left, bottom, right, top = self.image_rectangle(size)
        fit = np.diag([(right - left) / 2, (top - bottom) / 2, 1.0, 1.0])
        fit[0, 3], fit[1, 3] = (left + right) / 2, (bottom + top) / 2
        return fit @ matrix

    def image_rectangle(self, size: Size) -> tuple[float, float, float, float]:
        """left, bottom, right, top in clip space (-1..1) of the letterboxed image."""
        return letterbox(self.image_size, size)


def letterbox(image: Size, size: Size) -> tuple[float, float, float, float]:
    """left, bottom, right, top in clip space of an image fitted whole and centred into a picture."""
    scale = min(size[0] / image[0], size[1] / image[1])
    x, y = image[0] * scale / size[0], image[1] * scale / size[1]
    return -x, -y, x, y


def perspective(*, half_width: float, half_height: float, near: float, far: float) -> Matrix:
    """(4, 4) GL perspective matrix; half extents are those at unit distance (tangents of the half angles)."""
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1] = 1.0 / half_width, 1.0 / half_height
    matrix[2, 2], matrix[2, 3] = -(far + near) / (far - near), -2.0 * far * near / (far - near)
    matrix[3, 2] = -1.0
    return matrix


def orthographic(*, half_width: float, half_height: float, near: float, far: float) -> Matrix:
    """(4, 4) GL orthographic matrix, extents in metres."""
    matrix = np.diag([1.0 / half_width, 1.0 / half_height, -2.0 / (far - near), 1.0])
    matrix[2, 3] = -(far + near) / (far - near)
    return matrix


def project(points: ArrayLike, camera: View, size: Size) -> Matrix:
    """(..., 3) world points -> (..., 3) pixel x, pixel y (down, from the top left corner) and depth -1..1.

    Points behind a perspective camera get NaN.
    """
    world = np.asarray(points, np.float64)
    clip = camera.projection_matrix(size) @ camera.view_matrix()
    homogeneous = world @ clip[:3, :3].T + clip[:3, 3]
    w = world @ clip[3, :3] + clip[3, 3]
    w = np.where(w > 1e-9, w, np.nan)
    out = homogeneous / w[..., None]
    out[..., 0] = (out[..., 0] + 1) * 0.5 * size[0]
    out[..., 1] = (1 - out[..., 1]) * 0.5 * size[1]
    return out


def ray(pixel: Sequence[float], camera: View, size: Size) -> tuple[Vector, Vector]:
    """Origin (3,) on the near plane and unit direction (3,) of the world ray through a pixel (y down)."""
    inverse = np.linalg.inv(camera.projection_matrix(size) @ camera.view_matrix())
    x, y = 2.0 * pixel[0] / size[0] - 1.0, 1.0 - 2.0 * pixel[1] / size[1]
    ends = np.array([[x, y, -1.0, 1.0], [x, y, 1.0, 1.0]]) @ inverse.T
    near, far = ends[:, :3] / ends[:, 3:]
    direction = far - near
    return near, direction / np.linalg.norm(direction)
