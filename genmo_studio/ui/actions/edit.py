"""Commands about the document as a whole: undo and redo."""

from genmo_studio.ui.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("edit.undo", "Undo", ("Ctrl+Z",), icon="undo"),
    ActionSpec("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo"),
    ActionSpec("edit.history", "History", tooltip="Show the list of all steps; a click goes there"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Edit": (
        "edit.undo",
        "edit.redo",
        "edit.history",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
