"""Shadows on the floor and of a body on itself, from one small map that covers the floor around the bodies."""

import math
from collections.abc import Sequence

import numpy as np

from genmo_studio.render import gl
from genmo_studio.render.gl import GL
from genmo_studio.render.scene import Prop, Scene, SkinnedBody, Surface
from genmo_studio.render.uploads import MeshStore, bind_offsets, bone_rows, prop_rows

SHADOW_SIZE = 512
SOFT_SIZE = 128  # the blur is wider than four of its pixels: more of them cost time and show nothing
LIGHT: tuple[float, float, float] = (0.3517, 0.8374, 0.4187)
"""Unit vector towards the key light."""
OVERHEAD = (0.0, 1.0, 0.0)


class ShadowPass:
    """Projects everything along the key light and straight down onto the floor, then blurs."""

    def __init__(self) -> None:
        self._program = gl.Program("shadow")
        self._blur = gl.Program("blur")
        self._screen = gl.VertexArray()
        self.raw, self._half, self.blurred = gl.Texture(), gl.Texture(), gl.Texture()
        self._targets = []
        # Eight bits a channel: software GL filters them five times faster than half floats.
        for texture, side in ((self.raw, SHADOW_SIZE), (self._half, SOFT_SIZE), (self.blurred, SOFT_SIZE)):
            texture.allocate(side, side, internal=GL.GL_RGBA8, layout=GL.GL_RGBA, kind=GL.GL_UNSIGNED_BYTE)
            target = gl.Framebuffer()
            target.attach_texture(texture)
            target.require_complete()
            self._targets.append(target)
        self.frame = (0.0, 0.0, 1.0)
        self._drawn: tuple[object, ...] | None = None

    def draw(self, scene: Scene, meshes: MeshStore) -> None:
        """Fill ``raw`` (shadow, contact, height) and ``blurred``; leaves its own framebuffer bound."""
        bodies = [body for body in scene.bodies if body.surface is Surface.SUIT]
        cast = (*(_caster(body) for body in bodies), *scene.props)
        if cast == self._drawn:  # only the camera has moved
            return
        self._drawn = cast
        self.frame = shadow_frame(bodies, scene.props)
        GL.glViewport(0, 0, SHADOW_SIZE, SHADOW_SIZE)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glClearColor(0.0, 0.0, 0.0, 0.0)
        self._targets[0].bind()
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        if not bodies and not scene.props:
            self._targets[2].bind()
            GL.glClear(GL.GL_COLOR_BUFFER_BIT)
            return
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_MAX)
        self._program.use()
        self._program.set(shadow_frame=self.frame)
        GL.glEnable(GL.GL_CULL_FACE)
        # The floor map mirrors the winding: culling "front" keeps what faces the light, whose height the key shadow
        # needs; culling "back" keeps the undersides, whose closeness the contact shadow needs.
        for direction, mask, culled in ((LIGHT, (1, 0, 1, 0), GL.GL_FRONT), (OVERHEAD, (0, 1, 0, 0), GL.GL_BACK)):
            self._program.set(direction=direction)
            GL.glCullFace(culled)
            GL.glColorMask(*mask)
            for body in bodies:
                array = meshes.of(body.mesh)
                bind_offsets(array, body)
                self._program.set(caster=body.opacity)
                self._program.set_vec4_array("bones", bone_rows(body.transforms))
                array.draw_coarse()
            for prop in scene.props:
                array = meshes.of(prop.mesh)
                array.without(5, (0.0, 0.0, 0.0, 1.0))
                self._program.set(caster=prop.opacity)
                self._program.set_vec4_array("bones", prop_rows(prop))
                array.draw_coarse()
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glCullFace(GL.GL_BACK)
        GL.glColorMask(1, 1, 1, 1)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glDisable(GL.GL_BLEND)
        self._soften()

    def _soften(self) -> None:
        tap = 0.022 / (2 * self.frame[2])  # 22 mm on the floor
        self._blur.use()
        self._blur.set(rectangle=(-1.0, -1.0, 1.0, 1.0), depth=0.0)
        self._blur.set_sampler("source", 0)
        GL.glViewport(0, 0, SOFT_SIZE, SOFT_SIZE)
        for source, target, axis in ((self.raw, 1, 0), (self._half, 2, 1)):
            self._targets[target].bind()
            source.bind(0)
            self._blur.set(tap=np.eye(2)[axis] * tap)
            self._screen.draw_strip(4)

    def release(self) -> None:
        """Delete its GL objects."""
        for target in self._targets:
            target.release()
        for texture in (self.raw, self._half, self.blurred):
            texture.release()
        for thing in (self._program, self._blur, self._screen):
            thing.release()


def _caster(body: SkinnedBody) -> tuple[object, ...]:
    """Equal for bodies that cast the same shadow."""
    return (
        body.mesh,
        body.transforms.tobytes(),
        body.opacity,
        body.offsets if body.offsets is None else body.offsets.tobytes(),
    )


def shadow_frame(bodies: Sequence[SkinnedBody], props: Sequence[Prop]) -> tuple[float, float, float]:
    """Centre x, centre z and half size (m) of the square of floor that all shadows fall on."""
    clouds = [body.joint_positions() for body in bodies]
    for prop in props:
        low, high = prop.mesh.vertices.min(axis=0), prop.mesh.vertices.max(axis=0)
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        clouds.append(np.asarray(corners @ prop.transform[:3, :3].T + prop.transform[:3, 3], np.float64))
    if not clouds:
        return 0.0, 0.0, 1.0
    points = np.concatenate(clouds)
    slope = np.array([LIGHT[0], LIGHT[2]]) / LIGHT[1]
    floor = np.concatenate([points[:, [0, 2]], points[:, [0, 2]] - slope * points[:, 1:2]])
    low, high = floor.min(axis=0), floor.max(axis=0)
    centre = (low + high) / 2
    half = float((high - low).max()) / 2 + 0.35
    return float(centre[0]), float(centre[1]), math.ceil(half * 4) / 4  # steps keep edges from swimming
