"""The hand in the picture: mouse, wheel, touchpad, pen and gizmo made into camera moves, clicks and drags of tools.

Tools (``pointer.PointerTool``) are asked first; what they leave moves the camera. Pens arrive as the mouse events that
Qt makes of them. Positions are logical pixels, taken from the event once.
"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QEnterEvent,
    QHelpEvent,
    QInputDevice,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QNativeGestureEvent,
    QSurfaceFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from genmo_studio.render.camera import Camera
from genmo_studio.ui.viewport import gizmo, navigation
from genmo_studio.ui.viewport.canvas import Canvas
from genmo_studio.ui.viewport.navigation import INDUSTRY, Button, Modifier, Motive, NavigationPreset
from genmo_studio.ui.viewport.pick import Picked
from genmo_studio.ui.viewport.pointer import Pointer, PointerTool

_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}
FLOOR_GAP = 0.05
"""m above the floor at which turning the view stops."""
CLICK_SLOP = 4.0
"""Logical pixels a press may move and still be a click."""


class Adding(Enum):
    """What a click does with what is selected already."""

    REPLACE = "replace"
    ADD = "add"
    TOGGLE = "toggle"


class CameraHand(Canvas):
    """A GL picture with a camera that the pointer moves. What a click in the picture means is left to ``pick``."""

    picked = Signal(object, object)
    """Picked, or None: what was clicked, and Adding: Shift adds, Ctrl takes in or out (SE1)."""
    menu_requested = Signal(QPoint)
    """A right click that meant nothing else, in pixels of this widget."""
    entered = Signal()
    """The pointer was moved into the picture. It also comes there when a menu closes: that says nothing."""
    camera_changed = Signal(object)
    lock_changed = Signal(bool)

    def __init__(self, wanted: QSurfaceFormat, *, composed: bool, parent: QWidget | None = None) -> None:
        super().__init__(wanted, composed=composed, parent=parent)
        self.setMouseTracking(True)
        self.preset: NavigationPreset = INDUSTRY
        self.locked = False
        """Dragging pans instead of turning."""
        self.part: gizmo.Part | None = None
        """Part of the gizmo under the pointer."""
        self.near_gizmo = False
        self.above_floor = True
        """Turning the view stops where one would look from below the floor."""
        self._camera = Camera()
        self._press: QPointF | None = None
        self._last = QPointF()
        self._motive: Motive | None = None
        self.tools: list[PointerTool] = []
        """What else the pointer does, in the order in which they are asked."""
        self._tool: PointerTool | None = None
        self._left_at: QPointF | None = None  # where on the screen the pointer was when it left

    @property
    def camera(self) -> Camera:
        """Where one looks from."""
        return self._camera

    def set_camera(self, camera: Camera) -> None:
        """Look from elsewhere."""
        raise NotImplementedError

    def pivot(self) -> NDArray[np.float64] | None:
        """(3,) what an orbit turns about; None for the camera's target."""
        raise NotImplementedError

    def pick(self, at: QPointF) -> Picked | None:
        """What lies under a point."""
        raise NotImplementedError

    @property
    def gizmo_shown(self) -> bool:
        """Whether the gizmo is in the picture."""
        raise NotImplementedError

    def set_locked(self, locked: bool) -> None:
        """Keep the direction in which one looks, or let it go."""
        if locked != self.locked:
            self.locked = locked
            self.lock_changed.emit(locked)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Begin a camera move or a click."""
        button = _BUTTONS.get(event.button())
        if button is None or self._motive is not None:
            return
        self._press = self._last = event.position()
        on_gizmo = self.gizmo_shown and gizmo.within(event.position().x(), event.position().y(), width=self.width())
        running = self._running()
        asked = [running] if running is not None else [] if on_gizmo else self.tools
        self._tool = next((tool for tool in asked if tool.press(_pointer(event, button))), None)
        if self._tool is not None:
            self._motive = None
            if button is Button.RIGHT:
                self._press = None
        elif on_gizmo and button is Button.LEFT:
            self._motive = Motive.ORBIT  # also for pens and touchpads, in every preset
        else:
            self._motive = self.preset.motive(button, _modifier(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Move the camera, or light up what the pointer is over."""
        running = self._running()
        if running is not None:
            running.drag(_pointer(event))
            return
        if self._motive is None:
            self._hover(event.position())
            pointer = _pointer(event)
            over = [tool.hover(pointer) for tool in self.tools] if self.part is None and not event.buttons() else []
            self.setCursor(Qt.CursorShape.PointingHandCursor if any(over) else Qt.CursorShape.ArrowCursor)
            return
        delta = event.position() - self._last
        self._last = event.position()
        self._move(self._motive, delta.x(), delta.y())

    def _move(self, motive: Motive, dx: float, dy: float) -> None:
        if self.locked and motive is Motive.ORBIT:
            motive = Motive.PAN
        pivot = self.pivot() if motive is Motive.ORBIT else None
        moved = navigation.drag(self._camera, motive, dx=dx, dy=dy, height=self.height(), pivot=pivot)
        if motive is Motive.ORBIT and self.above_floor:
            moved = moved.kept_above(FLOOR_GAP, before=self._camera)
        self.set_camera(moved)

    def _hover(self, at: QPointF) -> None:
        shown = self.gizmo_shown
        part = gizmo.hit(self._camera, at.x(), at.y(), width=self.width()) if shown else None
        near = part is not None or (shown and gizmo.within(at.x(), at.y(), width=self.width()))
        if (part, near) != (self.part, self.near_gizmo):
            self.part, self.near_gizmo = part, near
            self.setToolTip("" if part is None else gizmo.words(part))
            self.update_over()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """The pointer is here now."""
        super().enterEvent(event)
        if event.globalPosition() != self._left_at:
            self.entered.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Nothing is under the pointer any more."""
        self._hover(QPointF(-1e6, -1e6))
        for tool in self.tools:
            tool.hover(None)
        self._left_at = QPointF(QCursor.pos())
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """End the move; a press that stayed in place is a click."""
        stayed = self._press is not None and (event.position() - self._press).manhattanLength() < CLICK_SLOP
        tool, self._tool = self._tool, None
        self._press = self._motive = None
        if tool is not None and not tool.release(_pointer(event, _BUTTONS.get(event.button()))):
            return
        if stayed and event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position(), event.modifiers())
        elif stayed and event.button() == Qt.MouseButton.RightButton and self._running() is None:
            self.menu_requested.emit(event.position().toPoint())

    def _running(self) -> PointerTool | None:
        return next((tool for tool in self.tools if tool.running), None)

    def _click(self, at: QPointF, held: Qt.KeyboardModifier) -> None:
        part = gizmo.hit(self._camera, at.x(), at.y(), width=self.width()) if self.gizmo_shown else None
        if part is gizmo.Extra.LOCK:
            self.set_locked(not self.locked)
        elif part is not None:
            self.set_camera(gizmo.pressed(self._camera, None if part is gizmo.Extra.LENS else part))
        else:
            adding = Adding.ADD if held & Qt.KeyboardModifier.ShiftModifier else Adding.REPLACE
            adding = Adding.TOGGLE if held & Qt.KeyboardModifier.ControlModifier else adding
            self.picked.emit(self.pick(at), adding)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Nearer and farther; two fingers on a touchpad orbit, with Shift they pan, with Ctrl they zoom."""
        pixels = event.pixelDelta()
        touch = (
            event.phase() != Qt.ScrollPhase.NoScrollPhase or event.device().type() == QInputDevice.DeviceType.TouchPad
        )
        if not pixels.isNull() and touch:
            held = event.modifiers()
            motive = Motive.PAN if held & Qt.KeyboardModifier.ShiftModifier else Motive.ORBIT
            if held & Qt.KeyboardModifier.ControlModifier:
                self.set_camera(navigation.drag(self._camera, Motive.ZOOM, dx=0, dy=-pixels.y(), height=self.height()))
            else:
                self._move(motive, pixels.x(), pixels.y())
        else:
            # With Alt, some systems turn the wheel sideways.
            notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
            self.set_camera(navigation.wheel(self._camera, notches=notches))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Pinch zooms; keys that a tool wants now go to it before they are shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wanting(event):
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_camera(self._camera.dolly(1.0 / max(1.0 + event.value(), 0.2)))
            return True
        if isinstance(event, QHelpEvent) and (words := self.tip(QPointF(event.pos()))):
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """What a mark in the picture means; empty where there is none."""
        raise NotImplementedError

    def _wanting(self, event: QKeyEvent) -> PointerTool | None:
        key = _key(event)
        return next((tool for tool in self.tools if tool.wants(key)), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Keys of the tool that wants them."""
        tool = self._wanting(event)
        if tool is not None:
            tool.key(_key(event))
            event.accept()
        else:
            super().keyPressEvent(event)


def _pointer(event: QMouseEvent, button: Button | None = None) -> Pointer:
    held, at = event.modifiers(), event.position()
    return Pointer(
        at.x(),
        at.y(),
        button,
        shift=bool(held & Qt.KeyboardModifier.ShiftModifier),
        control=bool(held & Qt.KeyboardModifier.ControlModifier),
        alt=bool(held & Qt.KeyboardModifier.AltModifier),
    )


def _key(event: QKeyEvent) -> str:
    """The key string of a pressed key; what the keypad types counts as typed elsewhere."""
    combination = event.keyCombination()
    plain = QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
    return plain.removeprefix("Num+")


def _modifier(event: QMouseEvent) -> Modifier:
    held, found = event.modifiers(), Modifier.NONE
    for key, modifier in (
        (Qt.KeyboardModifier.AltModifier, Modifier.ALT),
        (Qt.KeyboardModifier.ShiftModifier, Modifier.SHIFT),
        (Qt.KeyboardModifier.ControlModifier, Modifier.CONTROL),
    ):
        if held & key:
            found |= modifier
    return found
