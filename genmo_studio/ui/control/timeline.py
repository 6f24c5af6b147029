"""The timeline's commands and its context menus."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from genmo_studio.document import edits
from genmo_studio.ui import commands
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.timeline.hit import GRABBABLE, Hit, HitKind


class TimelineControl(Control):
    """Editing clips and keys."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        timeline = self.window.timeline
        return {
            "edit.delete": timeline.delete_selection,
            "edit.split": timeline.split_at_playhead,
            "edit.duplicate": timeline.duplicate_selection,
            "edit.select_all": timeline.select_all,
            "edit.add_text": self.add_text,
            "view.zoom_in": timeline.zoom_in,
            "view.zoom_out": timeline.zoom_out,
            "view.zoom_fit": timeline.zoom_fit,
        }

    def connect(self) -> None:
        """See Control."""
        self.window.timeline.menu_requested.connect(self._menu)

    def add_text(self) -> None:
        """A text segment at the playhead, selected, with the cursor in its field."""
        w = self.window
        (label, edit), item = commands.add_text(w.editor.document, w.session.playhead)
        if w.commands.edit(label, edit):
            w.session.select({item})
            w.timeline.edit_text(item)

    def _menu(self, hit: object, at: object) -> None:
        """What can be done with the thing under the pointer on the timeline."""
        if not isinstance(hit, Hit) or not isinstance(at, QPoint):
            return
        w = self.window
        menu = QMenu(w)
        ids: list[str] = []
        if hit.kind is HitKind.RESULT and hit.item is not None:
            take = hit.item
            menu.addAction("Inspect Take", lambda: w.session.select({take}))
            ids = ["generate.full", "generate.draft", "-", "file.export"]
        elif hit.kind in GRABBABLE and hit.item is not None:
            if hit.item not in w.session.selection:
                w.session.select({hit.item})
            chosen = tuple(commands.items_of(w.editor.document, w.session.selection))
            muted = any(item.muted for item in chosen)
            change = edits.set_muted([item.id for item in chosen], muted=not muted)
            word = "Unmute" if muted else "Mute"
            menu.addAction(word, lambda: w.commands.edit(word, change))
            ids = ["-", "edit.split", "edit.duplicate", "-", "edit.delete"]
        else:
            ids = ["edit.add_text", "edit.select_all", "-", "view.zoom_fit"]
        for action_id in ids:
            menu.addSeparator() if action_id == "-" else menu.addAction(w.actions_by_id[action_id])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
