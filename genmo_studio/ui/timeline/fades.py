"""Where clips of one row share their time: which part of which clip gives way to another. Pure."""

from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from genmo_studio.ui.timeline.layout import Row
from genmo_studio.ui.timeline.view import Rect


class FadeShape(Enum):
    """How a clip gives way where it shares its time with another."""

    IN = "in"
    OUT = "out"
    BOTH = "both"  # another clip lies inside it, or the other way round


class Fade(NamedTuple):
    """The part of a clip during which another clip of the track speaks too."""

    rect: Rect
    shape: FadeShape
    clip: str  # id of the clip that fades


def fades(row: Row) -> Iterator[Fade]:
    """Where the row's clips share their time with another, clip by clip (TL15)."""
    if not row.overlaps:
        return
    ends_at = [shared.right for shared in row.overlaps]
    for clip in row.clips:
        rect = clip.rect
        for shared in row.overlaps[bisect_right(ends_at, rect.x) :]:
            if shared.x >= rect.right:
                break
            left, right = max(rect.x, shared.x), min(rect.right, shared.right)
            if right - left < 1.0:
                continue
            begins, ends = left - rect.x < 0.5, rect.right - right < 0.5
            shape = FadeShape.BOTH if begins is ends else FadeShape.IN if begins else FadeShape.OUT
            yield Fade(Rect(left, rect.y, right - left, rect.height), shape, clip.item.id)
