"""Which window-system binding PyOpenGL must be told to use. Pure; imports no OpenGL.

PyOpenGL picks its binding once, at its first import, from ``PYOPENGL_PLATFORM``; when that differs from the
binding which made the current context, calls that look the context up fail. The composition root asks here and
sets the variable before anything imports OpenGL.
"""

from collections.abc import Mapping
from enum import Enum


class ContextMaker(Enum):
    """Who creates the GL context."""

    OFFSCREEN = "offscreen"
    """Our own EGL context, no display."""
    QT = "qt"
    """A Qt widget or window."""


def choose_platform(
    maker: ContextMaker, *, system: str, qt_platform: str = "", environment: Mapping[str, str]
) -> str | None:
    """Value for ``PYOPENGL_PLATFORM``, or None where PyOpenGL has one binding only and needs no advice.

    Args:
        maker: who will make the context.
        system: ``sys.platform``.
        qt_platform: ``QGuiApplication.platformName()``, or the name asked for ("xcb", "wayland", "eglfs", ...).
        environment: the process environment; QT_XCB_GL_INTEGRATION and DISPLAY or WAYLAND_DISPLAY are read.
    """
    if not system.startswith("linux"):
        return None
    if maker is ContextMaker.OFFSCREEN:
        return "egl"
    name = qt_platform or environment.get("QT_QPA_PLATFORM", "")
    name = name.split(":")[0].split(";")[0]
    if not name:
        name = "wayland" if environment.get("WAYLAND_DISPLAY") and not environment.get("DISPLAY") else "xcb"
    if name == "xcb":
        return "egl" if environment.get("QT_XCB_GL_INTEGRATION", "xcb_glx") == "xcb_egl" else "glx"
    if name == "offscreen":  # Qt's offscreen plugin makes GLX contexts, and only when an X display is there
        return "glx" if environment.get("DISPLAY") else "egl"
    return "egl"
