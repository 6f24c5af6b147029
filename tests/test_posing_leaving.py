"""Unkeyed poses when the project is left or saved, and a pose that is dragged through time, in the real window."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.document.model import PoseKey, TrackKind
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.control.posing import PosingControl
from genmo_studio.ui.files import Answer, DialogPrompts, PoseAnswer, unkeyed_words
from tests.answers import Answers
from tests.studio_window import press, settings_in
from tests.window_document import window_document

MIDDLE, SHIFT = Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def answers() -> Answers:
    made = Answers()
    made.poses = PoseAnswer.CANCEL
    return made


@pytest.fixture
def window(qtbot, tmp_path: Path, answers: Answers):
    document, takes = window_document()
    answers.path = tmp_path / "p.genmo"
    storage.save(answers.path, document, takes=takes)
    settings = settings_in(tmp_path)
    made = program.open_window(
        program.make_application(), answers.path, settings=settings, prompts=answers, warm_up=False
    )
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    answers.poses, answers.changes = PoseAnswer.DISCARD, Answer.DISCARD
    made.close()
    made.deleteLater()


def posing_of(window):
    return window.commands.of(PosingControl).posing


def bend(window, frame: int) -> None:
    posing = posing_of(window)
    window.transport.seek(frame)
    posing.change("Bend", poses.turned(posing.pose(), INDEX["left_elbow"], np.array([0, 0.8, 0]), posing.rest_joints()))
    assert frame in posing.unkeyed


def key_frames(window) -> set[int]:
    tracks = [track for track in window.editor.document.tracks if track.kind is TrackKind.FULL_KEYS]
    return {item.frame for track in tracks for item in track.items if isinstance(item, PoseKey)}


LEAVING = {
    "new": lambda window: window.actions_by_id["file.new"].trigger(),
    "open": lambda window: window.actions_by_id["file.open"].trigger(),
    "close": lambda window: window.close(),
}


@pytest.mark.parametrize("way", LEAVING)
def test_kf3_leaving_a_project_asks_about_unkeyed_poses_and_can_be_called_off(window, answers, way: str) -> None:
    bend(window, 20)
    bend(window, 33)
    document, unkeyed = window.editor.document, dict(posing_of(window).unkeyed)
    LEAVING[way](window)
    assert answers.asked == [(20, 33)], "asked although the project itself is saved"
    assert window.isVisible()
    assert window.editor.document is document
    assert dict(posing_of(window).unkeyed) == unkeyed


def test_kf3_keyed_when_leaving_they_are_changes_of_the_project_that_are_asked_about(window, answers, qtbot) -> None:
    before = key_frames(window)
    bend(window, 20)
    bend(window, 33)
    answers.poses, answers.changes = PoseAnswer.KEY, Answer.SAVE
    window.actions_by_id["file.new"].trigger()
    assert answers.asked == [(20, 33), "p"]
    assert not posing_of(window).unkeyed
    loaded = storage.load(answers.path).document
    items = [item for track in loaded.tracks if track.kind is TrackKind.FULL_KEYS for item in track.items]
    assert {item.frame for item in items} == before | {20, 33}, "the keys are in the file"


def test_kf3_discarded_poses_are_gone_also_when_the_same_file_is_opened_anew(window, answers) -> None:
    bend(window, 20)
    answers.poses = PoseAnswer.DISCARD
    window.actions_by_id["file.open"].trigger()
    assert answers.asked == [(20,)]
    assert not posing_of(window).unkeyed
    assert not window.commands.of(PosingControl).bar.isVisible()


def test_kf3_discarded_poses_are_still_there_when_leaving_comes_to_nothing(window, answers, tmp_path) -> None:
    bend(window, 20)
    answers.poses = PoseAnswer.DISCARD
    answers.path = tmp_path / "broken.genmo"
    answers.path.write_bytes(b"nothing")
    window.actions_by_id["file.open"].trigger()
    assert window.messages.messages, "it cannot be opened"
    assert set(posing_of(window).unkeyed) == {20}


def test_kf3_saving_keeps_unkeyed_poses_pending_and_says_so(window, qtbot) -> None:
    bend(window, 20)
    window.actions_by_id["file.save"].trigger()
    qtbot.waitUntil(lambda: "Saved" in window.statusBar().currentMessage(), timeout=10_000)
    said = window.statusBar().currentMessage()
    assert "pose at frame 20" in said
    assert "not in the file" in said
    assert set(posing_of(window).unkeyed) == {20}


@pytest.mark.parametrize(
    ("word", "answer"), [("Key", PoseAnswer.KEY), ("Discard", PoseAnswer.DISCARD), ("Cancel", PoseAnswer.CANCEL)]
)
def test_kf3_the_question_names_the_frames_and_its_buttons_say_what_happens(window, word: str, answer) -> None:
    said = []

    def click() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.append(box.text())
        next(button for button in box.buttons() if word in button.text().replace("&", "")).click()

    QTimer.singleShot(100, click)
    assert DialogPrompts(window).unkeyed((20, 33)) is answer
    assert said == ["Key the changed poses at frames 20 and 33?"]
    assert unkeyed_words((7,)) == "the changed pose at frame 7"
    assert "9 changed poses" in unkeyed_words(tuple(range(3, 12)))


def test_kf7_shift_and_the_middle_button_in_the_ruler_take_the_pose_along(window, qtbot) -> None:
    posing, timeline, view = posing_of(window), window.timeline, window.timeline.view
    window.transport.seek(10)
    pose = posing.pose()
    area, y = timeline.viewport(), round(view.metrics.ruler_height / 2)

    def at(frame: int) -> QPoint:
        return QPoint(round(timeline.view.x_of(frame)), y)

    qtbot.mousePress(area, MIDDLE, SHIFT, at(10))
    for frame in (14, 22, 31):
        qtbot.mouseMove(area, at(frame))
    assert window.session.playhead == 31
    assert poses.same(posing.pose(), pose)
    qtbot.keyClick(timeline, Qt.Key.Key_Escape)
    assert window.session.playhead == 10
    assert not posing.unkeyed, "Esc leaves nothing on the way"
    qtbot.mouseRelease(area, MIDDLE, SHIFT, at(31))

    qtbot.mousePress(area, MIDDLE, SHIFT, at(10))
    qtbot.mouseMove(area, at(31))
    qtbot.mouseRelease(area, MIDDLE, SHIFT, at(31))
    assert set(posing.unkeyed) == {31}
    assert not posing.holding
    window.viewport.viewport.setFocus()
    press(qtbot, "S")
    assert 31 in key_frames(window)
    assert poses.same(posing.settled(31), pose, within=1e-6)
    assert timeline.view == view, "nothing is panned"


def test_kf7_tl4_without_shift_the_middle_button_pans_and_takes_nothing_along(window, qtbot) -> None:
    posing, timeline = posing_of(window), window.timeline
    window.transport.seek(10)
    timeline.zoom_in()
    timeline.zoom_in()
    area, start = timeline.viewport(), timeline.view
    spot = QPoint(round(start.x_of(10)) + 40, round(start.metrics.ruler_height / 2))
    qtbot.mousePress(area, MIDDLE, Qt.KeyboardModifier.NoModifier, spot)
    qtbot.mouseMove(area, spot - QPoint(60, 0))
    qtbot.mouseRelease(area, MIDDLE, Qt.KeyboardModifier.NoModifier, spot - QPoint(60, 0))
    assert timeline.view != start
    assert window.session.playhead == 10
    assert not posing.unkeyed
