"""The drawing area of the graph editor: pyqtgraph items that follow values, and nothing that decides.

Long motions are thinned to the pixels that there are (peaks stay), and the keys of a channel are one item, so that a
repaint costs the same for ten frames and ten thousand.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from genmo_studio.document.time import Span
from genmo_studio.ui.panels.curve_channels import Channel
from genmo_studio.ui.panels.curve_ink import colour, pen, under_pen
from genmo_studio.ui.panels.curve_model import Curve, Dots
from genmo_studio.ui.panels.curve_tangents import strokes
from genmo_studio.ui.panels.curve_view import Box, DotAt, Scale, Shown
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.timeline.timecode import TimeFormat, format_time
from genmo_studio.values import replace

Floats = NDArray[np.float64]
DOT = 9.0
_FINE = 900
"""Points of a curve up to which it is drawn wide and smooth."""
_NONE = np.zeros(0)
_DENSE = 2.0
"""Frames a pixel column from which a curve is thinned."""


class _TimeAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Frames written in the session's time format."""

    def __init__(self) -> None:
        super().__init__("top")
        self.rate, self.format = 30, TimeFormat.FRAMES

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """Whole frames only."""
        levels = super().tickValues(low, high, size)
        return [(step, values) for step, values in levels if step >= 1.0]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002, N802
        return [format_time(round(v), fps=self.rate, style=self.format) if v >= 0 else "" for v in values]


class Looks(Enum):
    """How keys are drawn: each look is one item with one pen, which costs far less than a pen a key."""

    PLAIN = "plain"
    SILENT = "muted or locked"
    PICKED = "picked"


class _Lines:
    """The items of one channel."""

    def __init__(self, plot: pyqtgraph.PlotItem) -> None:
        self.under, self.over = pyqtgraph.PlotCurveItem(), pyqtgraph.PlotCurveItem()
        self.under.setZValue(1)
        self.over.setZValue(2)
        self.tangents = pyqtgraph.PlotCurveItem(connect="pairs")
        self.tangents.setZValue(3)
        self.dots = {looks: pyqtgraph.ScatterPlotItem(pxMode=True, symbol=_diamond()) for looks in Looks}
        for place, item in enumerate(self.dots.values()):
            item.setZValue(4 + place)
        self.items = (self.under, self.over, self.tangents, *self.dots.values())
        for item in self.items:
            plot.addItem(item, ignoreBounds=True)

    def remove(self, plot: pyqtgraph.PlotItem) -> None:
        for item in self.items:
            plot.removeItem(item)


def _diamond() -> QPainterPath:
    """The timeline's key."""
    path = QPainterPath()
    path.moveTo(0.0, -0.62)
    for x, y in ((0.62, 0.0), (0.0, 0.62), (-0.62, 0.0)):
        path.lineTo(x, y)
    path.closeSubpath()
    return path


class CurvePlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Curves, keys, playhead, in and out, box and falloff."""

    def __init__(self, theme: Theme) -> None:
        self._time = _TimeAxis()
        super().__init__(axisItems={"top": self._time}, background=theme.row)
        self.setAccessibleName("Graph of the selected channels")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        plot = self.getPlotItem()
        plot.showAxis("top")
        plot.hideAxis("bottom")
        plot.getAxis("left").setWidth(52)
        self._lines: dict[Channel, _Lines] = {}
        self._shown, self._theme, self._box = Shown(), theme, Box()
        self._picked: frozenset[DotAt] = frozenset()
        self._outside = [_shade(plot, z) for z in (0, 0)]
        self._falloff = _shade(plot, 0)
        self._reach = pyqtgraph.TextItem(anchor=(0.5, 0.0))
        self._reach.setZValue(8)
        self._reach.hide()
        plot.addItem(self._reach, ignoreBounds=True)
        self._playhead = pyqtgraph.InfiniteLine(pos=0)
        self._playhead.setZValue(6)
        plot.addItem(self._playhead, ignoreBounds=True)
        self._band = QGraphicsRectItem()
        self._band.setZValue(9)
        self._band.hide()
        plot.vb.addItem(self._band, ignoreBounds=True)
        plot.showGrid(x=True, y=True, alpha=0.14)
        self.set_theme(theme)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.setBackground(theme.row)
        for side in ("left", "top"):
            axis = self.getAxis(side)
            axis.setPen(theme.line_strong)
            axis.setTextPen(theme.text_dim)
        self._playhead.setPen(pyqtgraph.mkPen(theme.playhead, width=1.5))
        ink = QColor(theme.selection)
        line = QPen(ink, 1.0)
        line.setCosmetic(True)
        self._band.setPen(line)
        ink.setAlphaF(0.12)
        self._band.setBrush(ink)
        away = QColor(theme.outside)
        away.setAlphaF(0.6)
        for shade in self._outside:
            shade.setBrush(away)
        glow = QColor(theme.kind("tweaks"))
        glow.setAlphaF(0.16)
        self._falloff.setBrush(glow)
        self.show_curves(self._shown, self._picked)

    def set_time(self, *, fps: int, style: TimeFormat) -> None:
        """How times are written."""
        if (self._time.rate, self._time.format) != (fps, style):
            self._time.rate, self._time.format = fps, style
            self._time.picture = None
            self._time.update()

    @property
    def box(self) -> Box:
        """The part that is on screen, with the present size."""
        area = self.getPlotItem().vb.rect()
        return replace(self._box, width=max(area.width(), 1.0), height=max(area.height(), 1.0))

    def set_box(self, box: Box) -> None:
        """Show this part of time and heights."""
        again = self._thinning() != self._thinning(box)
        self._box = box
        self.getPlotItem().vb.setRange(
            xRange=(box.first, box.last), yRange=(box.low, box.high), padding=0, disableAutoRange=True
        )
        if again or self._clipped:
            self.show_curves(self._shown, self._picked)
        elif self._picked:
            self._draw_tangents()  # they are as long in every view

    @property
    def area(self) -> QRectF:
        """The plot's own area in the widget, logical pixels."""
        vb = self.getPlotItem().vb
        return QRectF(self.mapFromScene(vb.sceneBoundingRect()).boundingRect())

    def over_ruler(self, x: float, y: float) -> bool:
        """True over the strip with the times."""
        return y < self.area.top() and x >= self.area.left()

    def set_frame(self, frame: float) -> None:
        """Move the playhead."""
        self._playhead.setPos(frame)

    def set_in_out(self, span: Span | None) -> None:
        """Dim what lies outside of the in and out marks."""
        far = 1e7
        for shade, region in zip(self._outside, ((-far, 0), (0, far)), strict=True):
            shade.setVisible(span is not None)
            if span is not None:
                shade.setRegion((region[0], span.start) if region[0] < 0 else (span.stop - 1, region[1]))

    def show_falloff(self, span: tuple[int, int] | None, text: str = "") -> None:
        """Show where a falloff reaches, and say how far."""
        self._falloff.setVisible(span is not None)
        self._reach.setVisible(span is not None)
        if span is not None:
            self._reach.setText(text, color=self._theme.text)
            self._reach.setPos((span[0] + span[1] - 1) / 2.0, self._box.high)
            self._falloff.setRegion((span[0] - 1, span[1]))

    def show_band(self, corners: tuple[float, float, float, float] | None) -> None:
        """Draw a box between two corners in pixels of the area."""
        self._band.setVisible(corners is not None)
        if corners is not None:
            box = self.box
            x0, x1 = sorted((box.frame_at(corners[0]), box.frame_at(corners[2])))
            y0, y1 = sorted((box.up_at(corners[1]), box.up_at(corners[3])))
            self._band.setRect(QRectF(x0, y0, x1 - x0, y1 - y0))

    def show_curves(self, shown: Shown, picked: frozenset[DotAt]) -> None:
        """Draw these curves and keys."""
        if shown.equal != self._shown.equal:
            self.getAxis("left").setStyle(showValues=not shown.equal)  # heights are no values then
        self._shown, self._picked = shown, picked
        scales = shown.scales()
        chosen = _by_channel(picked)
        seen = {curve.channel: curve for curve in shown.seen}
        for gone in self._lines.keys() - seen.keys():
            self._lines.pop(gone).remove(self.getPlotItem())
        joints = list(dict.fromkeys(curve.channel.joint for curve in shown.curves.curves))
        for channel, curve in seen.items():
            if channel not in self._lines:
                self._lines[channel] = _Lines(self.getPlotItem())
            self._draw(curve, scales, place=joints.index(channel.joint), chosen=chosen.get(channel, set()))
        self._draw_tangents()

    # -- drawing -------------------------------------------------------------------------------------------------------

    def _thinning(self, box: Box | None = None) -> int:
        """Frames a pixel column, in powers of two."""
        box = self._box if box is None else box
        a_pixel = (box.last - box.first) / max(self.getPlotItem().vb.rect().width(), 1.0)
        return int(np.ceil(np.log2(a_pixel))) if a_pixel > _DENSE else 0

    @property
    def _clipped(self) -> bool:
        """True when only a part of the motion is given to the items."""
        return bool(self._shown.curves.frames > 4 * self.getPlotItem().vb.rect().width())

    def _draw(self, curve: Curve, scales: Mapping[Channel, Scale], *, place: int, chosen: set[str]) -> None:
        lines, channel, scale = self._lines[curve.channel], curve.channel, scales[curve.channel]
        start, theme = self._shown.curves.start, self._theme
        faded = channel in self._shown.locked
        x, y = self._thinned(curve.edited, start)
        line = pen(channel, theme, place=place)
        if faded:
            line.setColor(_mixed(line.color(), theme.row))
        lines.over.setSegmentedLineMode("on" if len(x) > _FINE else "auto")
        if len(x) > _FINE:  # wide smooth pens cost a hundred times more on long zigzags, and look no better there
            line.setWidthF(1.0)
            line.setStyle(Qt.PenStyle.SolidLine)
        lines.over.setData(x=x, y=y * scale.gain + scale.offset, pen=line, antialias=len(x) <= _FINE)
        if curve.generated is curve.edited:
            lines.under.setData(x=_NONE, y=_NONE)
        else:
            x, y = self._thinned(_apart(curve.generated, curve.edited), start)
            lines.under.setData(
                x=x,
                y=y * scale.gain + scale.offset,
                pen=under_pen(channel, theme),
                antialias=len(x) <= _FINE,
                connect="finite",
            )
        self._draw_dots(curve, scale, chosen=chosen)

    def _draw_dots(self, curve: Curve, scale: Scale, *, chosen: set[str]) -> None:
        dots, theme = curve.dots, self._theme
        items = self._lines[curve.channel].dots
        ink, ground = colour(curve.channel, theme), QColor(theme.row)
        room = (self._box.last - self._box.first) * 0.1
        seen = (dots.frames >= self._box.first - room) & (dots.frames <= self._box.last + room)
        if not self._clipped:
            seen[:] = True
        picked = _among(dots, chosen)
        silent = (dots.muted | dots.fixed) & ~picked
        for looks, mine, brush, outline, width, size in (
            (Looks.PLAIN, ~silent & ~picked, ink, ground, 1.0, DOT),
            (Looks.SILENT, silent, ground, ink, 1.2, DOT),
            (Looks.PICKED, picked, QColor(theme.selection), ink, 2.0, DOT + 3.0),
        ):
            here = mine & seen
            items[looks].setData(
                x=dots.frames[here].astype(np.float64),
                y=dots.values[here] * scale.gain + scale.offset,
                brush=pyqtgraph.mkBrush(brush),
                pen=pyqtgraph.mkPen(outline, width=width),
                size=size,
            )

    def _draw_tangents(self) -> None:
        """The strokes of the picked keys; nothing else of the curves depends on how the view stretches them."""
        scales, chosen, box = self._shown.scales(), _by_channel(self._picked), self.box
        stroke = pyqtgraph.mkPen(self._theme.selection, width=1.5)
        for curve in self._shown.seen:
            item, mine = self._lines[curve.channel].tangents, chosen.get(curve.channel, set())
            frames = curve.dots.frames
            seen = (frames >= box.first - 1) & (frames <= box.last + 1)
            x, y = strokes(curve.dots, _among(curve.dots, mine) & seen, scales[curve.channel], box)
            if len(x) or item.xData is not None:
                item.setData(x=x, y=y, pen=stroke, connect="pairs")

    def _thinned(self, values: Floats, start: int) -> tuple[Floats, Floats]:
        """x and y of a curve: what is on screen, at most about two points a pixel column, peaks kept."""
        first, stop = 0, len(values)
        if self._clipped:
            room = (self._box.last - self._box.first) * 0.1 + 2
            first = min(max(int(self._box.first - room) - start, 0), stop)
            stop = max(min(int(self._box.last + room) + 2 - start, stop), first)
        group = 2 ** self._thinning()
        first -= first % group  # groups stay where they are while the view moves
        part = values[first:stop]
        if group < 2 or len(part) < 4 * group:
            return np.arange(first, first + len(part), dtype=np.float64) + start, part
        whole = len(part) // group * group
        blocks = part[:whole].reshape(-1, group)
        with np.errstate(invalid="ignore"):
            low, high = np.fmin.reduce(blocks, axis=1), np.fmax.reduce(blocks, axis=1)
            rises = blocks[:, 0] <= blocks[:, -1]
            ends = np.where(rises[:, None], np.stack([low, high], axis=1), np.stack([high, low], axis=1))
        x = first + start + np.arange(len(blocks), dtype=np.float64)[:, None] * group + [0.0, group / 2]
        tail = np.arange(first + whole, stop, dtype=np.float64) + start
        return np.concatenate([x.ravel(), tail]), np.concatenate([ends.ravel(), part[whole:]])


