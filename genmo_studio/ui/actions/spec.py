"""What a command is: id, words, keys, where its keys are heard."""

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """Where an action's keys are heard. Fields in which one types always keep their keys."""

    GLOBAL = "Everywhere"
    VIEWPORT = "Viewport"
    TIMELINE = "Timeline"


class Kind(Enum):
    """What pressing does."""

    PUSH = "push"
    TOGGLE = "toggle"


@dataclass(frozen=True)
class ActionSpec:
    """One command."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    scope: Scope = Scope.GLOBAL
    tooltip: str = ""
    icon: str | None = None
    kind: Kind = Kind.PUSH
    group: str | None = None  # of toggles that exclude each other
