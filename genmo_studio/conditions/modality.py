"""What a modality is: how items of a kind of track become conditions, and what can be wrong with them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.request import MediaCondition
from genmo_studio.document.model import Item, MediaRef, MusicClip, TempoScale, TrackKind, VideoClip
from genmo_studio.document.queries import source_of
from genmo_studio.document.time import Span

Locate = Callable[[str], tuple[str, str]]
"""Media id -> (path, SHA-256 of the file). Raises LookupError or OSError when the file cannot be found."""

I = TypeVar("I")  # noqa: E741


class Scope(msgspec.Struct, frozen=True):
    """The frames that are compiled and how media are found."""

    span: Span
    media: Mapping[str, MediaRef]
    locate: Locate
    fps: int = 30

    def local(self, span: Span) -> Span | None:
        """The part of a span inside the scope, counted from the scope's start."""
        part = self.span.intersection(span)
        return part.shifted(-self.span.start) if part else None

    def local_frame(self, frame: int) -> int | None:
        """A frame counted from the scope's start, or None outside of it."""
        return frame - self.span.start if frame in self.span else None


class Gathered(msgspec.Struct, frozen=True):
    """Conditions of one modality and sentences about what could not be used."""

    conditions: tuple[Any, ...]
    notes: tuple[str, ...] = ()


class Modality(msgspec.Struct, frozen=True):
    """One row of the table in table.py."""

    kind: TrackKind
    field: str
    """The field of GenerationRequest that receives the conditions."""
    gather: Callable[[Iterable[Item], Scope], Gathered]
    """Heard items, in track order, to conditions."""
    check: Callable[[Iterable[Item]], Iterator[Problem]]
    """Problems among the heard items of all tracks of the kind."""


def only(items: Iterable[Item], kind: type[I]) -> Iterator[I]:
    """Items of one type."""
    return (item for item in items if isinstance(item, kind))


def gather_media(clips: Iterable[VideoClip | MusicClip], scope: Scope, *, what: str) -> Gathered:
    """Media clips clipped to the scope, their source following proportionally; missing files become notes."""
    conditions: list[MediaCondition] = []
    notes: list[str] = []
    for clip in clips:
        part = scope.span.intersection(clip.span)
        if part is None:
            continue
        try:
            path, sha256 = scope.locate(clip.media)
        except (LookupError, OSError):
            name = scope.media[clip.media].name if clip.media in scope.media else clip.media
            notes.append(
                f"The {what} “{name}” was not found, so frames {part.start} to {part.stop - 1} are made without it; "
                "relink it to use it."
            )
            continue
        conditions.append(
            MediaCondition(
                path=path,
                sha256=sha256,
                span=part.shifted(-scope.span.start),
                source=source_of(clip, part),
                weight=clip.weight,
                tempo=clip.tempo if isinstance(clip, MusicClip) else TempoScale.NORMAL,
            )
        )
    return Gathered(tuple(conditions), tuple(notes))


def overlaps(clips: Iterable[VideoClip | MusicClip], *, what: str) -> Iterator[Problem]:
    """A warning for each clip that begins before an earlier one of its kind ended: only one is used at a time."""
    last: VideoClip | MusicClip | None = None
    for clip in sorted(clips, key=lambda clip: (clip.span, clip.id)):
        both = last.span.intersection(clip.span) if last else None
        if last and both:
            yield Problem(
                Severity.WARNING,
                f"Two {what} clips overlap from frame {both.start} to {both.stop - 1}; only one is used there.",
                both,
                (last.id, clip.id),
                why="The clip of the upper track, or the later one, is followed.",
                advice="Trim one of them, or mute it.",
            )
        if last is None or clip.span.stop > last.span.stop:
            last = clip
