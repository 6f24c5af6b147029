"""Playback and the marked range."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from genmo_studio.document import edits
from genmo_studio.document.time import Span
from genmo_studio.ui.actions.playback import SPEEDS
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.held_keys import HeldKeys
from genmo_studio.ui.icons import icon
from genmo_studio.ui.playback import PlayOptions
from genmo_studio.values import replace

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_OPTIONS = {
    "play.scrub_sound": "scrub_sound",
    "play.every_frame": "every_frame",
    "play.return": "return_to_start",
}
"""Action to field of PlayOptions, which is also the name of the setting."""


class PlaybackControl(Control):
    """Play, shuttle, step, loop, in and out, speed and sound."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._held = HeldKeys(window.parts.app, window)
        self._silence = QLabel()
        self._silence.setContentsMargins(8, 0, 8, 0)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        w, transport = self.window, self.window.transport
        speeds: dict[str, Slot] = {
            action_id: (lambda speed=speed: transport.set_speed(speed))  # type: ignore[misc]
            for action_id, speed in SPEEDS.items()
        }
        options: dict[str, Slot] = dict.fromkeys(_OPTIONS, self._take_options)
        return {
            "play.toggle": transport.toggle,
            "play.range": transport.play_range,
            "play.reverse": lambda: self._shuttle(forward=False),
            "play.stop": transport.pause,
            "play.forward": lambda: self._shuttle(forward=True),
            "play.step_back": lambda: transport.step(-1),
            "play.step_forward": lambda: transport.step(1),
            "play.jump_back": lambda: transport.step(-10),
            "play.jump_forward": lambda: transport.step(10),
            "play.start": transport.go_to_start,
            "play.end": transport.go_to_end,
            "play.previous_key": lambda: transport.go_to_edit(forward=False),
            "play.next_key": lambda: transport.go_to_edit(forward=True),
            "play.go_to_time": w.counter.begin_typing,
            "play.time_format": lambda: w.session.set_time_format(w.session.time_format.following()),
            "play.loop": lambda: transport.set_loop(not transport.looping),
            "play.mark_in": lambda: self._mark(start=w.session.playhead),
            "play.mark_out": lambda: self._mark(stop=w.session.playhead + 1),
            "play.go_to_in": lambda: transport.seek(self._marked().start),
            "play.go_to_out": lambda: transport.seek(self._marked().stop - 1),
            "play.clear_marks": lambda: w.commands.edit("Clear In and Out", edits.set_in_out(None)),
            "play.slower": lambda: self._next_speed(-1),
            "play.faster": lambda: self._next_speed(1),
            "play.mute": lambda: self._set_volume(transport.volume, muted=not transport.muted),
            **speeds,
            **options,
        }

    def connect(self) -> None:
        """See Control."""
        transport, actions = self.window.transport, self.window.actions_by_id
        transport.playing_changed.connect(self._playing)
        transport.loop_changed.connect(actions["play.loop"].setChecked)
        transport.speed_changed.connect(self._show_speed)
        transport.sound_changed.connect(self._show_sound)
        transport.options_changed.connect(self._show_options)
        self.window.statusBar().addPermanentWidget(self._silence)
        self.window.toolbar.volume.volume_changed.connect(lambda volume: self._set_volume(volume, muted=False))
        self._restore()

    def close(self) -> None:
        """See Control."""
        self._held.close()

    # -- settings ------------------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        settings, transport = self.window.parts.settings, self.window.transport
        usual = PlayOptions()
        kept = {name: settings.value(f"playback/{name}", getattr(usual, name), type=bool) for name in _OPTIONS.values()}
        transport.set_options(replace(usual, **{name: bool(value) for name, value in kept.items()}))
        volume = settings.value("playback/volume", 1.0, type=float)
        muted = settings.value("playback/muted", False, type=bool)
        transport.set_volume(float(volume), muted=bool(muted))  # type: ignore[arg-type]  # Qt's stub says object
        self._show_options(transport.options)
        self._show_speed(transport.speed)
        self._show_sound()

    def _take_options(self) -> None:
        """What is checked in the menu counts from now on, and the next time."""
        actions = self.window.actions_by_id
        chosen = {name: actions[action_id].isChecked() for action_id, name in _OPTIONS.items()}
        for name, on in chosen.items():
            self.window.parts.settings.setValue(f"playback/{name}", on)
        self.window.transport.set_options(PlayOptions(**chosen))

    def _set_volume(self, volume: float, *, muted: bool) -> None:
        self.window.transport.set_volume(volume, muted=muted)
        self.window.parts.settings.setValue("playback/volume", self.window.transport.volume)
        self.window.parts.settings.setValue("playback/muted", muted)

    # -- playing -------------------------------------------------------------------------------------------------------

    def _shuttle(self, *, forward: bool) -> None:
        """J and L; with K held one frame (PB2). Holding the key alone does not run through the speeds."""
        if self._held.holds(Qt.Key.Key_K):
            self.window.transport.step(1 if forward else -1)
        elif not (self._held.repeating and (self._held.holds(Qt.Key.Key_J) or self._held.holds(Qt.Key.Key_L))):
            self.window.transport.shuttle(forward=forward)

    def _next_speed(self, way: int) -> None:
        speeds = sorted(SPEEDS.values())
        here = self.window.transport.chosen_speed
        ahead = [s for s in speeds if (s > here if way > 0 else s < here)]
        if ahead:
            self.window.transport.set_speed(min(ahead) if way > 0 else max(ahead))

    def _marked(self) -> Span:
        document = self.window.editor.document
        return document.in_out or Span(0, document.length)

    def _mark(self, *, start: int | None = None, stop: int | None = None) -> None:
        document = self.window.editor.document
        marked = self._marked()
        first = marked.start if start is None else start
        last = marked.stop if stop is None else stop
        if first >= last:  # the other mark gives way
            first, last = (first, document.length) if start is not None else (0, last)
        self.window.commands.edit("Mark In" if start is not None else "Mark Out", edits.set_in_out(Span(first, last)))

    # -- showing -------------------------------------------------------------------------------------------------------

    def _playing(self, playing: bool) -> None:
        action = self.window.actions_by_id["play.toggle"]
        action.setChecked(playing)
        action.setIcon(icon("pause" if playing else "play"))
        action.setText("Pause" if playing else "Play")

    def _show_speed(self, _speed: float) -> None:
        transport = self.window.transport
        for action_id, speed in SPEEDS.items():
            self.window.actions_by_id[action_id].setChecked(speed == transport.chosen_speed)
        self._show_sound()

    def _show_sound(self) -> None:
        transport, toolbar = self.window.transport, self.window.toolbar
        speed = transport.speed if transport.playing else transport.chosen_speed
        silence = transport.silence
        toolbar.speed.show_speed(speed, silence=silence)
        toolbar.volume.show_sound(transport.volume, silence=silence, problem=transport.sound_problem)
        self.window.actions_by_id["play.mute"].setChecked(transport.muted)
        self._silence.setText(f"Sound is {silence}" if silence and transport.has_sound else "")
        self._silence.setVisible(bool(self._silence.text()))

    def _show_options(self, options: object) -> None:
        for action_id, name in _OPTIONS.items():
            self.window.actions_by_id[action_id].setChecked(bool(getattr(options, name)))
