"""Turns that the network was unsure of, and that are too sudden for a body, made smooth.

A network says a rotation as two rows that need not be of length one. Where it hesitates between two answers, and more
so after guidance has extrapolated, the rows become short; a short row that passes by zero turns the rotation by a
quarter of a circle in one frame, whatever it was meant to say. So where the rows are short *and* the turn is more
sudden than 99 in 100 frames of recordings are (usual.py), the rotation goes along the smoothest curve through what is
said: the less sure a frame is the less it weighs, and less again until nothing is too sudden. Turns that are sure or
usual stay bit-identical.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from genmo_studio.motion.footpath import runs
from genmo_studio.motion.rotations import (
    matrix_from_quaternion,
    quaternion_from_matrix,
    rotvec_from_matrix,
    transpose,
)
from genmo_studio.motion.smoothest import Wanted, smoothest
from genmo_studio.motion.usual import USUAL_TURN
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_UNSURE = 0.75  # length of the shorter row below which a turn is doubted
_AIM = 0.6  # part of what is usual that a doubted turn keeps below: the joints above and below turn too
_AROUND = 8  # frames on each side in which a doubted turn may be caught up with
_FIXED = 2  # frames at each end of such a stretch that stay: value and velocity go on
_ROUNDS, _LESS = 12, 0.35  # each round what is too sudden weighs so much less
_POWER = 4  # of the sureness: a row of half the length weighs a sixteenth


def sureness(sixd: Float[NDArray[np.floating], "*n 6"]) -> Float[Floats, "*n"]:
    """How far (1: fully) two rows say a rotation: the smaller singular value of the two, at most 1."""
    rows = np.asarray(sixd, np.float64)
    first, second = rows[..., :3], rows[..., 3:]
    a, b, c = (first**2).sum(-1), (second**2).sum(-1), (first * second).sum(-1)
    smaller = (a + b) / 2 - np.sqrt(((a - b) / 2) ** 2 + c**2)
    return np.asarray(np.minimum(np.sqrt(np.maximum(smaller, 0.0)), 1.0))


def steadied(
    turns: Float[Floats, "frames joints 3 3"], sure: Float[Floats, "frames joints"], *, fps: float
) -> tuple[Float[Floats, "frames joints 3 3"], Float[Bools, "frames joints"]]:
    """The rotations (joints as USUAL_TURN counts them, the root first) without doubted jerks, and what was changed."""
    frames, joints = sure.shape
    changed = np.zeros((frames, joints), np.bool_)
    if frames < 3:
        return turns, changed
    usual = np.array(USUAL_TURN[:joints])
    doubted = minimum_filter1d(sure, 3, axis=0, mode="nearest") < _UNSURE
    jerks = _jerks(turns, doubted, usual, fps=fps)
    result = turns
    for joint in np.flatnonzero(jerks.any(axis=0)).tolist():
        near = maximum_filter1d(jerks[:, joint], 2 * (_AROUND + _FIXED) + 1)
        for start, stop in runs(near):
            if result is turns:
                result = turns.copy()
            part = slice(start, stop)
            fixed = np.zeros(stop - start, np.bool_)
            fixed[:_FIXED] = start > 0
            fixed[len(fixed) - _FIXED :] |= stop < frames
            result[part, joint] = _smooth(
                turns[part, joint], sure[part, joint], fixed, limit=_AIM * usual[joint], fps=fps
            )
            changed[part, joint] = ~fixed
    return result, changed


def _jerks(turns: Floats, doubted: Bools, usual: Floats, *, fps: float) -> Float[Bools, "frames joints"]:
    """Doubted turns that are more sudden than usual.

    Second differences of matrices, which also have the square of the speed in them, say cheaply where to look: drafts
    have no time for more.
    """
    found = np.zeros(doubted.shape, np.bool_)
    bend = np.diff(turns, n=2, axis=0)
    rough = np.zeros(doubted.shape)
    rough[1:-1] = np.sqrt(np.einsum("fjrc,fjrc->fj", bend, bend) / 2) * fps**2
    suspects = np.flatnonzero(((rough > usual / 2) & doubted).any(axis=0))
    if len(suspects):
        found[:, suspects] = (_suddenness(turns[:, suspects], fps) > usual[suspects]) & doubted[:, suspects]
    return found


def _suddenness(turns: Floats, fps: float) -> Float[Floats, "frames *n"]:
    """rad/s^2: change of the turn from frame to frame, 0 at both ends."""
    found = np.zeros(turns.shape[:-2])
    steps = np.asarray(rotvec_from_matrix(turns[1:] @ transpose(turns[:-1])))
    found[1:-1] = np.linalg.norm(np.diff(steps, axis=0), axis=-1) * fps**2
    return found


def _smooth(turns: Floats, sure: Floats, fixed: Bools, *, limit: float, fps: float) -> Float[Floats, "frames 3 3"]:
    """The smoothest turns through what is said; frames that are ``fixed`` stay."""
    said = _continued(turns)
    weight = np.maximum(sure, 1e-3) ** _POWER
    smooth = turns
    for _ in range(_ROUNDS):
        wanted = Wanted(np.zeros((len(said) - 2, 4)), np.ones(len(said) - 2), said, weight, fixed)
        smooth = np.where(fixed[:, None, None], turns, matrix_from_quaternion(smoothest(wanted)))
        sudden = _suddenness(smooth, fps) > limit
        if not sudden.any():
            break
        weight = np.where(maximum_filter1d(sudden, 5), weight * _LESS, weight)
    return np.asarray(smooth)


def _continued(turns: Float[Floats, "frames 3 3"]) -> Float[Floats, "frames 4"]:
    """Unit quaternions, each of the sign that is nearer to the one before."""
    found = np.array(quaternion_from_matrix(turns), np.float64)
    flips = np.cumprod(np.where((found[1:] * found[:-1]).sum(axis=1) < 0, -1.0, 1.0))
    found[1:] *= flips[:, None]
    return found
