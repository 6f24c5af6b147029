"""What an animator meets in the viewport: marks that say what they mean, a floor, keys that go where the pose is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QCursor, QEnterEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from genmo_studio.document.edits import set_contact
from genmo_studio.document.model import ContactClip, Foot
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.render.camera import Camera, ViewPreset
from genmo_studio.ui.body_words import joint_words, spoken
from genmo_studio.ui.control.poses import PosesControl
from genmo_studio.ui.control.posing import PosingControl
from genmo_studio.ui.panels.breakdown import MARKS
from genmo_studio.ui.timeline import span_commands
from genmo_studio.ui.viewport import hud, marks
from genmo_studio.ui.viewport.display import Mode
from genmo_studio.ui.viewport.hand import FLOOR_GAP
from genmo_studio.ui.viewport.navigation import Motive, drag
from genmo_studio.ui.viewport.pose_gizmo import Tool
from genmo_studio.values import replace
from tests.studio_window import close_window, open_window, press

ANGLE = st.floats(-3.0, 3.0)


@pytest.fixture
def window(qtbot, tmp_path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


# -- the floor ---------------------------------------------------------------------------------------------------------


@given(
    st.floats(-1.4, 1.4), ANGLE, st.floats(0.1, 2.0), st.floats(0.5, 20.0), st.lists(st.floats(-900, 900), max_size=6)
)
def test_orbiting_stops_at_the_floor(pitch: float, yaw: float, height: float, far: float, moves: list[float]) -> None:
    camera = Camera(target=(0.3, height, -0.2), pitch=pitch, yaw=yaw, distance=far)
    for dy in moves:
        turned = drag(camera, Motive.ORBIT, dx=dy / 3, dy=dy, height=600, pivot=(0.1, 0.9, 0.4))
        held = turned.kept_above(FLOOR_GAP, before=camera)
        lowest = min(FLOOR_GAP, camera.eye()[1])
        assert held.eye()[1] >= lowest - 1e-6, "who is below may only come up"
        if turned.eye()[1] >= lowest:
            assert held == turned, "above the floor nothing is held back"
        assert held.yaw == turned.yaw
        camera = held


def test_the_floor_is_in_the_way_until_it_is_switched_off_or_looked_through(window, qtbot) -> None:
    view, act = window.viewport.viewport, window.actions_by_id
    assert act["view.above_floor"].isChecked()

    def turn_up() -> float:
        start = QPoint(view.width() // 3, 60)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, start)
        for step in range(1, 9):
            QTest.mouseMove(view, start + QPoint(0, -25 * step))
            QApplication.processEvents()
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, start)
        return float(view.camera.eye()[1])

    assert turn_up() == pytest.approx(FLOOR_GAP, abs=1e-3)
    act["view.bottom"].trigger()
    assert view.camera.shows(ViewPreset.BOTTOM), "who asks for it looks up through the floor"
    act["view.perspective"].trigger()
    act["view.above_floor"].trigger()
    assert turn_up() < 0
    assert window.parts.settings.value("viewport/above_floor", True, bool) is False


# -- marks that say what they mean -------------------------------------------------------------------------------------


def test_marks_of_the_feet_and_red_joints_are_explained(window, qtbot) -> None:
    view = window.viewport.viewport
    window.transport.seek(7)  # the left foot stands
    qtbot.waitUntil(lambda: view.hud.contacts is not None)
    left = QPointF(hud.MARGIN + 20, view.height() - hud.MARGIN - 10)
    right = left + QPointF(hud.FOOT_STEP, 0)
    assert view.tip(left).startswith("The left foot rests on the ground")
    assert view.tip(right).startswith("The right foot is in the air")
    assert view.tip(QPointF(view.width() / 2, 5)) == ""
    help_wanted = QHelpEvent(QHelpEvent.Type.ToolTip, left.toPoint(), view.mapToGlobal(left.toPoint()))
    QApplication.sendEvent(view, help_wanted)
    assert QToolTip.text().startswith("The left foot")
    QToolTip.hideText()

    posing = window.commands.of(PosingControl).posing
    pose = posing.pose()
    turned = pose.rotations.copy()
    turned[INDEX["head"]] = (math.radians(110), 0.0, 0.0)
    posing.change("Bend", type(pose)(turned, pose.translation))
    view.frame_selected()
    assert marks.legend(window.picture, float(window.session.playhead))[0][0] == "strained joint"
    usual = window.picture.display
    for mode in (Mode.SKELETON, Mode.SILHOUETTE):  # nothing is red there
        window.picture.display = replace(usual, mode=mode)
        assert marks.legend(window.picture, float(window.session.playhead)) == ()
    window.picture.display = usual
    from genmo_studio.render.camera import project

    head = window.picture.joints(7.0)[INDEX["head"]]
    x, y, _ = project(head, view.camera, (view.width(), view.height()))
    assert view.tip(QPointF(x, y)).startswith("Head: bent farther than people can (red)")
    posing.discard()
    assert marks.legend(window.picture, 7.0) == ()


def test_joints_are_said_in_an_animators_words() -> None:
    assert [spoken(name) for name in ("spine1", "spine2", "spine3", "left_foot")] == [
        "lower back", "waist", "chest", "left toes",
    ]  # fmt: skip
    assert joint_words({"spine3", "neck"}) == "chest, neck"


# -- keys go where the pose is -----------------------------------------------------------------------------------------


def enter(view) -> None:
    at = QPointF(view.width() / 2, view.height() / 2)
    QApplication.sendEvent(view, QEnterEvent(at, at, QPointF(view.mapToGlobal(at.toPoint()))))


def test_kf3_the_key_that_the_bar_names_is_heard_where_the_pointer_is(window, qtbot) -> None:
    """S, W, E and Q are for the viewport while a pose is worked on and the pointer is there; the bar says only that."""
    view, control = window.viewport.viewport, window.commands.of(PosingControl)
    window.transport.seek(20)
    window.timeline.setFocus()
    enter(view)
    assert window.timeline.hasFocus(), "nothing is posed: the panel with the focus keeps its keys"
    view.setFocus()
    window.actions_by_id["pose.mirror"].trigger()
    assert control.posing.unkeyed
    assert (control.bar.key.text(), control.bar.discard.text()) == ("Key (S)", "Discard (Esc)")
    window.timeline.setFocus()
    assert (control.bar.key.text(), control.bar.discard.text()) == ("Key", "Discard")
    window.counter.setFocus()
    field = QApplication.focusWidget()
    if field is not None and field.inherits("QLineEdit"):
        enter(view)
        assert not view.hasFocus(), "what is typed is typed"
    window.timeline.setFocus()
    enter(view)
    assert view.hasFocus()
    assert control.bar.key.text() == "Key (S)"
    press(qtbot, "S")
    assert not control.posing.unkeyed
    assert window.editor.undo_label == "Set Key"
    window.timeline.setFocus()
    control.use_tool(Tool.MOVE)
    enter(view)
    assert view.hasFocus(), "a posing tool is in the hand"


# -- breakdown ---------------------------------------------------------------------------------------------------------


def test_gz8_the_breakdown_slider_leaves_the_figure_in_sight_and_marks_the_keys(window, qtbot) -> None:
    window.transport.seek(20)
    window.actions_by_id["pose.breakdown"].trigger()
    popup = window.commands.of(PosesControl).popup
    view = window.viewport
    picture = QRect(view.mapToGlobal(QPoint(0, 0)), view.size())
    assert not popup.geometry().intersects(picture)
    slider, scale = popup.slider, popup.scale
    for value in MARKS:
        slider.setValue(value)
        option_x = scale.x_of(value)
        press_at = QPoint(option_x, slider.height() // 2)
        assert abs(slider.style().sliderPositionFromValue(-50, 150, value, slider.width()) - option_x) < 12
        assert slider.rect().contains(press_at)
    assert scale.x_of(0) < scale.x_of(50) < scale.x_of(100)
    QTest.keyClick(slider, Qt.Key.Key_Escape)


# -- contacts ----------------------------------------------------------------------------------------------------------


def test_a_contact_is_as_long_as_the_foot_stands_or_ten_frames() -> None:
    contacts = np.zeros((60, 6), np.float32)
    contacts[20:35, 1] = 0.9
    contacts[40:60, 2] = 0.9

    def stretch(foot: Foot, frame: int, length: int = 200) -> Span | None:
        return span_commands.contact_stretch(contacts, foot, frame, start=100, length=length)

    assert stretch(Foot.LEFT, 125) == Span(120, 135)
    assert stretch(Foot.LEFT, 119) is None
    assert stretch(Foot.RIGHT, 159) == Span(140, 160)
    assert stretch(Foot.RIGHT, 145, length=150) == Span(140, 150)
    assert stretch(Foot.LEFT, 20) is None, "no motion there"


def test_a_contact_without_marks_takes_the_stretch_of_the_result_also_with_a_key_selected(window) -> None:
    window.transport.seek(7)
    window.session.select({"key1"})
    window.actions_by_id["contact.left_planted"].trigger()
    (made,) = window.editor.selection
    clip = find_item(window.editor.document, made)
    assert isinstance(clip, ContactClip)
    stands = window.stage.result.motion.contacts[:, 0] > 0.5
    assert stands[1:16].all(), "the left foot stands there"
    assert not stands[[0, 16]].any()
    assert clip.span == Span(1, 16)
    window.transport.seek(22)
    window.session.select(())
    window.actions_by_id["contact.left_free"].trigger()
    (made,) = window.editor.selection
    assert find_item(window.editor.document, made).span == Span(17, 27)
    window.editor.edit("Turn", set_contact(made, planted=True))


def test_kf3_a_pointer_that_was_not_moved_takes_no_keys(window) -> None:
    """It comes into the picture when a menu or a message over it closes, too."""
    view = window.viewport.viewport
    view.setFocus()
    window.actions_by_id["pose.rotate"].trigger()
    window.timeline.setFocus()
    middle = QPointF(view.width() / 2, view.height() / 2)
    QCursor.setPos(view.mapToGlobal(middle.toPoint()))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    parked = QPointF(QCursor.pos())
    QApplication.sendEvent(view, QEnterEvent(middle, middle, parked))
    assert window.timeline.hasFocus()
    QApplication.sendEvent(view, QEnterEvent(middle, middle, parked + QPointF(3, 0)))
    assert view.hasFocus()
