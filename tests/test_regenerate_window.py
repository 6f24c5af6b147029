"""The section that makes a part of the result anew, refinement after a drag, and loops, in the real window."""

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QSpinBox

from genmo_studio.conditions.regenerating import Anew
from genmo_studio.document.edits import (
    add_item,
    add_track,
    change_generation,
    clear_result,
    set_in_out,
    set_key,
    set_waypoint,
)
from genmo_studio.document.model import LockClip, TrackKind
from genmo_studio.document.queries import find_item, find_take
from genmo_studio.document.time import Span
from genmo_studio.motion.in_place import in_place
from genmo_studio.motion.skeleton import REGIONS
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.regenerate import RegenerateControl
from genmo_studio.ui.panels.message_bar import Message
from genmo_studio.ui.panels.regenerate import Frames
from tests.studio_window import close_window, open_window
from tests.test_live_window import Drag
from tests.window_document import FRAMES, walking

PATIENCE = 120_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, tmp_path, model):
    made = open_window(qtbot, tmp_path)
    made.editor.edit("Choose model", change_generation(model=str(model), steps=5))
    made.actions_by_id["live.refine"].setChecked(False)
    made.docks["generation"].raise_()
    yield made
    close_window(made)


def section(window):
    return window.generation.regenerate


def press(window, words: str) -> None:
    button = next(b for b in section(window).findChildren(QPushButton) if b.text() == words)
    window.generation.look_at(button)
    QApplication.processEvents()
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def done(window, qtbot, takes: int) -> None:
    qtbot.waitUntil(lambda: len(window.editor.document.takes) == takes and not window.jobs.running, timeout=PATIENCE)


# -- pure --------------------------------------------------------------------------------------------------------------


def test_in_place_takes_the_travel_out_and_nothing_else() -> None:
    motion = walking(90)
    still = in_place(motion, Span(20, 50))
    assert np.ptp(still.translation[20:50, [0, 2]], axis=0).max() == 0
    assert still.rotations.tobytes() == motion.rotations.tobytes()
    assert still.translation[:, 1].tobytes() == motion.translation[:, 1].tobytes()
    assert still.translation[:20].tobytes() == motion.translation[:20].tobytes()
    after = np.diff(still.translation[50:], axis=0)
    assert np.allclose(after, np.diff(motion.translation[50:], axis=0), atol=1e-5), "what follows goes on as it did"
    assert np.linalg.norm(still.translation[50] - still.translation[49]) < 0.05, "without a jump"
    with pytest.raises(ValueError, match="are not in a motion"):
        in_place(motion, Span(80, 100))


# -- what is chosen ----------------------------------------------------------------------------------------------------


def test_the_range_follows_keys_marks_selection_and_typing(window, qtbot) -> None:
    """The keys of the document stand at 0, 45 and 89."""
    panel, chosen = section(window), []
    panel.set_open(True)
    control_span = lambda: (panel._first.value(), panel._last.value())  # noqa: E731
    window.transport.seek(20)
    assert control_span() == (1, 44)
    window.transport.seek(60)
    assert control_span() == (46, 88)
    assert "43 frames" in panel.said
    panel.frames_chosen.emit(Frames.MARKS)
    assert "no marks" in panel.said
    assert not window.actions_by_id["regenerate.run"].isEnabled()
    window.editor.edit("Mark", set_in_out(Span(30, 70)))
    assert control_span() == (30, 69)
    panel.frames_chosen.emit(Frames.SELECTION)
    assert "is selected" in panel.said
    window.session.select({"text2"})
    assert control_span() == (40, FRAMES - 1)
    # Typing a frame is choosing by typing.
    field = panel._first
    assert isinstance(field, QSpinBox)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "50")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert panel._frames.currentText() == Frames.TYPED.value
    assert control_span() == (50, FRAMES - 1)
    assert window.timeline.looks.anew == Span(50, FRAMES)
    panel.set_open(False)
    assert window.timeline.looks.anew is None
    assert chosen == []


