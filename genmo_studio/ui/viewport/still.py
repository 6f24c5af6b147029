"""Smooth edges for a picture that stands still: drawn with multisampling into an own framebuffer, then copied.

A processor that plays OpenGL has no time for multisampling while things move; a still picture is drawn once.
"""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.render.camera import Size
from genmo_studio.render.gl import GL, Framebuffer, raise_errors

SAMPLES = 4


class StillTarget:
    """A multisampled framebuffer of the viewport's size; all calls need the viewport's context."""

    def __init__(self, *, samples: int = SAMPLES) -> None:
        self._samples = samples
        self._buffer: Framebuffer | None = None
        self._size: Size = (0, 0)

    def framebuffer(self, size: Size) -> int:
        """Id of the framebuffer, made anew when the size is another. Raises gl.GLError when it cannot be made."""
        if self._buffer is None or self._size != size:
            self.release()
            samples = min(self._samples, int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES)))
            self._buffer, self._size = Framebuffer(), size
            self._buffer.attach_renderbuffer(GL.GL_COLOR_ATTACHMENT0, GL.GL_RGBA8, size=size, samples=samples)
            self._buffer.attach_renderbuffer(
                GL.GL_DEPTH_ATTACHMENT, GL.GL_DEPTH_COMPONENT24, size=size, samples=samples
            )
            self._buffer.require_complete()
        return self._buffer.id

    def copy_to(self, framebuffer: int) -> None:
        """Resolve the samples into ``framebuffer`` and leave that bound."""
        if self._buffer is None:
            return
        width, height = self._size
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._buffer.id)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, framebuffer)
        GL.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)

    def read(self) -> NDArray[np.uint8]:
        """(H, W, 3) of what was drawn, top row first. Raises gl.GLError when the driver cannot."""
        width, height = self._size
        plain = Framebuffer()
        plain.attach_renderbuffer(GL.GL_COLOR_ATTACHMENT0, GL.GL_RGBA8, size=self._size, samples=0)
        plain.require_complete()
        try:
            self.copy_to(plain.id)
            GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
            pixels = np.empty((height, width, 3), np.uint8)
            GL.glReadPixels(0, 0, width, height, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, pixels)
            GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 4)
            raise_errors("reading a picture back")
        finally:
            plain.release()
        return np.ascontiguousarray(pixels[::-1])

    def release(self) -> None:
        """Delete it."""
        if self._buffer is not None:
            self._buffer.release()
            self._buffer = None
