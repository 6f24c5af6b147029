"""How long a part of an evaluation may take: its loops over samples stop in time, and the report says which did."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Sample = TypeVar("Sample")


class Allotment:
    """Seconds for one part, from now on; None: until it is done.

    Samples are taken in the same order with and without a limit, so a run that was cut short has the figures of a run
    that was asked for as few.
    """

    def __init__(self, seconds: float | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._began = now()
        self.cut_short = False
        """Whether a loop stopped before its last sample."""

    def over(self, samples: Sequence[Sample], *, until: float = 1.0, at_least: int = 1) -> Iterator[tuple[int, Sample]]:
        """(number, sample) until ``until`` (0..1) of the time is spent; the first ``at_least`` come in any case."""
        for number, sample in enumerate(samples):
            if number >= at_least and self.spent(until):
                self.cut_short = True
                return
            yield number, sample

    def spent(self, share: float = 1.0) -> bool:
        """Whether ``share`` of the time is over."""
        return self._seconds is not None and self._now() - self._began > share * self._seconds


def shares(minutes: float | None, weights: Sequence[float], *, spent: float, done: int) -> float | None:
    """Seconds for part ``done`` of those with ``weights``: its share of what is left of ``minutes`` after ``spent`` s.

    None without a limit. What one part leaves over is the others'.
    """
    if minutes is None:
        return None
    left = max(60 * minutes - spent, 0.0)
    return left * weights[done] / max(sum(weights[done:]), 1e-9)
