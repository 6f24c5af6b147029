"""Pictures without a window: a renderer, a framebuffer with multisampling, and reading it back."""

from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genmo_studio.render.camera import View
from genmo_studio.render.egl import EglContext
from genmo_studio.render.scene import Scene

MAX_SIDE = 8192


class GLContext(Protocol):
    """A GL 3.3 core context that can be made current; EGL's here, or one made by the window system."""

    def make_current(self) -> None:
        """Make it this thread's context."""
        ...

    def done_current(self) -> None:
        """Leave the thread without one."""
        ...

    def close(self) -> None:
        """Destroy it."""
        ...


class OffscreenContext:
    """Draws scenes into arrays. Use from one thread; close it, or use it as a context manager."""

    def __init__(self, context: GLContext | None = None, *, samples: int = 4) -> None:
        """``context`` None makes an EGL one. ``samples`` 0 draws without multisampling.

        Raises egl.NoContextError or gl.GLError with one sentence when nothing can be drawn here.
        """
        self._context: GLContext = context if context is not None else EglContext()
        self._context.make_current()
        from genmo_studio.render import gl  # noqa: PLC0415  # PyOpenGL binds to the platform that egl.py chose
        from genmo_studio.render.renderer import Renderer  # noqa: PLC0415

        self._gl = gl
        self._renderer = Renderer()
        self._samples = samples
        self._size = (0, 0)
        self._targets: list[gl.Framebuffer] = []
        try:
            self._samples = min(samples, int(gl.GL.glGetIntegerv(gl.GL.GL_MAX_SAMPLES)))
            self._renderer.initialise()
        except BaseException:
            self._context.close()
            raise

    def description(self) -> str:
        """Vendor, renderer and version of the driver."""
        return self._gl.description()

    def render(self, scene: Scene, camera: View, width: int, height: int) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB picture, top row first."""
        if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
            raise ValueError(f"a picture of {width} x {height} pixels cannot be drawn; sides must be 1 to {MAX_SIDE}")
        self._context.make_current()
        self._resize(width, height)
        gl, target = self._gl.GL, self._targets[0]
        self._renderer.draw(scene, camera, size=(width, height), framebuffer=target.id)
        if len(self._targets) > 1:
            gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, target.id)
            gl.glBindFramebuffer(gl.GL_DRAW_FRAMEBUFFER, self._targets[1].id)
            gl.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.GL_COLOR_BUFFER_BIT, gl.GL_NEAREST)
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self._targets[-1].id)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        pixels = np.empty((height, width, 3), np.uint8)
        gl.glReadPixels(0, 0, width, height, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, pixels)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 4)
        self._gl.raise_errors("drawing a picture")
        return np.ascontiguousarray(pixels[::-1])

    def _resize(self, width: int, height: int) -> None:
        if self._size == (width, height):
            return
        for target in self._targets:
            target.release()
        gl = self._gl.GL
        self._targets = []
        for samples in [self._samples, 0] if self._samples else [0]:
            target = self._gl.Framebuffer()
            self._targets.append(target)
            target.attach_renderbuffer(gl.GL_COLOR_ATTACHMENT0, gl.GL_RGBA8, size=(width, height), samples=samples)
            if not self._targets[1:]:
                target.attach_renderbuffer(
                    gl.GL_DEPTH_ATTACHMENT, gl.GL_DEPTH_COMPONENT24, size=(width, height), samples=samples
                )
            target.require_complete()
        self._size = (width, height)

    def close(self) -> None:
        """Release everything."""
        self._context.make_current()
        self._renderer.release()
        for target in self._targets:
            target.release()
        self._targets, self._size = [], (0, 0)
        self._context.close()

    def __enter__(self) -> "OffscreenContext":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
