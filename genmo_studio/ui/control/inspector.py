"""The Inspector's edits."""

from genmo_studio.document.edits import Edit
from genmo_studio.ui.control.base import Control


class InspectorControl(Control):
    """What is changed in the Inspector becomes an undo step."""

    def connect(self) -> None:
        """See Control."""
        self.window.inspector.edited.connect(self._edited)

    def _edited(self, label: str, edit: Edit, merge: str) -> None:
        self.window.commands.edit(label, edit, merge=merge or None)
