"""Which takes no longer answer what the timeline asks for. No Qt, no files."""

from msgspec.structs import replace

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.modality import Locate
from genmo_studio.conditions.record import is_whole, read_record
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.restricted import restricted
from genmo_studio.document.model import Document, Take
from genmo_studio.document.time import Span


class Staleness:
    """Compares takes with the timeline, and remembers what it learned about takes that do not say what they answer."""

    def __init__(self) -> None:
        self._learned: dict[tuple[str, str], str] = {}  # take id and request -> conditions
        self._records: dict[
            tuple[str, str], GenerationRequest | None
        ] = {}  # take id and request -> what it was made from

    def stale(self, document: Document, *, locate: Locate) -> frozenset[str]:
        """Ids of takes whose span asks for something else now; takes of unknown origin are left out.

        Of a take that the result shows in part, only that part counts: where another take answers the edit, this one
        is as good as it was.
        ``locate`` must answer at once: no file is to be read for this. Takes of one span cost one compilation.
        """
        offsets = {piece.take: piece.offset for piece in document.result}
        asked: dict[Span, GenerationRequest] = {}
        found = set()
        for take in document.takes:
            span = take.span.shifted(offsets.get(take.id, 0))
            if span.start < 0 or span.stop > document.length:
                if self._answered(take):
                    found.add(take.id)
                continue
            if span not in asked:
                asked[span] = compile_request(document, locate=locate, span=span).request
            if self._is_stale(take, asked[span]) and self._differs(take, document, asked[span]):
                found.add(take.id)
        return frozenset(found)

    def _differs(self, take: Take, document: Document, asked: GenerationRequest) -> bool:
        """Whether what is asked for has changed in the frames that are shown of a take; of all, where none are."""
        key = take.id, take.request_hash
        if key not in self._records:
            made = read_record(take.request)
            whole = made is not None and is_whole(made, request_hash=take.request_hash)
            self._records[key] = made if whole else None
        made = self._records[key]
        if made is None:
            return True
        anew = Span(0, made.frames) if made.regeneration is None else made.regeneration.span
        shown = [piece.span.shifted(-asked.start) for piece in document.result if piece.take == take.id] or [anew]
        parts = [part for span in shown if (part := span.intersection(anew)) is not None]
        return any(restricted(made, part).conditions_hash != restricted(asked, part).conditions_hash for part in parts)

    def _answered(self, take: Take) -> str:
        return take.conditions_hash or self._learned.get((take.id, take.request_hash), "")

    def _is_stale(self, take: Take, asked: GenerationRequest) -> bool:
        answered = self._answered(take)
        now = asked.conditions_hash
        if not answered and replace(asked, mode=take.mode, seed=take.seed).hash == take.request_hash:
            # Takes of other programs only name the whole request; as long as it stands unchanged, it tells the rest.
            answered = self._learned[take.id, take.request_hash] = now
        return bool(answered) and now != answered
