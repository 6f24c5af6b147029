"""How long stages take and how long they will: one clock for the worker's messages and the CLI's line and report."""

import time
from collections.abc import Callable

from genmo_studio.conditions.progress import Progress

_TELL_AFTER = 0.4  # seconds and
_TELL_FROM = 0.02  # share of the stage before an estimate means anything


class StageClock:
    """Watches the progress of one job."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = self._stage_began = now()
        self._stage: str | None = None
        self._first_fraction = 0.0
        self._seconds: dict[str, float] = {}

    def note(self, progress: Progress) -> float | None:
        """Take notice of one step. Returns the seconds left in its stage, or None while that cannot be told."""
        now = self._now()
        if progress.stage != self._stage:
            self._close(now)
            self._stage, self._first_fraction = progress.stage, progress.fraction
            return None
        elapsed, done = now - self._stage_began, progress.fraction - self._first_fraction
        if elapsed < _TELL_AFTER or done < _TELL_FROM:
            return None
        return elapsed * max(0.0, 1.0 - progress.fraction) / done

    def _close(self, now: float) -> None:
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._stage_began
        self._stage_began = now

    def finish(self) -> dict[str, float]:
        """Seconds of each stage so far, in the order they came, and of the whole as "total"."""
        now = self._now()
        self._close(now)
        self._stage = None
        return {**self._seconds, "total": now - self._began}
