"""Posing in the real window, with real pointer and key events."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from genmo_studio.document.model import PoseKey, TrackKind
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.render.camera import ViewPreset, project
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.keys import KeysControl
from genmo_studio.ui.control.posing import PosingControl
from genmo_studio.ui.keymaps import Preset
from genmo_studio.ui.viewport.pose_gizmo import Handle, Tool
from tests.studio_window import close_window, open_window, press

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NO_KEY = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Hand:
    """The window, and the pointer on its viewport."""

    def __init__(self, window, qtbot) -> None:
        self.window, self.qtbot = window, qtbot
        self.view = window.viewport.viewport
        self.control = window.commands.of(PosingControl)
        self.posing, self.tool = self.control.posing, self.control.tool
        self.joints = window.commands.of(BodyPartsControl).joints

    def look(self, frame: int) -> None:
        self.window.transport.seek(frame)
        self.view.frame_selected()
        self.view.look(ViewPreset.THREE_QUARTER)
        self.view.setFocus()

    def at(self, name: str) -> QPoint:
        camera, size = self.view.lens()
        x, y, _ = project(self.place(name), camera, size)
        return QPoint(round(x), round(y))

    def place(self, name: str) -> np.ndarray:
        return self.posing.pose().world(self.posing.rest_joints())[1][INDEX[name]]

    def handle(self, handle: Handle) -> QPoint:
        gizmo = self.tool.gizmo()
        assert gizmo is not None
        points = gizmo.shape(handle).points
        x, y = (
            points.mean(axis=0) if handle in (Handle.MOVE_FREE, Handle.MOVE_XY) else points[-1] * 0.8 + points[0] * 0.2
        )
        if not handle.moves:
            x, y = points[len(points) // 2]
        return QPoint(round(x), round(y))

    def drag(self, start: QPoint, *steps: QPoint, release: bool = True, key=NO_KEY) -> None:
        self.qtbot.mousePress(self.view, LEFT, key, start)
        for step in steps:
            self.qtbot.mouseMove(self.view, start + step)
        if release:
            self.qtbot.mouseRelease(self.view, LEFT, key, start + steps[-1])

    def keys(self, kind: TrackKind) -> list[PoseKey]:
        return [item for track in self.window.editor.document.tracks if track.kind is kind for item in track.items]


@pytest.fixture
def hand(qtbot, tmp_path):
    window = open_window(qtbot, tmp_path)
    window.docks["timeline"].hide()
    made = Hand(window, qtbot)
    made.look(20)
    yield made
    close_window(window)


def test_gz1_gz3_gz4_gz5_kf3_a_dragged_wrist_takes_the_body_along(hand, qtbot) -> None:
    """W, a click on the hand, a drag of the gizmo; Esc restores, S keys, a right click on the mark frees the joint."""
    press(qtbot, "W")
    assert hand.posing.rig.tool is Tool.MOVE
    qtbot.mouseClick(hand.view, LEFT, NO_KEY, hand.at("right_wrist"))
    assert hand.joints.joints == {"right_wrist"}
    assert hand.tool.overlay().name == "Right wrist"
    hand.joints.select({"right_wrist", "neck", "right_elbow"})
    assert hand.tool.overlay().name == "Right wrist and 2 more", "what a drag would take along is written there"
    hand.joints.select({"right_wrist"})
    document, before = hand.window.editor.document, hand.place("right_wrist")
    hand.drag(hand.handle(Handle.MOVE_FREE), QPoint(20, -30), QPoint(40, -70), release=False)
    assert np.linalg.norm(hand.place("right_wrist") - before) > 0.05
    assert "cm" in hand.tool.overlay().words
    press(qtbot, "Esc")
    np.testing.assert_allclose(hand.place("right_wrist"), before, atol=1e-9)
    qtbot.mouseRelease(hand.view, LEFT, NO_KEY, QPoint(5, 5))
    assert not hand.posing.unkeyed

    start = hand.handle(Handle.MOVE_FREE)
    goal = start + QPoint(40, -70)
    hand.drag(start, QPoint(20, -30), QPoint(40, -70))
    assert (hand.at("right_wrist") - goal).manhattanLength() <= 3, "the joint stays under the pointer"
    assert hand.window.editor.document is document, "nothing is keyed by itself"
    assert "frame 20" in hand.control.bar.text
    assert hand.control.bar.isVisible()
    assert hand.posing.rig.active == {"right_wrist"}
    hand.window.transport.seek(33)
    assert "frame 20" in hand.control.bar.text
    qtbot.mouseClick(hand.control.bar.go, LEFT)
    assert hand.window.session.playhead == 20
    posed = hand.posing.pose()
    hand.view.setFocus()
    press(qtbot, "S")
    assert not hand.control.bar.isVisible()
    assert poses.same(hand.posing.pose(), posed, within=1e-6)
    assert len(hand.window.editor.history) == 1
    assert hand.window.picture.posed(20.0) is not None


def test_gz5_a_right_click_on_the_mark_frees_the_joint_and_elsewhere_opens_the_menu(hand, qtbot) -> None:
    press(qtbot, "W")
    hand.joints.select({"right_wrist"})
    hand.drag(hand.handle(Handle.MOVE_FREE), QPoint(10, -20), QPoint(20, -40))
    assert hand.posing.rig.active
    qtbot.mouseClick(hand.view, RIGHT, NO_KEY, hand.at("right_wrist"))
    assert not hand.posing.rig.active
    qtbot.mouseClick(hand.view, RIGHT, NO_KEY, hand.at("head"))
    menu = next(menu for menu in hand.window.findChildren(QMenu) if menu.isVisible())
    assert hand.window.actions_by_id["pose.mirror"] in menu.actions()
    assert hand.joints.joints == {"head"}
    menu.close()


def test_gz6_gz11_a_ring_turns_one_joint_in_one_step(hand, qtbot) -> None:
    hand.look(0)
    hand.joints.select({"right_elbow"})
    press(qtbot, "E")
    before, steps = hand.posing.pose(), len(hand.window.editor.history)
    hand.drag(hand.handle(Handle.TURN_VIEW), QPoint(6, 12), QPoint(10, 26))
    editor = hand.window.editor
    assert len(editor.history) == steps + 1
    assert editor.undo_label == "Rotate Right Elbow"
    assert poses.changed_joints(before, hand.posing.pose()) == {"right_elbow"}
    editor.undo()
    assert poses.same(hand.posing.pose(), before)
    hand.drag(hand.handle(Handle.TURN_VIEW), QPoint(6, 12), QPoint(10, 26), release=False)
    press(qtbot, "Esc")
    assert poses.same(hand.posing.pose(), before)
    assert len(editor.history) == steps or editor.undo_label != "Rotate Right Elbow"


def test_gz2_blenders_keys_move_turn_constrain_and_type(hand, qtbot) -> None:
    hand.window.commands.of(KeysControl).use_preset(Preset.BLENDER)
    hand.joints.select({"right_wrist"})
    hand.view.setFocus()
    before = hand.place("right_wrist")
    for key in ("G", "Y", "1", "0", "Return"):
        press(qtbot, key)
    np.testing.assert_allclose(hand.place("right_wrist"), before + np.array([0, 0.1, 0]), atol=2e-3)
    document = hand.window.editor.document
    pose = hand.posing.pose()
    for key in ("R", "Z", "9", "0", "Esc"):
        press(qtbot, key)
    assert poses.same(hand.posing.pose(), pose)
    press(qtbot, "R")
    qtbot.mouseMove(hand.view, hand.view.rect().center() + QPoint(60, 30))
    qtbot.mouseClick(hand.view, RIGHT, NO_KEY, hand.view.rect().center() + QPoint(60, 30))
    assert poses.same(hand.posing.pose(), pose)
    assert hand.window.editor.document is document
    press(qtbot, "I")
    assert hand.keys(TrackKind.FULL_KEYS)[1].frame == 20 or hand.keys(TrackKind.PARTIAL_KEYS)[0].frame == 20


def test_kf2_the_frame_is_red_while_changes_are_keyed_by_themselves(hand, qtbot) -> None:
    def corner() -> tuple[int, int, int]:
        pixel = hand.view.grabFramebuffer().pixelColor(300, 1)
        return pixel.red(), pixel.green(), pixel.blue()

    press(qtbot, "W")
    plain = corner()
    press(qtbot, "Shift+K")
    red = corner()
    assert red[0] > plain[0] + 60
    assert red[0] > 2 * red[1]
    hand.joints.select({"right_wrist"})
    count = len(hand.window.editor.history)
    hand.drag(hand.handle(Handle.MOVE_FREE), QPoint(10, -20), QPoint(20, -40))
    assert not hand.posing.unkeyed
    assert len(hand.window.editor.history) == count + 1


def test_gz10_poses_are_made_in_an_empty_project(hand, qtbot) -> None:
    hand.window.editor.mark_saved()
    hand.window.actions_by_id["file.new"].trigger()
    hand.look(0)
    assert hand.window.picture.shown is None
    assert hand.window.picture.joints(0.0) is not None, "the figure stands there"
    press(qtbot, "W")
    qtbot.mouseClick(hand.view, LEFT, NO_KEY, hand.at("left_wrist"))
    assert hand.joints.joints == {"left_wrist"}
    hand.drag(hand.at("left_wrist"), QPoint(-10, 40), QPoint(-20, 80))
    assert hand.posing.unkeyed
    press(qtbot, "S")
    assert hand.keys(TrackKind.FULL_KEYS) or hand.keys(TrackKind.PARTIAL_KEYS)


def test_gz8_poses_are_mirrored_copied_flipped_reset_and_broken_down(hand, qtbot) -> None:
    from genmo_studio.ui.control.poses import PosesControl

    actions, posing = hand.window.actions_by_id, hand.posing
    hand.look(0)
    posing.change(
        "Bend", poses.turned(posing.pose(), INDEX["left_elbow"], np.array([0, -0.8, 0]), posing.rest_joints())
    )
    first = posing.pose()
    press(qtbot, "Shift+M")
    mirrored = posing.pose()
    assert not poses.same(mirrored, first, within=1e-3)
    left, right = (INDEX["left_shoulder"], INDEX["right_shoulder"])
    np.testing.assert_allclose(mirrored.rotations[left], first.rotations[right] * [1, -1, -1], atol=1e-6)
    assert hand.window.editor.undo_label == "Mirror Pose"
    press(qtbot, "Ctrl+Z")
    assert poses.same(posing.pose(), first)
    press(qtbot, "Ctrl+C")
    hand.look(45)
    press(qtbot, "Ctrl+V")
    np.testing.assert_allclose(posing.pose().matrices()[1:], first.matrices()[1:], atol=1e-6)
    press(qtbot, "Ctrl+Shift+V")
    np.testing.assert_allclose(posing.pose().matrices()[1:], mirrored.matrices()[1:], atol=1e-6)
    hand.joints.select({"left_shoulder"})
    press(qtbot, "Alt+R")
    np.testing.assert_allclose(posing.pose().rotations[left], 0, atol=1e-9)
    press(qtbot, "Alt+Shift+R")
    assert poses.changed_joints(
        posing.pose(), poses.taking(posing.pose(), posing.generated(45), {"left_shoulder"})
    ) == (frozenset())
    hand.joints.select(())
    actions["pose.t_pose"].trigger()
    np.testing.assert_allclose(posing.pose().rotations[1:], 0, atol=1e-9)

    hand.look(20)
    count = len(hand.window.editor.history)
    actions["pose.breakdown"].trigger()
    popup = hand.window.commands.of(PosesControl).popup
    popup.slider.setValue(0)
    assert poses.same(posing.pose(), first, within=1e-6)
    popup.slider.setValue(100)
    at_45 = posing.pose()
    np.testing.assert_allclose(at_45.rotations[1:], 0, atol=1e-6)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert 20 not in posing.unkeyed
    actions["pose.breakdown"].trigger()
    popup = hand.window.commands.of(PosesControl).popup
    popup.slider.setValue(50)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert 20 in posing.unkeyed
    assert len(hand.window.editor.history) == count


def test_gz8_a_library_of_poses_outlives_the_window(hand, qtbot, tmp_path) -> None:
    from genmo_studio.ui.control.pose_library import PoseLibraryControl
    from genmo_studio.ui.pose_library import PoseLibrary

    control = hand.window.commands.of(PoseLibraryControl)
    hand.look(7)
    kept = hand.posing.pose()
    hand.window.actions_by_id["pose.keep"].trigger()
    assert control.panel.isVisible()
    assert control.panel.list.count() == 1
    hand.look(20)
    assert control.panel.apply.isEnabled()
    qtbot.mouseClick(control.panel.apply, LEFT)
    np.testing.assert_allclose(hand.posing.pose().matrices()[1:], kept.matrices()[1:], atol=1e-6)
    again = PoseLibrary(tmp_path / "poses.json")
    again.read()
    assert [entry.name for entry in again.kept] == [control.library.kept[0].name]
    assert poses.same(again.kept[0].pose, kept, within=1e-9)
    control.panel.list.item(0).setText("Schritt 歩")
    assert control.library.kept[0].name == "Schritt 歩"
    qtbot.mouseClick(control.panel.remove, LEFT)
    assert not control.library.kept


def test_vp7_a_key_dot_is_dragged_and_the_key_goes_along_in_one_step(hand, qtbot) -> None:
    hand.window.actions_by_id["view.trails"].trigger()
    hand.look(40)
    hand.window.actions_by_id["view.frame_all"].trigger()
    picture, view = hand.window.picture, hand.view
    joint, frame, place = next(d for d in picture.key_dots(40.0) if d[0] == INDEX["left_wrist"] and d[1] == 45)
    camera, size = view.lens()
    x, y, _ = project(place, camera, size)
    start, step = QPoint(round(x), round(y)), QPoint(6, -24)
    steps = len(hand.window.editor.history)
    hand.drag(start, QPoint(3, -12), step)
    editor = hand.window.editor
    assert len(editor.history) == steps + 1
    assert "Frame 45" in editor.undo_label
    after = hand.posing.settled(45).world(hand.posing.rest_joints())[1][joint]
    seen = project(after, camera, size)[:2]
    np.testing.assert_allclose(seen, [start.x() + step.x(), start.y() + step.y()], atol=3.0)
    assert frame == 45
    hand.drag(start + step, QPoint(30, 0), release=False)
    press(qtbot, "Esc")
    assert len(editor.history) == steps + 1


def test_a_path_is_drawn_on_the_ground_and_its_waypoints_are_dragged(hand, qtbot) -> None:
    editor, view = hand.window.editor, hand.view
    hand.window.actions_by_id["view.frame_all"].trigger()
    press(qtbot, "D")
    assert hand.window.actions_by_id["path.draw"].isChecked()
    start = QPoint(view.width() // 3, round(view.height() * 0.8))
    steps = len(editor.history)
    hand.drag(start, *(QPoint(12 * i, round(-20 * np.sin(i / 3))) for i in range(1, 16)))
    assert len(editor.history) == steps + 1
    assert editor.undo_label == "Draw Path"
    assert not hand.window.actions_by_id["path.draw"].isChecked()
    track = next(t for t in editor.document.tracks if t.kind is TrackKind.PATH)
    drawn = [item for item in track.items if item.heading is not None and item.frame >= 20]
    assert len(drawn) >= 2
    grip = next(grip for grip in hand.control.path.grips() if grip.waypoint.id == drawn[1].id)
    camera, size = view.lens()
    x, y, _ = project(np.array([grip.x, 0.008, grip.z]), camera, size)
    hand.drag(QPoint(round(x), round(y)), QPoint(0, 9), QPoint(0, 18))
    assert editor.undo_label == "Move Waypoint"
    assert hand.window.session.selection == {drawn[1].id}
    heading = next(g for g in hand.control.path.grips() if g.part == "heading")
    x, y, _ = project(np.array([heading.x, 0.008, heading.z]), camera, size)
    hand.drag(QPoint(round(x), round(y)), QPoint(14, 6), QPoint(28, 12))
    assert editor.undo_label == "Turn Waypoint"
    speed = next(g for g in hand.control.path.grips() if g.part == "speed")
    x, y, _ = project(np.array([speed.x, 0.008, speed.z]), camera, size)
    hand.drag(QPoint(round(x), round(y)), QPoint(10, 4), QPoint(24, 10))
    assert editor.undo_label == "Change Speed at Waypoint"
    assert next(g for g in hand.control.path.grips() if g.part == "speed").waypoint.velocity is not None


def test_kf3_undo_takes_back_changes_of_an_unkeyed_pose_first(hand, qtbot) -> None:
    before = hand.posing.pose()
    hand.window.actions_by_id["pose.t_pose"].trigger()
    changed = hand.posing.pose()
    press(qtbot, "Ctrl+Z")
    assert poses.same(hand.posing.pose(), before)
    press(qtbot, "Ctrl+Shift+Z")
    assert poses.same(hand.posing.pose(), changed)
    press(qtbot, "Esc")
    assert not hand.posing.unkeyed


def test_se1_gz9_the_body_picker_shows_pins_keys_and_stress(hand, qtbot) -> None:
    dock = hand.window.docks["body_parts"]
    dock.show()
    dock.raise_()
    hand.look(0)
    figure = hand.window.commands.of(BodyPartsControl).picker.figure
    qtbot.waitUntil(figure.isVisible)
    hand.joints.select({"left_wrist"})
    press(qtbot, "T")
    assert "left_wrist" in figure.marks.pinned
    assert "head" in figure.marks.keyed
    bent = poses.turned(hand.posing.pose(), INDEX["left_knee"], np.array([-2.0, 0, 0]), hand.posing.rest_joints())
    hand.posing.change("Bend", bent)
    assert figure.marks.stress["left_knee"] > 1.0
    assert "beyond its limit" in figure.marks.said("left_knee")
    np.testing.assert_allclose(hand.posing.pose().matrices(), bent.matrices(), atol=1e-9)  # shown, never clamped
