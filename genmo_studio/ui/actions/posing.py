"""Commands of posing in the viewport."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

_V = Scope.VIEWPORT
_T = Kind.TOGGLE

_TOOLS = (
    ActionSpec("pose.select", "Select Joints", ("Q",), _V, "Click parts of the body; dragging turns the view",
               "pose-select", _T, "pose tool"),
    ActionSpec("pose.move", "Move Joint", ("W",), _V, "Drag a joint and the body follows", "pose-move", _T,
               "pose tool"),
    ActionSpec("pose.rotate", "Rotate Joint", ("E",), _V, "Turn a joint; what hangs on it goes along", "pose-rotate",
               _T, "pose tool"),
    ActionSpec("pose.local", "Local Axes", ("~",), _V, "The gizmo follows the joint's own axes, not the world's",
               "pose-local", _T),
    ActionSpec("pose.grab", "Move with Pointer", (), _V,
               "Move the selected joints without a button: X, Y, Z and numbers; click or Enter ends, Esc brings back"),
    ActionSpec("pose.turn", "Rotate with Pointer", (), _V,
               "Turn the selected joints without a button: X, Y, Z and numbers; click or Enter ends, Esc brings back"),
    ActionSpec("pose.mode_full", "Full Body Follows", (), _V, "The whole body follows a joint that is moved",
               "follow-full", _T, "ik mode"),
    ActionSpec("pose.mode_part", "Body Part Follows", (), _V, "Only the arm, leg or spine of the joint follows",
               "follow-part", _T, "ik mode"),
    ActionSpec("pose.mode_selection", "Selection Follows", (), _V, "Only the selected joints turn",
               "follow-selection", _T, "ik mode"),
    ActionSpec("pose.mode_next", "Next: What Follows", ("R",), _V, "Whole body, body part or selection in turn"),
)  # fmt: skip

_KEYS = (
    ActionSpec("pose.key", "Set Pose Key", ("S",), _V,
               "Key the pose at the playhead: all of it, or the selected joints", "key"),
    ActionSpec("pose.key_position", "Key Position Only", ("Shift+W",), _V,
               "Key where the selected joints are, or the pelvis"),
    ActionSpec("pose.key_rotation", "Key Rotation Only", ("Shift+E",), _V,
               "Key how the selected joints are turned, or all of them"),
    ActionSpec("pose.auto_key", "Auto-Key", ("Shift+K",), _V,
               "Key every change of the pose by itself, once a first key exists", "auto-key", _T),
    ActionSpec("pose.discard", "Discard Unkeyed Pose", (), _V, "Go back to the pose as it was before you changed it"),
    ActionSpec("pose.hold", "Hold Pose while Moving Time", ("Shift+G",), _V,
               "Take the pose along with the playhead, to key it elsewhere. Once: Shift+middle-drag in the ruler",
               "hold", _T),
)  # fmt: skip

_JOINTS = (
    ActionSpec("pose.pin", "Pin", ("T",), _V, "Keep hands, feet, head or pelvis where they are; again to free them",
               "pin"),
    ActionSpec("pose.pin_turn", "Pin Rotation", ("Shift+T",), _V,
               "Keep hands, feet, head or pelvis turned as they are; again to free them"),
    ActionSpec("pose.pin_feet", "Pin Feet That Stand", (), _V, "Feet on the ground stay while you pose", "pin-feet",
               _T),
    ActionSpec("pose.free_pins", "Free All Pins", (), _V, "Remove every pin"),
    ActionSpec("pose.free", "Let Joint Follow", ("Shift+F",), _V,
               "The selected joints are no longer kept where you put them (or right-click their mark)"),
    ActionSpec("pose.select_limb", "Select Limb", ("Shift+A",), _V,
               "Select the whole arm, leg or spine of the selected joints"),
    ActionSpec("pose.select_mirrored", "Select Mirrored", ("Ctrl+I",), _V, "Select the same joints on the other side"),
)  # fmt: skip

_POSES = (
    ActionSpec("pose.mirror", "Mirror Pose", ("Shift+M",), _V,
               "Exchange left and right: of the whole body, or of the selected joints", "mirror"),
    ActionSpec("pose.copy", "Copy Pose", ("Ctrl+C",), _V, "Remember the pose at the playhead", "copy"),
    ActionSpec("pose.paste", "Paste Pose", ("Ctrl+V",), _V, "Pose the body, or the selected joints, as copied",
               "paste"),
    ActionSpec("pose.paste_flipped", "Paste Pose Flipped", ("Ctrl+Shift+V",), _V,
               "Paste with left and right exchanged"),
    ActionSpec("pose.reset_joint", "Reset Joint", ("Alt+R",), _V, "Turn the selected joints back to the T-pose"),
    ActionSpec("pose.reset_generated", "Reset to Generated", ("Alt+Shift+R",), _V,
               "Take the pose of the motion again, for all or for the selected joints"),
    ActionSpec("pose.t_pose", "T-Pose", (), _V, "Put the body into the T-pose where it stands"),
    ActionSpec("pose.library", "Pose Library", (), _V, "Show the poses that you kept, to put them on the body",
               "library"),
    ActionSpec("pose.keep", "Keep Pose in Library", (), _V, "Add the pose at the playhead to the pose library"),
    ActionSpec("path.draw", "Draw Path", ("D",), _V, "Draw where the character goes with a drag on the ground",
               "draw-path", _T),
    ActionSpec("pose.breakdown", "Breakdown…", ("Shift+B",), _V, "Slide the pose between the keys before and after"),
)  # fmt: skip

ACTIONS: tuple[ActionSpec, ...] = (*_TOOLS, *_KEYS, *_JOINTS, *_POSES)

MENU: dict[str, tuple[str, ...]] = {
    "&Pose": (
        "pose.select",
        "pose.move",
        "pose.rotate",
        "pose.local",
        "-",
        "pose.key",
        "pose.key_position",
        "pose.key_rotation",
        "pose.auto_key",
        "pose.discard",
        "pose.hold",
        "-",
        "pose.mirror",
        "pose.copy",
        "pose.paste",
        "pose.paste_flipped",
        "pose.breakdown",
        "-",
        "pose.reset_joint",
        "pose.reset_generated",
        "pose.t_pose",
        "-",
        "pose.library",
        "pose.keep",
        "path.draw",
    ),
    "&Pose>&What Follows": (
        "pose.mode_full",
        "pose.mode_part",
        "pose.mode_selection",
        "pose.mode_next",
    ),
    "&Pose>&Joints": (
        "pose.pin",
        "pose.pin_turn",
        "pose.pin_feet",
        "pose.free_pins",
        "-",
        "pose.free",
        "pose.select_limb",
        "pose.select_mirrored",
        "-",
        "pose.grab",
        "pose.turn",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""

STRIP: tuple[str, ...] = (
    "pose.select", "pose.move", "pose.rotate", "pose.local", "-", "pose.mode_full", "pose.mode_part",
    "pose.mode_selection", "-", "pose.pin", "pose.pin_feet", "-", "pose.key", "pose.auto_key", "pose.hold", "-",
    "pose.library", "path.draw",
)  # fmt: skip
"""The column of buttons at the left of the viewport."""

CONTEXT: tuple[str, ...] = (
    "pose.key", "pose.key_position", "pose.key_rotation", "-", "pose.pin", "pose.pin_turn", "pose.free",
    "pose.select_limb", "pose.select_mirrored", "-", "pose.mirror", "pose.copy", "pose.paste", "pose.paste_flipped",
    "pose.breakdown", "-", "pose.reset_joint", "pose.reset_generated", "pose.t_pose", "pose.discard", "pose.keep", "-",
    "contact.left_planted", "contact.right_planted", "contact.left_free", "contact.right_free",
)  # fmt: skip
"""The viewport's context menu."""
