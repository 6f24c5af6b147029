"""Motion between keys by interpolation alone: what blocking shows, and what a reduction to keys is measured with.

A rotation goes from key to key on a cubic with given angular velocities at both ends (Kim, Kim and Shin, "A general
construction scheme for unit quaternion curves with simple high order derivatives", SIGGRAPH 1995, for Bezier's basis),
a place on the cubic Hermite curve. Velocities at a key follow from its tangent; with automatic ones the motion has a
continuous velocity and never overshoots a place that two keys share.
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.rotations import (
    inverse_quaternion,
    multiply_quaternions,
    quaternion_from_rotvec,
    rotvec_from_quaternion,
)

Floats = NDArray[np.float64]


class Tangent(Enum):
    """How a key is passed."""

    AUTO = "auto"
    """smoothly, in the middle of the ways before and after"""
    FLAT = "flat"
    """at rest"""
    LINEAR = "linear"
    """with the constant speed of each side"""
    STEP = "step"
    """held until the next key"""


def interpolated_turns(
    frames: NDArray[np.int64], turns: Floats, wanted: NDArray[np.int64], tangents: Sequence[Tangent] | None = None
) -> Floats:
    """Rotation vectors (T, J, 3) at the wanted frames (T,), ascending, of keys (K, J, 3) at frames (K,), ascending.

    Before the first key and after the last the nearest one holds.
    """
    found: Floats = rotvec_from_quaternion(
        interpolated_quaternions(frames, quaternion_from_rotvec(turns), wanted, tangents)
    )
    exact = np.isin(wanted, frames)
    found[exact] = turns[np.searchsorted(frames, wanted[exact])]
    return found


def interpolated_quaternions(
    frames: NDArray[np.int64], keys: Floats, wanted: NDArray[np.int64], tangents: Sequence[Tangent] | None = None
) -> Floats:
    """Unit quaternions (T, J, 4), of either sign, as ``interpolated_turns`` of quaternions (K, J, 4)."""
    if len(frames) == 1:
        return np.repeat(keys, len(wanted), axis=0)
    between = multiply_quaternions(inverse_quaternion(keys[:-1]), keys[1:])  # in the frame of the first
    leaving, arriving = end_velocities(frames, rotvec_from_quaternion(between), tangents)
    length = np.diff(frames)[:, None, None]
    out, into = leaving * length / 3.0, arriving * length / 3.0
    middle = rotvec_from_quaternion(
        multiply_quaternions(multiply_quaternions(quaternion_from_rotvec(-out), between), quaternion_from_rotvec(-into))
    )
    segment, share, _ = _places(frames, wanted)
    t = share[:, None, None]
    found: Floats = keys[segment]
    for velocity, grown in ((out, 1.0 - (1.0 - t) ** 3), (middle, 3.0 * t**2 - 2.0 * t**3), (into, t**3)):
        found = multiply_quaternions(found, quaternion_from_rotvec(velocity[segment] * grown))
    held = _steps(tangents, len(frames))[segment] & (share < 1.0)
    found[held] = keys[segment[held]]
    return found


def interpolated_places(
    frames: NDArray[np.int64], places: Floats, wanted: NDArray[np.int64], tangents: Sequence[Tangent] | None = None
) -> Floats:
    """Places (T, 3) at the wanted frames of keys (K, 3), as ``interpolated_turns``."""
    if len(frames) == 1:
        return np.repeat(places, len(wanted), axis=0)
    ways = np.diff(places, axis=0)[:, None]
    leaving, arriving = (velocity[:, 0] for velocity in end_velocities(frames, ways, tangents))
    segment, share, span = _places(frames, wanted)
    t, length = share[:, None], span[:, None]
    found: Floats = (
        (2 * t**3 - 3 * t**2 + 1) * places[segment]
        + (t**3 - 2 * t**2 + t) * length * leaving[segment]
        + (3 * t**2 - 2 * t**3) * places[segment + 1]
        + (t**3 - t**2) * length * arriving[segment]
    )
    held = _steps(tangents, len(frames))[segment] & (share < 1.0)
    found[held] = places[segment[held]]
    return found


def _places(frames: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Of each wanted frame: its segment, how far through it 0..1, and the segment's length in frames."""
    segment = np.clip(np.searchsorted(frames, wanted, side="right") - 1, 0, len(frames) - 2)
    span = (frames[segment + 1] - frames[segment]).astype(np.float64)
    return segment, np.clip((wanted - frames[segment]) / span, 0.0, 1.0), span


def _steps(tangents: Sequence[Tangent] | None, keys: int) -> NDArray[np.bool_]:
    """(K-1,) segments that hold their first key."""
    return np.array([tangents is not None and tangents[index] is Tangent.STEP for index in range(keys - 1)])


def end_velocities(
    frames: NDArray[np.int64], ways: Floats, tangents: Sequence[Tangent] | None
) -> tuple[Floats, Floats]:
    """Velocities a frame with which each segment is left at its start and reached at its end.

    Of the ways (K-1, J, D) from each of the keys at frames (K,), ascending, to the next; both of the same shape.
    """
    speeds = ways / np.diff(frames)[:, None, None]
    smooth = np.zeros((len(frames), *ways.shape[1:]))
    smooth[0], smooth[-1] = speeds[0], speeds[-1]
    smooth[1:-1] = _between(speeds[:-1], speeds[1:], np.diff(frames))
    leaving, arriving = smooth[:-1].copy(), smooth[1:].copy()
    for index, tangent in enumerate(tangents or ()):
        if tangent is Tangent.FLAT:
            leaving[index : index + 1], arriving[max(index - 1, 0) : index] = 0.0, 0.0
        elif tangent in (Tangent.LINEAR, Tangent.STEP):
            leaving[index : index + 1] = speeds[index : index + 1]
            arriving[max(index - 1, 0) : index] = speeds[max(index - 1, 0) : index]
    return leaving, arriving


def _between(before: Floats, after: Floats, lengths: NDArray[np.int64]) -> Floats:
    """Velocity at the inner keys: the parabola's through the three, and no faster than what keeps it from overshooting.

    A component that turns around at a key rests there; otherwise it is at most three times the slower of the two
    sides (Fritsch and Carlson's condition for a monotone cubic, 1980).
    """
    left, right = lengths[:-1, None, None].astype(np.float64), lengths[1:, None, None].astype(np.float64)
    mean = (right * before + left * after) / (left + right)
    limit = 3.0 * np.minimum(np.abs(before), np.abs(after))
    return np.where(before * after <= 0.0, 0.0, np.sign(mean) * np.minimum(np.abs(mean), limit))
