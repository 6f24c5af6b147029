"""Commands about takes."""

from genmo_studio.ui.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (

)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {}
"""Menu title: action ids of this area, in order; "-" is a separator."""
