"""What is wrong with the conditions before anything is generated."""

from dataclasses import dataclass
from enum import Enum

from genmo_studio.document.time import Span


class Severity(Enum):
    """How much a problem matters: it cannot be met, it will look bad, or the user may want to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Problem:
    """One finding, with its place on the timeline and the items that cause it."""

    severity: Severity
    sentence: str
    span: Span
    items: tuple[str, ...] = ()
