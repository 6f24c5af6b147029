"""Commands of foot contacts, tweaks and locks."""

from genmo_studio.ui.actions.spec import ActionSpec, Scope

_T = Scope.TIMELINE
_WHERE = "over the selection, or from in to out, or from the playhead on"

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("contact.left_planted", "Add Contact: Left Foot Planted", (), _T,
               f"The left foot rests on the ground {_WHERE}", "contact"),
    ActionSpec("contact.right_planted", "Add Contact: Right Foot Planted", (), _T,
               f"The right foot rests on the ground {_WHERE}", "contact"),
    ActionSpec("contact.left_free", "Add Contact: Left Foot Free", (), _T,
               f"The left foot does not rest on the ground {_WHERE}"),
    ActionSpec("contact.right_free", "Add Contact: Right Foot Free", (), _T,
               f"The right foot does not rest on the ground {_WHERE}"),
    ActionSpec("contact.toggle", "Planted or Free", (), _T, "Let the selected contacts say the opposite"),
    ActionSpec("contact.other_foot", "Other Foot", (), _T, "Let the selected contacts speak of the other foot"),
    ActionSpec("lock.add", "Lock Range: Full Body", (), _T, f"No generation changes the result {_WHERE}", "lock"),
    ActionSpec("lock.regions", "Lock Range: Regions…", (), _T,
               f"Choose which parts of the body no generation changes {_WHERE}, or what the selected locks hold"),
    ActionSpec("tweak.add", "Add Tweak", (), _T,
               f"Change the selected joints, or the place of the root, on top of the result {_WHERE}", "curves"),
    ActionSpec("tweak.accept", "Accept Tweak", (), _T,
               "The selected tweaks are right on the result below them as it is now"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Timeline>&Contacts": (
        "contact.left_planted",
        "contact.right_planted",
        "contact.left_free",
        "contact.right_free",
        "-",
        "contact.toggle",
        "contact.other_foot",
    ),
    "&Timeline>Loc&ks and Tweaks": ("lock.add", "lock.regions", "-", "tweak.add", "tweak.accept"),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
