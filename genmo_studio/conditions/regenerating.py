"""From what the user asks to be made anew to a request with the motion that it starts from. Pure.

The request covers the span and what the model sees around it; the rest of a long motion costs nothing. What it starts
from is the present result without its tweaks.
"""

import hashlib
from typing import NamedTuple

import msgspec

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.locks import kept_regions
from genmo_studio.conditions.modality import Locate
from genmo_studio.conditions.regeneration import made_anew, regeneration_window
from genmo_studio.conditions.request import GenerationRequest, Loop, Regeneration
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.edits.takes import shown_span
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion

BLEND = 8
"""Frames at each end of a span that lead from the known motion into the new one, unless another number is asked for."""


class NotRegenerableError(ValueError):
    """Why something cannot be made anew: one sentence."""


class Anew(msgspec.Struct, frozen=True):
    """What of the result is made anew."""

    span: Span
    """Timeline frames."""
    regions: tuple[str, ...] = ("full",)
    """motion.skeleton.REGIONS"""
    blend: int = BLEND
    loop: Loop | None = None


class Prepared(msgspec.Struct, frozen=True):
    """A request and what it starts from."""

    request: GenerationRequest
    base: bytes
    """``Motion.to_bytes()``"""
    notes: tuple[str, ...] = ()


def stretch_around(shown: ShownMotion | None, span: Span, *, length: int) -> Span:
    """The frames around a span that the result covers without a gap, inside of ``length`` frames.

    NotRegenerableError when it does not cover the whole span.
    """
    if span.length < 1:
        raise NotRegenerableError("There is no frame in this range; choose one frame at least.")
    whole = Span(0, length)
    for stretch in covered_stretches(shown):
        inside = stretch.intersection(whole)
        if inside is not None and inside.start <= span.start and span.stop <= inside.stop:
            return inside
    where = f"frame {span.start}" if span.length == 1 else f"frames {span.start} to {span.stop - 1}"
    raise NotRegenerableError(f"There is no motion in all of {where} that could be made anew; generate there first.")


def covered_stretches(shown: ShownMotion | None) -> list[Span]:
    """Spans that the result covers, those that touch as one."""
    found: list[Span] = []
    for span in () if shown is None else sorted(shown.covered):
        if found and span.start <= found[-1].stop:
            found[-1] = Span(found[-1].start, max(found[-1].stop, span.stop))
        else:
            found.append(span)
    return found


def sliced_result(shown: ShownMotion, window: Span) -> Motion:
    """Frames of the result."""
    return shown.motion.sliced(window.start - shown.start, window.stop - shown.start)


def why_not(document: Document, shown: ShownMotion | None, anew: Anew) -> str:
    """Why a part of the result cannot be made anew, in one sentence; empty when it can. Costs microseconds."""
    try:
        stretch_around(shown, anew.span, length=document.length)
        _something(document, anew)
    except NotRegenerableError as error:
        return str(error)
    return ""


class Base(NamedTuple):
    """A known motion as it is handed over."""

    data: bytes
    """``Motion.to_bytes()``"""
    digest: str
    """SHA-256"""


def base_of(shown: ShownMotion, window: Span) -> Base:
    """The frames of a result that a regeneration in ``window`` starts from."""
    data = sliced_result(shown, window).to_bytes()
    return Base(data, hashlib.sha256(data).hexdigest())


def _something(document: Document, anew: Anew) -> None:
    """NotRegenerableError when locks keep all that should be made anew."""
    kept = kept_regions(document, anew.span, start=anew.span.start)
    local = Regeneration(base="", span=Span(0, anew.span.length), regions=anew.regions, kept=kept)
    if not made_anew(local, anew.span.length).any():
        raise NotRegenerableError(
            "Locks keep everything that should be made anew here; mute or shorten a lock, or choose another range."
        )


def prepare(
    document: Document,
    shown: ShownMotion | None,
    anew: Anew,
    *,
    locate: Locate,
    mode: TakeMode = TakeMode.FULL,
    seed: int | None = None,
    window: Span | None = None,
    known_base: Base | None = None,
) -> Prepared:
    """The request that makes ``anew`` of the result ``shown`` (without tweaks).

    ``window`` overrides how much of the motion the model sees; ``known_base`` is ``base_of`` that window, if it is
    known already. NotRegenerableError when the result does not reach over
    the span, or locks keep all that was asked for; ValueError for a region that is none.
    """
    stretch = stretch_around(shown, anew.span, length=document.length)
    assert shown is not None
    if window is None:
        seen = regeneration_window(stretch.length, anew.span.shifted(-stretch.start)).shifted(stretch.start)
        put = shown_span(document, anew.span)  # the take is shown there
        window = Span(seen.start, min(max(seen.stop, put.stop), stretch.stop))
    base = known_base or base_of(shown, window)
    regeneration = Regeneration(
        base=base.digest,
        span=anew.span.shifted(-window.start),
        regions=anew.regions,
        blend=anew.blend,
        kept=kept_regions(document, anew.span, start=window.start),
        loop=anew.loop,
    )
    _something(document, anew)
    compiled = compile_request(document, locate=locate, mode=mode, span=window, seed=seed)
    return Prepared(msgspec.structs.replace(compiled.request, regeneration=regeneration), base.data, compiled.notes)


def still_asked(document: Document, shown: ShownMotion | None, request: GenerationRequest) -> bool:
    """True while the known motion and the locks of a regeneration are what they were when it was asked for."""
    asked = request.regeneration
    if asked is None:
        return True
    window, span = Span(request.start, request.start + request.frames), asked.span.shifted(request.start)
    if shown is None or window.start < shown.span.start or window.stop > shown.span.stop:
        return False
    same = base_of(shown, window).digest == asked.base
    return same and kept_regions(document, span, start=window.start) == asked.kept
