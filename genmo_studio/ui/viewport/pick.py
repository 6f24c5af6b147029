"""What lies under the pointer: a joint of the character, or the ghost of a pose key. Logical pixels; no Qt, no GL.

Everything is asked of the camera with the size in logical pixels, so the screen's scale plays no part.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, PARENTS
from genmo_studio.render.camera import Size, View, project, ray
from genmo_studio.render.picking import pick_body
from genmo_studio.render.scene import Scene, SkinnedBody

REACH = 14.0
"""Logical pixels from a joint within which it is meant, where joints are drawn."""


class Picked(msgspec.Struct, frozen=True, eq=False):
    """One thing under the pointer."""

    joint: int
    body: SkinnedBody | None = None
    """The body whose skin was hit; None for a drawn joint."""
    key: str | None = None
    """Id of the pose key when it is a key's ghost."""


def pick(
    scene: Scene,
    camera: View,
    *,
    size: Size,
    at: tuple[float, float],
    joints: NDArray[np.float64] | None,
    bones: bool,
) -> Picked | None:
    """The nearest drawn joint (``bones``: they are drawn) within reach, else the skin under the pointer."""
    if bones and joints is not None:
        away = np.linalg.norm(project(joints, camera, size)[:, :2] - np.asarray(at), axis=1)
        away = np.where(np.isfinite(away), away, np.inf)
        if float(away.min()) <= REACH:
            return Picked(int(away.argmin()))
    hit = pick_body(scene, *ray(at, camera, size))
    return None if hit is None else Picked(hit.joint, scene.bodies[hit.body])


def nearer_end(joint: int, joints: NDArray[np.float64], camera: View, *, size: Size, at: tuple[float, float]) -> int:
    """Of a joint and those that hang on it, the one that is nearest to a point on screen; ``joints`` is (24, 3) m."""
    ends = [joint, *(child for child, parent in enumerate(PARENTS[:BODY_JOINT_COUNT]) if parent == joint)]
    away = np.linalg.norm(project(joints[ends], camera, size)[:, :2] - np.asarray(at), axis=1)
    return ends[int(np.where(np.isfinite(away), away, np.inf).argmin())]


def outline(
    joints: NDArray[np.float64] | None, camera: View, size: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom in logical pixels around the character, a little larger than its joints."""
    if joints is None:
        return None
    seen = project(joints, camera, size)[:, :2]
    if not np.isfinite(seen).all():
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = 0.06 * float(high[1] - low[1])
    return float(low[0] - room), float(low[1] - room), float(high[0] + room), float(high[1] + room)
