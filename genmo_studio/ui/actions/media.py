"""Commands about media: importing and looking after the files that clips show."""

from genmo_studio.ui.actions.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("media.import", "Import Media…", ("Ctrl+Shift+I",), icon="import",
               tooltip="Bring in video, sound, motion (BVH, npz) or text at the playhead"),
    ActionSpec("media.find_missing", "Find Missing Media…", icon="folder-search",
               tooltip="Look for missing files in a folder, by content and then by name"),
    ActionSpec("media.remove_unused", "Remove Unused Media",
               tooltip="Forget the media that no clip shows; the files stay where they are"),
    ActionSpec("media.report", "Show Import Report", tooltip="What the last import found and what can be changed"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {}
"""Menu title: action ids of this area; these are in the File menu, which the project's table lists as a whole."""
