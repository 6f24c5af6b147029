"""Looking at the conditions before generating: what contradicts itself, what no body can do, what is left open.

Nothing here stops a generation: impossible things are named, and the model does what it can.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions import crossing, feasible, holding, standing, tweaks
from genmo_studio.conditions.feasible import Root
from genmo_studio.conditions.memo import Memo
from genmo_studio.conditions.path import turn_between
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.table import MODALITIES
from genmo_studio.document.model import Document, Item, PoseKey, TrackKind, Waypoint
from genmo_studio.document.queries import heard_items, heard_tracks, items_in
from genmo_studio.document.time import Span

_ROOTED = (TrackKind.PATH, TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS)
SAME_PLACE = 0.01  # m
SAME_HEADING = math.radians(5.0)
LONGEST_INBETWEEN = 300
"""Frames between two neighbouring keys up to which the movement between them counts as asked for (10 s at 30 fps)."""

Check = Callable[[list[Item]], Iterable[Problem]]
_BODIES = ("contacts", "waypoints", "poses")
"""Fields of the conditions that place a body."""

__all__ = ["Known", "Problem", "Severity", "check_conditions"]


class Known(msgspec.Struct, frozen=True):
    """What is known beside the document; what is not known is not checked."""

    rest: NDArray[np.float32] | None = None
    """(24, 3) joints of the body at rest, m."""
    beats: crossing.Beats = lambda _media: None


def check_conditions(
    document: Document, *, span: Span | None = None, known: Known | None = None, memo: Memo | None = None
) -> list[Problem]:
    """Problems of the conditions that take part, in the order of their frames; with ``span``, only those in it.

    A key whose pelvis points along a waypoint's heading within 5 degrees agrees with it. Speed is measured along
    straight lines over the ground between neighbouring keys and waypoints. ``memo`` keeps what was found, so that the
    next document is only looked at where it differs.
    """
    known, memo = known or Known(), memo or Memo()
    heard: dict[str, list[tuple[Item, ...]]] = defaultdict(list)
    for track in heard_tracks(document)[::-1]:
        if track.kind in MODALITIES:  # tweaks and locks are about the result
            heard[MODALITIES[track.kind].field].append(track.items)

    def items(*fields: str) -> list[Item]:
        return [item for field in fields for group in heard[field] for item in heard_items(group)]

    def found(name: str, fields: tuple[str, ...], look: Check, *facts: object) -> list[Problem]:
        seen = tuple(part for field in fields for part in (field, *heard[field]))
        return memo.of(name, (*seen, *facts), lambda: look(items(*fields)))

    checks = {modality.field: modality.check for modality in MODALITIES.values()}
    whole, fps, every = span or Span(0, document.length), document.fps, tuple(checks)
    problems = [problem for field, check in checks.items() for problem in found(field, (field,), check)]
    rest = b"" if known.rest is None else known.rest.tobytes()
    problems += found("bodies", _BODIES, lambda those: _of_bodies(holding.with_holds(those), fps, known), fps, rest)
    problems += found("holds", ("poses",), holding.taken_over)
    problems += found("under video", ("videos", "poses", "waypoints"), crossing.under_video)
    problems += found("crowds", ("texts",), crossing.crowded_prompts)
    problems += crossing.silent_by_solo(document)
    problems += crossing.music_without_beats(items("music"), known.beats)
    problems += crossing.long_spans(whole, fps)
    problems += found("open", every, lambda those: _open_spans(those, whole), whole.start, whole.stop)
    problems += tweaks.unchecked(document)
    chosen = [problem for problem in problems if span is None or problem.span.overlaps(span)]
    return sorted(chosen, key=lambda problem: (problem.span.start, problem.span.stop, problem.sentence))


NEAR = 300
"""Frames on each side of an edit in which its neighbours on the path are looked for (10 s at 30 fps)."""


def contradictions(document: Document, span: Span) -> list[str]:
    """What waypoints with frames in ``span`` ask for that cannot be, among themselves and with keys: sentences.

    Costs nothing that grows with the document, so it may be asked after every edit.
    """
    near = Span(max(span.start - NEAR, 0), span.stop + NEAR)
    tracks = [track for track in heard_tracks(document) if track.kind in _ROOTED]
    items = [item for track in tracks for item in heard_items(items_in(track, near))]
    waypoints = {item.id for item in items if isinstance(item, Waypoint)}
    roots = feasible.roots(holding.with_holds(items))
    found = [*_disagreements(roots), *feasible.sprints(roots, document.fps)]
    return [
        problem.sentence
        for problem in found
        if problem.severity is Severity.ERROR and problem.span.overlaps(span) and waypoints & set(problem.items)
    ]


def _of_bodies(every: list[Item], fps: int, known: Known) -> Iterator[Problem]:
    """What keys and waypoints ask of a body."""
    roots = feasible.roots(every)
    yield from _disagreements(roots)
    yield from feasible.sprints(roots, fps)
    yield from feasible.spins(roots, fps)
    yield from feasible.heights(every)
    yield from feasible.leaps(every, fps)
    yield from feasible.passes(every)
    yield from feasible.hurries(every, fps)
    yield from feasible.snaps(every, fps)
    if known.rest is not None:
        yield from feasible.reaches(every, known.rest)
        yield from standing.lifted(every, known.rest)


def _disagreements(roots: list[Root]) -> Iterator[Problem]:
    """Keys against waypoints of the same frame; keys among themselves are the matter of their own module."""
    for first, second in pairwise(roots):
        if first.frame != second.frame or first.is_key == second.is_key:
            continue
        parts = []
        if first.place is not None and second.place is not None and math.dist(first.place, second.place) > SAME_PLACE:
            parts.append("place")
        headings = first.heading(), second.heading()
        if None not in headings and turn_between(*headings) > SAME_HEADING:  # type: ignore[arg-type]
            parts.append("heading")
        if parts:
            yield Problem(
                Severity.ERROR,
                f"A key and a waypoint at frame {first.frame} disagree about the {' and '.join(parts)}.",
                Span(first.frame, first.frame + 1),
                (first.item, second.item),
                why="Both are met exactly where they can be; here only one can, and the motion jumps beside it.",
                advice="Move the waypoint to the key, or delete one of them.",
            )


def _open_spans(items: Iterable[Item], whole: Span) -> Iterator[Problem]:
    """Stretches where no clip speaks and that do not lie between two near keys."""
    covered: list[tuple[int, int]] = []
    frames: set[int] = set()
    for item in items:
        if isinstance(item, PoseKey | Waypoint):
            frames.add(item.frame)
            covered.append((item.frame, item.frame + 1 + (item.hold if isinstance(item, PoseKey) else 0)))
        else:
            covered.append((item.span.start, item.span.stop))
    covered += [(a, b + 1) for a, b in pairwise(sorted(frames)) if b - a <= LONGEST_INBETWEEN]
    reached = whole.start
    for begin, end in [*sorted(covered), (whole.stop, whole.stop + 1)]:
        start = min(begin, whole.stop)
        if start > reached:
            open_span = Span(reached, start)
            yield Problem(
                Severity.INFO,
                f"Nothing is set for frames {open_span.start} to {open_span.stop - 1}; the model moves freely there.",
                open_span,
                why="The hatching on the timeline shows where.",
                advice="Draw a text clip over it if you want something to happen there.",
            )
        reached = max(reached, end)
