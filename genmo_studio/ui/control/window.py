"""The window itself: full screen."""

from genmo_studio.ui.control.base import Control, Slot


class WindowControl(Control):
    """Full screen."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"view.full_screen": self._full_screen}

    def _full_screen(self) -> None:
        on = self.window.actions_by_id["view.full_screen"].isChecked()
        self.window.showFullScreen() if on else self.window.showNormal()
