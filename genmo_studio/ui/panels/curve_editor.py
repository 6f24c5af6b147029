"""The graph editor: channel list and plot, and the pointer between them and the document.

It is made on the first paint of its panel, because pyqtgraph takes 0.4 s to load. While it is behind another tab it
only notes that something changed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.editor import Editor
from genmo_studio.document.time import Span
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.panels.curve_channels import Channel
from genmo_studio.ui.panels.curve_list import ChannelList
from genmo_studio.ui.panels.curve_model import CurveModel
from genmo_studio.ui.panels.curve_plot import CurvePlot
from genmo_studio.ui.panels.curve_pointer import CurvePointer
from genmo_studio.ui.panels.curve_view import DotAt, Shown, fitted, nice_span
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.timeline.session import Session
from genmo_studio.values import replace

RADIUS = 15
"""Frames on either side that a new falloff reaches: half a second."""
MOST_RADIUS = 600


@dataclass(frozen=True, eq=False)
class Result:
    """What is on show, for the curves."""

    shown: ShownMotion | None = None
    """with tweaks, on the project's body"""
    bare: ShownMotion | None = None
    """without tweaks, on the project's body"""
    made: ShownMotion | None = None
    """without tweaks, as its takes were made"""
    rest_pelvis: NDArray[np.float32] | None = None
    """(3,) m, of the project's body at rest"""
    scale: float = 1.0
    """How much longer the way is on the project's body than as it was made."""


@dataclass(frozen=True)
class Parts:
    """What the editor works on."""

    editor: Editor
    session: Session
    joints: JointSelection
    result: Callable[[], Result]
    select: Callable[[frozenset[str]], None]
    """Selects items without selecting their joints."""


