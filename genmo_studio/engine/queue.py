"""The queue of generations: a plain value on the window's side, without processes or clocks.

Takes run in the order they were asked for, unless the user moves them. A draft is only of use while it is the newest:
it goes before all queued takes, a newer one replaces those that wait, and a draft that runs is stopped for it. A
running take is never stopped for another. The worker has one generation at a time, so that moving and cancelling what
waits is instant, and what waits outlives a worker that dies.
"""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from genmo_studio.engine.protocol import JobId


class Ticket(Protocol):
    """What can be queued."""

    @property
    def job(self) -> JobId:
        """Its number."""

    @property
    def draft(self) -> bool:
        """True when only the newest of its kind is of use."""


T = TypeVar("T", bound=Ticket)


class JobQueue(Generic[T]):
    """What runs and what waits."""

    def __init__(self) -> None:
        self.active: T | None = None
        self._waiting: list[T] = []

    @property
    def waiting(self) -> tuple[T, ...]:
        """What waits, in the order it will run."""
        return tuple(self._waiting)

    @property
    def all(self) -> tuple[T, ...]:
        """What runs, then what waits."""
        return (() if self.active is None else (self.active,)) + self.waiting

    def add(self, ticket: T) -> list[T]:
        """Queue something. Returns what it replaces: waiting drafts, and a running one, which is to be stopped."""
        if not ticket.draft:
            self._waiting.append(ticket)
            return []
        replaced = [other for other in self.all if other.draft]
        self._waiting = [ticket, *(other for other in self._waiting if not other.draft)]
        return replaced

    def put_first(self, ticket: T) -> None:
        """Queue something before all others: what could not begin, or what the user looks at."""
        self._waiting.insert(0, ticket)

    def find(self, job: JobId) -> T | None:
        """What has this number; None when it has ended."""
        return next((ticket for ticket in self.all if ticket.job == job), None)

    def remove(self, job: JobId) -> T | None:
        """Take something out, running or waiting. Returns it, or None when it has ended already."""
        found = self.find(job)
        if found is not None and found is self.active:
            self.active = None
        self._waiting = [ticket for ticket in self._waiting if ticket is not found]
        return found

    def move(self, job: JobId, by: int) -> bool:
        """Move what waits by so many places towards the end (or, negative, the front). False when it stays."""
        place = self.place(job)
        if place is None:
            return False
        target = min(max(place + by, 0), len(self._waiting) - 1)
        self._waiting.insert(target, self._waiting.pop(place))
        return target != place

    def place(self, job: JobId) -> int | None:
        """Place among what waits, from 0; None when it does not wait."""
        return next((index for index, ticket in enumerate(self._waiting) if ticket.job == job), None)

    def start_next(self) -> T | None:
        """Make the first that waits the running one; None when something runs already or nothing waits."""
        if self.active is not None or not self._waiting:
            return None
        self.active = self._waiting.pop(0)
        return self.active

    def clear_waiting(self) -> Sequence[T]:
        """Take out all that waits."""
        gone, self._waiting = self._waiting, []
        return gone
