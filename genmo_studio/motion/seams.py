"""Seams between a known motion and a new one, without a jump in value, velocity or acceleration.

Inertialisation (Bollo, "Inertialization: high-performance animation transitions in Gears of War", GDC 2018): instead of
fading between two motions, the new one starts with the offset that the known one has to it and lets go of it. The
offset goes on as a quintic that has the value, velocity and acceleration measured on the last three known frames and
none of the three where it ends, so the joined curve is C2 at both ends of the blend. Rotations are treated in the
logarithm of the turn from the new to the known one.
"""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, transpose
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TAPS = 3
"""Known frames beside a seam from which the offset and its first two derivatives are read."""


def runs(mask: Bools) -> list[Span]:
    """Half-open runs of True of a mask (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [Span(start, stop) for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]


def decaying(offsets: Float[Floats, "taps *n"], *, frames: int, width: int) -> Float[Floats, "frames *n"]:
    """How an offset goes on in the ``frames`` frames after it was last seen, until it is gone after ``width``.

    ``offsets`` are its values at the last known frames, the last one first; with two there is no acceleration, with
    one no velocity.
    """
    value = offsets[0]
    velocity = acceleration = np.zeros_like(value)
    if len(offsets) >= _TAPS:
        velocity = (3 * offsets[0] - 4 * offsets[1] + offsets[2]) / 2
        acceleration = offsets[0] - 2 * offsets[1] + offsets[2]
    elif len(offsets) > 1:
        velocity = offsets[0] - offsets[1]
    u = np.minimum(np.arange(1, frames + 1) / width, 1.0).reshape(-1, *[1] * value.ndim)
    shape_value = 1 - u**3 * (10 - 15 * u + 6 * u**2)
    shape_velocity = u - u**3 * (6 - 8 * u + 3 * u**2)
    shape_acceleration = (u**2 - 3 * u**3 + 3 * u**4 - u**5) / 2
    return np.asarray(
        value * shape_value + velocity * width * shape_velocity + acceleration * width**2 * shape_acceleration
    )


def seam_offsets(offsets: Float[Floats, "frames *n"], run: Span, *, blend: int) -> Float[Floats, "run *n"]:
    """What has to be added inside ``run`` so that both its ends join, from the offsets outside of it (T, ...).

    Where the motion begins or ends with the run, nothing is added on that side. Each side is let go of within
    ``blend`` frames, and within the run.
    """
    width = min(max(blend, 0), run.length) + 1
    added = np.zeros((run.length, *offsets.shape[1:]))
    before = offsets[max(run.start - _TAPS, 0) : run.start][::-1]
    after = offsets[run.stop : run.stop + _TAPS]
    if len(before):
        added += decaying(before, frames=run.length, width=width)
    if len(after):
        added += decaying(after, frames=run.length, width=width)[::-1]
    return added


def turn_offsets(known: Float[Floats, "frames *n 3 3"], new: Float[Floats, "frames *n 3 3"]) -> Floats:
    """Rotation vectors (T, ..., 3) of the turns from ``new`` to ``known`` in the parent's frame, continuous over time.

    A turn near half a circle has two logarithms of opposite sign; each frame takes the one nearer to the frame before.
    """
    return _continuous(np.asarray(rotvec_from_matrix(known @ transpose(new))))


def _continuous(offsets: Float[Floats, "frames *n 3"]) -> Floats:
    for frame in range(1, len(offsets)):
        here, before = offsets[frame], offsets[frame - 1]
        angle = np.linalg.norm(here, axis=-1, keepdims=True)
        other = here * (1 - 2 * np.pi / np.maximum(angle, 1e-9))
        nearer = np.linalg.norm(other - before, axis=-1, keepdims=True) < np.linalg.norm(
            here - before, axis=-1, keepdims=True
        )
        offsets[frame] = np.where(nearer & (angle > np.pi / 2), other, here)
    return offsets


def joined(known: Motion, new: Motion, fresh: Float[Bools, "frames 24"], *, blend: int) -> Motion:
    """``known`` with the joints of ``new`` where ``fresh`` says so, joined over ``blend`` frames inside each end.

    Both have the same frames, and ``new`` also says what it would be around the fresh frames: the seams are made from
    that. Where joint 0 is fresh, so is the translation. Everything that is not fresh is ``known``'s, bit for bit.
    Contacts are left as they are in ``known``.
    """
    rotations, translation = known.rotations.copy(), known.translation.copy()
    kinds: dict[bytes, list[int]] = {}  # joints that are fresh in the same frames
    for joint in np.flatnonzero(fresh.any(axis=0)).tolist():
        kinds.setdefault(fresh[:, joint].tobytes(), []).append(joint)
    for joints in kinds.values():
        for run in runs(fresh[:, joints[0]]):
            rotations[run.start : run.stop, joints] = new.rotations[run.start : run.stop, joints]
            frames, added = _turned(known.rotations[:, joints], new.rotations[:, joints], run, blend=blend)
            place = np.ix_(frames, np.array(joints))
            theirs = matrix_from_rotvec(new.rotations[place].astype(np.float64))
            rotations[place] = rotvec_from_matrix(matrix_from_rotvec(added) @ theirs)
    for run in runs(fresh[:, 0]):
        off = known.translation.astype(np.float64) - new.translation
        translation[run.start : run.stop] = new.translation[run.start : run.stop] + seam_offsets(off, run, blend=blend)
    return replace(known, rotations=rotations, translation=translation)


def _turned(
    known: Float[NDArray[np.float32], "frames joints 3"],
    new: Float[NDArray[np.float32], "frames joints 3"],
    run: Span,
    *,
    blend: int,
) -> tuple[NDArray[np.int64], Float[Floats, "part joints 3"]]:
    """The frames of ``run`` in which seam offsets are not zero, which are those of the blends, and the offsets there.

    Each side's logarithms are continuous for themselves, outwards from the seam.
    """
    near = np.arange(max(run.start - _TAPS, 0), min(run.stop + _TAPS, len(new)))
    before, after = near[near < run.start], near[near >= run.stop]
    sides = np.concatenate([before, after])
    ours, theirs = (matrix_from_rotvec(part[sides].astype(np.float64)) for part in (known, new))
    turns = np.asarray(rotvec_from_matrix(ours @ transpose(theirs)))
    offsets = np.zeros((len(near), *new.shape[1:]))
    offsets[: len(before)] = _continuous(turns[: len(before)][::-1])[::-1]
    offsets[len(near) - len(after) :] = _continuous(turns[len(before) :])
    added = seam_offsets(offsets, Span(len(before), len(before) + run.length), blend=blend)
    reach, inside = max(blend, 0), np.arange(run.length)
    blended = np.zeros(run.length, bool)
    if len(before):
        blended |= inside < reach
    if len(after):
        blended |= inside >= run.length - reach
    return run.start + inside[blended], added[blended]
