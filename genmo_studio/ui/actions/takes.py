"""Commands about takes. They are about the take that is chosen in the Takes panel, else the one at the playhead."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

_T = Scope.TAKES

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("takes.show", "Show in Result", ("Return", "Enter"), _T, "Make this take the result over its span",
               "eye"),
    ActionSpec("takes.compare", "Compare A/B", (), tooltip="Look at two takes in turn; the result stays as it is",
               icon="compare", kind=Kind.TOGGLE),
    ActionSpec("takes.switch", "Switch A and B", ("Y",),
               tooltip="See the other take at the same frame; begins to compare if need be"),
    ActionSpec("takes.keep", "Keep This One", ("Shift+Y",),
               tooltip="Make the take you see the result and stop comparing"),
    ActionSpec("takes.leave", "Stop Comparing", ("Esc",), tooltip="Go back to the result as it is", icon="close"),
    ActionSpec("takes.ghost", "Ghost Overlay", ("Alt+G",),
               tooltip="Show the chosen take as a see-through body in step with the result", icon="ghost",
               kind=Kind.TOGGLE),
    ActionSpec("takes.splice", "Splice", ("Ctrl+Alt+V",),
               tooltip="Put the chosen take into the result between in and out, or in place of the selected piece",
               icon="splice"),
    ActionSpec("takes.fade", "Fade Seam at Playhead", (),
               tooltip="Cross-fade the nearest seam of the result over the frames that the Takes panel says"),
    ActionSpec("takes.rename", "Rename Take", ("F2",), _T, "Give the take another name"),
    ActionSpec("takes.favourite", "Favourite", (), _T, "Give the take a star, or take it away", "star"),
    ActionSpec("takes.settings", "Use Its Settings", (), _T,
               "Make the next take with the seed, model and sampler settings of this one", "copy"),
    ActionSpec("takes.regenerate", "Regenerate Exactly", (), _T,
               "Make the take again from what was kept with it, and check that it is the same", "again"),
    ActionSpec("takes.inspect", "Where It Comes From", (), _T,
               "See conditions, settings, figures and what has changed since", "info"),
    ActionSpec("takes.delete", "Delete Take", ("Delete",), _T, "Remove the chosen takes; Undo brings them back",
               "delete"),
    ActionSpec("takes.delete_unused", "Delete Unused Takes",
               tooltip="Remove takes that are neither in the result nor favourites; Undo brings them back"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "T&akes": (
        "takes.show",
        "takes.splice",
        "takes.fade",
        "-",
        "takes.compare",
        "takes.switch",
        "takes.keep",
        "takes.leave",
        "takes.ghost",
        "-",
        "takes.rename",
        "takes.favourite",
        "-",
        "takes.settings",
        "takes.regenerate",
        "takes.inspect",
        "-",
        "takes.delete",
        "takes.delete_unused",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
