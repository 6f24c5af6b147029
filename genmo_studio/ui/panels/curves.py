"""Curve panel: feet and root of the shown motion over time, with the playhead. pyqtgraph is imported on first show."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from genmo_studio.ui.panels.curve_data import SLIDING_ABOVE, MotionCurves
from genmo_studio.ui.theme import Theme

LEFT, RIGHT = "#e8a33d", "#5aa9e6"
"""Left and right foot: apart for every common kind of colour vision; the right one is also dashed."""

FEET_SPEED, FEET_HEIGHT, ROOT_PATH, ROOT_SPEED = "Foot speed", "Foot height", "Root path (from above)", "Root speed"


class CurvePanel(QWidget):
    """One plot at a time, chosen from a list."""

    seek_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)  # leaves nothing of the tab bar that was here before
        self._theme = theme
        self._curves: MotionCurves | None = None
        self._start, self._fps, self._frame = 0, 30.0, 0.0
        self._plot: Any = None
        self._playhead: Any = None
        self._dot: Any = None
        self._kind = QComboBox()
        self._kind.setAccessibleName("Curve")
        self._kind.addItems([FEET_SPEED, FEET_HEIGHT, ROOT_SPEED, ROOT_PATH])
        self._kind.currentTextChanged.connect(self._redraw)
        self._note = QLabel()
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 2)
        head.setSpacing(14)
        head.addWidget(self._kind)
        head.addWidget(self._note, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(head)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        if self._plot is not None:
            self._plot.setBackground(theme.row)
            for side in ("left", "bottom"):
                axis = self._plot.getAxis(side)
                axis.setPen(theme.text_dim)
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

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Build the plot once somebody looks: docks are shown, but not painted, before they go behind a tab."""
        super().paintEvent(event)
        if self._plot is None:
            QTimer.singleShot(0, self, self._seen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """A press or drag on a time plot asks for that frame."""
        if (
            isinstance(event, QMouseEvent)
            and event.buttons() & Qt.MouseButton.LeftButton
            and event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove)
            and self._kind.currentText() != ROOT_PATH
            and self._plot is not None
        ):
            box = self._plot.getViewBox()
            seconds = box.mapSceneToView(self._plot.mapToScene(event.position().toPoint())).x()
            self.seek_requested.emit(max(0, round(seconds * self._fps)))
            return True
        return super().eventFilter(watched, event)

    def _seen(self) -> None:
        if self._plot is None and self.isVisible():
            self._build()
            self._redraw()

    def _build(self) -> None:
        import pyqtgraph  # noqa: PLC0415 - 0.4 s that the first paint of the window does not wait for

        pyqtgraph.setConfigOptions(antialias=True, background=self._theme.row, foreground=self._theme.text_dim)
        plot = pyqtgraph.PlotWidget()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.showGrid(x=True, y=True, alpha=0.12)
        plot.viewport().installEventFilter(self)
        self._plot = plot
        self._layout.addWidget(plot, 1)

    def _redraw(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph  # noqa: PLC0415

        self._plot.clear()
        self._playhead = self._dot = None
        curves = self._curves
        if curves is None:
            self._note.setText("No motion yet: generate one to see its curves.")
            return
        kind = self._kind.currentText()
        self._plot.setAspectLocked(kind == ROOT_PATH)
        if kind == ROOT_PATH:
            self._draw_path(pyqtgraph, curves)
            return
        seconds = (self._start + np.arange(len(curves.path))) / self._fps
        self._plot.setLabel("bottom", "Time", units="s")
        if kind == ROOT_SPEED:
            self._plot.setLabel("left", "Speed over the ground", units="m/s")
            self._line(pyqtgraph, seconds, curves.root_speed, colour=self._theme.kind("result"))
            self._note.setText(f"mean {curves.root_speed.mean():.2f} m/s, top {curves.root_speed.max():.2f} m/s")
        else:
            self._draw_feet(pyqtgraph, curves, seconds, speed=kind == FEET_SPEED)
        self._playhead = pyqtgraph.InfiniteLine(
            pos=self._frame / self._fps, pen=pyqtgraph.mkPen(self._theme.playhead, width=1.5)
        )
        self._plot.addItem(self._playhead)
        self._plot.autoRange(padding=0.03)

    def _draw_feet(self, graph: Any, curves: MotionCurves, seconds: NDArray[np.float64], *, speed: bool) -> None:
        values = curves.foot_speed if speed else curves.foot_height
        self._plot.setLabel("left", "Speed" if speed else "Height", units="m/s" if speed else "m")
        for index, colour in enumerate((LEFT, RIGHT)):
            style = Qt.PenStyle.SolidLine if index == 0 else Qt.PenStyle.DashLine
            self._line(graph, seconds, values[index], colour=colour, style=style)
            if curves.sliding[index].any():
                at = curves.sliding[index]
                self._plot.addItem(
                    graph.ScatterPlotItem(
                        x=seconds[at], y=values[index][at], size=6, brush=QColor(self._theme.error), pen=None
                    )
                )
        if speed:
            limit = graph.InfiniteLine(
                pos=SLIDING_ABOVE, angle=0, pen=graph.mkPen(self._theme.text_disabled, style=Qt.PenStyle.DotLine)
            )
            self._plot.addItem(limit)
        share = float(curves.sliding.mean())
        legend = f'<span style="color:{LEFT}">━ left</span>&nbsp; <span style="color:{RIGHT}">╍ right</span>'
        if share:
            legend += f'&nbsp; <span style="color:{self._theme.error}">● slides on the ground in {share:.0%}</span>'
        else:
            legend += "&nbsp; no sliding on the ground"
        self._note.setText(legend)

    def _draw_path(self, graph: Any, curves: MotionCurves) -> None:
        self._plot.setLabel("bottom", "x (left of the start)", units="m")
        self._plot.setLabel("left", "z (ahead)", units="m")
        self._line(graph, curves.path[:, 0], curves.path[:, 1], colour=self._theme.kind("path"))
        ends = curves.path[[0, -1]]
        self._plot.addItem(
            graph.ScatterPlotItem(
                pos=ends, size=9, brush=[QColor(self._theme.success), QColor(self._theme.text_dim)], pen=None
            )
        )
        self._dot = graph.ScatterPlotItem(size=11, brush=QColor(self._theme.playhead), pen=None)
        self._plot.addItem(self._dot)
        self._place_dot()
        length = float(np.linalg.norm(np.diff(curves.path, axis=0), axis=1).sum())
        self._note.setText(f"{length:.2f} m walked; green = start")
        self._plot.autoRange(padding=0.08)

    def _place_dot(self) -> None:
        if self._dot is not None and self._curves is not None:
            row = min(max(round(self._frame) - self._start, 0), len(self._curves.path) - 1)
            self._dot.setData(pos=self._curves.path[row : row + 1])

    def _line(
        self,
        graph: Any,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        *,
        colour: str,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        self._plot.addItem(graph.PlotDataItem(x, y, pen=graph.mkPen(colour, width=1.6, style=style)))
