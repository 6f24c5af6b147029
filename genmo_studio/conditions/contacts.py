"""Foot contacts that the user set: planted or free, foot by foot."""

from collections.abc import Iterable, Iterator

from genmo_studio.conditions.modality import Gathered, Modality, Scope, only
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.request import ContactCondition
from genmo_studio.document.model import ContactClip, Foot, Item, TrackKind


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Contacts clipped to the scope, by time; where two disagree the later in track order holds."""
    conditions = []
    for clip in only(items, ContactClip):
        part = scope.local(clip.span)
        if part is not None:
            conditions.append(ContactCondition(part, clip.foot, planted=clip.planted, weight=clip.weight))
    return Gathered(tuple(conditions))


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """A foot that is planted and free at once."""
    clips = list(only(items, ContactClip))
    for foot in Foot:
        mine = sorted((clip for clip in clips if clip.foot is foot), key=lambda clip: (clip.span, clip.id))
        for index, first in enumerate(mine):
            for second in mine[index + 1 :]:
                both = first.span.intersection(second.span)
                if both is None:
                    break
                if first.planted is not second.planted:
                    yield Problem(
                        Severity.WARNING,
                        f"The {foot.value} foot is planted and free at once from frame {both.start} to "
                        f"{both.stop - 1}; the upper one is used.",
                        both,
                        (first.id, second.id),
                        why="A foot rests or it does not.",
                        advice="Trim or delete one of the two contacts.",
                    )


MODALITY = Modality(kind=TrackKind.CONTACTS, field="contacts", gather=gather, check=check)
