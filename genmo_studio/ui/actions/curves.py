"""Commands of the graph editor, of tweaks, and of turning dense motion into keys."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

_C, _T = Scope.CURVES, Kind.TOGGLE

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("curves.fit", "Fit Curves", ("F",), _C, "See all of the curves", "frame-all"),
    ActionSpec("curves.fit_selected", "Fit Chosen Keys", ("Shift+F",), _C,
               "See the chosen keys, else the frames between in and out", "frame-selected"),
    ActionSpec("curves.equal", "Equal Heights", ("N",), _C, "Give every curve the whole height, whatever its values",
               "normalise", _T),
    ActionSpec("curves.time", "Time as on the Timeline", (), _C, "Show the same stretch of time as the timeline",
               "time-link", _T),
    ActionSpec("curves.link", "Link Selection", (), _C,
               "Keys and joints that are selected elsewhere are selected here, and the other way round", "link", _T),
    ActionSpec("curves.wider", "Wider Falloff", ("]",), _C,
               "Let the selected tweak, or the next one, reach two frames further on both sides"),
    ActionSpec("curves.narrower", "Narrower Falloff", ("[",), _C,
               "Let the selected tweak, or the next one, reach two frames less on both sides"),
    ActionSpec("curves.delete", "Delete Chosen Keys", ("Delete", "Backspace"), _C,
               "Remove the chosen keys and tweaks; Undo brings them back"),
    ActionSpec("reduce.keys", "Reduce to Keys…", (), Scope.GLOBAL,
               "Make few pose keys of the motion between in and out, as close to it as you say", "reduce"),
    ActionSpec("block.keys", "As Each Key Says", (), Scope.GLOBAL,
               "A take from full key to full key by interpolation alone, each key passed by its own tangent"),
    ActionSpec("block.smooth", "Smooth", (), Scope.GLOBAL,
               "A take that goes smoothly from full key to full key, by interpolation alone"),
    ActionSpec("block.flat", "Ease In and Out", (), Scope.GLOBAL,
               "A take that comes to rest at every full key, by interpolation alone"),
    ActionSpec("block.linear", "Linear", (), Scope.GLOBAL,
               "A take that goes at even speed from full key to full key, by interpolation alone"),
    ActionSpec("block.step", "Stepped", (), Scope.GLOBAL,
               "A take that holds each full key until the next one"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Timeline>&Curves": (
        "curves.fit",
        "curves.fit_selected",
        "curves.equal",
        "curves.time",
        "curves.link",
        "-",
        "curves.wider",
        "curves.narrower",
        "-",
        "curves.delete",
        "-",
        "reduce.keys",
    ),
    "&Timeline>&Interpolate Between Keys": (
        "block.keys",
        "-",
        "block.smooth",
        "block.flat",
        "block.linear",
        "block.step",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
