"""Commands that make a part of the result anew, and what happens while something is dragged and when it is let go."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("regenerate.run", "Regenerate", ("Ctrl+Alt+Return", "Ctrl+Alt+Enter"), icon="generate",
               tooltip="Make the chosen frames of the chosen part of the body anew; all the rest stays as it is"),
    ActionSpec("regenerate.draft", "Draft of This Part", ("Ctrl+Alt+Shift+Return",), icon="draft",
               tooltip="Make the chosen part anew in one pass, to judge timing"),
    ActionSpec("regenerate.choose", "Regenerate This Range…", (), icon="generate",
               tooltip="Choose what is made anew, beginning with the frames between the keys around the playhead"),
    ActionSpec("regenerate.loop_in_place", "Make Loop in Place", (), icon="loop",
               tooltip="Make the chosen frames repeat without a seam, every repetition at the same place"),
    ActionSpec("regenerate.loop_along", "Make Loop along the Path", (), icon="loop",
               tooltip="Make the chosen frames repeat without a seam, every repetition from where the last one ended"),
    ActionSpec("regenerate.in_place", "Make in Place", (),
               tooltip="Take the travel over the ground out of the chosen frames; the body stays as it is"),
    ActionSpec("live.drafts", "Draft While I Drag", (), kind=Kind.TOGGLE,
               tooltip="Show how the motion answers while a key, waypoint, contact or text is dragged"),
    ActionSpec("live.refine", "Refine When I Let Go", (), kind=Kind.TOGGLE,
               tooltip="Make the frames between the neighbouring keys anew when a drag ends"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Generate": (
        "regenerate.run",
        "regenerate.draft",
        "regenerate.choose",
        "-",
        "regenerate.loop_in_place",
        "regenerate.loop_along",
        "regenerate.in_place",
        "-",
        "live.drafts",
        "live.refine",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
