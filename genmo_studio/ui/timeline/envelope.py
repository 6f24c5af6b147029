"""How a tweak grows and fades on screen: the corners of its envelope and the handles of its rise and fall. Pure."""

from genmo_studio.document.model import Tweak
from genmo_studio.ui.timeline.layout import PlacedClip
from genmo_studio.ui.timeline.view import Rect, View

HANDLE = 9.0  # logical pixels
_LEAST = 44.0
"""A narrower tweak has no handles: its edges would be in their way."""
_TOP = 5.0


def lengths(tweak: Tweak) -> tuple[int, int]:
    """Rise and fall in frames as far as they fit into the span (the rise first)."""
    rise = min(tweak.rise, tweak.span.length)
    return rise, min(tweak.fall, tweak.span.length - rise)


def corners(placed: PlacedClip, view: View) -> tuple[tuple[float, float], ...]:
    """The envelope from left to right: where it begins, is full, begins to fade, ends; x, y in logical pixels."""
    tweak, box = placed.item, placed.rect
    assert isinstance(tweak, Tweak), "only tweaks have an envelope"
    rise, fall = lengths(tweak)
    top, bottom = box.y + _TOP, box.bottom - 2.0
    full = bottom - (bottom - top) * min(1.0, tweak.weight)
    left, right = box.x + 1 + rise * view.scale, box.right - 2 - fall * view.scale
    left = min(left, box.right - 2)
    return (box.x + 1, bottom), (left, full), (max(left, right), full), (box.right - 2, bottom)


def handles(placed: PlacedClip, view: View) -> tuple[Rect, Rect] | None:
    """Where rise and fall are taken; None for a tweak that is too narrow and for other clips."""
    if not isinstance(placed.item, Tweak) or placed.rect.width < _LEAST:
        return None
    _, (left, y), (right, _), _ = corners(placed, view)
    edge = view.metrics.handle
    left = max(left, placed.rect.x + edge)  # beside the edges, which trim
    right = min(right, placed.rect.right - edge)
    if right - left < HANDLE:
        middle = (left + right) / 2
        left, right = middle - HANDLE / 2, middle + HANDLE / 2
    top = max(placed.rect.y, y - HANDLE / 2)
    return (
        Rect(left - HANDLE / 2, top, HANDLE, HANDLE),
        Rect(right - HANDLE / 2, top, HANDLE, HANDLE),
    )
