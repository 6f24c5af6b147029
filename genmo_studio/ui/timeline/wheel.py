"""What turning the mouse wheel or moving two fingers on a touchpad means (TL4). Pure, no Qt."""

from enum import Enum

from genmo_studio.document.edits import Edit, compose, set_track_height
from genmo_studio.document.model import Document
from genmo_studio.ui.timeline.effects import Apply, Modifier
from genmo_studio.ui.timeline.layout import row_height
from genmo_studio.ui.timeline.session import Wheel
from genmo_studio.ui.timeline.view import View

_PIXELS_A_NOTCH = 8.0


class Turn(Enum):
    """What the wheel changes."""

    ZOOM = "scale of time about the pointer"
    TIME = "what part of the time is seen"
    TRACKS = "which tracks are seen"
    HEIGHT = "height of a track"


def meaning(culture: Wheel, held: Modifier, *, sideways: bool, over_headers: bool) -> Turn:
    """What a turn means. ``sideways``: two fingers moved left or right, or a wheel was tilted."""
    if held & Modifier.CTRL:
        return Turn.HEIGHT
    if sideways and not held & Modifier.SHIFT:
        return Turn.TIME
    if over_headers:
        return Turn.TRACKS
    zooms = (culture is Wheel.ZOOM) != bool(held & Modifier.SHIFT)
    return Turn.ZOOM if zooms else Turn.TIME


def heights(document: Document, view: View, *, track: str | None, notches: float) -> Apply:
    """Make a track higher or lower; without one, all that are shown. Not lower than a row is drawn."""
    changes: list[Edit] = []
    for row in document.tracks:
        if row.hidden or (track is not None and row.id != track):
            continue
        height = max(view.metrics.min_row_height, row_height(row, view) + notches * _PIXELS_A_NOTCH)
        changes.append(set_track_height(row.id, round(height)))
    return Apply("Change Track Height", compose(*changes))
