"""The real window on a real document: opening, playing, editing, saving, exporting, generating, and going wrong."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.document.edits import set_text
from genmo_studio.document.model import TakeMode
from genmo_studio.importers.bvh import read_bvh
from genmo_studio.ui.files import Answer
from genmo_studio.ui.viewport.display import Mode
from tests.answers import Answers
from tests.studio_window import opened, settings_in, walking_project
from tests.window_document import FRAMES, walking, window_document


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    return walking_project(tmp_path)


@pytest.fixture
def window(qtbot, tmp_path, answers, project_file):
    with opened(qtbot, project_file, settings=settings_in(tmp_path), answers=answers) as made:
        yield made


def pixels(image: QImage) -> np.ndarray:
    """(H, W, 3) of a framebuffer."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def frame_of(window, frame: int, qtbot) -> np.ndarray:
    window.transport.seek(frame)
    qtbot.wait(20)
    return pixels(window.viewport.viewport.grabFramebuffer())


def test_it_opens_shows_and_plays(window, qtbot) -> None:
    assert "Prüfung 動作" in window.windowTitle()
    assert not window.isWindowModified()
    assert window.messages.messages == ()
    assert window.takes.model.rowCount() == 1
    assert "Take 1" in window.viewport.viewport.hud.title
    window.stage._between_frames()
    first, later = frame_of(window, 0, qtbot), frame_of(window, 60, qtbot)
    assert first.std() > 8, "the picture is not blank"
    moved = np.abs(first.astype(int) - later.astype(int)).max(axis=-1) > 30
    assert 0.002 < moved.mean() < 0.5, "the body moves, the window does not flash"

    window.transport.seek(0)
    assert window.viewport.viewport.hud.contacts is not None
    window.actions_by_id["play.toggle"].trigger()
    qtbot.waitUntil(lambda: window.session.playhead > 10, timeout=5000)
    assert window.viewport.viewport.hud.fps is None or window.viewport.viewport.hud.fps > 0
    window.actions_by_id["play.toggle"].trigger()
    assert not window.transport.playing
    here = window.session.playhead
    window.actions_by_id["play.step_forward"].trigger()
    assert window.session.playhead == min(here + 1, FRAMES - 1)


