"""Commands of the timeline."""

from genmo_studio.ui.actions.spec import ActionSpec, Scope

_T = Scope.TIMELINE

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("edit.delete", "Delete", ("Delete",), _T, "Remove what is selected and leave the gap", "delete"),
    ActionSpec("edit.split", "Split at Playhead", ("Ctrl+K",), _T, "Cut the selected clips in two", "split"),
    ActionSpec("edit.duplicate", "Duplicate", ("Ctrl+D",), _T, "Put a copy after each selected item", "copy"),
    ActionSpec("edit.select_all", "Select All", ("Ctrl+A",), _T, "Select every item on the timeline"),
    ActionSpec("edit.add_text", "Add Text at Playhead", ("T",), _T,
               "Add a text segment that describes the motion from here", "text"),
    ActionSpec("view.zoom_in", "Zoom In", ("+", "="), _T, "Show less time, larger"),
    ActionSpec("view.zoom_out", "Zoom Out", ("-",), _T, "Show more time, smaller"),
    ActionSpec("view.zoom_fit", "Zoom to Fit", ("\\", "Ctrl+0"), _T, "Show the whole timeline"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Edit": (
        "edit.add_text",
        "-",
        "edit.split",
        "edit.duplicate",
        "edit.delete",
        "edit.select_all",
    ),
    "&View": (
        "view.zoom_in",
        "view.zoom_out",
        "view.zoom_fit",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
