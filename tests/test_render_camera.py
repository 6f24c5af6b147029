"""Cameras: projection and picking rays agree, framing holds what it should, the right GL binding is chosen."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.render.camera import Camera, Lens, VideoCamera, ViewPreset, project, ray
from genmo_studio.render.labels import grid_labels
from genmo_studio.render.motion_scene import fitted
from genmo_studio.render.platform import ContextMaker, choose_platform

SIZE = (1280, 720)
coordinates = st.floats(-3, 3)
points = st.tuples(coordinates, coordinates, coordinates)
cameras = st.builds(
    Camera,
    target=points,
    yaw=st.floats(-math.pi, math.pi),
    pitch=st.floats(-1.5, 1.5),
    distance=st.floats(0.5, 20),
    fov=st.floats(0.2, 1.6),
    lens=st.sampled_from(Lens),
)


@given(camera=cameras, point=points)
def test_the_ray_through_a_projected_point_passes_it(camera, point):
    x, y, depth = project(point, camera, SIZE)
    if not (math.isfinite(x) and abs(depth) < 1 and abs(x) < 1e5 and abs(y) < 1e5):
        return
    origin, direction = ray((x, y), camera, SIZE)
    offset = np.array(point) - origin
    assert np.linalg.norm(offset - direction * (offset @ direction)) < 1e-5
    assert offset @ direction > -1e-6


@given(camera=cameras)
def test_the_target_is_in_the_middle_and_right_is_right(camera):
    np.testing.assert_allclose(project(camera.target, camera, SIZE)[:2], [640, 360], atol=1e-6)
    right, up, backward = camera.axes()
    np.testing.assert_allclose(np.cross(right, up), backward, atol=1e-12)
    shifted = project(np.array(camera.target) + 0.1 * right + 0.05 * up, camera, SIZE)
    assert shifted[0] > 640
    assert shifted[1] < 360


@given(camera=cameras, moved=st.tuples(st.floats(-300, 300), st.floats(-300, 300)))
def test_panning_carries_the_target_with_the_pointer(camera, moved):
    panned = camera.pan(dx=moved[0], dy=moved[1], height=SIZE[1])
    seen = project(camera.target, panned, SIZE)
    np.testing.assert_allclose(seen[:2], [640 + moved[0], 360 + moved[1]], atol=1e-6)


@given(camera=cameras, centre=points, radius=st.floats(0.2, 5), aspect=st.floats(0.4, 3))
def test_a_framed_sphere_is_whole_in_the_picture(camera, centre, radius, aspect):
    framed = camera.framing(centre, radius, aspect=aspect)
    if framed.lens is Lens.ORTHOGRAPHIC:
        return
    size = (int(1000 * aspect), 1000)
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(200, 3))
    surface = np.array(centre) + radius * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    seen = project(surface, framed, size)[:, :2]
    assert (seen > -1).all()
    assert (seen < np.array(size) + 1).all()


@settings(max_examples=50)
@given(camera=cameras, cloud=st.lists(points, min_size=2, max_size=20), aspect=st.floats(0.4, 3))
def test_fitting_holds_every_point_and_wastes_no_room(camera, cloud, aspect):
    cloud = np.array(cloud)
    camera = Camera(yaw=camera.yaw, pitch=camera.pitch, fov=max(camera.fov, 0.3))
    close = fitted(camera, cloud, aspect=aspect, margin=1.1)
    clip = project(cloud, close, (2000, 2000 / aspect))[:, :2] / [1000, 1000 / aspect] - 1
    assert np.abs(clip).max() < 1 / 1.1 + 1e-6
    nearest = (cloud @ close.backward()).max()
    if (close.eye() @ close.backward() - nearest) > 0.301 and close.distance > 0.501:
        assert np.abs(clip).max() > 1 / 1.1 - 1e-6


def test_a_video_camera_puts_points_where_its_intrinsics_say():
    intrinsics = np.array([[900.0, 0, 620], [0, 880, 380], [0, 0, 1]])
    turn = np.array([[0.96, 0, 0.28], [0, -1, 0], [0.28, 0, -0.96]])
    world_to_camera = np.eye(4)
    world_to_camera[:3, :3], world_to_camera[:3, 3] = turn, [0.1, 0.9, 4.0]
    camera = VideoCamera(intrinsics=intrinsics, image_size=(1280, 720), world_to_camera=world_to_camera)
    world = np.array([[0, 0.9, 0], [0.4, 1.5, 0.3], [-0.5, 0.1, -0.4]])
    seen = world @ turn.T + world_to_camera[:3, 3]
    expected = (seen / seen[:, 2:]) @ intrinsics.T
    np.testing.assert_allclose(project(world, camera, (1280, 720))[:, :2], expected[:, :2], atol=1e-9)
    # In a square view the image is letterboxed: half as wide, centred between bars.
    boxed = project(world, camera, (640, 640))[:, :2]
    np.testing.assert_allclose(boxed, expected[:, :2] / 2 + [0, 140], atol=1e-9)


def test_presets_look_from_where_they_say():
    for preset, axis in ((ViewPreset.FRONT, [0, 0, 1]), (ViewPreset.LEFT, [1, 0, 0]), (ViewPreset.TOP, [0, 1, 0])):
        np.testing.assert_allclose(Camera().preset(preset).backward(), axis, atol=0.01)


@given(camera=cameras)
def test_grid_labels_stand_on_their_metre_inside_the_picture_and_apart(camera):
    labels = grid_labels(camera, SIZE)
    for axis in (0, 2):
        mine = [label for label in labels if label.axis == axis]
        for label in mine:
            place = np.zeros(3)
            place[axis] = float(label.text.removesuffix(" m"))
            np.testing.assert_allclose([label.x, label.y], project(place, camera, SIZE)[:2], atol=1e-9)
            assert 0 <= label.x <= SIZE[0]
            assert 0 <= label.y <= SIZE[1]
        for one, other in pairwise(mine):
            assert math.hypot(one.x - other.x, one.y - other.y) >= 35


def test_the_usual_view_shows_metres():
    assert {label.text for label in grid_labels(Camera(), SIZE)} >= {"1 m", "-1 m"}


@pytest.mark.parametrize(
    ("maker", "system", "qt", "environment", "expected"),
    [
        (ContextMaker.OFFSCREEN, "linux", "", {}, "egl"),
        (ContextMaker.OFFSCREEN, "win32", "", {}, None),
        (ContextMaker.QT, "linux", "xcb", {"DISPLAY": ":0"}, "glx"),
        (ContextMaker.QT, "linux", "xcb", {"QT_XCB_GL_INTEGRATION": "xcb_egl"}, "egl"),
        (ContextMaker.QT, "linux", "", {"WAYLAND_DISPLAY": "wayland-0"}, "egl"),
        (ContextMaker.QT, "linux", "", {"WAYLAND_DISPLAY": "wayland-0", "QT_QPA_PLATFORM": "xcb"}, "glx"),
        (ContextMaker.QT, "darwin", "cocoa", {}, None),
    ],
)
def test_pyopengl_is_told_the_binding_of_the_context(maker, system, qt, environment, expected):
    assert choose_platform(maker, system=system, qt_platform=qt, environment=environment) == expected