def test_scrubbing_on_the_ruler_stops_playing_and_moves_everything(window, qtbot) -> None:
    window.transport.play()
    timeline = window.timeline
    x = timeline.view.x_of(70)
    spot = timeline.viewport().rect().topLeft()
    spot.setX(round(x))
    spot.setY(12)
    qtbot.mousePress(timeline.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseRelease(timeline.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert not window.transport.playing
    assert abs(window.session.playhead - 70) <= 1
    assert f"frame {window.session.playhead}" in window.viewport.viewport.hud.time


def test_inspector_edits_are_undo_steps_with_names(window, qtbot) -> None:
    window.session.select({"text1"})
    form = window.inspector.form
    form._text.setPlainText("a person  runs\nin a circle")
    form.commit()
    clip = window.editor.document.tracks[0].items[0]
    assert clip.text == "a person runs in a circle"
    assert window.isWindowModified()
    assert window.actions_by_id["edit.undo"].text() == "Undo Change Text"
    window.actions_by_id["edit.undo"].trigger()
    assert window.editor.document.tracks[0].items[0].text == "a person walks forward"
    assert form._text.toPlainText() == "a person walks forward"
    assert not window.isWindowModified(), "undo back to the saved state clears the star"
    assert window.actions_by_id["edit.redo"].text() == "Redo Change Text"
    window.actions_by_id["edit.redo"].trigger()
    assert window.isWindowModified()


def test_keys_stay_in_the_field_in_which_one_types(window, qtbot) -> None:
    window.transport.seek(20)
    window.activateWindow()
    seed = window.generation._seed
    window.generation.window().raise_()
    seed.setFocus()
    qtbot.waitUntil(seed.hasFocus, timeout=3000)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_L, Qt.Key.Key_Home):
        qtbot.keyClick(seed, key)
    assert window.session.playhead == 20
    assert not window.transport.playing
    qtbot.keyClick(seed, Qt.Key.Key_Up)
    assert window.editor.document.generation.seed == 1
    window.viewport.viewport.setFocus()
    qtbot.keyClick(window.viewport.viewport, Qt.Key.Key_Left)
    assert window.session.playhead == 19


def test_the_layout_comes_back(window, qtbot, project_file, answers) -> None:
    window.docks["takes"].close()
    window.resize(1000, 640)
    settings = window.parts.settings
    assert window.close()
    again = program.open_window(program.make_application(), project_file, settings=settings, warm_up=False)
    with qtbot.waitExposed(again):
        again.show()
    assert not again.docks["takes"].isVisible()
    assert again.docks["timeline"].isVisible()
    assert again.close()
    again.deleteLater()


def test_settings_are_edits_and_a_drag_is_one_step(window) -> None:
    before = len(window.editor.history)
    lock = window.generation._lock
    lock.setSliderDown(True)
    for value in (90, 70, 40):
        lock.setValue(value)
    lock.setSliderDown(False)
    assert window.editor.document.generation.foot_lock == pytest.approx(0.4)
    assert len(window.editor.history) == before + 1
    window.actions_by_id["generate.new_seed"].trigger()
    assert len(window.editor.history) <= before + 2
    assert window.generation._seed.value() == window.editor.document.generation.seed


def test_a_refused_edit_is_said_and_the_field_goes_back(window) -> None:
    window.session.select({"text1"})
    window.commands.edit("Lock", lambda d: _locked(d, "t1"))
    assert not window.commands.edit("Change Text", set_text("text1", "other"))
    assert "locked" in window.messages.messages[-1].what
    assert window.editor.document.tracks[0].items[0].text == "a person walks forward"


def _locked(document, track):
    from genmo_studio.document.edits import set_track_flags

    return set_track_flags(track, locked=True)(document)


def test_save_as_reopen_keeps_everything(window, answers, tmp_path, qtbot) -> None:
    window.actions_by_id["edit.add_text"].trigger()
    answers.path = tmp_path / "ein zweiter Ort" / "neu"
    answers.path.parent.mkdir()
    window.actions_by_id["file.save_as"].trigger()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    saved = answers.path.with_suffix(".genmo")
    assert saved.is_file()
    assert not window.isWindowModified()
    loaded = storage.load(saved)
    assert loaded.document == window.editor.document
    assert loaded.thumb is not None
    assert loaded.thumb.startswith(b"\x89PNG")
    window.actions_by_id["file.new"].trigger()
    assert window.stage.shown is None
    assert "No motion yet" in window.viewport.viewport.hud.empty
    answers.path = saved
    window.actions_by_id["file.open"].trigger()
    assert window.editor.document == loaded.document
    assert len(window.stage.shown.motion) == FRAMES


def test_a_broken_file_leaves_the_open_project(window, answers, tmp_path) -> None:
    broken = tmp_path / "broken.genmo"
    broken.write_bytes(b"PK\x03\x04 not really")
    before = window.editor.document
    answers.path = broken
    window.actions_by_id["file.open"].trigger()
    assert window.editor.document is before
    (message,) = window.messages.messages
    assert "broken.genmo" in message.what
    assert window.messages.isVisible()
    window.messages.dismiss()
    assert not window.messages.isVisible()


def test_closing_asks_and_can_be_called_off(window, answers) -> None:
    window.commands.edit("Change Text", set_text("text1", "other"))
    answers.changes = Answer.CANCEL
    assert not window.close()
    assert answers.asked == ["Prüfung 動作"]
    assert window.isVisible()


def test_takes_are_chosen_by_a_click_and_shown_by_a_double_click(window, qtbot) -> None:
    document, takes = window_document(walking(phase=1.5))
    from msgspec.structs import replace

    from genmo_studio.document.edits import add_take

    second = replace(document.takes[0], id="take2", name="Take 2", mode=TakeMode.DRAFT)
    window.project.store.update(takes)
    window.commands.edit("Generate motion", add_take(second, place=False))
    assert window.takes.model.rowCount() == 2
    assert window.takes.model.shown == {"take1"}
    index = window.takes.model.index(window.takes.model.row_of("take2"), 0)
    spot = window.takes.view.visualRect(index).center()
    qtbot.mouseClick(window.takes.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.takes.current is not None
    assert window.takes.current.id == "take2"
    assert window.takes.model.shown == {"take1"}, "looking through the list changes nothing"
    qtbot.mouseDClick(window.takes.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.takes.model.shown == {"take2"}
    assert "draft" in window.viewport.viewport.hud.title
    assert window.editor.undo_label == "Show Take 2"


def test_a_right_click_offers_what_fits(window, qtbot) -> None:
    from PySide6.QtWidgets import QApplication, QMenu

    from genmo_studio.ui.timeline.hit import Hit, HitKind

    at = window.timeline.mapToGlobal(window.timeline.rect().center())
    window.timeline.menu_requested.emit(Hit(kind=HitKind.BODY, frame=5.0, item="text1", track="t1"), at)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert window.session.selection == {"text1"}
    entries = {action.text(): action for action in menu.actions()}
    assert {"Edit Text or Name", "Split at Playhead", "Delete"} <= entries.keys()
    next(action for text, action in entries.items() if text.startswith("Mute")).trigger()
    assert window.editor.document.tracks[0].items[0].muted
    menu.close()


def test_viewport_navigation_options_and_a_new_context(window, qtbot) -> None:
    viewport = window.viewport.viewport
    camera = viewport.camera
    middle = viewport.rect().center()
    aside = middle + viewport.rect().topLeft()
    aside.setX(middle.x() + 60)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, middle)
    qtbot.mouseMove(viewport, aside)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, aside)
    assert viewport.camera.yaw != camera.yaw
    plain = frame_of(window, 10, qtbot)
    window.actions_by_id["view.skeleton"].trigger()
    assert window.picture.display.mode is Mode.XRAY
    assert np.abs(frame_of(window, 10, qtbot).astype(int) - plain).mean() > 0.3
    window.actions_by_id["view.skeleton"].trigger()
    window.actions_by_id["view.follow"].trigger()
    before = viewport.camera.target
    window.transport.seek(70)
    assert viewport.camera.target[2] > before[2] + 1.0, "the camera goes with the walker"

    viewport.setParent(None)  # another top-level window: Qt makes a new context and asks for all GL objects again
    with qtbot.waitExposed(viewport):
        viewport.show()
    assert pixels(viewport.grabFramebuffer()).std() > 8
    window.viewport.layout().addWidget(viewport)
    qtbot.wait(30)
    assert pixels(viewport.grabFramebuffer()).std() > 8
    assert window.messages.messages == ()


def test_curves_follow_the_motion_and_the_playhead(window, qtbot) -> None:
    window.docks["curves"].raise_()
    qtbot.waitUntil(lambda: window.curves.editor is not None, timeout=5000)
    window.transport.seek(45)
    assert window.curves.editor.plot._playhead.value() == 45
    assert window.curves.editor.shown.curves.frames == len(window.stage.shown.motion)


@pytest.mark.leaves_threads
def test_export_writes_a_checked_bvh(window, qtbot, tmp_path) -> None:
    window.actions_by_id["file.export"].trigger()
    (dialog,) = window.commands._dialogs
    dialog.choose(".bvh")
    target = tmp_path / "walk.bvh"
    dialog.path.setText(str(target))
    dialog.first.setValue(10)
    dialog.last.setValue(69)
    dialog.start()
    assert dialog.running
    qtbot.waitUntil(lambda: not dialog.running, timeout=30000)
    assert dialog.written[0] == target, dialog.report.text()
    assert "60 frames" in dialog.report.text()
    assert "joints within 0.0" in dialog.report.text()
    assert len(read_bvh(target).rotations) == 60
    # The same name again: not overwritten without asking.
    dialog._check()
    assert not dialog._export.isEnabled()
    dialog.close()


_FRESH = """
import sys
sys.path.insert(0, {root!r})
from PySide6.QtCore import QTimer
from genmo_studio import app as program

application = program.make_application()

def look():
    shown = [w for w in application.topLevelWidgets() if w.objectName() == "studio" and w.isVisible()]
    if not shown:
        QTimer.singleShot(20, look)
        return
    window = shown[0]
    window.docks["curves"].raise_()
    window.transport.play()
    for _ in range(30):
        application.processEvents()
    print("title", window.windowTitle())
    print("ratio", window.devicePixelRatioF())
    print("usable", window.viewport.support.usable, window.viewport.support.reason)
    viewport = window.viewport.viewport
    if viewport is not None:
        image = viewport.grabFramebuffer()
        print("size", image.width(), image.height(), viewport.width(), viewport.height())
        corner = image.pixelColor(image.width() - 3, 3)
        print("corner", corner.red() + corner.green() + corner.blue())
    print("heavy", sorted(set(sys.modules) & {{"torch", "librosa", "trimesh", "numba", "smplx"}}))
    window.close()

QTimer.singleShot(0, look)
print("ended", program.main([{project!r}]))
"""


def fresh(project: Path, tmp_path: Path, **environment: str) -> dict[str, list[str]]:
    """What a window in a process of its own says."""
    import os

    code = _FRESH.format(root=str(Path(__file__).parents[1]), project=str(project))
    environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    kept = {key: value for key, value in os.environ.items() if environment.get(key) != ""}
    given = {key: value for key, value in environment.items() if value}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **given}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["ended", "0"] in lines, done.stdout
    return {words[0]: words[1:] for words in lines}


