"""Thin wrappers over PyOpenGL: program, vertex array, texture, framebuffer. Needs a current GL 3.3 core context.

PyOpenGL's own error checks are off (render/opengl.py); ``raise_errors`` asks GL itself, once, where a caller wants to
know. Attribute pointers are set through the raw functions: the friendly
ones look the current context up through one window-system binding and fail under another.
"""

import ctypes
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.render.opengl import GL as GL  # noqa: PLC0414 - handed on; before the raw functions, which would load all of PyOpenGL

from OpenGL.raw.GL.VERSION.GL_2_0 import glVertexAttribPointer  # isort: skip
from OpenGL.raw.GL.VERSION.GL_3_0 import glVertexAttribIPointer  # isort: skip

_ERRORS = {
    0x0500: "invalid enum",
    0x0501: "invalid value",
    0x0502: "invalid operation",
    0x0505: "out of memory",
    0x0506: "invalid framebuffer operation",
}
_ATTRIBUTE_TYPES = {"f": 0x1406, "B": 0x1401}


class GLError(RuntimeError):
    """The GL driver refused something; the message says what."""


def raise_errors(where: str) -> None:
    """Raise GLError if GL has recorded an error since the last call."""
    found = []
    for _ in range(16):
        code = int(GL.glGetError())
        if code == 0:
            break
        found.append(_ERRORS.get(code, hex(code)))
    if found:
        raise GLError(f"OpenGL reported {', '.join(found)} while {where}.")


def description() -> str:
    """Vendor, renderer and version of the current context."""
    return " / ".join(
        (GL.glGetString(name) or b"?").decode(errors="replace")
        for name in (GL.GL_VENDOR, GL.GL_RENDERER, GL.GL_VERSION)
    )


class Program:
    """A linked shader program with its uniform locations."""

    def __init__(self, name: str, *, define: str = "") -> None:
        """Compile ``name.vert`` and ``name.frag`` of assets/shaders; ``define`` is a macro that both see.

        Raises GLError with the compiler's log.
        """
        folder = paths.assets() / "shaders"
        shaders = [
            _compile(folder / f"{name}{suffix}", kind, define)
            for suffix, kind in ((".vert", GL.GL_VERTEX_SHADER), (".frag", GL.GL_FRAGMENT_SHADER))
        ]
        self.id = int(GL.glCreateProgram())
        for shader in shaders:
            GL.glAttachShader(self.id, shader)
        GL.glLinkProgram(self.id)
        for shader in shaders:
            GL.glDetachShader(self.id, shader)
            GL.glDeleteShader(shader)
        if not GL.glGetProgramiv(self.id, GL.GL_LINK_STATUS):
            raise GLError(f"The shader {name} does not link: {_text(GL.glGetProgramInfoLog(self.id))}")
        self._locations: dict[str, int] = {}
        self._sent: dict[str, bytes | int] = {}  # what the program has: handing it over again takes PyOpenGL long

    def use(self) -> None:
        """Make it the current program."""
        GL.glUseProgram(self.id)

    def set(self, **uniforms: float | Sequence[float] | NDArray[np.generic]) -> None:
        """Set float, vec2..4 and matrix uniforms by name; (4, 4) arrays act on columns as they do in numpy."""
        for name, value in uniforms.items():
            array = np.ascontiguousarray(value, np.float32)
            if not self._new(name, array.tobytes()):
                continue
            location = self.location(name)
            if array.ndim == 2 and array.shape == (4, 4):
                GL.glUniformMatrix4fv(location, 1, GL.GL_TRUE, array)
            elif array.ndim == 0:
                GL.glUniform1f(location, float(array))
            else:
                (GL.glUniform1fv, GL.glUniform2fv, GL.glUniform3fv, GL.glUniform4fv)[array.shape[-1] - 1](
                    location, array.size // array.shape[-1], array
                )

    def set_vec4_array(self, name: str, values: NDArray[np.float32]) -> None:
        """Set an array of vec4 from (..., 4)."""
        array = np.ascontiguousarray(values, np.float32).reshape(-1, 4)
        if self._new(name, array.tobytes()):
            GL.glUniform4fv(self.location(name), len(array), array)

    def set_sampler(self, name: str, unit: int) -> None:
        """Point a sampler at a texture unit."""
        if self._new(name, unit):
            GL.glUniform1i(self.location(name), unit)

    def _new(self, name: str, value: bytes | int) -> bool:
        """Whether a uniform has another value so far; remembers the new one."""
        if self._sent.get(name) == value:
            return False
        self._sent[name] = value
        return True

    def location(self, name: str) -> int:
        """Location of a uniform; -1 where the compiler removed it."""
        if name not in self._locations:
            self._locations[name] = int(GL.glGetUniformLocation(self.id, name))
        return self._locations[name]

    def release(self) -> None:
        """Delete it."""
        GL.glDeleteProgram(self.id)


