"""Commands of playback."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("play.toggle", "Play", ("Space",), tooltip="Play or pause", icon="play", kind=Kind.TOGGLE),
    ActionSpec("play.reverse", "Shuttle Back", ("J",), tooltip="Play backwards; press again to go faster"),
    ActionSpec("play.stop", "Stop Shuttle", ("K",), tooltip="Stop"),
    ActionSpec("play.forward", "Shuttle Forward", ("L",), tooltip="Play; press again to go faster"),
    ActionSpec("play.step_back", "Previous Frame", ("Left",), tooltip="One frame back", icon="step-back"),
    ActionSpec("play.step_forward", "Next Frame", ("Right",), tooltip="One frame on", icon="step-forward"),
    ActionSpec("play.jump_back", "Ten Frames Back", ("Shift+Left",)),
    ActionSpec("play.jump_forward", "Ten Frames On", ("Shift+Right",)),
    ActionSpec("play.start", "Go to Start", ("Home",), tooltip="Go to the first frame", icon="go-start"),
    ActionSpec("play.end", "Go to End", ("End",), tooltip="Go to the last frame", icon="go-end"),
    ActionSpec("play.previous_key", "Previous Key or Edit", ("Up", ","), tooltip="Jump to the key or cut before"),
    ActionSpec("play.next_key", "Next Key or Edit", ("Down", "."), tooltip="Jump to the key or cut after"),
    ActionSpec("play.loop", "Loop", ("Ctrl+L",), tooltip="Start again at the end (between in and out when set)",
               icon="loop", kind=Kind.TOGGLE),
    ActionSpec("play.mark_in", "Mark In", ("I",), tooltip="Begin the marked range here"),
    ActionSpec("play.mark_out", "Mark Out", ("O",), tooltip="End the marked range here"),
    ActionSpec("play.clear_marks", "Clear In and Out", ("G",), tooltip="Forget the marked range"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Play": (
        "play.toggle",
        "play.loop",
        "-",
        "play.reverse",
        "play.stop",
        "play.forward",
        "-",
        "play.step_back",
        "play.step_forward",
        "play.jump_back",
        "play.jump_forward",
        "play.previous_key",
        "play.next_key",
        "-",
        "play.start",
        "play.end",
        "-",
        "play.mark_in",
        "play.mark_out",
        "play.clear_marks",
    ),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
