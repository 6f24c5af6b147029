"""Walking over the timeline with the keyboard, and how it follows the playhead (PB10)."""

from genmo_studio.ui.actions.walk import FOLLOWS
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.timeline.view import Follow

_KEY = "timeline/follow"


class WalkControl(Control):
    """The timeline's focused item, and its view while the playhead moves."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        cursor = self.window.timeline.cursor_item
        follow: dict[str, Slot] = {
            action: (lambda mode=mode: self.follow(mode))  # type: ignore[misc]
            for action, mode in FOLLOWS.items()
        }
        return {
            "walk.next": lambda: cursor.along(1),
            "walk.previous": lambda: cursor.along(-1),
            "walk.down": lambda: cursor.across(1),
            "walk.up": lambda: cursor.across(-1),
            **follow,
        }

    def connect(self) -> None:
        """See Control."""
        kept = str(self.window.parts.settings.value(_KEY, Follow.PAGE.value))
        self.follow(next((mode for mode in Follow if mode.value == kept), Follow.PAGE))

    def follow(self, mode: Follow) -> None:
        """Choose how the timeline follows the playhead, and remember it."""
        self.window.timeline.follow = mode
        self.window.parts.settings.setValue(_KEY, mode.value)
        for action, of in FOLLOWS.items():
            self.window.actions_by_id[action].setChecked(of is mode)