def _text(log: bytes | str) -> str:
    return (log.decode(errors="replace") if isinstance(log, bytes) else log).strip()


def _compile(path: Path, kind: int, define: str) -> int:
    version, _, rest = path.read_text(encoding="utf-8").partition("\n")
    macro = f"#define {define}\n" if define else ""
    shader = int(GL.glCreateShader(kind))
    GL.glShaderSource(shader, f"{version}\n{macro}{rest}")
    GL.glCompileShader(shader)
    if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
        raise GLError(f"The shader {path.name} does not compile: {_text(GL.glGetShaderInfoLog(shader))}")
    return shader


class VertexArray:
    """A vertex array object with one buffer per attribute and optional triangles, fine and coarse."""

    def __init__(self, triangles: NDArray[np.int32] | None = None, *, coarse: NDArray[np.int32] | None = None) -> None:
        self.id = int(GL.glGenVertexArrays(1))
        self._buffers: dict[int, int] = {}
        self._index_buffer = 0
        self._counts = [0, 0]
        if triangles is not None:
            parts = [np.ascontiguousarray(part, np.uint32).ravel() for part in (triangles, coarse) if part is not None]
            self._counts[: len(parts)] = [part.size for part in parts]
            data = np.concatenate(parts)
            self.bind()
            self._index_buffer = int(GL.glGenBuffers(1))
            GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._index_buffer)
            GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, data.nbytes, data, GL.GL_STATIC_DRAW)
            GL.glBindVertexArray(0)

    def bind(self) -> None:
        """Make it current."""
        GL.glBindVertexArray(self.id)

    def attribute(self, slot: int, values: NDArray[np.float32] | NDArray[np.uint8], *, divisor: int = 0) -> None:
        """Upload (N, 1..4) float32 or uint8 (as integers) values for attribute ``slot``, replacing earlier ones."""
        data = np.ascontiguousarray(values)
        usage = GL.GL_DYNAMIC_DRAW if slot in self._buffers else GL.GL_STATIC_DRAW
        self.bind()
        if slot not in self._buffers:
            self._buffers[slot] = int(GL.glGenBuffers(1))
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._buffers[slot])
        GL.glBufferData(GL.GL_ARRAY_BUFFER, data.nbytes, data, usage)
        width = data.shape[1] if data.ndim > 1 else 1
        GL.glEnableVertexAttribArray(slot)
        if data.dtype == np.uint8:
            glVertexAttribIPointer(slot, width, _ATTRIBUTE_TYPES["B"], 0, ctypes.c_void_p(0))
        else:
            glVertexAttribPointer(slot, width, _ATTRIBUTE_TYPES["f"], 0, 0, ctypes.c_void_p(0))
        GL.glVertexAttribDivisor(slot, divisor)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)

    def without(self, slot: int, value: Sequence[float]) -> None:
        """Give attribute ``slot`` one constant value in place of a buffer."""
        self.bind()
        GL.glDisableVertexAttribArray(slot)
        GL.glVertexAttrib4f(slot, *value)

    def draw_triangles(self) -> None:
        """Draw the triangles."""
        self.bind()
        GL.glDrawElements(GL.GL_TRIANGLES, self._counts[0], GL.GL_UNSIGNED_INT, ctypes.c_void_p(0))

    def draw_coarse(self) -> None:
        """Draw the coarse triangles, or the fine ones where there are none."""
        if not self._counts[1]:
            self.draw_triangles()
            return
        self.bind()
        start = ctypes.c_void_p(4 * self._counts[0])
        GL.glDrawElements(GL.GL_TRIANGLES, self._counts[1], GL.GL_UNSIGNED_INT, start)

    def draw_strip(self, vertices: int, *, instances: int = 1) -> None:
        """Draw a triangle strip without indices, ``instances`` times."""
        self.bind()
        GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, vertices, instances)

    def release(self) -> None:
        """Delete it and its buffers."""
        buffers = [*self._buffers.values(), *([self._index_buffer] if self._index_buffer else [])]
        if buffers:
            GL.glDeleteBuffers(len(buffers), np.array(buffers, np.uint32))
        GL.glDeleteVertexArrays(1, np.array([self.id], np.uint32))