def test_the_region_is_the_selected_joints_and_the_other_way_round(window) -> None:
    panel, joints = section(window), window.commands.of(BodyPartsControl).joints
    joints.select({"left_wrist"})
    assert panel._region.currentData() == "left_arm"
    panel.region_chosen.emit("lower")
    assert {"left_knee", "pelvis"} <= joints.joints
    assert set(window.picture.picked) == set(REGIONS["lower"])
    panel.region_chosen.emit("full")
    assert joints.joints == frozenset()
    assert panel._region.currentData() == "full"


def test_why_nothing_can_be_made_anew_is_said(window) -> None:
    panel, run = section(window), window.actions_by_id["regenerate.run"]
    assert run.isEnabled()
    window.editor.edit("Add track", add_track(TrackKind.LOCKS, name="Locks", track_id="locks"))
    window.editor.edit("Lock", add_item("locks", LockClip(id="l", span=Span(0, FRAMES), regions=("left_arm",))))
    assert run.isEnabled()
    assert "Locks keep the left arm" in panel.said
    panel.region_chosen.emit("left_arm")
    assert panel.said.startswith("Locks keep everything")
    assert not run.isEnabled()
    panel.region_chosen.emit("full")
    window.editor.edit("Clear", clear_result(Span(0, FRAMES)))
    assert panel.said == "There is no motion yet: press Generate first."
    assert not run.isEnabled()
    assert not window.actions_by_id["regenerate.in_place"].isEnabled()


# -- doing -------------------------------------------------------------------------------------------------------------


@pytest.mark.leaves_threads
def test_un5_regenerating_an_arm_leaves_every_other_byte_and_undo_brings_it_back(window, qtbot) -> None:
    panel = section(window)
    panel.set_open(True)
    window.transport.seek(60)
    panel.region_chosen.emit("left_arm")
    before = window.stage.bare.motion
    press(window, "Regenerate")
    assert window.jobs.running
    assert "left arm, frames 46 to 88" in window.strip.state.sentence
    done(window, qtbot, 2)
    after = window.stage.bare.motion
    inside = np.zeros(before.rotations.shape, bool)
    inside[46:89, sorted(REGIONS["left_arm"])] = True
    assert after.rotations[~inside].tobytes() == before.rotations[~inside].tobytes()
    assert after.translation.tobytes() == before.translation.tobytes()
    assert not np.array_equal(after.rotations[inside], before.rotations[inside])
    assert window.editor.undo_label == "Regenerate left arm 46–88"
    window.actions_by_id["edit.undo"].trigger()
    assert window.stage.bare.motion.to_bytes() == before.to_bytes()
    assert len(window.editor.document.takes) == 1


@pytest.mark.leaves_threads
def test_pg5_a_preview_of_a_part_is_shown_among_the_rest(window, qtbot) -> None:
    window.editor.edit("Steps", change_generation(steps=60))
    window.transport.seek(60)
    spans = []
    window.jobs.preview_changed.connect(lambda preview: preview is not None and spans.append(preview.span))
    window.actions_by_id["regenerate.run"].trigger()
    qtbot.waitUntil(lambda: window.picture.previewing, timeout=PATIENCE)
    assert window.picture.shown.span == Span(0, FRAMES)
    done(window, qtbot, 2)
    assert spans


def test_make_in_place_is_one_step_and_needs_no_engine(window) -> None:
    window.transport.seek(60)
    before = window.stage.bare.motion
    window.actions_by_id["regenerate.in_place"].trigger()
    after = window.stage.bare.motion
    assert np.ptp(after.translation[46:89, [0, 2]], axis=0).max() == 0
    assert after.translation[:46].tobytes() == before.translation[:46].tobytes()
    assert window.editor.undo_label == "Make in Place 46–88"
    assert find_take(window.editor.document, window.editor.document.takes[-1].id).name == "Take 1 in place"
    assert window.parts.client.pid is None
    window.editor.undo()
    assert window.stage.bare.motion.to_bytes() == before.to_bytes()


