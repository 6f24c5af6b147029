"""Time on the timeline: whole frames at the project rate, half-open spans.

Seconds never identify anything in a document; they are derived for display (INTERFACE.md 7.3).
"""

import msgspec

Frame = int
"""A frame number at the project rate; frame k is at time k / fps seconds."""


class Span(msgspec.Struct, frozen=True, order=True):
    """A half-open range of frames ``[start, stop)``; never empty or reversed in a valid document."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """Number of frames."""
        return self.stop - self.start

    def __contains__(self, frame: int) -> bool:
        return self.start <= frame < self.stop

    def overlaps(self, other: "Span") -> bool:
        """True when at least one frame is in both."""
        return self.start < other.stop and other.start < self.stop

    def intersection(self, other: "Span") -> "Span | None":
        """The frames in both, or None when there is none."""
        start, stop = max(self.start, other.start), min(self.stop, other.stop)
        return Span(start, stop) if start < stop else None

    def shifted(self, frames: int) -> "Span":
        """The same length, ``frames`` later."""
        return Span(self.start + frames, self.stop + frames)
