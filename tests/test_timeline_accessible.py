"""The painted timeline for those who do not see it or do not use a pointer: QAccessible, walking, following."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from timeline_samples import sample_document
from window_document import window_document

from genmo_studio import app as program
from genmo_studio.document import edits, storage
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import PoseKey
from genmo_studio.document.queries import find_track
from genmo_studio.ui.theme import CONTRAST, DARK, LIGHT, contrast
from genmo_studio.ui.timeline import walking
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.hit import HitKind
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import RESULT_ROW
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.subrows import region_key
from genmo_studio.ui.timeline.view import Follow, View
from genmo_studio.ui.timeline.walking import Place
from genmo_studio.ui.timeline.widget import TimelineWidget

Text, Role = QAccessible.Text, QAccessible.Role


@pytest.fixture
def timeline(qtbot: QtBot, tmp_path: Path) -> Iterator[TimelineWidget]:
    document = sample_document()
    art = MediaArt(document, locate=lambda _ref: None, cache=tmp_path)
    made = TimelineWidget(Editor(document), session=Session(), art=art)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.detach()
    art.close()


def test_hd3_the_painted_rows_and_items_are_children_with_names_roles_states_and_places(timeline, qtbot) -> None:
    editor, session = timeline._editor, timeline._session
    area = QAccessible.queryAccessibleInterface(timeline.viewport())
    names = [area.child(n).text(Text.Name) for n in range(area.childCount())]
    assert names[0] == "Result, 2 takes"
    assert names[2] == "Text track Text, 2 segments"
    assert names[-1] == "Markers"
    texts = area.child(2)
    assert texts.role() == Role.Grouping
    assert [texts.child(n).role() for n in range(5)] == [Role.CheckBox] * 3 + [Role.ListItem] * 2
    clip = texts.child(3)
    assert clip.text(Text.Name).startswith("A person walks forward and waves with the right hand, from ")
    assert clip.parent().indexOfChild(clip) == 3
    assert clip.parent().text(Text.Name) == texts.text(Text.Name)
    assert area.indexOfChild(texts) == 2

    placed = next(p.rect for row in timeline.scene().layout.rows for p in row.clips if p.item.id == "x1")
    corner = timeline.viewport().mapToGlobal(QPoint(round(placed.x), round(placed.y)))
    assert clip.rect().topLeft() == corner
    assert abs(clip.rect().width() - placed.width) <= 1
    middle = clip.rect().center()
    assert area.childAt(middle.x(), middle.y()).text(Text.Name) == texts.text(Text.Name)

    assert not clip.state().selected
    session.select({"x1"})
    assert clip.state().selected
    editor.edit("Lock", edits.set_track_flags("t2", locked=True))
    assert clip.state().readOnly
    lock = texts.child(2)
    assert lock.text(Text.Name) == "Lock Text"
    assert lock.state().checked
    assert "locked" in texts.text(Text.Name).lower()
    take = area.child(0).child(0)
    assert take.text(Text.Name) == "Take Take 1"
    assert "seed 7" in take.text(Text.Description)
    keys = area.child(4)
    assert keys.child(3).text(Text.Name).startswith("Full-body key, ")
    editor.edit("Delete", edits.delete_items(["k0"]))
    assert "k0" not in {getattr(e.key, "part", "") for e in timeline.viewport()._elements.values() if _valid(e)}


def _valid(element) -> bool:
    return QAccessible.queryAccessibleInterface(element).isValid()


def test_hd3_what_is_scrolled_out_of_sight_says_so(timeline) -> None:
    for _ in range(12):
        timeline.zoom_in()
    area = QAccessible.queryAccessibleInterface(timeline.viewport())
    assert area.child(2).child(4).state().offscreen
    assert not area.child(0).child(0).state().offscreen


def test_hd3_tab_and_arrows_walk_return_selects_and_edits_and_the_menu_key_opens_the_items_menu(
    timeline, qtbot
) -> None:
    timeline.activateWindow()
    qtbot.waitUntil(timeline.hasFocus)
    timeline.clearFocus()
    timeline.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(timeline.hasFocus)
    cursor = timeline.cursor_item
    assert cursor.place == Place(RESULT_ROW, "take1", 0)
    QTest.keyClick(timeline, Qt.Key.Key_Tab)
    QTest.keyClick(timeline, Qt.Key.Key_Tab)
    assert cursor.place == Place("t2", "x1", 135)
    before = timeline.grab().toImage()
    cursor.along(1)
    assert cursor.place == Place("t2", "x2", 300)
    assert timeline.grab().toImage() != before, "the frame around the item is seen"
    area = QAccessible.queryAccessibleInterface(timeline.viewport())
    assert area.focusChild().text(Text.Name).startswith("dances happily")
    assert area.focusChild().state().focused

    QTest.keyClick(timeline, Qt.Key.Key_Return)
    assert timeline._session.selection == {"x2"}
    QTest.keyClick(timeline, Qt.Key.Key_Return)
    field = timeline.viewport().findChild(QLineEdit)
    assert field.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(timeline.hasFocus)

    asked = []
    timeline.menu_requested.connect(lambda hit, at: asked.append((hit, at)))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(timeline, event)
    (hit, at), place = asked[0], area.focusChild().rect()
    assert (hit.kind, hit.item, hit.track) == (HitKind.BODY, "x2", "t2")
    assert place.contains(at)

    for _ in range(4):
        QTest.keyClick(timeline, Qt.Key.Key_Tab)
    assert cursor.place.row == "t6"
    assert cursor.rect.bottom <= timeline.viewport().height(), "it was scrolled into view"
    QTest.keyClick(timeline, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert cursor.place.row == "t5"


ROWS = st.sampled_from(walking.rows(sample_document()))


@given(ROWS, st.integers(0, 700), st.lists(st.sampled_from(["next", "previous", "down", "up"]), max_size=12))
def test_hd3_walking_never_leaves_the_document(row: str, frame: int, steps: list[str]) -> None:
    document = sample_document()
    place = walking.nearest(document, row, frame)
    cache, view = IndexCache(), View()
    for step in steps:
        target = {
            "next": lambda p: walking.along(document, p, 1),
            "previous": lambda p: walking.along(document, p, -1),
            "down": lambda p: walking.across(document, p, 1),
            "up": lambda p: walking.across(document, p, -1),
        }[step](place)
        if target is None:
            continue
        assert walking.place_rect(document, view, target, cache) is not None
        back = {"next": -1, "previous": 1}.get(step)
        if back is not None:
            assert walking.along(document, target, back) == place
        place = target
    moved = edits.compose(edits.insert_time(0, 50))(document)
    kept = walking.settle(moved, place)
    assert kept is not None
    assert kept.item == place.item


@given(st.integers(0, 20_000), st.floats(0.05, 20), st.floats(0, 5000))
def test_pb10_the_timeline_follows_by_page_in_the_middle_or_not_at_all(frame: int, scale: float, scroll: float) -> None:
    view = View(scale=scale, scroll=scroll)
    assert view.following(frame, Follow.OFF) is view
    x = view.following(frame, Follow.PAGE).x_of(frame)
    assert view.metrics.header_width <= x < view.width
    middle = view.following(frame, Follow.CENTRE)
    centre = view.metrics.header_width + view.content_width / 2
    assert middle.x_of(frame) == pytest.approx(centre, abs=1.0) or middle.scroll == 0


def test_hd1_states_of_tracks_are_told_in_words_and_marks_reach_the_contrast() -> None:
    """Colour is never the only carrier: the painted words and the keyboard's frame are readable in every theme."""
    for theme in (DARK, LIGHT, CONTRAST):
        assert contrast(theme.text, theme.panel) >= 4.5
        assert contrast(theme.text_dim, theme.panel) >= 4.5
        assert contrast(theme.accent, theme.row) >= 3.0, "the frame around the keyboard's item"


