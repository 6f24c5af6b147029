"""Key presets, changes on top, and keymap files: conflicts, other keyboards, hostile files."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QKeyCombination, Qt

from genmo_studio.ui.actions import ACTIONS, ActionSpec, Scope, conflicts
from genmo_studio.ui.keymaps import (
    Keymap,
    KeymapError,
    Preset,
    assigned,
    clashes,
    from_json,
    is_hard,
    key_of,
    normal,
    resolved,
    restored,
    takes_from,
    to_json,
)

IDS = [entry.id for entry in ACTIONS]
KEYS = st.sampled_from(["A", "B", "Ctrl+K", "Shift+D", "\\", "[", "Space", "Home", "F5", "Ctrl+Shift+P", "Alt+Left"])


@pytest.mark.parametrize("preset", Preset)
def test_kb2_no_preset_has_a_conflict_and_none_names_an_unknown_command(preset: Preset) -> None:
    assert clashes(ACTIONS, Keymap(preset)) == []
    assert set(preset.keys) <= set(IDS)
    assert all(normal(key) for keys in preset.keys.values() for key in keys)
    lost = {e.id for e in ACTIONS if e.keys} - {
        name for name, keys in resolved(ACTIONS, Keymap(preset)).items() if keys
    }
    assert len(lost) <= 6, f"a preset should not leave many commands without keys: {sorted(lost)}"


def test_kb1_the_studio_preset_is_the_table() -> None:
    keys = resolved(ACTIONS, Keymap())
    for entry in ACTIONS:
        assert keys[entry.id][: len(entry.keys)] == tuple(normal(key) for key in entry.keys), entry.id


@pytest.mark.parametrize("preset", Preset)
def test_kb4_every_command_has_a_key_that_other_keyboards_reach(preset: Preset) -> None:
    for name, keys in resolved(ACTIONS, Keymap(preset)).items():
        assert not keys or not all(is_hard(key) for key in keys), f"{name}: {keys}"
    table = (
        ActionSpec("x.fit", "Fit", ("\\",), Scope.TIMELINE),
        ActionSpec("x.before", "Before", ("[",), Scope.TIMELINE),
        ActionSpec("x.taken", "Taken", ("Ctrl+0",)),
    )
    easy = resolved(table, Keymap())
    assert easy["x.before"] == ("[", "Ctrl+PgUp")
    assert easy["x.fit"] == ("\\", "Alt+0"), "a key that is taken is not given twice"


def test_kb4_a_pressed_key_is_spelled_the_same_on_every_keyboard() -> None:
    none, shift, ctrl = (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
    )
    keypad, altgr = Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.GroupSwitchModifier
    assert key_of(QKeyCombination(none, Qt.Key.Key_Question)) == "?"
    assert key_of(QKeyCombination(shift, Qt.Key.Key_Question)) == "?", "Shift only makes the sign"
    assert key_of(QKeyCombination(altgr, Qt.Key.Key_Backslash)) == "\\", "AltGr on a German keyboard"
    assert key_of(QKeyCombination(shift, Qt.Key.Key_Backslash)) == "Shift+\\"
    assert key_of(QKeyCombination(keypad, Qt.Key.Key_1)) == "1"
    assert key_of(QKeyCombination(ctrl | shift, Qt.Key.Key_P)) == "Ctrl+Shift+P"
    assert key_of(QKeyCombination(shift, Qt.Key.Key_Backtab)) == "Shift+Tab"
    assert key_of(QKeyCombination(none, Qt.Key.Key_Odiaeresis)) == "Ö"
    assert key_of(QKeyCombination(shift, Qt.Key.Key_Shift)) == ""


@given(st.lists(st.tuples(st.sampled_from(IDS), st.lists(KEYS, max_size=3)), max_size=8), st.sampled_from(Preset))
def test_kb2_whatever_is_assigned_no_two_commands_fight_and_files_bring_it_back(changes, preset) -> None:
    keymap = Keymap(preset)
    for action_id, keys in changes:
        keymap = assigned(ACTIONS, keymap, action_id=action_id, keys=tuple(keys))
        assert resolved(ACTIONS, keymap)[action_id][: len(set(keys))] == tuple(dict.fromkeys(normal(k) for k in keys))
        assert clashes(ACTIONS, keymap) == []
    again = from_json(to_json(keymap), ACTIONS)
    assert resolved(ACTIONS, again) == resolved(ACTIONS, keymap)
    for action_id, _ in changes:
        keymap = restored(ACTIONS, keymap, action_id=action_id)
        assert action_id not in keymap.changes
        assert clashes(ACTIONS, keymap) == []


def test_kb2_a_conflict_names_who_would_lose_the_key() -> None:
    losers = takes_from(ACTIONS, Keymap(), action_id="edit.undo", key="Space")
    assert [entry.id for entry in losers] == ["play.toggle"]
    keymap = assigned(ACTIONS, Keymap(), action_id="edit.undo", keys=("Space",))
    assert resolved(ACTIONS, keymap)["play.toggle"] == ()
    back = restored(ACTIONS, keymap, action_id="play.toggle")
    assert resolved(ACTIONS, back)["play.toggle"][0] == "Space"
    assert resolved(ACTIONS, back)["edit.undo"] == ()


def test_kb3_two_panels_may_use_the_same_key() -> None:
    table = (
        ActionSpec("a.one", "One", ("S",), Scope.VIEWPORT),
        ActionSpec("a.two", "Two", ("S",), Scope.TIMELINE),
        ActionSpec("a.three", "Three", ("S",), Scope.CURVES),
    )
    assert conflicts(table) == []
    assert takes_from(table, Keymap(), action_id="a.one", key="S") == ()
    everywhere = (*table, ActionSpec("a.all", "All", ("S",)))
    assert len(conflicts(everywhere)) == 3


HOSTILE = {
    "nothing": b"",
    "no json": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "deep": b"[" * 100_000,
    "large": b" " * 1_000_001,
    "other format": b'{"format": "x", "preset": "maya", "changes": {}}',
    "unknown preset": b'{"format": "genmo-studio-keys", "preset": "vi", "changes": {}}',
    "no key": b'{"format": "genmo-studio-keys", "preset": "maya", "changes": {"edit.undo": ["Flibber"]}}',
    "two strokes": b'{"format": "genmo-studio-keys", "preset": "maya", "changes": {"edit.undo": ["A, B"]}}',
    "number": b'{"format": "genmo-studio-keys", "preset": "maya", "changes": {"edit.undo": 7}}',
    "many": json.dumps(
        {"format": "genmo-studio-keys", "preset": "maya", "changes": {"edit.undo": list(string.ascii_uppercase)}}
    ).encode(),
    "fight": json.dumps(
        {"format": "genmo-studio-keys", "preset": "studio", "changes": {"edit.undo": ["F5"], "edit.redo": ["F5"]}}
    ).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_kb2_a_file_that_is_no_keymap_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(KeymapError) as caught:
        from_json(HOSTILE[name], ACTIONS)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert 20 < len(sentence) < 200


def test_kb2_commands_of_a_newer_version_survive() -> None:
    data = b'{"format": "genmo-studio-keys", "preset": "maya", "changes": {"future.command": ["F9"]}}'
    keymap = from_json(data, ACTIONS)
    assert keymap.changes["future.command"] == ("F9",)
    assert b"future.command" in to_json(keymap)
