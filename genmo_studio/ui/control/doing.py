"""How the timeline's controls carry out a labelled edit."""

from typing import TYPE_CHECKING

from genmo_studio.ui.timeline.effects import Apply

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


def do(window: "MainWindow", wanted: Apply | None, *, otherwise: str) -> bool:
    """One undo step. ``otherwise`` is said when there is nothing to act on; False when nothing was done."""
    if wanted is None:
        window.note(otherwise)
        return False
    return window.commands.edit(wanted.label, wanted.edit, select=wanted.select)
