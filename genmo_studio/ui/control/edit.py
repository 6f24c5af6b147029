"""Undo and redo."""

from genmo_studio.ui.actions import spec
from genmo_studio.ui.control.base import Control, Slot


class EditControl(Control):
    """Undo and redo, which say what they would do."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"edit.undo": self.window.editor.undo, "edit.redo": self.window.editor.redo}

    def history_changed(self) -> None:
        """Write the label of the step into menu and tooltip."""
        editor = self.window.editor
        for action_id, label in (("edit.undo", editor.undo_label), ("edit.redo", editor.redo_label)):
            action = self.window.actions_by_id[action_id]
            word = spec(action_id).text
            action.setText(f"{word} {label}" if label else word)
            action.setToolTip(f"{action.text()} ({action.shortcut().toString()})")
            action.setEnabled(label is not None)
