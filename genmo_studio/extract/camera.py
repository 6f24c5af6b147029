"""How the camera of a video turns, from what stands still in the picture around the person.

Points of the background are tracked from a reference picture as long as enough of them remain, then a new reference is
taken, so that a camera that comes back is found where it was. A rotation between two pictures is fitted to the viewing
directions of the points (Wahba's problem, by SVD) with RANSAC, which leaves out what moves by itself. A camera that
also travels shows parallax; then the rotation that most of the background agrees with is taken.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genmo_studio.extract.flow import Grey, Points, corners, global_shift, pyramid, track
from genmo_studio.extract.warp import Image, shrink
from genmo_studio.shapes import Float

_LOOKED_AT = 480  # pixels of the longer side of the pictures that are tracked
_FEWEST = 10  # points without which a rotation is not believed
_KEPT = 0.4  # share of the reference's points below which a new reference is taken
_ROUNDS = 60
_AGREES = 1.5  # pixels of the small picture
_BOX_MARGIN = 1.15  # of the person box, which is left out of the background
STATIC_DEGREES = 0.35
"""A camera that never turns further than this from its first direction counts as static."""

Rotation = Float[NDArray[np.float64], "3 3"]


def guess_intrinsics(width: int, height: int) -> Float[NDArray[np.float32], "3 3"]:
    """Camera matrix (pixels) of a video that does not tell: focal length = the picture's diagonal (a 43 mm lens)."""
    focal = float(np.hypot(width, height))
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]], np.float32)


@dataclass(eq=False)
class _Reference:
    """A picture that points are tracked from, and where they are now."""

    world_to_camera: Rotation
    start: Points
    now: Points
    first_count: int


@dataclass(frozen=True, eq=False)
class CameraTurn:
    """What the tracker found."""

    world_to_camera: Float[NDArray[np.float32], "frames 3 3"]
    """Rotation of each frame; the world is the first frame's camera frame (x right, y down, z forward)."""
    moves: bool
    """False: the camera is static and all rotations are the identity."""
    uncertain: int
    """Frames without enough background to tell; they keep the rotation of the frame before."""


@dataclass(eq=False)
class CameraTracker:
    """Call ``add`` with each frame in turn, then ``result``. Deterministic."""

    intrinsics: Float[NDArray[np.float32], "3 3"]
    _factor: int = 0
    _rotations: list[Rotation] = field(default_factory=list)
    _reference: _Reference | None = None
    _before: list[Grey] = field(default_factory=list)
    _box: tuple[float, float, float] | None = None
    _uncertain: int = 0

    def add(self, image: Image, *, person: tuple[float, float, float] | None = None) -> None:
        """One frame (H, W, 3) uint8 and the square about the person in it: centre x, y and side, in pixels."""
        self._factor = self._factor or max(1, round(max(image.shape[:2]) / _LOOKED_AT))
        levels = pyramid(shrink(image, self._factor) @ np.array([0.299, 0.587, 0.114], np.float32))
        self._box = person or self._box
        if self._reference is None:
            self._rotations.append(np.eye(3))
            self._refer(levels[0])
        else:
            self._rotations.append(self._follow(self._reference, levels))
        self._before = levels

    def result(self) -> CameraTurn:
        """Rotations of all frames that were added."""
        rotations = np.array(self._rotations).reshape(-1, 3, 3)
        turned = np.degrees(np.arccos(np.clip((np.trace(rotations, axis1=1, axis2=2) - 1) / 2, -1, 1)))
        moves = bool(len(turned) and turned.max() > STATIC_DEGREES)
        found = rotations if moves else np.broadcast_to(np.eye(3), rotations.shape)
        return CameraTurn(found.astype(np.float32), moves, self._uncertain)

    def _follow(self, reference: _Reference, levels: list[Grey]) -> Rotation:
        """The rotation of the next frame; takes a new reference when the old one is nearly out of sight."""
        shift = np.array(global_shift(self._before[-1], levels[-1])) * 2 ** (len(levels) - 1)
        now, certain = _best_track(self._before, levels, reference.now, shift)
        certain &= self._background(levels[0])[_cells(now, levels[0].shape)]
        relative, agree = _rotation_between(
            self._directions(reference.start[certain]), self._directions(now[certain]), tolerance=self._tolerance()
        )
        if relative is None:
            self._uncertain += 1
            rotation = self._rotations[-1]
            self._refer(levels[0], rotation)
            return rotation
        rotation = relative @ reference.world_to_camera
        reference.start, reference.now = reference.start[certain][agree], now[certain][agree]
        if len(reference.now) < _KEPT * reference.first_count:
            self._refer(levels[0], rotation)
        return rotation

    def _refer(self, image: Grey, rotation: Rotation | None = None) -> None:
        points = corners(image, allowed=self._background(image))
        self._reference = _Reference(np.eye(3) if rotation is None else rotation, points, points, len(points))

    def _background(self, image: Grey) -> NDArray[np.bool_]:
        allowed = np.ones(image.shape, np.bool_)
        if self._box is not None:
            x, y, side = (value / self._factor for value in self._box)
            # The person is taller than wide: the box of the release is square about a 3:4 figure.
            half_width, half_height = side / 2 * 0.75 * _BOX_MARGIN, side / 2 * _BOX_MARGIN
            rows = slice(max(0, int(y - half_height)), max(0, int(y + half_height) + 1))
            allowed[rows, max(0, int(x - half_width)) : max(0, int(x + half_width) + 1)] = False
        return allowed

    def _directions(self, points: Points) -> Float[NDArray[np.float64], "points 3"]:
        """Unit viewing directions of points of the small picture."""
        full = (points + 0.5) * self._factor
        rays = np.concatenate([full, np.ones((len(full), 1))], axis=1) @ np.linalg.inv(self.intrinsics).T
        return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float64)

    def _tolerance(self) -> float:
        return _AGREES * self._factor / float(self.intrinsics[0, 0])


