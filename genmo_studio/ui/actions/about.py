"""Help."""

from genmo_studio.ui.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("help.panel", "Help for This Panel", ("F1",), icon="info",
               tooltip="A page about the panel under the pointer"),
    ActionSpec("help.tour", "Tour", tooltip="Five cards that show where things are"),
    ActionSpec("help.shortcuts", "Keyboard Shortcuts", ("?",), icon="keyboard",
               tooltip="All keys on one sheet"),
    ActionSpec("help.about", "About and Licences", icon="info"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Help": (
        "help.panel",
        "help.tour",
        "help.shortcuts",
        "-",
        "help.about",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
