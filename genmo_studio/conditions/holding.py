"""Holds among the other conditions: what they ask for beyond their key, and what lies inside them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.document.holds import ROOT, held_parts, held_poses, held_span
from genmo_studio.document.model import Item, PoseKey, Waypoint
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import JOINTS

MOST_HOLDS = 2000
"""Holds up to which what lies inside them is looked at."""

MOST_INSIDE = 200
"""Keys and waypoints inside one hold that are looked at; where there are more, the end of the hold is not."""


def keys_of(items: Iterable[Item]) -> list[PoseKey]:
    """The pose keys among items, by frame."""
    return sorted((item for item in items if isinstance(item, PoseKey)), key=lambda key: key.frame)


def with_holds(items: Sequence[Item]) -> list[Item]:
    """The items, and a key with the same id where a hold ends and wherever a waypoint or another key lies inside it.

    With these, checks that compare neighbours or what lies at one frame also see what is held.
    """
    keys = keys_of(items)
    holding = [key for key in keys if key.hold]
    if not holding or len(holding) > MOST_HOLDS:
        return list(items)
    marks = sorted({item.frame for item in items if isinstance(item, PoseKey | Waypoint)})
    by_key = {key.frame for key in keys}
    found: list[Item] = list(items)
    for key in holding:
        asked = held_span(key)
        first = bisect_right(marks, key.frame)
        stop = bisect_left(marks, asked.stop)
        inside = set(marks[first : min(stop, first + MOST_INSIDE)])
        before = {frame - 1 for frame in inside & by_key if frame - 1 > key.frame}  # where another key takes over
        end = {asked.stop - 1} if stop - first <= MOST_INSIDE else set()
        wanted = end | inside | before
        for frame in sorted(wanted):
            for at, left in held_poses(key, keys, Span(frame, frame + 1)):
                found.append(msgspec.structs.replace(left, frame=at, hold=0))
    return found


def taken_over(items: Iterable[Item]) -> Iterator[Problem]:
    """Keys inside the hold of another one, which say something else about what is held."""
    keys = keys_of(items)
    holding = [key for key in keys if key.hold]
    for key in holding if len(holding) <= MOST_HOLDS else ():
        stop = held_span(key).stop
        for other in keys[bisect_right(keys, key.frame, key=lambda k: k.frame) :]:
            if other.frame >= stop:
                break
            shared = held_parts(key) & held_parts(other)
            if shared and not _same(key, other, shared):
                yield _inside(key, other, shared, stop)
                break  # the first one tells; behind it the hold is another one


def _same(key: PoseKey, other: PoseKey, parts: frozenset[str]) -> bool:
    """True when both ask for the same of these parts, to the bit: a copy of the key inside its own hold."""
    return all(
        key.rotations.get(name) == other.rotations.get(name) and key.positions.get(name) == other.positions.get(name)
        for name in parts - {ROOT}
    ) and (ROOT not in parts or key.root_position == other.root_position)


def _inside(key: PoseKey, other: PoseKey, shared: frozenset[str], stop: int) -> Problem:
    whole = shared == held_parts(key)
    names = [name.replace("_", " ") for name in JOINTS if name in shared]
    words = "all of it" if whole else ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Problem(
        Severity.WARNING,
        f"The key at frame {other.frame} lies inside the hold of the key at frame {key.frame}, which lasts to frame "
        f"{stop - 1}.",
        Span(key.frame, stop),
        (key.id, other.id),
        why=f"The hold ends there for {words or 'the place of the pelvis'}, so the pose changes from one frame to the "
        "next.",
        advice=f"Shorten the hold to {max(0, other.frame - key.frame - 15)} frames or less, or move the second key "
        f"behind frame {stop - 1}.",
    )
