"""How a foot has to be moved so that it rests where it touches the ground: one least-squares problem a foot.

The shift s(t) of a foot is the smoothest one (smallest second differences) that takes the slide of its resting part out
of every contact, brings its sole to the ground while it touches it, pushes it up where it would sink, is small, and is
nothing at frames that are protected. All of these are quadratic, so each axis is one banded linear system, whatever the
length of the motion. Between two contacts the whole swing carries the difference; there is no fixed fade.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from scipy.ndimage import gaussian_filter1d

from genmo_studio.motion.spreading import smoothstep
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MAYBE, _SURE = 0.3, 0.6  # probabilities between which a contact comes to count in full
_GAP = 0.3  # what a contact counts in a gap that is closed
_SHORTEST_CONTACT = 3  # frames; shorter ones are noise of the labels
_LONGEST_GAP = 2  # frames; shorter interruptions of a contact are noise of the labels
_FARTHEST = 0.25  # m that a foot may be moved; a longer slide is reduced in proportion
_ON_FLOOR, _OFF_FLOOR = 0.05, 0.10  # m from the standing height between which the pull to the floor fades out
_SUNK = 0.005  # m below the ground from which a foot is pushed up
_SETTLED = 3  # rounds of looking which frames sink

# Weights of the terms beside that of second differences, which is 1. With a weight w a term acts within about
# w^(-1/2) frames (slide, a first difference) and w^(-1/4) frames (the others).
_SLIDE = 2.0
_GROUND = 0.15
_SMALL = 1e-4  # ten frames: how far from contacts a shift goes on
_PLACE = 1.0


@dataclass(frozen=True)
class FootTask:
    """What is known of one foot."""

    parts: Float[Floats, "frames 2 3"]
    """ankle and toe joint in the world, m"""
    contacts: Float[Floats, "frames 2"]
    """probability that each rests"""
    soles: Float[Floats, "2"]
    """height of each over the ground when the foot stands flat, m"""
    ground: Float[Floats, " frames"]
    """height of the ground under it, m"""
    planted: Float[Floats, " frames"]
    """0..1: how much the user wants it to rest, whatever is predicted"""
    protected: Sequence[int]
    """frames in which it may not be moved"""


def runs(mask: Bools) -> list[tuple[int, int]]:
    """Half-open runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def cleaned(mask: Bools) -> Bools:
    """Short gaps closed, then short runs dropped."""
    result = mask.copy()
    for start, stop in runs(~mask):
        if stop - start <= _LONGEST_GAP and start > 0 and stop < len(mask):
            result[start:stop] = True
    for start, stop in runs(result):
        if stop - start < _SHORTEST_CONTACT:
            result[start:stop] = False
    return result


def foot_shift(task: FootTask) -> Float[Floats, "frames 3"]:
    """How the foot has to be moved, m; exactly zero at protected frames."""
    frames = len(task.parts)
    weights = np.clip(task.contacts, 0, 1)
    weights = smoothstep((weights - _MAYBE) / (_SURE - _MAYBE))
    resting = cleaned(weights.max(axis=1) > 0) | (task.planted > 0)
    hold = np.where(resting, np.maximum(np.maximum(weights.max(axis=1), _GAP), task.planted), 0.0)
    weights = np.maximum(gaussian_filter1d(np.maximum(weights, task.planted[:, None]), 1.0, axis=0), 1e-9)
    shares = weights / weights.sum(axis=1, keepdims=True)
    fixed = np.zeros(frames, np.bool_)
    fixed[list(task.protected)] = True
    shift = np.zeros((frames, 3))
    if frames > 1:
        shift[:, [0, 2]] = _level(task, hold, shares, runs(resting), fixed)
    shift[:, 1] = _height(task, hold, shares, fixed)
    return shift


