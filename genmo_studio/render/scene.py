"""What is drawn, as frozen values: bodies, props, lines, points, backdrop, ground. No OpenGL, no Qt.

Static geometry (``SkinnedMesh``, ``StaticMesh``) is uploaded once and recognised by identity; everything else is a
cheap value made anew for each frame.
"""

from dataclasses import dataclass, field
from enum import Enum

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.skeleton import JOINT_COUNT

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]
Colour = tuple[float, float, float]

INFLUENCES = 4
"""Joints that move a vertex on the GPU."""


class Depth(Enum):
    """Whether lines and points hide behind surfaces."""

    TESTED = "tested"
    ON_TOP = "on top"
    """Drawn over everything (x-ray)."""


class Surface(Enum):
    """How a body is shaded."""

    SUIT = "suit"
    """Matte two-tone suit with key light, sky light and rim."""
    GHOST = "ghost"
    """See-through shape that is densest at its outline."""
    SILHOUETTE = "silhouette"
    """Flat fill, for judging poses."""


class SkinnedMesh(msgspec.Struct, frozen=True, eq=False):
    """A body at rest with the weights of the joints that move it."""

    vertices: Floats
    """(V, 3) m, rest pose of the shaped body"""
    normals: Floats
    """(V, 3) unit"""
    faces: Integers
    """(F, 3)"""
    coarse_faces: Integers
    """(G, 3) a rougher surface over the same vertices, for shadows"""
    joints: NDArray[np.uint8]
    """(V, 4) joint indices"""
    weights: Floats
    """(V, 4), rows sum to 1"""
    panel: Floats
    """(V,) 0..1: the suit's second tone above 0.5"""
    rest_joints: Floats
    """(24, 3) m"""


class StaticMesh(msgspec.Struct, frozen=True, eq=False):
    """A rigid mesh: a prop."""

    vertices: Floats
    """(V, 3) m"""
    normals: Floats
    """(V, 3) unit"""
    faces: Integers
    """(F, 3)"""
    name: str = "prop"


class Material(msgspec.Struct, frozen=True):
    """Colours of a surface, sRGB 0..1."""

    primary: Colour = (0.70, 0.67, 0.635)
    secondary: Colour = (0.375, 0.395, 0.425)
    rim: Colour = (0.62, 0.74, 0.90)


class SkinnedBody(msgspec.Struct, frozen=True, eq=False):
    """One posed instance of a skinned mesh; instances of one mesh share its buffers, so ghosts are cheap."""

    mesh: SkinnedMesh
    transforms: Floats
    """(24, 4, 4) rest to posed, world"""
    material: Material = Material()
    surface: Surface = Surface.SUIT
    opacity: float = 1.0
    tint: Floats | None = None
    """(24, 4) colour and strength per joint, blended by the skinning weights; contacts, selection, stress"""
    offsets: Floats | None = None
    """(V, 3) m added at rest before skinning (pose blend shapes)"""

    def joint_positions(self) -> NDArray[np.float64]:
        """(24, 3) posed joints, m."""
        rest = np.concatenate([self.mesh.rest_joints, np.ones((JOINT_COUNT, 1))], axis=1)
        posed: NDArray[np.float64] = np.einsum("jab,jb->ja", self.transforms.astype(np.float64), rest)[:, :3]
        return posed


@dataclass(frozen=True, eq=False)
class Prop:
    """One placed static mesh."""

    mesh: StaticMesh
    transform: Floats = field(default_factory=lambda: np.eye(4, dtype=np.float32))
    """(4, 4) mesh to world"""
    colour: Colour = (0.46, 0.47, 0.49)
    opacity: float = 1.0


class Lines(msgspec.Struct, frozen=True, eq=False):
    """Separate segments with round smooth edges."""

    segments: Floats
    """(N, 2, 3) m"""
    colours: Floats
    """(N, 4) sRGB and opacity of each segment"""
    width: float = 2.0
    """pixels"""
    depth: Depth = Depth.TESTED


class Points(msgspec.Struct, frozen=True, eq=False):
    """Round dots of a fixed size on screen."""

    positions: Floats
    """(N, 3) m"""
    colours: Floats
    """(N, 4) sRGB and opacity"""
    size: float = 7.0
    """diameter, pixels"""
    depth: Depth = Depth.TESTED


class Backdrop(msgspec.Struct, frozen=True, eq=False):
    """A picture behind everything, fitted whole into the view."""

    image: NDArray[np.uint8]
    """(H, W, 3) sRGB, top row first"""
    opacity: float = 1.0


class Ground(msgspec.Struct, frozen=True):
    """The metre grid and what falls on it."""

    grid: float = 1.0
    """strength of the grid lines, 0 hides them"""
    shadow: float = 0.85
    """strength of the shadow, 0..1"""
    fill: float = 1.0
    """strength of the pool of light on the floor, 0..1; 0 draws only shadow and grid (over video)"""
    reach: float = 14.0
    """m around the point of interest over which the floor fades"""


class Scene(msgspec.Struct, frozen=True, eq=False):
    """Everything in one picture."""

    bodies: tuple[SkinnedBody, ...] = ()
    props: tuple[Prop, ...] = ()
    lines: tuple[Lines, ...] = ()
    points: tuple[Points, ...] = ()
    backdrop: Backdrop | None = None
    ground: Ground | None = Ground()
    background_top: Colour = (0.150, 0.158, 0.172)
    background_bottom: Colour = (0.098, 0.102, 0.112)
    coarse_ghosts: bool = False
    """ghosts of fewer triangles: where the processor draws and something moves, each costs as much as the character"""

    def bounding_sphere(self) -> tuple[NDArray[np.float64], float]:
        """Centre (3,) and radius in m around the bodies' joints (or the props); a person's size when empty."""
        clouds = [body.joint_positions() for body in self.bodies]
        for prop in self.props:
            corners = np.stack([prop.mesh.vertices.min(axis=0), prop.mesh.vertices.max(axis=0)]).astype(np.float64)
            clouds.append(corners @ prop.transform[:3, :3].T + prop.transform[:3, 3])
        if not clouds:
            return np.array([0.0, 0.95, 0.0]), 1.1
        points = np.concatenate(clouds)
        low, high = points.min(axis=0), points.max(axis=0)
        return (low + high) / 2, float(np.linalg.norm(high - low) / 2 + 0.15)
