"""From a motion and a frame number to the scene of that moment: body, ghosts, skeleton, trails, contact tint."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.arrays import evenly
from genmo_studio.motion.body import Body, skinning_transforms
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import CONTACT_JOINTS, JOINT_COUNT, PARENTS
from genmo_studio.render.camera import Camera
from genmo_studio.render.mesh import skinned_mesh
from genmo_studio.render.scene import (
    Colour,
    Depth,
    Floats,
    Ground,
    Lines,
    Material,
    Points,
    Scene,
    SkinnedBody,
    SkinnedMesh,
    Surface,
)
from genmo_studio.values import replace

_BLOCK = 256
_BLOCKS_KEPT = 8
CONTACT_COLOUR: Colour = (0.20, 0.78, 0.62)
LEFT_COLOUR: Colour = (0.36, 0.66, 0.98)
RIGHT_COLOUR: Colour = (0.98, 0.56, 0.36)
MIDDLE_COLOUR: Colour = (0.92, 0.92, 0.88)
# Blue and yellow stay apart for every kind of colour blindness, and neither is the orange of pose keys.
GHOST_BEFORE: Colour = (0.36, 0.60, 0.98)
GHOST_AFTER: Colour = (0.98, 0.83, 0.32)
# The sole moves with ankle and foot, so both take the tint of either contact label.
_TINTED: dict[int, tuple[int, ...]] = {7: (7, 10), 10: (7, 10), 8: (8, 11), 11: (8, 11), 20: (20, 22), 21: (21, 23)}
_SIDE_COLOURS: tuple[Colour, ...] = (
    MIDDLE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR, LEFT_COLOUR,
    RIGHT_COLOUR, MIDDLE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR,
    LEFT_COLOUR, RIGHT_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, LEFT_COLOUR, RIGHT_COLOUR,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Display:
    """What is shown of a motion besides the body."""

    surface: Surface = Surface.SUIT
    opacity: float = 1.0
    """of the body; below 1 the skeleton shows through"""
    body: bool = True
    skeleton: bool = False
    contacts: bool = True
    """tint feet and hands that are at rest"""
    root_path: bool = False
    """the pelvis' way over the floor"""
    trails: tuple[int, ...] = ()
    """joints whose way through the air is drawn"""
    trail_reach: int = 30
    """frames before and after the playhead that trails cover"""
    ghosts: tuple[int, ...] = ()
    """frame offsets of ghosts, for example (-20, -10, 10, 20)"""
    ghost_opacity: float = 0.55
    material: Material = field(default_factory=Material)
    ground: Ground | None = field(default_factory=Ground)


class MotionScene:
    """Scenes of one motion on one body. Poses are computed in blocks when first asked for."""

    def __init__(self, body: Body, motion: Motion, *, like: "MotionScene | None" = None) -> None:
        """The mesh of a scene of the same body and shape (``like``) is shared; making one takes 40 ms."""
        self.body, self.motion = body, motion
        known = like.mesh if like is not None and like.body is body else None
        same = like is not None and known is not None and np.array_equal(like.motion.betas, motion.betas)
        self.mesh: SkinnedMesh = known if known is not None and same else skinned_mesh(body, motion.betas, like=known)
        self._blocks: OrderedDict[int, Floats] = OrderedDict()

    def __len__(self) -> int:
        return len(self.motion)

    def transforms(self, frame: int) -> Floats:
        """(24, 4, 4) rest-to-posed transforms of a frame, which is clamped to the motion."""
        if not len(self.motion):
            raise ValueError("the motion has no frames")
        frame = min(max(frame, 0), len(self.motion) - 1)
        number, inside = divmod(frame, _BLOCK)
        block = self._blocks.get(number)
        if block is None:
            part = slice(number * _BLOCK, (number + 1) * _BLOCK)
            rotations, translation = self.motion.rotations[part], self.motion.translation[part]
            block = np.asarray(skinning_transforms(rotations, self.mesh.rest_joints, translation), np.float32)
            self._blocks[number] = block
            while len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        transforms: Floats = block[inside]
        return transforms

    def joints(self, frame: int) -> NDArray[np.float64]:
        """(24, 3) joint positions of a frame, m."""
        return self._instance(frame, material=Material(), surface=Surface.SUIT, opacity=1.0).joint_positions()

    def at(self, frame: int, display: Display | None = None) -> Scene:
        """Everything to draw at a frame (clamped to the motion)."""
        display = display or Display()
        bodies: list[SkinnedBody] = []
        for offset in display.ghosts:
            if offset and 0 <= frame + offset < len(self.motion):
                bodies.append(self._ghost(frame + offset, offset, display))
        if display.body:
            main = self._instance(frame, material=display.material, surface=display.surface, opacity=display.opacity)
            tint = self.contact_tint(frame) if display.contacts else None
            bodies.append(replace(main, tint=tint, offsets=self._pose_offsets(frame)))
        lines: list[Lines] = []
        points: list[Points] = []
        if display.skeleton:
            bones, dots = skeleton_strokes(self.joints(frame))
            lines.append(bones)
            points.append(dots)
        if display.root_path:
            lines.append(self._root_path())
        for joint in display.trails:
            trail, dots = self._trail(joint, frame, display.trail_reach)
            lines.append(trail)
            points.append(dots)
        return Scene(bodies=tuple(bodies), lines=tuple(lines), points=tuple(points), ground=display.ground)

    def camera(self, *, aspect: float, start: int = 0, stop: int | None = None) -> Camera:
        """A three-quarter view that holds the frames [start, stop) whole."""
        stop = len(self.motion) if stop is None else stop
        picked = evenly(start, max(stop - 1, start), 48)
        points = np.concatenate([self.joints(int(frame)) for frame in picked])
        low = points.min(axis=0) - np.array([0.1, 0.05, 0.1])
        high = points.max(axis=0) + np.array([0.1, 0.22, 0.1])  # the head joint lies under the skull
        low[1] = min(low[1], 0.0)
        camera = Camera()
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        return fitted(camera, corners, aspect=aspect)

    def contact_tint(self, frame: int) -> Floats | None:
        """(24, 4) tint of the joints at rest, or None when the motion does not know its contacts."""
        if self.motion.contacts is None:
            return None
        frame = min(max(frame, 0), len(self.motion) - 1)
        tint = np.zeros((JOINT_COUNT, 4), np.float32)
        tint[:, :3] = CONTACT_COLOUR
        for label, joint in enumerate(CONTACT_JOINTS):
            strength = float(np.clip((self.motion.contacts[frame, label] - 0.5) * 2.0, 0.0, 1.0))
            for tinted in _TINTED[joint]:
                tint[tinted, 3] = max(tint[tinted, 3], strength)
        return tint

    def _instance(self, frame: int, *, material: Material, surface: Surface, opacity: float) -> SkinnedBody:
        return SkinnedBody(
            mesh=self.mesh, transforms=self.transforms(frame), material=material, surface=surface, opacity=opacity
        )

    def _ghost(self, frame: int, offset: int, display: Display) -> SkinnedBody:
        farthest = max(abs(other) for other in display.ghosts)
        fade = 1.0 - 0.6 * (abs(offset) - 1) / max(farthest, 1)
        colour = GHOST_BEFORE if offset < 0 else GHOST_AFTER
        return self._instance(
            frame,
            material=Material(primary=colour, secondary=colour),
            surface=Surface.GHOST,
            opacity=display.ghost_opacity * fade,
        )

    def _pose_offsets(self, frame: int) -> Floats | None:
        posedirs = self.body.posedirs
        if posedirs is None:
            return None
        frame = min(max(frame, 0), len(self.motion) - 1)
        return pose_offsets(posedirs, self.motion.rotations[frame])

    def _root_path(self) -> Lines:
        points = (self.motion.translation + self.mesh.rest_joints[0]).astype(np.float32)
        points[:, 1] = 0.006
        return polyline(points, colour=(0.95, 0.78, 0.36), opacity=0.9, width=2.5)

    def _trail(self, joint: int, frame: int, reach: int) -> tuple[Lines, Points]:
        start, stop = max(frame - reach, 0), min(frame + reach + 1, len(self.motion))
        points = np.stack([self.joints(other)[joint] for other in range(start, stop)]).astype(np.float32)
        colours = np.empty((len(points), 4), np.float32)
        for index, other in enumerate(range(start, stop)):
            colours[index, :3] = GHOST_BEFORE if other < frame else GHOST_AFTER
            colours[index, 3] = 0.85 * (1.0 - 0.75 * abs(other - frame) / max(reach, 1))
        segments = np.stack([points[:-1], points[1:]], axis=1)
        return (
            Lines(segments=segments, colours=colours[:-1], width=1.5),
            Points(positions=points, colours=colours, size=4.5),
        )


