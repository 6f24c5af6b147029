"""Two takes, or the result and a take, seen in turn at the same frame. No Qt; the document is never touched.

A side is the id of a take, or empty for the result as it is. A take is shown as the result would be if it were put
there over its whole span, so that what is seen is what "Keep" gives.
"""

import msgspec

from genmo_studio.conditions.result import ShownMotion, TakeReader, assemble_result
from genmo_studio.document.edits import EditError, splice_take
from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.document.queries import find_take
from genmo_studio.ui.splice import span_now, take_offset

RESULT = ""
"""The side that is the result as it is."""


class Pair(msgspec.Struct, frozen=True):
    """What is compared and which of the two is on show."""

    a: str
    b: str
    on_b: bool = False

    @property
    def showing(self) -> str:
        """The side on show."""
        return self.b if self.on_b else self.a

    def switched(self, *, on_b: bool | None = None) -> "Pair":
        """The other side on show, or the one that is asked for."""
        return Pair(self.a, self.b, not self.on_b if on_b is None else on_b)


def only_take(document: Document) -> str:
    """The take that the result consists of; empty when there is none or there are several."""
    used = {piece.take for piece in document.result}
    return used.pop() if len(used) == 1 and len(document.result) == 1 else ""


def pair_of(document: Document, chosen: tuple[str, ...]) -> Pair | None:
    """What to compare, given what is chosen: two takes, or one with the result, or the result with its newest rival.

    A is what is in the result already. None when there are no two things to compare.
    """
    used = {piece.take for piece in document.result}
    known = {take.id for take in document.takes}
    rivals = [take_id for take_id in chosen if take_id in known]
    if len(rivals) >= 2:
        first, second = rivals[:2]
        if second in used and first not in used:
            first, second = second, first
        return Pair(first, second, on_b=True)
    if not document.result:
        newest = [take.id for take in reversed(document.takes)]
        return Pair(newest[1], newest[0], on_b=True) if len(newest) > 1 else None
    if not rivals or rivals[0] == only_take(document):
        rivals = [take.id for take in reversed(document.takes) if take.id not in used]
    return Pair(RESULT, rivals[0], on_b=True) if rivals else None


def seen(document: Document, side: str, read_take: TakeReader) -> ShownMotion | None:
    """What a side looks like; None when its take is gone."""
    take = find_take(document, side)
    if side == RESULT or take is None:
        return assemble_result(document, read_take) if side == RESULT else None
    try:
        tried = splice_take(side, span_now(document, take), offset=take_offset(document, side))(document)
    except EditError:
        return None
    return assemble_result(tried, read_take)


def side_name(document: Document, side: str) -> str:
    """What to call a side."""
    if side == RESULT:
        only = find_take(document, only_take(document))
        return "Result" if only is None else only.name
    take = find_take(document, side)
    return "" if take is None else take.name


def title(document: Document, pair: Pair, *, key: str) -> str:
    """The writing over the picture: which side one sees and how to see the other."""
    letter, other = ("B", "A") if pair.on_b else ("A", "B")
    take = find_take(document, pair.showing)
    how = f"  ·  {_how(take)}" if take is not None else ""
    hint = f"     {key}: see {other}" if key else ""
    return f"{letter}   {side_name(document, pair.showing)}{how}{hint}"


def _how(take: Take) -> str:
    return f"{'draft' if take.mode is TakeMode.DRAFT else 'full'}  ·  seed {take.seed}"
