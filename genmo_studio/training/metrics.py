"""Figures of merit for estimated and generated motion, and the baselines they are compared with.

Joint positions in metres, y up; foot skate is ``motion.contacts.foot_skate``.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, forward_kinematics
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, quaternion_from_matrix, rotvec_from_matrix, slerp_matrices
from genmo_studio.shapes import Bool, Float, Int
from genmo_studio.values import replace

Positions = NDArray[np.floating[Any]]


def mpjpe(
    predicted: Float[Positions, "frames joints 3"],
    truth: Float[Positions, "frames joints 3"],
    *,
    valid: Bool[NDArray[np.bool_], " frames"] | None = None,
) -> float:
    """Mean joint error (m) after moving the roots (joint 0) together in every frame."""
    return _mean(np.linalg.norm((predicted - predicted[:, :1]) - (truth - truth[:, :1]), axis=-1), valid)


def pa_mpjpe(
    predicted: Float[Positions, "frames joints 3"],
    truth: Float[Positions, "frames joints 3"],
    *,
    valid: Bool[NDArray[np.bool_], " frames"] | None = None,
) -> float:
    """Mean joint error (m) after the best similarity (rotation, scale, translation) in every frame."""
    return _mean(np.linalg.norm(similarity_aligned(predicted, truth) - truth, axis=-1), valid)


def similarity_aligned(
    predicted: Float[Positions, "sets points 3"], truth: Float[Positions, "sets points 3"]
) -> Float[Positions, "sets points 3"]:
    """Each set of points moved onto its counterpart by the least-squares similarity (Umeyama 1991)."""
    scale, rotation, mean_a, mean_b = _similarity(predicted, truth)
    return np.asarray(scale * (predicted - mean_a) @ np.swapaxes(rotation, -1, -2) + mean_b)


def _similarity(
    source: Float[Positions, "sets points 3"], target: Float[Positions, "sets points 3"]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Scale (S, 1, 1), rotation (S, 3, 3) and both centres (S, 1, 3) of the least-squares similarity."""
    a, b = source.astype(np.float64), target.astype(np.float64)
    mean_a, mean_b = a.mean(1, keepdims=True), b.mean(1, keepdims=True)
    a, b = a - mean_a, b - mean_b
    left, sizes, right = np.linalg.svd(np.swapaxes(b, -1, -2) @ a)
    flip = np.ones_like(sizes)
    flip[:, 2] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    rotation = (left * flip[:, None]) @ right
    scale = (sizes * flip).sum(-1) / np.maximum((a**2).sum((1, 2)), 1e-12)
    return scale[:, None, None], rotation, mean_a, mean_b


def world_mpjpe(
    predicted: Float[Positions, "frames joints 3"], truth: Float[Positions, "frames joints 3"], *, segment: int = 100
) -> tuple[float, float]:
    """(WA-MPJPE, W-MPJPE) in m over segments of ``segment`` frames.

    Each segment is aligned as one rigid set of points with scale: WA by all of its frames, W by its first two.
    """
    whole, first = [], []
    for start in range(0, len(truth), segment):
        a, b = predicted[start : start + segment], truth[start : start + segment]
        whole.append(np.linalg.norm(_moved(a, a, b) - b, axis=-1).mean(-1))
        first.append(np.linalg.norm(_moved(a, a[:2], b[:2]) - b, axis=-1).mean(-1))
    return float(np.concatenate(whole).mean()), float(np.concatenate(first).mean())


def _moved(points: Positions, source: Positions, target: Positions) -> Positions:
    """``points`` under the similarity that takes ``source`` to ``target`` (all frames as one set)."""
    scale, rotation, mean_a, mean_b = _similarity(source.reshape(1, -1, 3), target.reshape(1, -1, 3))
    return np.asarray(scale * (points - mean_a) @ np.swapaxes(rotation, -1, -2) + mean_b)


def rigidly_aligned(
    predicted: Float[Positions, "points 3"], truth: Float[Positions, "points 3"]
) -> Float[Positions, "points 3"]:
    """Points moved onto their counterparts by one rotation and translation, without scale."""
    _, rotation, mean_a, mean_b = _similarity(predicted[None], truth[None])
    return np.asarray(((predicted[None] - mean_a) @ np.swapaxes(rotation, -1, -2) + mean_b)[0])


def acceleration_error(
    predicted: Float[Positions, "frames joints 3"], truth: Float[Positions, "frames joints 3"], *, fps: float = 30.0
) -> float:
    """Mean distance (m/s^2) of the joints' accelerations (second differences); 0 below three frames."""
    if len(truth) < 3:
        return 0.0
    difference = np.diff(predicted.astype(np.float64) - truth, n=2, axis=0) * fps**2
    return float(np.linalg.norm(difference, axis=-1).mean())


def jitter(positions: Float[Positions, "frames joints 3"], *, fps: float = 30.0) -> float:
    """Mean jerk (m/s^3) of the joints (third differences); 0 below four frames."""
    if len(positions) < 4:
        return 0.0
    return float(np.linalg.norm(np.diff(positions.astype(np.float64), n=3, axis=0) * fps**3, axis=-1).mean())


