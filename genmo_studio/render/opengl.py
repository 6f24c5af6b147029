"""PyOpenGL's core as far as this program uses it: OpenGL 1.0 to 3.3.

``OpenGL.GL`` is one module for all versions, and half of what it loads is for 4.0 and later, which nothing here asks
for. Its places are taken by empty modules while it is imported and given back afterwards, for whoever may want them.
Error checks are switched off first, since they cost half the frame and can only be chosen before the first import.
"""

import sys
from types import ModuleType

import OpenGL

OpenGL.ERROR_CHECKING = False

_LATER = [name for minor in range(7) if (name := f"OpenGL.GL.VERSION.GL_4_{minor}") not in sys.modules]
sys.modules.update((name, ModuleType(name)) for name in _LATER)
try:
    from OpenGL import GL as GL  # noqa: PLC0414 - handed on
finally:
    for _name in _LATER:
        del sys.modules[_name]
