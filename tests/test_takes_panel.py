"""The Takes panel and the commands about takes in the real window; rows and figures as plain values."""

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt

from genmo_studio import app as program
from genmo_studio.document import edits, storage
from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.ui import comparing
from genmo_studio.ui.comparing import Pair
from genmo_studio.ui.control.takes import TakesControl
from genmo_studio.ui.panels.take_figures import figure_rows, short_figures
from genmo_studio.ui.panels.take_model import Order, age_text, ordered, summary
from genmo_studio.ui.panels.take_pictures import paint_poses
from genmo_studio.values import replace as but
from tests.window_document import FRAMES, walking, window_document

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def aside(phase: float, x: float) -> Motion:
    """A walk in another phase, ``x`` metres to the left."""
    motion = walking(phase=phase)
    translation = motion.translation.copy()
    translation[:, 0] += np.float32(x)
    return but(motion, translation=translation)


def three_takes() -> tuple[Document, dict[str, bytes]]:
    """Take 1 is the result; Take 2 is a draft, Take 3 a favourite with figures."""
    document, blobs = window_document()
    takes = list(document.takes)
    for number, (phase, x) in enumerate([(1.0, 0.6), (2.0, -0.8)], start=2):
        data = aside(phase, x).to_bytes()
        blob = hashlib.sha256(data).hexdigest()
        blobs[blob] = data
        takes.append(replace(takes[0], id=f"take{number}", name=f"Take {number}", blob=blob, seed=40 + number))
    takes[1] = replace(takes[1], mode=TakeMode.DRAFT)
    takes[2] = replace(takes[2], favourite=True, metrics={"foot_skate": 0.012, "jitter": 120.0, "keys": 3.0})
    return replace(document, takes=tuple(takes)), blobs


@pytest.fixture
def window(qtbot, tmp_path):
    document, blobs = three_takes()
    path = tmp_path / "takes.genmo"
    storage.save(path, document, takes=blobs)
    application = program.make_application()
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = program.open_window(application, path, settings=settings, warm_up=False)
    made.resize(1200, 800)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.editor.mark_saved()
    made.close()
    made.deleteLater()


def press(window, action_id: str) -> None:
    assert window.actions_by_id[action_id].isEnabled(), action_id
    window.actions_by_id[action_id].trigger()


def test_un5_two_takes_are_compared_at_one_frame_without_touching_the_document(window, qtbot) -> None:
    """UN4, UN5, wish 12: A/B, keep, ghost and splice; every change is one step, looking is none."""
    control, editor, picture = window.commands.of(TakesControl), window.editor, window.picture
    window.transport.seek(45)
    before, result = editor.document, window.stage.shown
    assert not window.actions_by_id["takes.keep"].isEnabled()

    window.takes.choose("take3")
    window.activateWindow()
    window.viewport.viewport.setFocus()
    qtbot.waitUntil(window.viewport.viewport.hasFocus, timeout=3000)
    qtbot.keyClick(window.viewport.viewport, Qt.Key.Key_Y)
    assert control.pair == Pair(comparing.RESULT, "take3", on_b=True)
    np.testing.assert_array_equal(picture.shown.motion.translation, aside(2.0, -0.8).translation)
    assert window.viewport.viewport.hud.title.startswith("B   Take 3")
    assert window.takes.compare.isVisible()
    mesh = picture._motion_scene().mesh
    qtbot.keyClick(window.viewport.viewport, Qt.Key.Key_Y)
    np.testing.assert_array_equal(picture.shown.motion.translation, result.motion.translation)
    assert window.viewport.viewport.hud.title.startswith("A   Take 1")
    assert picture._motion_scene().mesh is mesh, "switching uploads nothing"
    assert window.session.playhead == 45
    assert editor.document is before
    assert editor.history == ()

    qtbot.keyClick(window.viewport.viewport, Qt.Key.Key_Escape)
    assert control.pair is None
    assert not window.takes.compare.isVisible()
    assert picture.shown is window.stage.shown
    assert "B   " not in window.viewport.viewport.hud.title

    window.takes.choose("take2", "take3")
    press(window, "takes.compare")
    assert {control.pair.a, control.pair.b} == {"take2", "take3"}
    window.takes.compare.sides[0].click()
    assert not control.pair.on_b
    kept = control.pair.a
    press(window, "takes.keep")
    assert editor.history == (f"Show Take {kept[-1]}",)
    assert [(piece.take, piece.span) for piece in editor.document.result] == [(kept, Span(0, FRAMES))]
    press(window, "edit.undo")
    assert editor.document == before

    window.takes.choose("take2")
    press(window, "takes.ghost")
    np.testing.assert_array_equal(picture.overlay.motion.translation, aside(1.0, 0.6).translation)
    assert len([body for body in picture.scene(45).bodies if body.opacity < 1]) >= 1
    window.takes.choose("take3")
    np.testing.assert_array_equal(picture.overlay.motion.translation, aside(2.0, -0.8).translation)
    press(window, "takes.ghost")
    assert picture.overlay is None
    assert editor.document == before


