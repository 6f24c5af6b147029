"""Which job runs next: a plain value the worker asks, without processes or clocks.

Takes run in the order they were asked for. A draft is only of use while it is the newest, so it goes before all queued
takes, a newer one replaces those that wait, and a draft that runs is stopped for it. A running take is never stopped.

A live draft is in nobody's way: it has a place of its own beside the queue, and is done between two steps of whatever
runs (docs/adr/0017-live-drafts-between-steps.md).
"""

from genmo_studio.document.model import TakeMode
from genmo_studio.engine.protocol import GenerateWork, JobId, LiveWork, Submit


def is_draft(submit: Submit) -> bool:
    """True for a generation in draft mode."""
    return isinstance(submit.work, GenerateWork) and submit.work.request.mode is TakeMode.DRAFT


class Schedule:
    """The waiting jobs and the running one."""

    def __init__(self) -> None:
        self._waiting: list[Submit] = []
        self.running: Submit | None = None
        self._stop = False
        self._next_live: Submit | None = None
        self.live: Submit | None = None
        """The live draft that is being made, within or without a running job."""
        self._stop_live = False

    def submit(self, submit: Submit) -> list[JobId]:
        """Queue a job. Returns the waiting jobs that it replaces; a running draft is asked to stop."""
        if isinstance(submit.work, LiveWork):
            outdated, self._next_live = self._next_live, submit
            return [] if outdated is None else [outdated.job]
        if not is_draft(submit):
            self._waiting.append(submit)
            return []
        replaced = [other.job for other in self._waiting if is_draft(other)]
        self._waiting = [submit, *(other for other in self._waiting if not is_draft(other))]
        if self.running is not None and is_draft(self.running):
            self._stop = True
        return replaced

    def cancel(self, job: JobId) -> list[JobId]:
        """Take a job out of the queue, or ask it to stop. Returns the jobs that have ended by this."""
        if self.running is not None and self.running.job == job:
            self._stop = True
            return []
        if self.live is not None and self.live.job == job:
            self._stop_live = True
            return []
        if self._next_live is not None and self._next_live.job == job:
            self._next_live = None
            return [job]
        ended = [other.job for other in self._waiting if other.job == job]
        self._waiting = [other for other in self._waiting if other.job != job]
        return ended

    def start_next(self) -> Submit | None:
        """Make the next job the running one, or return None when nothing waits."""
        self.running = self._waiting.pop(0) if self._waiting else None
        self._stop = False
        return self.running

    def start_live(self) -> Submit | None:
        """Make the newest live draft the one that is being made, or return None when there is none."""
        self.live, self._next_live = self._next_live, None
        self._stop_live = False
        return self.live

    @property
    def must_stop(self) -> bool:
        """True when the running job has been cancelled or replaced."""
        return self._stop

    @property
    def must_stop_live(self) -> bool:
        """True when the live draft that is being made has been cancelled."""
        return self._stop_live
