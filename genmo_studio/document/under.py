"""What lies below a tweak: a name for that part of the result, to tell when a tweak was made for something else.

The name is made of the takes that are read there and how, never of arrays, so it costs microseconds. It counts frames
from the tweak's own start: time that is inserted or removed before both changes nothing.
"""

import hashlib

import msgspec

from genmo_studio.document.model import Document, ResultPiece, Tweak
from genmo_studio.document.time import Span


def under_hash(document: Document, tweak: Tweak) -> str:
    """Names the result below a tweak's span: the same as long as the same poses are read there; "" without a result."""
    blobs = {take.id: (take.blob, take.span.start) for take in document.takes}
    pieces = sorted(document.result, key=lambda piece: piece.span)
    told = [
        _told(piece, tweak.span, *blobs[piece.take], blends=_blends(piece, tweak.span))
        for piece in _below(pieces, tweak.span)
        if piece.take in blobs
    ]
    if not told:
        return ""
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


def is_unchecked(document: Document, tweak: Tweak) -> bool:
    """True when a tweak was made for another result than the one below it now; unknown counts as checked."""
    return bool(tweak.under) and tweak.under != under_hash(document, tweak)


def _blends(piece: ResultPiece, span: Span) -> bool:
    """True when a piece's cross-fade from the one before is seen in the span."""
    return piece.blend > 0 and span.start < piece.span.start + piece.blend and piece.span.start < span.stop


def _below(pieces: list[ResultPiece], span: Span) -> list[ResultPiece]:
    """The pieces that are seen in the span, those that a cross-fade mixes in and one that is held there included."""
    seen = [index for index, piece in enumerate(pieces) if piece.span.overlaps(span)]
    before = [index for index, piece in enumerate(pieces) if piece.span.stop <= span.start]
    if before and (not seen or pieces[seen[0]].span.start > span.start):
        seen.insert(0, before[-1])  # its last pose is held in the gap
    while seen and seen[0] > 0 and _blends(pieces[seen[0]], span):
        seen.insert(0, seen[0] - 1)
    return [pieces[index] for index in seen]


def _told(piece: ResultPiece, span: Span, blob: str, first: int, *, blends: bool) -> list[object]:
    """A piece as far as it decides what is seen in the span."""
    here = piece.span.intersection(span) or Span(piece.span.stop - 1, piece.span.stop)
    return [
        blob,
        here.start - piece.offset - first,  # frame of the take's motion
        here.start - span.start,
        here.length if here.overlaps(span) else 0,
        [piece.blend, piece.span.start - span.start] if blends else [],
        piece.anchors,
    ]