def _level(
    task: FootTask, hold: Floats, shares: Floats, contacts: list[tuple[int, int]], fixed: Bools
) -> Float[Floats, "frames 2"]:
    """The shift on the ground: what rests stands still, a planted foot where it is in the middle of its contact."""
    steps = (shares[:-1, :, None] * np.diff(task.parts[..., [0, 2]], axis=0)).sum(axis=1)
    still = np.minimum(hold[:-1], hold[1:])
    wanted = np.zeros_like(steps)
    place = np.zeros(len(hold))
    for start, stop in contacts:
        slide = -steps[start : stop - 1]
        way = np.concatenate([np.zeros((1, 2)), np.cumsum(slide, axis=0)])
        farthest = float(np.linalg.norm(way - way.mean(axis=0), axis=1).max())
        planted = task.planted[start:stop]
        share = max(min(1.0, _FARTHEST / max(farthest, 1e-9)), float(planted.max()))
        wanted[start : stop - 1] = share * slide
        if planted.any() and not fixed[start:stop].any():
            middle = start + np.flatnonzero(planted)
            place[middle[len(middle) // 2]] = planted.max()
    return _solved(
        len(hold), slide_weight=_SLIDE * still, slide=wanted, place_weight=_PLACE * place,
        place=np.zeros((len(hold), 2)), fixed=fixed,
    )  # fmt: skip


def _height(task: FootTask, hold: Floats, shares: Floats, fixed: Bools) -> Float[Floats, " frames"]:
    """The shift upwards: what rests lies on the ground, and nothing lies below it."""
    low = task.soles + task.ground[:, None] - task.parts[..., 1]  # how far each part would have to go up
    gap = (shares * low).sum(axis=1)
    near = smoothstep((_OFF_FLOOR - np.abs(gap)) / (_OFF_FLOOR - _ON_FLOOR))
    gap = gap * np.maximum(near, task.planted)
    sinking = low.max(axis=1)
    weight, target = _GROUND * hold, gap
    shift = np.zeros(len(hold))
    for _ in range(_SETTLED):
        shift = _solved(
            len(hold), slide_weight=np.zeros(max(len(hold) - 1, 0)), slide=np.zeros((max(len(hold) - 1, 0), 1)),
            place_weight=weight, place=target[:, None], fixed=fixed,
        )[:, 0]  # fmt: skip
        sunk = (sinking - shift > _SUNK) & ~fixed
        if not sunk.any():
            break
        target = np.where(sunk, sinking, target)
        weight = np.where(sunk, np.maximum(2 * weight, _GROUND), weight)
    return shift


def _solved(
    frames: int, *, slide_weight: Floats, slide: Floats, place_weight: Floats, place: Floats, fixed: Bools
) -> Float[Floats, "frames n"]:
    """Least squares of second differences, size, first differences (wanted ``slide``) and values (wanted ``place``)."""
    if fixed.all() or not (np.any(slide_weight[:, None] * slide) or np.any(place_weight[:, None] * place)):
        return np.zeros((frames, place.shape[1]))
    bands = np.zeros((3, frames))  # lower form: bands[k, i] is the entry (i + k, i)
    bands[0] = _SMALL + place_weight
    right = place_weight[:, None] * place
    if frames > 1:
        bands[0, :-1] += slide_weight
        bands[0, 1:] += slide_weight
        bands[1, :-1] -= slide_weight
        right[:-1] -= slide_weight[:, None] * slide
        right[1:] += slide_weight[:, None] * slide
    for offset, value in ((0, 1.0), (1, -2.0), (2, 1.0)):
        for other, factor in ((0, 1.0), (1, -2.0), (2, 1.0)):
            if other >= offset and frames > 2:
                bands[other - offset, offset : frames - 2 + offset] += value * factor
    free = ~fixed
    right[fixed] = 0
    bands[0, fixed] = 1.0
    for distance in (1, 2):
        if frames > distance:
            bands[distance, : frames - distance] *= free[distance:] & free[: frames - distance]
    result = np.asarray(solveh_banded(bands[: min(3, frames)], right, lower=True), np.float64)
    result[fixed] = 0.0
    return result
