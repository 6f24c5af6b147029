"""The timeline's commands, its options, and its context menus."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QMenu

from genmo_studio.document import edits
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_take
from genmo_studio.ui import commands as window_commands
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.clipboard import NOTHING
from genmo_studio.ui.control.doing import do
from genmo_studio.ui.panels.time_popup import TimePopup
from genmo_studio.ui.timeline import choosing, commands, key_commands
from genmo_studio.ui.timeline.effects import Apply
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.menus import menu_of
from genmo_studio.ui.timeline.session import Wheel

NO_CLIP = "No clip lies across the playhead. Move the playhead into a clip first."
_NEED_ITEMS = (
    "edit.cut", "edit.copy", "edit.duplicate", "edit.mute", "edit.delete", "edit.ripple_delete",
    "edit.paste_attributes", "edit.nudge_left", "edit.nudge_right", "edit.nudge_left_10", "edit.nudge_right_10",
    "edit.clear_result", "text.merge", "text.swap_previous", "text.swap_next", "marker.colour", "marker.mark",
)  # fmt: skip


class TimelineControl(Control):
    """Editing clips and keys, selecting, zooming."""

    spot: tuple[int, str | None] | None = None
    """Frame and track under the pointer while a context menu of an empty place is open."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {**self._editing(), **self._selecting(), **self._viewing()}

    def _editing(self) -> dict[str, Slot]:
        return {
            "edit.add_text": self.add_text,
            "edit.duplicate": lambda: self._selected(commands.duplicate),
            "edit.rename": self.rename,
            "edit.mute": lambda: self._selected(commands.mute),
            "edit.delete": self.delete,
            "edit.ripple_delete": lambda: self._selected(commands.ripple_delete),
            "edit.clear_result": self.clear_result,
            "edit.split": self.split,
            "edit.trim_start": lambda: self.ripple_trim(start=True),
            "edit.trim_end": lambda: self.ripple_trim(start=False),
            "edit.insert_time": self.insert_time,
            "edit.close_gap": self.close_gap,
            "edit.remove_time": self.remove_time,
            "edit.fit_to_marks": self.fit_to_marks,
            "edit.nudge_left": lambda: self.nudge(-1),
            "edit.nudge_right": lambda: self.nudge(1),
            "edit.nudge_left_10": lambda: self.nudge(-10),
            "edit.nudge_right_10": lambda: self.nudge(10),
            "text.merge": self.merge,
            "text.swap_previous": lambda: self.swap(after=False),
            "text.swap_next": lambda: self.swap(after=True),
        }

    def _selecting(self) -> dict[str, Slot]:
        w = self.window
        select, session = w.session.select, w.session
        return {
            "edit.select_all": lambda: select(choosing.everything(self._document)),
            "edit.select_none": lambda: select(()),
            "edit.select_invert": lambda: select(choosing.inverted(self._document, session.selection)),
            "edit.select_before": lambda: select(choosing.before(self._document, session.playhead)),
            "edit.select_after": lambda: select(choosing.after(self._document, session.playhead)),
            "edit.select_follows": lambda: session.set_select_follows(not session.select_follows),
        }

    def _viewing(self) -> dict[str, Slot]:
        timeline, session = self.window.timeline, self.window.session
        return {
            "view.zoom_in": timeline.zoom_in,
            "view.zoom_out": timeline.zoom_out,
            "view.zoom_fit": timeline.zoom_fit,
            "view.zoom_selection": timeline.zoom_selection,
            "view.snapping": lambda: session.set_snapping(not session.snapping),
            "view.wheel_pans": lambda: session.set_wheel(Wheel.ZOOM if session.wheel is Wheel.PAN else Wheel.PAN),
        }

    # -- options that outlive the session ------------------------------------------------------------------------------

    def connect(self) -> None:
        """See Control."""
        w, session = self.window, self.window.session
        settings = w.parts.settings
        session.set_snapping(bool(settings.value("timeline/snapping", True, type=bool)))
        session.set_select_follows(bool(settings.value("timeline/select_follows", False, type=bool)))
        wheel = settings.value("timeline/wheel", Wheel.ZOOM.value, type=str)
        session.set_wheel(Wheel.PAN if wheel == Wheel.PAN.value else Wheel.ZOOM)
        session.snapping_changed.connect(self._options_changed)
        session.select_follows_changed.connect(self._options_changed)
        session.wheel_changed.connect(self._options_changed)
        session.playhead_changed.connect(self._follow)
        w.transport.playing_changed.connect(self._follow)
        w.timeline.menu_requested.connect(self._menu)
        self._show_options()
        self.selection_changed(session.selection)

    def _options_changed(self, *_: object) -> None:
        session, settings = self.window.session, self.window.parts.settings
        settings.setValue("timeline/snapping", session.snapping)
        settings.setValue("timeline/select_follows", session.select_follows)
        settings.setValue("timeline/wheel", session.wheel.value)
        self._show_options()
        self._follow()

    def _show_options(self) -> None:
        session, actions = self.window.session, self.window.actions_by_id
        actions["view.snapping"].setChecked(session.snapping)
        actions["edit.select_follows"].setChecked(session.select_follows)
        actions["view.wheel_pans"].setChecked(session.wheel is Wheel.PAN)

    def _follow(self, *_: object) -> None:
        """Select what lies under the playhead, where that is wanted and nothing plays (SE4)."""
        session = self.window.session
        if session.select_follows and not self.window.transport.playing:
            session.select(choosing.under(self._document, session.playhead))

    def selection_changed(self, selection: frozenset[str]) -> None:
        """Grey what has nothing to act on."""
        for action_id in _NEED_ITEMS:
            self.window.actions_by_id[action_id].setEnabled(bool(selection))

    # -- editing -------------------------------------------------------------------------------------------------------

    @property
    def _document(self) -> Document:
        return self.window.editor.document

    def _selected(self, command: Callable[[Document, frozenset[str]], Apply | None]) -> None:
        do(self.window, command(self._document, self.window.session.selection), otherwise=NOTHING)

    def add_text(self) -> None:
        """A text segment at the playhead or where was right-clicked, selected, with the cursor in its field."""
        w = self.window
        frame, track = self.spot or (w.session.playhead, None)
        (label, edit), item = window_commands.add_text(w.editor.document, frame, track=track)
        if w.commands.edit(label, edit, select={item}):
            w.timeline.edit_text(item)

    def rename(self) -> None:
        """Edit the words of the selected text or marker where they lie, else the name of the current track."""
        w = self.window
        chosen = [i for i in w.session.selection if commands.words_of(self._document, i) is not None]
        if len(chosen) == 1:
            w.timeline.edit_text(chosen[0])
        elif w.session.selection:
            w.note("Select one text or one marker of an open track to edit its words.")
        else:
            w.actions_by_id["track.rename"].trigger()

    def split(self) -> None:
        """Cut the selected clips at the playhead; without a selection, all clips under it."""
        w = self.window
        do(w, commands.split(self._document, w.session.selection, frame=w.session.playhead), otherwise=NO_CLIP)

    def ripple_trim(self, *, start: bool) -> None:
        """Trim to the playhead and close the gap; the playhead stays on the picture that it shows."""
        w = self.window
        frame, chosen = w.session.playhead, w.session.selection
        cut = choosing.clips_across(self._document, chosen, frame, track=w.session.track)
        span = choosing.span_of(self._document, cut)
        wanted = commands.ripple_trim(self._document, chosen, frame=frame, track=w.session.track, start=start)
        if do(w, wanted, otherwise=NO_CLIP) and start and span is not None:
            w.transport.seek(span.start)

    def insert_time(self) -> None:
        """Ask how much, at the playhead, and insert it."""
        w = self.window
        frame, fps = w.session.playhead, self._document.fps
        question = "Insert time at the playhead"
        popup = TimePopup(w, question=question, proposal="1s", fps=fps)
        popup.accepted.connect(lambda frames: self._insert(frame, frames))
        popup.open_at(w.timeline.playhead_place())

    def _insert(self, frame: int, frames: int) -> None:
        w = self.window
        wanted = commands.insert_time(self._document, w.session.selection, frame=frame, frames=frames)
        do(w, wanted, otherwise=NOTHING)

    def close_gap(self) -> None:
        """Close the gap at the playhead, or the one that was right-clicked on its track."""
        w = self.window
        frame, track = self.spot or (w.session.playhead, None)
        do(w, commands.close_gap(self._document, w.session.selection, frame=frame, track=track), otherwise=NOTHING)

    def remove_time(self) -> None:
        """Remove what is between in and out."""
        do(self.window, commands.remove_time(self._document.in_out), otherwise="Set in (I) and out (O) first.")

    def fit_to_marks(self) -> None:
        """Scale what is selected to the marked range."""
        wanted = commands.fit_to_marks(self._document, self.window.session.selection)
        do(self.window, wanted, otherwise="Select clips or keys, and set in (I) and out (O), to stretch them to it.")

    def delete(self) -> None:
        """Remove what is selected; of joints that are meant, only them; of a take, only its place in the result."""
        document, selection = self._document, self.window.session.selection
        freed = key_commands.free(document, selection, self.window.session.parts or ())
        if freed is not None:
            do(self.window, freed, otherwise=NOTHING)
            return
        if any(piece.take in selection for piece in document.result) and commands.delete(document, selection) is None:
            self.clear_result()
        else:
            self._selected(commands.delete)

    def clear_result(self) -> None:
        """Take the selected takes out of the result."""
        document = self._document
        takes = [take for i in self.window.session.selection if (take := find_take(document, i)) is not None]
        spans = [piece.span for piece in document.result if piece.take in {take.id for take in takes}]
        cleared = edits.compose(*(edits.clear_result(span) for span in spans))
        wanted = Apply("Remove from Result", cleared) if spans else None
        do(self.window, wanted, otherwise="Click a take in the result row first.")

    def nudge(self, by: int) -> None:
        """Move the selection; a run of nudges is one undo step."""
        w, parts = self.window, self.window.session.parts
        if parts is not None:
            do(w, key_commands.nudge_parts(self._document, w.session.selection, parts, by=by), otherwise=NOTHING)
            w.session.select_parts(parts)
            return
        wanted = commands.nudge(self._document, w.session.selection, by=by)
        if wanted is None:
            w.note(NOTHING)
            return
        merge = "nudge " + " ".join(sorted(w.session.selection))
        w.commands.edit(wanted.label, wanted.edit, merge=merge)

    def merge(self) -> None:
        """Make one text of the selected ones."""
        wanted = commands.merge(self._document, self.window.session.selection)
        do(self.window, wanted, otherwise="Select two texts of one track, or one that has a neighbour.")

    def swap(self, *, after: bool) -> None:
        """Change places with a neighbour."""
        wanted = commands.swap(self._document, self.window.session.selection, after=after)
        do(self.window, wanted, otherwise=f"There is nothing {'after' if after else 'before'} it on its track.")

    # -- menus ---------------------------------------------------------------------------------------------------------

    def _menu(self, hit: object, at: object) -> None:
        """What can be done with the thing under the pointer on the timeline."""
        if not isinstance(hit, Hit) or not isinstance(at, QPoint):
            return
        w = self.window
        if hit.item is not None and hit.item not in w.session.selection:
            w.session.select({hit.item})
        ids = menu_of(hit, self._document)
        if not ids:
            return
        menu = QMenu(w)
        menu.setToolTipsVisible(True)
        for action_id in ids:
            if action_id == "-":
                menu.addSeparator()
            elif action_id in w.actions_by_id:
                menu.addAction(w.actions_by_id[action_id])
        self.spot = (int(hit.frame), hit.track) if hit.kind is HitKind.EMPTY else None
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, w, self._menu_closed))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _menu_closed(self) -> None:
        """Qt hides a menu before it triggers what was chosen in it."""
        self.spot = None
