"""Session state that the whole window shares: selection, playhead, view of time. Never in the document, never undone.

One value a concern and one signal each. Only the transport moves the playhead; every other view asks the transport.
"""

from collections.abc import Iterable
from enum import Enum

from PySide6.QtCore import QObject, Signal

from genmo_studio.document.editor import Editor
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.view import View


class Wheel(Enum):
    """What the mouse wheel does over the tracks (TL4); Ctrl and wheel changes the height of a track in both."""

    ZOOM = "zoom"
    """Zooms about the pointer; with Shift it pans in time, as in Blender."""
    PAN = "pan"
    """Pans in time; with Shift it zooms about the pointer."""


class Session(QObject):
    """Selection, playhead, zoom and scroll, with a signal for each."""

    selection_changed = Signal(object)  # frozenset[str] of item, take or marker ids
    parts_changed = Signal(object)  # frozenset[str] | None: joints of the selected keys that are meant
    playhead_changed = Signal(int)  # frame
    view_changed = Signal(object)  # View of the timeline
    time_format_changed = Signal(object)  # TimeFormat
    snapping_changed = Signal(bool)
    track_changed = Signal(object)  # str | None: id of the current track
    wheel_changed = Signal(object)  # Wheel
    select_follows_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection: frozenset[str] = frozenset()
        self._parts: frozenset[str] | None = None
        self._playhead = 0
        self._view = View()
        self._time_format = TimeFormat.TIMECODE
        self._snapping = True
        self._track: str | None = None
        self._wheel = Wheel.ZOOM
        self._select_follows = False

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

    @property
    def track(self) -> str | None:
        """Id of the current track, on which commands about tracks act: the last one that was clicked."""
        return self._track

    @property
    def wheel(self) -> Wheel:
        """What the mouse wheel does over the tracks."""
        return self._wheel

    @property
    def select_follows(self) -> bool:
        """True when what lies under the playhead is selected as it moves (SE4)."""
        return self._select_follows

    def select(self, ids: Iterable[str]) -> None:
        """Replace the selection."""
        chosen = frozenset(ids)
        if chosen != self._selection:
            self._selection = chosen
            self.select_parts(None)
            self.selection_changed.emit(chosen)

    @property
    def parts(self) -> frozenset[str] | None:
        """Joints of the selected keys that commands act on (holds.ROOT: the place of the pelvis); None: whole keys."""
        return self._parts

    def select_parts(self, parts: frozenset[str] | None) -> None:
        """Mean only these joints of the selected keys, or the keys as a whole."""
        if parts != self._parts:
            self._parts = parts
            self.parts_changed.emit(parts)

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

    def set_track(self, track: str | None) -> None:
        """Make a track the current one."""
        if track != self._track:
            self._track = track
            self.track_changed.emit(track)

    def set_wheel(self, wheel: Wheel) -> None:
        """Choose what the mouse wheel does."""
        if wheel is not self._wheel:
            self._wheel = wheel
            self.wheel_changed.emit(wheel)

    def set_select_follows(self, on: bool) -> None:
        """Switch selecting by playhead."""
        if on != self._select_follows:
            self._select_follows = on
            self.select_follows_changed.emit(on)