def test_un4_a_marked_range_is_spliced_in_one_step_and_undone_exactly(window, qtbot) -> None:
    """UN4, UN5, wish 12; what is exported is what is shown."""
    editor, before = window.editor, window.editor.document
    window.takes.choose("take3")
    press(window, "takes.splice")
    assert "no range" in window.messages.messages[-1].what
    assert editor.document is before

    window.commands.edit("Mark", edits.set_in_out(Span(30, 60)))
    marked, shown = editor.document, window.stage.shown
    assert window.takes._splice.toolTip() == "Put frames 30 to 59 of Take 3 into the result"
    window.takes.blend.setValue(8)
    press(window, "takes.splice")
    assert editor.history[-1] == "Splice Take 3"
    assert [(p.take, p.span.start, p.span.stop, p.blend) for p in editor.document.result] == [
        ("take1", 0, 30, 0), ("take3", 30, 52, 8), ("take1", 52, FRAMES, 8),
    ]  # fmt: skip
    after = window.stage.shown
    outside = np.r_[0:30, 60:FRAMES]
    np.testing.assert_array_equal(after.motion.rotations[outside], shown.motion.rotations[outside])
    np.testing.assert_array_equal(after.motion.translation[outside], shown.motion.translation[outside])
    steps = np.linalg.norm(np.diff(after.motion.translation, axis=0), axis=1)
    assert steps.max() < 0.05, "aligned: the take was made 0.8 m beside the result"
    assert window.takes.model.shown == {"take1", "take3"}

    window.transport.seek(50)
    window.takes.blend.setValue(4)
    press(window, "takes.fade")
    assert editor.document.result[2].blend == 4, "the seam nearest to the playhead"
    press(window, "edit.undo")
    window.takes.blend.setValue(8)

    window.takes.align.setChecked(False)
    press(window, "edit.undo")
    assert editor.document == marked
    press(window, "takes.splice")
    steps = np.linalg.norm(np.diff(window.stage.shown.motion.translation, axis=0), axis=1)
    assert steps.max() > 0.05
    assert all(piece.anchors == () for piece in editor.document.result)


def test_takes_are_named_starred_sorted_filtered_and_deleted_undoably(window, qtbot) -> None:
    panel, editor, before = window.takes, window.editor, window.editor.document
    window.activateWindow()
    window.docks["takes"].raise_()

    def names() -> list[str]:
        return [panel.model.index(row, 0).data() for row in range(panel.model.rowCount())]

    assert names() == ["Take 3", "Take 2", "Take 1"]
    panel.order.setCurrentText(Order.FEET.value)
    assert names()[0] == "Take 3"
    panel.order.setCurrentText(Order.NEWEST.value)

    index = panel.model.index(panel.model.row_of("take2"), 0)
    row = panel.view.visualRect(index)
    panel.view.scrollTo(index)
    row = panel.view.visualRect(index)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=panel.delegate.star_rect(row).center())
    assert editor.history[-1] == "Star Take"
    assert editor.document.takes[1].favourite
    panel.filter.setChecked(True)
    assert names() == ["Take 3", "Take 2"]
    panel.filter.setChecked(False)

    panel.choose("take2")
    press(window, "takes.rename")
    (field,) = [w for w in panel.view.findChildren(type(panel.blend.lineEdit())) if w.isVisible()]
    field.selectAll()
    qtbot.keyClicks(field, "wave, better")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editor.document.takes[1].name == "wave, better", timeout=3000)
    assert editor.undo_label == "Rename Take"

    panel.choose("take2", "take3")
    press(window, "takes.delete")
    assert names() == ["Take 1"]
    assert editor.undo_label == "Delete 2 Takes"
    for _ in range(3):
        press(window, "edit.undo")
    assert editor.document == before

    press(window, "takes.delete_unused")
    assert names() == ["Take 3", "Take 1"], "favourites and what is in the result stay"
    press(window, "edit.undo")
    panel.choose("take3")
    press(window, "takes.settings")
    assert editor.document.generation.seed == 43
    press(window, "takes.show")
    assert panel.model.shown == {"take3"}
    assert window.messages.messages == ()


