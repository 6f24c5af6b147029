"""The painted timeline in a real window: pointer events, pictures of media, and what is repainted when."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from timeline_samples import BEATS, sample_document

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import set_in_out, set_track_flags
from genmo_studio.document.queries import find_item, item_span
from genmo_studio.document.time import Span
from genmo_studio.ui.theme import DARK
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.paint_rows import Look
from genmo_studio.ui.timeline.picture import Picture
from genmo_studio.ui.timeline.session import Session, Wheel
from genmo_studio.ui.timeline.view import View
from genmo_studio.ui.timeline.widget import TimelineWidget

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Stage:
    """A timeline on screen with everything it needs."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.document = sample_document(folder)
        self.editor, self.session = Editor(self.document), Session()
        self.art = MediaArt(self.document, locate=lambda ref: folder / str(ref.relative_path), cache=folder / "cache")
        self.art.set_beats("m2", BEATS)
        self.widget = TimelineWidget(self.editor, session=self.session, art=self.art)
        self.widget.playhead_requested.connect(self.session.set_playhead)
        qtbot.addWidget(self.widget)
        self.widget.resize(1400, 480)
        with qtbot.waitExposed(self.widget):
            self.widget.show()
        self.area = self.widget.viewport()

    def middle(self, item: str) -> QPoint:
        rows = self.widget.scene().layout.rows  # also before the first paint
        rect = next(p.rect for row in rows for p in (*row.clips, *row.keys) if p.item.id == item)
        return QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))

    def x(self, frame: float) -> int:
        return round(self.widget.view.x_of(frame))

    def drag(self, start: QPoint, stop: QPoint) -> None:
        QTest.mousePress(self.area, LEFT, NONE, start)
        for share in (0.2, 0.6, 1.0):
            QTest.mouseMove(self.area, start + (stop - start) * share)
            QApplication.processEvents()
        QTest.mouseRelease(self.area, LEFT, NONE, stop)

    def span(self, item: str) -> Span:
        found = find_item(self.editor.document, item)
        assert found is not None
        return item_span(found)


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(qtbot, tmp_path)
    yield made
    made.widget.detach()
    made.art.close()


def test_scrub_select_move_undo_with_a_real_pointer(stage: Stage) -> None:
    QTest.mousePress(stage.area, LEFT, NONE, QPoint(stage.x(100), 12))
    QTest.mouseMove(stage.area, QPoint(stage.x(200), 12))
    QTest.mouseRelease(stage.area, LEFT, NONE, QPoint(stage.x(200), 12))
    assert stage.session.playhead == pytest.approx(200, abs=1)
    stage.session.set_playhead(200)

    start = stage.middle("x1")
    QTest.mouseClick(stage.area, LEFT, NONE, start)
    assert stage.session.selection == {"x1"}
    shift = stage.x(198) - stage.x(135)
    stage.drag(start, start + QPoint(shift, 0))
    assert stage.span("x1").start == 200, "it snaps to the playhead"
    assert stage.editor.undo() == "Move Clip"
    assert stage.editor.document == stage.document

    key = stage.middle("k1")
    stage.drag(key, key + QPoint(stage.x(300) - stage.x(330), 0))
    assert stage.span("k1").start == 300, "a text's edge and a marker are there"


