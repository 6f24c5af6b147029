"""The timeline's commands in the real window, by their keys and menus: what the user presses and what comes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from window_document import window_document

from genmo_studio import app as program
from genmo_studio.document import clipping, edits, storage
from genmo_studio.document.model import Marker, TrackKind
from genmo_studio.document.queries import find_item, find_track, item_span
from genmo_studio.document.time import Span
from genmo_studio.ui.control.markers import MarkersControl
from genmo_studio.ui.panels.swatches import Swatches
from genmo_studio.ui.panels.time_popup import TimePopup
from genmo_studio.ui.timeline.session import Wheel

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


class Desk:
    """The window with its timeline in front, and short ways to use it."""

    def __init__(self, qtbot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.window = self.open("one", qtbot)

    def open(self, name: str, qtbot):
        document, takes = window_document()
        path = self.folder / f"{name}.genmo"
        storage.save(path, document, takes=takes)
        settings = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)
        window = program.open_window(program.make_application(), path, settings=settings, warm_up=False)
        window.resize(1280, 800)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        window.timeline.setFocus()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
        return window

    @property
    def document(self):
        return self.window.editor.document

    def press(self, key: Key, held: Qt.KeyboardModifier = NONE, *, at: int | None = None, on: set[str] | None = None):
        """Press a key in the timeline, with the playhead at a frame and something selected."""
        window = self.window
        if at is not None:
            window.transport.seek(at)
        if on is not None:
            window.session.select(on)
        window.timeline.setFocus()
        QTest.keyClick(window.timeline, key, held)
        QApplication.processEvents()

    def span(self, item: str) -> Span:
        found = find_item(self.document, item)
        assert found is not None
        return item_span(found)

    def count(self, track: str) -> int:
        row = find_track(self.document, track)
        assert row is not None
        return len(row.items)

    def last(self) -> str:
        return self.window.editor.undo_label

    def undo_all(self) -> None:
        while self.window.editor.undo():
            pass

    def said(self) -> str:
        return self.window.messages.messages[-1].what if self.window.messages.messages else ""


@pytest.fixture
def desk(qtbot, tmp_path) -> Iterator[Desk]:
    made = Desk(qtbot, tmp_path)
    yield made
    made.window.editor.mark_saved()
    made.undo_all()
    made.window.editor.mark_saved()
    made.window.close()
    made.window.deleteLater()


def test_keys_of_the_timeline_edit_the_document(desk: Desk) -> None:
    """TL8, TL9, TL10, TL11, TL14, SE3: each key makes one named undo step, or says why not."""
    before = desk.document
    desk.press(Key.Key_Q, at=20, on={"text1"})
    assert (desk.span("text1"), desk.span("text2"), desk.last()) == (Span(0, 35), Span(20, 70), "Ripple Trim Start")
    assert desk.window.session.playhead == 0, "the playhead stays on its picture"
    desk.press(Key.Key_W, at=30, on={"text1"})
    assert (desk.span("text1"), desk.last()) == (Span(0, 30), "Ripple Trim End")
    desk.undo_all()
    desk.press(Key.Key_Delete, SHIFT, on={"text1"})
    assert desk.span("text2") == Span(40, 90), "it began before the end of what is gone"
    desk.undo_all()
    desk.press(Key.Key_K, CTRL, at=20, on=set())
    assert desk.count("t1") == 3
    desk.press(Key.Key_Delete, on={"text1"})
    assert find_item(desk.document, "text1") is None
    desk.press(Key.Key_Backspace, SHIFT, at=10, on={"text2"})
    assert desk.last() == "Close Gap"
    desk.undo_all()
    assert desk.document == before

    desk.press(Key.Key_Right, ALT, on={"key1", "way1"})
    desk.press(Key.Key_Right, ALT | SHIFT)
    desk.press(Key.Key_Left, ALT)
    assert desk.span("key1").start == 45 + 10
    assert desk.window.editor.history[-1:] == ("Nudge",)
    assert desk.window.editor.position == 1, "a run of nudges is one step"
    desk.undo_all()
    desk.press(Key.Key_K, CTRL | SHIFT, on={"text1", "text2"})
    merged = find_item(desk.document, "text1")
    assert merged.text == "a person walks forward, then a person waves"
    assert desk.window.session.selection == {"text1"}
    desk.undo_all()
    desk.press(Key.Key_BracketRight, CTRL, on={"text1"})
    assert desk.span("text2").start == 0
    desk.undo_all()
    desk.press(Key.Key_H, on={"text1"})
    assert find_item(desk.document, "text1").muted
    desk.undo_all()

    desk.press(Key.Key_I, CTRL, on={"text1"})
    assert desk.window.session.selection == {"text2", "key0", "key1", "key2", "way0", "way1", "way2"}
    desk.press(Key.Key_A, CTRL | SHIFT)
    assert desk.window.session.selection == frozenset()
    desk.press(Key.Key_BracketLeft, at=41)
    assert desk.window.session.selection == {"text1", "text2", "key0", "way0"}
    desk.press(Key.Key_BracketRight, at=41)
    assert desk.window.session.selection == {"key1", "key2", "way1", "way2"}
    assert desk.document == before
    desk.press(Key.Key_Q, at=0, on=set())
    assert "lies across the playhead" in desk.said()


def test_tl10_insert_time_asks_how_much_and_moves_markers_too(desk: Desk) -> None:
    desk.window.editor.edit("Mark", edits.add_marker(Marker("mk", 60)))
    desk.press(Key.Key_Insert, at=56, on=set())
    popup = desk.window.findChild(TimePopup)
    assert popup is not None
    assert popup.isVisible()
    popup.field.setText("nonsense")
    QTest.keyClick(popup.field, Key.Key_Return)
    assert popup.isVisible()
    popup.field.setText("2s")
    QTest.keyClick(popup.field, Key.Key_Return)
    assert desk.last() == "Insert Time"
    assert desk.document.markers[0].frame == 120
    assert desk.span("text2") == Span(40, 150)
    assert desk.document.length == 150
    desk.window.editor.undo()
    desk.window.editor.edit("In", edits.set_in_out(Span(10, 20)))
    desk.window.actions_by_id["edit.remove_time"].trigger()
    assert desk.document.markers[0].frame == 50


def test_tl18_copy_cut_paste_between_two_windows(desk: Desk, qtbot) -> None:
    clipboard = QGuiApplication.clipboard()
    desk.press(Key.Key_C, CTRL, on={"text1", "key1"})
    assert clipboard.text() == "a person walks forward", "other programs get the words"
    desk.press(Key.Key_V, CTRL, at=60)
    assert (desk.count("t1"), desk.last()) == (3, "Paste")
    pasted = desk.window.session.selection
    assert len(pasted) == 2
    assert sorted(desk.span(item).start for item in pasted) == [60, 105]
    desk.window.editor.undo()
    desk.press(Key.Key_V, CTRL | SHIFT, at=60)
    assert desk.last() == "Paste Insert"
    assert desk.span("key2").start == 89 + 55, "what lies behind has made room"
    desk.undo_all()
    desk.window.editor.edit("Weight", edits.set_weight(["text1"], 0.25))
    desk.press(Key.Key_C, CTRL, on={"text1"})
    desk.press(Key.Key_V, ALT | SHIFT, on={"text2", "key1"})
    assert {find_item(desk.document, i).weight for i in ("text2", "key1")} == {0.25}
    desk.undo_all()
    desk.press(Key.Key_X, CTRL, on={"text2"})
    assert (find_item(desk.document, "text2"), desk.last()) == (None, "Cut Clip")

    other = desk.open("two", qtbot)
    try:
        other.editor.edit("Remove", edits.remove_track("t1"))
        other.transport.seek(5)
        other.actions_by_id["edit.paste"].trigger()
        row = other.editor.document.tracks[-1]
        assert (row.kind, row.items[0].text, row.items[0].span) == (TrackKind.TEXT, "a person waves", Span(5, 55))
        data = QMimeData()
        data.setData(clipping.MIME, b'{"form": 1, "fps": 30, "tracks": 7}')
        clipboard.setMimeData(data)
        shown = other.editor.document
        other.actions_by_id["edit.paste"].trigger()
        assert other.editor.document is shown
        assert "Nothing was pasted" in other.messages.messages[-1].what
        clipboard.setText("words")
        other.actions_by_id["edit.paste"].trigger()
        assert "nothing from a timeline" in other.messages.messages[-1].what
    finally:
        other.editor.mark_saved()
        other.close()
        other.deleteLater()


def test_tl12_markers_by_key_panel_and_colour(desk: Desk) -> None:
    window, panel = desk.window, desk.window.commands.of(MarkersControl).panel
    window.docks["markers"].show()
    desk.press(Key.Key_M, at=20)
    assert [marker.frame for marker in desk.document.markers] == [20]
    desk.press(Key.Key_M, at=20)
    field = window.timeline.viewport().findChild(QLineEdit)
    assert field.isVisible(), "again: its name"
    QTest.keyClicks(field, "Turn")
    QTest.keyClick(field, Key.Key_Return)
    assert desk.document.markers[0].name == "Turn"
    desk.press(Key.Key_M, CTRL | ALT, on={"text2"})
    assert (desk.document.markers[1].frame, desk.document.markers[1].length) == (40, 50)
    assert panel.model.rowCount() == 2
    assert panel.model.data(panel.model.index(1, 2)) == "1.67 s"

    desk.press(Key.Key_Less, at=30)
    assert window.session.playhead == 20
    desk.press(Key.Key_Greater)
    assert window.session.playhead == 40
    desk.press(Key.Key_X, SHIFT)
    assert desk.document.in_out == Span(40, 90), "a range marker sets what loop and export use"
    window.actions_by_id["marker.colour"].trigger()
    chooser = window.findChild(Swatches)
    assert chooser.isVisible()
    QTest.keyClick(chooser, Key.Key_Right)
    QTest.keyClick(chooser, Key.Key_Return)
    assert desk.document.markers[1].colour == "#e0604f"

    first = panel.list.visualRect(panel.model.index(0, 1)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, NONE, first)
    assert window.session.playhead == 20
    assert window.session.selection == {desk.document.markers[0].id}
    assert panel.model.setData(panel.model.index(0, 0), "Jump")
    assert desk.document.markers[0].name == "Jump"
    window.actions_by_id["marker.delete"].trigger()
    assert [marker.frame for marker in desk.document.markers] == [40]
    desk.press(Key.Key_Less, at=0)
    assert "no marker before" in desk.said()


def test_tl1_commands_of_the_current_track(desk: Desk) -> None:
    window = desk.window

    def names() -> list[str]:
        return [track.id for track in desk.document.tracks]

    was = names()
    desk.press(Key.Key_M, CTRL, on={"text1"})
    assert desk.document.tracks[0].muted
    assert window.actions_by_id["track.mute"].isChecked()
    desk.press(Key.Key_L, CTRL | SHIFT)
    assert desk.document.tracks[0].locked
    desk.press(Key.Key_Delete, on={"text1"})
    assert "locked" in desk.said()
    desk.press(Key.Key_L, CTRL | SHIFT)
    desk.press(Key.Key_Down, CTRL | SHIFT)
    assert names() == [was[1], was[0], *was[2:]]
    desk.press(Key.Key_H, CTRL)
    assert was[0] not in {row.key for row in window.timeline.picture.layout.rows} or desk.document.tracks[1].hidden
    desk.press(Key.Key_H, CTRL | SHIFT)
    assert not any(track.hidden for track in desk.document.tracks)
    window.actions_by_id["track.add_limbs"].trigger()
    assert desk.document.tracks[2].kind is TrackKind.PARTIAL_KEYS, "below the current one"
    window.actions_by_id["track.rename"].trigger()
    field = window.timeline.viewport().findChild(QLineEdit)
    assert field.isVisible()
    field.setText("Left hand")
    QTest.keyClick(field, Key.Key_Return)
    assert desk.document.tracks[2].name == "Left hand"
    window.actions_by_id["track.colour"].trigger()
    QTest.keyClick(window.findChild(Swatches), Key.Key_Return)
    assert desk.document.tracks[2].colour == "#e0b040"
    window.actions_by_id["track.remove"].trigger()
    assert len(names()) == len(was)


def test_tl21_a_context_menu_shows_shortcuts_and_acts_on_what_was_clicked(desk: Desk) -> None:
    window = desk.window
    area = window.timeline.viewport()
    layout = window.timeline.picture.layout
    rect = next(placed.rect for row in layout.rows for placed in row.clips if placed.item.id == "text2")
    spot = QPoint(round(rect.right) - 40, round(rect.y + rect.height / 2))
    before = desk.document

    def right_click(at: QPoint) -> QMenu:
        QTest.mouseClick(area, Qt.MouseButton.RightButton, NONE, at)
        QApplication.sendEvent(area, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, area.mapToGlobal(at)))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    menu = right_click(spot)
    assert window.session.selection == {"text2"}
    assert desk.document is before
    shown = {action.text(): action.shortcut().toString() for action in menu.actions() if action.text()}
    assert shown["Ripple Delete"] == "Shift+Del"
    assert shown["Split at Playhead"] == "Ctrl+K"
    assert not menu.isEmpty()
    menu.close()
    desk.window.editor.edit("Gap", edits.delete_items(["text1"]))
    row = next(row for row in window.timeline.picture.layout.rows if row.track is not None)
    menu = right_click(QPoint(round(window.timeline.view.x_of(10)), round(row.rect.y + row.rect.height - 8)))
    close = next(action for action in menu.actions() if action.text() == "Close Gap")
    menu.setActiveAction(close)
    QTest.keyClick(menu, Key.Key_Return)
    QApplication.processEvents()
    assert desk.span("text2") == Span(0, 50), "the gap that was clicked, on its track"
    assert desk.span("key1").start == 45


def test_tl5_items_behind_the_end_of_a_shortened_project_can_be_reached(desk: Desk) -> None:
    window = desk.window
    window.editor.edit("Shorten", edits.set_length(20))
    for _ in range(3):
        window.timeline._navigator.pan(-400.0, 0.0)
    window.timeline.zoom_out()
    first, last = window.timeline.view.visible()
    stop = max(item_span(item).stop for track in desk.document.tracks for item in track.items)
    assert stop > 60
    assert first <= stop <= last
    assert window.timeline.horizontalScrollBar().maximum() >= 0


def test_tl4_tl5_tl6_se4_options_are_kept_and_the_view_fits_the_selection(desk: Desk, qtbot) -> None:
    window = desk.window
    desk.press(Key.Key_S)
    assert not window.session.snapping
    window.actions_by_id["view.wheel_pans"].trigger()
    assert window.session.wheel is Wheel.PAN
    window.actions_by_id["edit.select_follows"].trigger()
    window.transport.seek(45)
    assert window.session.selection == {"text1", "text2", "key1", "way1"}
    window.transport.seek(60)
    assert window.session.selection == {"text2"}
    desk.press(Key.Key_Bar)
    first, last = window.timeline.view.visible()
    assert first == pytest.approx(40, abs=2)
    assert last == pytest.approx(90, abs=4)
    desk.press(Key.Key_Backslash)
    assert window.timeline.view.visible()[0] <= 0
    kept = QSettings(window.parts.settings.fileName(), QSettings.Format.IniFormat)
    window.parts.settings.sync()
    kept.sync()
    assert kept.value("timeline/wheel") == "pan"
    assert not kept.value("timeline/snapping", type=bool)
    assert kept.value("timeline/select_follows", type=bool)
