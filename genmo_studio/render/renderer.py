"""Draws a Scene with a GL 3.3 core context that somebody else owns and has made current."""

from genmo_studio.render import gl
from genmo_studio.render.camera import Size, View
from genmo_studio.render.gl import GL
from genmo_studio.render.layers import StillLayer
from genmo_studio.render.passes import BackdropPass, BodyPass, Frame, GroundPass, StrokePass
from genmo_studio.render.scene import Depth, Lines, Points, Scene, SkinnedBody, Surface
from genmo_studio.render.shadow import ShadowPass
from genmo_studio.render.uploads import MeshStore


class _Resources:
    """All GL objects of one context."""

    def __init__(self) -> None:
        self.meshes = MeshStore()
        self.shadow = ShadowPass()
        self.bodies = BodyPass()
        self.backdrop = BackdropPass()
        self.ground = GroundPass()
        self.strokes = StrokePass()
        self.still = StillLayer()

    def release(self) -> None:
        for part in (self.meshes, self.shadow, self.bodies, self.backdrop, self.ground, self.strokes, self.still):
            part.release()


class Renderer:
    """Stateless but for GL objects; call every method with the same context current.

    After a lost context call ``forget`` (nothing can be deleted any more) or ``release`` (while the old context is
    still current) and then ``initialise`` again.
    """

    def __init__(self) -> None:
        self._resources: _Resources | None = None

    @property
    def ready(self) -> bool:
        """Whether ``initialise`` has run for the present context."""
        return self._resources is not None

    def initialise(self) -> None:
        """Compile shaders and make buffers. Raises gl.GLError with the reason when the driver cannot."""
        version = (int(GL.glGetIntegerv(GL.GL_MAJOR_VERSION)), int(GL.glGetIntegerv(GL.GL_MINOR_VERSION)))
        if version < (3, 3):
            raise gl.GLError(
                f"The 3D view needs OpenGL 3.3, and this graphics driver offers {version[0]}.{version[1]}. "
                "Everything but the 3D view works; update the graphics driver to see the motion."
            )
        self._resources = _Resources()
        gl.state_for_guest()
        gl.raise_errors("setting up the 3D view")

    def draw(self, scene: Scene, camera: View, *, size: Size, framebuffer: int, pixel_ratio: float = 1.0) -> None:
        """Draw into ``framebuffer`` (which must have a depth buffer), ``size`` in device pixels.

        Widths of lines and points are logical pixels: ``pixel_ratio`` device pixels each.
        Leaves ``framebuffer`` bound and the rest of the GL state at its defaults.
        """
        resources = self._resources
        if resources is None:
            raise RuntimeError("Renderer.draw was called before initialise")
        width, height = size
        if width < 1 or height < 1:
            return
        resources.meshes.tick()
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        resources.shadow.draw(scene, resources.meshes)

        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)
        GL.glViewport(0, 0, width, height)
        GL.glClearDepth(1.0)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
        GL.glDepthFunc(GL.GL_LESS)
        frame = Frame.of(camera, size, pixel_ratio=pixel_ratio)
        self._draw_still(resources, scene, camera, frame, framebuffer)
        self._draw_moving(resources, scene, frame)
        gl.state_for_guest()

    def _draw_still(self, resources: _Resources, scene: Scene, camera: View, frame: Frame, framebuffer: int) -> None:
        """Background and floor: what depends on the camera only, not on the moment."""

        def paint() -> None:
            GL.glDisable(GL.GL_DEPTH_TEST)
            resources.backdrop.draw(scene, frame, camera)
            if scene.ground is not None:
                resources.ground.floor(scene.ground, frame)

        if scene.backdrop is not None or int(GL.glGetIntegerv(GL.GL_SAMPLES)) > 0:
            paint()  # a picture of a video is another one each time, and a copy cannot fill several samples a pixel
            return
        key = (frame.view_projection.tobytes(), frame.pixel_ratio, scene.ground, scene.background_top,
               scene.background_bottom)  # fmt: skip
        resources.still.draw(key, paint, size=frame.size, framebuffer=framebuffer)

    def _draw_moving(self, resources: _Resources, scene: Scene, frame: Frame) -> None:
        solid = [body for body in scene.bodies if not _see_through(body)]
        ghosts = sorted((body for body in scene.bodies if _see_through(body)), key=lambda body: -_depth(body, frame))
        GL.glDisable(GL.GL_DEPTH_TEST)
        if scene.ground is not None:
            resources.ground.shadow(scene.ground, frame, resources.shadow)
        GL.glDisable(GL.GL_BLEND)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glEnable(GL.GL_DEPTH_TEST)
        resources.bodies.begin(frame, resources.shadow, scene.ground)
        for body in solid:
            resources.bodies.body(body, resources.meshes)
        for prop in scene.props:
            resources.bodies.prop(prop, resources.meshes)
        strokes: tuple[Lines | Points, ...] = (*scene.lines, *scene.points)
        resources.strokes.draw(strokes, frame, depth=Depth.TESTED)
        if ghosts:
            resources.bodies.begin(frame, resources.shadow, scene.ground)
            for body in ghosts:
                resources.bodies.body(
                    body, resources.meshes, coarse=scene.coarse_ghosts and body is not scene.bodies[0]
                )
        resources.strokes.draw(strokes, frame, depth=Depth.ON_TOP)

    def release(self) -> None:
        """Delete all GL objects; the context must be current."""
        if self._resources is not None:
            self._resources.release()
            self._resources = None

    def forget(self) -> None:
        """Drop all GL objects without touching GL, after their context is gone."""
        self._resources = None


def _see_through(body: SkinnedBody) -> bool:
    return body.opacity < 1.0 or body.surface is Surface.GHOST


def _depth(body: SkinnedBody, frame: Frame) -> float:
    """Depth of the pelvis after projection; larger is farther."""
    clip = frame.view_projection @ [*body.joint_positions()[0], 1.0]
    return float(clip[2] / max(clip[3], 1e-6))
