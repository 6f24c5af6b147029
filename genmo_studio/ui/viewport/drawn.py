"""A scene drawn by OpenGL in a widget: fast while it moves, with smooth edges once it rests.

What the scene is and what is written over it is the viewport's (widget.py). All sizes are logical pixels; the
framebuffer has ``devicePixelRatioF`` times as many. The GL objects are made again whenever Qt makes a new context.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from genmo_studio.render.camera import View
from genmo_studio.render.gl import GLError
from genmo_studio.render.renderer import Renderer
from genmo_studio.render.scene import Scene
from genmo_studio.ui.viewport.hand import CameraHand
from genmo_studio.ui.viewport.probe import surface_format
from genmo_studio.ui.viewport.still import SAMPLES, StillTarget
from genmo_studio.values import replace

SETTLE_MS = 180
"""Stillness after which edges are smoothed."""


class DrawnScene(CameraHand):
    """Draws ``scene`` and calls ``paint_over`` after it."""

    failed = Signal(str, str)
    """A sentence and details: the picture cannot be drawn."""
    painted = Signal()

    def __init__(self, *, samples: int = 0, parent: QWidget | None = None) -> None:
        """``samples`` for each pixel while things move; 0 where a processor draws."""
        super().__init__(surface_format(samples=samples), composed=samples > 0, parent=parent)
        self._renderer: Renderer | None = None
        # Where the processor draws, edges are smoothed once the picture stands still; a graphics card always does it.
        self._smooth_stills = samples == 0
        self._still_target = StillTarget()
        self._still = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self.restless: Callable[[], bool] = lambda: False
        """Whether more is about to move: then the picture is not made beautiful yet."""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.stir)

    def scene(self) -> tuple[Scene, View]:
        """What is drawn, and from where."""
        raise NotImplementedError

    def lens(self) -> tuple[View, tuple[int, int]]:
        """What one looks through, and the size in logical pixels that goes with it."""
        raise NotImplementedError

    def paint_over(self, camera: View) -> None:
        """Write over the picture."""

    # -- moving and resting --------------------------------------------------------------------------------------------

    def stir(self) -> None:
        """Something moves: draw fast now, and beautifully when it has come to rest."""
        if self._smooth_stills:
            self._still = False
            self._settle.start()
        self.update()

    def stir_within(self, milliseconds: int) -> None:
        """Something moves, and a picture that is drawn soon anyway shows it: draw one by itself only if none comes.

        A graphics card draws at once.
        """
        if not self._smooth_stills:
            self.stir()
            return
        self._still = False
        self._settle.start()
        if not self._late.isActive():
            self._late.start(milliseconds)

    def _settled(self) -> None:
        if self.restless():
            self._settle.start()
            return
        self._still = True
        self.update()

    def stop_drawing(self) -> None:
        """Nothing is pending after this."""
        self._settle.stop()
        self._late.stop()
        self._smooth_stills = False

    # -- GL ------------------------------------------------------------------------------------------------------------

    def initializeGL(self) -> None:  # noqa: N802 (Qt's name)
        """Make the GL objects of a new context."""
        self._renderer = Renderer()
        context = self.context()
        if self.composed and context is not None:  # a context of its own lives as long as the widget
            context.aboutToBeDestroyed.connect(self._release, Qt.ConnectionType.DirectConnection)
        try:
            self._renderer.initialise()
        except Exception as error:
            self._give_up(error)

    def paintGL(self) -> None:  # noqa: N802 (Qt's name)
        """Draw the moment."""
        if self._renderer is None or not self._renderer.ready:
            return
        self._late.stop()
        ratio = self.devicePixelRatioF()
        size = self.pixels(ratio)
        try:
            scene, camera = self.scene()
            target = self.defaultFramebufferObject()
            if self._still:
                own = self._still_target.framebuffer(size)
                self._renderer.draw(scene, camera, size=size, framebuffer=own, pixel_ratio=ratio)
                self._still_target.copy_to(target)
            else:
                scene = replace(scene, coarse_ghosts=self._smooth_stills)
                self._renderer.draw(scene, camera, size=size, framebuffer=target, pixel_ratio=ratio)
            self.paint_over(camera)
        except Exception as error:
            self._give_up(error)
            return
        self.painted.emit()

    def paintOver(self) -> None:  # noqa: N802 (as Qt's names)
        """Write over the picture again, which is as it was."""
        if self._renderer is None or not self._renderer.ready:
            return
        try:
            self.paint_over(self.lens()[0])
        except Exception as error:
            self._give_up(error)

    def drawing_refused(self, error: Exception) -> None:
        """See Canvas."""
        self._give_up(error)

    def _release(self) -> None:
        """Delete GL objects while their context still lives."""
        if self._renderer is None:
            return
        self.makeCurrent()
        self._still_target.release()
        self._device = None
        self._renderer.release()
        self._renderer = None
        self.doneCurrent()

    def _give_up(self, error: Exception) -> None:
        """An error in drawing must not come back sixty times a second: stop drawing and say so once."""
        if self._renderer is not None:
            self._renderer.forget()
        self._renderer = None
        self.failed.emit("The 3D view had to stop drawing.", f"{type(error).__name__}: {error}")

    def snapshot(self, *, scale: float = 1.0, samples: int = SAMPLES) -> QImage:
        """The picture without the writing over it, ``scale`` times the viewport's pixels, with smooth edges.

        ``samples`` for each pixel; 0 is fast and has hard edges. A null image where nothing can be drawn.
        """
        if self._renderer is None or not self._renderer.ready:
            return QImage()
        ratio = self.devicePixelRatioF() * scale
        size = self.pixels(ratio)
        self.makeCurrent()
        target = StillTarget(samples=samples)
        try:
            scene, camera = self.scene()
            own = target.framebuffer(size)
            self._renderer.draw(scene, camera, size=size, framebuffer=own, pixel_ratio=ratio)
            rows = target.read()
        except GLError as error:
            self.failed.emit("This picture cannot be drawn at that size.", str(error))
            return QImage()
        finally:
            target.release()
            self.doneCurrent()
        image = QImage(rows.tobytes(), size[0], size[1], 3 * size[0], QImage.Format.Format_RGB888)
        return image.copy()  # owns its bytes

    def restart(self) -> None:
        """Make all GL objects anew, as after a lost context; a second try after drawing had to stop."""
        self._refused = False
        if not self.isValid():
            return
        self._release()
        self.makeCurrent()
        self._renderer = Renderer()
        try:
            self._renderer.initialise()
        except Exception as error:
            self._give_up(error)
        self.doneCurrent()
        self.update()
