"""Commands that walk over the timeline with the keyboard, and how the timeline follows the playhead."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope
from genmo_studio.ui.timeline.view import Follow

_T = Scope.TIMELINE

FOLLOWS: dict[str, Follow] = {
    "view.follow_page": Follow.PAGE,
    "view.follow_centre": Follow.CENTRE,
    "view.follow_off": Follow.OFF,
}
"""Action id -> how the timeline follows the playhead."""

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("walk.next", "Next Item", ("Ctrl+Right",), _T,
               "Go to the next item of the row; Return selects it, and again edits it; Tab goes to the next row"),
    ActionSpec("walk.previous", "Previous Item", ("Ctrl+Left",), _T, "Go to the item of the row before"),
    ActionSpec("walk.down", "Row Below", ("Ctrl+Down",), _T, "Go to the nearest item of the row below"),
    ActionSpec("walk.up", "Row Above", ("Ctrl+Up",), _T, "Go to the nearest item of the row above"),
    ActionSpec("view.follow_page", "Timeline Follows by Page", (), tooltip="Turn the page when the playhead leaves it",
               kind=Kind.TOGGLE, group="follow"),
    ActionSpec("view.follow_centre", "Timeline Keeps Playhead in the Middle", (),
               tooltip="Scroll the timeline so that the playhead stays in the middle", kind=Kind.TOGGLE,
               group="follow"),
    ActionSpec("view.follow_off", "Timeline Does Not Follow", (), tooltip="Leave the timeline where it is",
               kind=Kind.TOGGLE, group="follow"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Timeline>&Go to Item": ("walk.next", "walk.previous", "walk.down", "walk.up"),
    "&View>&Follow Playhead": ("view.follow_page", "view.follow_centre", "view.follow_off"),
}
"""Menu title: action ids of this area, in order."""
