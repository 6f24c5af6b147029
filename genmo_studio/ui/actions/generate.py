"""Commands about making motion."""

from genmo_studio.ui.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("generate.full", "Generate", ("Ctrl+Return", "Ctrl+Enter"), icon="generate",
               tooltip="Make a new take from everything on the timeline"),
    ActionSpec("generate.draft", "Draft", ("Ctrl+Shift+Return",), icon="draft",
               tooltip="Make a quick take in one pass, to judge timing"),
    ActionSpec("generate.cancel", "Cancel", ("Ctrl+.",), icon="cancel",
               tooltip="Stop the generation; your timeline and takes stay as they are"),
    ActionSpec("generate.new_seed", "New Seed", ("Ctrl+R",), icon="dice",
               tooltip="Another random seed, for another variation"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Generate": (
        "generate.full",
        "generate.draft",
        "generate.cancel",
        "-",
        "generate.new_seed",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
