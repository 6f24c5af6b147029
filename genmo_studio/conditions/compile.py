"""The compile step: from what the user made to what the model is told. Pure but for ``locate``.

Muted tracks, tracks that are not solo while another is, muted items and items of weight 0 say nothing; hidden tracks
do. Tracks are read from the bottom up, so where only one condition can hold at a frame the last one in the request,
the upper track's, wins.
"""

from typing import Any

import msgspec

from genmo_studio.conditions.modality import Locate, Scope
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.table import MODALITIES
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.queries import heard_items, heard_tracks
from genmo_studio.document.time import Span


class Compiled(msgspec.Struct, frozen=True):
    """A request and sentences about what could not be used."""

    request: GenerationRequest
    notes: tuple[str, ...] = ()


def compile_request(
    document: Document,
    *,
    locate: Locate,
    mode: TakeMode = TakeMode.FULL,
    span: Span | None = None,
    seed: int | None = None,
    model: str | None = None,
    steps: int | None = None,
    guidance: float | None = None,
) -> Compiled:
    """The request for ``span`` (default: the whole project); settings that are not given come from the document.

    ``locate`` maps a media id to (path, SHA-256) and raises LookupError or OSError when the file is missing: that
    clip is left out and a note says so. ValueError for a span without frames or before frame 0.
    """
    whole = span or Span(0, document.length)
    if whole.start < 0 or whole.length < 1:
        raise ValueError(f"There are no frames to generate in {whole.start}:{whole.stop}.")
    scope = Scope(whole, {media.id: media for media in document.media}, locate, document.fps)
    fields: dict[str, Any] = {}
    notes: list[str] = []
    heard = [track for track in heard_tracks(document)[::-1] if track.kind in MODALITIES]
    for field in dict.fromkeys(modality.field for modality in MODALITIES.values()):
        tracks = [track for track in heard if MODALITIES[track.kind].field == field]
        if not tracks:
            continue
        items = [item for track in tracks for item in heard_items(track.items)]
        gathered = MODALITIES[tracks[0].kind].gather(items, scope)
        fields[field] = gathered.conditions
        notes += gathered.notes
    settings = document.generation
    request = GenerationRequest(
        frames=whole.length,
        fps=document.fps,
        start=whole.start,
        body=document.body,
        model=settings.model if model is None else model,
        mode=mode,
        seed=settings.seed if seed is None else seed,
        steps=settings.steps if steps is None else steps,
        guidance=settings.guidance if guidance is None else guidance,
        foot_lock=settings.foot_lock,
        **fields,
    )
    return Compiled(request, tuple(notes))