def test_a_fresh_window_never_loads_torch_and_fills_every_pixel_at_one_and_a_half(project_file, tmp_path) -> None:
    said = fresh(project_file, tmp_path, QT_SCALE_FACTOR="1.5")
    assert said["heavy"] == ["[]"]
    assert said["ratio"] == ["1.5"]
    width, height, logical_width, logical_height = map(int, said["size"])
    assert abs(width - 1.5 * logical_width) <= 1
    assert abs(height - 1.5 * logical_height) <= 1
    assert int(said["corner"][0]) > 20, "the picture reaches the top right corner"


def test_without_opengl_the_window_says_why_and_works(project_file, tmp_path) -> None:
    said = fresh(project_file, tmp_path, QT_QPA_PLATFORM="offscreen", DISPLAY="", QT_XCB_GL_INTEGRATION="")
    assert said["usable"][0] == "False"
    assert "OpenGL" in " ".join(said["usable"])
    assert said["heavy"] == ["[]"]


def test_a_body_that_is_gone_is_said_and_the_motion_still_shows(window, answers, tmp_path) -> None:
    from msgspec.structs import replace

    document, takes = window_document()
    path = tmp_path / "other.genmo"
    storage.save(path, replace(document, body=replace(document.body, model="/nowhere/smpl.npz")), takes=takes)
    answers.path = path
    window.actions_by_id["file.open"].trigger()
    assert any("/nowhere/smpl.npz" in message.what for message in window.messages.messages)
    assert window.stage.shown is not None
    assert pixels(window.viewport.viewport.grabFramebuffer()).std() > 8
