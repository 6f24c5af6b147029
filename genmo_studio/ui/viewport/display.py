"""What the viewport shows besides the motion itself, as one value that outlives a session. No Qt, no GL."""

from enum import Enum

import msgspec

MAX_GHOSTS_A_SIDE = 8
MAX_STEP = 60
MAX_REACH = 240
"""Frames before or after the playhead that trajectories may cover."""


class Mode(Enum):
    """How the character is drawn."""

    SHADED = "shaded"
    SKELETON = "skeleton"
    XRAY = "x-ray"
    SILHOUETTE = "silhouette"


class Option(Enum):
    """What can be switched on and off."""

    GRID = "grid"
    LABELS = "labels"
    GHOSTS = "ghosts"
    """the pose keys"""
    PATH = "path"
    CONTACTS = "contacts"


class GhostRule(Enum):
    """Where the ghosts of the motion stand."""

    OFF = "off"
    STEP = "step"
    KEYS = "keys"


DEFAULT_OPTIONS = frozenset({Option.GRID, Option.LABELS, Option.GHOSTS, Option.PATH, Option.CONTACTS})


class Display(msgspec.Struct, frozen=True):
    """Everything that the Display menu sets."""

    mode: Mode = Mode.SHADED
    options: frozenset[Option] = DEFAULT_OPTIONS
    ghosts: GhostRule = GhostRule.OFF
    ghost_step: int = 10
    """frames between ghosts"""
    ghost_count: int = 3
    """ghosts on each side of the playhead"""
    ghost_strength: float = 0.6
    ghost_limb: bool = False
    """only the picked limb, as a chain of bones"""
    trails: frozenset[str] = frozenset()
    """names of TRAIL_JOINTS whose way is drawn"""
    trail_before: int = 30
    trail_after: int = 30

    def with_option(self, option: Option, *, on: bool) -> "Display":
        """Switch an option."""
        return msgspec.structs.replace(self, options=self.options | {option} if on else self.options - {option})


TRAIL_JOINTS: dict[str, tuple[int, ...]] = {
    "Head": (15,),
    "Hands": (20, 21),
    "Pelvis": (0,),
    "Feet": (10, 11),
}
"""What trajectories are offered for, and the joints behind it; ``PICKED`` stands for the joint that was clicked."""
PICKED = "Picked joint"


def to_json(display: Display) -> str:
    """Text for the settings file."""
    return msgspec.json.encode(display).decode()


def from_json(text: object) -> Display:
    """From the settings file; the defaults where it holds nothing usable. Numbers are kept within their limits."""
    if not isinstance(text, str):
        return Display()
    try:
        read = msgspec.json.decode(text, type=Display)
    except msgspec.MsgspecError:  # of another version, or damaged: a view setting is not worth a message
        return Display()
    return msgspec.structs.replace(
        read,
        ghost_step=min(max(read.ghost_step, 1), MAX_STEP),
        ghost_count=min(max(read.ghost_count, 1), MAX_GHOSTS_A_SIDE),
        ghost_strength=min(max(read.ghost_strength, 0.1), 1.0),
        trails=frozenset(name for name in read.trails if name in TRAIL_JOINTS or name == PICKED),
        trail_before=min(max(read.trail_before, 0), MAX_REACH),
        trail_after=min(max(read.trail_after, 0), MAX_REACH),
    )
