"""Synthetic cameras, COCO-17 keypoints with the faults of a detector, and person boxes, for batches of world motion.

Camera frame: x right, y down, z forward; a world point x is seen at world_to_camera @ (x - camera_position).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.representation import cam_angvel_from_rotations
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.shapes import Bool, Float

Array = NDArray[np.float32]

COCO = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
COCO_JOINTS: tuple[int, ...] = tuple(INDEX[name] for name in COCO[5:])
"""SMPL joints that play keypoints 5..16."""
COCO_SWAP: tuple[int, ...] = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
"""Keypoint of the other side."""
HEAD_POINTS = np.array(
    [[0.0, 0.055, 0.145], [0.032, 0.088, 0.121], [-0.032, 0.088, 0.121], [0.085, 0.07, 0.012], [-0.085, 0.07, 0.012]],
    np.float32,
)
"""(5, 3) nose, eyes and ears of the free body from the head joint in the head's own frame, m."""

BOX_ASPECT = 0.75
"""Width by height that the release fits person boxes to before squaring them."""
BOX_MARGIN = 1.2
_NEAR = 0.4
_FEWEST_SEEN = 5
_FULL_FRAME_DIAGONAL = float(np.hypot(24.0, 36.0))
_LENSES = np.array([24, 26, 28, 30, 35, 40, 43.3, 43.3, 50, 60, 70])
"""Full-frame focal lengths, mm; 43.3 is the diagonal, which the studio guesses when a video says nothing."""
_SIZES = np.array([[1920, 1080], [1280, 720], [1080, 1920], [720, 1280], [1600, 1200], [1200, 1600], [1080, 1080]])


class Faults(Enum):
    """What is wrong with the keypoints."""

    DETECTOR = "detector"
    """Noise, occlusion, swaps and a loose box, as a detector and tracker make them."""
    NONE = "none"
    """Exact projections, all seen even outside the picture, and tight boxes: for evaluation."""


@dataclass(frozen=True, eq=False)
class CameraViews:
    """What a camera saw of a batch of windows; shapes as in ``training.dataset.MotionWindows``."""

    world_to_camera: Array
    camera_position: Array
    intrinsics: Array
    image_size: Array
    keypoints: Array
    bbox_xys: Array
    cliffcam: Array
    cam_angvel: Array
    has_2d: NDArray[np.bool_]


def coco_keypoints(
    global_rotations: Float[Array, "*batch joints 3 3"], positions: Float[Array, "*batch joints 3"]
) -> Float[Array, "*batch 17 3"]:
    """COCO-17 points in the world (m) from world rotations and positions of at least the first 22 SMPL joints."""
    head = INDEX["head"]
    face = positions[..., head, None, :] + HEAD_POINTS @ np.swapaxes(global_rotations[..., head, :, :], -1, -2)
    return np.concatenate([face, positions[..., COCO_JOINTS, :]], axis=-2).astype(np.float32, copy=False)


def camera_rotation(
    yaw: NDArray[np.float64], pitch: NDArray[np.float64], roll: NDArray[np.float64]
) -> NDArray[np.float64]:
    """World-to-camera rotations (*b, 3, 3) of cameras looking along (sin yaw cos pitch, -sin pitch, cos yaw cos pitch).

    Angles in rad; positive pitch looks down, positive roll turns the camera clockwise about its view axis.
    """
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    zero = np.zeros_like(yaw)
    forward = np.stack([sy * cp, -sp, cy * cp], -1)
    right = np.stack([-cy, zero, sy], -1)
    down = np.cross(forward, right)
    c, s = np.cos(roll)[..., None], np.sin(roll)[..., None]
    return np.stack([c * right + s * down, c * down - s * right, forward], -2)


def person_boxes(
    keypoints: Float[NDArray[np.floating[Any]], "*batch 17 2"], seen: Bool[NDArray[np.bool_], "*batch 17"]
) -> Float[Array, "*batch 3"]:
    """Centre and side (pixels) of the square box about the seen keypoints: 3:4 fitted, times 1.2, as the release does.

    Where nothing is seen the box is about all keypoints.
    """
    seen = seen | ~seen.any(-1, keepdims=True)
    low = np.where(seen[..., None], keypoints, np.inf).min(-2)
    high = np.where(seen[..., None], keypoints, -np.inf).max(-2)
    extent = high - low
    side = np.maximum(extent[..., 1], extent[..., 0] / BOX_ASPECT) * BOX_MARGIN
    return np.concatenate([(low + high) / 2, np.maximum(side, 1.0)[..., None]], -1).astype(np.float32)


