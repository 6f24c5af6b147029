"""Asks once whether Qt can give us OpenGL 3.3 core, and on what, before any widget depends on it.

Going on with a context that was never made can end the process, so the answer is taken here, with an off-screen
surface, and the window shows a placeholder when it is no.
"""

import msgspec
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

VERSION = (3, 3)
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic")


class GlSupport(msgspec.Struct, frozen=True):
    """What there is."""

    usable: bool
    renderer: str = ""
    """Name of the device, as the driver says it."""
    software: bool = False
    """Drawn on the CPU: multisampling is left out, frames take longer."""
    reason: str = ""
    """Why it is not usable, one sentence."""

    @property
    def samples(self) -> int:
        """Multisamples that are affordable."""
        return 0 if self.software else 4


def surface_format(*, samples: int = 0) -> QSurfaceFormat:
    """OpenGL 3.3 core with depth; the same for the probe, the viewport and shared contexts."""
    wanted = QSurfaceFormat()
    wanted.setVersion(*VERSION)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setDepthBufferSize(24)
    wanted.setStencilBufferSize(8)
    wanted.setSamples(samples)
    wanted.setSwapInterval(1)
    return wanted


def probe_gl() -> GlSupport:
    """Make a context, ask it, throw it away. Needs a QGuiApplication."""
    platform = QGuiApplication.platformName()
    surface = QOffscreenSurface()
    surface.setFormat(surface_format())
    surface.create()
    context = QOpenGLContext()
    context.setFormat(surface_format())
    if not surface.isValid() or not context.create():
        return GlSupport(
            usable=False,
            reason=f"This screen system (“{platform}”) gives programs no OpenGL.",
        )
    if not context.makeCurrent(surface):
        return GlSupport(usable=False, reason="The graphics driver made an OpenGL context but refuses to use it.")
    try:
        made = context.format()
        if (made.majorVersion(), made.minorVersion()) < VERSION:
            version = f"{made.majorVersion()}.{made.minorVersion()}"
            return GlSupport(usable=False, reason=f"The graphics driver offers OpenGL {version}; 3.3 is needed.")
        name = _renderer_name()
        return GlSupport(usable=True, renderer=name, software=any(word in name.casefold() for word in _SOFTWARE))
    finally:
        context.doneCurrent()


def _renderer_name() -> str:
    """GL_RENDERER of the current context."""
    from genmo_studio.render.opengl import GL  # noqa: PLC0415 - its platform must be chosen before the import

    raw = GL.glGetString(GL.GL_RENDERER)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw or "unknown")
