"""The Inspector's edits."""

from genmo_studio.ui.control.base import Control


class InspectorControl(Control):
    """What is changed in the Inspector becomes an undo step."""

    def connect(self) -> None:
        """See Control."""
        self.window.inspector.edited.connect(self.window.commands.edit)
