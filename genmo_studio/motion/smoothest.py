"""The smoothest curve through what is wanted of it: least squares of second differences, one banded system an axis."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_NOTHING = 1e-9  # keeps the system regular where nothing is wanted


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a curve of T frames and n axes, as weighted squares."""

    bend: Float[Floats, "bends n"]
    """second difference about frames 1 to T - 2"""
    bend_weight: Float[Floats, " bends"]
    place: Float[Floats, "frames n"]
    place_weight: Float[Floats, " frames"]
    fixed: Bools
    """(T,) frames at which the curve passes exactly through ``place``"""


def smoothest(wanted: Wanted) -> Float[Floats, "frames n"]:
    """The curve with the smallest weighted squares of what is missing of ``wanted``."""
    frames = len(wanted.place)
    fixed, place = wanted.fixed, wanted.place
    bands = np.zeros((3, frames))  # lower form: bands[k, i] is the entry (i + k, i)
    bands[0] = wanted.place_weight + _NOTHING
    right = wanted.place_weight[:, None] * place + _NOTHING * place
    stencil = ((0, 1.0), (1, -2.0), (2, 1.0))
    for offset, value in stencil if frames > 2 else ():
        right[offset : frames - 2 + offset] += value * wanted.bend_weight[:, None] * wanted.bend
        for other, factor in stencil:
            if other >= offset:
                bands[other - offset, offset : frames - 2 + offset] += value * factor * wanted.bend_weight
    full = bands.copy()
    for distance in (1, 2):  # what is fixed goes to the other side
        if frames > distance:
            low, high = slice(0, frames - distance), slice(distance, frames)
            entry = full[distance, low, None]
            right[low] -= np.where(fixed[high, None] & ~fixed[low, None], entry * place[high], 0.0)
            right[high] -= np.where(fixed[low, None] & ~fixed[high, None], entry * place[low], 0.0)
            bands[distance, low] *= ~fixed[low] & ~fixed[high]
    bands[0, fixed] = 1.0
    right[fixed] = place[fixed]
    return np.asarray(solveh_banded(bands[: min(3, frames)], right, lower=True), np.float64)
