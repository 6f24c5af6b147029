"""What the document asks for, as things to look at: pose keys as see-through bodies, targets, the root path. Pure.

The result depends on the document and the shown motion only, not on time, so it is made again only when one of them
changes.
"""

import math
from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion, pose_at
from genmo_studio.document.model import Document, Item, PoseKey, Track, TrackKind, Waypoint
from genmo_studio.motion.body import Body, joint_positions, skinning_transforms
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT, JOINTS
from genmo_studio.render.scene import Depth, Lines, Material, Points, SkinnedBody, SkinnedMesh, Surface
from genmo_studio.ui.theme import Theme, channels

FLOOR_GAP = 0.008
"""m that lines float above the ground, so that they do not flicker with it."""
MAX_GHOSTS = 60
MAX_PATH_FRAMES = 20_000
_FULL_KEY_JOINTS = 20
"""A key with fewer turned joints than this is drawn as points, not as a whole body."""


class KeyGhost(msgspec.Struct, frozen=True):
    """Where a pose key stands, for framing and picking."""

    item: str
    frame: int
    root: tuple[float, float, float]


class Guides(msgspec.Struct, frozen=True, eq=False):
    """Everything static in the picture."""

    ghosts: tuple[SkinnedBody, ...] = ()
    keys: tuple[KeyGhost, ...] = ()
    path_lines: tuple[Lines, ...] = ()
    path_points: tuple[Points, ...] = ()
    target_points: tuple[Points, ...] = ()


class _Looked(msgspec.Struct, frozen=True):
    """What was found on a track."""

    items: tuple[Item, ...]
    targets: NDArray[np.float32]
    """(N, 3), m"""
    full: tuple[PoseKey, ...]
    """The first keys that hold a whole body."""


class _GhostLook(msgspec.Struct, frozen=True):
    """What a ghost looks like besides its pose."""

    track_colour: str | None
    track_muted: bool
    theme: str
    chosen: bool


class KeyCache:
    """What lies on the tracks that were looked through last, so that an edit costs its own track and key only."""

    def __init__(self) -> None:
        self._known: dict[str, _Looked] = {}
        self._ghosts: dict[str, tuple[tuple[object, ...], _GhostLook, tuple[SkinnedBody, KeyGhost]]] = {}

    def ghost(
        self,
        key: PoseKey,
        track: Track,
        *,
        mesh: SkinnedMesh,
        shown: ShownMotion | None,
        theme: Theme,
        look: _GhostLook,
    ) -> tuple[SkinnedBody, KeyGhost]:
        """The ghost of a key: the one of before while it is the same key."""
        whole = key.root_position is not None and all(name in key.rotations for name in JOINTS[:BODY_JOINT_COUNT])
        of = (key, mesh, None if whole else shown)
        known = self._ghosts.get(key.id)
        if known is not None and known[1] == look and all(a is b for a, b in zip(known[0], of, strict=True)):
            return known[2]
        made = _ghost(key, track, mesh=mesh, shown=shown, theme=theme, chosen=look.chosen)
        if len(self._ghosts) > 4 * MAX_GHOSTS:
            self._ghosts.clear()
        self._ghosts[key.id] = of, look, made
        return made

    def of(self, track: Track) -> _Looked:
        """Position targets and whole poses of a track."""
        known = self._known.get(track.id)
        if known is None or known.items is not track.items:
            keys = [item for item in track.items if isinstance(item, PoseKey)]
            places = np.array([p for key in keys for p in key.positions.values()], np.float32).reshape(-1, 3)
            full = tuple(islice((key for key in keys if len(key.rotations) >= _FULL_KEY_JOINTS), MAX_GHOSTS))
            known = self._known[track.id] = _Looked(track.items, places, full)
        return known


def make_guides(
    document: Document,
    *,
    cache: KeyCache,
    body: Body,
    mesh: SkinnedMesh,
    shown: ShownMotion | None,
    theme: Theme,
    selection: frozenset[str] = frozenset(),
) -> Guides:
    """Guides of all tracks that are not hidden."""
    ghosts: list[SkinnedBody] = []
    keys: list[KeyGhost] = []
    targets: list[tuple[NDArray[np.float32], str]] = []
    waypoints: list[Waypoint] = []
    for track in document.tracks:
        if track.hidden:
            continue
        if track.kind is TrackKind.PATH:
            waypoints += [item for item in track.items if isinstance(item, Waypoint)]
        elif track.kind in (TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS):
            looked = cache.of(track)
            targets.append((looked.targets, _colour(track, theme)))
            for item in looked.full[: MAX_GHOSTS - len(ghosts)]:
                look = _GhostLook(track.colour, track.muted, theme.name, item.id in selection)
                ghost, key = cache.ghost(item, track, mesh=mesh, shown=shown, theme=theme, look=look)
                ghosts.append(ghost)
                keys.append(key)
    lines, points = _path(waypoints, theme=theme, selection=selection)
    if shown is not None:
        lines += _travelled(shown, body=body, theme=theme)
    return Guides(tuple(ghosts), tuple(keys), tuple(lines), tuple(points), tuple(_targets(targets)))


def _colour(track: Track, theme: Theme) -> str:
    return track.colour or theme.kind(track.kind.value)


def _rgba(colour: str, opacity: float) -> tuple[float, float, float, float]:
    return (*channels(colour), opacity)


