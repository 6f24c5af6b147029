"""The viewport: an OpenGL widget that shows a Picture at a moment, and turns the mouse into camera moves.

It asks for no motion and sets no time: the window gives it both. All sizes are logical pixels; the framebuffer has
``devicePixelRatioF`` times as many. The GL objects are made again whenever Qt makes a new context.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QNativeGestureEvent, QPainter, QPen, QWheelEvent
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from genmo_studio.render.camera import Camera, ViewPreset
from genmo_studio.render.renderer import Renderer
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport import navigation
from genmo_studio.ui.viewport.backdrop import CameraView, orbiting
from genmo_studio.ui.viewport.hud import HudState, paint_hud
from genmo_studio.ui.viewport.navigation import INDUSTRY, Button, Modifier, Motive, NavigationPreset
from genmo_studio.ui.viewport.picture import Option, Picture
from genmo_studio.ui.viewport.probe import surface_format
from genmo_studio.ui.viewport.still import StillTarget

_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}
SETTLE_MS = 180
"""Stillness after which edges are smoothed."""
CLICK_SLOP = 4.0
"""Logical pixels a press may move and still be a click."""


class Viewport(QOpenGLWidget):
    """Shows the character."""

    clicked = Signal(QPointF)
    failed = Signal(str, str)
    """A sentence and details: the picture cannot be drawn."""
    painted = Signal()
    camera_changed = Signal(object)
    option_changed = Signal()
    through_changed = Signal(bool)
    """Whether one looks through a video's camera; moving one's own camera ends it."""

    def __init__(self, picture: Picture, theme: Theme, *, samples: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format(samples=samples))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Viewport")
        self.setMouseTracking(False)
        self.preset: NavigationPreset = INDUSTRY
        self._picture, self._theme = picture, theme
        self._camera = Camera()
        self._through: CameraView | None = None
        self._renderer: Renderer | None = None
        self._frame = 0.0
        self._hud = HudState()
        self._follow = False
        self._followed: NDArray[np.float64] | None = None
        self._press: QPointF | None = None
        self._last = QPointF()
        self._motive: Motive | None = None
        # Where the processor draws, edges are smoothed once the picture stands still; a graphics card always does it.
        self._smooth_stills = samples == 0
        self._still_target = StillTarget()
        self._still = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._settled)

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture:
        """What is drawn; call ``update`` after changing it."""
        return self._picture

    @property
    def camera(self) -> Camera:
        """Where one looks from."""
        return self._camera

    def set_camera(self, camera: Camera) -> None:
        """Look from elsewhere."""
        if camera != self._camera:
            self.look_through(None)
            self._camera = camera
            self.camera_changed.emit(camera)
            self._stir()

    @property
    def through(self) -> CameraView | None:
        """The video's camera that one looks through; None when it is one's own."""
        return self._through

    def look_through(self, view: CameraView | None) -> None:
        """Look through a video's camera; one's own goes with it, and goes on from there after None."""
        before, self._through = self._through, view
        if view is not None:
            target = self._picture.pelvis(view.moment) if view.body else None
            self._camera = orbiting(view.camera, target=target, like=self._camera)
        elif before is None:
            return
        self._stir()
        if (before is None) != (view is None):
            self.through_changed.emit(view is not None)

    def set_moment(self, frame: float) -> None:
        """Show a timeline moment."""
        if frame != self._frame:
            self._frame = frame
            self._keep_up()
            self._stir()

    def _stir(self) -> None:
        """Something moves: draw fast now, and beautifully when it has come to rest."""
        if self._smooth_stills:
            self._still = False
            self._settle.start()
        self.update()

    def _settled(self) -> None:
        self._still = True
        self.update()

    def set_hud(self, state: HudState) -> None:
        """Change the writing."""
        if state != self._hud:
            self._hud = state
            self.update()

    @property
    def hud(self) -> HudState:
        """The writing."""
        return self._hud

    def stop(self) -> None:
        """Nothing is pending after this; call before the window goes away."""
        self._settle.stop()
        self._smooth_stills = False

    def set_option(self, option: Option, *, on: bool) -> None:
        """Switch something on or off."""
        options = self._picture.options
        self._picture.options = options | {option} if on else options - {option}
        self.option_changed.emit()
        self.update()

    # -- camera --------------------------------------------------------------------------------------------------------

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width() / max(self.height(), 1)

    def frame_all(self) -> None:
        """Look at the whole motion."""
        self._followed = None
        self.set_camera(self._picture.frame_all(self._camera, aspect=self.aspect))

    def first_look(self) -> None:
        """Look at a project that was just opened."""
        self._followed = None
        self.set_camera(self._picture.opening(Camera(), aspect=self.aspect))

    def frame_selected(self) -> None:
        """Look at the selected keys, or the character."""
        self._followed = None
        self.set_camera(self._picture.frame_selected(self._camera, frame=self._frame, aspect=self.aspect))

    def look(self, preset: ViewPreset) -> None:
        """Turn to a standard view."""
        self.set_camera(self._camera.preset(preset))

    def set_follow(self, on: bool) -> None:
        """Keep the character where it is in the picture."""
        self._follow, self._followed = on, None
        self._keep_up()
        self.update()

    def _keep_up(self) -> None:
        """Move the camera by what the pelvis moved over the ground since the last moment."""
        if not self._follow or self._through is not None:
            return
        place = self._picture.pelvis(self._frame)
        if place is None:
            return
        if self._followed is not None:
            step = (place - self._followed) * [1.0, 0.0, 1.0]
            self.set_camera(self._camera.looking_at(self._camera.focus_point() + step))
        else:
            target = self._camera.focus_point()
            self.set_camera(self._camera.looking_at([place[0], target[1], place[2]]))
        self._followed = place

    # -- GL ------------------------------------------------------------------------------------------------------------

    def initializeGL(self) -> None:  # noqa: N802 (Qt's name)
        """Make the GL objects of a new context."""
        self._renderer = Renderer()
        self.context().aboutToBeDestroyed.connect(self._release, Qt.ConnectionType.DirectConnection)
        try:
            self._renderer.initialise()
        except Exception as error:
            self._give_up(error)

    def paintGL(self) -> None:  # noqa: N802 (Qt's name)
        """Draw the moment."""
        if self._renderer is None or not self._renderer.ready:
            return
        ratio = self.devicePixelRatioF()
        size = (max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        try:
            through = self._through
            scene = self._picture.scene(self._frame if through is None else through.moment)
            scene, camera = (scene, self._camera) if through is None else (through.applied(scene), through.camera)
            target = self.defaultFramebufferObject()
            if self._still:
                own = self._still_target.framebuffer(size)
                self._renderer.draw(scene, camera, size=size, framebuffer=own)
                self._still_target.copy_to(target)
            else:
                self._renderer.draw(scene, camera, size=size, framebuffer=target)
        except Exception as error:
            self._give_up(error)
            return
        painter = QPainter(self)
        paint_hud(painter, self._hud, width=self.width(), height=self.height(), theme=self._theme)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1.0, self.height() - 1.0))
        painter.end()
        self.painted.emit()

    def _release(self) -> None:
        """Delete GL objects while their context still lives."""
        if self._renderer is None:
            return
        self.makeCurrent()
        self._still_target.release()
        self._renderer.release()
        self._renderer = None
        self.doneCurrent()

    def _give_up(self, error: Exception) -> None:
        """An error in drawing must not come back sixty times a second: stop drawing and say so once."""
        if self._renderer is not None:
            self._renderer.forget()
        self._renderer = None
        self.failed.emit("The 3D view had to stop drawing.", f"{type(error).__name__}: {error}")

    # -- mouse ---------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Begin a camera move or a click."""
        button = _BUTTONS.get(event.button())
        if button is None or self._motive is not None:
            return
        self._press = self._last = event.position()
        self._motive = self.preset.motive(button, _modifier(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Move the camera."""
        if self._motive is None:
            return
        delta = event.position() - self._last
        self._last = event.position()
        moved = navigation.drag(self._camera, self._motive, dx=delta.x(), dy=delta.y(), height=self.height())
        self.set_camera(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """End the move; a press that stayed in place is a click."""
        stayed = self._press is not None and (event.position() - self._press).manhattanLength() < CLICK_SLOP
        if stayed and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())
        self._press = self._motive = None

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Nearer and farther; two fingers on a trackpad orbit, with Shift they pan."""
        pixels = event.pixelDelta()
        if not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase:
            motive = Motive.PAN if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else Motive.ORBIT
            self.set_camera(navigation.drag(self._camera, motive, dx=pixels.x(), dy=pixels.y(), height=self.height()))
        else:
            self.set_camera(navigation.wheel(self._camera, notches=event.angleDelta().y() / 120.0))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Pinch zooms."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_camera(self._camera.dolly(1.0 / max(1.0 + event.value(), 0.2)))
            return True
        return super().event(event)


def _modifier(event: QMouseEvent) -> Modifier:
    held = event.modifiers()
    if held & Qt.KeyboardModifier.AltModifier:
        return Modifier.ALT
    if held & Qt.KeyboardModifier.ShiftModifier:
        return Modifier.SHIFT
    if held & Qt.KeyboardModifier.ControlModifier:
        return Modifier.CONTROL
    return Modifier.NONE
