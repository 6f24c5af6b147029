"""Where the parts of the headers are: buttons, the triangle that unfolds, the edge that changes the height. Pure."""

from enum import Enum

from genmo_studio.ui.timeline.layout import Row
from genmo_studio.ui.timeline.subrows import folds
from genmo_studio.ui.timeline.view import Rect, View


class HeaderButton(Enum):
    """Buttons of a track header."""

    MUTE = "mute"
    SOLO = "solo"
    LOCK = "lock"


def header_buttons(row: Row, view: View) -> dict[HeaderButton, Rect]:
    """Where the buttons of a track's header are."""
    if row.track is None or row.sub is not None:
        return {}
    metrics = view.metrics
    gap, size = 3.0, metrics.button
    y = row.rect.y + (row.rect.height - size) / 2
    left = metrics.header_width - 8.0 - 3 * size - 2 * gap
    return {button: Rect(left + n * (size + gap), y, size, size) for n, button in enumerate(HeaderButton)}


def disclosure(row: Row) -> Rect | None:
    """Where a header is clicked to unfold or fold the rows below it."""
    if row.sub is not None:
        return None if row.sub.joint else Rect(18.0, row.rect.y, 20.0, row.rect.height)
    return Rect(5.0, row.rect.y, 30.0, row.rect.height - 4.0) if folds(row.track) else None


def snap_button(view: View) -> Rect:
    """Where the button for snapping is, in the corner above the headers."""
    side = 24.0
    return Rect(view.metrics.header_width - 8.0 - side, (view.metrics.ruler_height - side) / 2, side, side)


def resize_handle(row: Row, view: View) -> Rect:
    """Strip at the bottom of a header that is dragged to change the track's height."""
    return Rect(0.0, row.rect.bottom - 4.0, view.metrics.header_width, 5.0)