def _ghost(
    key: PoseKey,
    track: Track,
    *,
    mesh: SkinnedMesh,
    shown: ShownMotion | None,
    theme: Theme,
    chosen: bool,
) -> tuple[SkinnedBody, KeyGhost]:
    rotations, translation = np.zeros((JOINT_COUNT, 3), np.float32), np.zeros(3, np.float32)
    if shown is not None:  # what a key leaves free is shown as the motion has it
        rotations, translation = (part.copy() for part in pose_at(shown.motion, shown.local(key.frame)))
    for name, rotvec in key.rotations.items():
        if name in INDEX:
            rotations[INDEX[name]] = rotvec
    pelvis = mesh.rest_joints[0]
    if key.root_position is not None:
        translation = np.asarray(key.root_position, np.float32) - pelvis
    colour = channels(theme.accent if chosen else _colour(track, theme))
    root = pelvis + translation
    ghost = SkinnedBody(
        mesh=mesh,
        transforms=np.asarray(skinning_transforms(rotations, mesh.rest_joints, translation), np.float32),
        material=Material(primary=colour, secondary=colour, rim=colour),
        surface=Surface.GHOST,
        opacity=(0.55 if chosen else 0.34) * (0.4 if key.muted or track.muted else 1.0),
    )
    return ghost, KeyGhost(key.id, key.frame, (float(root[0]), float(root[1]), float(root[2])))


def _targets(targets: list[tuple[NDArray[np.float32], str]]) -> list[Points]:
    targets = [(places, colour) for places, colour in targets if len(places)]
    if not targets:
        return []
    positions = np.concatenate([places for places, _ in targets])
    inner = np.concatenate([np.tile(np.array(_rgba(c, 1.0), np.float32), (len(places), 1)) for places, c in targets])
    outer = inner * np.array([1, 1, 1, 0.3], np.float32)
    return [
        Points(positions, outer, size=20.0, depth=Depth.ON_TOP),
        Points(positions, inner, size=8.0, depth=Depth.ON_TOP),
    ]


def _path(waypoints: list[Waypoint], *, theme: Theme, selection: frozenset[str]) -> tuple[list[Lines], list[Points]]:
    placed = sorted((w for w in waypoints if w.position is not None), key=lambda w: w.frame)
    if not placed:
        return [], []
    ground = np.array([[w.position[0], FLOOR_GAP, w.position[1]] for w in placed if w.position], np.float32)
    base = theme.kind(TrackKind.PATH.value)
    lines: list[Lines] = []
    if len(ground) > 1:
        curve = smooth_curve(ground, steps=16)
        segments = np.stack([curve[:-1], curve[1:]], axis=1)
        lines.append(Lines(segments, np.tile(np.array(_rgba(base, 0.9), np.float32), (len(segments), 1)), width=3.0))
    arrows = [_arrow(ground[i], w.heading) for i, w in enumerate(placed) if w.heading is not None]
    if arrows:
        segments = np.concatenate(arrows)
        lines.append(Lines(segments, np.tile(np.array(_rgba(base, 1.0), np.float32), (len(segments), 1)), width=3.0))
    colours = [_rgba(theme.accent if w.id in selection else base, 1.0) for w in placed]
    rims = np.tile(np.array(_rgba(theme.outside, 0.9), np.float32), (len(placed), 1))
    points = [Points(ground, rims, size=15.0), Points(ground, np.array(colours, np.float32), size=11.0)]
    return lines, points


def _arrow(foot: NDArray[np.float32], heading: float, *, length: float = 0.42) -> NDArray[np.float32]:
    """(3, 2, 3) shaft and two barbs on the ground along a heading (rad about +y, 0 = +z)."""

    def towards(angle: float, size: float) -> NDArray[np.float32]:
        return np.array([math.sin(angle) * size, 0.0, math.cos(angle) * size], np.float32)

    tip = foot + towards(heading, length)
    barbs = [tip - towards(heading + turn, 0.14) for turn in (0.5, -0.5)]
    return np.array([[foot, tip], [tip, barbs[0]], [tip, barbs[1]]], np.float32)


def smooth_curve(points: NDArray[np.float32], *, steps: int) -> NDArray[np.float32]:
    """Catmull-Rom curve through (N, 3) points with ``steps`` pieces between neighbours; N >= 2."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = (np.arange(steps, dtype=np.float32) / steps)[:, None]
    parts = []
    for i in range(len(points) - 1):
        a, b, c, d = padded[i : i + 4]
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*parts, points[-1:]]).astype(np.float32)


def _travelled(shown: ShownMotion, *, body: Body, theme: Theme) -> list[Lines]:
    """The pelvis' way over the ground as a thin line that fades in over time."""
    motion = shown.motion
    if not 2 <= len(motion) <= MAX_PATH_FRAMES:
        return []
    pelvis = motion.translation + body.rest_joints(motion.betas)[0]
    ground = np.stack([pelvis[:, 0], np.full(len(motion), FLOOR_GAP * 0.7, np.float32), pelvis[:, 2]], axis=1)
    segments = np.stack([ground[:-1], ground[1:]], axis=1).astype(np.float32)
    colours = np.tile(np.array(_rgba(theme.kind("result"), 0.55), np.float32), (len(segments), 1))
    return [Lines(segments, colours, width=1.6)]


def motion_extent(shown: ShownMotion, body: Body) -> tuple[NDArray[np.float64], float]:
    """Centre (3,) and radius in m of everything the character does, from at most 200 of its frames."""
    motion = shown.motion
    step = max(1, len(motion) // 200)
    thin = type(motion)(motion.rotations[::step], motion.translation[::step], motion.betas, None, motion.fps)
    joints = joint_positions(thin, body).reshape(-1, 3).astype(np.float64)
    low, high = joints.min(axis=0), joints.max(axis=0)
    return (low + high) / 2, float(np.linalg.norm(high - low) / 2 + 0.15)
