"""The pointer over the graph: events in, what the hand answers carried out as gestures, picks and views."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QWheelEvent

from genmo_studio.document.edits import EditError
from genmo_studio.document.gesture import Gesture
from genmo_studio.ui.panels.curve_channels import Channel
from genmo_studio.ui.panels.curve_edits import Grab, grab
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
from genmo_studio.ui.panels.curve_view import DotAt, curve_at, dot_at
from genmo_studio.ui.timeline.effects import Begin, Button, Finish, Modifier, Pointer, Preview, Restore, Seek
from genmo_studio.ui.timeline.wheel import Turn, meaning
from genmo_studio.values import replace

if TYPE_CHECKING:
    from genmo_studio.ui.panels.curve_editor import CurveEditor

_NOTCH = 120.0
_ZOOM = 1.2
_BUTTONS = {Qt.MouseButton.LeftButton: Button.LEFT, Qt.MouseButton.MiddleButton: Button.MIDDLE}
_HELD = {
    Qt.KeyboardModifier.ShiftModifier: Modifier.SHIFT,
    Qt.KeyboardModifier.ControlModifier: Modifier.CTRL,
    Qt.KeyboardModifier.AltModifier: Modifier.ALT,
}


class CurvePointer(QObject):
    """Hears the plot before it does."""

    def __init__(self, own: "CurveEditor") -> None:
        super().__init__(own)
        self._own, self._hand = own, CurveHand()
        self._gesture: Gesture | None = None
        self._area = own.plot.viewport()  # asking the plot for it while the window is destroyed would crash
        self._area.installEventFilter(self)
        self._area.setMouseTracking(True)
        own.plot.installEventFilter(self)

    @property
    def dragging(self) -> bool:
        """True while the document is changed by a drag."""
        return self._gesture is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Everything that the mouse does over the plot, and Esc while it drags."""
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is not self._area:
            return False
        match event:
            case QMouseEvent():
                return self._mouse(event)
            case QWheelEvent():
                return self._wheel(event)
            case QContextMenuEvent():
                if not self._hand.busy:
                    self._own.menu_requested.emit(event.globalPos())
                return True
        if event.type() is QEvent.Type.Leave and not self._hand.busy:
            self._own.said.emit("")
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        pointer, kind = self._pointer(event), event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if event.button() not in _BUTTONS:
                return False
            self._own.plot.setFocus(Qt.FocusReason.MouseFocusReason)
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
        at = event.position() - self._own.plot.area.topLeft()
        held = Modifier.NONE
        for key, modifier in _HELD.items():
            if event.modifiers() & key:
                held |= modifier
        return Pointer(at.x(), at.y(), modifiers=held)

    def _place(self, at: QPointF) -> Place:
        area = self._own.plot.area
        box = at_pixels(self._own.plot.box, area.width(), area.height())
        return Place(
            self._own.shown, box, self._own.picked, self._grab, ruler=self._own.plot.over_ruler(at.x(), at.y())
        )

    def _grab(self, channel: Channel, frame: int) -> Grab | None:
        result = self._own.parts.result()
        three = [self._own.shown.curves.of(Channel(channel.joint, channel.order, axis)) for axis in range(3)]
        row = frame - self._own.shown.curves.start
        if result.made is None or any(curve is None or not 0 <= row < len(curve.edited) for curve in three):
            return None
        return grab(
            self._own.parts.editor.document,
            result.made,
            channel,
            frame,
            shown=np.array([curve.edited[row] for curve in three if curve is not None]),
            radius=self._own.radius,
            selected=self._own.parts.session.selection,
            scale=result.scale,
        )

    def _hover(self, pointer: Pointer, at: QPointF) -> None:
        place = self._place(at)
        shape, text = Qt.CursorShape.ArrowCursor, ""
        if place.ruler:
            shape, text = Qt.CursorShape.PointingHandCursor, f"frame {max(0, round(place.box.frame_at(pointer.x)))}"
        else:
            scales = self._own.shown.scales()
            dot = dot_at(self._own.shown, place.box, scales, x=pointer.x, y=pointer.y)
            point = curve_at(self._own.shown, place.box, scales, x=pointer.x, y=pointer.y)
            if dot is not None:
                shape, text = Qt.CursorShape.SizeAllCursor, self._told_dot(dot)
            elif point is not None:
                able = point.channel.editable and point.channel not in self._own.shown.locked
                shape = Qt.CursorShape.SizeVerCursor if able else shape
                text = self._told_point(point.channel, point.frame)
        self._own.plot.viewport().setCursor(shape)
        self._own.said.emit(text)

    def _told_dot(self, dot: DotAt) -> str:
        curve = self._own.shown.curves.of(dot.channel)
        if curve is None or dot.key not in curve.dots.keys:
            return ""
        index = curve.dots.keys.index(dot.key)
        value = spoken(dot.channel, float(curve.dots.values[index]))
        locked = "   (its track is locked)" if curve.dots.fixed[index] else ""
        return f"Key   {dot.channel.name}   frame {curve.dots.frames[index]}   {value}{locked}"

    def _told_point(self, channel: Channel, frame: int) -> str:
        curve, row = self._own.shown.curves.of(channel), frame - self._own.shown.curves.start
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
        turn = meaning(self._own.parts.session.wheel, pointer.modifiers, sideways=not delta.y(), over_headers=False)
        if turn is Turn.HEIGHT or pointer.x < 0:
            self._own.plot.set_box(box.zoomed(1.0, factor, x=pointer.x, y=pointer.y))
        elif turn is Turn.ZOOM:
            zoomed = box.zoomed(factor, 1.0, x=pointer.x, y=pointer.y)
            self._own.show_time(zoomed.first, zoomed.last)
        else:
            by = notches * 0.1 * (box.last - box.first)
            self._own.show_time(box.first - by, box.last - by)
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

    # -- what it does -----------------------------------------------------------------------------------------

    def _run(self, effects: list[Effect]) -> None:
        for effect in effects:
            if not self._changes(effect):
                self._shows(effect)

    def _changes(self, effect: Effect) -> bool:
        match effect:
            case Begin(label):
                self._gesture = self._own.parts.editor.gesture(label)
            case Preview(edit):
                if self._gesture is not None and edit is not None:
                    try:
                        self._gesture.preview(edit)
                    except EditError as error:
                        self._own.said.emit(str(error))
            case Finish(select):
                gesture, self._gesture = self._gesture, None
                if gesture is not None:
                    with self._own.quiet():
                        gesture.commit(select=select)
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
                self._own.seek_requested.emit(min(frame, max(self._own.parts.editor.document.length - 1, 0)))
            case Pick(dots):
                self._own.pick(dots)
            case Band(corners):
                self._own.plot.show_band(corners)
            case Say(text):
                self._own.said.emit(text)
            case Falling(span, radius, text):
                self._own.plot.show_falloff(span, text)
                if radius is not None:
                    self._own.set_radius(radius)
            case Move(box):
                self._own.plot.set_box(replace(self._own.plot.box, low=box.low, high=box.high))
                self._own.show_time(box.first, box.last)
