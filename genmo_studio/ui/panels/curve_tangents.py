"""Tangents of the keys on a curve: the slopes with which interpolation passes them, and how they are drawn. Pure.

A curve is one angle or one coordinate; what is interpolated is the whole rotation. The strokes are those of the curve,
which is what an animator reads them for.
"""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.interpolate import Tangent, end_velocities
from genmo_studio.ui.panels.curve_model import Dots
from genmo_studio.ui.panels.curve_view import Box, Scale

Floats = NDArray[np.float64]
LONG = 30.0
"""Logical pixels from a key to the end of its stroke."""


def slopes(dots: Dots) -> tuple[Floats, Floats]:
    """(K,) changes a frame with which the curve reaches each key and leaves it; NaN where it does neither.

    Of several keys at a frame only the first is passed.
    """
    arriving, leaving = np.full(len(dots), np.nan), np.full(len(dots), np.nan)
    frames, first = np.unique(dots.frames, return_index=True)
    if len(frames) < 2:
        return arriving, leaving
    tangents = [dots.tangents[at] for at in first]
    ways = np.diff(dots.values[first])[:, None, None]
    leaves, arrives = end_velocities(frames, ways, tangents)
    leaving[first[:-1]], arriving[first[1:]] = leaves[:, 0, 0], arrives[:, 0, 0]
    for index, tangent in enumerate(tangents):
        if tangent is Tangent.STEP and index + 1 < len(tangents):  # stays, and jumps to the next
            leaving[first[index]], arriving[first[index + 1]] = 0.0, np.nan
    return arriving, leaving


def strokes(dots: Dots, picked: NDArray[np.bool_], scale: Scale, box: Box) -> tuple[Floats, Floats]:
    """x and y of the ends of strokes in pairs, from each picked key along its two tangents, LONG pixels long."""
    if not picked.any():
        return np.zeros(0), np.zeros(0)
    a_frame, a_unit = box.width / (box.last - box.first), box.height / (box.high - box.low)
    xs: list[float] = []
    ys: list[float] = []
    for side, slope in zip((-1.0, 1.0), slopes(dots), strict=True):
        for at in np.flatnonzero(picked & np.isfinite(slope)):
            x, y = float(dots.frames[at]), float(dots.values[at] * scale.gain + scale.offset)
            up = float(slope[at] * scale.gain)
            share = side * LONG / float(np.hypot(a_frame, up * a_unit))
            xs += [x, x + share]
            ys += [y, y + share * up]
    return np.array(xs), np.array(ys)
