"""An OpenGL 3.3 core context without a display, through EGL. Linux (Mesa or a vendor's driver).

EGL is called through ctypes: PyOpenGL's EGL module cannot be imported with its error checks switched off, and its
GL module, which draws, must have them off. Constants are those of the Khronos EGL registry.
"""

import ctypes
import os
import sys
from collections.abc import Iterator

from genmo_studio.render.platform import ContextMaker, choose_platform

_DEVICE_EXT = 0x313F
_SURFACELESS_MESA = 0x31DD
_OPENGL_API = 0x30A2
_SURFACE_TYPE, _PBUFFER_BIT = 0x3033, 0x0001
_RENDERABLE_TYPE, _OPENGL_BIT = 0x3040, 0x0008
_RED, _GREEN, _BLUE, _ALPHA = 0x3024, 0x3023, 0x3022, 0x3021
_MAJOR, _MINOR, _PROFILE, _CORE = 0x3098, 0x30FB, 0x30FD, 0x0001
_WIDTH, _HEIGHT = 0x3057, 0x3056
_NONE = 0x3038
_CONFIG = (_SURFACE_TYPE, _PBUFFER_BIT, _RENDERABLE_TYPE, _OPENGL_BIT, _RED, 8, _GREEN, 8, _BLUE, 8, _ALPHA, 8)
_VERSION = (_MAJOR, 3, _MINOR, 3, _PROFILE, _CORE)
_ADVICE = "On Debian or Ubuntu install libegl1 and libgl1-mesa-dri."

Pointer = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "eglGetProcAddress": (Pointer, (ctypes.c_char_p,)),
    "eglGetDisplay": (Pointer, (Pointer,)),
    "eglInitialize": (ctypes.c_uint, (Pointer, Pointer, Pointer)),
    "eglBindAPI": (ctypes.c_uint, (ctypes.c_uint,)),
    "eglChooseConfig": (ctypes.c_uint, (Pointer, Pointer, Pointer, ctypes.c_int, Pointer)),
    "eglCreateContext": (Pointer, (Pointer, Pointer, Pointer, Pointer)),
    "eglCreatePbufferSurface": (Pointer, (Pointer, Pointer, Pointer)),
    "eglMakeCurrent": (ctypes.c_uint, (Pointer, Pointer, Pointer, Pointer)),
    "eglDestroyContext": (ctypes.c_uint, (Pointer, Pointer)),
    "eglDestroySurface": (ctypes.c_uint, (Pointer, Pointer)),
}


class NoContextError(RuntimeError):
    """No OpenGL context can be made here; the message is one sentence for the user."""


def _load() -> ctypes.CDLL:
    if not sys.platform.startswith("linux"):
        raise NoContextError(
            "Drawing without a window needs EGL, which this system does not have; pass a context made by the window "
            "system instead."
        )
    if "OpenGL.platform" not in sys.modules:  # PyOpenGL reads it once, at its first import
        name = choose_platform(ContextMaker.OFFSCREEN, system=sys.platform, environment=os.environ)
        if name is not None:
            os.environ.setdefault("PYOPENGL_PLATFORM", name)
    try:
        library = ctypes.CDLL("libEGL.so.1")
        for function, (result, arguments) in _SIGNATURES.items():
            entry = getattr(library, function)
            entry.restype, entry.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise NoContextError(f"Pictures and videos cannot be drawn: no EGL library was found. {_ADVICE}") from error
    return library


def _attributes(*values: int) -> ctypes.Array[ctypes.c_int]:
    return (ctypes.c_int * (len(values) + 1))(*values, _NONE)


class EglContext:
    """A current-able GL context bound to no window. Use it from one thread at a time."""

    def __init__(self) -> None:
        """Raises NoContextError when no EGL display gives an OpenGL 3.3 core context."""
        self._egl = _load()
        self._display = self._surface = self._context = 0
        tried: list[str] = []
        for name, display in self._displays():
            reason = self._open(display)
            if reason is None:
                return
            tried.append(f"{name}: {reason}")
        raise NoContextError(
            "Pictures and videos cannot be drawn: no graphics driver offers OpenGL 3.3 without a display "
            f"({'; '.join(tried)}). {_ADVICE}"
        )

    def _displays(self) -> Iterator[tuple[str, int]]:
        """GPUs first: Mesa's surfaceless display would take the software renderer beside a vendor's driver."""
        query = self._extension("eglQueryDevicesEXT", ctypes.c_uint, ctypes.c_int, Pointer, Pointer)
        platform = self._extension("eglGetPlatformDisplayEXT", Pointer, ctypes.c_uint, Pointer, Pointer)
        if platform is not None:
            devices, count = (Pointer * 8)(), ctypes.c_int(0)
            if query is not None and query(8, devices, ctypes.byref(count)):
                for index in range(count.value):
                    yield f"device {index}", platform(_DEVICE_EXT, devices[index], None) or 0
            yield "surfaceless", platform(_SURFACELESS_MESA, None, None) or 0
        yield "default", self._egl.eglGetDisplay(None) or 0

    def _extension(self, name: str, result: object, *arguments: object) -> "ctypes._FuncPointer | None":
        address = self._egl.eglGetProcAddress(name.encode())
        return ctypes.CFUNCTYPE(result, *arguments)(address) if address else None  # type: ignore[arg-type]

    def _open(self, display: int) -> str | None:
        """Make a context on ``display``; returns why not, or None when it worked."""
        egl = self._egl
        if not display or not egl.eglInitialize(display, None, None):
            return "no display"
        if not egl.eglBindAPI(_OPENGL_API):
            return "no desktop OpenGL"
        config, count = Pointer(), ctypes.c_int(0)
        found = egl.eglChooseConfig(display, _attributes(*_CONFIG), ctypes.byref(config), 1, ctypes.byref(count))
        if not found or count.value < 1:
            return "no configuration"
        context = egl.eglCreateContext(display, config, None, _attributes(*_VERSION))
        if not context:
            return "no OpenGL 3.3 core context"
        surface = egl.eglCreatePbufferSurface(display, config, _attributes(_WIDTH, 1, _HEIGHT, 1))
        if not surface or not egl.eglMakeCurrent(display, surface, surface, context):
            egl.eglDestroyContext(display, context)
            return "the context cannot be made current"
        self._display, self._surface, self._context = display, surface, context
        return None

    def make_current(self) -> None:
        """Make it this thread's GL context."""
        if not self._context or not self._egl.eglMakeCurrent(
            self._display, self._surface, self._surface, self._context
        ):
            raise NoContextError("The off-screen graphics context was lost; start the export again.")

    def done_current(self) -> None:
        """Leave this thread without a GL context."""
        self._egl.eglMakeCurrent(self._display, None, None, None)

    def close(self) -> None:
        """Destroy it. The display stays initialised: other contexts of the process may share it."""
        if not self._context:
            return
        self.done_current()
        self._egl.eglDestroySurface(self._display, self._surface)
        self._egl.eglDestroyContext(self._display, self._context)
        self._context = self._surface = 0
