"""The passes of one picture. Each owns its programs and buffers and is made anew after a lost context.

All fragments are premultiplied by their opacity; blending is ONE, ONE_MINUS_SRC_ALPHA throughout.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.render import gl
from genmo_studio.render.camera import Camera, Lens, Matrix, Size, View, letterbox
from genmo_studio.render.gl import GL
from genmo_studio.render.scene import (
    Backdrop,
    Colour,
    Depth,
    Ground,
    Lines,
    Material,
    Points,
    Prop,
    Scene,
    SkinnedBody,
    Surface,
)
from genmo_studio.render.shadow import LIGHT, ShadowPass
from genmo_studio.render.uploads import MeshStore, bind_offsets, bone_rows, prop_rows


def linear(colour: Colour | NDArray[np.float32]) -> NDArray[np.float32]:
    """SRGB 0..1 to nearly linear light: squares, which the shaders undo with a root."""
    return np.square(np.clip(np.asarray(colour, np.float32), 0.0, 1.0))


class Frame(msgspec.Struct, frozen=True):
    """What every pass needs to know about the picture being drawn."""

    view_projection: Matrix
    eye: NDArray[np.float64]
    eye_direction: tuple[float, float, float, float]
    focus: NDArray[np.float64]
    size: Size
    pixel_ratio: float = 1.0
    """device pixels a logical pixel"""

    @property
    def below(self) -> bool:
        """Whether one looks from under the floor."""
        return (self.eye_direction[1] if self.eye_direction[3] else float(self.eye[1])) < 0.0

    @staticmethod
    def of(camera: View, size: Size, *, pixel_ratio: float = 1.0) -> "Frame":
        """Frame of a camera for a picture of ``size`` pixels."""
        view = camera.view_matrix()
        rotation = view[:3, :3]
        parallel = isinstance(camera, Camera) and camera.lens is Lens.ORTHOGRAPHIC
        x, y, z = (float(value) for value in rotation[2])
        return Frame(
            view_projection=camera.projection_matrix(size) @ view,
            eye=-rotation.T @ view[:3, 3],
            eye_direction=(x, y, z, 1.0 if parallel else 0.0),
            focus=camera.focus_point(),
            size=size,
            pixel_ratio=pixel_ratio,
        )


class BodyPass:
    """Skinned bodies and props."""

    def __init__(self) -> None:
        self._programs = {surface: gl.Program("body", define=surface.name) for surface in Surface}

    def begin(self, frame: Frame, shadow: ShadowPass, ground: Ground | None = None) -> None:
        """Hand over what all bodies share. What lies behind the floor is veiled by it."""
        veil = 0.0 if ground is None else ground.fill * (0.25 if frame.below else 0.72)
        for program in self._programs.values():
            program.use()
            program.set(
                view_projection=frame.view_projection,
                eye=frame.eye,
                eye_direction=frame.eye_direction,
                light=LIGHT,
                shadow_frame=shadow.frame,
                floor_veil=(-1.0 if frame.below else 1.0, veil),
            )
            program.set_sampler("shadow_map", 1)
        shadow.raw.bind(1)

    def body(self, body: SkinnedBody, meshes: MeshStore, *, coarse: bool = False) -> None:
        """Draw one instance; see-through ones first fill the depth so that only their front shows."""
        array = meshes.of(body.mesh)
        bind_offsets(array, body)
        tints = np.zeros((24, 4), np.float32)
        if body.tint is not None:
            tints[:, :3], tints[:, 3] = linear(body.tint[:, :3]), body.tint[:, 3]
        program = self._program(body.surface, body.material, opacity=body.opacity)
        program.set_vec4_array("tints", tints)
        program.set_vec4_array("bones", bone_rows(body.transforms))
        GL.glEnable(GL.GL_CULL_FACE)  # bodies are closed and wound outwards; half the triangles need no shading
        see_through = body.opacity < 1.0 or body.surface is Surface.GHOST
        _draw(array.draw_coarse if coarse else array.draw_triangles, see_through=see_through)
        GL.glDisable(GL.GL_CULL_FACE)

    def prop(self, prop: Prop, meshes: MeshStore) -> None:
        """Draw a prop."""
        array = meshes.of(prop.mesh)
        array.without(5, (0.0, 0.0, 0.0, 1.0))
        material = Material(primary=prop.colour, secondary=prop.colour)
        program = self._program(Surface.SUIT, material, opacity=prop.opacity)
        program.set_vec4_array("tints", np.zeros((24, 4), np.float32))
        program.set_vec4_array("bones", prop_rows(prop))
        _draw(array.draw_triangles, see_through=prop.opacity < 1.0)

    def _program(self, surface: Surface, material: Material, *, opacity: float) -> gl.Program:
        program = self._programs[surface]
        program.use()
        program.set(
            primary=linear(material.primary),
            secondary=linear(material.secondary),
            rim=linear(material.rim),
            opacity=opacity,
        )
        return program

    def release(self) -> None:
        """Delete its GL objects."""
        for program in self._programs.values():
            program.release()


def _draw(draw: Callable[[], None], *, see_through: bool) -> None:
    if not see_through:
        draw()
        return
    GL.glColorMask(0, 0, 0, 0)
    draw()
    GL.glColorMask(1, 1, 1, 1)
    GL.glDepthFunc(GL.GL_LEQUAL)
    GL.glEnable(GL.GL_BLEND)
    draw()
    GL.glDisable(GL.GL_BLEND)
    GL.glDepthFunc(GL.GL_LESS)


class BackdropPass:
    """Gradient behind everything and, when given, a picture."""

    def __init__(self) -> None:
        self._gradient, self._image = gl.Program("backdrop"), gl.Program("backdrop", define="PICTURE")
        self._screen = gl.VertexArray()
        self._texture = gl.Texture()
        self._shown: NDArray[np.uint8] | None = None

    def draw(self, scene: Scene, frame: Frame, camera: View) -> None:
        """Fill the whole picture; drawn first and without depth, which software GL does fastest."""
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_BLEND)
        self._gradient.use()
        self._gradient.set(rectangle=(-1.0, -1.0, 1.0, 1.0), top=scene.background_top, bottom=scene.background_bottom)
        self._screen.draw_strip(4)
        if scene.backdrop is not None:
            self._picture(scene.backdrop, frame, camera)
        GL.glDisable(GL.GL_BLEND)
        GL.glEnable(GL.GL_DEPTH_TEST)

    def _picture(self, backdrop: Backdrop, frame: Frame, camera: View) -> None:
        if self._shown is not backdrop.image:
            self._texture.upload(backdrop.image)
            self._shown = backdrop.image
        image_size = getattr(camera, "image_size", None) or self._texture.size
        self._texture.bind(0)
        GL.glEnable(GL.GL_BLEND)
        self._image.use()
        self._image.set_sampler("image", 0)
        self._image.set(rectangle=letterbox(image_size, frame.size), opacity=backdrop.opacity)
        self._screen.draw_strip(4)

    def release(self) -> None:
        """Delete its GL objects."""
        for thing in (self._gradient, self._image, self._screen, self._texture):
            thing.release()


class GroundPass:
    """Grid, axes, pool of light and shadow on the floor."""

    def __init__(self) -> None:
        self._program, self._shadow = gl.Program("ground"), gl.Program("ground", define="SHADOW")
        self._quad = gl.VertexArray()

    def floor(self, ground: Ground, frame: Frame) -> None:
        """Blend grid, axes and pool of light over the background; nothing that depends on the bodies."""
        GL.glDepthMask(GL.GL_FALSE)
        GL.glEnable(GL.GL_BLEND)
        distance = float(np.linalg.norm(frame.eye - frame.focus))
        reach = max(ground.reach, 2.2 * distance)
        self._program.use()
        self._program.set(
            view_projection=frame.view_projection,
            centre=frame.focus[[0, 2]],
            half_size=reach,
            reach=reach,
            grid=ground.grid,
            fill=ground.fill,
            thickness=frame.pixel_ratio,
            from_below=1.0 if frame.below else 0.0,
        )
        self._quad.draw_strip(4)
        GL.glDepthMask(GL.GL_TRUE)

    def shadow(self, ground: Ground, frame: Frame, shadow: ShadowPass) -> None:
        """Darken the floor where the bodies keep the light away; one does not see it from below."""
        if frame.below or ground.shadow <= 0.0:
            return
        GL.glDepthMask(GL.GL_FALSE)
        GL.glEnable(GL.GL_BLEND)
        shadow.blurred.bind(2)
        self._shadow.use()
        self._shadow.set_sampler("shadow_blurred", 2)
        self._shadow.set(
            view_projection=frame.view_projection,
            centre=shadow.frame[:2],
            half_size=shadow.frame[2],
            shadow=ground.shadow,
        )
        self._quad.draw_strip(4)
        GL.glDepthMask(GL.GL_TRUE)

    def release(self) -> None:
        """Delete its GL objects."""
        for thing in (self._program, self._shadow, self._quad):
            thing.release()


class StrokePass:
    """Lines and points, as instanced rectangles on screen."""

    def __init__(self) -> None:
        self._line, self._point = gl.Program("line"), gl.Program("point")
        self._line_array, self._point_array = gl.VertexArray(), gl.VertexArray()

    def draw(self, strokes: Sequence[Lines | Points], frame: Frame, *, depth: Depth) -> None:
        """Draw those of the given depth behaviour, in order."""
        GL.glEnable(GL.GL_BLEND)
        GL.glDepthMask(GL.GL_FALSE)
        (GL.glEnable if depth is Depth.TESTED else GL.glDisable)(GL.GL_DEPTH_TEST)
        for stroke in strokes:
            if stroke.depth is depth:
                self._stroke(stroke, frame)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(GL.GL_TRUE)

    def _stroke(self, stroke: Lines | Points, frame: Frame) -> None:
        if isinstance(stroke, Lines):
            program, array, width, count = self._line, self._line_array, stroke.width, len(stroke.segments)
            values = [stroke.segments[:, 0], stroke.segments[:, 1], stroke.colours]
        else:
            program, array, width, count = self._point, self._point_array, stroke.size, len(stroke.positions)
            values = [stroke.positions, stroke.colours]
        if count == 0:
            return
        program.use()
        program.set(
            view_projection=frame.view_projection,
            size=[float(side) for side in frame.size],
            width=width * frame.pixel_ratio,
        )
        for slot, value in enumerate(values):
            array.attribute(slot, np.asarray(value, np.float32), divisor=1)
        array.draw_strip(4, instances=count)

    def release(self) -> None:
        """Delete its GL objects."""
        for thing in (self._line, self._point, self._line_array, self._point_array):
            thing.release()
