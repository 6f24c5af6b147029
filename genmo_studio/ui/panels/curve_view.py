"""Where frames and values of the graph editor fall on screen, and what lies under the pointer. Pure.

Lengths are logical pixels of the plot's own area, y downwards; heights ("up") are what the vertical axis counts. With
equal heights each channel fills the whole axis from -1 to 1; otherwise a height is the value itself.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.time import Span
from genmo_studio.ui.panels.curve_channels import Channel
from genmo_studio.ui.panels.curve_model import Curve, CurveSet
from genmo_studio.values import replace

DOT_REACH, CURVE_REACH = 9.0, 7.0
"""Pixels around a key and around a curve in which a press means it."""
_MOST = 400
MARGIN = 0.08
"""Of the height that is left free above and below after a fit."""


class Scale(NamedTuple):
    """height = value * gain + offset."""

    gain: float = 1.0
    offset: float = 0.0

    def height(self, value: float) -> float:
        """Of a value."""
        return value * self.gain + self.offset

    def value(self, height: float) -> float:
        """At a height."""
        return (height - self.offset) / self.gain


PLAIN = Scale()


class Box(msgspec.Struct, frozen=True):
    """The part of time and heights that is on screen."""

    first: float = -1.0
    last: float = 300.0
    low: float = -100.0
    high: float = 100.0
    width: float = 800.0
    height: float = 300.0

    def x_of(self, frame: float) -> float:
        """x of a frame."""
        return (frame - self.first) / (self.last - self.first) * self.width

    def y_of(self, up: float) -> float:
        """y of a height."""
        return (self.high - up) / (self.high - self.low) * self.height

    def frame_at(self, x: float) -> float:
        """Time at x, frames."""
        return self.first + x / max(self.width, 1.0) * (self.last - self.first)

    def up_at(self, y: float) -> float:
        """Height at y."""
        return self.high - y / max(self.height, 1.0) * (self.high - self.low)

    def panned(self, dx: float, dy: float) -> "Box":
        """Content moved by pixels."""
        by = dx / max(self.width, 1.0) * (self.last - self.first)
        up = dy / max(self.height, 1.0) * (self.high - self.low)
        return replace(self, first=self.first - by, last=self.last - by, low=self.low + up, high=self.high + up)

    def zoomed(self, x_factor: float, y_factor: float, *, x: float, y: float) -> "Box":
        """Scaled about a point that stays where it is; never to less than 4 frames or a hundredth of a unit."""
        frame, up = self.frame_at(x), self.up_at(y)
        x_factor = min(x_factor, (self.last - self.first) / 4.0)
        y_factor = min(y_factor, (self.high - self.low) / 0.01)
        return replace(
            self,
            first=frame - (frame - self.first) / x_factor,
            last=frame + (self.last - frame) / x_factor,
            low=up - (up - self.low) / y_factor,
            high=up + (self.high - up) / y_factor,
        )


class DotAt(NamedTuple):
    """One key on one channel."""

    key: str
    channel: Channel


class CurveAt(NamedTuple):
    """A point of a curve."""

    channel: Channel
    frame: int
    value: float


class Shown(msgspec.Struct, frozen=True, eq=False):
    """What is drawn: the curves that are not hidden, in order, and how high they are."""

    curves: CurveSet = CurveSet()  # frozen
    hidden: frozenset[Channel] = frozenset()
    locked: frozenset[Channel] = frozenset()
    equal: bool = False
    """True when every channel has the whole height."""

    @property
    def seen(self) -> tuple[Curve, ...]:
        """The curves that are drawn."""
        return tuple(curve for curve in self.curves.curves if curve.channel not in self.hidden)

    def scales(self) -> Mapping[Channel, Scale]:
        """How high the values of each channel are."""
        if not self.equal:
            return {curve.channel: PLAIN for curve in self.curves.curves}
        return {curve.channel: _whole_height(curve) for curve in self.curves.curves}


def _whole_height(curve: Curve) -> Scale:
    values = _all_values(curve)
    low, high = (float(values.min()), float(values.max())) if len(values) else (-1.0, 1.0)
    half = max((high - low) / 2.0, 0.5)
    return Scale(1.0 / half, -(low + high) / 2.0 / half)


def _all_values(curve: Curve) -> NDArray[np.float64]:
    return np.concatenate([curve.edited, curve.generated, curve.dots.values])


def fitted(box: Box, shown: Shown, scales: Mapping[Channel, Scale], *, span: Span | None = None) -> Box:
    """The box around everything that is drawn, or around a span of it; ``box`` itself when nothing is."""
    start = shown.curves.start
    frames: list[float] = []
    heights: list[float] = []
    for curve in shown.seen:
        scale, rows = scales[curve.channel], slice(None)
        inside = np.ones(len(curve.dots), bool)
        if span is not None:
            rows = slice(max(span.start - start, 0), max(span.stop - start, 0))
            inside = (curve.dots.frames >= span.start) & (curve.dots.frames < span.stop)
        values = np.concatenate([curve.edited[rows], curve.generated[rows], curve.dots.values[inside]])
        if len(values):
            heights += [scale.height(float(values.min())), scale.height(float(values.max()))]
        frames += [
            float(frame)
            for frame in (curve.dots.frames[inside].min(initial=10**9), curve.dots.frames[inside].max(initial=-1))
            if -1 < frame < 10**9
        ]
        if len(curve.edited):
            frames += [start, start + len(curve.edited) - 1]
    if not heights:
        return box
    low, high = min(heights), max(heights)
    half = max((high - low) / 2.0, 0.5 if shown.equal else 1.0) * (1.0 + 2.0 * MARGIN)
    middle = (low + high) / 2.0
    first, last = (span.start, span.stop - 1) if span is not None else (min(frames), max(frames))
    room = max((last - first) * 0.03, 1.0)
    return replace(box, first=first - room, last=last + room, low=middle - half, high=middle + half)


def dot_at(shown: Shown, box: Box, scales: Mapping[Channel, Scale], *, x: float, y: float) -> DotAt | None:
    """The key nearest to a point, within reach; of equals the one drawn last."""
    best, found = DOT_REACH, None
    for curve in shown.seen:
        if not len(curve.dots):
            continue
        scale = scales[curve.channel]
        dx = (curve.dots.frames - box.first) / (box.last - box.first) * box.width - x
        dy = (box.high - (curve.dots.values * scale.gain + scale.offset)) / (box.high - box.low) * box.height - y
        far = np.hypot(dx, dy)
        index = int(far.argmin())
        if far[index] <= best:
            best, found = float(far[index]), DotAt(curve.dots.keys[index], curve.channel)
    return found


def dots_in(
    shown: Shown, box: Box, scales: Mapping[Channel, Scale], *, corners: tuple[float, float, float, float]
) -> frozenset[DotAt]:
    """The keys in a rectangle of two corners (x, y, x, y)."""
    x0, y0, x1, y1 = corners
    frames = sorted((box.frame_at(x0), box.frame_at(x1)))
    heights = sorted((box.up_at(y0), box.up_at(y1)))
    found: set[DotAt] = set()
    for curve in shown.seen:
        scale = scales[curve.channel]
        up = curve.dots.values * scale.gain + scale.offset
        inside = (curve.dots.frames >= frames[0]) & (curve.dots.frames <= frames[1])
        inside &= (up >= heights[0]) & (up <= heights[1])
        found |= {DotAt(curve.dots.keys[index], curve.channel) for index in np.flatnonzero(inside)}
    return frozenset(found)


def curve_at(shown: Shown, box: Box, scales: Mapping[Channel, Scale], *, x: float, y: float) -> CurveAt | None:
    """The point of an edited curve under the pointer, at a whole frame; steep stretches count as lines."""
    a_frame = box.width / max(box.last - box.first, 1e-9)
    reach = min(math.ceil(CURVE_REACH / a_frame) + 1, _MOST)
    middle = round(box.frame_at(x)) - shown.curves.start
    best, found = CURVE_REACH, None
    for curve in shown.seen:
        rows = np.arange(max(middle - reach, 0), min(middle + reach + 1, len(curve.edited)))
        if not len(rows):
            continue
        scale = scales[curve.channel]
        xs = (rows + shown.curves.start - box.first) * a_frame
        ys = (box.high - (curve.edited[rows] * scale.gain + scale.offset)) / (box.high - box.low) * box.height
        far = _distance(xs, ys, x, y)
        if far <= best:
            row = min(max(middle, 0), len(curve.edited) - 1)
            best, found = far, CurveAt(curve.channel, row + shown.curves.start, float(curve.edited[row]))
    return found


def _distance(xs: NDArray[Any], ys: NDArray[Any], x: float, y: float) -> float:
    """From a point to a line through points, pixels."""
    if len(xs) == 1:
        return math.hypot(float(xs[0]) - x, float(ys[0]) - y)
    ax, ay, bx, by = xs[:-1], ys[:-1], np.diff(xs), np.diff(ys)
    share = np.clip(((x - ax) * bx + (y - ay) * by) / np.maximum(bx * bx + by * by, 1e-12), 0.0, 1.0)
    return float(np.hypot(ax + share * bx - x, ay + share * by - y).min())


def nice_span(frames: Iterable[int]) -> Span | None:
    """The span that holds some frames, a little wider than they are."""
    held = sorted(frames)
    if not held:
        return None
    room = max(2, (held[-1] - held[0]) // 10)
    return Span(max(held[0] - room, 0), held[-1] + room + 1)
