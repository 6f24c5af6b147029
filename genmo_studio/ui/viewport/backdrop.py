"""Looking through the camera of a video: its picture behind the body, the body where the person in it is. No Qt, no GL.

The viewport draws what a ``CameraView`` says instead of its own camera's picture, and body and picture of one view
always belong to the same moment.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.render.camera import Camera, VideoCamera
from genmo_studio.render.scene import Backdrop, Scene
from genmo_studio.shapes import UInt8
from genmo_studio.values import replace

Image = UInt8[NDArray[np.uint8], "height width 3"]

_GRID = 0.55
"""Strength of the ground grid over a video, of its usual one."""


class CameraView(msgspec.Struct, frozen=True, eq=False):
    """One moment seen through a video's camera."""

    camera: VideoCamera
    moment: float
    """Timeline frame of the picture; the body is drawn at this moment."""
    image: Image | None = None
    """None while there is no picture: the body stands before the plain background."""
    opacity: float = 1.0
    """Of the picture, 0 to 1."""
    body: bool = True
    """False hides the body: it is not known where the camera was."""

    def applied(self, scene: Scene) -> Scene:
        """The scene with the picture behind it and a floor that only shows shadow and grid."""
        backdrop = None if self.image is None else Backdrop(self.image, self.opacity)
        if not self.body:
            return replace(scene, bodies=(), props=(), lines=(), points=(), ground=None, backdrop=backdrop)
        ground = scene.ground
        if ground is not None:
            ground = replace(ground, fill=1.0 - self.opacity if backdrop else 1.0, grid=ground.grid * _GRID)
        return replace(scene, ground=ground, backdrop=backdrop)


def orbiting(view: VideoCamera, *, target: NDArray[np.float64] | None, like: Camera) -> Camera:
    """The orbit camera that looks from where a video's camera stands, about the point nearest to ``target``.

    The field of view stays that of ``like``; the distance makes the target as large as in the video. Roll is lost.
    """
    world_to_camera = np.asarray(view.world_to_camera, np.float64)
    eye = -world_to_camera[:3, :3].T @ world_to_camera[:3, 3]
    forward = world_to_camera[2, :3]
    depth = 4.0 if target is None else max(float((target - eye) @ forward), 0.5)
    half = view.image_size[1] / 2 / float(view.intrinsics[1, 1])
    return replace(
        like.looking_at(eye + depth * forward),
        yaw=math.atan2(-forward[0], -forward[2]),
        pitch=math.asin(max(-1.0, min(1.0, -forward[1]))),
        distance=depth * half / math.tan(like.fov / 2.0),
    )


def plain_camera(image: Image | None) -> VideoCamera | None:
    """A camera that only shows the picture, where its place is not known; None without a picture."""
    if image is None:
        return None
    height, width = image.shape[:2]
    focal = math.hypot(width, height)
    return VideoCamera(np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]]), (width, height))
