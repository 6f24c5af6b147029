"""Keys and commands as such: presets, changed keys, the palette, the shortcut sheet, and where keys are heard."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from genmo_studio.ui.actions import ACTIONS, MENUS, SUB, Scope, attach, native, spec, tooltip
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.keymaps import Keymap, KeymapError, Preset, from_json, resolved, to_json
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.panels.palette import CommandPalette, PaletteEntry
from genmo_studio.ui.timeline.timecode import TimeInputError, format_time, parse_time

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_SETTING, _RECENT = "keys/keymap", "keys/recent"
_REMEMBERED = 12
_GO = ("go to frame ", "go to ", "frame ")


class KeysControl(Control):
    """What the keys mean, and finding a command by its name."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._keymap = self._stored()

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        choose = {f"keys.{preset.name.lower()}": lambda preset=preset: self.use_preset(preset) for preset in Preset}
        return {
            "window.palette": self.open_palette,
            "keys.customise": self.customise,
            "help.shortcuts": self.sheet,
            **choose,
        }

    def connect(self) -> None:
        """See Control."""
        w = self.window
        for scope in Scope:
            dock = w.docks.get(scope.dock)
            if dock is not None and scope is not Scope.TIMELINE:  # the timeline hears its keys from the beginning
                attach(w.actions_by_id, ACTIONS, scope=scope, widget=dock.widget())
        self._apply()

    @property
    def keymap(self) -> Keymap:
        """The keys that hold now."""
        return self._keymap

    def use_preset(self, preset: Preset) -> None:
        """Follow another program's habits, also with the mouse in the viewport; the user's own changes stay on top."""
        self.use(Keymap(preset, self._keymap.changes))
        self.window.actions_by_id["view.nav_blender" if preset is Preset.BLENDER else "view.nav_studio"].trigger()

    def use(self, keymap: object) -> None:
        """These keys hold from now on, also at the next start."""
        if isinstance(keymap, Keymap):
            self._keymap = keymap
            self.window.parts.settings.setValue(_SETTING, to_json(keymap).decode())
            self._apply()

    def customise(self) -> None:
        """The dialog that changes keys."""
        from genmo_studio.ui.panels.key_editor import KeyEditor  # noqa: PLC0415

        dialog = KeyEditor(ACTIONS, self._keymap, self.window)
        dialog.changed.connect(self.use)
        self.window.commands.open_dialog(dialog)

    def sheet(self) -> None:
        """The shortcut sheet of the keys that hold now."""
        from genmo_studio.ui.panels.shortcuts import ShortcutSheet  # noqa: PLC0415

        dialog = ShortcutSheet(
            ACTIONS, keys=resolved(ACTIONS, self._keymap), preset=self._keymap.preset.value, parent=self.window
        )
        dialog.customise_wanted.connect(self.customise)
        self.window.commands.open_dialog(dialog)

    def open_palette(self) -> None:
        """All commands that can be done now; those done last come first."""
        w = self.window
        palette = CommandPalette(self.entries(), typed=self._typed, theme=w.parts.theme, parent=w)
        palette.chosen.connect(self._remember)
        palette.open()

    def entries(self) -> list[PaletteEntry]:
        """The lines of the palette."""
        w = self.window
        places = {i: title.replace("&", "").replace(SUB, " › ") for title, ids in MENUS for i in ids}
        entries = []
        for entry in ACTIONS:
            action = w.actions_by_id[entry.id]
            if not action.isEnabled() or entry.id == "window.palette":
                continue
            place = places.get(entry.id, "")
            if entry.scope is not Scope.GLOBAL and entry.scope.value != place:
                place = f"{place} · {entry.scope.value}"
            keys = native(action.shortcut().toString(QKeySequence.SequenceFormat.PortableText))
            title = action.text().rstrip("…").replace("&", "")
            picture = None if action.icon().isNull() else action.icon()
            entries.append(PaletteEntry(entry.id, title, place, keys, action.trigger, picture))
        recent = self._recent()
        return sorted(entries, key=lambda e: recent.index(e.id) if e.id in recent else len(recent))

    def _typed(self, text: str) -> PaletteEntry | None:
        """A typed time is a place to go to."""
        w, trimmed = self.window, text.strip().casefold()
        named = next((start for start in _GO if trimmed.startswith(start)), "")
        words = trimmed.removeprefix(named).strip()
        if not words or (not named and not words[0].isdigit() and words[0] not in "+-"):
            return None
        document = w.editor.document
        try:
            frame = parse_time(words, fps=document.fps, current=w.session.playhead)
        except TimeInputError:
            return None
        frame = min(frame, document.length - 1)
        place = format_time(frame, fps=document.fps, style=w.session.time_format)
        return PaletteEntry("", f"Go to frame {frame}", place, "", lambda: w.transport.seek(frame))

    def _apply(self) -> None:
        w = self.window
        for action_id, keys in resolved(ACTIONS, self._keymap).items():
            action = w.actions_by_id[action_id]
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setToolTip(tooltip(spec(action_id), keys))
        w.actions_by_id[f"keys.{self._keymap.preset.name.lower()}"].setChecked(True)
        w.commands.history_changed()  # undo and redo say in their tooltips what they would do

    def _stored(self) -> Keymap:
        """The keys of the last session; the preset Studio when they cannot be read, and a sentence about that."""
        text = self.window.parts.settings.value(_SETTING)
        if text is None:
            return Keymap()
        try:
            return from_json(str(text).encode(), ACTIONS)
        except KeymapError as error:
            sentence = f"Your changed keys could not be read ({error}); the Studio keys hold."
            self.window.post(Message(sentence, severity=Severity.WARNING))
            return Keymap()

    def _recent(self) -> list[str]:
        return [name for name in str(self.window.parts.settings.value(_RECENT, "")).split(",") if name]

    def _remember(self, action_id: str) -> None:
        if action_id:
            recent = [action_id, *(name for name in self._recent() if name != action_id)][:_REMEMBERED]
            self.window.parts.settings.setValue(_RECENT, ",".join(recent))
