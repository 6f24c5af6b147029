"""Commands of the window itself: palette, keys, themes, layout, full screen."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("window.palette", "Command Palette…", ("Ctrl+Shift+P", "F3"), icon="keyboard",
               tooltip="Find a command by its name, or type a frame to go to"),
    ActionSpec("keys.customise", "Customise Keyboard…", tooltip="Change, export and import keys"),
    ActionSpec("keys.studio", "Studio", tooltip="The studio's own keys", kind=Kind.TOGGLE, group="preset"),
    ActionSpec("keys.maya", "Maya", tooltip="Keys as in Maya", kind=Kind.TOGGLE, group="preset"),
    ActionSpec("keys.blender", "Blender", tooltip="Keys as in Blender", kind=Kind.TOGGLE, group="preset"),
    ActionSpec("keys.editor", "Editor (Premiere)", tooltip="Keys as in Premiere and its relatives", kind=Kind.TOGGLE,
               group="preset"),
    ActionSpec("view.full_screen", "Full Screen", ("F11",), kind=Kind.TOGGLE),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Edit>&Keyboard": (
        "keys.studio",
        "keys.maya",
        "keys.blender",
        "keys.editor",
        "-",
        "keys.customise",
    ),
    "&Window": (
        "window.palette",
        "-",
        "view.full_screen",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
