"""Text: prompts with the window of frames they speak for. Windows may overlap."""

from collections.abc import Iterable, Iterator

from genmo_studio.conditions.modality import Gathered, Modality, Scope, only
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.request import TextCondition
from genmo_studio.document.model import Item, TextClip, TrackKind

SHORTEST = 10
"""Frames below which a prompt has no room to become a movement (a third of a second at 30 fps)."""


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Prompts that reach into the scope, ordered by window; empty ones say nothing and are left out."""
    conditions = []
    for clip in only(items, TextClip):
        window = scope.local(clip.span)
        if window and clip.text.strip():
            conditions.append(TextCondition(text=clip.text.strip(), span=window, weight=clip.weight))
    return Gathered(tuple(sorted(conditions, key=lambda text: (text.span, text.text, text.weight))))


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """Prompts that are empty or have no room."""
    for clip in only(items, TextClip):
        if not clip.text.strip():
            yield Problem(Severity.INFO, "This text is empty and says nothing.", clip.span, (clip.id,))
        elif clip.span.length < SHORTEST:
            yield Problem(
                Severity.WARNING,
                f"“{clip.text.strip()[:60]}” has only {clip.span.length} frames; give it {SHORTEST} or more.",
                clip.span,
                (clip.id,),
            )


MODALITY = Modality(kind=TrackKind.TEXT, field="texts", gather=gather, check=check)
