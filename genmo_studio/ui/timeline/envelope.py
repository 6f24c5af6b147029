"""How a tweak grows and fades on screen: the corners of its envelope and the handles of its rise and fall. Pure."""

import numpy as np

from genmo_studio.document.model import Tweak
from genmo_studio.motion.layers import smooth_step
from genmo_studio.ui.timeline.layout import PlacedClip
from genmo_studio.ui.timeline.view import Rect, View

HANDLE = 9.0  # logical pixels
_LEAST = 44.0
"""A narrower tweak has no handles: its edges would be in their way."""
_TOP = 5.0
_STEPS = 17


def lengths(tweak: Tweak) -> tuple[int, int]:
    """Rise and fall in frames as far as they fit into the span, as in motion.layers.envelope."""
    rise, fall, room = tweak.rise, tweak.fall, tweak.span.length - 1
    if rise + fall > room:
        rise = round(rise * room / (rise + fall))
        fall = room - rise
    return rise, fall


def corners(placed: PlacedClip, view: View) -> tuple[tuple[float, float], ...]:
    """Where the envelope begins, is full, begins to fade and ends; x, y in logical pixels."""
    tweak, box = placed.item, placed.rect
    assert isinstance(tweak, Tweak), "only tweaks have an envelope"
    rise, fall = lengths(tweak)
    top, bottom = box.y + _TOP, box.bottom - 2.0
    full = bottom - (bottom - top) * min(1.0, tweak.weight)
    begin, end = box.x + 1, max(box.x + 1, box.right - 2)
    left = min(begin + rise * view.scale, end)
    return (begin, bottom), (left, full), (max(left, end - fall * view.scale), full), (end, bottom)


def outline(placed: PlacedClip, view: View) -> list[tuple[float, float]]:
    """The envelope as a line from left to right; it grows and fades smoothly."""
    (x0, low), (x1, full), (x2, _), (x3, _) = corners(placed, view)
    steps = np.linspace(0.0, 1.0, _STEPS)
    heights = low + (full - low) * smooth_step(steps)
    grows = zip((x0 + (x1 - x0) * steps).tolist(), heights.tolist(), strict=True)
    fades = zip((x2 + (x3 - x2) * steps).tolist(), heights[::-1].tolist(), strict=True)
    return [*grows, *fades]


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