class CurveEditor(QWidget):
    """Channels, curves and keys of the selected joints."""

    seek_requested = Signal(int)
    said = Signal(str)
    """What lies under the pointer or is dragged; empty when nothing."""
    menu_requested = Signal(object)  # QPoint, global
    radius_changed = Signal(int)

    def __init__(self, parts: Parts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts, self._theme = parts, theme
        self._model = CurveModel()
        self._shown = Shown()
        self._joints = parts.joints.joints
        self._picked: frozenset[DotAt] = frozenset()
        self._dirty, self._fits = True, True
        self._mine = False
        """True while the selection is changed from here."""
        self.linked_time = True
        self.radius = RADIUS
        self.list = ChannelList(theme)
        self.plot = CurvePlot(theme)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(self.list)
        self._split.addWidget(self.plot)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([264, 800])
        self._split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)
        self.pointer = CurvePointer(self)
        self.list.hidden_changed.connect(self._hide)
        self.list.locked_changed.connect(self._lock)
        session = parts.session
        session.view_changed.connect(lambda _: self._follow_view())
        session.selection_changed.connect(self._selected)
        session.time_format_changed.connect(lambda _: self._write_time())
        parts.joints.changed.connect(self._joints_changed)
        parts.joints.linked_changed.connect(lambda _: self._joints_changed(parts.joints.joints))
        self.set_frame(session.playhead)

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> Shown:
        """What is drawn."""
        return self._shown

    @property
    def picked(self) -> frozenset[DotAt]:
        """The chosen keys."""
        return self._picked

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.list.set_theme(theme)
        self.plot.set_theme(theme)

    def set_frame(self, frame: float) -> None:
        """Move the playhead."""
        self.plot.set_frame(frame)
        if self.isVisible():
            self.list.show_values(self._shown, round(frame))

    def refresh(self) -> None:
        """Something of what is drawn has changed."""
        self._dirty = True
        if self.isVisible():
            self._update()

    def fit_again(self) -> None:
        """Fit the heights at the next refresh: another project, or another selection of joints."""
        self._fits = True

    def _update(self) -> None:
        self._dirty = False
        parts, result = self.parts, self.parts.result()
        document = parts.editor.document
        rest = np.zeros(3, np.float32) if result.rest_pelvis is None else result.rest_pelvis
        curves = self._model.curves(document, self._joints, shown=result.shown, bare=result.bare, rest_pelvis=rest)
        self._shown = replace(self._shown, curves=curves)
        there = {curve.channel: curve.dots.keys for curve in curves.curves}
        self._picked = frozenset(dot for dot in self._picked if dot.key in there.get(dot.channel, ()))
        if self._fits and curves.frames + sum(len(curve.dots) for curve in curves.curves):
            self._fits = False
            self._fit_heights()
        self.list.show_channels(self._shown)
        self.list.show_values(self._shown, parts.session.playhead)
        self.plot.set_in_out(document.in_out)
        self._write_time()
        self._draw()

    def _draw(self) -> None:
        self.plot.show_curves(self._shown, self._picked)

    def _write_time(self) -> None:
        self.plot.set_time(fps=self.parts.editor.document.fps, style=self.parts.session.time_format)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Catch up with what changed while it was hidden."""
        super().showEvent(event)
        if self._dirty:
            self._update()
        self._follow_view()

    # -- channels ------------------------------------------------------------------------------------------------------

    def _joints_changed(self, joints: frozenset[str]) -> None:
        if self.parts.joints.linked and joints != self._joints:
            self._joints = joints
            self._fits = True
            self.refresh()

    def _hide(self, hidden: frozenset[Channel]) -> None:
        self._shown = replace(self._shown, hidden=hidden)
        gone = frozenset(dot for dot in self._picked if dot.channel in hidden)
        self._picked -= gone
        self.list.show_channels(self._shown)
        self._draw()

    def _lock(self, locked: frozenset[Channel]) -> None:
        self._shown = replace(self._shown, locked=locked)
        self.list.show_channels(self._shown)
        self._draw()

    def set_equal(self, on: bool) -> None:
        """Every curve over the whole height, or values as they are."""
        self._shown = replace(self._shown, equal=on)
        self._fit_heights()
        self._draw()

    # -- time and heights ----------------------------------------------------------------------------------------------

    def set_linked_time(self, on: bool) -> None:
        """Show the timeline's stretch of time, or one of its own."""
        self.linked_time = on
        self._follow_view()

    def fit(self) -> None:
        """Everything."""
        box = fitted(self.plot.box, self._shown, self._shown.scales())
        self.show_time(box.first, box.last)
        self._fit_heights()

    def fit_selected(self) -> None:
        """The chosen keys, else what lies between in and out, else everything."""
        frames = [
            int(frame)
            for curve in self._shown.seen
            for key, frame in zip(curve.dots.keys, curve.dots.frames, strict=True)
            if DotAt(key, curve.channel) in self._picked
        ]
        span = nice_span(frames) or self.parts.editor.document.in_out
        if span is None:
            self.fit()
            return
        box = fitted(self.plot.box, self._shown, self._shown.scales(), span=span)
        self.show_time(box.first, box.last)
        self._fit_heights(span)

    def _fit_heights(self, span: Span | None = None) -> None:
        box = fitted(self.plot.box, self._shown, self._shown.scales(), span=span)
        self.plot.set_box(replace(self.plot.box, low=box.low, high=box.high))

    def show_time(self, first: float, last: float) -> None:
        """Show a stretch of time, here and, when the two are linked, on the timeline."""
        if self.linked_time:
            view = self.parts.session.view
            scale = view.content_width / max(last - first, 1e-6)
            wanted = view.zoomed(scale / view.scale, about_x=view.origin)
            lead = wanted.metrics.lead / wanted.scale
            self.parts.session.set_view(replace(wanted, scroll=max(0.0, first + lead)))
            self._follow_view()
        else:
            self.plot.set_box(replace(self.plot.box, first=first, last=last))

    def _follow_view(self) -> None:
        if self.linked_time and self.isVisible():
            first, last = self.parts.session.view.visible()
            if last - first > 1e-6:
                self.plot.set_box(replace(self.plot.box, first=first, last=last))

    # -- selection -----------------------------------------------------------------------------------------------------

    def _selected(self, selection: frozenset[str]) -> None:
        """Keys that are selected elsewhere are chosen here, while the two are linked (SE1)."""
        if self._mine or not self.parts.joints.linked:
            return
        if {dot.key for dot in self._picked} != selection:
            self._picked = frozenset(
                DotAt(key, curve.channel) for curve in self._shown.seen for key in curve.dots.keys if key in selection
            )
            if self.isVisible():
                self._draw()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What is selected meanwhile comes from here and chooses no keys."""
        self._mine = True
        try:
            yield
        finally:
            self._mine = False

    def pick(self, dots: frozenset[DotAt]) -> None:
        """Choose keys."""
        if dots == self._picked and (dots or not self.parts.session.selection):
            return
        had = {dot.key for dot in self._picked}
        self._picked = dots
        self._draw()
        keys = {dot.key for dot in dots}
        if self.parts.joints.linked and (keys != had or not keys):
            with self.quiet():
                self.parts.select(frozenset(keys))

    def select_all(self) -> None:
        """Choose every key that is drawn on a channel that is not locked."""
        self.pick(
            frozenset(
                DotAt(key, curve.channel)
                for curve in self._shown.seen
                if curve.channel not in self._shown.locked
                for key in curve.dots.keys
            )
        )

    def set_radius(self, radius: int) -> None:
        """Frames on either side that the next falloff reaches."""
        radius = min(max(radius, 0), MOST_RADIUS)
        if radius != self.radius:
            self.radius = radius
            self.radius_changed.emit(radius)
