"""The window itself: full screen, layout, and the border of the panel that has the focus."""

from typing import TYPE_CHECKING

from genmo_studio.ui import layout
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.focus_border import FocusBorder, focus_in, panel_name

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class WindowControl(Control):
    """Full screen, layout, focus."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._border: FocusBorder | None = None

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "view.full_screen": self._full_screen,
            "window.reset_layout": self.reset_layout,
            "window.next_panel": lambda: self._step(1),
            "window.previous_panel": lambda: self._step(-1),
        }

    def connect(self) -> None:
        """See Control."""
        w = self.window
        panels = [w.viewport, *(dock.widget() for dock in w.docks.values())]
        self._border = FocusBorder(w.parts.app, panels, theme=w.parts.theme, parent=w)

    def close(self) -> None:
        """See Control."""
        if self._border is not None:
            self._border.close()

    def reset_layout(self) -> None:
        """All panels where they were at the first start."""
        w = self.window
        w.shares.reset()
        layout.arrange(w, w.docks, w.commands.docks())

    def _step(self, by: int) -> None:
        """Give the keys to the next panel that can be seen."""
        w, border = self.window, self._border
        shown = [panel for panel in (border.panels if border else ()) if panel.isVisible()]
        if not shown or border is None:
            return
        here = shown.index(border.current) if border.current in shown else -1 if by > 0 else 0
        target = shown[(here + by) % len(shown)]
        focus_in(target)
        w.statusBar().showMessage(panel_name(target), 2000)

    def _full_screen(self) -> None:
        on = self.window.actions_by_id["view.full_screen"].isChecked()
        self.window.showFullScreen() if on else self.window.showNormal()
