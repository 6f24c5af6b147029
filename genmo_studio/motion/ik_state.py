"""Poses as a full-body solver handles them: the values of its variables, and those worked out."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.shapes import Float

Floats = NDArray[np.float64]

_EYE = np.eye(3)
_LEAST_CURVATURE = 0.2
CROSS = np.zeros((3, 9))  # r @ CROSS is the matrix of x -> x cross r, flattened
CROSS[0, 5], CROSS[0, 7], CROSS[1, 2], CROSS[1, 6], CROSS[2, 1], CROSS[2, 3] = 1, -1, -1, 1, 1, -1


def turns_of(vectors: Float[Floats, "n 3"]) -> Float[Floats, "n 3 3"]:
    """Rotations near those of small rotation vectors (Cayley's map: no trigonometry, exact to the second order)."""
    skew = -(vectors @ CROSS).reshape(-1, 3, 3)
    share = 1 / (1 + 0.25 * (vectors * vectors).sum(-1))
    return np.asarray(_EYE + share[:, None, None] * (skew + 0.5 * (skew @ skew)))


def away_from(
    turns: Float[Floats, "n 3 3"], home: Float[Floats, "n 3 3"]
) -> tuple[Float[Floats, "n 3"], Float[Floats, "n 3 3"]]:
    """Slope (n, 3) and curvature (n, 3, 3) of 1 - cos(angle from home): smooth on all rotations.

    The curvature is that of the function, raised where the function bends down (beyond a right angle).
    """
    turn = turns @ home.transpose(0, 2, 1)
    flat = turn.reshape(-1, 9)
    trace = flat[:, 0] + flat[:, 4] + flat[:, 8]
    slope = 0.5 * (flat[:, [7, 2, 3]] - flat[:, [5, 6, 1]])
    raised = 0.5 * trace + np.maximum(_LEAST_CURVATURE - 0.5 * (trace - 1), 0)
    return slope, raised[:, None, None] * _EYE - 0.25 * (turn + turn.transpose(0, 2, 1))


class State(msgspec.Struct, frozen=True, eq=False):
    """Values of the variables."""

    root: Float[Floats, "3"]
    """SMPL ``transl``, m"""
    turns: Float[Floats, "24 3 3"]
    """local rotations; at the start of a limb, of the line to its end; what stands at its middle is not read"""
    lengths: Float[Floats, "4"]
    """start to end of each limb, m"""


class Placed(msgspec.Struct, frozen=True, eq=False):
    """A state worked out."""

    state: State
    """with pinned limbs where their pins want them"""
    overreach: Float[Floats, "4"]
    """m by which the pin of a limb is beyond its reach"""
    local: Float[Floats, "24 3 3"]
    """local rotations; of locked joints see ``Limbs.local_of``"""
    world: Float[Floats, "24 3 3"]
    positions: Float[Floats, "24 3"]
    frames: Float[Floats, "24 3 3"]
    """in which the joints' turns are told: the parents' world rotations"""
    bend_rate: Float[Floats, "4"]
    """rad of bend at the middle a metre of length (negative: longer is straighter)"""
    upper_turn: Float[Floats, "4 3"]
    """how fast the upper bone turns in the world with the length, rad a metre"""
    lower_turn: Float[Floats, "4 3"]
