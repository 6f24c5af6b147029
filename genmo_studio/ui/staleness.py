"""Which shown takes no longer answer what the timeline asks for. No Qt, no files."""

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.modality import Locate
from genmo_studio.document.model import Document, Take
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span


class Staleness:
    """Compares takes with the timeline, and remembers what it learned about takes that do not say what they answer."""

    def __init__(self) -> None:
        self._learned: dict[tuple[str, str], str] = {}  # take id and request -> conditions

    def stale(self, document: Document, *, locate: Locate) -> frozenset[str]:
        """Ids of takes of the result whose span asks for something else now; takes of unknown origin are left out.

        ``locate`` must answer at once: no file is to be read for this.
        """
        found = set()
        for take_id, offset in {(piece.take, piece.offset) for piece in document.result}:
            take = find_take(document, take_id)
            if take is not None and self._is_stale(document, take, offset=offset, locate=locate):
                found.add(take_id)
        return frozenset(found)

    def _is_stale(self, document: Document, take: Take, *, offset: int, locate: Locate) -> bool:
        key = (take.id, take.request_hash)
        span = Span(take.span.start + offset, take.span.stop + offset)
        answered = take.conditions_hash or self._learned.get(key, "")
        if span.start < 0 or span.stop > document.length:
            return bool(answered)
        request = compile_request(document, locate=locate, span=span, mode=take.mode, seed=take.seed).request
        if not answered and request.hash == take.request_hash:
            # Takes of other programs only name the whole request; as long as it stands unchanged, it tells the rest.
            answered = self._learned[key] = request.conditions_hash
        return bool(answered) and request.conditions_hash != answered
