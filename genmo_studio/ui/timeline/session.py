"""Session state that the whole window shares: selection, playhead, view of time. Never in the document, never undone.

One value a concern and one signal each. Only the transport moves the playhead; every other view asks the transport.
"""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from genmo_studio.document.editor import Editor
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.view import View


class Session(QObject):
    """Selection, playhead, zoom and scroll, with a signal for each."""

    selection_changed = Signal(object)  # frozenset[str] of item, take or marker ids
    playhead_changed = Signal(int)  # frame
    view_changed = Signal(object)  # View of the timeline
    time_format_changed = Signal(object)  # TimeFormat
    snapping_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection: frozenset[str] = frozenset()
        self._playhead = 0
        self._view = View()
        self._time_format = TimeFormat.TIMECODE
        self._snapping = True

    @property
    def selection(self) -> frozenset[str]:
        """Ids of what is selected."""
        return self._selection

    @property
    def playhead(self) -> int:
        """Frame that is shown."""
        return self._playhead

    @property
    def view(self) -> View:
        """Zoom and scroll of the timeline."""
        return self._view

    @property
    def time_format(self) -> TimeFormat:
        """How times are shown everywhere."""
        return self._time_format

    @property
    def snapping(self) -> bool:
        """True when drags snap."""
        return self._snapping

    def select(self, ids: Iterable[str]) -> None:
        """Replace the selection."""
        chosen = frozenset(ids)
        if chosen != self._selection:
            self._selection = chosen
            self.selection_changed.emit(chosen)

    def attach(self, editor: Editor) -> None:
        """Keep the selection and the editor's the same: the editor brings a step's selection back on undo."""
        editor.subscribe(selected=self.select)
        self.selection_changed.connect(editor.select)
        editor.select(self._selection)

    def set_playhead(self, frame: int) -> None:
        """Called by the transport alone; views call ``Transport.seek``."""
        if frame != self._playhead:
            self._playhead = frame
            self.playhead_changed.emit(frame)

    def set_view(self, view: View) -> None:
        """Replace zoom and scroll."""
        if view != self._view:
            self._view = view
            self.view_changed.emit(view)

    def set_time_format(self, time_format: TimeFormat) -> None:
        """Choose frames, seconds or timecode."""
        if time_format is not self._time_format:
            self._time_format = time_format
            self.time_format_changed.emit(time_format)

    def set_snapping(self, on: bool) -> None:
        """Switch snapping of drags."""
        if on != self._snapping:
            self._snapping = on
            self.snapping_changed.emit(on)
