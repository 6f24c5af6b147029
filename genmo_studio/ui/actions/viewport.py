"""Commands of the viewport."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

_V = Scope.VIEWPORT

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("view.frame_selected", "Frame Selected", ("F",), _V, "Look at the selected key, or the character",
               "frame-selected"),
    ActionSpec("view.frame_all", "Frame All", ("A",), _V, "Look at the whole motion", "frame-all"),
    ActionSpec("view.perspective", "Three-Quarter View", ("0",), _V, "Look from the front left"),
    ActionSpec("view.front", "Front View", ("1",), _V, "Look at the character's front"),
    ActionSpec("view.side", "Side View", ("3",), _V, "Look at the character's left side"),
    ActionSpec("view.top", "Top View", ("7",), _V, "Look down at the ground"),
    ActionSpec("view.follow", "Follow Character", ("C",), _V, "Keep the character in the middle of the picture",
               "follow", Kind.TOGGLE),
    ActionSpec("view.grid", "Ground Grid", (), _V, "Show the ground grid (1 m squares)", "grid", Kind.TOGGLE),
    ActionSpec("view.skeleton", "Skeleton (X-Ray)", ("X",), _V, "See the joints through the body", "skeleton",
               Kind.TOGGLE),
    ActionSpec("view.ghosts", "Key Ghosts", ("H",), _V, "Show the pose keys as see-through bodies", "ghost",
               Kind.TOGGLE),
    ActionSpec("view.path", "Root Path", ("P",), _V, "Show where the character goes and the waypoints", "path",
               Kind.TOGGLE),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&View": (
        "view.frame_selected",
        "view.frame_all",
        "-",
        "view.perspective",
        "view.front",
        "view.side",
        "view.top",
        "-",
        "view.follow",
        "view.grid",
        "view.skeleton",
        "view.ghosts",
        "view.path",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""

TOOLS: tuple[str, ...] = (
    "view.frame_all", "view.follow", "-", "view.grid", "view.skeleton", "view.ghosts", "view.path",
)  # fmt: skip
"""The buttons in the viewport's corner."""
