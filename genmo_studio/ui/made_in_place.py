"""A take without travel, made of the result in the window's own process: nothing is generated. No Qt."""

import hashlib

from msgspec.structs import replace

from genmo_studio.conditions.regenerating import sliced_result, stretch_around
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.model import Document, Take
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span
from genmo_studio.motion.in_place import in_place


def made_in_place(document: Document, shown: ShownMotion | None, span: Span) -> tuple[Take, bytes]:
    """The take that takes the travel out of a span of the result, and its motion; it goes on to the end of what is
    covered there, from where the span leaves off. NotRegenerableError where the result does not cover the span."""
    stretch = stretch_around(shown, span, length=document.length)
    assert shown is not None
    window = Span(span.start, stretch.stop)
    data = in_place(sliced_result(shown, window), span.shifted(-window.start)).to_bytes()
    blob = hashlib.sha256(data).hexdigest()
    take = Take(id=edits.new_id(), name="In place", span=window, blob=blob, request_hash="", seed=0, model="in place")
    piece = next((piece for piece in document.result if span.start in piece.span), None)
    source = None if piece is None else find_take(document, piece.take)
    if source is not None:
        take = replace(take, name=f"{source.name} in place", seed=source.seed, model=source.model)
    return take, data


def shown_in_place(take: Take) -> Edit:
    """Add the take and show it."""
    return edits.compose(edits.add_take(take, place=False), edits.show_regenerated(take.id, take.span))
