"""What fills the time between two keys: motion that was generated for them, an older one, a failure, or nothing. Pure.

A view of the result: which takes are read there, which of them no longer answer the timeline, and where the last
attempt to make one failed.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from genmo_studio.document.model import ResultPiece
from genmo_studio.document.time import Span
from genmo_studio.engine.job_log import JobRecord, Phase


class Fill(Enum):
    """What fills an interval; the words are for tool tips."""

    GENERATED = "generated for these keys"
    STALE = "generated before something here was changed: generate again"
    HELD = "no motion is here: the pose before is held"
    FAILED = "the last generation here failed: see the Jobs panel"
    NOTHING = "nothing is generated here yet"


class Fills(msgspec.Struct, frozen=True):
    """The result as far as fills are about it."""

    shown: tuple[Span, ...] = ()  # spans of takes, in order of time
    stale: tuple[Span, ...] = ()
    failed: tuple[Span, ...] = ()

    @staticmethod
    def of(result: Iterable[ResultPiece], *, stale: frozenset[str], failed: Sequence[Span] = ()) -> "Fills":
        """From the pieces of a result; ``stale`` names takes."""
        pieces = sorted(result, key=lambda piece: piece.span)
        return Fills(
            tuple(piece.span for piece in pieces),
            tuple(piece.span for piece in pieces if piece.take in stale),
            tuple(failed),
        )

    def between(self, start: int, stop: int) -> Fill:
        """What fills the frames from a key up to the next one; the worst of what is there."""
        span = Span(start, max(stop, start + 1))
        if any(failed.overlaps(span) for failed in self.failed):
            return Fill.FAILED
        if any(stale.overlaps(span) for stale in self.stale):
            return Fill.STALE
        reached = span.start
        for shown in self.shown:
            if shown.start > reached:
                break
            reached = max(reached, shown.stop)
        if reached >= span.stop:
            return Fill.GENERATED
        inside = self.shown and self.shown[0].start < span.stop and self.shown[-1].stop > span.start
        return Fill.HELD if inside else Fill.NOTHING


NO_FILLS = Fills()
"""Of a project without a result."""


def failed_spans(records: Iterable[JobRecord]) -> tuple[Span, ...]:
    """Spans of generations that failed and were not made since; ``records`` as JobLog lists them, newest first."""
    failed: list[Span] = []
    made: list[Span] = []
    for record in records:
        if record.phase is Phase.DONE:
            made.append(record.span)
        elif record.phase is Phase.FAILED and not any(span.overlaps(record.span) for span in made):
            failed.append(record.span)
    return tuple(failed)