def test_strips_of_poses_come_from_another_thread_and_are_kept(window, qtbot) -> None:
    control = window.commands.of(TakesControl)
    window.docks["takes"].raise_()
    blob = window.editor.document.takes[0].blob
    qtbot.waitUntil(lambda: bool(control.pictures.strip(blob, ratio=1.0)), timeout=5000)
    images = control.pictures.strip(blob, ratio=1.0)
    assert len(images) == 12
    assert control.pictures.strip(blob, ratio=1.0) is images
    inked = sum(images[0].pixelColor(x, y).alpha() > 128 for x in range(0, 76, 2) for y in range(0, 52, 2))
    assert 40 < inked < 500, "a body, and room around it"


def test_a_short_take_has_fewer_pictures(qapp) -> None:
    motion = walking(5)
    assert len(paint_poses(motion, load_body("genmo-free"), front="#ffffff", back="#808080", ratio=2.0)) == 5


def test_figures_and_ages_are_said_in_units() -> None:
    metrics = {
        "foot_skate": 0.0123, "jitter": 210.0, "keys": 2.0, "key_errors_before.root_position_mm": 41.2,
        "key_errors_after.root_position_mm": 0.001, "key_errors_after.waypoint_mm": 0.0,
    }  # fmt: skip
    assert ("Key places missed by", "0 mm (before correction 41.2 mm)") in figure_rows(metrics)
    assert not any("key_errors" in label for label, _ in figure_rows(metrics))
    assert short_figures(metrics) == ["skate 1.2 cm/s", "keys met", "jitter 210 m/s³"]
    ago = [(0, "just now"), (120, "2 min ago"), (7200, "2 h ago"), (86400, "yesterday"), (3 * 86400, "3 days ago")]
    for seconds, text in ago:
        assert age_text((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == text
    assert age_text((NOW - timedelta(days=30)).isoformat(), NOW) == "2026-04-01"
    assert age_text("", NOW) == ""
    take = Take(id="a", name="A", span=Span(0, 90), blob="0" * 64, request_hash="", seed=7, model="/m/tiny")
    assert summary(take, NOW) == ("full sampler", "f 0–89 · seed 7 · tiny on cpu")


def test_orders_are_stable_and_missing_figures_come_last() -> None:
    document, _ = three_takes()
    takes = document.takes
    assert [t.id for t in ordered(takes, Order.FAVOURITES)] == ["take3", "take2", "take1"]
    assert [t.id for t in ordered(takes[::-1], Order.FEET)] == ["take3", "take1", "take2"]
    assert [t.id for t in ordered(takes, Order.NEWEST, favourites_only=True)] == ["take3"]


def test_what_is_compared_follows_what_is_chosen() -> None:
    document, _ = three_takes()
    assert comparing.pair_of(document, ()) == Pair("", "take3", on_b=True)
    assert comparing.pair_of(document, ("take1",)) == Pair("", "take3", on_b=True), "the result is take 1"
    assert comparing.pair_of(document, ("take2",)) == Pair("", "take2", on_b=True)
    assert comparing.pair_of(document, ("take3", "take1")) == Pair("take1", "take3", on_b=True)
    alone = replace(document, takes=document.takes[:1])
    assert comparing.pair_of(alone, ()) is None
    assert comparing.side_name(document, "") == "Take 1"
    spliced = edits.splice_take("take2", Span(10, 40))(document)
    assert comparing.side_name(spliced, "") == "Result"
