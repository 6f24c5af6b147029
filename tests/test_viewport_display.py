"""What the viewport shows around the character, and how the hand moves the camera: values in, values out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as put

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import BodySettings
from genmo_studio.motion.body import load_body, skin
from genmo_studio.motion.fitting import fitted_to, pelvis_height
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.render.camera import Camera, Lens, ViewPreset, project, ray
from genmo_studio.render.labels import GridLabel, grid_labels
from genmo_studio.render.motion_scene import GHOST_AFTER, GHOST_BEFORE, MotionScene
from genmo_studio.render.scene import Surface
from genmo_studio.ui.theme import DARK
from genmo_studio.ui.viewport import gizmo, overlays
from genmo_studio.ui.viewport.display import (
    MAX_GHOSTS_A_SIDE,
    MAX_REACH,
    PICKED,
    Display,
    GhostRule,
    Mode,
    Option,
    from_json,
    to_json,
)
from genmo_studio.ui.viewport.hud import label_boxes
from genmo_studio.ui.viewport.navigation import BLENDER, INDUSTRY, Button, Modifier, Motive, drag
from genmo_studio.ui.viewport.pick import pick
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.worn import Wardrobe
from genmo_studio.values import replace
from tests.window_document import walking, window_document

BODY = load_body("genmo-free")
SIZE = (800, 600)

cameras = st.builds(
    Camera,
    target=st.tuples(*[st.floats(-5, 5)] * 3),
    yaw=st.floats(-3.1, 3.1),
    pitch=st.floats(-1.5, 1.5),
    distance=st.floats(0.5, 30),
    lens=st.sampled_from(Lens),
)


def picture(display: Display | None = None) -> Picture:
    document, _ = window_document()
    made = Picture(BODY, DARK)
    made.show_document(document, selection=frozenset())
    made.show_motion(ShownMotion(walking(), 0))
    made.display = display or Display()
    return made


def test_vp1_presets_move_the_camera_as_their_programs_do() -> None:
    """VP1, HD5: every move of a preset can also be made with the left button alone (pens and touchpads)."""
    assert BLENDER.motive(Button.MIDDLE, Modifier.NONE) is Motive.ORBIT
    assert BLENDER.motive(Button.MIDDLE, Modifier.SHIFT) is Motive.PAN
    assert BLENDER.motive(Button.LEFT, Modifier.NONE) is None, "left only selects"
    assert INDUSTRY.motive(Button.RIGHT, Modifier.ALT) is Motive.ZOOM
    for preset in (INDUSTRY, BLENDER):
        with_left = {motive for (button, _), motive in preset.drags.items() if button is Button.LEFT}
        assert with_left == set(Motive), preset.name


@given(cameras, st.tuples(*[st.floats(-3, 3)] * 3), st.floats(-300, 300), st.floats(-200, 200))
def test_vp4_an_orbit_leaves_its_pivot_where_it_is(camera: Camera, pivot, dx: float, dy: float) -> None:
    turned = drag(camera, Motive.ORBIT, dx=dx, dy=dy, height=SIZE[1], pivot=pivot)
    before, after = (each.view_matrix() @ [*pivot, 1.0] for each in (camera, turned))
    np.testing.assert_allclose(after, before, atol=1e-9)


def test_vp3_gizmo_sides_lens_and_lock_are_where_they_are_drawn() -> None:
    width, camera = 640.0, Camera()
    for knob in gizmo.knobs(camera, width=width):
        found = gizmo.hit(camera, knob.x, knob.y, width=width)
        nearer = [k for k in gizmo.knobs(camera, width=width) if k.depth > knob.depth]
        covered = any(np.hypot(k.x - knob.x, k.y - knob.y) <= gizmo.KNOB + 1 for k in nearer)
        assert found is knob.side or covered
    assert gizmo.hit(camera, *gizmo.centre(width), width=width) is gizmo.Extra.LENS
    left, top, wide, high = gizmo.lock_place(width)
    assert gizmo.hit(camera, left + wide / 2, top + high / 2, width=width) is gizmo.Extra.LOCK
    assert gizmo.hit(camera, 20.0, 20.0, width=width) is None


@given(cameras, st.sampled_from(ViewPreset))
def test_vp3_a_side_turns_and_the_same_side_again_changes_the_lens(camera: Camera, side: ViewPreset) -> None:
    there = gizmo.pressed(camera, side)
    if not camera.shows(side):
        assert there.shows(side)
        assert there.lens is camera.lens
    again = gizmo.pressed(there, side)
    if there is not camera:
        assert again.lens is not there.lens or not there.shows(side)
    assert gizmo.pressed(again, None).lens is not again.lens


def test_vp3_the_orthographic_picture_keeps_the_size_of_what_one_looks_at() -> None:
    camera = Camera()
    right = camera.axes()[0]
    ends = np.stack([camera.focus_point() - right * 0.5, camera.focus_point() + right * 0.5])
    for each in (camera, camera.with_other_lens()):
        seen = project(ends, each, SIZE)
        assert seen[1, 0] - seen[0, 0] == pytest.approx(SIZE[1] / (2 * camera.distance * math.tan(camera.fov / 2)))
    ground = camera.at_ground()
    assert ground.eye()[1] == pytest.approx(0.12)


def test_vp5_labels_stand_on_their_metres() -> None:
    camera = Camera(distance=7.0)
    labels = grid_labels(camera, SIZE)
    assert len(labels) > 4
    for label in labels:
        place = np.zeros(3)
        place[label.axis] = float(label.text.removesuffix(" m"))
        np.testing.assert_allclose(project(place, camera, SIZE)[:2], [label.x, label.y], atol=1e-6)


def test_vp5_no_label_lies_over_another_or_over_the_character() -> None:
    """Near the horizon the metres of both axes come together: the nearer number stays."""
    labels = [
        GridLabel("-14 m", 748.0, 328.0, 2, 0.42), GridLabel("5 m", 741.0, 331.0, 0, 0.6),
        GridLabel("4 m", 300.0, 380.0, 0, 0.7), GridLabel("2 m", 400.0, 420.0, 0, 0.8),
        GridLabel("9 m", 90.0, 300.0, 2, 0.1),
    ]  # fmt: skip
    placed = list(label_boxes(labels, avoid=(380.0, 0.0, 480.0, 600.0), wide=lambda text: 7.0 * len(text), high=13.0))
    assert [label.text for label, _ in placed] == ["4 m", "5 m"]
    (_, first), (_, second) = placed
    assert not first.intersects(second)


@given(
    st.builds(
        Display,
        mode=st.sampled_from(Mode),
        options=st.frozensets(st.sampled_from(Option)),
        ghosts=st.sampled_from(GhostRule),
        ghost_step=st.integers(1, 60),
        ghost_count=st.integers(1, 8),
        trails=st.frozensets(st.sampled_from(["Head", "Hands", PICKED])),
        trail_before=st.integers(0, 240),
    )
)
def test_display_settings_survive_the_settings_file(display: Display) -> None:
    assert from_json(to_json(display)) == display


@pytest.mark.parametrize("text", [None, 3, "", "{", '{"mode": "holographic"}', '{"ghost_count": "many"}'])
def test_display_settings_that_cannot_be_read_give_the_usual_ones(text: object) -> None:
    assert from_json(text) == Display()


def test_display_settings_from_elsewhere_are_kept_within_their_limits() -> None:
    read = from_json('{"ghost_count": 100000, "ghost_step": -3, "trail_after": 1000000, "trails": ["Tail", "Head"]}')
    assert (read.ghost_count, read.ghost_step, read.trail_after) == (MAX_GHOSTS_A_SIDE, 1, MAX_REACH)
    assert read.trails == frozenset({"Head"})


@given(st.floats(0, 89), st.integers(1, 40), st.integers(1, 8), st.lists(st.integers(0, 89), unique=True))
def test_vp6_ghosts_stand_on_both_sides_and_fade(now: float, step: int, count: int, keys: list[int]) -> None:
    for rule in (GhostRule.STEP, GhostRule.KEYS):
        display = Display(ghosts=rule, ghost_step=step, ghost_count=count)
        ghosts = overlays.ghost_frames(display, now=now, frames=90, keys=sorted(keys))
        for side in (True, False):
            mine = [ghost for ghost in ghosts if ghost.before is side]
            assert len(mine) <= count
            away = [abs(ghost.frame - now) for ghost in mine]
            assert away == sorted(away), "the nearest first"
            assert [ghost.opacity for ghost in mine] == sorted((g.opacity for g in mine), reverse=True)
            assert all((ghost.frame < now) is side for ghost in mine if abs(ghost.frame - now) > 0.5)
            assert rule is GhostRule.STEP or all(ghost.frame in keys for ghost in mine)
    assert overlays.ghost_frames(Display(), now=now, frames=90, keys=keys) == ()


def test_vp6_ghosts_are_bodies_of_their_frames_in_two_colours() -> None:
    made = picture(Display(ghosts=GhostRule.STEP, ghost_step=12, ghost_count=2, options=frozenset()))
    scene = made.scene(45.0)
    ghosts = [body for body in scene.bodies if body.surface is Surface.GHOST]
    motion_scene = MotionScene(BODY, walking())
    for ghost, frame in zip(ghosts, (33, 21, 57, 69), strict=True):
        np.testing.assert_allclose(ghost.joint_positions(), motion_scene.joints(frame), atol=1e-5)
        assert ghost.material.primary == (GHOST_BEFORE if frame < 45 else GHOST_AFTER)
    made.display = put(made.display, ghost_limb=True)
    made.picked = (INDEX["left_elbow"],)
    limb = made.scene(45.0)
    assert [body.surface for body in limb.bodies] == [Surface.SUIT], "bones in the place of bodies"
    assert sum(len(lines.segments) for lines in limb.lines) == 4 * 4
    made.hurried = True
    assert not made.scene(45.0).lines
    assert any("graphics card" in note for note in made.notes())


def test_vp7_a_dot_a_frame_and_larger_ones_at_keys() -> None:
    display = Display(trails=frozenset({"Hands"}), trail_before=20, trail_after=10, options=frozenset())
    made = picture(display)
    scene = made.scene(44.0)
    hands = MotionScene(BODY, walking())
    dots, keys, now = scene.points
    assert dots.size < now.size <= keys.size
    assert len(dots.positions) + len(keys.positions) == 2 * 31
    assert len(keys.positions) == 2, "the key at frame 45"
    np.testing.assert_allclose(keys.positions, hands.joints(45)[[20, 21]], atol=1e-5)
    np.testing.assert_allclose(now.positions, hands.joints(44)[[20, 21]], atol=1e-5)
    (line,) = scene.lines
    steps = np.linalg.norm(line.segments[:, 1] - line.segments[:, 0], axis=1)
    assert steps.max() > 1.2 * steps.min(), "fast stretches have their dots far apart"
    made.display = put(display, trails=frozenset({PICKED}))
    assert not made.scene(44.0).points
    assert made.notes() == ("Click a joint to see its way",)
    made.picked = (15,)
    assert len(made.scene(44.0).points) == 4, "the head's way, and the dot that points it out"


@pytest.mark.parametrize("mode", list(Mode))
def test_vp8_modes_show_body_bones_or_one_flat_shape(mode: Mode) -> None:
    scene = picture(Display(mode=mode)).scene(10.0)
    skin_shown = [body for body in scene.bodies if body.surface is not Surface.GHOST]
    assert bool(skin_shown) is (mode is not Mode.SKELETON)
    bones = any(len(lines.segments) == 23 for lines in scene.lines)
    assert bones is (mode in (Mode.SKELETON, Mode.XRAY))
    if mode is Mode.SILHOUETTE:
        assert skin_shown[0].surface is Surface.SILHOUETTE
        assert len(scene.bodies) == 1, "no key poses beside the shape that is judged"
    if mode is Mode.XRAY:
        assert 0 < skin_shown[0].opacity < 1


@pytest.mark.parametrize("name", ["head", "left_wrist", "right_knee", "left_foot", "spine2"])
def test_vp9_the_joint_under_the_pointer_is_found(name: str) -> None:
    made = picture(Display(options=frozenset()))
    joints = made.joints(10.0)
    assert joints is not None
    camera = Camera(target=(0.0, 0.95, 0.3), yaw=0.6)
    scene = made.scene(10.0)
    x, y, _ = project(joints[INDEX[name]], camera, SIZE)
    found = pick(scene, camera, size=SIZE, at=(float(x), float(y)), joints=joints, bones=True)
    assert found is not None
    assert found.joint == INDEX[name]
    flesh = pick(scene, camera, size=SIZE, at=(float(x), float(y)), joints=joints, bones=False)
    assert flesh is not None
    assert flesh.body is scene.bodies[0]
    assert pick(scene, camera, size=SIZE, at=(5.0, 5.0), joints=joints, bones=True) is None
    origin, direction = ray((float(x), float(y)), camera, SIZE)
    assert np.linalg.norm(np.cross(joints[INDEX[name]] - origin, direction)) < 1e-6


@pytest.mark.parametrize("betas", [(2.0, 0, 0, 0, 1.5), (-2.5, 1.0, 0, 0.5, 0)])
def test_another_shape_keeps_the_motion_and_its_feet_on_the_ground(betas: tuple[float, ...]) -> None:
    motion = walking()
    shape = np.array((*betas, *(0.0,) * 10)[:10], np.float32)
    worn = fitted_to(motion, shape, body=BODY, made_on=BODY)
    np.testing.assert_array_equal(worn.rotations, motion.rotations)
    share = pelvis_height(BODY, shape) / pelvis_height(BODY, motion.betas)
    assert abs(share - 1) > 0.05
    rest = BODY.rest_joints(shape)[0] - BODY.rest_joints(motion.betas)[0]
    way = (worn.translation + rest)[-1] - (worn.translation + rest)[0]
    assert way[2] == pytest.approx(share * (motion.translation[-1, 2] - motion.translation[0, 2]), rel=1e-3)
    feet_before = skin(BODY, motion)[::9, :, 1].min(axis=1)
    feet_after = skin(BODY, worn)[::9, :, 1].min(axis=1)
    np.testing.assert_allclose(feet_after, share * feet_before, atol=0.012)
    assert fitted_to(motion, motion.betas, body=BODY, made_on=BODY) is motion


def test_the_wardrobe_gives_the_same_motion_again_until_the_body_changes() -> None:
    shown = ShownMotion(walking(), 5)
    wardrobe = Wardrobe(BODY)
    assert wardrobe.worn(None) is None
    assert wardrobe.worn(shown) is shown
    assert wardrobe.share(shown) is None
    assert wardrobe.set_body(BODY, BodySettings(betas=(2.0,) + (0.0,) * 9))
    assert not wardrobe.set_body(BODY, BodySettings(betas=(2.0,) + (0.0,) * 9))
    worn = wardrobe.worn(shown)
    assert worn is not None
    assert worn is wardrobe.worn(shown)
    assert worn.start == 5
    share = wardrobe.share(shown)
    assert share is not None
    assert share > 1.1
    other = replace(BODY, name="somebody")  # a motion of the free body on an SMPL file
    assert wardrobe.set_body(other, BodySettings(model="somebody.npz"))
    on_other = wardrobe.worn(shown)
    assert on_other is not None
    assert on_other.motion.body == "somebody"
    np.testing.assert_allclose(on_other.motion.translation, shown.motion.translation, atol=1e-5)
    assert isinstance(on_other.motion, Motion)
