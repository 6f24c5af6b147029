"""The graph editor in the real window: real pointer events, undo, the selection it shares, and what it shows."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from studio_window import close_window, open_window, press, settings_in

from genmo_studio.conditions.result import heard_tweaks
from genmo_studio.document.edits import clear_result, delete_items
from genmo_studio.document.model import PoseKey
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.panels.curve_channels import Channel, Part, channels_of
from genmo_studio.ui.panels.curve_data import ROOT_SPEED
from genmo_studio.ui.panels.curve_list import EYE, LOCK
from genmo_studio.ui.panels.curve_view import DotAt

SWING = Channel.of("left_shoulder", Part.TURN, 1)
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot, tmp_path):
    made = open_window(qtbot, tmp_path)
    made.docks["curves"].raise_()
    qtbot.waitUntil(lambda: made.curves.editor is not None, timeout=20_000)
    made.commands.of(BodyPartsControl).joints.select({"left_shoulder"})
    made.actions_by_id["curves.fit"].trigger()
    made.curves.editor._hide(frozenset(c for c in channels_of(("left_shoulder",)) if c != SWING))
    made.curves.editor.fit()
    qtbot.wait(20)
    yield made
    close_window(made)


def spot(window, channel: Channel, frame: int, *, key: str = "") -> QPoint:
    """Where a frame of a curve, or a key on it, is in the plot's viewport."""
    editor = window.curves.editor
    curve, box, area = editor.shown.curves.of(channel), editor.plot.box, editor.plot.area
    value = curve.dots.values[curve.dots.keys.index(key)] if key else curve.edited[frame - editor.shown.curves.start]
    up = editor.shown.scales()[channel].height(float(value))
    return QPoint(round(area.left() + box.x_of(frame)), round(area.top() + box.y_of(up)))


def drag(qtbot, window, at: QPoint, by: QPoint, *, drop: bool = True) -> None:
    target = window.curves.editor.plot.viewport()
    qtbot.mousePress(target, LEFT, NO_KEY, at)
    for step in range(1, 6):
        qtbot.mouseMove(target, at + by * step / 5)
    if drop:
        qtbot.mouseRelease(target, LEFT, NO_KEY, at + by)


