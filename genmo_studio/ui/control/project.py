"""Project files and export."""

from genmo_studio.document.model import Document
from genmo_studio.ui.control.base import Control, Slot


class ProjectControl(Control):
    """New, open, save, export, quit."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        w = self.window
        return {
            "file.new": lambda: self._left(done=w.files.new()),
            "file.open": lambda: self._left(done=w.files.open()),
            "file.open_sample": lambda: self._left(done=w.files.open_sample()),
            "file.save": w.files.save,
            "file.save_as": w.files.save_as,
            "file.export": self.export,
            "file.quit": w.close,
        }

    def document_changed(self, old: Document, new: Document) -> None:  # noqa: ARG002
        """Export needs a result."""
        self.window.actions_by_id["file.export"].setEnabled(bool(new.result))

    def _left(self, *, done: bool) -> None:
        if done:
            self.window.saved()

    def export(self) -> None:
        """The export dialog, beside the window, not over it."""
        from genmo_studio.ui.panels.export_dialog import ExportDialog  # noqa: PLC0415

        w = self.window
        shown = w.stage.shown
        if shown is None:
            w.note("There is no motion to export yet; generate one first.")
            return
        viewport = w.viewport.viewport
        dialog = ExportDialog(
            shown,
            project=w.project,
            camera=None if viewport is None else viewport.camera,
            frame=w.session.playhead,
            theme=w.parts.theme,
            parent=w,
        )
        w.commands.open_dialog(dialog)
