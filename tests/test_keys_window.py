"""Commands of keys in the real window: holds, scaling, rows of regions, what is said where nothing is selected."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studio_window import close_window, open_window

from genmo_studio.document import edits
from genmo_studio.document.model import Document, PoseKey, TakeMode, Track, TrackKind, Waypoint
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.engine.job_log import JobRecord, Phase
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.panels.value_popup import ValuePopup
from genmo_studio.ui.timeline.fills import failed_spans
from genmo_studio.ui.timeline.subrows import region_key

FULL = {name: (0.01 * n, 0.02, 0.03) for n, name in enumerate(JOINTS[:BODY_JOINT_COUNT])}


def project(*keys: PoseKey, path: tuple[Waypoint, ...] = ()) -> Document:
    tracks = (Track("k", TrackKind.FULL_KEYS, "Keys", keys, height=40), Track("w", TrackKind.PATH, "Path", path))
    return Document("d", "d", length=400, tracks=tracks)


def three() -> Document:
    return project(*(PoseKey(f"k{n}", 40 * n + 20, rotations=FULL, root_position=(0.1, 1.0, 0.2)) for n in range(3)))


# -- the window --------------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[object]:
    made = open_window(qtbot, tmp_path)
    made.editor.edit("Add Keys", edits.compose(
        edits.add_track(TrackKind.FULL_KEYS, index=0, track_id="k"), edits.add_items("k", three().tracks[0].items),
    ))  # fmt: skip
    made.session.set_track("k")
    yield made
    close_window(made)


def test_kf5_se1_a_row_of_a_region_selects_its_joints_everywhere_and_delete_frees_them(
    window: object, qtbot: QtBot
) -> None:
    act, timeline = window.actions_by_id, window.timeline
    act["track.unfold"].trigger()
    qtbot.waitUntil(lambda: any(row.sub is not None for row in timeline.scene().layout.rows))
    (row,) = [row for row in timeline.scene().layout.rows if row.key == region_key("k", "left_arm")]
    rect = next(key.rect for key in row.keys if key.item.id == "k1")
    middle = QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    joints = window.commands.of(BodyPartsControl).joints
    assert joints.joints == {"left_collar", "left_shoulder", "left_elbow", "left_wrist"}
    act["edit.nudge_right"].trigger()
    frames = [key.frame for key in window.editor.document.tracks[0].items]
    assert frames == [20, 60, 61, 100]
    act["edit.delete"].trigger()
    assert [key.frame for key in window.editor.document.tracks[0].items] == [20, 60, 100]
    assert "left_elbow" not in find_item(window.editor.document, "k1").rotations


def test_kf6_commands_of_keys_act_on_the_selection_and_say_what_is_missing(
    window: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, said = window.actions_by_id, []
    monkeypatch.setattr(window, "note", said.append)
    window.session.select(())
    for action in ("key.hold", "key.longer", "key.scale", "key.reverse", "key.mirror", "key.breakdown"):
        before = window.editor.document
        act[action].trigger()
        assert window.editor.document is before
        assert said[-1].startswith(("No ", "Select "))
    window.session.select({"k0", "k1", "k2"})
    for action, label in (
        ("key.longer", "Change Hold"),
        ("key.reverse", "Reverse Keys"),
        ("key.mirror", "Mirror Keys"),
        ("key.mirror_world", "Mirror Keys"),
        ("key.breakdown", "Make Breakdown"),
    ):
        act[action].trigger()
        assert window.editor.undo_label == label
    act["key.select_all"].trigger()
    assert {"k0", "k1", "k2"} <= window.session.selection


def test_kf6_a_hold_and_a_scale_are_typed_where_the_work_is(window: object, qtbot: QtBot) -> None:
    act = window.actions_by_id
    window.session.select({"k0", "k1", "k2"})
    for action, value in (("key.hold", 7.0), ("key.scale", 50.0)):
        act[action].trigger()
        popup = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ValuePopup) and w.isVisible())
        popup.field.setValue(value)
        QTest.keyClick(popup.field.lineEdit(), Qt.Key.Key_Return)
    keys = window.editor.document.tracks[0].items
    assert [key.frame for key in keys] == [20, 40, 60]
    assert {key.hold for key in keys} == {4}, "half of seven, rounded up"


def test_kf9_where_the_last_generation_failed_is_told_to_the_timeline() -> None:
    def job(number: int, span: Span, phase: Phase) -> JobRecord:
        return JobRecord(number, "Take", TakeMode.FULL, span, 0, 10, "m", phase=phase)

    newest_first = (
        job(4, Span(0, 50), Phase.DONE), job(3, Span(0, 50), Phase.FAILED), job(2, Span(80, 90), Phase.FAILED),
        job(1, Span(80, 90), Phase.DONE), job(0, Span(200, 210), Phase.CANCELLED),
    )  # fmt: skip
    assert failed_spans(newest_first) == (Span(80, 90),)


def test_kf9_the_inspector_types_holds_and_the_speed_of_waypoints(window: object) -> None:
    window.session.select({"k1"})
    form = window.inspector.form
    form._hold.setValue(12)
    assert find_item(window.editor.document, "k1").hold == 12
    point = Waypoint("way", 30, position=(1.0, 2.0), heading=0.0)
    window.editor.edit("Add", edits.compose(
        edits.add_track(TrackKind.PATH, track_id="way-track"), edits.add_item("way-track", point)
    ))  # fmt: skip
    window.session.select({"way"})
    form = window.inspector.form
    form._passes.click()
    form._speed.setValue(1.5)
    form._way.setValue(90.0)
    assert find_item(window.editor.document, "way").velocity == pytest.approx((1.5, 0.0))
    form._passes.click()
    assert find_item(window.editor.document, "way").velocity is None
