"""Edits of takes and of the result that is read from them. Takes themselves are immutable but for name and star."""

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, changed, grown
from genmo_studio.document.model import Document, ResultPiece, Take
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span
from genmo_studio.document.validation import MAX_NAME, piece_fault, take_fault


def _get_take(document: Document, take_id: str) -> Take:
    take = find_take(document, take_id)
    if take is None:
        raise EditError("This take is no longer in the project.")
    return take


def add_take(take: Take, *, place: bool = True, blend: int = 0) -> Edit:
    """Add a take and, when ``place``, show it in the result over its whole span."""

    def apply(document: Document) -> Document:
        fault = take_fault(take)
        if fault:
            raise EditError(f"The take cannot be added: {fault}.")
        if find_take(document, take.id):
            raise EditError("This take is already in the project.")
        added = changed(document, takes=(*document.takes, take))
        return splice_result(take.id, take.span, blend=blend)(added) if place else added

    return apply


def _with_take(document: Document, take: Take) -> Document:
    return changed(document, takes=tuple(take if other.id == take.id else other for other in document.takes))


def rename_take(take_id: str, name: str) -> Edit:
    """Give a take another name."""
    if len(name) > MAX_NAME:
        raise EditError(f"A name has at most {MAX_NAME:,} characters.")
    return lambda document: _with_take(document, msgspec.structs.replace(_get_take(document, take_id), name=name))


def set_favourite(take_id: str, *, favourite: bool) -> Edit:
    """Star a take or take the star away."""
    return lambda document: _with_take(
        document, msgspec.structs.replace(_get_take(document, take_id), favourite=favourite)
    )


def delete_take(take_id: str) -> Edit:
    """Remove a take and the pieces of the result that show it."""

    def apply(document: Document) -> Document:
        gone = _get_take(document, take_id)
        return changed(
            document,
            takes=tuple(take for take in document.takes if take is not gone),
            result=tuple(piece for piece in document.result if piece.take != take_id),
        )

    return apply


def cut_pieces(pieces: tuple[ResultPiece, ...], span: Span) -> tuple[ResultPiece, ...]:
    """The pieces without the frames of ``span``; what starts anew behind it starts without a blend."""
    kept: list[ResultPiece] = []
    for piece in pieces:
        if not piece.span.overlaps(span):
            kept.append(piece)
            continue
        if piece.span.start < span.start:
            kept.append(msgspec.structs.replace(piece, span=Span(piece.span.start, span.start)))
        if piece.span.stop > span.stop:
            kept.append(msgspec.structs.replace(piece, span=Span(span.stop, piece.span.stop), blend=0))
    return tuple(kept)


def splice_result(take_id: str, span: Span, *, blend: int = 0, offset: int = 0) -> Edit:
    """Show a take in ``span`` of the result instead of what was there, cross-faded over its first ``blend`` frames."""

    def apply(document: Document) -> Document:
        piece = ResultPiece(span=span, take=take_id, blend=blend, offset=offset)
        fault = piece_fault(piece, {take.id: take for take in document.takes})
        if fault:
            raise EditError(f"The result cannot show this: {fault}.")
        pieces = sorted((*cut_pieces(document.result, span), piece), key=lambda piece: piece.span)
        return grown(changed(document, result=tuple(pieces)), span.stop)

    return apply


def clear_result(span: Span) -> Edit:
    """Leave ``span`` of the result empty."""
    return lambda document: changed(document, result=cut_pieces(document.result, span))
