"""Markers: adding, jumping, colours, and their panel (TL12)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from genmo_studio.document.model import Document
from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.control.doing import do
from genmo_studio.ui.panels.markers import MarkersPanel
from genmo_studio.ui.panels.swatches import Swatches
from genmo_studio.ui.timeline import commands, marker_commands
from genmo_studio.ui.timeline.effects import Apply

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_MENU = ("marker.colour", "marker.mark", "-", "edit.copy", "-", "marker.delete")


class MarkersControl(Control):
    """Named frames and ranges."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.panel = MarkersPanel(window.actions_by_id)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "marker.add": self.add,
            "marker.add_range": self.add_range,
            "marker.previous": lambda: self.jump(after=False),
            "marker.next": lambda: self.jump(after=True),
            "marker.colour": self.colour,
            "marker.mark": self.mark,
            "marker.delete": self.delete,
        }

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("markers", "Markers", self.panel, beside="takes", shown=False),)

    def connect(self) -> None:
        """See Control."""
        w, panel = self.window, self.panel
        panel.chosen.connect(w.session.select)
        panel.seek_requested.connect(w.transport.seek)
        panel.renamed.connect(self._rename)
        panel.menu_requested.connect(self._menu)
        w.session.time_format_changed.connect(self._show)

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        if old is new or old.markers is not new.markers or old.fps != new.fps:
            self._show()

    def selection_changed(self, selection: frozenset[str]) -> None:
        """See Control."""
        self.panel.show_selection(selection)

    def _show(self, *_: object) -> None:
        session = self.window.session
        self.panel.show_document(self._document, style=session.time_format, selection=session.selection)

    @property
    def _document(self) -> Document:
        return self.window.editor.document

    def add(self) -> None:
        """A marker at the playhead; where one is already, its name is edited."""
        w = self.window
        there = marker_commands.at(self._document, w.session.playhead)
        if there is None:
            do(w, marker_commands.add(w.session.playhead), otherwise="")
        else:
            w.session.select({there.id})
            w.timeline.edit_text(there.id)

    def add_range(self) -> None:
        """A range marker over the selection or the marked range."""
        w = self.window
        wanted = marker_commands.add_range(self._document, w.session.selection)
        do(w, wanted, otherwise="Select something or set in and out first; the range marker spans that.")

    def jump(self, *, after: bool) -> None:
        """Go to the next marker."""
        w = self.window
        marker = marker_commands.beside(self._document, w.session.playhead, after=after)
        if marker is None:
            w.note(f"There is no marker {'after' if after else 'before'} the playhead.")
        else:
            w.transport.seek(marker.frame)
            w.session.select({marker.id})

    def mark(self) -> None:
        """In and out around what is selected."""
        w = self.window
        wanted = marker_commands.mark(self._document, w.session.selection)
        do(w, wanted, otherwise="Select clips, keys or a marker first; in and out are set around them.")

    def colour(self) -> None:
        """Choose among colours at the selected marker."""
        w = self.window
        chosen = marker_commands.chosen_markers(self._document, w.session.selection)
        if not chosen:
            w.note("No marker is selected. Click a marker in the ruler first.")
            return
        chooser = Swatches(w, current=chosen[0].colour)
        chooser.chosen.connect(self._paint)
        chooser.open_at(w.timeline.place_of(chosen[0].id))

    def _paint(self, value: object) -> None:
        w = self.window
        wanted = marker_commands.colour(self._document, w.session.selection, str(value))
        do(w, wanted, otherwise="No marker is selected.")

    def delete(self) -> None:
        """Remove the selected markers, and nothing else that is selected."""
        w = self.window
        markers = [marker.id for marker in marker_commands.chosen_markers(self._document, w.session.selection)]
        do(w, commands.delete(self._document, markers), otherwise="No marker is selected.")

    def _rename(self, marker: str, name: str) -> None:
        wanted: Apply | None = commands.change_words(self._document, marker, name)
        if wanted is not None:
            do(self.window, wanted, otherwise="")

    def _menu(self, place: object) -> None:
        if not isinstance(place, QPoint):
            return
        menu = QMenu(self.window)
        for action_id in _MENU:
            menu.addSeparator() if action_id == "-" else menu.addAction(self.window.actions_by_id[action_id])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)
