"""What became of every generation of this session: the rows of the Jobs panel, as plain values made from events."""

import time
from collections.abc import Callable, Iterable
from enum import Enum

import msgspec

from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import service
from genmo_studio.engine.protocol import JobId
from genmo_studio.engine.service import Running
from genmo_studio.values import replace

KEPT = 200
"""Ended jobs that stay listed."""


class Phase(Enum):
    """Where a job stands; the value is shown to the user."""

    RUNNING = "Running"
    WAITING = "Waiting"
    DONE = "Done"
    CANCELLED = "Cancelled"
    FAILED = "Failed"

    @property
    def open(self) -> bool:
        """True while the job has not ended."""
        return self in (Phase.RUNNING, Phase.WAITING)


class JobRecord(msgspec.Struct, frozen=True):
    """One generation."""

    job: JobId
    name: str
    mode: TakeMode
    span: Span
    seed: int
    steps: int
    model: str
    phase: Phase = Phase.WAITING
    place: int = 0
    """Place in the queue while it waits, from 1."""
    stage: str = ""
    detail: str = ""
    fraction: float = -1.0
    """0..1 of the stage; negative when it cannot be told."""
    seconds_left: float | None = None
    device: str = ""
    outcome: str = ""
    """One sentence about how it ended."""
    report: str = ""
    """More about how it ended, to read and to copy."""
    take: str | None = None
    """Id of the take that came of it."""
    shown: bool = False
    """The take went into the result at once."""
    began: float | None = None
    seconds: float | None = None
    """How long the worker had it."""

    @property
    def how(self) -> str:
        """How it is made, in a few words."""
        way = "draft" if self.mode is TakeMode.DRAFT else f"{self.steps} steps"
        return f"{way}, seed {self.seed}, {self.span.length} frames, {self.model.rsplit('/', 1)[-1]} model"


class JobLog:
    """Follows the service's events."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._records: dict[JobId, JobRecord] = {}
        self._order: tuple[JobId, ...] = ()

    @property
    def records(self) -> tuple[JobRecord, ...]:
        """What runs, what waits in its order, then what has ended, newest first."""
        ended = [record for record in reversed(self._records.values()) if not record.phase.open]
        return (*(self._records[job] for job in self._order if job in self._records), *ended)

    def record(self, job: JobId) -> JobRecord | None:
        """The row of one job."""
        return self._records.get(job)

    def forget_ended(self) -> None:
        """Take what has ended off the list; the takes themselves stay in the project."""
        self._records = {job: record for job, record in self._records.items() if record.phase.open}

    def take_in(self, event: service.Event, *, active: Running | None, waiting: Iterable[Running]) -> None:
        """Follow one event; ``active`` and ``waiting`` are what has not ended now, in its order."""
        match event:
            case service.Submitted(ticket):
                self._records[ticket.job] = _record(ticket)
            case service.Advanced(ticket, progress, _):
                began = self._records[ticket.job].began
                self._change(
                    ticket.job,
                    phase=Phase.RUNNING,
                    stage=progress.stage,
                    detail=progress.detail,
                    fraction=progress.fraction,
                    seconds_left=progress.eta_seconds,
                    began=self._now() if began is None else began,
                )
            case service.Finished():
                self._finished(event)
            case service.Stopped(ticket):
                self._end(ticket.job, Phase.CANCELLED, "Cancelled; nothing was changed.")
            case service.Broken(ticket, failed):
                self._end(ticket.job, Phase.FAILED, failed.sentence, failed.detail)
            case service.Freed(ticket, seconds):
                if ticket.job in self._records:
                    outcome = f"Cancelled; the engine was free after {seconds:.1f} s."
                    self._change(ticket.job, outcome=outcome)
            case _:
                pass
        self._arrange(active, tuple(waiting))

    def _finished(self, event: service.Finished) -> None:
        take, outcome = event.take, "Went into the result."
        if not event.shown:
            outcome = "Kept among the takes."
            if event.outdated:
                outcome = "Kept among the takes: the timeline was edited while it was made."
        stages = event.report.get("stage_seconds", {})
        lines = [f"{name}: {value:.2f} s" for name, value in stages.items()] if isinstance(stages, dict) else []
        report = "\n".join([*event.notes, *event.report.get("clean_up", ()), *lines, f"request {take.request_hash}"])
        self._change(event.running.job, device=take.device, take=take.id, shown=event.shown)
        self._end(event.running.job, Phase.DONE, outcome, report)

    def _end(self, job: JobId, phase: Phase, outcome: str, report: str = "") -> None:
        record = self._records.get(job)
        if record is None:
            return
        seconds = None if record.began is None else self._now() - record.began
        # Ended jobs are listed newest first, so an ending moves to the end of the dictionary.
        self._records[job] = self._records.pop(job)
        self._change(job, phase=phase, outcome=outcome, report=report, seconds=seconds, seconds_left=None, place=0)
        ended = [number for number, other in self._records.items() if not other.phase.open]
        for number in ended[: max(0, len(ended) - KEPT)]:
            del self._records[number]

    def _change(self, job: JobId, **values: object) -> None:
        record = self._records.get(job)
        if record is not None:
            self._records[job] = replace(record, **values)

    def _arrange(self, active: Running | None, waiting: tuple[Running, ...]) -> None:
        order = [] if active is None else [active.job]
        if active is not None and active.job in self._records and self._records[active.job].place:
            self._change(active.job, phase=Phase.RUNNING, place=0)
        for place, ticket in enumerate(waiting, start=1):
            record = self._records.get(ticket.job)
            if record is not None and (record.place, record.phase) != (place, Phase.WAITING):
                self._change(ticket.job, phase=Phase.WAITING, place=place)
            order.append(ticket.job)
        self._order = tuple(order)


def _record(ticket: Running) -> JobRecord:
    request = ticket.request
    return JobRecord(
        job=ticket.job,
        name=ticket.name,
        mode=request.mode,
        span=Span(request.start, request.start + request.frames),
        seed=request.seed,
        steps=1 if ticket.draft else request.steps,
        model=request.model,
        place=1,
    )
