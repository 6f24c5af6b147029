"""Tweaks whose result below has changed since they were made: they still hold, but somebody should look."""

from collections.abc import Iterator

from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.result import heard_tweaks
from genmo_studio.document.model import Document
from genmo_studio.document.under import is_unchecked


def unchecked(document: Document) -> Iterator[Problem]:
    """Tweaks that were made for another result than the one below them now."""
    for tweak in heard_tweaks(document):
        if is_unchecked(document, tweak):
            yield Problem(
                Severity.WARNING,
                f"The motion under the tweak at frames {tweak.span.start} to {tweak.span.stop - 1} has changed since "
                "it was made.",
                tweak.span,
                (tweak.id,),
                why="It is still added on top, and may be too much or too little for the new motion.",
                advice="Look at it, then choose Accept Tweak, change it, or delete it.",
            )
