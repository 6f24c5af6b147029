"""From the T-pose to a loop in the real window: posed, keyed, dragged, made anew, with pointer and key events."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.document.edits import change_generation, set_length
from genmo_studio.document.model import PoseKey, TrackKind
from genmo_studio.motion.body import joint_positions
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, REGIONS
from genmo_studio.render.camera import ViewPreset, project
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.posing import PosingControl
from genmo_studio.ui.panels.regenerate import Frames
from genmo_studio.ui.viewport.pose_gizmo import Handle, Tool
from tests.studio_window import close_window, press
from tests.test_end_to_end import Answers

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
PATIENCE = 240_000  # ms, of a machine with other work
FRAMES = 120


class Animator:
    """What a person does with the pointer in the viewport and with the keys."""

    def __init__(self, window, qtbot) -> None:
        self.window, self.bot = window, qtbot
        self.view = window.viewport.viewport
        self.control = window.commands.of(PosingControl)
        self.posing, self.tool = self.control.posing, self.control.tool
        self.joints = window.commands.of(BodyPartsControl).joints

    @property
    def document(self):
        return self.window.editor.document

    def poses(self) -> list[PoseKey]:
        return [item for track in self.document.tracks if track.kind is TrackKind.FULL_KEYS for item in track.items]

    def go_to(self, frame: int) -> None:
        self.window.transport.seek(frame)
        self.view.frame_selected()
        self.view.look(ViewPreset.THREE_QUARTER)
        self.view.setFocus()

    def place(self, name: str) -> np.ndarray:
        return self.posing.pose().world(self.posing.rest_joints())[1][INDEX[name]]

    def at(self, name: str) -> QPoint:
        camera, size = self.view.lens()
        x, y, _ = project(self.place(name), camera, size)
        return QPoint(round(x), round(y))

    def pick(self, name: str) -> None:
        self.bot.mouseClick(self.view, LEFT, NO_KEY, self.at(name))
        assert self.joints.joints == {name}

    def centre(self) -> QPoint:
        x, y = self.tool.gizmo().shape(Handle.MOVE_FREE).points.mean(axis=0)
        return QPoint(round(x), round(y))

    def drag(self, start: QPoint, by: QPoint, *, release: bool = True) -> None:
        self.bot.mousePress(self.view, LEFT, NO_KEY, start)
        for share in (0.25, 0.5, 0.75, 1.0):
            self.bot.mouseMove(self.view, start + QPoint(round(by.x() * share), round(by.y() * share)))
            self.bot.wait(5)
        if release:
            self.bot.mouseRelease(self.view, LEFT, NO_KEY, start + by)

    def let_go_of_joints(self) -> None:
        self.joints.select(())

    def wait(self, so) -> None:
        self.bot.waitUntil(lambda: bool(so()), timeout=PATIENCE)

    def button(self, words: str) -> QPushButton:
        panel = self.window.generation.regenerate
        found = next(b for b in panel.findChildren(QPushButton) if b.text() == words)
        self.window.generation.look_at(found)
        QApplication.processEvents()
        return found


@pytest.fixture
def animator(qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    answers = Answers(tmp_path / "Pose.genmo")
    window = program.open_window(program.make_application(), None, settings=settings, prompts=answers, warm_up=True)
    window.resize(1500, 960)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    window.editor.mark_saved()
    window.actions_by_id["file.new"].trigger()
    yield Animator(window, qtbot)
    close_window(window)


def missed(motion, body, key: PoseKey) -> tuple[float, float]:
    """How far a motion is from a full-body key: degrees, mm."""
    names = list(key.rotations)
    wanted = matrix_from_rotvec(np.array([key.rotations[name] for name in names]))
    got = matrix_from_rotvec(motion.rotations[key.frame, [INDEX[name] for name in names]].astype(np.float64))
    at = joint_positions(motion.sliced(key.frame, key.frame + 1), body)[0, 0]
    away = np.linalg.norm(at - np.array(key.root_position))
    return float(np.degrees(angle_between(got, wanted)).max()), 1e3 * float(away)


@pytest.mark.leaves_threads
def test_from_the_t_pose_to_a_loop(animator: Animator, qtbot, tmp_path: Path) -> None:
    """GZ1, GZ4, GZ5, GZ7, GZ10, GZ11, KF1, KF4, UN5: pins, three keys, drafts in a drag, an upper body anew, a loop."""
    a, window = animator, animator.window
    window.editor.edit("Short and quick", set_length(FRAMES))
    window.editor.edit("Few steps", change_generation(steps=8))
    begin, untouched = window.editor.position, a.document

    # A pose from nothing: one hand is lowered and pinned, the other is drawn up, the feet stand.
    a.go_to(0)
    assert window.picture.shown is None
    press(qtbot, "W")
    assert a.posing.rig.tool is Tool.MOVE
    a.pick("left_wrist")
    a.drag(a.centre(), QPoint(-50, 90))
    press(qtbot, "T")
    pinned, feet = a.place("left_wrist"), [a.place("left_ankle"), a.place("right_ankle")]
    a.pick("right_wrist")
    press(qtbot, "Shift+A")
    assert a.joints.joints == {"right_collar", "right_shoulder", "right_elbow", "right_wrist"}, "no double click needed"
    a.let_go_of_joints()
    a.pick("right_wrist")
    before = a.place("right_wrist")
    a.drag(a.centre(), QPoint(30, -70))
    assert np.linalg.norm(a.place("right_wrist") - before) > 0.1
    assert np.linalg.norm(a.place("left_wrist") - pinned) < 2e-3, "a pin holds"
    for foot, was in zip(("left_ankle", "right_ankle"), feet, strict=True):
        assert np.linalg.norm(a.place(foot) - was) < 5e-3, "feet that stand stay"
    a.let_go_of_joints()
    press(qtbot, "S")
    assert [key.frame for key in a.poses()] == [0]

    # Two more keys, each posed where it is set.
    for frame, by in ((60, QPoint(-60, 70)), (FRAMES - 1, QPoint(50, 40))):
        a.go_to(frame)
        a.pick("right_wrist")
        a.drag(a.centre(), by)
        a.let_go_of_joints()
        press(qtbot, "S")
    assert [key.frame for key in a.poses()] == [0, 60, FRAMES - 1]
    assert all(len(key.rotations) == 22 for key in a.poses())
    assert a.poses()[0].rotations != a.poses()[1].rotations

    # From key to key.
    window.timeline.setFocus()
    press(qtbot, ",")
    assert window.session.playhead == 60
    press(qtbot, ".")
    assert window.session.playhead == FRAMES - 1

    # A motion through them.
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    a.wait(lambda: len(a.document.takes) == 1 and not window.jobs.running)
    for key in a.poses():
        degrees, mm = missed(window.stage.result.motion, window.picture.body, key)
        assert degrees < 0.1
        assert mm < 1.0

    # The middle key is dragged: drafts answer while it is held, and what is let go is refined.
    drafts: list = []
    window.live.drafted.connect(drafts.append)
    a.go_to(60)
    a.pick("right_wrist")
    steps, start = window.editor.position, a.centre()
    a.drag(start, QPoint(30, -60), release=False)
    a.wait(lambda: drafts)
    first = drafts[-1]
    assert window.picture.shown is not window.stage.shown, "the draft is on show"
    qtbot.mouseMove(a.view, start + QPoint(45, -95))
    a.wait(lambda: drafts[-1] is not first)
    qtbot.mouseRelease(a.view, LEFT, NO_KEY, start + QPoint(45, -95))
    assert window.editor.position == steps + 1, "a drag is one step"
    a.wait(lambda: len(a.document.takes) == 2 and not window.jobs.running)
    a.wait(lambda: missed(window.stage.result.motion, window.picture.body, a.poses()[1])[1] < 1.0)
    assert missed(window.stage.result.motion, window.picture.body, a.poses()[1])[0] < 0.1

    # The upper body of one range, and nothing else.
    panel = window.generation.regenerate
    window.docks["generation"].raise_()
    panel.set_open(True)
    window.timeline.setFocus()
    for frame, key in ((70, Qt.Key.Key_I), (104, Qt.Key.Key_O)):
        window.transport.seek(frame)
        qtbot.keyClick(window.timeline, key)
    panel.frames_chosen.emit(Frames.MARKS)
    panel.region_chosen.emit("upper")
    was = window.stage.result.motion
    QTest.mouseClick(a.button("Regenerate"), LEFT)
    a.wait(lambda: len(a.document.takes) == 3 and not window.jobs.running)
    now = window.stage.result.motion
    assert window.editor.undo_label.startswith("Regenerate")
    lower = sorted(set(range(24)) - set(REGIONS["upper"]))
    for outside in (slice(0, 70), slice(105, None)):
        assert now.rotations[outside].tobytes() == was.rotations[outside].tobytes()
    assert now.translation.tobytes() == was.translation.tobytes()
    assert now.rotations[:, lower].tobytes() == was.rotations[:, lower].tobytes()
    assert not np.array_equal(now.rotations[70:105], was.rotations[70:105])

    # A loop of the marked frames: twice in a row has no jump at the wrap that the motion has not elsewhere.
    panel.region_chosen.emit("full")
    window.actions_by_id["regenerate.loop_in_place"].trigger()
    a.wait(lambda: len(a.document.takes) == 4 and not window.jobs.running)
    loop = window.stage.result.motion.sliced(70, 105)
    turns = matrix_from_rotvec(np.concatenate([loop.rotations, loop.rotations])[:, :22].astype(np.float64))
    speeds = angle_between(turns[1:], turns[:-1]).max(axis=1)
    wrap = len(loop) - 1
    assert speeds[wrap] <= 1.5 * max(speeds[:wrap].max(), np.radians(3.0))
    assert np.linalg.norm(loop.translation[0] - loop.translation[-1]) < 0.1

    # Back to the start, and forth again.
    finished = a.document
    a.view.setFocus()
    while window.editor.position > begin:
        press(qtbot, "Ctrl+Z")
    assert a.document == untouched
    while window.editor.can_redo:
        press(qtbot, "Ctrl+Shift+Z")
    assert a.document == finished

    # Nothing of it is lost on disk.
    press(qtbot, "Ctrl+S")
    a.wait(lambda: window.project.is_saved)
    loaded = storage.load(tmp_path / "Pose.genmo")
    assert loaded.document == a.document
    assert loaded.report == ()
