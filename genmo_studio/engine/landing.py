"""How a finished motion becomes a take: what it says of itself, where it is shown, what the undo step is called."""

from datetime import datetime
from typing import Any

from genmo_studio.conditions.record import record_of
from genmo_studio.conditions.regenerating import Anew
from genmo_studio.document.edits import Edit, add_take, compose, new_id, show_regenerated
from genmo_studio.document.model import Take
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.engine.events import Running
from genmo_studio.motion.regions import region_words


def take_of(running: Running, done: protocol.Done, blob: str, *, created: datetime) -> Take:
    """The take of a finished generation; ``blob`` names its motion."""
    request = running.request
    return Take(
        id=new_id(),
        name=running.name,
        span=Span(request.start, request.start + request.frames),
        blob=blob,
        request_hash=request.hash,
        conditions_hash=request.conditions_hash,
        seed=request.seed,
        model=str(done.report.get("model", request.model)),
        mode=request.mode,
        device=str(done.report.get("device", "cpu")),
        created=created.isoformat(timespec="seconds"),
        metrics=_numbers(done.report),
        model_hash=str(done.report.get("model_hash", "")),
        request=record_of(request),
        base="" if request.regeneration is None else request.regeneration.base,
        refines=running.refines,
        above=running.above,
    )


def shown_edit(take: Take, anew: Anew | None) -> Edit:
    """Add a take and show it: over its whole span, or only where the result was made anew."""
    if anew is None:
        return add_take(take, place=True)
    return compose(add_take(take, place=False), show_regenerated(take.id, anew.span))


def step_label(running: Running) -> str:
    """What the undo step is called."""
    anew = running.anew
    if anew is None:
        return "Draft motion" if running.draft else "Generate motion"
    frames = f"{anew.span.start}–{anew.span.stop - 1}"
    if anew.loop is not None:
        return f"Make Loop {frames}"
    return f"{'Refine' if running.refines else 'Regenerate'} {region_words(anew.regions)} {frames}"


def _numbers(report: dict[str, Any]) -> dict[str, float]:
    """The figures of a report that a take keeps: numbers on its top level, and errors at the keys as "group.name"."""
    flat = dict(report)
    for group in ("key_errors_before", "key_errors_after"):
        errors = report.get(group)
        if isinstance(errors, dict):
            flat |= {f"{group}.{name}": value for name, value in errors.items()}
    return {
        name: float(value)
        for name, value in flat.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
