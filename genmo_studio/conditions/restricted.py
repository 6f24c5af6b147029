"""What a request asks for in some of its frames: to tell whether an edit touches the part of a take that is shown."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from genmo_studio.conditions.request import ContactCondition, GenerationRequest, MediaCondition, TextCondition
from genmo_studio.document.time import Span

Spanned = TypeVar("Spanned", TextCondition, ContactCondition)


def restricted(request: GenerationRequest, span: Span) -> GenerationRequest:
    """The conditions in ``span`` (frames of the request), as a request of its own for comparison.

    Texts and contacts are cut to the span. Media that reach into it stay whole: how much of them lies outside cannot be
    told apart from how they are shown inside.
    """
    return msgspec.structs.replace(
        request,
        frames=span.length,
        texts=_cut(request.texts, span),
        contacts=_cut(request.contacts, span),
        videos=_reaching(request.videos, span),
        music=_reaching(request.music, span),
        poses=tuple(
            msgspec.structs.replace(pose, frame=pose.frame - span.start) for pose in request.poses if pose.frame in span
        ),
        waypoints=tuple(
            msgspec.structs.replace(point, frame=point.frame - span.start)
            for point in request.waypoints
            if point.frame in span
        ),
        regeneration=None,
    )


def _cut(conditions: Iterable[Spanned], span: Span) -> tuple[Spanned, ...]:
    parts = ((condition, condition.span.intersection(span)) for condition in conditions)
    return tuple(
        msgspec.structs.replace(condition, span=part.shifted(-span.start))
        for condition, part in parts
        if part is not None
    )


def _reaching(media: Iterable[MediaCondition], span: Span) -> tuple[MediaCondition, ...]:
    return tuple(
        msgspec.structs.replace(medium, span=medium.span.shifted(-span.start))
        for medium in media
        if medium.span.overlaps(span)
    )
