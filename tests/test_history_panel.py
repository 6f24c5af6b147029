"""Undo, redo and the History panel in the real window; the message bar."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.ui import commands
from genmo_studio.ui.control.history import HistoryControl
from genmo_studio.ui.panels.history import CURRENT, DONE, SAVED_ROLE, STATE_ROLE, UNDONE
from genmo_studio.ui.panels.message_bar import Message, MessageBar, Severity
from genmo_studio.ui.project import empty_document
from genmo_studio.ui.theme import DARK
from tests.studio_window import close_window, open_window, press


@pytest.fixture
def window(qtbot, tmp_path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


def states(panel) -> list[str]:
    model = panel.model
    return [model.index(row).data(STATE_ROLE) for row in range(model.rowCount())]


def test_un1_at_least_two_hundred_steps_are_kept() -> None:
    editor = Editor(empty_document())
    first = editor.document
    for frame in range(250):
        editor.edit(f"Length {frame}", edits.set_length(301 + frame))
    while editor.can_undo:
        editor.undo()
    assert editor.document == first
    assert len(editor.history) == 250
    while editor.can_redo:
        editor.redo()
    assert editor.document.length == 550


def test_un2_un7_history_names_every_step_and_a_click_goes_there(window, qtbot) -> None:
    """UN1, UN2, UN7: undo by key, by menu and by panel are the same; the saved state is marked."""
    editor, panel = window.editor, window.commands.of(HistoryControl).panel
    start = editor.document
    window.actions_by_id["edit.history"].trigger()
    assert window.docks["history"].isVisible()
    assert states(panel) == [CURRENT]
    for frame in (10, 40, 80):
        (label, edit), item = commands.add_text(editor.document, frame)
        editor.edit(label, edit, select={item})
    assert states(panel) == [DONE, DONE, DONE, CURRENT]
    undo = window.actions_by_id["edit.undo"]
    assert undo.text() == "Undo Add Text"
    assert window.isWindowModified()
    window.timeline.setFocus()
    press(qtbot, "Ctrl+Z")
    assert states(panel) == [DONE, DONE, CURRENT, UNDONE]
    assert window.actions_by_id["edit.redo"].text() == "Redo Add Text"
    editor.mark_saved()
    window.saved()
    press(qtbot, "Ctrl+Y")
    press(qtbot, "Ctrl+Z")
    press(qtbot, "Ctrl+Shift+Z")
    assert states(panel) == [DONE, DONE, DONE, CURRENT]
    assert window.isWindowModified()
    saved = [panel.model.index(row).data(SAVED_ROLE) for row in range(panel.model.rowCount())]
    assert saved == [False, False, True, False]
    qtbot.mouseClick(
        panel.view.viewport(), Qt.MouseButton.LeftButton, pos=panel.view.visualRect(panel.model.index(2)).center()
    )
    assert editor.position == 2
    assert not window.isWindowModified(), "the star goes when undo returns to the saved state"
    qtbot.mouseClick(
        panel.view.viewport(), Qt.MouseButton.LeftButton, pos=panel.view.visualRect(panel.model.index(0)).center()
    )
    assert editor.document == start
    assert states(panel) == [CURRENT, UNDONE, UNDONE, UNDONE]
    editor.edit("Set length", edits.set_length(500))
    assert states(panel) == [DONE, CURRENT], "a new step drops the undone ones"
    assert panel.model.index(1).data() == "Set length"
    assert editor.saved_position is None


def test_un4_undo_brings_back_the_selection_and_scrolls_there(window) -> None:
    """UN3, UN4, UN8: views and selections make no step; a gesture of many previews makes one."""
    editor, session = window.editor, window.session
    editor.edit("Set length", edits.set_length(6000))
    (label, edit), item = commands.add_text(editor.document, 5000)
    editor.edit(label, edit, select={item})
    with editor.gesture("Move Clip") as gesture:
        for by in range(1, 20):
            gesture.preview(edits.move_items({item}, by=by))
    steps = len(editor.history)
    session.select(())
    window.timeline.zoom_fit()
    for _ in range(12):
        window.timeline.zoom_in()
    session.set_view(session.view.revealing(0))
    assert len(editor.history) == steps
    assert session.view.visible()[1] < 5000
    editor.undo()
    assert editor.history[-1] == "Move Clip"
    assert len(editor.history) == steps
    assert session.selection == {item}
    first, last = session.view.visible()
    assert first < 5000 < last


def test_pg6_messages_merge_and_an_error_is_not_covered_by_remarks(qtbot) -> None:
    bar = MessageBar(DARK)
    qtbot.addWidget(bar)
    done: list[str] = []
    bar.post(Message("The disk is full.", "Nothing is lost.", "errno 28", action=("Retry", lambda: done.append("r"))))
    for _ in range(50):
        bar.post(Message("No room there.", severity=Severity.WARNING))
    assert [m.what for m in bar.messages] == ["The disk is full.", "No room there."]
    assert bar.shown.what == "The disk is full."
    assert "1 of 2" in bar._next.text()
    bar.leaf()
    assert bar.shown.what == "No room there.", "what waits can be read before the first is closed"
    assert "2 of 2" in bar._next.text()
    bar.leaf()
    bar.dismiss()
    texts = " ".join(label.text() for label in bar.findChildren(QLabel))
    assert "No room there.  (50 times)" in texts
    for number in range(60):
        bar.post(Message(f"Remark {number}", severity=Severity.INFO))
    assert len(bar.messages) <= 20
    bar.clear()
    assert bar.isHidden()
