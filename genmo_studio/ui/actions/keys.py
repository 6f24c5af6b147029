"""Commands of keys on the timeline, and of the rows below them."""

from genmo_studio.ui.actions.spec import ActionSpec, Scope

_T = Scope.TIMELINE

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("key.hold", "Hold…", ("Alt+H",), _T, "Keep the pose of the selected keys for a number of frames", "key"),
    ActionSpec("key.longer", "Hold One Frame Longer", ("Alt+Up",), _T, "Keep the pose of the selected keys longer"),
    ActionSpec("key.shorter", "Hold One Frame Shorter", ("Alt+Down",), _T, "Let the selected keys go earlier"),
    ActionSpec("key.scale", "Scale Keys…", ("Alt+S",), _T,
               "Spread or gather the selected keys in time, about the playhead among them, else about the first"),
    ActionSpec("key.reverse", "Reverse in Time", ("Alt+R",), _T,
               "Let the selected items follow each other the other way round"),
    ActionSpec("key.mirror", "Mirror Keys", ("Alt+M",), _T,
               "Exchange left and right of the selected keys, about the body at the first of them"),
    ActionSpec("key.mirror_world", "Mirror Keys about the World", (), _T,
               "Exchange left and right of the selected keys about the world's middle, paths and places too"),
    ActionSpec("key.breakdown", "Breakdown or Key", ("Alt+B",), _T,
               "A breakdown only suggests its pose; a key is met exactly"),
    ActionSpec("key.tangent_auto", "Smooth Tangent", (), _T,
               "Interpolation passes the selected keys smoothly; a generation finds its own way"),
    ActionSpec("key.tangent_flat", "Flat Tangent", (), _T, "Interpolation comes to rest at the selected keys"),
    ActionSpec("key.tangent_linear", "Linear Tangent", (), _T,
               "Interpolation goes at even speed up to the selected keys and away from them"),
    ActionSpec("key.tangent_step", "Stepped Tangent", (), _T, "Interpolation holds the selected keys until the next"),
    ActionSpec("key.free_joints", "Free Joints of Keys", ("Alt+Backspace",), _T,
               "Take the selected joints out of the selected keys, so that the model decides about them"),
    ActionSpec("key.select_all", "Select All Keys", ("Ctrl+Alt+A",), _T, "Select every key and waypoint"),
    ActionSpec("track.unfold", "Show or Hide Regions and Joints", ("U",), _T,
               "Rows below the track for parts of the body; again for every joint, again to fold"),
)  # fmt: skip

TANGENTS: tuple[str, ...] = ("key.tangent_auto", "key.tangent_flat", "key.tangent_linear", "key.tangent_step")
"""How interpolation passes keys: also in the graph editor's menu."""

MENU: dict[str, tuple[str, ...]] = {
    "&Timeline>&Keys": (
        "key.hold",
        "key.longer",
        "key.shorter",
        "-",
        "key.scale",
        "key.reverse",
        "key.mirror",
        "key.mirror_world",
        "-",
        "key.breakdown",
        "key.free_joints",
        "-",
        "key.select_all",
        "track.unfold",
    ),
    "&Timeline>&Keys>&Tangents": TANGENTS,
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
