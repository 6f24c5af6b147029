"""Bringing things into the picture, and what stands there while there is no motion. No Qt, no GL."""

import math

import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.model import Document
from genmo_studio.motion.motion import Motion
from genmo_studio.render.camera import Camera
from genmo_studio.render.motion_scene import fitted
from genmo_studio.values import replace

TRAVELS = 1.2
"""Metres from the first to the last frame above which the first look is chosen by the way that is gone."""
ASIDE = math.radians(58.0)
"""Between that way and where one looks from."""


def aside(camera: Camera, motion: Motion) -> Camera:
    """The camera beside the way that the motion goes, where it goes one; what comes, comes nearer."""
    way = motion.translation[-1] - motion.translation[0]
    if np.hypot(way[0], way[2]) <= TRAVELS:
        return camera
    return replace(camera, yaw=float(np.arctan2(way[0], way[2])) - ASIDE)


def framed(camera: Camera, points: NDArray[np.float64], *, aspect: float) -> Camera:
    """The camera from the same direction with all points (N, 3), m, and the floor below them in the picture."""
    low, high = points.min(axis=0) - np.array([0.15, 0.1, 0.15]), points.max(axis=0) + np.array([0.15, 0.18, 0.15])
    low[1] = min(low[1], 0.0)
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    return fitted(camera, corners, aspect=aspect)


def at_rest(document: Document | None) -> Motion:
    """One frame of the project's body at rest, for ghosts while nothing was generated yet."""
    betas = np.zeros(10, np.float32) if document is None else np.asarray(document.body.betas, np.float32)
    return Motion(np.zeros((1, 24, 3), np.float32), np.zeros((1, 3), np.float32), betas)
