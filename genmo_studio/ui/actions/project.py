"""Commands about project files."""

from genmo_studio.ui.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.new", "New", ("Ctrl+N",), tooltip="Start an empty project", icon="new"),
    ActionSpec("file.open", "Open…", ("Ctrl+O",), tooltip="Open a .genmo project", icon="open"),
    ActionSpec("file.open_sample", "Open Sample Project", icon="people",
               tooltip="Open the project that comes with the program"),
    ActionSpec("file.save", "Save", ("Ctrl+S",), tooltip="Save the project", icon="save"),
    ActionSpec("file.save_as", "Save As…", ("Ctrl+Shift+S",), tooltip="Save the project under another name"),
    ActionSpec("file.export", "Export Motion…", ("Ctrl+E",), icon="export",
               tooltip="Write the motion as npz, BVH, glTF, video or pictures"),
    ActionSpec("file.quit", "Quit", ("Ctrl+Q",)),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&File": (
        "file.new",
        ">New &From",
        "file.open",
        "file.recent",
        "file.open_sample",
        "file.welcome",
        "-",
        "file.save",
        "file.save_as",
        "-",
        "media.import",
        "file.export",
        "-",
        "media.report",
        "media.find_missing",
        "media.remove_unused",
        "-",
        "file.last_at_start",
        "file.quit",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