def test_pb10_the_choice_is_in_the_menu_and_outlives_the_session(qtbot, tmp_path: Path) -> None:
    document, takes = window_document()
    path = tmp_path / "p.genmo"
    storage.save(path, document, takes=takes)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = program.open_window(program.make_application(), path, settings=settings, warm_up=False)
    with qtbot.waitExposed(window):
        window.show()
    try:
        for _ in range(10):
            window.timeline.zoom_in()
        assert window.actions_by_id["view.follow_page"].isChecked()
        window.actions_by_id["view.follow_off"].trigger()
        before = window.session.view
        window.transport.seek(80)
        assert window.session.view == before
        window.actions_by_id["view.follow_page"].trigger()
        window.transport.seek(5)
        window.transport.seek(80)
        view = window.session.view
        assert view.metrics.header_width <= view.x_of(80) < view.width
        assert settings.value("timeline/follow") == "page"
        window.timeline.setFocus()
        window.actions_by_id["walk.down"].trigger()
        window.actions_by_id["walk.next"].trigger()
        assert window.timeline.cursor_item.place is not None
    finally:
        window.editor.mark_saved()
        window.close()
        window.deleteLater()


def test_hd3_rows_of_regions_and_joints_are_there_while_they_are_unfolded(timeline, qtbot) -> None:
    """KF5: each with the keys that hold some of it, where they are painted; what is folded is not there."""
    editor, session = timeline._editor, timeline._session
    timeline.resize(1200, 800)
    turned = {"left_elbow": (0.0, 0.0, 0.5)}
    editor.edit("Key", edits.add_item("t4", PoseKey("arm", 240, rotations=turned)))
    track = find_track(editor.document, "t4")
    area = QAccessible.queryAccessibleInterface(timeline.viewport())
    folded = area.childCount()
    timeline._navigator.unfold("t4")
    names = {area.child(n).text(Text.Name): area.child(n) for n in range(area.childCount())}
    assert area.childCount() == folded + 6
    arm = names[f"Left arm of {track.name}, 1 key"]
    assert names[f"Right leg of {track.name}, 0 keys"].childCount() == 0
    assert (arm.role(), arm.childCount()) == (Role.Grouping, 1)
    key = arm.child(0)
    assert key.role() == Role.ListItem
    assert key.text(Text.Name).startswith("Left arm: Key: left elbow, ")
    assert key.parent().text(Text.Name) == arm.text(Text.Name)
    assert arm.indexOfChild(key) == 0
    assert area.child(area.indexOfChild(arm)).text(Text.Name) == arm.text(Text.Name)
    rows = timeline.scene().layout.rows
    row = next(row for row in rows if row.sub is not None and row.sub.title == "Left arm")
    (placed,) = row.keys
    middle = QPoint(round(placed.rect.x + placed.rect.width / 2), round(placed.rect.y + placed.rect.height / 2))
    corner = timeline.viewport().mapToGlobal(middle)
    assert (key.rect().center() - corner).manhattanLength() <= 4, "in the middle of what is painted"
    middle = key.rect().center()
    assert area.childAt(middle.x(), middle.y()).text(Text.Name) == arm.text(Text.Name)
    session.select({"arm"})
    assert key.state().selected
    session.select_parts(frozenset({"left_knee"}))
    assert not key.state().selected, "another part of it is meant"
    timeline._navigator.unfold(region_key("t4", "left_arm"))
    names = [area.child(n).text(Text.Name) for n in range(area.childCount())]
    assert f"Left elbow of {track.name}, 1 key" in names
    assert f"Left wrist of {track.name}, 0 keys" in names
    timeline._navigator.unfold("t4")
    assert area.childCount() == folded
    assert not arm.isValid()
