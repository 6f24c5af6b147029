"""A widget with an OpenGL picture, composed by Qt where there is a graphics card and read back where there is none.

Qt puts a window that holds a QOpenGLWidget together with OpenGL, all of it at every change of anything in it: on a
processor that plays OpenGL that took 25 ms of its time for a blinking cursor. There the picture is drawn into a
framebuffer of its own, read back, and painted as the image it is by then; the rest of the window stays a window without
OpenGL, of which only what changed is copied to the screen.

Both ways have QOpenGLWidget's calls: ``initializeGL`` and ``paintGL`` are overridden, ``update`` asks for a picture.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSurfaceFormat,
)
from PySide6.QtOpenGL import QOpenGLPaintDevice
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from genmo_studio.render.camera import Size
from genmo_studio.render.gl import GL, Framebuffer, GLError


class Canvas(QWidget):
    """Draws with OpenGL 3.3 core. Sizes are logical pixels; the framebuffer has ``devicePixelRatioF`` times as many."""

    frameSwapped = Signal()  # noqa: N815 (as QOpenGLWidget calls it)
    """A picture has been handed to the screen."""

    def __init__(self, wanted: QSurfaceFormat, *, composed: bool, parent: QWidget | None = None) -> None:
        """``composed``: let Qt compose the picture into the window with OpenGL; otherwise it is read back."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.composed = composed
        self._glass = _Glass(self, wanted) if composed else None
        self._offscreen = None if composed else _Offscreen(wanted)
        self._fresh = False  # nothing has changed since the picture was drawn
        self._written = False  # and nothing of what is painted over it
        self._over = False  # only what is painted over the picture is made anew
        self._refused = False  # the driver gave no context or framebuffer; it is not asked at every picture
        self._device: QOpenGLPaintDevice | None = None

    # -- what is drawn: for those who inherit --------------------------------------------------------------------------

    def initializeGL(self) -> None:  # noqa: N802 (Qt's name)
        """Make GL objects; the context is new and current."""

    def paintGL(self) -> None:  # noqa: N802 (Qt's name)
        """Draw into ``defaultFramebufferObject``, then paint on ``paper``; the context is current."""

    def paintOver(self) -> None:  # noqa: N802 (as the two above)
        """Paint on ``paper`` as ``paintGL`` does in the end; nothing may be drawn with GL."""

    def drawing_refused(self, error: Exception) -> None:
        """The driver gave no context or framebuffer to draw with; said once."""
        raise error

    def paper(self) -> QOpenGLPaintDevice | QImage:
        """What was drawn, as something to paint on in logical pixels; nothing is drawn with GL after this."""
        ratio, size = self.devicePixelRatioF(), QSize(*self.pixels())
        if self._offscreen is not None:
            return self._offscreen.image(self.pixels(), ratio=ratio, again=self._over)
        if self._device is None:
            self._device = QOpenGLPaintDevice(size)
        self._device.setSize(size)
        self._device.setDevicePixelRatio(ratio)
        return self._device

    def pixels(self, ratio: float | None = None) -> Size:
        """Size in pixels as Qt makes the framebuffer: halves are rounded up, which Python's ``round`` does not."""
        ratio = self.devicePixelRatioF() if ratio is None else ratio
        return max(1, math.floor(self.width() * ratio + 0.5)), max(1, math.floor(self.height() * ratio + 0.5))

    # -- QOpenGLWidget's calls -----------------------------------------------------------------------------------------

    def context(self) -> QOpenGLContext | None:
        """The GL context; None before the first picture."""
        return self._offscreen.context if self._offscreen is not None else self._composing().context()

    def isValid(self) -> bool:  # noqa: N802 (Qt's name)
        """Whether there is a context to draw with."""
        return self.context() is not None if self._offscreen is not None else self._composing().isValid()

    def makeCurrent(self) -> None:  # noqa: N802 (Qt's name)
        """Make the context current and bind the framebuffer."""
        if self._offscreen is None:
            self._composing().makeCurrent()
            return
        if self._offscreen.make_current(self.pixels()):
            self.initializeGL()
            self._offscreen.bind()

    def doneCurrent(self) -> None:  # noqa: N802 (Qt's name)
        """Let the context go."""
        if self._offscreen is not None:
            self._offscreen.done_current()
        else:
            self._composing().doneCurrent()

    def defaultFramebufferObject(self) -> int:  # noqa: N802 (Qt's name)
        """Id of the framebuffer that ``paintGL`` draws into."""
        return (
            self._offscreen.framebuffer if self._offscreen is not None else self._composing().defaultFramebufferObject()
        )

    def grabFramebuffer(self) -> QImage:  # noqa: N802 (Qt's name)
        """The picture, drawn anew, with what is painted over it."""
        if self._offscreen is None:
            return self._composing().grabFramebuffer()
        return self._drawn().copy()

    def update(self, *_: object) -> None:
        """Ask for a new picture."""
        self._fresh = False
        if self._glass is None:
            super().update()
        else:
            self._glass.update()

    def update_over(self) -> None:
        """Ask for what is painted over the picture to be painted again; a graphics card draws the picture too."""
        if self._glass is None:
            self._written = False
            super().update()
        else:
            self._glass.update()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _composing(self) -> "_Glass":
        assert self._glass is not None, "read back or composed"
        return self._glass

    def _drawn(self) -> QImage:
        """The picture, read back and painted over."""
        assert self._offscreen is not None, "only where the picture is read back"
        self._fresh = self._written = True  # before: what changes while it is drawn asks again
        if self._refused:
            return QImage()
        try:
            self.makeCurrent()
        except Exception as error:
            self._refused = True
            self.drawing_refused(error)
            return QImage()
        try:
            self.paintGL()
        finally:
            self.doneCurrent()
        return self._offscreen.latest(self.pixels(), ratio=self.devicePixelRatioF())

    def _painted_over(self) -> QImage:
        """The same picture, painted over again."""
        assert self._offscreen is not None, "only where the picture is read back"
        self._written = self._over = True
        try:
            self.paintOver()
        finally:
            self._over = False
        return self._offscreen.latest(self.pixels(), ratio=self.devicePixelRatioF())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint the picture, made anew if something has changed."""
        if self._offscreen is None:
            return
        image = self._offscreen.latest(self.pixels(), ratio=self.devicePixelRatioF())
        drawn = not self._fresh or image.isNull()
        if drawn:
            image = self._drawn()
        elif not self._written:
            image = self._painted_over()
        with QPainter(self) as painter:
            if image.isNull():
                painter.fillRect(self.rect(), Qt.GlobalColor.black)
            else:
                painter.setClipRegion(event.region())
                painter.drawImage(0, 0, image)
        if drawn:
            self.frameSwapped.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Who has the focus may say so over the picture."""
        super().focusInEvent(event)
        self.update_over()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """And who has not."""
        super().focusOutEvent(event)
        self.update_over()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep the composed part as large as this."""
        super().resizeEvent(event)
        self._fresh = False
        if self._glass is not None:
            self._glass.setGeometry(self.rect())
            self._glass.lower()


class _Glass(QOpenGLWidget):
    """The part that Qt composes; the pointer does not see it."""

    def __init__(self, canvas: Canvas, wanted: QSurfaceFormat) -> None:
        super().__init__(canvas)
        self.setFormat(wanted)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas = canvas
        self.frameSwapped.connect(canvas.frameSwapped)

    def initializeGL(self) -> None:  # noqa: N802 (Qt's name)
        """The canvas does."""
        self._canvas.initializeGL()

    def paintGL(self) -> None:  # noqa: N802 (Qt's name)
        """The canvas does."""
        self._canvas.paintGL()


class _Offscreen:
    """A context without a window, a framebuffer, and the image that was read back from it."""

    def __init__(self, wanted: QSurfaceFormat) -> None:
        self._wanted = wanted
        self.context: QOpenGLContext | None = None
        self._surface: QOffscreenSurface | None = None
        self._buffer: Framebuffer | None = None
        self._size: Size = (0, 0)
        self._image = QImage()
        self._rows: NDArray[np.uint32] | None = None  # what was read back, before anything was painted over it

    @property
    def framebuffer(self) -> int:
        """Its id; 0 before ``make_current``."""
        return 0 if self._buffer is None else self._buffer.id

    def make_current(self, size: Size) -> bool:
        """Make the context current with a framebuffer of this size. True when the context is new.

        Raises gl.GLError when the driver gives no context or framebuffer.
        """
        new = self.context is None
        if self.context is None or self._surface is None:
            self._surface = QOffscreenSurface()
            self._surface.setFormat(self._wanted)
            self._surface.create()
            context = QOpenGLContext()
            context.setFormat(self._wanted)
            if not self._surface.isValid() or not context.create():
                raise GLError("The graphics driver gives no OpenGL context any more.")
            self.context = context
        if not self.context.makeCurrent(self._surface):
            raise GLError("The graphics driver made an OpenGL context but refuses to use it.")
        if self._buffer is None or self._size != size:
            if self._buffer is not None:
                self._buffer.release()
            self._buffer, self._size = Framebuffer(), size
            self._buffer.attach_renderbuffer(GL.GL_COLOR_ATTACHMENT0, GL.GL_RGBA8, size=size, samples=0)
            self._buffer.attach_renderbuffer(GL.GL_DEPTH_ATTACHMENT, GL.GL_DEPTH_COMPONENT24, size=size, samples=0)
            self._buffer.require_complete()
        self.bind()
        return new

    def bind(self) -> None:
        """Draw into the framebuffer."""
        if self._buffer is not None:
            self._buffer.bind()

    def done_current(self) -> None:
        """Let the context go."""
        if self.context is not None:
            self.context.doneCurrent()

    def image(self, size: Size, *, ratio: float, again: bool = False) -> QImage:
        """What was drawn, read back, or (``again``) as it was read back last; the same image while the size is."""
        width, height = size
        if self._image.size() != QSize(width, height):
            self._image = QImage(width, height, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)
        rows = self._rows
        if rows is None or rows.shape != (height, width):
            rows = self._rows = np.empty((height, width), np.uint32)
            again = False
        if not again:
            self.bind()
            GL.glReadPixels(0, 0, width, height, GL.GL_BGRA, GL.GL_UNSIGNED_INT_8_8_8_8_REV, rows)
        into = np.frombuffer(self._image.bits(), np.uint32).reshape(height, self._image.bytesPerLine() // 4)
        np.copyto(into[:, :width], rows[::-1])  # GL counts rows from below
        return self._image

    def latest(self, size: Size, *, ratio: float) -> QImage:
        """The image that was read back last; a null one if it was of another size."""
        same = self._image.size() == QSize(*size) and self._image.devicePixelRatio() == ratio
        return self._image if same else QImage()
