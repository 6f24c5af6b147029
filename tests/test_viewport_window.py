"""The viewport in the real window: pointer, gizmo, display menu, pictures, its own window, lost contexts, no OpenGL."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.render.camera import Lens, ViewPreset, project
from genmo_studio.ui.control.body import BodyControl
from genmo_studio.ui.control.viewport import ViewportControl
from genmo_studio.ui.viewport import gizmo
from genmo_studio.ui.viewport.display import Display, GhostRule, Mode, Option
from tests.studio_window import spread
from tests.window_document import window_document

ROOT = Path(__file__).resolve().parent.parent
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NO_KEY, SHIFT, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    document, takes = window_document()
    path = tmp_path / "Ansicht 視.genmo"
    storage.save(path, document, takes=takes)
    return path


def opened(path: Path, tmp_path: Path, qtbot):
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = program.open_window(program.make_application(), path, settings=settings, warm_up=False)
    made.resize(1200, 800)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.wait(30)
    return made


def closed(window) -> None:
    window.editor.mark_saved()
    window.close()
    window.deleteLater()


@pytest.fixture
def window(qtbot, tmp_path: Path, project_file: Path):
    made = opened(project_file, tmp_path, qtbot)
    yield made
    closed(made)


def drag(qtbot, view, start: QPoint, step: QPoint, button=LEFT, key=NO_KEY) -> None:
    qtbot.mousePress(view, button, key, start)
    qtbot.mouseMove(view, start + step)
    qtbot.mouseRelease(view, button, key, start + step)


def scroll(view, *, pixels: QPoint, angle: QPoint, phase=Qt.ScrollPhase.NoScrollPhase, key=NO_KEY) -> None:
    at = QPointF(view.rect().center())
    event = QWheelEvent(at, view.mapToGlobal(at), pixels, angle, Qt.MouseButton.NoButton, key, phase, False)
    QApplication.sendEvent(view, event)


def test_vp1_vp3_vp4_the_pointer_moves_the_camera(window, qtbot) -> None:
    """VP1, VP2, VP3, VP4, HD5: drags of both presets, wheel, touchpad, gizmo, lock, orbit about the character."""
    view, actions = window.viewport.viewport, window.actions_by_id
    middle = view.rect().center()
    window.transport.seek(60)
    actions["view.frame_all"].trigger()
    place = window.picture.pelvis(60.0)
    size = (view.width(), view.height())
    before = project(place, view.camera, size)
    yaw, target = view.camera.yaw, view.camera.target
    drag(qtbot, view, middle, QPoint(80, 10))
    assert view.camera.yaw != yaw
    assert view.camera.target != target, "the turn is not about the middle of the picture"
    np.testing.assert_allclose(project(place, view.camera, size)[:2], before[:2], atol=0.01)

    actions["view.nav_blender"].trigger()
    camera = view.camera
    drag(qtbot, view, middle, QPoint(40, 0))
    assert view.camera == camera, "Blender's left button only selects"
    drag(qtbot, view, middle, QPoint(40, 0), MIDDLE)
    assert view.camera.yaw != camera.yaw
    camera = view.camera
    drag(qtbot, view, middle, QPoint(40, 0), MIDDLE, SHIFT)
    assert (view.camera.yaw, view.camera.target != camera.target) == (camera.yaw, True)
    drag(qtbot, view, middle, QPoint(40, 0), LEFT, ALT)
    assert view.camera.yaw != camera.yaw, "without a middle button"
    assert window.parts.settings.value("viewport/navigation") == "blender"

    camera = view.camera
    scroll(view, pixels=QPoint(), angle=QPoint(0, 120))
    assert view.camera.distance < camera.distance
    camera = view.camera
    scroll(view, pixels=QPoint(12, 5), angle=QPoint(96, 40), phase=Qt.ScrollPhase.ScrollUpdate)
    assert view.camera.yaw != camera.yaw, "two fingers turn"
    camera = view.camera
    scroll(view, pixels=QPoint(12, 5), angle=QPoint(96, 40), phase=Qt.ScrollPhase.ScrollUpdate, key=SHIFT)
    assert (view.camera.yaw, view.camera.target != camera.target) == (camera.yaw, True)

    knob = next(k for k in gizmo.knobs(view.camera, width=view.width()) if k.side is ViewPreset.TOP)
    qtbot.mouseClick(view, LEFT, NO_KEY, QPoint(round(knob.x), round(knob.y)))
    assert view.camera.shows(ViewPreset.TOP)
    lens_at = QPoint(*(round(c) for c in gizmo.centre(view.width())))
    qtbot.mouseClick(view, LEFT, NO_KEY, lens_at)
    assert view.camera.lens is Lens.ORTHOGRAPHIC
    assert actions["view.orthographic"].isChecked()
    actions["view.orthographic"].trigger()
    assert view.camera.lens is Lens.PERSPECTIVE
    camera = view.camera
    drag(qtbot, view, lens_at, QPoint(30, 30))
    assert view.camera.yaw != camera.yaw, "the gizmo can be dragged in every preset"
    left, top, wide, high = gizmo.lock_place(view.width())
    qtbot.mouseClick(view, LEFT, NO_KEY, QPoint(round(left + wide / 2), round(top + high / 2)))
    assert actions["view.lock"].isChecked()
    camera = view.camera
    drag(qtbot, view, middle, QPoint(30, 0), MIDDLE)
    assert (view.camera.yaw, view.camera.target != camera.target) == (camera.yaw, True), "a locked view pans"


def test_vp6_vp7_vp8_the_display_is_chosen_remembered_and_said(qtbot, tmp_path, project_file) -> None:
    """VP4, VP5, VP6, VP7, VP8: display menu, actions, settings, notes; the kept camera."""
    window = opened(project_file, tmp_path, qtbot)
    view, actions, control = window.viewport.viewport, window.actions_by_id, window.commands.of(ViewportControl)
    plain = view.grabFramebuffer()
    qtbot.mouseClick(window.viewport.display_button, LEFT)
    menu = window.viewport.display_menu
    assert menu.isVisible()
    boxes = {box.text(): box for box in menu.findChildren(QCheckBox)}
    boxes["Hands"].click()
    boxes["Metre numbers"].click()
    menu._rule.setCurrentIndex(2)
    menu.close()
    assert control.display.trails == frozenset({"Hands"})
    assert Option.LABELS not in control.display.options
    assert control.display.ghosts is GhostRule.KEYS
    assert actions["view.trails"].isChecked()
    assert not actions["view.labels"].isChecked()
    actions["view.silhouette"].trigger()
    assert control.display.mode is Mode.SILHOUETTE
    assert view.grabFramebuffer() != plain
    actions["view.silhouette"].trigger()
    assert actions["view.shaded"].isChecked(), "the same key brings the body back"
    boxes["Picked joint"].click()
    assert any("Click a joint" in note for note in view.hud.notes)

    actions["view.ground_level"].trigger()
    assert view.camera.eye()[1] == pytest.approx(0.12)
    assert not actions["view.recall_camera"].isEnabled()
    actions["view.save_camera"].trigger()
    kept, shown = view.camera, control.display
    actions["view.front"].trigger()
    actions["view.recall_camera"].trigger()
    assert view.camera == kept

    window.parts.settings.sync()
    closed(window)

    second = opened(project_file, tmp_path, qtbot)
    assert second.commands.of(ViewportControl).display == shown
    second.actions_by_id["view.recall_camera"].trigger()
    assert second.viewport.viewport.camera == kept
    second.viewport.display_menu.findChild(QPushButton).click()
    assert second.commands.of(ViewportControl).display == Display()
    closed(second)


def test_vp9_se1_a_click_selects_the_joint_or_the_key(window, qtbot) -> None:
    view = window.viewport.viewport
    window.transport.seek(20)
    window.actions_by_id["view.skeleton"].trigger()
    window.actions_by_id["view.frame_selected"].trigger()
    size = (view.width(), view.height())
    joints = window.picture.joints(20.0)

    def click(name: str, key=NO_KEY) -> None:
        x, y, _ = project(joints[INDEX[name]], view.camera, size)
        qtbot.mouseClick(view, LEFT, key, QPoint(round(x), round(y)))

    click("left_elbow")
    assert window.picture.picked == (INDEX["left_elbow"],)
    click("right_wrist", SHIFT)
    assert set(window.picture.picked) == {INDEX["left_elbow"], INDEX["right_wrist"]}
    qtbot.mouseClick(view, LEFT, NO_KEY, QPoint(8, view.height() // 2))
    assert window.picture.picked == ()
    assert window.session.selection == frozenset()

    window.actions_by_id["view.shaded"].trigger()
    window.actions_by_id["view.frame_all"].trigger()
    ghost = window.picture.scene(20.0).bodies[3]  # the last key, where the walk ends
    x, y, _ = project(ghost.joint_positions()[INDEX["spine2"]], view.camera, size)
    qtbot.mouseClick(view, LEFT, NO_KEY, QPoint(round(x), round(y)))
    assert window.session.selection == window.editor.selection == {"key2"}
    assert window.inspector.form.item.id == "key2", "one selection for all (SE1)"
    window.session.select({"key1"})  # on the timeline
    assert [key.item for key in window.picture._made_guides().keys if key.item in window.picture._selection] == ["key1"]
    window.session.select({"key2"})
    window.actions_by_id["view.frame_selected"].trigger()  # VP2
    root = np.array(window.editor.document.tracks[1].items[2].root_position)
    assert np.hypot(*(np.array(view.camera.target) - root)[[0, 2]]) < 0.4, "the key is in the middle of the picture"


def test_pictures_go_to_the_clipboard_and_to_files(window, qtbot, tmp_path) -> None:
    view, control = window.viewport.viewport, window.commands.of(ViewportControl)
    window.actions_by_id["view.copy_picture"].trigger()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (view.width(), view.height())
    assert spread(image) > 5
    first = control.save_picture(scale=1)
    second = control.save_picture(scale=2)
    assert first is not None
    assert second is not None
    assert first != second, "nothing is written over"
    assert first.parent == tmp_path
    small, large = QImage(str(first)), QImage(str(second))
    assert (large.width(), large.height()) == (2 * small.width(), 2 * small.height())
    assert spread(large) == pytest.approx(spread(small), rel=0.1), "the same picture, finer"
    assert str(second) in window.statusBar().currentMessage()


def test_body_shape_is_one_step_a_drag_and_live(window, qtbot) -> None:
    panel = window.commands.of(BodyControl).panel
    window.docks["body"].show()
    view = window.viewport.viewport
    window.transport.seek(30)
    plain = view.grabFramebuffer()
    steps = len(window.editor.history)
    slider = panel._sliders[0]
    slider.setSliderDown(True)
    heights = []
    for value in (40, 90, 180):
        slider.setValue(value)
        heights.append(float(np.ptp(window.picture.joints(30.0)[:, 1])))
    slider.setSliderDown(False)
    assert heights == sorted(heights), "the body grows under the hand"
    assert window.editor.history[steps:] == ("Change Stature",)
    assert window.editor.document.body.betas[0] == pytest.approx(1.8)
    assert view.grabFramebuffer() != plain
    assert any("another body" in note for note in view.hud.notes)
    assert not panel._take.isHidden()
    assert window.stage.shown is not window.stage.result
    np.testing.assert_array_equal(window.stage.shown.motion.rotations, window.stage.result.motion.rotations)
    panel._take.click()
    assert window.stage.shown is window.stage.result
    assert view.hud.notes == ()
    window.editor.undo()
    window.editor.undo()
    assert not any(window.editor.document.body.betas)
    assert slider.value() == 0

    control = window.commands.of(BodyControl)
    assert not control.use_file(Path("nowhere.npz"))
    assert "cannot be used as a body" in window.messages.messages[0].what
    assert control.use_file(ROOT / "assets" / "body" / "genmo_free.npz")
    assert "licence" in panel._licence.text()
    assert panel._names[0].text() == "Shape 1"


def elsewhere(tmp_path: Path, project_file: Path, **environment: str) -> dict[str, object]:
    """What the window says in a process with another screen."""
    variables = {**os.environ, **environment}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.viewport_script", str(project_file), str(tmp_path / "other.ini")],
        env=variables, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said: dict[str, object] = json.loads(ran.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize("scale", ["1.25", "1.5"])
def test_hd2_picking_and_sizes_at_fractional_scales(scale: str, tmp_path: Path, project_file: Path) -> None:
    """HD2, VP9: what is clicked is what is picked, and the picture has every device pixel."""
    said = elsewhere(tmp_path, project_file, QT_SCALE_FACTOR=scale)
    assert said["ratio"] == pytest.approx(float(scale))
    view, image = said["view"], said["image"]
    assert isinstance(view, list)
    assert isinstance(image, list)
    assert image == said["shot"]
    assert [round(side * float(scale)) for side in view] == pytest.approx(image, abs=1)
    for (name, found), wanted in zip(said["picked"], said["expected"], strict=True):  # type: ignore[call-overload]
        assert found == [wanted], name


def test_without_opengl_a_placeholder_says_why(tmp_path: Path, project_file: Path) -> None:
    said = elsewhere(tmp_path, project_file, QT_QPA_PLATFORM="offscreen", DISPLAY="", QT_XCB_GL_INTEGRATION="none")
    assert said["reason"]
    assert any(said["reason"] in text for text in said["texts"])  # type: ignore[union-attr, operator]
    assert said["frame"] == 40, "the rest of the window works"
    assert not {"view.front", "view.save_picture", "view.float", "view.shaded"} & set(said["enabled"])  # type: ignore[call-overload]