def _shade(plot: Any, z: int) -> Any:
    """A stretch of time in another shade."""
    made = pyqtgraph.LinearRegionItem(movable=False)
    for line in made.lines:
        line.setPen(None)
    made.setZValue(z)
    made.hide()
    plot.addItem(made, ignoreBounds=True)
    return made


def _by_channel(picked: frozenset[DotAt]) -> dict[Channel, set[str]]:
    """Ids of the picked keys on each curve."""
    found: dict[Channel, set[str]] = {}
    for dot in picked:
        found.setdefault(dot.channel, set()).add(dot.key)
    return found


def _among(dots: Dots, chosen: set[str]) -> NDArray[np.bool_]:
    """(K,) which of a curve's keys these are."""
    return np.array([key in chosen for key in dots.keys], bool) if chosen else np.zeros(len(dots), bool)


def _apart(under: Floats, over: Floats) -> Floats:
    """The generated curve where it differs from the edited one, with the frame before and after; NaN elsewhere."""
    differs = np.abs(under - over) > 1e-4
    wide = differs.copy()
    wide[1:] |= differs[:-1]
    wide[:-1] |= differs[1:]
    return np.where(wide, under, np.nan)


def _mixed(ink: QColor, ground: str) -> QColor:
    """Halfway to the background."""
    other = QColor(ground)
    return QColor((ink.red() + other.red()) // 2, (ink.green() + other.green()) // 2, (ink.blue() + other.blue()) // 2)