class Texture:
    """A 2D texture."""

    def __init__(self, *, linear: bool = True) -> None:
        self.id = int(GL.glGenTextures(1))
        self.size = (0, 0)
        self._filter = GL.GL_LINEAR if linear else GL.GL_NEAREST

    def bind(self, unit: int) -> None:
        """Bind to a texture unit."""
        GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.id)

    def upload(self, image: NDArray[np.uint8]) -> None:
        """Fill from (H, W, 3) sRGB."""
        data = np.ascontiguousarray(image)
        height, width = data.shape[:2]
        self.bind(0)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D, 0, GL.GL_RGB8, width, height, 0, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, data.tobytes()
        )
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 4)
        self._parameters(GL.GL_CLAMP_TO_EDGE)
        self.size = (width, height)

    def allocate(self, width: int, height: int, *, internal: int, layout: int, kind: int) -> None:
        """Reserve storage to render into; outside its edges it reads as its border colour 0."""
        self.bind(0)
        GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, internal, width, height, 0, layout, kind, None)
        self._parameters(GL.GL_CLAMP_TO_BORDER)
        self.size = (width, height)

    def _parameters(self, wrap: int) -> None:
        for name, value in (
            (GL.GL_TEXTURE_MIN_FILTER, self._filter),
            (GL.GL_TEXTURE_MAG_FILTER, self._filter),
            (GL.GL_TEXTURE_WRAP_S, wrap),
            (GL.GL_TEXTURE_WRAP_T, wrap),
        ):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, name, value)

    def release(self) -> None:
        """Delete it."""
        GL.glDeleteTextures(1, np.array([self.id], np.uint32))


class Framebuffer:
    """A framebuffer object made of renderbuffers or one colour texture."""

    def __init__(self) -> None:
        self.id = int(GL.glGenFramebuffers(1))
        self._renderbuffers: list[int] = []

    def bind(self) -> None:
        """Draw into it."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self.id)

    def attach_texture(self, texture: Texture, *, attachment: int = 0x8CE0) -> None:
        """Use a texture as colour (default) or another attachment."""
        self.bind()
        GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, attachment, GL.GL_TEXTURE_2D, texture.id, 0)

    def attach_renderbuffer(self, attachment: int, internal: int, *, size: tuple[int, int], samples: int) -> None:
        """Add a renderbuffer; ``samples`` 0 means one sample a pixel."""
        buffer = int(GL.glGenRenderbuffers(1))
        self._renderbuffers.append(buffer)
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        if samples:
            GL.glRenderbufferStorageMultisample(GL.GL_RENDERBUFFER, samples, internal, *size)
        else:
            GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, internal, *size)
        self.bind()
        GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, attachment, GL.GL_RENDERBUFFER, buffer)

    def require_complete(self) -> None:
        """Raise GLError when the driver cannot draw into it."""
        self.bind()
        status = int(GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER))
        if status != int(GL.GL_FRAMEBUFFER_COMPLETE):
            raise GLError(f"The graphics driver cannot make the framebuffer that is needed (status {status:#x}).")

    def release(self) -> None:
        """Delete it and its renderbuffers; textures stay with their owner."""
        if self._renderbuffers:
            GL.glDeleteRenderbuffers(len(self._renderbuffers), np.array(self._renderbuffers, np.uint32))
        GL.glDeleteFramebuffers(1, np.array([self.id], np.uint32))


def state_for_guest() -> None:
    """Put back the GL state that a host such as Qt's painter expects: defaults for all that the passes change."""
    GL.glUseProgram(0)
    GL.glBindVertexArray(0)
    GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)
    for unit in (2, 1, 0):
        GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
    for capability in (GL.GL_DEPTH_TEST, GL.GL_BLEND, GL.GL_CULL_FACE, GL.GL_PROGRAM_POINT_SIZE, GL.GL_SCISSOR_TEST):
        GL.glDisable(capability)
    GL.glCullFace(GL.GL_BACK)
    GL.glDepthMask(GL.GL_TRUE)
    GL.glDepthFunc(GL.GL_LESS)
    GL.glColorMask(GL.GL_TRUE, GL.GL_TRUE, GL.GL_TRUE, GL.GL_TRUE)
    GL.glBlendEquation(GL.GL_FUNC_ADD)
    GL.glBlendFunc(GL.GL_ONE, GL.GL_ZERO)
