"""Keys in the real window: palette, sheet, key editor, presets, and the panel that has the focus."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from genmo_studio.ui.actions import ACTIONS, MENUS, SEPARATOR, SUB, Scope, native
from genmo_studio.ui.control.keys import KeysControl
from genmo_studio.ui.fuzzy import ranked, score
from genmo_studio.ui.keymaps import Keymap, Preset, resolved
from genmo_studio.ui.panels.key_editor import KeyEditor
from genmo_studio.ui.panels.palette import CommandPalette
from genmo_studio.ui.panels.shortcuts import ShortcutSheet
from tests.studio_window import close_window, open_window, press


@pytest.fixture
def window(qtbot, tmp_path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


def dialog(window, kind):
    return next(made for made in window.findChildren(kind) if made.isVisible())


def test_kb1_fuzzy_search_finds_what_one_means() -> None:
    titles = ["Undo Split", "Duplicate", "Go to Start", "Go to End", "Zoom to Fit", "Generate", "Command Palette"]
    assert ranked("dup", titles, title=str)[0] == "Duplicate"
    assert ranked("gts", titles, title=str)[0] == "Go to Start"
    assert ranked("fit zoom", titles, title=str) == ["Zoom to Fit"]
    assert ranked("gen", titles, title=str)[0] == "Generate"
    assert ranked("", titles, title=str) == titles
    assert ranked("theme", ["Ripple Trim End to Playhead: T, H, E, M, E", "Dark theme"], title=str) == ["Dark theme"]
    assert ranked("gnrt", ["Generate", "Go to Start"], title=str) == ["Generate"], "abbreviations still find"
    assert score("xyz", "Generate") is None
    assert score("generatee", "Generate") is None


def test_kb1_the_palette_does_any_enabled_command_and_goes_to_frames(window, qtbot) -> None:
    """KB1, KB2: one table; recent commands come first; a typed time is a place."""
    window.timeline.setFocus()
    press(qtbot, "Ctrl+Shift+P")
    palette = window.findChild(CommandPalette)
    assert palette.isVisible()
    assert QApplication.focusWidget() is palette.field
    titles = {entry.id for entry in palette.shown}
    enabled = {entry.id for entry in ACTIONS if window.actions_by_id[entry.id].isEnabled()} - {"window.palette"}
    assert titles == enabled
    assert "edit.undo" not in titles, "what cannot be done now is not offered"
    qtbot.keyClicks(palette.field, "ground gri")
    assert palette.shown[0].id == "view.grid"
    was = window.actions_by_id["view.grid"].isChecked()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.actions_by_id["view.grid"].isChecked() is not was
    assert QApplication.focusWidget() is window.timeline, "the focus goes back"
    press(qtbot, "F3")
    palette = next(p for p in window.findChildren(CommandPalette) if p.isVisible())
    assert palette.shown[0].id == "view.grid", "recent first"
    for typed, frame in (("go to frame 42", 42), ("17", 17), ("1s", 30), ("+5", 30 + 5)):
        palette.field.setText(typed)
        assert palette.shown[0].title.startswith("Go to frame"), typed
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert window.session.playhead == frame
        press(qtbot, "F3")
        palette = next(p for p in window.findChildren(CommandPalette) if p.isVisible())
    qtbot.keyClicks(palette.field, "no such command")
    assert palette.shown == ()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.session.playhead == 35


def test_kb2_presets_and_changed_keys_hold_at_once_everywhere_and_at_the_next_start(window, qtbot, tmp_path) -> None:
    """KB2: the sheet, the menus and the tool tips follow the keymap."""
    keys = window.commands.of(KeysControl)
    window.actions_by_id["keys.blender"].trigger()
    assert keys.keymap.preset is Preset.BLENDER
    assert window.actions_by_id["keys.blender"].isChecked()
    expected = resolved(ACTIONS, Keymap(Preset.BLENDER))
    for entry in ACTIONS:
        action = window.actions_by_id[entry.id]
        assert [key.toString() for key in action.shortcuts()] == list(expected[entry.id])
        if expected[entry.id] and entry.id not in ("edit.undo", "edit.redo"):
            assert native(expected[entry.id][0]) in action.toolTip(), "tool tips name the shortcut (ON4)"
    window.actions_by_id["help.shortcuts"].trigger()
    sheet = dialog(window, ShortcutSheet)
    assert "Blender" in sheet.windowTitle()
    sheet.close()

    window.actions_by_id["keys.customise"].trigger()
    editor = dialog(window, KeyEditor)
    editor.choose("generate.draft")
    qtbot.keyClick(editor.capture, Qt.Key.Key_Space)
    assert "Play" in editor.note.text(), "the conflict is named before anything happens"
    assert not window.transport.playing
    assert window.actions_by_id["play.toggle"].shortcuts() != []
    qtbot.mouseClick(editor.set_button, Qt.MouseButton.LeftButton)
    assert [key.toString() for key in window.actions_by_id["generate.draft"].shortcuts()] == ["Space"]
    assert window.actions_by_id["play.toggle"].shortcuts() == []
    editor.search.setText("draft")
    shown = [name for name, item in editor._items.items() if not item.isHidden()]
    assert "generate.draft" in shown
    assert len(shown) < 6
    file = tmp_path / "Tasten ß.json"
    editor.write(file)
    editor.reset_all()
    assert window.actions_by_id["play.toggle"].shortcuts() != []
    editor.read(file)
    assert keys.keymap.changes["generate.draft"] == ("Space",)
    file.write_text("{}", "utf-8")
    editor.read(file)
    assert "Your keys are as they were." in editor.note.text()
    assert keys.keymap.changes["generate.draft"] == ("Space",)
    editor.close()
    stored = json.loads(window.parts.settings.value("keys/keymap"))
    assert stored["preset"] == "blender"
    window.commands.of(KeysControl)._keymap = Keymap()
    assert window.commands.of(KeysControl)._stored().changes["generate.draft"] == ("Space",), "kept for the next start"


def test_kb3_keys_go_to_the_panel_with_the_focus_and_never_fire_while_typing(window, qtbot) -> None:
    """KB3, KB4: `\\` has a second key that other keyboards reach."""
    fit = window.actions_by_id["view.zoom_fit"]
    heard: list[str] = []
    fit.triggered.connect(lambda: heard.append("fit"))
    window.viewport.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.viewport.viewport)
    press(qtbot, "\\")
    assert heard == []
    window.timeline.setFocus()
    press(qtbot, "\\")
    press(qtbot, "Ctrl+0")
    assert heard == ["fit", "fit"]
    window.actions_by_id["edit.add_text"].trigger()
    field = window.timeline._field
    assert QApplication.focusWidget() is field
    playing = window.transport.playing
    qtbot.keyClicks(field, "walk j k l ?")
    assert field.text().endswith("walk j k l ?")
    assert window.transport.playing is playing
    assert not any(isinstance(made, ShortcutSheet) and made.isVisible() for made in window.findChildren(ShortcutSheet))
    qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_kb1_every_command_is_in_a_menu_and_no_menu_is_too_long(window) -> None:
    """KB1, TL21: every menu entry shows its key, because it is the one action."""
    listed = [i for _, ids in MENUS for i in ids if i != SEPARATOR and not i.startswith(SUB)]
    assert {entry.id for entry in ACTIONS} == set(listed)
    assert len(listed) == len(set(listed)), "no command twice"
    for title, ids in MENUS:
        assert sum(i != SEPARATOR for i in ids) <= 28, title
    scopes = {entry.id: entry.scope for entry in ACTIONS}
    for action_id, action in window.actions_by_id.items():
        if scopes[action_id] is not Scope.GLOBAL:
            assert action.associatedObjects(), f"{action_id} is heard nowhere"
