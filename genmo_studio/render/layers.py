"""What stays the same while only the body moves: the background and the floor, drawn once and copied into each picture.

Software GL takes as long for the floor as for the body, and the copy takes next to nothing.
"""

from collections.abc import Callable, Hashable

from genmo_studio.render.camera import Size
from genmo_studio.render.gl import GL, Framebuffer


class StillLayer:
    """Colour of the background and the floor of the last camera; all calls need the context."""

    def __init__(self) -> None:
        self._buffer: Framebuffer | None = None
        self._size: Size = (0, 0)
        self._key: Hashable = None

    def draw(self, key: Hashable, paint: Callable[[], None], *, size: Size, framebuffer: int) -> None:
        """Copy the layer into ``framebuffer`` (bound, one sample a pixel); ``paint`` fills it when ``key`` is new."""
        if self._buffer is None or self._size != size:
            self.release()
            self._buffer, self._size = Framebuffer(), size
            self._buffer.attach_renderbuffer(GL.GL_COLOR_ATTACHMENT0, GL.GL_RGBA8, size=size, samples=0)
            self._buffer.require_complete()
        if self._key != key:
            self._key = None
            self._buffer.bind()
            paint()
            self._key = key
        width, height = size
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._buffer.id)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, framebuffer)
        GL.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)

    def release(self) -> None:
        """Delete it."""
        if self._buffer is not None:
            self._buffer.release()
        self._buffer, self._key = None, None
