"""Commands of the window itself."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("view.full_screen", "Full Screen", ("F11",), kind=Kind.TOGGLE),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&View": ("view.full_screen",),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
