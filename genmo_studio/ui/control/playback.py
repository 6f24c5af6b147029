"""Playback and the marked range."""

from genmo_studio.document import edits
from genmo_studio.document.time import Span
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.icons import icon


class PlaybackControl(Control):
    """Play, shuttle, step, loop, in and out."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        w, transport = self.window, self.window.transport
        return {
            "play.toggle": transport.toggle,
            "play.reverse": lambda: transport.shuttle(forward=False),
            "play.stop": transport.pause,
            "play.forward": lambda: transport.shuttle(forward=True),
            "play.step_back": lambda: transport.step(-1),
            "play.step_forward": lambda: transport.step(1),
            "play.jump_back": lambda: transport.step(-10),
            "play.jump_forward": lambda: transport.step(10),
            "play.start": transport.go_to_start,
            "play.end": transport.go_to_end,
            "play.previous_key": lambda: transport.go_to_edit(forward=False),
            "play.next_key": lambda: transport.go_to_edit(forward=True),
            "play.loop": lambda: transport.set_loop(not transport.looping),
            "play.mark_in": lambda: self._mark(start=w.session.playhead),
            "play.mark_out": lambda: self._mark(stop=w.session.playhead + 1),
            "play.clear_marks": lambda: w.commands.edit("Clear In and Out", edits.set_in_out(None)),
        }

    def connect(self) -> None:
        """See Control."""
        self.window.transport.playing_changed.connect(self._playing)
        self.window.transport.loop_changed.connect(self.window.actions_by_id["play.loop"].setChecked)

    def _mark(self, *, start: int | None = None, stop: int | None = None) -> None:
        document = self.window.editor.document
        marked = document.in_out or Span(0, document.length)
        first = marked.start if start is None else start
        last = marked.stop if stop is None else stop
        if first >= last:  # the other mark gives way
            first, last = (first, document.length) if start is not None else (0, last)
        self.window.commands.edit("Mark In" if start is not None else "Mark Out", edits.set_in_out(Span(first, last)))

    def _playing(self, playing: bool) -> None:
        action = self.window.actions_by_id["play.toggle"]
        action.setChecked(playing)
        action.setIcon(icon("pause" if playing else "play"))
        action.setText("Pause" if playing else "Play")
