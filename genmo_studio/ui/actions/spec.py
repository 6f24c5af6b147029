"""What a command is: id, words, keys, where its keys are heard."""

from enum import Enum

import msgspec


class Scope(Enum):
    """Where an action's keys are heard: the panel with the focus. Fields in which one types always keep their keys.

    The value is shown to the user; a panel's scope has the name of its dock (``CURVES``: ``window.docks["curves"]``).
    """

    GLOBAL = "Everywhere"
    VIEWPORT = "Viewport"
    TIMELINE = "Timeline"
    CURVES = "Curves"
    TAKES = "Takes"
    MEDIA = "Media"
    MARKERS = "Markers"
    GENERATION = "Generate"
    INSPECTOR = "Inspector"
    JOBS = "Jobs"
    VIDEO = "Video"
    HISTORY = "History"

    @property
    def dock(self) -> str:
        """Name of the dock whose panel hears the keys; not of GLOBAL and VIEWPORT, which are no docks."""
        return self.name.lower()

    def meets(self, other: "Scope") -> bool:
        """True when a key cannot mean two things in the two scopes: the same one, or one is everywhere."""
        return self is other or Scope.GLOBAL in (self, other)


class Kind(Enum):
    """What pressing does."""

    PUSH = "push"
    TOGGLE = "toggle"


class ActionSpec(msgspec.Struct, frozen=True):
    """One command."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    scope: Scope = Scope.GLOBAL
    tooltip: str = ""
    icon: str | None = None
    kind: Kind = Kind.PUSH
    group: str | None = None  # of toggles that exclude each other
