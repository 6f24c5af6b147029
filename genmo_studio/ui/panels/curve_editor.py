"""The graph editor: channel list and plot, and the pointer between them and the document.

It is made on the first paint of its panel, because pyqtgraph takes 0.4 s to load. While it is behind another tab it
only notes that something changed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError
from genmo_studio.document.gesture import Gesture
from genmo_studio.document.time import Span
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.panels.curve_channels import Channel
from genmo_studio.ui.panels.curve_edits import Grab, grab
from genmo_studio.ui.panels.curve_list import ChannelList
from genmo_studio.ui.panels.curve_model import CurveModel
from genmo_studio.ui.panels.curve_plot import CurvePlot
from genmo_studio.ui.panels.curve_tools import (
    Band,
    CurveHand,
    Effect,
    Falling,
    Move,
    Pick,
    Place,
    Say,
    at_pixels,
    spoken,
)
from genmo_studio.ui.panels.curve_view import DotAt, Shown, curve_at, dot_at, fitted, nice_span
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.timeline.effects import Begin, Button, Finish, Modifier, Pointer, Preview, Restore, Seek
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.wheel import Turn, meaning

RADIUS = 15
"""Frames on either side that a new falloff reaches: half a second."""
MOST_RADIUS = 600
_NOTCH = 120.0
_ZOOM = 1.2
_BUTTONS = {Qt.MouseButton.LeftButton: Button.LEFT, Qt.MouseButton.MiddleButton: Button.MIDDLE}
_HELD = {
    Qt.KeyboardModifier.ShiftModifier: Modifier.SHIFT,
    Qt.KeyboardModifier.ControlModifier: Modifier.CTRL,
    Qt.KeyboardModifier.AltModifier: Modifier.ALT,
}


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
        self._parts, self._theme = parts, theme
        self._model, self._hand = CurveModel(), CurveHand()
        self._shown = Shown()
        self._joints = parts.joints.joints
        self._picked: frozenset[DotAt] = frozenset()
        self._gesture: Gesture | None = None
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
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setMouseTracking(True)
        self.plot.installEventFilter(self)
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
        parts, result = self._parts, self._parts.result()
        document = parts.editor.document
        rest = np.zeros(3, np.float32) if result.rest_pelvis is None else result.rest_pelvis
        curves = self._model.curves(document, self._joints, shown=result.shown, bare=result.bare, rest_pelvis=rest)
        self._shown = replace(self._shown, curves=curves)
        here = {(key, curve.channel) for curve in curves.curves for key in curve.dots.keys}
        self._picked = frozenset(dot for dot in self._picked if dot in here)
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
        self.plot.set_time(fps=self._parts.editor.document.fps, style=self._parts.session.time_format)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Catch up with what changed while it was hidden."""
        super().showEvent(event)
        if self._dirty:
            self._update()
        self._follow_view()

    # -- channels ------------------------------------------------------------------------------------------------------

    def _joints_changed(self, joints: frozenset[str]) -> None:
        if self._parts.joints.linked and joints != self._joints:
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
        self._show_time(box.first, box.last)
        self._fit_heights()

    def fit_selected(self) -> None:
        """The chosen keys, else what lies between in and out, else everything."""
        frames = [
            int(frame)
            for curve in self._shown.seen
            for key, frame in zip(curve.dots.keys, curve.dots.frames, strict=True)
            if DotAt(key, curve.channel) in self._picked
        ]
        span = nice_span(frames) or self._parts.editor.document.in_out
        if span is None:
            self.fit()
            return
        box = fitted(self.plot.box, self._shown, self._shown.scales(), span=span)
        self._show_time(box.first, box.last)
        self._fit_heights(span)

    def _fit_heights(self, span: Span | None = None) -> None:
        box = fitted(self.plot.box, self._shown, self._shown.scales(), span=span)
        self.plot.set_box(replace(self.plot.box, low=box.low, high=box.high))

    def _show_time(self, first: float, last: float) -> None:
        """Show a stretch of time, here and, when the two are linked, on the timeline."""
        if self.linked_time:
            view = self._parts.session.view
            scale = view.content_width / max(last - first, 1e-6)
            wanted = view.zoomed(scale / view.scale, about_x=view.origin)
            lead = wanted.metrics.lead / wanted.scale
            self._parts.session.set_view(replace(wanted, scroll=max(0.0, first + lead)))
            self._follow_view()
        else:
            self.plot.set_box(replace(self.plot.box, first=first, last=last))

    def _follow_view(self) -> None:
        if self.linked_time and self.isVisible():
            first, last = self._parts.session.view.visible()
            if last - first > 1e-6:
                self.plot.set_box(replace(self.plot.box, first=first, last=last))

    # -- selection -----------------------------------------------------------------------------------------------------

    def _selected(self, selection: frozenset[str]) -> None:
        """Keys that are selected elsewhere are chosen here, while the two are linked (SE1)."""
        if self._mine or not self._parts.joints.linked:
            return
        if {dot.key for dot in self._picked} != selection:
            self._picked = frozenset(
                DotAt(key, curve.channel) for curve in self._shown.seen for key in curve.dots.keys if key in selection
            )
            if self.isVisible():
                self._draw()

    def _pick(self, dots: frozenset[DotAt]) -> None:
        if dots == self._picked and (dots or not self._parts.session.selection):
            return
        had = {dot.key for dot in self._picked}
        self._picked = dots
        self._draw()
        keys = {dot.key for dot in dots}
        if self._parts.joints.linked and (keys != had or not keys):
            self._mine = True
            try:
                self._parts.select(frozenset(keys))
            finally:
                self._mine = False

    def select_all(self) -> None:
        """Choose every key that is drawn on a channel that is not locked."""
        self._pick(
            frozenset(
                DotAt(key, curve.channel)
                for curve in self._shown.seen
                if curve.channel not in self._shown.locked
                for key in curve.dots.keys
            )
        )

    # -- the pointer ---------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Everything that the mouse does over the plot, and Esc while it drags."""
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is not self.plot.viewport():
            return False
        match event:
            case QMouseEvent():
                return self._mouse(event)
            case QWheelEvent():
                return self._wheel(event)
            case QContextMenuEvent():
                if not self._hand.busy:
                    self.menu_requested.emit(event.globalPos())
                return True
        if event.type() is QEvent.Type.Leave and not self._hand.busy:
            self.said.emit("")
        if event.type() is QEvent.Type.Resize:
            self.plot.viewport().update()
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        pointer, kind = self._pointer(event), event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if event.button() not in _BUTTONS:
                return False
            self.plot.setFocus(Qt.FocusReason.MouseFocusReason)
            self._run(
                self._hand.press(replace(pointer, button=_BUTTONS[event.button()]), self._place(event.position()))
            )
        elif kind is QEvent.Type.MouseMove:
            if self._hand.busy:
                self._run(self._hand.move(pointer))
            else:
                self._hover(pointer, event.position())
        elif kind is QEvent.Type.MouseButtonRelease:
            self._run(self._hand.release(pointer))
        return True

    def _pointer(self, event: QMouseEvent | QWheelEvent) -> Pointer:
        at = event.position() - self.plot.area.topLeft()
        held = Modifier.NONE
        for key, modifier in _HELD.items():
            if event.modifiers() & key:
                held |= modifier
        return Pointer(at.x(), at.y(), modifiers=held)

    def _place(self, at: QPointF) -> Place:
        area = self.plot.area
        box = at_pixels(self.plot.box, area.width(), area.height())
        return Place(self._shown, box, self._picked, self._grab, ruler=self.plot.over_ruler(at.x(), at.y()))

    def _grab(self, channel: Channel, frame: int) -> Grab | None:
        result = self._parts.result()
        three = [self._shown.curves.of(Channel(channel.joint, channel.order, axis)) for axis in range(3)]
        row = frame - self._shown.curves.start
        if result.made is None or any(curve is None or not 0 <= row < len(curve.edited) for curve in three):
            return None
        return grab(
            self._parts.editor.document,
            result.made,
            channel,
            frame,
            shown=np.array([curve.edited[row] for curve in three if curve is not None]),
            radius=self.radius,
            selected=self._parts.session.selection,
            scale=result.scale,
        )

    def _hover(self, pointer: Pointer, at: QPointF) -> None:
        place = self._place(at)
        shape, text = Qt.CursorShape.ArrowCursor, ""
        if place.ruler:
            shape, text = Qt.CursorShape.PointingHandCursor, f"frame {max(0, round(place.box.frame_at(pointer.x)))}"
        else:
            scales = self._shown.scales()
            dot = dot_at(self._shown, place.box, scales, x=pointer.x, y=pointer.y)
            point = curve_at(self._shown, place.box, scales, x=pointer.x, y=pointer.y)
            if dot is not None:
                shape, text = Qt.CursorShape.SizeAllCursor, self._told_dot(dot)
            elif point is not None:
                able = point.channel.editable and point.channel not in self._shown.locked
                shape = Qt.CursorShape.SizeVerCursor if able else shape
                text = self._told_point(point.channel, point.frame)
        self.plot.viewport().setCursor(shape)
        self.said.emit(text)

    def _told_dot(self, dot: DotAt) -> str:
        curve = self._shown.curves.of(dot.channel)
        if curve is None or dot.key not in curve.dots.keys:
            return ""
        index = curve.dots.keys.index(dot.key)
        value = spoken(dot.channel, float(curve.dots.values[index]))
        locked = "   (its track is locked)" if curve.dots.fixed[index] else ""
        return f"Key   {dot.channel.name}   frame {curve.dots.frames[index]}   {value}{locked}"

    def _told_point(self, channel: Channel, frame: int) -> str:
        curve, row = self._shown.curves.of(channel), frame - self._shown.curves.start
        if curve is None:
            return ""
        text = f"{channel.name}   frame {frame}   {spoken(channel, float(curve.edited[row]))}"
        if abs(curve.generated[row] - curve.edited[row]) > 1e-3:
            text += f"   (generated {spoken(channel, float(curve.generated[row]))})"
        return text

    def _wheel(self, event: QWheelEvent) -> bool:
        pointer, delta = self._pointer(event), event.angleDelta()
        notches = (delta.y() or delta.x()) / _NOTCH
        if self._hand.holding:
            self._run(self._hand.widen(round(notches) or (1 if notches > 0 else -1)))
            return True
        place = self._place(event.position())
        box, factor = place.box, _ZOOM**notches
        turn = meaning(self._parts.session.wheel, pointer.modifiers, sideways=not delta.y(), over_headers=False)
        if turn is Turn.HEIGHT or pointer.x < 0:
            self.plot.set_box(box.zoomed(1.0, factor, x=pointer.x, y=pointer.y))
        elif turn is Turn.ZOOM:
            zoomed = box.zoomed(factor, 1.0, x=pointer.x, y=pointer.y)
            self._show_time(zoomed.first, zoomed.last)
        else:
            by = notches * 0.1 * (box.last - box.first)
            self._show_time(box.first - by, box.last - by)
        return True

    def _key(self, event: QKeyEvent) -> bool:
        """Esc gives a drag up, brackets change its falloff; otherwise keys are the window's."""
        if not self._hand.busy:
            return False
        known = {Qt.Key.Key_BracketRight: 2, Qt.Key.Key_BracketLeft: -2}
        if event.type() is QEvent.Type.ShortcutOverride:
            if event.key() == Qt.Key.Key_Escape or event.key() in known:
                event.accept()
                return True
        elif event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
                return True
            if event.key() in known:
                self._run(self._hand.widen(known[Qt.Key(event.key())]))
                return True
        return False

    def cancel(self) -> None:
        """Give the drag up."""
        self._run(self._hand.cancel())

    # -- what the pointer does -----------------------------------------------------------------------------------------

    def _run(self, effects: list[Effect]) -> None:
        for effect in effects:
            if not self._changes(effect):
                self._shows(effect)

    def _changes(self, effect: Effect) -> bool:
        match effect:
            case Begin(label):
                self._gesture = self._parts.editor.gesture(label)
            case Preview(edit):
                if self._gesture is not None and edit is not None:
                    try:
                        self._gesture.preview(edit)
                    except EditError as error:
                        self.said.emit(str(error))
            case Finish(select):
                gesture, self._gesture = self._gesture, None
                if gesture is not None:
                    self._mine = True
                    try:
                        gesture.commit(select=select)
                    finally:
                        self._mine = False
            case Restore():
                gesture, self._gesture = self._gesture, None
                if gesture is not None:
                    gesture.cancel()
            case _:
                return False
        return True

    def _shows(self, effect: Effect) -> None:
        match effect:
            case Seek(frame):
                self.seek_requested.emit(min(frame, max(self._parts.editor.document.length - 1, 0)))
            case Pick(dots):
                self._pick(dots)
            case Band(corners):
                self.plot.show_band(corners)
            case Say(text):
                self.said.emit(text)
            case Falling(span, radius, text):
                self.plot.show_falloff(span, text)
                if radius is not None:
                    self.set_radius(radius)
            case Move(box):
                self.plot.set_box(replace(self.plot.box, low=box.low, high=box.high))
                self._show_time(box.first, box.last)

    def set_radius(self, radius: int) -> None:
        """Frames on either side that the next falloff reaches."""
        radius = min(max(radius, 0), MOST_RADIUS)
        if radius != self.radius:
            self.radius = radius
            self.radius_changed.emit(radius)