def pose_offsets(posedirs: Floats, rotations: Floats) -> Floats:
    """(V, 3) m that a pose of (24, 3) rotation vectors adds to the vertices at rest; ``posedirs`` is (V, 3, 207)."""
    features = (matrix_from_rotvec(rotations[1:]) - np.eye(3, dtype=np.float32)).reshape(-1)
    return np.asarray((posedirs.reshape(-1, posedirs.shape[-1]) @ features).reshape(-1, 3), np.float32)


def polyline(points: Floats, *, colour: Colour, opacity: float, width: float) -> Lines:
    """Lines through (N, 3) points in m."""
    segments = np.stack([points[:-1], points[1:]], axis=1) if len(points) > 1 else np.zeros((0, 2, 3), np.float32)
    return Lines(
        segments=segments, colours=np.tile(np.array([*colour, opacity], np.float32), (len(segments), 1)), width=width
    )


def skeleton_strokes(joints: NDArray[np.float64], *, opacity: float = 0.95) -> tuple[Lines, Points]:
    """Bones and joints of (24, 3) positions, seen through the body; left is blue, right is orange."""
    places = joints.astype(np.float32)
    children = np.arange(1, JOINT_COUNT)
    segments = np.stack([places[list(PARENTS[1:])], places[children]], axis=1)
    colours = np.array([[*colour, opacity] for colour in _SIDE_COLOURS], np.float32)
    return (
        Lines(segments=segments, colours=colours[1:], width=3.0, depth=Depth.ON_TOP),
        Points(positions=places, colours=colours, size=7.0, depth=Depth.ON_TOP),
    )


def fitted(camera: Camera, points: NDArray[np.float64], *, aspect: float, margin: float = 1.10) -> Camera:
    """Move the camera along its direction, and its target in the picture plane, so that all points just fit."""
    axes = camera.axes()
    tangent = np.array([np.tan(camera.fov / 2) * aspect, np.tan(camera.fov / 2)]) / margin
    seen = points @ axes.T  # right, up, towards the eye
    # A point fits when |across - middle| <= (d - depth) * tangent, with d the eye's place along the backward axis.
    across, depths = seen[:, :2], seen[:, 2:]
    needed = float(((across / tangent + depths).max(axis=0) + (depths - across / tangent).max(axis=0)).max()) / 2
    depth = float(depths.mean())
    place = max(needed, float(depths.max()) + 0.3, depth + 0.5)  # never with the eye in the nearest point
    room = (place - depths) * tangent
    middle = ((across - room).max(axis=0) + (across + room).min(axis=0)) / 2
    target = axes.T @ np.array([middle[0], middle[1], depth])
    return replace(camera.looking_at(target), distance=place - depth)