def l2p(predicted: Float[Positions, "frames joints 3"], truth: Float[Positions, "frames joints 3"]) -> float:
    """In-betweening position error: mean over frames of the length of all joints' difference as one vector, in m.

    The measure of Harvey et al. (2020) without their data set's normalisation.
    """
    return float(np.linalg.norm((predicted - truth).reshape(len(truth), -1), axis=-1).mean())


def l2q(predicted: Float[Positions, "frames joints 3 3"], truth: Float[Positions, "frames joints 3 3"]) -> float:
    """In-betweening rotation error (Harvey et al. 2020): as ``l2p`` on world quaternions, nearer of q and -q."""
    a = np.asarray(quaternion_from_matrix(predicted.astype(np.float64)))
    b = np.asarray(quaternion_from_matrix(truth.astype(np.float64)))
    a = a * np.where((a * b).sum(-1, keepdims=True) < 0, -1.0, 1.0)
    return float(np.linalg.norm((a - b).reshape(len(b), -1), axis=-1).mean())


def world_quaternions(motion: Motion, *, body: Body) -> Float[NDArray[np.float64], "frames 22 4"]:
    """World rotations of the body's joints as unit quaternions."""
    turned, _ = forward_kinematics(
        np.asarray(matrix_from_rotvec(motion.rotations.astype(np.float64)))[:, :22],
        np.asarray(body.rest_joints(motion.betas), np.float64)[:22],
        motion.translation.astype(np.float64),
    )
    return np.asarray(quaternion_from_matrix(turned), np.float64)


def gap_errors(predicted: Motion, truth: Motion, *, body: Body, start: int, stop: int) -> tuple[float, float]:
    """(L2P in m, L2Q) of frames [start, stop) of a motion in-between."""
    (turned_a, placed_a), (turned_b, placed_b) = (
        forward_kinematics(
            np.asarray(matrix_from_rotvec(m.rotations[start:stop].astype(np.float64)))[:, :22],
            np.asarray(body.rest_joints(m.betas), np.float64)[:22],
            m.translation[start:stop].astype(np.float64),
        )
        for m in (predicted, truth)
    )
    return l2p(placed_a, placed_b), l2q(turned_a, turned_b)


def interpolated(motion: Motion, *, start: int, stop: int) -> Motion:
    """Baseline: frames [start, stop) by slerp and straight line between the frames before and after the gap."""
    if not 0 < start < stop < len(motion):
        raise ValueError(f"the gap [{start}, {stop}) needs a frame before and after it in {len(motion)} frames")
    part = (np.arange(start, stop) - (start - 1)) / (stop - start + 1)
    ends = matrix_from_rotvec(motion.rotations[[start - 1, stop]].astype(np.float64))
    shape = (stop - start, *ends.shape[1:])
    between = slerp_matrices(
        np.broadcast_to(ends[0], shape), np.broadcast_to(ends[1], shape), np.repeat(part[:, None], shape[1], 1)
    )
    rotations, translation = motion.rotations.copy(), motion.translation.copy()
    rotations[start:stop] = rotvec_from_matrix(between)
    first, last = motion.translation[start - 1], motion.translation[stop]
    translation[start:stop] = first + (last - first) * part[:, None]
    return replace(motion, rotations=rotations, translation=translation, contacts=None)


def held(motion: Motion, *, start: int, stop: int) -> Motion:
    """Baseline: frames [start, stop) repeat the frame before the gap."""
    if not 0 < start < stop <= len(motion):
        raise ValueError(f"the gap [{start}, {stop}) needs a frame before it in {len(motion)} frames")
    rotations, translation = motion.rotations.copy(), motion.translation.copy()
    rotations[start:stop], translation[start:stop] = rotations[start - 1], translation[start - 1]
    return replace(motion, rotations=rotations, translation=translation, contacts=None)


def gaps(frames: int, *, length: int, context: int = 10, stride: int | None = None) -> Iterator[tuple[int, int]]:
    """Gaps [start, stop) of ``length`` frames with ``context`` frames before and one after, as in the literature."""
    step = stride or length + context
    start = context
    while start + length < frames:
        yield start, start + length
        start += step


def separability(features: Float[Positions, "samples channels"], labels: list[str], *, neighbours: int = 1) -> float:
    """Share of samples whose nearest neighbours (leave-one-out, majority) have the same label: text-to-motion check."""
    distance = np.linalg.norm(features[:, None] - features[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    order = np.argsort(distance, axis=1)[:, :neighbours]
    right = 0
    for row, label in zip(order, labels, strict=True):
        votes = [labels[index] for index in row]
        right += max(dict.fromkeys(votes), key=votes.count) == label
    return right / max(len(labels), 1)


def nearest_centroid(
    features: Float[Positions, "samples channels"],
    reference: Float[Positions, "references channels"],
    labels: Int[NDArray[np.int64], " references"],
) -> Int[NDArray[np.int64], " samples"]:
    """Label whose mean of ``reference`` rows is nearest to each row of ``features``."""
    names = np.unique(labels)
    centroids = np.stack([reference[labels == name].mean(0) for name in names])
    distance = np.linalg.norm(features[:, None] - centroids[None], axis=-1)
    return np.asarray(names[distance.argmin(1)])


def _mean(errors: Positions, valid: NDArray[np.bool_] | None) -> float:
    if valid is not None:
        errors = errors[valid]
    return float(errors.mean()) if errors.size else 0.0
