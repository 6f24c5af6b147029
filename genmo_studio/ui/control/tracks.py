"""Commands about the current track: the one that was clicked last, or that holds the selection."""

from functools import partial

from genmo_studio.document.model import Document, Track, TrackKind
from genmo_studio.document.queries import find_track, track_of
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.doing import do
from genmo_studio.ui.panels.swatches import Swatches
from genmo_studio.ui.timeline import track_commands
from genmo_studio.ui.timeline.effects import Apply
from genmo_studio.ui.timeline.track_commands import Switch

NO_TRACK = "No track is chosen. Click the header of a track first."

_KINDS = {
    "track.add_text": TrackKind.TEXT,
    "track.add_video": TrackKind.VIDEO,
    "track.add_music": TrackKind.MUSIC,
    "track.add_poses": TrackKind.FULL_KEYS,
    "track.add_limbs": TrackKind.PARTIAL_KEYS,
    "track.add_path": TrackKind.PATH,
    "track.add_contacts": TrackKind.CONTACTS,
    "track.add_tweaks": TrackKind.TWEAKS,
    "track.add_locks": TrackKind.LOCKS,
}
_SWITCHES = {
    "track.mute": Switch.MUTED,
    "track.solo": Switch.SOLO,
    "track.lock": Switch.LOCKED,
    "track.hide": Switch.HIDDEN,
}


class TrackControl(Control):
    """Add, remove, order, name, colour and switch tracks (TL1)."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            **{action: partial(self.add, kind) for action, kind in _KINDS.items()},
            **{action: partial(self.toggle, switch) for action, switch in _SWITCHES.items()},
            "track.show_all": self.show_all,
            "track.rename": self.rename,
            "track.colour": self.colour,
            "track.up": lambda: self._do(track_commands.move(self._document, self._id, by=-1)),
            "track.down": lambda: self._do(track_commands.move(self._document, self._id, by=1)),
            "track.remove": lambda: self._do(track_commands.remove(self._document, self._id)),
            "track.select": self.select_all,
        }

    def connect(self) -> None:
        """See Control."""
        self.window.session.track_changed.connect(self._show_switches)

    def document_changed(self, _old: Document, _new: Document) -> None:
        """See Control."""
        self._show_switches()

    def selection_changed(self, selection: frozenset[str]) -> None:
        """The track of a single selected item becomes the current one."""
        if len(selection) == 1:
            track = track_of(self._document, next(iter(selection)))
            if track is not None:
                self.window.session.set_track(track.id)

    @property
    def track(self) -> Track | None:
        """The current track; None when there is none or it is gone."""
        chosen = self.window.session.track
        return None if chosen is None else find_track(self._document, chosen)

    @property
    def _document(self) -> Document:
        return self.window.editor.document

    @property
    def _id(self) -> str | None:
        return self.window.session.track

    def _do(self, wanted: Apply | None) -> bool:
        there = self.track is not None
        return do(self.window, wanted, otherwise="The track is at the edge already." if there else NO_TRACK)

    def add(self, kind: TrackKind) -> None:
        """A new track below the current one, which becomes the current one."""
        wanted, made = track_commands.add(self._document, kind, below=self._id)
        if self._do(wanted):
            self.window.session.set_track(made)

    def toggle(self, switch: Switch) -> None:
        """Turn a switch of the current track over."""
        self._do(track_commands.toggle(self._document, self._id, switch))
        self._show_switches()

    def show_all(self) -> None:
        """Show the tracks that are hidden."""
        do(self.window, track_commands.show_all(self._document), otherwise="No track is hidden.")

    def rename(self) -> None:
        """Type another name in the header."""
        track = self.track
        if track is None or track.hidden:
            self.window.note(NO_TRACK)
        else:
            self.window.timeline.edit_text(track.id)

    def colour(self) -> None:
        """Choose among colours at the header."""
        track = self.track
        if track is None:
            self.window.note(NO_TRACK)
            return
        chooser = Swatches(self.window, default="Colour of its kind", current=track.colour)
        chooser.chosen.connect(lambda value: self._do(track_commands.colour(self._document, track.id, value)))
        chooser.open_at(self.window.timeline.place_of(track.id))

    def select_all(self) -> None:
        """Select every item of the current track."""
        track = self.track
        if track is None:
            self.window.note(NO_TRACK)
        else:
            self.window.session.select(item.id for item in track.items)

    def _show_switches(self, *_: object) -> None:
        track = self.track
        for action, switch in _SWITCHES.items():
            on = track is not None and track_commands.is_on(track, switch)
            if self.window.actions_by_id[action].isCheckable():
                self.window.actions_by_id[action].setChecked(on)
