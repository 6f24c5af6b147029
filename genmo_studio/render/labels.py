"""Where the numbers of the metre grid stand on screen; whoever owns the window's text paints them. Pure maths."""

import msgspec
import numpy as np

from genmo_studio.render.camera import Size, View, project

_STEPS = (1, 2, 5, 10, 20, 50)
_SPACING = 70.0  # pixels between two labels, at least
_REACH = 12.0  # m at the smallest step


class GridLabel(msgspec.Struct, frozen=True):
    """One number on the floor."""

    text: str
    """such as 3 m"""
    x: float
    """pixels from the left"""
    y: float
    """pixels from the top"""
    axis: int
    """0 along x, 2 along z"""
    opacity: float
    """1 near the point of interest, falling to 0"""


def grid_labels(camera: View, size: Size) -> tuple[GridLabel, ...]:
    """Labels along the two axes of the floor that are on screen, far enough apart to be read."""
    focus = camera.focus_point()
    found: list[GridLabel] = []
    for axis in (0, 2):
        ticks = np.zeros((2, 3))
        ticks[:, axis] = round(float(focus[axis])) + np.array([0.0, 1.0])
        metre = project(ticks, camera, size)[:, :2]
        apart = float(np.linalg.norm(metre[1] - metre[0]))
        if not np.isfinite(apart) or apart < 1e-3:
            continue
        step = next((step for step in _STEPS if step * apart >= _SPACING), _STEPS[-1])
        found.extend(_axis_labels(camera, size, axis=axis, step=step, middle=float(focus[axis])))
    return tuple(found)


def _axis_labels(camera: View, size: Size, *, axis: int, step: int, middle: float) -> list[GridLabel]:
    reach = _REACH * step
    first, last = int(np.ceil((middle - reach) / step)), int(np.floor((middle + reach) / step))
    values = np.arange(first, last + 1) * step
    places = np.zeros((len(values), 3))
    places[:, axis] = values
    labels: list[GridLabel] = []
    previous: tuple[float, float] | None = None
    for value, (x, y, depth) in zip(values, project(places, camera, size), strict=True):
        if not np.isfinite(x) or abs(depth) > 1 or not (0 <= x <= size[0] and 0 <= y <= size[1]) or value == 0:
            continue
        # Perspective squeezes the far ones together; leave out what would overlap.
        if previous is not None and np.hypot(x - previous[0], y - previous[1]) < _SPACING / 2:
            continue
        previous = (float(x), float(y))
        opacity = float(np.clip(1.0 - abs(value - middle) / reach, 0.0, 1.0))
        labels.append(GridLabel(f"{value} m", float(x), float(y), axis, opacity))
    return labels
