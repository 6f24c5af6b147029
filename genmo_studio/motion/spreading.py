"""Offsets that are wanted at some frames, spread smoothly over the frames around them.

Every curve here is a chain of quintic pieces with given value, slope and no acceleration at their ends, so position,
velocity and acceleration go through the keys without a break. Slopes are limited (Fritsch and Butland 1984), so that
nothing overshoots: between two keys no component leaves the range of the two.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.shapes import Float

Floats = NDArray[np.float64]

BLEND_FRAMES = 15
"""Frames over which a small offset fades."""
WIDEST = 45
"""Frames over which the largest offset fades."""
_PEAK = 10 / np.sqrt(3)  # largest acceleration of smoothstep over the unit interval
_SHARE = 0.5  # of what is usual: the movement below has accelerations of its own


def smoothstep(t: NDArray[np.floating] | float) -> Floats:
    """0 below 0, 1 above 1, with continuous velocity and acceleration between."""
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(t * t * t * (t * (6 * t - 15) + 10), np.float64)


def widths(sizes: Float[Floats, " keys"], usual: float, *, blend: int, fps: float) -> list[int]:
    """Frames over which offsets of these sizes fade, so that fading stays within half the ``usual`` acceleration.

    ``usual`` is in the offsets' unit a second squared; never less than ``blend`` nor more than the wider of it and
    WIDEST.
    """
    needed = np.ceil(np.sqrt(_PEAK * np.abs(sizes) * fps**2 / (_SHARE * usual)))
    return [int(width) for width in np.clip(needed, blend, max(blend, WIDEST))]


def faded(
    frames: int, keys: Sequence[int], values: Float[Floats, "keys n"], reach: Sequence[int]
) -> Float[Floats, "frames n"]:
    """A C2 curve through (key, value) that fades to nothing within ``reach`` frames of each key (sorted).

    Where the reaches of two neighbours overlap, the curve goes straight from one to the other. Exactly zero outside.
    """
    places, rows = [float(keys[0] - reach[0])], [np.zeros(values.shape[1])]
    for index, key in enumerate(keys):
        places.append(float(key))
        rows.append(values[index])
        rest = keys[index + 1] - reach[index + 1] if index + 1 < len(keys) else np.inf
        if key + reach[index] <= rest:
            places.append(float(key + reach[index]))
            rows.append(np.zeros(values.shape[1]))
            if key + reach[index] < rest < np.inf:
                places.append(float(rest))
                rows.append(np.zeros(values.shape[1]))
    return _through(frames, np.array(places), np.stack(rows))


def carried(frames: int, keys: Sequence[int], values: Float[Floats, "keys n"]) -> Float[Floats, "frames n"]:
    """A C2 curve through (key, value), constant before the first key (sorted) and after the last."""
    return _through(frames, np.array(keys, np.float64), values)


def _through(frames: int, places: Floats, values: Float[Floats, "knots n"]) -> Float[Floats, "frames n"]:
    if len(places) == 1:
        return np.repeat(values, frames, axis=0)
    slopes = _limited_slopes(places, values)
    time = np.clip(np.arange(frames), places[0], places[-1])
    piece = np.clip(np.searchsorted(places, time, side="right") - 1, 0, len(places) - 2)
    length = (places[piece + 1] - places[piece])[:, None]
    u = (time - places[piece])[:, None] / length
    cube = u**3
    share = cube * (10 + u * (6 * u - 15))
    leaving, arriving = u + cube * (u * (8 - 3 * u) - 6), cube * (u * (7 - 3 * u) - 4)
    low, high = values[piece], values[piece + 1]
    return np.asarray(
        low * (1 - share) + high * share + length * (leaving * slopes[piece] + arriving * slopes[piece + 1]), np.float64
    )


def _limited_slopes(places: Floats, values: Float[Floats, "knots n"]) -> Float[Floats, "knots n"]:
    """Weighted harmonic mean of the slopes on both sides where they agree in sign, else 0; 0 at both ends."""
    steps = np.diff(places)[:, None]
    chords = np.diff(values, axis=0) / steps
    before, after = chords[:-1], chords[1:]
    same_way = before * after > 0
    w1, w2 = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    inner = np.zeros_like(before)
    np.divide(w1 + w2, w1 / np.where(same_way, before, 1) + w2 / np.where(same_way, after, 1), inner)
    # a quintic without acceleration at its ends stays between them up to 2.5 times the chord's slope
    most = 2.0 * np.minimum(np.abs(before), np.abs(after))
    inner = np.where(same_way, np.clip(inner, -most, most), 0.0)
    flat = np.zeros_like(values[:1])
    return np.concatenate([flat, inner, flat])
