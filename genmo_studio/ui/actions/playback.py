"""Commands of playback."""

from genmo_studio.ui.actions.spec import ActionSpec, Kind

SPEEDS: dict[str, float] = {
    "play.speed_10": 0.1,
    "play.speed_25": 0.25,
    "play.speed_50": 0.5,
    "play.speed_75": 0.75,
    "play.speed_100": 1.0,
    "play.speed_150": 1.5,
    "play.speed_200": 2.0,
    "play.speed_400": 4.0,
}
"""Action id to the speed that Play plays at."""


def _speed(action_id: str, speed: float) -> ActionSpec:
    text = "Normal Speed" if speed == 1 else f"{speed:g}×"
    return ActionSpec(
        action_id, text, tooltip=f"Play at {speed:g} times the normal speed", kind=Kind.TOGGLE, group="play.speed"
    )


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("play.toggle", "Play", ("Space",), tooltip="Play or pause", icon="play", kind=Kind.TOGGLE),
    ActionSpec("play.range", "Play In to Out", ("Shift+Space",),
               tooltip="Play the marked range once, or the whole project without marks"),
    ActionSpec("play.reverse", "Shuttle Back", ("J",),
               tooltip="Play backwards; again: faster. With K held: one frame back"),
    ActionSpec("play.stop", "Stop Shuttle", ("K",), tooltip="Stop here; hold it and press J or L to step"),
    ActionSpec("play.forward", "Shuttle Forward", ("L",),
               tooltip="Play; again: faster. With K held: one frame on"),
    ActionSpec("play.step_back", "Previous Frame", ("Left",), tooltip="One frame back", icon="step-back"),
    ActionSpec("play.step_forward", "Next Frame", ("Right",), tooltip="One frame on", icon="step-forward"),
    ActionSpec("play.jump_back", "Ten Frames Back", ("Shift+Left",)),
    ActionSpec("play.jump_forward", "Ten Frames On", ("Shift+Right",)),
    ActionSpec("play.start", "Go to Start", ("Home",), tooltip="Go to the first frame", icon="go-start"),
    ActionSpec("play.end", "Go to End", ("End",), tooltip="Go to the last frame", icon="go-end"),
    ActionSpec("play.previous_key", "Previous Key or Edit", ("Up", ","), tooltip="Jump to the key or cut before"),
    ActionSpec("play.next_key", "Next Key or Edit", ("Down", "."), tooltip="Jump to the key or cut after"),
    ActionSpec("play.go_to_time", "Go to Time…", ("Ctrl+J",),
               tooltip="Type a time: 120, 4s, +10 or 00:00:04:00"),
    ActionSpec("play.time_format", "Change Time Units", ("Ctrl+Alt+T",),
               tooltip="Show times as timecode, frames or seconds"),
    ActionSpec("play.loop", "Loop", ("Ctrl+L",), tooltip="Start again at the end (between in and out when set)",
               icon="loop", kind=Kind.TOGGLE),
    ActionSpec("play.mark_in", "Mark In", ("I",), tooltip="Begin the marked range here"),
    ActionSpec("play.mark_out", "Mark Out", ("O",), tooltip="End the marked range here"),
    ActionSpec("play.go_to_in", "Go to In", ("Shift+I",), tooltip="Go to the first frame of the marked range"),
    ActionSpec("play.go_to_out", "Go to Out", ("Shift+O",), tooltip="Go to the last frame of the marked range"),
    ActionSpec("play.clear_marks", "Clear In and Out", ("G",), tooltip="Forget the marked range"),
    *(_speed(action_id, speed) for action_id, speed in SPEEDS.items()),
    ActionSpec("play.slower", "Slower", ("Shift+J",), tooltip="Play at the next slower speed"),
    ActionSpec("play.faster", "Faster", ("Shift+L",), tooltip="Play at the next faster speed"),
    ActionSpec("play.mute", "Mute Sound", ("Ctrl+Shift+M",), tooltip="Hear nothing; the motion still knows the music",
               icon="sound", kind=Kind.TOGGLE),
    ActionSpec("play.scrub_sound", "Hear Sound While Scrubbing", kind=Kind.TOGGLE,
               tooltip="Hear a moment of the music at each frame while dragging the playhead and stepping"),
    ActionSpec("play.every_frame", "Play Every Frame", kind=Kind.TOGGLE,
               tooltip="Show every frame, slower and in silence where the machine is late, instead of keeping time"),
    ActionSpec("play.return", "Return to Start on Stop", kind=Kind.TOGGLE,
               tooltip="Space goes back to where play began; K still stops in place"),
)  # fmt: skip

MENU: dict[str, tuple[str, ...]] = {
    "&Play": (
        "play.toggle",
        "play.range",
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
        "play.go_to_time",
        "play.time_format",
        "-",
        "play.mute",
        "play.scrub_sound",
        "play.every_frame",
        "play.return",
    ),
    "&Play>&In and Out": (
        "play.mark_in",
        "play.mark_out",
        "play.go_to_in",
        "play.go_to_out",
        "play.clear_marks",
    ),
    "&Play>&Speed": ("play.slower", "play.faster", "-", *SPEEDS),
}
"""Menu title: action ids of this area, in order; "-" is a separator."""
