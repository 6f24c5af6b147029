"""Tracking points between grey pictures: corners on a grid and pyramidal Lucas-Kanade, vectorised over the points.

(Lucas and Kanade 1981; Shi and Tomasi 1994; Bouguet's pyramid.) Pictures are (H, W) float32, points (N, 2) are x, y in
pixels from the centre of the first pixel.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from genmo_studio.shapes import Bool, Float

Grey = Float[NDArray[np.float32], "height width"]
Points = Float[NDArray[np.float64], "points 2"]

_RADIUS = 7  # half of the window, pixels
_LEVELS = 4
_STEPS = 8
_CONVERGED = 0.01  # pixels
_TEXTURE = 4.0  # smallest eigenvalue of the mean structure tensor, (grey levels a pixel)^2, that is worth tracking


def pyramid(image: Grey) -> list[Grey]:
    """The picture, lightly smoothed, and its halves, quarters and so on, as ``track`` wants them."""
    levels = [ndimage.gaussian_filter(np.asarray(image, np.float32), 0.7)]
    while len(levels) < _LEVELS and min(levels[-1].shape) >= 8 * _RADIUS:
        smooth = ndimage.gaussian_filter(levels[-1], 1.0)
        height, width = (side // 2 * 2 for side in smooth.shape)
        quarters = smooth[:height, :width].reshape(height // 2, 2, width // 2, 2)
        levels.append(np.ascontiguousarray(quarters.mean(axis=(1, 3)), np.float32))
    return levels


def corners(image: Grey, *, allowed: Bool[NDArray[np.bool_], "height width"], cell: int = 30) -> Points:
    """The best corner of each ``cell`` x ``cell`` square where pixels are allowed and there is texture."""
    gy, gx = np.gradient(image)
    size = 2 * _RADIUS + 1
    xx, yy, xy = (ndimage.uniform_filter(product, size) for product in (gx * gx, gy * gy, gx * gy))
    strength = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    strength[~allowed] = 0.0
    border = _RADIUS + 1
    strength[:border] = strength[-border:] = strength[:, :border] = strength[:, -border:] = 0.0
    height, width = (side // cell * cell for side in strength.shape)
    cells = strength[:height, :width].reshape(height // cell, cell, width // cell, cell).swapaxes(1, 2)
    flat = cells.reshape(*cells.shape[:2], -1)
    best, value = flat.argmax(axis=-1), flat.max(axis=-1)
    rows, columns = np.nonzero(value > _TEXTURE)
    chosen = best[rows, columns]
    return np.stack([columns * cell + chosen % cell, rows * cell + chosen // cell], axis=1).astype(np.float64)


def track(
    before: list[Grey], after: list[Grey], points: Points, *, guess: Points | None = None
) -> tuple[Points, Bool[NDArray[np.bool_], " points"]]:
    """Where points of one picture are in another (both as pyramids), and for which that is certain.

    ``guess`` are positions to start from. A point is certain when tracking it back leads to where it came from.
    """
    if not len(points):
        return points, np.zeros(0, np.bool_)
    start = points if guess is None else guess
    forward, fits = _lucas_kanade(before, after, points, start)
    back, fits_back = _lucas_kanade(after, before, forward, forward + points - start)
    returned = np.linalg.norm(back - points, axis=1) < 0.5
    return forward, fits & fits_back & returned


def global_shift(before: Grey, after: Grey) -> tuple[float, float]:
    """Whole-pixel shift (x, y) between two pictures by phase correlation; for a first guess only."""
    window = np.outer(np.hanning(before.shape[0]), np.hanning(before.shape[1]))
    first, second = (np.fft.rfft2((image - image.mean()) * window) for image in (before, after))
    cross = second * np.conj(first)
    peak = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), before.shape)
    row, column = np.unravel_index(int(peak.argmax()), peak.shape)
    height, width = before.shape
    return (
        float(column if column <= width // 2 else column - width),
        float(row if row <= height // 2 else row - height),
    )


def _lucas_kanade(
    before: list[Grey], after: list[Grey], points: Points, guess: Points
) -> tuple[Points, Bool[NDArray[np.bool_], " points"]]:
    moved = (guess - points) / 2 ** (len(before) - 1)
    error = np.full(len(points), np.inf)
    for level in reversed(range(len(before))):
        here = (points + 0.5) / 2**level - 0.5
        wider = _patches(before[level], here, _RADIUS + 1)
        template = _centred(wider[:, 1:-1, 1:-1])
        gx, gy = (wider[:, 1:-1, 2:] - wider[:, 1:-1, :-2]) / 2, (wider[:, 2:, 1:-1] - wider[:, :-2, 1:-1]) / 2
        xx, yy, xy = (np.einsum("nij,nij->n", a, b) for a, b in ((gx, gx), (gy, gy), (gx, gy)))
        determinant = np.maximum(xx * yy - xy * xy, 1e-6)
        active = np.arange(len(points))
        for _ in range(_STEPS):
            # Exposure changes between pictures; only the pattern counts.
            difference = template[active] - _centred(_patches(after[level], (here + moved)[active], _RADIUS))
            error[active] = np.abs(difference).mean(axis=(1, 2))
            bx, by = (np.einsum("nij,nij->n", g[active], difference) for g in (gx, gy))
            step = np.stack([yy[active] * bx - xy[active] * by, xx[active] * by - xy[active] * bx], axis=1)
            step /= determinant[active, None]
            length = np.linalg.norm(step, axis=1)
            moved[active] += step / np.maximum(length / _RADIUS, 1.0)[:, None]
            active = active[length > _CONVERGED]
            if not len(active):
                break
        error /= np.maximum(template.std(axis=(1, 2)), 1.0)
        if level:
            moved *= 2
    found = points + moved
    height, width = after[0].shape
    inside = ((found >= _RADIUS) & (found < [width - _RADIUS, height - _RADIUS])).all(axis=1)
    return found, inside & (error < 0.6)


def _centred(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(patches - patches.mean(axis=(1, 2), keepdims=True), np.float32)


def _patches(image: Grey, centres: Points, radius: int) -> NDArray[np.float32]:
    """Bilinear windows (N, 2 radius + 1, 2 radius + 1) about positions; the border goes on beyond the picture.

    All samples of a window share the same fractions, so that one gather of whole pixels serves the four corners.
    """
    height, width = image.shape
    corner = np.floor(centres).astype(np.int32)
    u, v = (centres - corner).astype(np.float32).T[..., None, None]
    steps = np.arange(-radius, radius + 2)
    rows = np.clip(corner[:, 1, None] + steps, 0, height - 1)
    columns = np.clip(corner[:, 0, None] + steps, 0, width - 1)
    whole = image[rows[:, :, None], columns[:, None, :]]
    wide = whole[:, :, :-1] * (1 - u) + whole[:, :, 1:] * u
    return np.asarray(wide[:, :-1] * (1 - v) + wide[:, 1:] * v, np.float32)
