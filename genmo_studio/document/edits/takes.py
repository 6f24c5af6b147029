"""Edits of takes and of the result that is read from them. Takes themselves are immutable but for name and star."""

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, changed, grown
from genmo_studio.document.model import Anchor, Document, ResultPiece, Take
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


def splice_take(take_id: str, span: Span, *, blend: int = 0, offset: int = 0, anchors: tuple[Anchor, ...] = ()) -> Edit:
    """Show a take in ``span`` of the result, cross-faded with what goes on before and after it.

    Both fades (of up to ``blend`` frames) lie inside the span: at its end the former result comes back before the span
    is over, so that no frame outside of it changes. The one exception is a cross-fade of the former result that the
    span cuts in two; the rest of it is faded anew. Nothing is faded where the result has nothing to fade with.
    """

    def apply(document: Document) -> Document:
        width = min(blend, span.length // 2)
        former = document.result
        leads = any(span.start - 1 in piece.span for piece in former)
        back = min(width, _run_before(former, span.stop)) if any(span.stop in piece.span for piece in former) else 0
        shown = Span(span.start, span.stop - back)
        piece = ResultPiece(span=shown, take=take_id, blend=width if leads else 0, offset=offset, anchors=anchors)
        whole = msgspec.structs.replace(piece, span=span)
        fault = piece_fault(whole, {take.id: take for take in document.takes})
        if fault:
            raise EditError(f"The result cannot show this: {fault}.")
        ends = {old.span.stop: old.span.start + old.blend for old in former if shown.stop - 1 in old.span}
        rest = (
            _faded_back(kept, span, zone=ends.get(kept.span.stop, 0)) if back else kept
            for kept in cut_pieces(former, shown)
        )
        pieces = _joined(sorted((*rest, piece), key=lambda piece: piece.span), span)
        return grown(changed(document, result=pieces), span.stop)

    return apply


def show_regenerated(take_id: str, span: Span) -> Edit:
    """Show a take whose frames in ``span`` were made anew from the present result, and change no other frame of it.

    The take holds the frames around the span as they are. So that the result stays bit-identical there, it is shown
    without a cross-fade and, where a cross-fade follows, until that is over (``shown_span``).
    """

    def apply(document: Document) -> Document:
        _get_take(document, take_id)
        shown = shown_span(document, span)
        piece = ResultPiece(span=shown, take=take_id)
        fault = piece_fault(piece, {take.id: take for take in document.takes})
        if fault:
            raise EditError(f"The result cannot show this: {fault}.")
        rest = (
            # nothing was faded across the gap before it, and nothing shall be now
            msgspec.structs.replace(kept, blend=0) if kept.blend and kept.span.start == shown.stop else kept
            for kept in cut_pieces(document.result, shown)
        )
        pieces = tuple(sorted((*rest, piece), key=lambda piece: piece.span))
        return grown(changed(document, result=pieces), shown.stop)

    return apply


def shown_span(document: Document, span: Span) -> Span:
    """The frames in which a regeneration of ``span`` has to be shown so that none outside of the span changes.

    A cross-fade of the result that begins at the end of the span or reaches over it needs what was there before it: the
    new take, which has those frames as they are, is shown until the fade is over. (Frames that no piece covers hold the
    last pose before them, as ever.)
    """
    stop, last = span.stop, span
    for piece in sorted(document.result, key=lambda piece: piece.span):
        touches = last is not span and last.stop == piece.span.start
        if not touches and last is not span:
            stop = min(stop, max(last.stop, span.stop))  # a cross-fade ends with the frames that there are
        if piece.span.start > stop:
            return Span(span.start, stop)
        if touches:
            stop = max(stop, piece.span.start + piece.blend)
        last = piece.span
    return Span(span.start, min(stop, max(last.stop, span.stop)))


def _run_before(pieces: tuple[ResultPiece, ...], stop: int) -> int:
    """How many frames right before ``stop`` are covered without a gap."""
    start = stop
    for piece in reversed(pieces):
        if piece.span.stop >= start > piece.span.start:
            start = piece.span.start
    return stop - start


def _faded_back(piece: ResultPiece, span: Span, *, zone: int) -> ResultPiece:
    """A piece of the former result that begins inside the span: it is faded in until the span is over.

    ``zone`` is where its own fade ended before it was cut; that is not faded in a shorter time than it was.
    """
    if not span.start <= piece.span.start < span.stop:
        return piece
    blend = max(piece.blend, span.stop - piece.span.start, zone - piece.span.start)
    return msgspec.structs.replace(piece, blend=blend)


def _joined(pieces: list[ResultPiece], span: Span) -> tuple[ResultPiece, ...]:
    """Neighbours that show the same take in the same way as one piece, where they meet within the span."""
    joined: list[ResultPiece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        here = last is not None and last.span.stop == piece.span.start and span.start <= piece.span.start <= span.stop
        if last is not None and here and _way(last) == _way(piece):
            joined[-1] = msgspec.structs.replace(last, span=Span(last.span.start, piece.span.stop))
        else:
            joined.append(piece)
    return tuple(joined)


def _way(piece: ResultPiece) -> tuple[str, int, tuple[Anchor, ...]]:
    return piece.take, piece.offset, piece.anchors


def set_blend(start: int, blend: int) -> Edit:
    """Cross-fade the piece of the result that begins at frame ``start`` over its first ``blend`` frames."""

    def apply(document: Document) -> Document:
        piece = next((piece for piece in document.result if piece.span.start == start), None)
        if piece is None:
            raise EditError("This part of the result is no longer there.")
        new = msgspec.structs.replace(piece, blend=max(0, min(blend, piece.span.length)))
        return changed(document, result=tuple(new if old is piece else old for old in document.result))

    return apply


def delete_unused_takes() -> Edit:
    """Remove all takes that the result does not show and that have no star."""

    def apply(document: Document) -> Document:
        used = {piece.take for piece in document.result}
        kept = tuple(take for take in document.takes if take.id in used or take.favourite)
        if len(kept) == len(document.takes):
            raise EditError("Every take is in the result or a favourite.")
        return changed(document, takes=kept)

    return apply