def _best_track(
    before: list[Grey], after: list[Grey], points: Points, shift: NDArray[np.float64]
) -> tuple[Points, NDArray[np.bool_]]:
    """Track from where the points were; when that fails for most, from where the whole picture seems to have gone."""
    now, certain = track(before, after, points)
    if certain.sum() < 0.6 * len(points) and np.abs(shift).max() > 0:
        other, other_certain = track(before, after, points, guess=points + shift)
        better = other_certain & ~certain
        now, certain = np.where(better[:, None], other, now), certain | other_certain
    return now, certain


def _cells(points: Points, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    x, y = np.rint(points).astype(np.int64).T
    return np.clip(y, 0, shape[0] - 1), np.clip(x, 0, shape[1] - 1)


def _rotation_between(
    first: Float[NDArray[np.float64], "points 3"], second: Float[NDArray[np.float64], "points 3"], *, tolerance: float
) -> tuple[Rotation | None, NDArray[np.bool_]]:
    """The rotation with second = R first for most points, and which points agree within ``tolerance`` rad."""
    count = len(first)
    if count < _FEWEST:
        return None, np.zeros(count, np.bool_)
    rng = np.random.default_rng(count)  # the same points give the same answer
    one = rng.integers(0, count, _ROUNDS)
    pairs = np.stack([one, (one + rng.integers(1, count, _ROUNDS)) % count], axis=1)
    agreeing = _errors(_wahba(first[pairs], second[pairs]), first, second) < tolerance  # (rounds, points)
    best = agreeing[agreeing.sum(axis=1).argmax()]
    if best.sum() < max(_FEWEST, 0.3 * count):
        return None, best
    rotation = _wahba(first[best], second[best])
    for _ in range(3):  # weigh down what fits badly (Cauchy), so that the edge of agreement does not pull
        error = _errors(rotation, first, second)
        agree = error < tolerance
        weight = 1 / (1 + (error[agree] / (0.3 * tolerance)) ** 2)
        rotation = _wahba(first[agree], second[agree], weight)
    return rotation, _errors(rotation, first, second) < tolerance


def _wahba(
    first: Float[NDArray[np.float64], "*batch points 3"],
    second: Float[NDArray[np.float64], "*batch points 3"],
    weight: Float[NDArray[np.float64], "*batch points"] | None = None,
) -> Float[NDArray[np.float64], "*batch 3 3"]:
    """The rotation R that minimises sum w |second - R first|^2 (Markley 1988)."""
    weighted = second if weight is None else second * weight[..., None]
    u, _, vt = np.linalg.svd(np.swapaxes(weighted, -1, -2) @ first)
    u[..., 2] *= (np.linalg.det(u) * np.linalg.det(vt))[..., None]
    return np.asarray(u @ vt, np.float64)


def _errors(
    rotation: Float[NDArray[np.float64], "*batch 3 3"],
    first: Float[NDArray[np.float64], "points 3"],
    second: Float[NDArray[np.float64], "points 3"],
) -> Float[NDArray[np.float64], "*batch points"]:
    return np.asarray(np.linalg.norm(first @ np.swapaxes(rotation, -1, -2) - second, axis=-1), np.float64)
