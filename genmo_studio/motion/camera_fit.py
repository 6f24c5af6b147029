"""Where the camera of a video stood in the world of a motion, from the person's keypoints in the picture.

Known are the motion's joints, the keypoints with their confidence, how the camera turned from frame to frame and a
guess of its focal length. Unknown are how the first frame's camera is turned against the world, where it is, how wrong
the guess is, and a slow drift: a camera that travels, or a motion that does, moves the two against each other.

A camera that stands upright is tried at headings all around; the best are refined (Levenberg-Marquardt with
Geman-McClure weights, so that keypoints of another limb or person do not pull), first without the drift, then with it.
"""

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.arrays import evenly
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.shapes import Float
from genmo_studio.values import replace

COCO_LIMBS = slice(5, 17)
"""Shoulders, elbows, wrists, hips, knees and ankles among COCO's keypoints."""
LIMB_JOINTS: tuple[int, ...] = tuple(
    INDEX[f"{side}_{part}"]
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
"""The body's joints in the same order."""

_SEEN = 0.3  # confidence from which a keypoint counts
_FEWEST = 40  # points
_MOST_FRAMES = 150  # looked at, evenly spread
_HEADINGS = 24
_PITCHES = (0.0, -0.35, 0.35)
_REFINED = 3  # best starts
_ROUNDS = 60
_TOLERANCE = 0.02  # of the person's height in the picture: errors beyond it count less and less
_FOCAL_DOUBT = 0.25  # standard deviation of the logarithm of the focal length
_KNOT_FRAMES = 15  # between two knots of the drift, or more in long clips
_MOST_KNOTS = 60
_DRIFT = np.array([0.5, 0.5, 0.5, 0.2])  # standard deviation, m and rad
_DRIFT_STEP = np.array([0.06, 0.06, 0.06, 0.03])  # of its change from knot to knot at _KNOT_FRAMES

Array = NDArray[np.float64]


class FittedCamera(msgspec.Struct, frozen=True, eq=False):
    """The camera of a video in the world of a motion, for each frame that was given to ``fit_camera``."""

    world_to_camera: Float[NDArray[np.float64], "frames 4 4"]
    """x right, y down, z forward, metres."""
    intrinsics: Float[NDArray[np.float64], "3 3"]
    """With the focal length that fits, pixels."""
    error: float
    """Median distance of the projected joints from the keypoints that were seen, pixels."""
    drift: float
    """How far camera and motion moved against each other, m."""
    points: int
    """Keypoints that it was fitted to."""


class _Points(msgspec.Struct, frozen=True, eq=False):
    """N points of all frames."""

    world: Array  # (N, 3)
    pixels: Array  # (N, 2)
    weight: Array  # (N,)
    turned: Array  # (N, 3, 3)
    moment: Array  # (N,) in knots
    intrinsics: Array
    pivot: Array  # (3,) of the drift's turn
    tolerance: float  # pixels

    def some(self, count: int) -> "_Points":
        part = slice(None, None, max(1, len(self.world) // count))
        return replace(
            self, world=self.world[part], pixels=self.pixels[part], weight=self.weight[part],
            turned=self.turned[part], moment=self.moment[part],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Guess:
    rotation: Array  # (3, 3) world to first camera
    translation: Array  # (3,)
    log_focal: float = 0.0
    drift: Array = field(default_factory=lambda: np.zeros((0, 4)))
    """(knots, 4) shift in the first camera, m, and turn about the vertical, rad; none while it is left out"""


def fit_camera(
    joints: Float[NDArray[np.floating], "frames 24 3"],
    keypoints: Float[NDArray[np.floating], "frames 17 3"],
    *,
    intrinsics: Float[NDArray[np.floating], "3 3"],
    turned: Float[NDArray[np.floating], "frames 3 3"],
) -> FittedCamera | None:
    """Fit to the joints (m, y up) and keypoints (pixels, confidence) of the same frames; None with too few points.

    ``turned`` is each frame's camera rotation against the first frame's, world to camera.
    """
    knots = int(min(_MOST_KNOTS, max(2, len(joints) // _KNOT_FRAMES + 1)))
    points = _gathered(joints, keypoints, intrinsics=intrinsics, turned=turned, knots=knots)
    if points is None:
        return None
    few = points.some(400)
    starts = sorted((_start(few, heading, pitch) for heading in _around() for pitch in _PITCHES), key=lambda s: s[0])
    refined = [_refined(few, guess, rounds=12) for _, guess in starts[:_REFINED]]
    best = min((_refined(points, guess, rounds=_ROUNDS) for guess in refined), key=lambda g: _cost(points, g))
    best = _refined(points, replace(best, drift=np.zeros((knots, 4))), rounds=_ROUNDS)
    distance = np.linalg.norm(_offsets(points, best)[0], axis=1)
    moments = np.linspace(0.0, knots - 1.0, len(joints))
    moved = _drift_at(best, moments)
    first = _poses(best, moved, pivot=points.pivot)
    first[:, :3] = np.asarray(turned, np.float64) @ first[:, :3]
    centre = np.linalg.norm(moved[:, :3] - moved[:, :3].mean(axis=0), axis=1)
    return FittedCamera(
        first,
        _scaled(points.intrinsics, best.log_focal),
        error=float(np.median(distance)),
        drift=float(centre.max()),
        points=len(distance),
    )


def _around() -> Array:
    return np.arange(_HEADINGS, dtype=np.float64) * (2 * np.pi / _HEADINGS)


def _gathered(
    joints: NDArray[np.floating],
    keypoints: NDArray[np.floating],
    *,
    intrinsics: NDArray[np.floating],
    turned: NDArray[np.floating],
    knots: int,
) -> _Points | None:
    picked = evenly(0, len(joints) - 1, min(len(joints), _MOST_FRAMES))
    world = np.asarray(joints[picked][:, list(LIMB_JOINTS)], np.float64)
    seen = np.asarray(keypoints[picked][:, COCO_LIMBS], np.float64)
    used = seen[..., 2] > _SEEN
    if used.sum() < _FEWEST:
        return None
    rows = np.nonzero(used)[0]
    heights = [np.ptp(row[mask, 1]) for row, mask in zip(seen, used, strict=True) if mask.sum() > 3]
    return _Points(
        world=world[used],
        pixels=seen[used][:, :2],
        weight=seen[used][:, 2],
        turned=np.asarray(turned, np.float64)[picked][rows],
        moment=np.asarray(picked[rows] * ((knots - 1) / max(1, len(joints) - 1)), np.float64),
        intrinsics=np.asarray(intrinsics, np.float64),
        pivot=world[used].mean(axis=0),
        tolerance=_TOLERANCE * max(float(np.median(heights)) if heights else 0.0, 50.0),
    )


def _scaled(intrinsics: Array, log_focal: float) -> Array:
    out: Array = intrinsics.copy()
    out[[0, 1], [0, 1]] *= np.exp(log_focal)
    return out


def _start(points: _Points, heading: float, pitch: float) -> tuple[float, _Guess]:
    """Cost and guess of an upright camera that looks this way: the place follows from linear equations."""
    look = matrix_from_rotvec(np.array([pitch, 0.0, 0.0])) @ np.diag([1.0, -1.0, -1.0])
    rotation = look @ matrix_from_rotvec(np.array([0.0, heading, 0.0]))
    rays = np.concatenate([points.pixels, np.ones((len(points.pixels), 1))], axis=1)
    rays = np.einsum("nji,nj->ni", points.turned, rays @ np.linalg.inv(points.intrinsics).T)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    across = np.eye(3) - rays[:, :, None] * rays[:, None, :]  # what of a place lies beside its ray
    placed = points.world @ rotation.T
    left = np.einsum("n,nij->ij", points.weight, across)
    right = -np.einsum("n,nij,nj->i", points.weight, across, placed)
    translation = np.linalg.lstsq(left, right, rcond=None)[0]
    guess = _Guess(rotation, np.asarray(translation, np.float64))
    behind = float(np.mean(_in_first(points, guess)[0][:, 2] < 0.1))
    return _cost(points, guess) + 10.0 * behind, guess


def _drift_at(guess: _Guess, moments: Array) -> Array:
    """(N, 4) the drift at moments (in knots), in a straight line between knots."""
    if not len(guess.drift):
        return np.zeros((len(moments), 4))
    return np.stack([np.interp(moments, np.arange(len(guess.drift)), column) for column in guess.drift.T], axis=1)


def _poses(guess: _Guess, moved: Array, *, pivot: Array) -> Array:
    """(N, 4, 4) world to the first camera at each drift."""
    out = np.tile(np.eye(4), (len(moved), 1, 1))
    yaw = np.zeros((len(moved), 3))
    yaw[:, 1] = moved[:, 3]
    turn = matrix_from_rotvec(yaw)
    out[:, :3, :3] = guess.rotation @ turn
    out[:, :3, 3] = (pivot - turn @ pivot) @ guess.rotation.T + guess.translation + moved[:, :3]
    return out


def _in_first(points: _Points, guess: _Guess) -> tuple[Array, Array]:
    """Points in the first camera, and (N, 3) what their turned world places are from the pivot."""
    if not len(guess.drift):
        return points.world @ guess.rotation.T + guess.translation, points.world - points.pivot
    moved = _drift_at(guess, points.moment)
    cos, sin = np.cos(moved[:, 3]), np.sin(moved[:, 3])
    arm = points.world - points.pivot
    arm = np.stack([cos * arm[:, 0] + sin * arm[:, 2], arm[:, 1], cos * arm[:, 2] - sin * arm[:, 0]], axis=1)
    return (arm + points.pivot) @ guess.rotation.T + guess.translation + moved[:, :3], arm


def _offsets(points: _Points, guess: _Guess) -> tuple[Array, Array, Array]:
    """(N, 2) pixels from keypoint to projection, the points in their cameras, and as in ``_in_first``."""
    first, arm = _in_first(points, guess)
    local = np.einsum("nij,nj->ni", points.turned, first)
    depth = np.maximum(local[:, 2], 0.05)
    camera = _scaled(points.intrinsics, guess.log_focal)
    return local[:, :2] / depth[:, None] * camera[[0, 1], [0, 1]] + camera[:2, 2] - points.pixels, local, arm


def _prior(points: _Points, guess: _Guess) -> tuple[Array, Array]:
    """Rows (what is expected to be 0, in standard deviations) and their Jacobian by all unknowns."""
    knots = len(guess.drift)
    rows = np.zeros((1 + 8 * knots, 7 + 4 * knots))
    rows[0, 6] = np.sqrt(len(points.world)) * 0.1 / _FOCAL_DOUBT
    if knots:
        strength = np.sqrt(len(points.world) / knots) * 0.1  # keypoints of a moment err together
        every = np.arange(4 * knots)
        rows[1 + every, 7 + every] = strength / np.tile(_DRIFT, knots)
        later = every[:-4]
        step = strength / np.tile(_DRIFT_STEP, knots - 1)
        rows[1 + 4 * knots + later, 7 + later] = -step
        rows[1 + 4 * knots + later, 7 + 4 + later] = step
    unknowns = np.concatenate([np.zeros(6), [guess.log_focal], guess.drift.ravel()])
    return rows @ unknowns, rows


def _cost(points: _Points, guess: _Guess) -> float:
    squares = (_offsets(points, guess)[0] ** 2).sum(axis=1) / points.tolerance**2
    prior, _ = _prior(points, guess)
    return float((points.weight * squares / (1 + squares)).sum() + (prior**2).sum()) / len(squares)


def _refined(points: _Points, guess: _Guess, *, rounds: int) -> _Guess:
    damping, cost = 1e-3, _cost(points, guess)
    for _ in range(rounds):
        normal, gradient = _equations(points, guess)
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), -gradient)
        moved = _Guess(
            matrix_from_rotvec(step[:3]) @ guess.rotation,
            guess.translation + step[3:6],
            float(np.clip(guess.log_focal + step[6], -1.0, 1.0)),
            guess.drift + step[7:].reshape(-1, 4),
        )
        moved_cost = _cost(points, moved)
        if moved_cost < cost:
            done = cost - moved_cost < 1e-5 * cost
            guess, cost, damping = moved, moved_cost, damping * 0.3
            if done:
                break
        else:
            damping *= 8.0
            if damping > 1e8:
                break
    return guess


def _equations(points: _Points, guess: _Guess) -> tuple[Array, Array]:
    """Gauss-Newton's matrix and gradient: turn, place, logarithm of the focal length, drift of each knot."""
    offset, local, arm = _offsets(points, guess)
    focal = _scaled(points.intrinsics, guess.log_focal)[[0, 1], [0, 1]]
    depth = np.maximum(local[:, 2], 0.05)
    flat = np.zeros((len(local), 2, 3))  # pixels by place in the camera
    flat[:, 0, 0], flat[:, 1, 1] = focal[0] / depth, focal[1] / depth
    flat[:, :, 2] = -local[:, :2] * focal / depth[:, None] ** 2
    by_place = flat @ points.turned
    jacobian = np.zeros((len(local), 2, 7 + guess.drift.size))
    jacobian[..., :3] = -np.einsum("nij,njk->nik", by_place, _cross((arm + points.pivot) @ guess.rotation.T))
    jacobian[..., 3:6] = by_place
    jacobian[..., 6] = local[:, :2] / depth[:, None] * focal
    knots = len(guess.drift)
    if knots:
        swing = np.stack([arm[:, 2], np.zeros(len(arm)), -arm[:, 0]], axis=1) @ guess.rotation.T
        by_drift = np.concatenate([by_place, np.einsum("nij,nj->ni", by_place, swing)[..., None]], axis=2)
        low = np.clip(points.moment.astype(np.int64), 0, knots - 2)
        share = (points.moment - low)[:, None, None]
        row = np.arange(len(local))[:, None, None]
        axis = np.arange(2)[None, :, None]
        column = 7 + 4 * low[:, None, None] + np.arange(4)[None, None, :]
        jacobian[row, axis, column] = by_drift * (1 - share)
        jacobian[row, axis, column + 4] = by_drift * share
    squares = (offset**2).sum(axis=1) / points.tolerance**2
    weight = np.sqrt(points.weight) / (1 + squares) / points.tolerance
    weighted = (jacobian * weight[:, None, None]).reshape(-1, jacobian.shape[2])
    prior, rows = _prior(points, guess)
    normal = weighted.T @ weighted + rows.T @ rows
    gradient = weighted.T @ (offset * weight[:, None]).ravel() + rows.T @ prior
    return normal, gradient


def _cross(vectors: Array) -> Array:
    """(N, 3, 3) matrices that take the cross product with each vector."""
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
