"""What is wrong with the conditions before anything is generated."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from genmo_studio.document.time import Span


class Severity(Enum):
    """How much a problem matters: it cannot be met, it will look bad, or the user may want to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(msgspec.Struct, frozen=True):
    """One finding, with its place on the timeline and the items that cause it."""

    severity: Severity
    sentence: str
    """What is so."""
    span: Span
    items: tuple[str, ...] = ()
    why: str = ""
    """Why it matters: what the motion will do."""
    advice: str = ""
    """What to do about it."""

    @property
    def words(self) -> str:
        """Everything, for a tool tip."""
        return "\n".join(part for part in (self.sentence, self.why, self.advice) if part)


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def ranked(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The most serious first, then by their frames."""
    return tuple(sorted(problems, key=lambda p: (_RANK[p.severity], p.span.start, p.span.stop)))


def worst(problems: Iterable[Problem]) -> dict[str, tuple[Problem, ...]]:
    """Problems by the item that they name, the most serious first; what only informs is left out."""
    found: dict[str, list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: _RANK[problem.severity]):
        if problem.severity is not Severity.INFO:
            for item in problem.items:
                found.setdefault(item, []).append(problem)
    return {item: tuple(mine) for item, mine in found.items()}
