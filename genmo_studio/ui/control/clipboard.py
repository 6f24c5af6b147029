"""Cut, copy and paste by the system's clipboard, between projects and windows (TL18)."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from genmo_studio.document import clipping, edits
from genmo_studio.document.clipping import Clipping, ClippingError
from genmo_studio.document.model import MediaRef, TextClip
from genmo_studio.media.files import locate
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.doing import do
from genmo_studio.ui.timeline import commands
from genmo_studio.ui.timeline.choosing import items_of
from genmo_studio.ui.timeline.effects import Apply

NOTHING = "Nothing is selected. Click a clip or a key first, or draw a box around several."
EMPTY = "The clipboard holds nothing from a timeline. Copy clips or keys first."


class ClipboardControl(Control):
    """What is copied lies in the system's clipboard as bytes that any window checks before it pastes."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "edit.cut": self.cut,
            "edit.copy": self.copy,
            "edit.paste": lambda: self.paste(insert=False),
            "edit.paste_insert": lambda: self.paste(insert=True),
            "edit.paste_attributes": self.paste_attributes,
        }

    def copy(self) -> bool:
        """Put what is selected on the clipboard; its words too, for other programs."""
        w = self.window
        copied = clipping.clip(w.editor.document, w.session.selection, locate=self._locate)
        if copied is None:
            w.note(NOTHING)
            return False
        data = QMimeData()
        data.setData(clipping.MIME, clipping.encode(copied))
        words = [item.text for item in copied.items if isinstance(item, TextClip)]
        if words:
            data.setText("\n".join(words))
        QGuiApplication.clipboard().setMimeData(data)
        return True

    def cut(self) -> None:
        """Copy and remove."""
        w = self.window
        removal = commands.delete(w.editor.document, w.session.selection)
        if removal is not None and self.copy():
            do(w, Apply(removal.label.replace("Delete", "Cut"), removal.edit, removal.select), otherwise=NOTHING)
        elif removal is None:
            w.note(NOTHING)

    def paste(self, *, insert: bool) -> None:
        """Put what was copied at the playhead, on the current track where that fits, and select it."""
        w = self.window
        copied = self._copied()
        if copied is None:
            return
        fitted = copied.at_rate(w.editor.document.fps)
        names = [edits.new_id() for _ in range(len(fitted.items) + len(fitted.markers))]
        pasted = edits.paste(fitted, w.session.playhead, new_ids=names, track=w.session.track, insert=insert)
        do(w, Apply("Paste Insert" if insert else "Paste", pasted, frozenset(names)), otherwise=EMPTY)

    def paste_attributes(self) -> None:
        """Give what is selected the weight and mute (and tempo and loudness) of the first copied item."""
        w = self.window
        chosen = items_of(w.editor.document, w.session.selection)
        if not chosen:
            w.note(NOTHING)
            return
        copied = self._copied()
        if copied is None:
            return
        source = next(iter(copied.items), None)
        wanted = None if source is None else Apply("Paste Attributes", edits.copy_attributes(source, chosen))
        do(w, wanted, otherwise="Only markers were copied; they have no weight to paste.")

    def _copied(self) -> Clipping | None:
        data = QGuiApplication.clipboard().mimeData()
        if data is None or not data.hasFormat(clipping.MIME):
            self.window.note(EMPTY)
            return None
        try:
            return clipping.decode(bytes(data.data(clipping.MIME).data()))
        except ClippingError as error:
            self.window.note(f"{error} Nothing was pasted.")
            return None

    def _locate(self, ref: MediaRef) -> Path | None:
        """Where a medium is, by its name alone: copying must not read the file."""
        by_name = msgspec.structs.replace(ref, sha256=None, absolute_path=None)
        return locate(by_name, self.window.project.media_folder)