def test_escape_in_a_drag_and_wheel_zoom_about_the_pointer(stage: Stage) -> None:
    start = stage.middle("s1")
    QTest.mousePress(stage.area, LEFT, NONE, start)
    QTest.mouseMove(stage.area, start + QPoint(60, 0))
    QApplication.processEvents()
    assert stage.editor.document != stage.document
    QTest.keyClick(stage.widget, Qt.Key.Key_Escape)
    QTest.mouseRelease(stage.area, LEFT, NONE, start)
    assert stage.editor.document == stage.document

    at = QPointF(700, 200)
    held = stage.widget.view.frame_at(at.x())
    scale = stage.widget.view.scale
    event = QWheelEvent(
        at, stage.area.mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(stage.area, event)
    assert stage.widget.view.scale > 1.4 * scale
    assert stage.widget.view.frame_at(at.x()) == pytest.approx(held)
    stage.widget.horizontalScrollBar().setValue(100)
    assert stage.widget.view.scroll == pytest.approx(100 / stage.widget.view.scale)
    stage.widget.zoom_fit()
    assert stage.widget.view.scale == pytest.approx(scale)


def test_tl4_zooming_out_and_scrolling_end_a_little_behind_the_project(stage: Stage) -> None:
    widget, length = stage.widget, stage.editor.document.length
    for _ in range(60):
        widget.zoom_out()
    first, last = widget.view.visible()
    assert first <= 0
    assert length < last < 1.4 * length
    widget.zoom_selection()
    for _ in range(12):
        widget.zoom_in()
    bar = widget.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert widget.view.visible()[1] == pytest.approx(length, rel=0.01), "the bar is as long as the project"
    for _ in range(40):
        turn(stage, QPointF(700, 200), Qt.KeyboardModifier.ShiftModifier, notches=-1)
    first, last = widget.view.visible()
    assert first < length < last
    assert (length - first) / (last - first) == pytest.approx(0.75, abs=0.05), "a quarter is room behind the end"


def turn(stage: Stage, at: QPointF, held: Qt.KeyboardModifier, *, notches: int = 1) -> None:
    event = QWheelEvent(
        at, stage.area.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, held,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(stage.area, event)


def test_tl4_ctrl_and_wheel_changes_heights_in_one_step_and_the_other_culture_swaps(stage: Stage) -> None:
    at = QPointF(stage.middle("k1"))
    for _ in range(3):
        turn(stage, at, Qt.KeyboardModifier.ControlModifier)
    assert [track.height for track in stage.editor.document.tracks] == [72, 60, 72, 62, 38, 38]
    assert stage.editor.undo() == "Change Track Height"
    assert stage.editor.document == stage.document, "a run of notches is one step"
    stage.session.set_view(stage.widget.view.zoomed(4.0, about_x=700))
    scale, scroll = stage.widget.view.scale, stage.widget.view.scroll
    turn(stage, at, Qt.KeyboardModifier.ShiftModifier, notches=-1)
    assert (stage.widget.view.scale, stage.widget.view.scroll > scroll) == (scale, True)
    stage.session.set_wheel(Wheel.PAN)
    turn(stage, at, Qt.KeyboardModifier.ShiftModifier)
    assert stage.widget.view.scale > scale


def test_a_drag_held_at_the_edge_moves_on(stage: Stage, qtbot: QtBot) -> None:
    """TL19: the selection box reaches what was out of sight, and the timer ends with the drag."""
    stage.session.set_view(stage.widget.view.zoomed(4.0, about_x=stage.x(0)))
    before = stage.widget.view.scroll
    start = QPoint(stage.x(20), stage.middle("w0").y() - 14)
    edge = QPoint(stage.area.width() - 3, start.y() + 24)
    QTest.mousePress(stage.area, LEFT, NONE, start)
    QTest.mouseMove(stage.area, edge)
    qtbot.waitUntil(lambda: "w2" in stage.session.selection, timeout=8000)
    QTest.mouseRelease(stage.area, LEFT, NONE, edge)
    assert stage.session.selection == {"w1", "w2"}
    rest = stage.widget.view.scroll
    assert rest > before
    qtbot.wait(80)
    assert stage.widget.view.scroll == rest


def test_text_is_edited_where_it_lies(stage: Stage, qtbot: QtBot) -> None:
    stage.widget.activateWindow()
    QTest.mouseDClick(stage.area, LEFT, NONE, stage.middle("x2"))
    field = stage.area.findChild(QLineEdit)
    assert field is not None
    assert field.isVisible()
    assert field.text() == "dances happily, turning on the spot"
    field.selectAll()
    QTest.keyClicks(field, "sits down")
    field.insert(" — très doucement")  # QTest types ASCII only
    QTest.keyClick(field, Qt.Key.Key_Return)
    found = find_item(stage.editor.document, "x2")
    assert found is not None
    assert found.text == "sits down — très doucement"
    assert not field.isVisible()
    stage.widget.edit_text("x2")
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert find_item(stage.editor.document, "x2") == found


def test_tl16_tl17_pictures_and_waveform_arrive_and_are_painted(stage: Stage, qtbot: QtBot) -> None:
    def arrived() -> bool:
        return stage.art.peaks("m2", 0, 100, 50) is not None and stage.art.thumbnail("m1", 0, height=40) is not None

    qtbot.waitUntil(arrived, timeout=10_000)
    qtbot.waitUntil(lambda: abs(stage.art.aspect("m1") - 160 / 90) < 1e-3)
    picture = stage.widget.grab().toImage()
    strip = stage.middle("v1") + QPoint(0, 10)
    assert {picture.pixelColor(strip + QPoint(dx, 0)).name() for dx in range(0, 60, 5)} != {DARK.row}
    wave, y = stage.middle("s1").x(), stage.middle("s1").y() + 8
    bright = sum(picture.pixelColor(wave + dx, y).green() > 150 for dx in range(-20, 20))
    assert bright > 20, "the waveform lies around the middle line"


def test_a_missing_file_is_said_and_shown(qtbot: QtBot, tmp_path: Path) -> None:
    document = sample_document()
    art = MediaArt(document, locate=lambda _ref: None, cache=tmp_path)
    assert art.thumbnail("m1", 0, height=40) is None
    assert art.peaks("m2", 0, 10, 5) is None
    qtbot.waitUntil(lambda: art.missing("m1") and art.missing("m2"), timeout=5000)
    art.close()


def test_only_what_changed_is_painted_again(stage: Stage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: stage.art.idle, timeout=10_000)
    stage.widget.repaint()
    painted = stage.widget.picture.rows_painted
    for frame in range(60):
        stage.session.set_playhead(frame)
    stage.widget.repaint()
    assert stage.widget.picture.rows_painted == painted, "the playhead is an overlay"
    stage.editor.edit("Lock", set_track_flags("t4", locked=True))
    stage.widget.repaint()
    assert stage.widget.picture.rows_painted == painted + 1, "the track; the result row is the same"
    for edit in (set_track_flags("t4", hidden=True), set_track_flags("t4", hidden=False), set_in_out(Span(10, 60))):
        stage.editor.edit("Edit", edit)
        stage.widget.repaint()
        qtbot.waitUntil(lambda: stage.art.idle, timeout=10_000)  # pictures of clips that were hidden before
        QApplication.processEvents()
        stage.widget.repaint()
        by_parts = stage.widget.picture.image()
        stage.widget.picture.invalidate()
        stage.widget.repaint()
        assert by_parts == stage.widget.picture.image(), "what was not painted again would have looked the same"


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_the_picture_is_sharp_at_every_scale(qtbot: QtBot, tmp_path: Path, ratio: float) -> None:
    document = sample_document()
    art = MediaArt(document, locate=lambda _ref: None, cache=tmp_path)
    view = View(width=1000, height=450, scale=1.3)
    picture = Picture(DARK, art, IndexCache())
    picture.refresh(document, view, Look(), ratio=ratio)
    image = picture.image()
    assert (image.width(), image.height()) == (math.ceil(1000 * ratio), math.ceil(450 * ratio))
    clip = next(p for row in picture.layout.rows for p in row.clips if p.item.id == "x1")
    edge, y = round(clip.rect.x * ratio), round((clip.rect.y + clip.rect.height / 2) * ratio)
    assert image.pixelColor(edge + 2, y).name() == DARK.kind("text"), "the coloured bar at the clip's start"
    row = image.pixelColor(edge - 3, y)
    assert image.pixelColor(edge - 1, y) == row, "no blurred edge"
    art.close()


def test_names_for_assistive_technology_and_tips(stage: Stage) -> None:
    assert stage.widget.accessibleName() == "Timeline"
    stage.session.select({"x1"})
    words = QAccessible.queryAccessibleInterface(stage.area).text(QAccessible.Text.Description)
    assert "6 tracks" in words
    assert "1 selected" in words
