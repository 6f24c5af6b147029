"""What the timeline asks for now that it did not ask for when a take was made, in sentences. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

import msgspec

from genmo_studio.conditions.request import (
    GenerationRequest,
    MediaCondition,
    PoseCondition,
    TextCondition,
    WaypointCondition,
)
from genmo_studio.document.time import Span

MAX_QUOTED = 60


def conditions_told(request: GenerationRequest) -> tuple[tuple[str, str], ...]:
    """What a take was made from: (kind, words) of every clip and of all keys of a kind together."""
    at = request.start
    told = [("Text", f"“{_short(text.text)}” {_frames(text.span, at)}") for text in request.texts]
    told += [("Video", f"{_file(video)} {_frames(video.span, at)}") for video in request.videos]
    told += [("Music", f"{_file(music)} {_frames(music.span, at)}") for music in request.music]
    full = [pose.frame for pose in request.poses if pose.rotations and not pose.positions]
    part = [pose.frame for pose in request.poses if pose.positions or not pose.rotations]
    for label, frames in (
        ("Pose keys", full),
        ("Limb keys", part),
        ("Waypoints", [point.frame for point in request.waypoints]),
    ):
        if frames:
            told.append((label, _listed(sorted(frame + at for frame in frames))))
    return tuple(told)


def changes(then: GenerationRequest, now: GenerationRequest) -> tuple[str, ...]:
    """One sentence for everything that is different: texts, media, keys and path, body."""
    found = _clips("Text", then.texts, now.texts, at=then.start, name=_text_name)
    found += _clips("Video", then.videos, now.videos, at=then.start, name=_file)
    found += _clips("Music", then.music, now.music, at=then.start, name=_file)
    found += _keys("Pose key", then.poses, now.poses, at=then.start)
    found += _keys("Waypoint", then.waypoints, now.waypoints, at=then.start)
    if then.frames != now.frames:
        found.append(f"The span has {now.frames} frames now, it had {then.frames}.")
    if then.body != now.body:
        found.append("The body is another one.")
    return tuple(found)


def _bare(condition: Any) -> Any:
    """Without what does not decide the motion: where a file lies."""
    return msgspec.structs.replace(condition, path="") if isinstance(condition, MediaCondition) else condition


def _clips(kind: str, then: Sequence[Any], now: Sequence[Any], *, at: int, name: Callable[[Any], str]) -> list[str]:
    """Clips that are the same are crossed out; what is left is paired by its words, then by its place."""
    gone, new = _uncommon(then, now)
    found: list[str] = []
    for by_name in (True, False):
        for old in list(gone):
            match = next(
                (clip for clip in new if (name(clip) == name(old) if by_name else clip.span.overlaps(old.span))), None
            )
            if match is not None:
                gone.remove(old)
                new.remove(match)
                found.append(_changed_clip(kind, old, match, at=at, name=name))
    found += [f"{kind} {name(old)} {_frames(old.span, at)} is gone." for old in gone]
    found += [f"{kind} {name(clip)} {_frames(clip.span, at)} is new." for clip in new]
    return found


def _uncommon(then: Sequence[Any], now: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What only one side has. Conditions hold dictionaries, so they are told apart by their JSON."""
    left = [(msgspec.json.encode(_bare(c), order="deterministic"), c) for c in then]
    right = [(msgspec.json.encode(_bare(c), order="deterministic"), c) for c in now]
    return _without(left, right), _without(right, left)


def _without(mine: list[tuple[bytes, Any]], other: list[tuple[bytes, Any]]) -> list[Any]:
    spare = Counter(key for key, _ in other)
    rest = []
    for key, condition in mine:
        if spare[key]:
            spare[key] -= 1
        else:
            rest.append(condition)
    return rest


def _changed_clip(kind: str, old: Any, new: Any, *, at: int, name: Callable[[Any], str]) -> str:
    if name(old) != name(new):
        return f"{kind} {name(old)} is {name(new)} now."
    if old.span != new.span:
        return f"{kind} {name(old)} was at {_frames(old.span, at)[1:-1]}, it is at {_frames(new.span, at)[1:-1]} now."
    if old.weight != new.weight:
        return f"{kind} {name(old)} has a weight of {new.weight:g}, it had {old.weight:g}."
    if isinstance(old, MediaCondition) and old.sha256 != new.sha256:
        return f"{kind} {name(old)} is another file of the same name."
    return f"{kind} {name(old)} shows another part of its file, or another tempo."


def _keys(
    kind: str,
    then: Sequence[PoseCondition | WaypointCondition],
    now: Sequence[PoseCondition | WaypointCondition],
    *,
    at: int,
) -> list[str]:
    gone, new = _uncommon(then, now)
    before, after = {key.frame + at for key in gone}, {key.frame + at for key in new}
    found = []
    for frames, what in (
        (before & after, ("was changed", "were changed")),
        (before - after, ("is gone", "are gone")),
        (after - before, ("is new", "are new")),
    ):
        if frames:
            many = len(frames) > 1
            found.append(f"{kind}{'s' if many else ''} at {_listed(sorted(frames))} {what[many]}.")
    return found


def _text_name(text: TextCondition) -> str:
    return f"“{_short(text.text)}”"


def _file(medium: MediaCondition) -> str:
    return _short(PurePath(medium.path).name or medium.sha256[:12])


def _short(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"


def _frames(span: Span, at: int) -> str:
    """ "(frames 10 to 59)" on the timeline."""
    return f"(frames {span.start + at} to {span.stop - 1 + at})"


def _listed(frames: Sequence[int]) -> str:
    """ "frames 0, 45 and 89", shortened when there are many."""
    if len(frames) == 1:
        return f"frame {frames[0]}"
    if len(frames) > 6:
        return f"{len(frames)} frames from {frames[0]} to {frames[-1]}"
    return f"frames {', '.join(map(str, frames[:-1]))} and {frames[-1]}"