# -- what is let go is refined -----------------------------------------------------------------------------------------


@pytest.mark.leaves_threads
def test_what_is_let_go_is_refined_between_the_neighbouring_keys(window, qtbot) -> None:
    window.actions_by_id["live.refine"].setChecked(True)
    before = window.stage.bare.motion
    drag = Drag(window, "key1")
    drag.move(30)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    assert not window.jobs.running, "not while it is dragged"
    drag.release(30)
    assert window.live.shown is not None, "the draft stays until the refinement shows itself"
    done(window, qtbot, 2)
    assert window.live.shown is None
    assert window.editor.history[-2].startswith("Move")
    assert window.editor.history[-1] == "Refine full body 1–88"
    after = window.stage.bare.motion
    assert after.rotations[[0, 89]].tobytes() == before.rotations[[0, 89]].tobytes()
    assert not np.array_equal(after.rotations[1:89], before.rotations[1:89])
    # Undo twice: first the former motion, then the key; nothing is refined by that.
    window.editor.undo()
    assert window.stage.bare.motion.to_bytes() == before.to_bytes()
    window.editor.undo()
    qtbot.wait(500)
    assert not window.jobs.running
    assert len(window.editor.document.takes) == 1


def turn(window, name: str) -> None:
    """A joint of the middle key by 0.4 rad, as posing does it."""
    key = find_item(window.editor.document, "key1")
    x, y, z = key.rotations[name]
    turned = structs.replace(key, rotations={**key.rotations, name: (x + 0.4, y, z)})
    window.commands.edit(f"Turn {name}", set_key("t2", turned))


@pytest.mark.leaves_threads
def test_a_refinement_leaves_alone_what_the_user_had_made_anew(window, qtbot) -> None:
    """A new arm stays byte for byte where another part is posed; where a key moves, it is gone into when asked only."""
    window.transport.seek(60)
    section(window).region_chosen.emit("left_arm")
    window.actions_by_id["regenerate.run"].trigger()
    done(window, qtbot, 2)
    window.actions_by_id["live.refine"].setChecked(True)
    before = window.stage.bare.motion
    turn(window, "head")
    done(window, qtbot, 3)
    assert window.editor.history[-1] == "Refine spine 1–88"
    after = window.stage.bare.motion
    spine = np.zeros(before.rotations.shape, bool)
    spine[1:89, sorted(REGIONS["spine"])] = True
    assert after.rotations[~spine].tobytes() == before.rotations[~spine].tobytes()
    assert after.translation.tobytes() == before.translation.tobytes()
    assert after.rotations[45, 15] == pytest.approx(
        find_item(window.editor.document, "key1").rotations["head"], abs=2e-3
    )
    assert window.messages.shown is None
    before = after
    drag = Drag(window, "key1")
    drag.move(-60)
    drag.release(-60)
    done(window, qtbot, 4)
    assert window.editor.history[-1] == "Refine full body 1–45"
    after = window.stage.bare.motion
    assert after.rotations[46:].tobytes() == before.rotations[46:].tobytes()
    said = window.messages.shown
    assert said.what == "The refinement stops at your new left arm (frames 46 to 88)."
    QTest.mouseClick(window.messages._action, LEFT)
    done(window, qtbot, 5)
    assert window.editor.history[-1] == "Refine full body 1–88"
    assert window.messages.shown is None


@pytest.mark.leaves_threads
def test_a_path_that_contradicts_a_key_is_told_and_refined_when_it_is_wanted(window, qtbot) -> None:
    window.actions_by_id["live.refine"].setChecked(True)
    window.commands.edit("Move Waypoint", set_waypoint("way1", position=(3.0, 1.5), heading=None))
    qtbot.waitUntil(lambda: window.messages.shown is not None)
    assert window.messages.shown.what.startswith("This was not refined. A key and a waypoint at frame 45 disagree")
    assert not window.jobs.running
    window.editor.undo()
    assert window.messages.shown is None, "its cause is gone"
    window.editor.redo()
    window.commands.edit("Move Waypoint", set_waypoint("way1", position=(3.0, 1.6), heading=None))
    qtbot.waitUntil(lambda: window.messages.shown is not None)
    QTest.mouseClick(window.messages._action, LEFT)
    done(window, qtbot, 2)
    assert window.editor.history[-1] == "Refine full body 1–88"