def cliffcam(bbox_xys: Float[Array, "*batch 3"], intrinsics: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch 3"]:
    """Box from the principal point in focal lengths: (cx - px, cy - py, side) / focal."""
    centre = np.concatenate([intrinsics[..., :2, 2], np.zeros_like(intrinsics[..., :1, 2])], -1)
    return np.asarray((bbox_xys - centre) / intrinsics[..., :1, 0], np.float32)


def view_motion(
    points: Float[Array, "batch frames 17 3"],
    root: Float[Array, "batch frames 3"],
    *,
    rng: np.random.Generator,
    faults: Faults = Faults.DETECTOR,
) -> CameraViews:
    """Put a random camera before each window and look at it through a random detector.

    ``points`` are COCO keypoints and ``root`` pelvis positions in the world (m, y up). Cameras are static, panning,
    tracking or hand-held; 2.5 to 8 m away; lenses of 24 to 70 mm (full frame). Frames where a keypoint is behind or
    within 0.4 m of the camera, or fewer than 5 are seen, have no 2D.
    """
    rotation, position = _paths(root, rng=rng)
    intrinsics, size = _intrinsics(len(root), rng=rng)
    turned, place = rotation.astype(np.float32), position.astype(np.float32)
    pixels, depth = _project(points, turned, place, intrinsics.astype(np.float32))
    inside = (depth > _NEAR) & (pixels >= 0).all(-1) & (pixels <= size[:, None, None]).all(-1)
    if faults is Faults.NONE:
        keypoints = np.concatenate([pixels, np.ones_like(depth)[..., None]], -1)
        boxes = person_boxes(pixels, np.ones_like(inside))
    else:
        keypoints = _detect(pixels, inside, rng=rng)
        boxes = _boxes(pixels, keypoints[..., 2] > 0, rng=rng)
    has_2d = (depth > _NEAR).all(-1) & ((keypoints[..., 2] > 0).sum(-1) >= _FEWEST_SEEN)
    keypoints[~has_2d] = 0
    matrices = np.broadcast_to(intrinsics[:, None], (*root.shape[:2], 3, 3)).astype(np.float32)
    return CameraViews(
        world_to_camera=turned,
        camera_position=place,
        intrinsics=matrices,
        image_size=size.astype(np.float32),
        keypoints=keypoints,
        bbox_xys=boxes,
        cliffcam=cliffcam(boxes, matrices),
        cam_angvel=np.asarray(cam_angvel_from_rotations(turned), np.float32),
        has_2d=has_2d,
    )


def _smoother(frames: int, *, width: float) -> Array:
    """(L, L) matrix that smooths a path over time: Gaussian of ``width`` frames, renormalised at the ends."""
    at = np.arange(frames, dtype=np.float32)
    kernel = np.exp(-0.5 * ((at[:, None] - at) / np.float32(width)) ** 2)
    return np.asarray(kernel / kernel.sum(1, keepdims=True))


def _noise(rng: np.random.Generator, *shape: int) -> Array:
    return rng.standard_normal(shape, dtype=np.float32)


def _drift(rng: np.random.Generator, batch: int, frames: int, channels: int, *, width: float) -> Array:
    """(B, L, C) noise of unit variance, smooth over ``width`` frames."""
    smooth = _smoother(frames, width=width)
    smooth /= np.sqrt((smooth**2).sum(1, keepdims=True))
    noise = smooth @ _noise(rng, frames, batch * channels)
    return np.ascontiguousarray(noise.reshape(frames, batch, channels).swapaxes(0, 1))


def _paths(root: Array, *, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """World-to-camera rotations (B, L, 3, 3) and camera positions (B, L, 3)."""
    batch, frames = root.shape[:2]
    path = root.astype(np.float64)
    calm = _smoother(frames, width=12.0).astype(np.float64) @ path
    kind = np.asarray(rng.choice(4, batch, p=(0.45, 0.15, 0.2, 0.2)))
    pans, tracks, shakes = kind == 1, kind == 2, kind == 3
    follow = np.where(pans | tracks, rng.uniform(0.7, 1.0, batch), np.where(shakes, rng.uniform(0, 1, batch), 0.0))
    carry = np.where(tracks, rng.uniform(0.6, 1.0, batch), 0.0)[:, None, None]
    orbit = np.where(tracks, rng.uniform(-20, 20, batch), 0.0) * np.pi / 180 / 30
    shake = np.where(shakes, rng.uniform(0.3, 1.0, batch), 0.0)[:, None, None]
    middle = (path.min(1) + path.max(1)) / 2
    extent = np.linalg.norm((path.max(1) - path.min(1))[:, [0, 2]], axis=-1)
    distance = np.exp(rng.uniform(np.log(2.5), np.log(8.0), batch))
    distance = np.where(kind == 2, distance, np.maximum(distance, 0.9 * extent + 1.5))[:, None]
    angle = rng.uniform(-np.pi, np.pi, (batch, 1)) + orbit[:, None] * np.arange(frames)
    anchor = (1 - carry) * middle[:, None] + carry * calm
    height = np.clip(rng.normal(1.3, 0.4, (batch, 1)), 0.3, 2.8)
    position = np.stack(
        [anchor[..., 0] - np.sin(angle) * distance, np.broadcast_to(height, angle.shape),
         anchor[..., 2] - np.cos(angle) * distance], -1,
    )  # fmt: skip
    wander = _drift(rng, batch, frames, 6, width=8.0)
    position = position + shake * wander[..., :3] * 0.03
    aim = (1 - follow[:, None, None]) * middle[:, None] + follow[:, None, None] * calm
    aim = aim + rng.normal(0, 0.25, (batch, 1, 3)) * (1.0, 0.6, 1.0)
    gaze = aim - position
    yaw = np.arctan2(gaze[..., 0], gaze[..., 2])
    pitch = np.arctan2(-gaze[..., 1], np.hypot(gaze[..., 0], gaze[..., 2]))
    still = (kind == 0)[:, None]
    yaw, pitch = np.where(still, yaw[:, :1], yaw), np.where(still, pitch[:, :1], pitch)
    turns = shake * wander[..., 3:] * np.radians(1.5)
    roll = np.radians(rng.normal(0, 1.5, (batch, 1))) + turns[..., 2]
    return camera_rotation(yaw + turns[..., 0], pitch + turns[..., 1], roll), position


def _project(points: Array, rotation: Array, position: Array, intrinsics: Array) -> tuple[Array, Array]:
    """Pixels (B, L, P, 2) and depths (B, L, P) in m; depths below _NEAR are projected as if at _NEAR."""
    seen_from = (points - position[:, :, None]) @ np.swapaxes(rotation, -1, -2)
    depth = seen_from[..., 2]
    focal, centre = intrinsics[:, 0, 0], intrinsics[:, :2, 2]
    scale = focal[:, None, None] / np.maximum(depth, np.float32(_NEAR))
    pixels = seen_from[..., :2] * scale[..., None] + centre[:, None, None]
    return pixels.astype(np.float32, copy=False), depth.astype(np.float32, copy=False)


def _intrinsics(batch: int, *, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    size = _SIZES[rng.integers(len(_SIZES), size=batch)].astype(np.float64)
    lens = _LENSES[rng.integers(len(_LENSES), size=batch)] * rng.uniform(0.96, 1.04, batch)
    matrix = np.zeros((batch, 3, 3))
    matrix[:, 0, 0] = matrix[:, 1, 1] = np.linalg.norm(size, axis=-1) / _FULL_FRAME_DIAGONAL * lens
    matrix[:, :2, 2] = size / 2
    matrix[:, 2, 2] = 1.0
    return matrix, size


def _detect(pixels: Array, inside: NDArray[np.bool_], *, rng: np.random.Generator) -> Array:
    """(B, L, 17, 3) what a detector would say: noise, bias, swaps of sides, outliers, occluded joints and spans."""
    batch, frames = pixels.shape[:2]
    extent = (pixels.max(2) - pixels.min(2)).max(-1)
    side = np.maximum(extent, 1.0)[..., None, None]
    quality = np.where(rng.random(batch) < 0.25, 0.05, rng.uniform(0.3, 1.6, batch)).astype(np.float32)
    each = quality[:, None, None, None]
    slow = _drift(rng, batch, frames, 34, width=4.0).reshape(pixels.shape)
    bias = _noise(rng, batch, 1, 17, 2) * 0.006
    found = pixels + side * each * (_noise(rng, *pixels.shape) * 0.006 + slow * 0.008 + bias)
    confidence = np.clip(0.95 - 0.12 * np.abs(_noise(rng, *inside.shape)) * each[..., 0], 0.2, 1.0)
    outlier = np.nonzero(rng.random(inside.shape, dtype=np.float32) < 0.01 * each[..., 0])
    count = len(outlier[0])
    found[outlier] += side[outlier[:2]][:, 0] * 0.12 * _noise(rng, count, 2)
    confidence[outlier] *= rng.uniform(0.3, 1.0, count).astype(np.float32)
    swapped = _spans(rng, batch, frames, share=0.06 * quality, longest=12)
    found[swapped] = found[swapped][:, COCO_SWAP]
    hidden = _hidden(batch, frames, rng=rng)
    confidence[hidden] = 0.0
    faint = np.nonzero(hidden & (rng.random((batch, 1, 1)) < 0.5))
    confidence[faint] = rng.uniform(0.02, 0.3, len(faint[0])).astype(np.float32)
    displaced = np.broadcast_to(0.05 * _noise(rng, batch, 1, 17, 2), pixels.shape)
    found[faint] += side[faint[:2]][:, 0] * displaced[faint]
    confidence[~inside] = 0.0
    found[confidence <= 0] = 0.0
    return np.concatenate([found, confidence[..., None]], -1)


_GROUPS = np.zeros((6, 17), bool)
for _row, _members in enumerate(
    ((0, 1, 2, 3, 4), (7, 9), (8, 10), (13, 15), (14, 16), (11, 12, 13, 14, 15, 16)),
):
    _GROUPS[_row, list(_members)] = True


def _hidden(batch: int, frames: int, *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(B, L, 17) occlusion: single joints, body parts over a span, everything over a span."""
    share = np.where(rng.random(batch) < 0.3, 0.0, rng.uniform(0.0, 0.1, batch))[:, None, None]
    hidden = rng.random((batch, frames, 17), dtype=np.float32) < share
    for row, group in enumerate(_GROUPS):
        likely = 0.1 if row < 5 else 0.12
        part = _spans(rng, batch, frames, share=np.full(batch, likely), longest=frames)
        hidden |= part[..., None] & group
    gone = _spans(rng, batch, frames, share=np.full(batch, 0.12), longest=max(frames // 3, 1))
    return np.asarray(hidden | gone[..., None])


def _spans(
    rng: np.random.Generator, batch: int, frames: int, *, share: NDArray[np.floating[Any]], longest: int
) -> NDArray[np.bool_]:
    """(B, L) one random span in a share of the items, 1..longest frames long."""
    length = rng.integers(1, longest + 1, (batch, 1))
    start = rng.integers(-longest // 2, frames, (batch, 1))
    at = np.arange(frames)
    return np.asarray((at >= start) & (at < start + length) & (rng.random(batch) < share)[:, None])


def _boxes(pixels: Array, seen: NDArray[np.bool_], *, rng: np.random.Generator) -> Array:
    """(B, L, 3) person boxes about all or only the seen keypoints, with a tracker's looseness."""
    batch, frames = pixels.shape[:2]
    whole = rng.random((batch, 1, 1)) < 0.7
    boxes = person_boxes(pixels, seen | whole)
    loose = rng.uniform(0.0, 1.0, (batch, 1, 1)).astype(np.float32)
    drift = _drift(rng, batch, frames, 3, width=6.0) * loose
    boxes[..., :2] += drift[..., :2] * 0.015 * boxes[..., 2:]
    boxes[..., 2] *= (
        1.0 + 0.03 * drift[..., 2] + rng.uniform(-0.08, 0.12, (batch, 1)).astype(np.float32) * loose[..., 0]
    )
    return boxes