def wheel(window, at: QPoint, notches: int, held=NO_KEY) -> None:
    target = window.curves.editor.plot.viewport()
    event = QWheelEvent(
        QPointF(at), QPointF(target.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, held,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


def shown_turn(window, frame: int) -> np.ndarray:
    return window.stage.shown.motion.rotations[frame, INDEX["left_shoulder"]]


def test_kf11_dragging_the_curve_moves_the_body_while_dragging_and_is_one_step(window, qtbot) -> None:
    before, was = window.editor.document, shown_turn(window, 30).copy()
    at = spot(window, SWING, 30)
    drag(qtbot, window, at, QPoint(0, -40), drop=False)
    assert np.abs(shown_turn(window, 30) - was).max() > 0.05, "the viewport follows"
    assert "frame 30" in window.curves._note.text()
    wheel(window, at, 3)
    (tweak,) = heard_tweaks(window.editor.document)
    assert tweak.rise == 18
    press(qtbot, "Esc")
    assert window.editor.document is before
    assert window.editor.history == ()
    assert np.array_equal(shown_turn(window, 30), was)
    qtbot.mouseRelease(window.curves.editor.plot.viewport(), LEFT, NO_KEY, at)

    drag(qtbot, window, at, QPoint(0, -40))
    (tweak,) = heard_tweaks(window.editor.document)
    assert window.editor.history == ("Tweak Motion",)
    assert window.session.selection == {tweak.id}
    bare = window.stage.bare.motion.rotations
    assert np.array_equal(bare[30, INDEX["left_shoulder"]], was), "what a regeneration starts from has no tweak"
    changed = np.flatnonzero((window.stage.result.motion.rotations != bare).any(axis=(1, 2)))
    assert (changed[0], changed[-1]) == (tweak.span.start, tweak.span.stop - 1)
    window.actions_by_id["edit.undo"].trigger()
    assert window.editor.document == before
    assert np.array_equal(shown_turn(window, 30), was)


def test_kf10_dragging_a_key_changes_it_in_value_and_time(window, qtbot) -> None:
    at = spot(window, SWING, 45, key="key1")
    a_frame = spot(window, SWING, 55).x() - spot(window, SWING, 45).x()
    old = find_item(window.editor.document, "key1")
    drag(qtbot, window, at, QPoint(a_frame, -30))
    key = find_item(window.editor.document, "key1")
    assert isinstance(key, PoseKey)
    assert key.frame == 55
    assert math.dist(key.rotations["left_shoulder"], old.rotations["left_shoulder"]) > 0.05
    assert window.editor.history == ("Move Key",)
    assert window.session.selection == {"key1"}
    window.actions_by_id["edit.undo"].trigger()
    assert find_item(window.editor.document, "key1") == old


def test_se1_keys_and_joints_are_selected_with_the_timeline_and_left_alone_when_not_linked(window, qtbot) -> None:
    editor, joints = window.curves.editor, window.commands.of(BodyPartsControl).joints
    window.session.select({"key1"})
    assert editor.picked == {DotAt("key1", SWING)}
    qtbot.mouseClick(editor.plot.viewport(), LEFT, NO_KEY, spot(window, SWING, 0, key="key0"))
    assert window.session.selection == {"key0"}
    joints.select({"left_elbow"})
    assert {curve.channel.joint_name for curve in editor.shown.curves.curves} == {"left_elbow"}
    joints.select({"left_shoulder"})
    window.actions_by_id["curves.link"].trigger()
    assert not joints.linked
    joints.select({"left_elbow"})
    assert {curve.channel.joint_name for curve in editor.shown.curves.curves} == {"left_shoulder"}
    qtbot.mouseClick(editor.plot.viewport(), LEFT, NO_KEY, spot(window, SWING, 45, key="key1"))
    assert editor.picked == {DotAt("key1", SWING)}
    assert window.session.selection == {"key0"}
    window.actions_by_id["curves.link"].trigger()
    assert {curve.channel.joint_name for curve in editor.shown.curves.curves} == {"left_elbow"}


def test_kf10_time_is_the_timelines_until_it_is_let_go(window, qtbot) -> None:
    editor = window.curves.editor
    first, last = window.session.view.visible()
    assert (editor.plot.box.first, editor.plot.box.last) == pytest.approx((first, last))
    at = QPoint(round(editor.plot.area.center().x()), round(editor.plot.area.center().y()))
    wheel(window, at, 3)
    assert editor.plot.box.last - editor.plot.box.first < last - first
    assert window.session.view.visible() == pytest.approx((editor.plot.box.first, editor.plot.box.last))
    window.actions_by_id["curves.time"].trigger()
    kept = window.session.view
    wheel(window, at, 3)
    assert window.session.view == kept
    high = editor.plot.box.high - editor.plot.box.low
    wheel(window, at, 2, Qt.KeyboardModifier.ControlModifier)
    assert editor.plot.box.high - editor.plot.box.low < high
    editor.plot.setFocus()
    press(qtbot, "F")
    assert editor.plot.box.first < 0 < 89 < editor.plot.box.last


def test_kf10_the_times_scrub_and_the_pointer_reads_values(window, qtbot) -> None:
    editor = window.curves.editor
    target, area = editor.plot.viewport(), editor.plot.area
    with qtbot.waitSignal(window.curves.seek_requested, timeout=2000):
        qtbot.mouseClick(target, LEFT, NO_KEY, QPoint(spot(window, SWING, 60).x(), round(area.top() / 2)))
    assert window.session.playhead == 60
    assert editor.plot._playhead.value() == 60
    qtbot.mouseMove(target, spot(window, SWING, 30))
    assert "Left shoulder Y   frame 30" in window.curves._note.text()
    assert "°" in window.curves._note.text()
    row = editor.list._rows[SWING].item
    assert row.text(1).endswith("°")


def test_kf10_channels_are_hidden_and_locked_in_the_list(window, qtbot) -> None:
    editor = window.curves.editor
    row = editor.list._rows[SWING].item
    editor.list.itemClicked.emit(row, LOCK)
    before = window.editor.document
    drag(qtbot, window, spot(window, SWING, 30), QPoint(0, -40))
    drag(qtbot, window, spot(window, SWING, 45, key="key1"), QPoint(0, -40))
    assert window.editor.document is before
    editor.list.itemClicked.emit(row, EYE)
    assert not editor.shown.seen
    editor.list.itemClicked.emit(row.parent(), EYE)
    assert len(editor.shown.seen) == 3


def test_kf10_delete_removes_the_chosen_keys_and_an_empty_panel_says_what_to_do(window, qtbot) -> None:
    editor = window.curves.editor
    qtbot.mouseClick(editor.plot.viewport(), LEFT, NO_KEY, spot(window, SWING, 45, key="key1"))
    press(qtbot, "Delete")
    assert find_item(window.editor.document, "key1") is None
    window.editor.edit("Empty", lambda d: clear_result(Span(0, 90))(delete_items(("key0", "key2"))(d)))
    window.curves.say("")
    assert "press Generate" in window.curves._note.text()


def test_kf10_what_is_chosen_for_the_graph_is_kept(window, tmp_path) -> None:
    window.actions_by_id["curves.equal"].trigger()
    window.actions_by_id["curves.time"].trigger()
    window.curves.editor.set_radius(24)
    kept = settings_in(tmp_path)
    assert kept.value("curves/equal", False, bool) is True
    assert kept.value("curves/linked_time", True, bool) is False
    assert int(str(kept.value("curves/falloff"))) == 24
    assert window.curves.falloff.text() == "24 frames"


def test_kf10_measures_of_feet_and_root_stay_in_the_list(window, qtbot) -> None:
    window.curves.kind.setCurrentText(ROOT_SPEED)
    assert window.curves.measures.isVisible()
    assert not window.curves.editor.isVisible()
    qtbot.waitUntil(lambda: "m/s" in window.curves._note.text(), timeout=5000)
    window.transport.seek(45)
    assert window.curves.measures._playhead.value() == pytest.approx(1.5)
    target = window.curves.measures._plot.viewport()
    with qtbot.waitSignal(window.curves.seek_requested, timeout=2000):
        qtbot.mouseClick(target, LEFT, NO_KEY, target.rect().center())
    assert window.session.playhead != 45


def test_kf11_the_motion_becomes_keys_and_keys_a_motion(window, qtbot) -> None:
    window.actions_by_id["reduce.keys"].trigger()
    (dialog,) = window.commands._dialogs
    assert dialog.wish.joints == ("left_shoulder",)
    dialog._which.setCurrentIndex(0)
    qtbot.waitUntil(dialog._create.isEnabled, timeout=20_000)
    assert "keys for 90 frames" in dialog._says.text()
    dialog._create.click()
    track = next(track for track in window.editor.document.tracks if track.id == "t2")
    assert len(track.items) > 5
    assert window.editor.history == ("Reduce to Keys",)
    window.actions_by_id["block.smooth"].trigger()
    take = window.editor.document.takes[-1]
    assert take.model == "interpolation"
    shown, made = window.stage.shown.motion, window.project.take_motion("take1")
    assert np.abs(shown.translation - made.translation).max() < 0.031, "within the tolerance of what was reduced"
    window.actions_by_id["edit.undo"].trigger()
    window.actions_by_id["edit.undo"].trigger()
    assert len(next(track for track in window.editor.document.tracks if track.id == "t2").items) == 3