@pytest.mark.leaves_threads
def test_the_next_drag_ends_a_refinement_and_the_last_one_counts(window, qtbot) -> None:
    window.actions_by_id["live.refine"].setChecked(True)
    window.editor.edit("Steps", change_generation(steps=400))
    drag = Drag(window, "key1")
    drag.move(20)
    drag.release(20)
    qtbot.waitUntil(lambda: window.picture.previewing, timeout=PATIENCE)
    drag = Drag(window, "key1")
    drag.move(30)
    assert not window.jobs.running, "what it would have answered is not asked for any more"
    window.editor.edit("Steps", change_generation(steps=4))
    drag.release(30)
    done(window, qtbot, 2)
    assert window.editor.history[-1] == "Refine full body 1–88"
    assert window.editor.document.result[1].take == window.editor.document.takes[1].id


@pytest.mark.leaves_threads
def test_a_drag_that_is_given_up_leaves_the_edit_before_it_to_be_refined(window, qtbot) -> None:
    window.actions_by_id["live.refine"].setChecked(True)
    window.editor.edit("Steps", change_generation(steps=400))
    drag = Drag(window, "key1")
    drag.move(20)
    drag.release(20)
    qtbot.waitUntil(lambda: window.picture.previewing, timeout=PATIENCE)
    window.editor.edit("Steps", change_generation(steps=4))
    drag = Drag(window, "key1")
    drag.move(30)
    assert not window.jobs.running
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)
    assert not window.editor.in_gesture
    done(window, qtbot, 2)
    assert window.editor.history[-1] == "Refine full body 1–88"
    drag.release(30)


@pytest.mark.leaves_threads
def test_a_refinement_withdraws_no_failure_that_the_user_has_not_read(window) -> None:
    window.messages.post(Message("Take 2 was not made. Out of memory.", topic="generation/memory"))
    window.jobs.regenerate(Anew(Span(1, 40), ("left_arm",)), refines=True)
    assert window.messages.shown is not None
    window.jobs.cancel()


@pytest.mark.leaves_threads
def test_quick_edits_are_one_refinement_and_switching_it_off_stops_it(window, qtbot) -> None:
    window.actions_by_id["live.refine"].setChecked(True)
    for dx in (10, 14, 20):
        drag = Drag(window, "key1")
        drag.move(dx)
        drag.release(dx)
    done(window, qtbot, 2)
    assert sum(step.startswith("Refine") for step in window.editor.history) == 1
    window.editor.edit("Steps", change_generation(steps=1000))
    drag = Drag(window, "key1")
    drag.move(-20)
    drag.release(-20)
    qtbot.waitUntil(lambda: window.jobs.running, timeout=PATIENCE)
    window.actions_by_id["live.refine"].setChecked(False)
    assert not window.jobs.running
    qtbot.waitUntil(lambda: not window.jobs.freeing, timeout=PATIENCE)


def test_the_result_row_offers_it(window) -> None:
    from genmo_studio.ui.timeline.menus import _RESULT

    assert "regenerate.choose" in _RESULT
    window.transport.seek(60)
    window.actions_by_id["regenerate.choose"].trigger()
    assert section(window).is_open
    assert window.timeline.looks.anew == Span(46, 89)
    assert section(window).mapTo(window, QPoint(0, 0)).y() < window.height()
    window.editor.edit("Mark", set_in_out(Span(30, 70)))
    window.actions_by_id["regenerate.choose"].trigger()
    assert window.commands.of(RegenerateControl).anew.span == Span(30, 70), "marks that were set are meant"
