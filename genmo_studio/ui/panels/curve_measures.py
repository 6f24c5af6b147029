"""Measures of the shown motion over time: feet and root, one plot at a time, with the playhead."""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genmo_studio.ui.panels.curve_data import (
    FEET_SPEED,
    ROOT_PATH,
    ROOT_SPEED,
    SLIDING_ABOVE,
    MotionCurves,
)
from genmo_studio.ui.theme import Theme

LEFT, RIGHT = "#e8a33d", "#5aa9e6"
"""Left and right foot: apart for every common kind of colour vision; the right one is also dashed."""


class MeasurePlot(QWidget):
    """One plot, chosen by name. It is made when pyqtgraph is loaded already."""

    seek_requested = Signal(int)
    told = Signal(str)
    """Legend and figures, rich text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._curves: MotionCurves | None = None
        self._start, self._fps, self._frame = 0, 30.0, 0.0
        self._playhead: Any = None
        self._dot: Any = None
        self._kind = FEET_SPEED
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._plot: Any = pyqtgraph.PlotWidget(background=theme.row)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.showGrid(x=True, y=True, alpha=0.12)
        self._plot.viewport().installEventFilter(self)
        self._layout.addWidget(self._plot)
        self.set_theme(theme)

    def show_kind(self, kind: str) -> None:
        """Choose the plot."""
        self._kind = kind
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self._plot.setBackground(theme.row)
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(theme.line_strong)
            axis.setTextPen(theme.text_dim)
        self._redraw()

    def show_curves(self, curves: MotionCurves | None, *, start: int, fps: float) -> None:
        """Show the curves of a motion whose first frame is timeline frame ``start``; None empties the panel."""
        self._curves, self._start, self._fps = curves, start, fps
        self._redraw()

    def set_frame(self, frame: float) -> None:
        """Move the playhead (timeline frame)."""
        self._frame = frame
        if self._playhead is not None:
            self._playhead.setPos(frame / self._fps)
        self._place_dot()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """A press or drag on a time plot asks for that frame."""
        if (
            isinstance(event, QMouseEvent)
            and event.buttons() & Qt.MouseButton.LeftButton
            and event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove)
            and self._kind != ROOT_PATH
            and self._curves is not None
        ):
            box = self._plot.getViewBox()
            seconds = box.mapSceneToView(self._plot.mapToScene(event.position().toPoint())).x()
            self.seek_requested.emit(max(0, round(seconds * self._fps)))
            return True
        return super().eventFilter(watched, event)

    def _redraw(self) -> None:
        self._plot.clear()
        self._playhead = self._dot = None
        curves = self._curves
        if curves is None:
            self.told.emit("No motion yet: generate one to see its curves.")
            return
        kind = self._kind
        self._plot.setAspectLocked(kind == ROOT_PATH)
        if kind == ROOT_PATH:
            self._draw_path(curves)
            return
        seconds = (self._start + np.arange(len(curves.path))) / self._fps
        self._plot.setLabel("bottom", "Time", units="s")
        if kind == ROOT_SPEED:
            self._plot.setLabel("left", "Speed over the ground", units="m/s")
            self._line(seconds, curves.root_speed, colour=self._theme.kind("result"))
            self.told.emit(f"mean {curves.root_speed.mean():.2f} m/s, top {curves.root_speed.max():.2f} m/s")
        else:
            self._draw_feet(curves, seconds, speed=kind == FEET_SPEED)
        self._playhead = pyqtgraph.InfiniteLine(
            pos=self._frame / self._fps, pen=pyqtgraph.mkPen(self._theme.playhead, width=1.5)
        )
        self._plot.addItem(self._playhead)
        self._plot.autoRange(padding=0.03)

    def _draw_feet(self, curves: MotionCurves, seconds: NDArray[np.float64], *, speed: bool) -> None:
        values = curves.foot_speed if speed else curves.foot_height
        self._plot.setLabel("left", "Speed" if speed else "Height", units="m/s" if speed else "m")
        for index, colour in enumerate((LEFT, RIGHT)):
            style = Qt.PenStyle.SolidLine if index == 0 else Qt.PenStyle.DashLine
            self._line(seconds, values[index], colour=colour, style=style)
            if curves.sliding[index].any():
                at = curves.sliding[index]
                self._plot.addItem(
                    pyqtgraph.ScatterPlotItem(
                        x=seconds[at], y=values[index][at], size=6, brush=QColor(self._theme.error), pen=None
                    )
                )
        if speed:
            limit = pyqtgraph.InfiniteLine(
                pos=SLIDING_ABOVE, angle=0, pen=pyqtgraph.mkPen(self._theme.text_disabled, style=Qt.PenStyle.DotLine)
            )
            self._plot.addItem(limit)
        share = float(curves.sliding.mean())
        legend = f'<span style="color:{LEFT}">━ left</span>&nbsp; <span style="color:{RIGHT}">╍ right</span>'
        if share:
            legend += f'&nbsp; <span style="color:{self._theme.error}">● slides on the ground in {share:.0%}</span>'
        else:
            legend += "&nbsp; no sliding on the ground"
        self.told.emit(legend)

    def _draw_path(self, curves: MotionCurves) -> None:
        self._plot.setLabel("bottom", "x (left of the start)", units="m")
        self._plot.setLabel("left", "z (ahead)", units="m")
        self._line(curves.path[:, 0], curves.path[:, 1], colour=self._theme.kind("path"))
        ends = curves.path[[0, -1]]
        self._plot.addItem(
            pyqtgraph.ScatterPlotItem(
                pos=ends, size=9, brush=[QColor(self._theme.success), QColor(self._theme.text_dim)], pen=None
            )
        )
        self._dot = pyqtgraph.ScatterPlotItem(size=11, brush=QColor(self._theme.playhead), pen=None)
        self._plot.addItem(self._dot)
        self._place_dot()
        length = float(np.linalg.norm(np.diff(curves.path, axis=0), axis=1).sum())
        self.told.emit(f"{length:.2f} m walked; green = start")
        self._plot.autoRange(padding=0.08)

    def _place_dot(self) -> None:
        if self._dot is not None and self._curves is not None:
            row = min(max(round(self._frame) - self._start, 0), len(self._curves.path) - 1)
            self._dot.setData(pos=self._curves.path[row : row + 1])

    def _line(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        *,
        colour: str,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        self._plot.addItem(pyqtgraph.PlotDataItem(x, y, pen=pyqtgraph.mkPen(colour, width=1.6, style=style)))
