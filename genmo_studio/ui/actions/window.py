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
    ActionSpec("view.theme_dark", "Dark", tooltip="Light text on dark panels", kind=Kind.TOGGLE, group="theme"),
    ActionSpec("view.theme_light", "Light", tooltip="Dark text on light panels", kind=Kind.TOGGLE, group="theme"),
    ActionSpec("view.theme_contrast", "High Contrast", tooltip="White on black, with clear borders", kind=Kind.TOGGLE,
               group="theme"),
    ActionSpec("view.text_larger", "Larger Text", ("Ctrl+Alt+=",)),
    ActionSpec("view.text_smaller", "Smaller Text", ("Ctrl+Alt+-",)),
    ActionSpec("view.text_normal", "Normal Text Size", tooltip="Text at 100 %"),
    ActionSpec("view.reduced_motion", "Reduced Motion", kind=Kind.TOGGLE,
               tooltip="Nothing moves by itself: no camera flights, and nothing plays at the start"),
    ActionSpec("window.next_panel", "Next Panel", ("F6",), tooltip="Give the keys to the next panel"),
    ActionSpec("window.previous_panel", "Previous Panel", ("Shift+F6",),
               tooltip="Give the keys to the panel before"),
    ActionSpec("window.reset_layout", "Reset Layout", tooltip="Put all panels back where they were at the first start"),
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
    "&View>&Theme": (
        "view.theme_dark",
        "view.theme_light",
        "view.theme_contrast",
        "-",
        "view.text_larger",
        "view.text_smaller",
        "view.text_normal",
        "-",
        "view.reduced_motion",
    ),
    "&Window": (
        "window.palette",
        "-",
        "window.next_panel",
        "window.previous_panel",
        "-",
        "view.full_screen",
        "window.reset_layout",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
