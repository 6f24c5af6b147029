"""Conditions of different kinds in each other's way, tracks that are silent, and spans that are too long."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

from genmo_studio.conditions import limits
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.document.model import Document, Item, MusicClip, PoseKey, TextClip, VideoClip, Waypoint
from genmo_studio.document.queries import heard_tracks
from genmo_studio.document.time import Span

Beats = Callable[[str], Sequence[float] | None]
"""Media id -> beats in source frames; None while nobody has listened to it."""


def under_video(items: Iterable[Item]) -> Iterator[Problem]:
    """Keys and waypoints inside of video clips: they win, and what that does to the motion."""
    every = list(items)
    keys = sorted((item.frame, item.id) for item in every if isinstance(item, PoseKey | Waypoint))
    for clip in every:
        if not isinstance(clip, VideoClip):
            continue
        inside = keys[bisect_left(keys, (clip.span.start, "")) : bisect_left(keys, (clip.span.stop, ""))]
        if not inside:
            continue
        many = len(inside) > 1
        yield Problem(
            Severity.INFO,
            f"{len(inside)} {'keys lie' if many else 'key lies'} inside the video from frame {clip.span.start} to "
            f"{clip.span.stop - 1}; {'they win' if many else 'it wins'} over the video.",
            Span(inside[0][0], inside[-1][0] + 1),
            (clip.id, *(name for _, name in inside[:20])),
            why="Keys and waypoints are met exactly, a video is followed: around a key that disagrees the motion "
            "leaves the video.",
            advice="Key what the video does not show, or lower the weight of one of them.",
        )


def crowded_prompts(items: Iterable[Item]) -> Iterator[Problem]:
    """Frames where more prompts speak than the model was trained on."""
    clips = [item for item in items if isinstance(item, TextClip) and item.text.strip()]
    edges = sorted({clip.span.start for clip in clips} | {clip.span.stop for clip in clips})
    ordered = sorted(clips, key=lambda clip: clip.span)
    open_clips: list[TextClip] = []
    upcoming = 0
    begun: tuple[int, frozenset[str]] | None = None
    for edge in edges:
        open_clips = [clip for clip in open_clips if clip.span.stop > edge]
        while upcoming < len(ordered) and ordered[upcoming].span.start <= edge:
            open_clips.append(ordered[upcoming])
            upcoming += 1
        names = frozenset(clip.id for clip in open_clips)
        if begun is not None and names != begun[1]:
            yield _crowd(Span(begun[0], edge), begun[1])
            begun = None
        if begun is None and len(names) > limits.MOST_PROMPTS:
            begun = edge, names


def _crowd(span: Span, names: frozenset[str]) -> Problem:
    return Problem(
        Severity.WARNING,
        f"{len(names)} texts speak at once from frame {span.start} to {span.stop - 1}.",
        span,
        tuple(sorted(names)),
        why="The model blends two neighbours; of more it makes a mixture that does none of them well.",
        advice="Leave two of them there, or say both things in one text.",
    )


def silent_by_solo(document: Document) -> Iterator[Problem]:
    """Tracks with items that are not heard because another is solo."""
    solo = [track.name for track in document.tracks if track.solo]
    heard = {track.id for track in heard_tracks(document)}
    silent = [track for track in document.tracks if solo and track.items and not track.muted and track.id not in heard]
    if silent:
        names = ", ".join(f"“{track.name}”" for track in silent)
        one = len(silent) == 1
        yield Problem(
            Severity.INFO,
            f"{names} {'says' if one else 'say'} nothing, because “{solo[0]}” is solo.",
            Span(0, document.length),
            why="The next take is made as if there were nothing on " + ("it." if one else "them."),
            advice="Click the S of the solo track to hear the others again.",
        )


def music_without_beats(items: Iterable[Item], beats: Beats) -> Iterator[Problem]:
    """Music clips in which no beat was found; those that nobody has listened to yet are left alone."""
    for clip in items:
        found = beats(clip.media) if isinstance(clip, MusicClip) else None
        if found is None or not isinstance(clip, MusicClip):
            continue
        if not any(clip.source.start <= beat < clip.source.stop for beat in found):
            yield Problem(
                Severity.WARNING,
                f"No beat was found in the music from frame {clip.span.start} to {clip.span.stop - 1}.",
                clip.span,
                (clip.id,),
                why="A dance to it will not keep time, and clips cannot snap to it.",
                advice="Show another part of the music, or say in a text how the dance moves.",
            )


def long_spans(whole: Span, fps: int) -> Iterator[Problem]:
    """Generations that take very long, or that are refused."""
    if whole.length > limits.MAX_FRAMES:
        yield Problem(
            Severity.ERROR,
            f"{whole.length:,} frames are more than one generation may have ({limits.MAX_FRAMES:,}).",
            whole,
            why="It would be refused.",
            advice="Mark a part with I and O and make the motion piece by piece.",
        )
    elif whole.length > limits.LONG_SECONDS * fps:
        yield Problem(
            Severity.INFO,
            f"The next take is {whole.length / fps:.0f} s long and will need a while.",
            whole,
            why="Time and memory grow with the length.",
            advice="Mark a part with I and O to try settings, or press Draft to judge the timing.",
        )
