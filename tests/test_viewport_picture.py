"""What the viewport draws, as values: assembled result, interpolated pose, guides, camera moves."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as put

from genmo_studio.conditions.result import assemble_result, pose_at
from genmo_studio.document.model import Document, PoseKey, ResultPiece, Take, Track, TrackKind, Waypoint
from genmo_studio.document.time import Span
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.render.camera import Camera, project
from genmo_studio.ui.theme import DARK
from genmo_studio.ui.viewport.display import Display, Mode
from genmo_studio.ui.viewport.navigation import INDUSTRY, Button, Modifier, Motive, drag, wheel
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.values import replace

BODY = load_body("genmo-free")


def swaying(frames: int, *, phase: float = 0.0, speed: float = 0.02) -> Motion:
    """A body that walks along +z and swings its arms."""
    t = np.arange(frames) * 0.1 + phase
    rotations = np.zeros((frames, 24, 3), np.float32)
    rotations[:, JOINTS.index("left_shoulder"), 2] = 0.8 * np.sin(t)
    rotations[:, 0, 1] = 0.3 * np.sin(0.5 * t)
    translation = np.stack([np.zeros(frames), np.full(frames, 0.95), np.arange(frames) * speed], axis=1)
    return Motion(rotations, translation.astype(np.float32), contacts=np.zeros((frames, 6), np.float32))


def with_takes(*takes: tuple[Motion, int], pieces: tuple[ResultPiece, ...]) -> tuple[Document, dict[str, Motion]]:
    made, motions = [], {}
    for index, (motion, start) in enumerate(takes):
        blob = hashlib.sha256(motion.to_bytes()).hexdigest()
        span = Span(start, start + len(motion))
        made.append(Take(id=f"t{index}", name=f"T{index}", span=span, blob=blob, request_hash="", seed=0, model="m"))
        motions[f"t{index}"] = motion
    return Document(id="d", name="d", takes=tuple(made), result=pieces), motions


def test_a_single_take_is_shown_as_it_is() -> None:
    motion = swaying(40)
    document, motions = with_takes((motion, 10), pieces=(ResultPiece(Span(10, 50), "t0"),))
    shown = assemble_result(document, motions.get)
    assert shown is not None
    assert shown.motion is motion
    assert shown.span == Span(10, 50)
    assert shown.local(-5) == 0
    assert shown.local(12.5) == 2.5
    assert shown.local(99) == 39


def test_pieces_follow_each_other_with_offset_gap_and_cross_fade() -> None:
    first, second = swaying(60), swaying(60, phase=2.0, speed=0.03)
    pieces = (
        ResultPiece(Span(0, 20), "t0"),
        ResultPiece(Span(25, 60), "t1", blend=8, offset=5),
    )
    document, motions = with_takes((first, 0), (second, 0), pieces=pieces)
    shown = assemble_result(document, motions.get)
    assert shown is not None
    assert shown.span == Span(0, 60)
    assert np.array_equal(shown.motion.rotations[:20], first.rotations[:20])
    assert np.array_equal(shown.motion.rotations[20:25], np.repeat(first.rotations[19:20], 5, axis=0)), "gap is held"
    assert np.array_equal(shown.motion.rotations[33:60], second.rotations[28:55]), "frame f shows frame f - offset"
    # Within the cross-fade the turn lies between both takes.
    arm = JOINTS.index("left_shoulder")
    for frame in range(25, 33):
        a, b = first.rotations[frame, arm], second.rotations[frame - 5, arm]
        mixed = matrix_from_rotvec(shown.motion.rotations[frame, arm].astype(np.float64))
        whole = float(angle_between(matrix_from_rotvec(a.astype(float)), matrix_from_rotvec(b.astype(float))))
        assert float(angle_between(matrix_from_rotvec(a.astype(float)), mixed)) <= whole + 1e-5


def test_nothing_to_show_when_takes_are_gone() -> None:
    document, _ = with_takes((swaying(5), 0), pieces=(ResultPiece(Span(0, 5), "t0"),))
    assert assemble_result(document, lambda _: None) is None
    assert assemble_result(Document(id="d", name="d"), lambda _: None) is None


@given(st.floats(-3, 45, allow_nan=False))
def test_the_pose_between_frames_is_between_the_frames(frame: float) -> None:
    motion = swaying(40)
    rotations, translation = pose_at(motion, frame)
    held = min(max(frame, 0.0), 39.0)
    assert translation[2] == pytest.approx(0.02 * held, abs=1e-5)
    low = min(int(held), 38)
    ends = motion.rotations[low : low + 2, JOINTS.index("left_shoulder"), 2]
    assert ends.min() - 1e-5 <= rotations[JOINTS.index("left_shoulder"), 2] <= ends.max() + 1e-5


def keyed_document(motion: Motion) -> Document:
    rest = BODY.rest_joints(motion.betas)[0]
    key = PoseKey(
        id="k",
        frame=12,
        rotations={name: tuple(float(x) for x in motion.rotations[12, j]) for j, name in enumerate(JOINTS[:22])},
        root_position=tuple(float(x) for x in motion.translation[12] + rest),
    )
    hand = PoseKey(id="h", frame=5, positions={"left_wrist": (0.4, 1.2, 0.3)})
    way = (Waypoint(id="w0", frame=0, position=(0.0, 0.0)), Waypoint(id="w1", frame=20, position=(0.0, 0.4), heading=0))
    tracks = (
        Track(id="a", kind=TrackKind.FULL_KEYS, name="Poses", items=(key,)),
        Track(id="b", kind=TrackKind.PARTIAL_KEYS, name="Limbs", items=(hand,)),
        Track(id="c", kind=TrackKind.PATH, name="Path", items=way),
    )
    document, _ = with_takes((motion, 0), pieces=(ResultPiece(Span(0, len(motion)), "t0"),))
    return put(document, tracks=tracks)


def test_ghosts_stand_where_their_keys_are() -> None:
    motion = swaying(40)
    document = keyed_document(motion)
    picture = Picture(BODY, DARK)
    picture.show_document(document, selection=frozenset())
    picture.show_motion(assemble_result(document, lambda _: motion))
    scene = picture.scene(12.0)
    character, ghost = scene.bodies
    assert np.allclose(character.joint_positions()[:22], ghost.joint_positions()[:22], atol=1e-5)
    assert np.allclose(character.joint_positions(), joint_positions(motion, BODY)[12], atol=1e-4)
    assert len(scene.points) == 4, "target and its halo, waypoints and their rims"

    hidden = put(document, tracks=tuple(put(track, hidden=True) for track in document.tracks))
    picture.show_document(hidden, selection=frozenset())
    assert len(picture.scene(12.0).bodies) == 1
    picture.display = Display(mode=Mode.XRAY, options=frozenset())
    xray = picture.scene(12.0)
    assert xray.bodies[0].opacity < 1
    assert xray.ground is not None
    assert xray.ground.grid == 0


def test_contacts_of_the_moment() -> None:
    motion = swaying(10)
    contacts = np.zeros((10, 6), np.float32)
    contacts[4:, 1] = 1.0
    motion = replace(motion, contacts=contacts)
    document, _ = with_takes((motion, 0), pieces=(ResultPiece(Span(0, 10), "t0"),))
    picture = Picture(BODY, DARK)
    picture.show_document(document, selection=frozenset())
    assert picture.contacts(3) is None
    picture.show_motion(assemble_result(document, lambda _: motion))
    before, after = picture.contacts(3.0), picture.contacts(5.0)
    assert before is not None
    assert after is not None
    assert (before.left, before.right, after.left, after.right) == (0, 0, 1, 0)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.4])
def test_framing_keeps_everything_in_the_picture(aspect: float) -> None:
    motion = swaying(200)
    document = keyed_document(motion)
    picture = Picture(BODY, DARK)
    picture.show_document(document, selection=frozenset({"k"}))
    picture.show_motion(assemble_result(document, lambda _: motion))
    size = (round(600 * aspect), 600)
    camera = picture.frame_all(Camera(), aspect=aspect)
    seen = project(joint_positions(motion, BODY).reshape(-1, 3), camera, size)
    assert seen[:, 0].min() >= 0
    assert seen[:, 0].max() <= size[0]
    assert seen[:, 1].min() >= 0
    assert seen[:, 1].max() <= size[1]
    near = picture.frame_selected(Camera(), frame=0, aspect=aspect)
    assert near.distance < camera.distance


def test_the_industry_preset_and_its_moves() -> None:
    assert INDUSTRY.motive(Button.LEFT, Modifier.ALT) is Motive.ORBIT
    assert INDUSTRY.motive(Button.MIDDLE, Modifier.ALT) is Motive.PAN
    assert INDUSTRY.motive(Button.RIGHT, Modifier.ALT) is Motive.ZOOM
    assert INDUSTRY.motive(Button.RIGHT, Modifier.NONE) is None
    camera = Camera()
    turned = drag(camera, Motive.ORBIT, dx=225, dy=0, height=500)
    assert math.isclose(abs(turned.yaw - camera.yaw), math.pi / 2, abs_tol=1e-9)
    assert wheel(wheel(camera, notches=3), notches=-3).distance == pytest.approx(camera.distance)
    assert wheel(camera, notches=1).distance < camera.distance
    # Panning keeps the point under the pointer: the target moves by as many pixels as the pointer.
    size = (800, 500)
    before = project(camera.focus_point(), camera, size)
    after = project(camera.focus_point(), drag(camera, Motive.PAN, dx=40, dy=-25, height=500), size)
    assert np.allclose(after[:2] - before[:2], [40, -25], atol=0.6)


def test_figures_of_a_take_have_units_and_unknown_ones_are_kept() -> None:
    from genmo_studio.ui.panels.take_figures import figure_rows, skate_text

    metrics = {"foot_skate_before": 0.2, "foot_skate": 0.0123, "seed": 3.0, "something_new": 1.5}
    rows = dict(figure_rows(metrics))
    assert rows["Foot skate"] == "1.2 cm/s"
    assert rows["Before foot lock"] == "20.0 cm/s"
    assert rows["Something new"] == "1.5"
    assert "Seed" not in rows
    assert skate_text(metrics) == "skate 1.2 cm/s"
    assert skate_text({}) is None
