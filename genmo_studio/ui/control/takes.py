"""Takes: showing, inspecting and deleting them."""

from genmo_studio.document import edits
from genmo_studio.ui import commands
from genmo_studio.ui.control.base import Control


class TakesControl(Control):
    """The Takes panel."""

    def connect(self) -> None:
        """See Control."""
        w = self.window
        w.takes.show_requested.connect(self.show_take)
        w.takes.inspect_requested.connect(lambda take: w.session.select({take}))
        w.takes.delete_requested.connect(lambda take: w.commands.edit("Delete Take", edits.delete_take(take)))
        w.takes.seed_requested.connect(lambda seed: w.commands.edit("Set seed", edits.change_generation(seed=seed)))

    def show_take(self, take_id: str) -> None:
        """Make a take the result over its span."""
        document = self.window.editor.document
        if {piece.take for piece in document.result} == {take_id}:
            return
        command = commands.show_take(document, take_id)
        if command is not None:
            self.window.commands.edit(*command)
