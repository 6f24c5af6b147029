"""The renderer, off-screen on EGL: what it draws is measured in its pictures against the body's own mathematics."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genmo_studio.motion.body import Body, joint_positions, load_body, skin
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.render.camera import Camera, VideoCamera, project, ray
from genmo_studio.render.egl import EglContext, NoContextError
from genmo_studio.render.motion_scene import Display, MotionScene, polyline
from genmo_studio.render.offscreen import OffscreenContext
from genmo_studio.render.picking import PropError, load_prop, pick_body, posed_vertices
from genmo_studio.render.scene import Backdrop, Depth, Ground, Material, Points, Prop, Scene, Surface
from genmo_studio.render.strip import render_strip, spread_frames
from genmo_studio.values import replace

ROOT = Path(__file__).resolve().parent.parent
SIZE = (480, 480)
WHITE = Material(primary=(1.0, 1.0, 1.0), secondary=(1.0, 1.0, 1.0))


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def motion(body: Body) -> Motion:
    """Six bent poses of a heavy shape, feet on the floor, left foot at rest."""
    rng = np.random.default_rng(5)
    rotations = rng.normal(scale=0.22, size=(6, 24, 3)).astype(np.float32)
    rotations[0] = 0
    contacts = np.zeros((6, 6), np.float32)
    contacts[:, :2] = 1
    betas = np.zeros(10, np.float32)
    betas[:2] = [1.5, -1.0]
    made = Motion(rotations, np.zeros((6, 3), np.float32), betas=betas, contacts=contacts)
    translation = np.zeros((6, 3), np.float32)
    translation[:, 1] = -skin(body, made)[..., 1].min(axis=1)
    return replace(made, translation=translation)


@pytest.fixture(scope="module")
def context():
    with OffscreenContext() as made:
        yield made


def silhouette(scene: Scene) -> Scene:
    bodies = tuple(replace(each, surface=Surface.SILHOUETTE, material=WHITE, opacity=1.0) for each in scene.bodies)
    return replace(scene, bodies=bodies, ground=None, lines=(), points=())


def covered(picture: np.ndarray) -> np.ndarray:
    return picture.min(axis=2) > 150


def assert_outline(picture, vertices, camera):
    """Every vertex lies in the white shape, and the shape reaches exactly as far as the vertices do."""
    seen = project(vertices, camera, SIZE)[:, :2]
    rows, columns = np.nonzero(covered(picture))
    box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    np.testing.assert_allclose(box, [*seen.min(axis=0), *seen.max(axis=0)], atol=1.6)
    inside = np.clip(seen.round().astype(int), 1, SIZE[0] - 2)
    near = np.zeros(len(seen), bool)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            near |= covered(picture)[inside[:, 1] + dy, inside[:, 0] + dx]
    assert near.mean() > 0.995


@pytest.mark.parametrize("frame", [0, 3, 5])
def test_the_shader_skins_as_the_body_does(context, body, motion, frame):
    scene = MotionScene(body, motion)
    camera = scene.camera(aspect=1.0)
    picture = context.render(silhouette(scene.at(frame)), camera, *SIZE)
    assert_outline(picture, skin(body, motion)[frame], camera)


def test_pose_blend_shapes_reach_the_picture(context, body, motion):
    rng = np.random.default_rng(2)
    posed = replace(body, posedirs=rng.normal(scale=0.01, size=(len(body.v_template), 3, 207)).astype(np.float32))
    scene = MotionScene(posed, motion)
    instance = scene.at(4).bodies[0]
    np.testing.assert_allclose(posed_vertices(instance), skin(posed, motion)[4], atol=2e-3)
    camera = scene.camera(aspect=1.0)
    plain = context.render(silhouette(MotionScene(body, motion).at(4)), camera, *SIZE)
    assert (covered(context.render(silhouette(scene.at(4)), camera, *SIZE)) != covered(plain)).sum() > 200


def test_the_body_casts_a_shadow_and_stands_on_it(context, body, motion):
    scene = MotionScene(body, motion)
    camera = Camera()
    with_shadow = context.render(scene.at(0), camera, *SIZE).astype(int)
    without = context.render(scene.at(0, Display(ground=Ground(shadow=0.0))), camera, *SIZE).astype(int)
    darker = (without - with_shadow).sum(axis=2)
    assert darker.min() == 0  # a shadow only takes light away
    assert (darker > 20).sum() > 1500
    foot = joint_positions(motion, body)[0, INDEX["left_foot"]] * [1, 0, 1] + [0.09, 0.0, 0.02]
    x, y = project(foot, camera, SIZE)[:2].astype(int)
    assert darker[y, x] > 10


def test_contacts_tint_the_foot_that_is_at_rest(context, body, motion):
    scene = MotionScene(body, motion)
    camera = Camera(target=(0.0, 0.1, 0.1), yaw=0.0, pitch=0.4, distance=1.4)
    picture = context.render(scene.at(0), camera, *SIZE).astype(int)
    plain = context.render(scene.at(0, Display(contacts=False)), camera, *SIZE).astype(int)
    joints = project(joint_positions(motion, body)[0], camera, SIZE)[:, :2].astype(int)
    greener = (picture - plain)[..., 1] - (picture - plain)[..., 0]
    left, right = joints[INDEX["left_foot"]], joints[INDEX["right_foot"]]
    assert greener[left[1], left[0]] > 40
    assert greener[right[1], right[0]] == 0


def test_ghosts_let_the_background_through_and_lines_respect_depth(context, body, motion):
    scene = MotionScene(body, motion)
    camera = scene.camera(aspect=1.0)
    empty = context.render(Scene(ground=None), camera, *SIZE).astype(int)
    ghosts = context.render(replace(scene.at(2, Display(body=False, ghosts=(-2,))), ground=None), camera, *SIZE).astype(
        int
    )
    changed = np.abs(ghosts - empty).max(axis=2)
    shape = changed > 6
    assert shape.sum() > 3000
    assert ghosts[shape].mean() < 0.6 * 255

    spine = joint_positions(motion, body)[0, INDEX["spine2"]].astype(np.float32)
    x, y = project(spine, camera, SIZE)[:2].round().astype(int)
    for depth, red in ((Depth.TESTED, False), (Depth.ON_TOP, True)):
        dot = Points(positions=spine[None], colours=np.array([[1, 0, 0, 1]], np.float32), size=9, depth=depth)
        line = replace(
            polyline(spine + np.array([[-0.1, 0, 0], [0.1, 0, 0]], np.float32), colour=(1, 0, 0), opacity=1, width=5),
            depth=depth,
        )
        for stroke in ({"points": (dot,)}, {"lines": (line,)}):
            drawn = context.render(replace(scene.at(0), **stroke), camera, *SIZE)[y, x].astype(int)
            assert (drawn[0] > 200 and drawn[1] < 60) == red


def test_a_video_frame_lies_behind_the_body_where_its_camera_says(context, body, motion):
    image = np.zeros((90, 160, 3), np.uint8)
    image[..., 0] = np.linspace(20, 220, 160, dtype=np.uint8)
    image[..., 2] = np.linspace(20, 220, 90, dtype=np.uint8)[:, None]
    view = np.diag([1.0, -1.0, -1.0, 1.0])
    view[:3, 3] = [0.3, 0.9, 3.0]
    camera = VideoCamera(np.array([[150.0, 0, 80], [0, 150, 45], [0, 0, 1]]), (160, 90), view)
    scene = replace(silhouette(MotionScene(body, motion).at(0)), backdrop=Backdrop(image))
    picture = context.render(scene, camera, 640, 400)
    assert np.abs(picture[25:375, 4:100].astype(int) - np.kron(image, np.ones((4, 4, 1)))[5:355, 4:100]).max() <= 8
    seen = project(skin(body, motion)[0], camera, (640, 400))[:, :2]
    _, columns = np.nonzero(picture[20:380, :, 1] > 150)
    np.testing.assert_allclose([columns.min(), columns.max() + 1], [seen[:, 0].min(), seen[:, 0].max()], atol=2)


def test_a_lost_context_is_made_again_with_the_same_picture(body, motion):
    from genmo_studio.render import gl
    from genmo_studio.render.renderer import Renderer

    scene = MotionScene(body, motion)
    shown = scene.at(1, Display(skeleton=True, ghosts=(2,), root_path=True, trails=(20,)))
    with OffscreenContext(samples=0) as first:
        before = first.render(shown, Camera(), 200, 160)
    with OffscreenContext(samples=0) as again:
        np.testing.assert_array_equal(again.render(shown, Camera(), 200, 160), before)
        renderer = Renderer()
        renderer.initialise()
        renderer.release()
        assert not renderer.ready
        renderer.initialise()
        again.render(shown, Camera(), 200, 160)
        target = again._targets[0].id
        renderer.draw(shown, Camera(), size=(200, 160), framebuffer=target)
        for capability in (gl.GL.GL_DEPTH_TEST, gl.GL.GL_BLEND, gl.GL.GL_CULL_FACE, gl.GL.GL_SCISSOR_TEST):
            assert not gl.GL.glIsEnabled(capability)
        for name, value in (
            (gl.GL.GL_CURRENT_PROGRAM, 0),
            (gl.GL.GL_VERTEX_ARRAY_BINDING, 0),
            (gl.GL.GL_DRAW_FRAMEBUFFER_BINDING, target),
            (gl.GL.GL_DEPTH_WRITEMASK, 1),
        ):
            assert int(gl.GL.glGetIntegerv(name)) == value
        gl.raise_errors("a test")
        renderer.release()


def test_many_sizes_and_an_empty_scene(context):
    for size in ((1, 1), (17, 301), (640, 2), (64, 64)):
        assert context.render(Scene(), Camera(), *size).shape == (size[1], size[0], 3)
    with pytest.raises(ValueError, match="sides must be 1 to"):
        context.render(Scene(), Camera(), 100_000, 10)


def test_without_a_driver_the_reason_is_one_sentence(monkeypatch):
    def missing(*_):
        raise OSError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(NoContextError, match=r"no EGL library was found\. On Debian"):
        EglContext()


def test_picking_names_the_joint_under_the_pointer(body, motion):
    scene = MotionScene(body, motion)
    shown, camera = scene.at(0), scene.camera(aspect=1.0)
    joints = scene.joints(0)
    for name, toward, expected in (
        ("left_elbow", "left_wrist", {"left_elbow"}),
        ("right_knee", "right_ankle", {"right_knee"}),
        ("head", "head", {"head", "neck"}),
    ):
        place = joints[INDEX[name]] * 0.5 + joints[INDEX[toward]] * 0.5
        hit = pick_body(shown, *ray(project(place, camera, SIZE)[:2], camera, SIZE))
        assert hit is not None
        assert hit.joint in {INDEX[each] for each in expected}
        assert np.linalg.norm(hit.position - place) < 0.2
    assert pick_body(shown, *ray((3.0, 3.0), camera, SIZE)) is None


def test_props_are_drawn_and_bad_files_are_refused(context, tmp_path):
    box = tmp_path / "box.obj"
    corners = [(x, y, z) for x in (-0.3, 0.3) for y in (0, 0.6) for z in (-0.3, 0.3)]
    quads = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
    lines = ["v " + " ".join(map(str, corner)) for corner in corners] + ["f " + " ".join(map(str, q)) for q in quads]
    box.write_text("mtllib ../../../etc/passwd\n" + "\n".join(lines) + "\n")
    prop = load_prop(box)
    assert prop.faces.shape == (12, 3)
    empty = context.render(Scene(), Camera(), *SIZE).astype(int)
    drawn = context.render(Scene(props=(Prop(prop),)), Camera(), *SIZE).astype(int)
    assert (np.abs(drawn - empty).max(axis=2) > 20).sum() > 5000
    for name, content in (
        ("a.obj", b"not a mesh"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 99999999999\nend_header\n"),
        ("a.glb", b"glTF" + bytes(40)),
        ("a.obj", b"v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
        ("a.exe", b""),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PropError):
            load_prop(tmp_path / name)
    with pytest.raises(PropError):
        load_prop(tmp_path / "missing.obj")


def test_a_strip_shows_each_pose_at_one_scale(context, body, motion):
    picture = render_strip(motion, body, frames=[0, 0, 5], width_each=90, height=160, context=context)
    assert picture.shape == (160, 270, 3)
    np.testing.assert_array_equal(picture[:, :90], picture[:, 90:180])
    assert (picture[:, 180:] != picture[:, :90]).any()
    assert spread_frames(10, 4) == [0, 3, 6, 9]
    assert spread_frames(2, 9) == [0, 1]


def test_the_strip_command_needs_no_display(tmp_path, motion):
    (tmp_path / "take.npz").write_bytes(motion.to_bytes())
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DISPLAY", "WAYLAND_DISPLAY", "PYOPENGL_PLATFORM", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, "-W", "error", "-m", "genmo_studio.render.strip", "take.npz", "out.png", "--poses", "2"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.png").read_bytes()[16:24] == (400).to_bytes(4) + (360).to_bytes(4)


def test_plain_maths_and_exports_load_no_opengl(tmp_path):
    code = (
        "import sys, genmo_studio.render.camera, genmo_studio.render.motion_scene, genmo_studio.render.picking, "
        "genmo_studio.export.report; print([m for m in ('OpenGL', 'torch', 'av', 'trimesh', 'PySide6') "
        "if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
