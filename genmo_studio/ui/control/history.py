"""The History panel."""

from typing import TYPE_CHECKING

from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.panels.history import HistoryPanel

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class HistoryControl(Control):
    """All steps in a list."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.panel = HistoryPanel(window.editor, window.parts.theme)

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("history", "History", self.panel, beside="takes", shown=False),)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"edit.history": self.show}

    def connect(self) -> None:
        """See Control."""
        self.panel.jump_requested.connect(self._jump)

    def show(self) -> None:
        """Bring the panel to the front."""
        dock = self.window.docks["history"]
        dock.show()
        dock.raise_()
        self.panel.setFocus()

    def history_changed(self) -> None:
        """See Control."""
        self.panel.follow(self.window.editor.position)

    def _jump(self, position: int) -> None:
        if position <= len(self.window.editor.history):
            self.window.editor.jump(position)
