"""Where frames and rows fall on screen: the view of the timeline as a value, and its fixed measures. Pure.

All lengths are logical pixels (Qt scales them by the device's pixel ratio); x = 0, y = 0 is the top left corner of
the timeline's own area.
"""

from enum import Enum
from typing import NamedTuple

import msgspec

from genmo_studio.document.time import Span
from genmo_studio.values import replace

MIN_SCALE, MAX_SCALE = 0.004, 64.0
HEAT_HEIGHT = 22.0
BEYOND = 0.25
"""Share of the width that shows time behind the end of the project, at most: room to drag something there."""


class Follow(Enum):
    """How the timeline follows the playhead (PB10)."""

    PAGE = "page"
    CENTRE = "centre"
    OFF = "off"


class Rect(NamedTuple):
    """An axis-aligned rectangle, half-open like a span: the right and bottom edges are outside."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """First x outside."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """First y outside."""
        return self.y + self.height

    def contains(self, x: float, y: float) -> bool:
        """True when the point is inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def meets(self, other: "Rect") -> bool:
        """True when the two share some area."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    @staticmethod
    def between(x0: float, y0: float, x1: float, y1: float) -> "Rect":
        """The rectangle spanned by two corners in any order."""
        return Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


class Metrics(msgspec.Struct, frozen=True):
    """Fixed measures of the timeline in logical pixels."""

    header_width: float = 216.0
    lead: float = 14.0  # room before frame 0, so that a key on it is seen whole
    ruler_height: float = 38.0
    result_height: float = 46.0
    heat_height: float = 0.0  # of the heat strip under the result; HEAT_HEIGHT while there is one
    row_gap: float = 1.0
    row_padding: float = 4.0
    lane_gap: float = 2.0
    min_row_height: float = 30.0
    min_lane_height: float = 18.0
    handle: float = 8.0
    key_radius: float = 7.0
    snap_distance: float = 8.0
    drag_threshold: float = 4.0
    button: float = 20.0
    dense_pixels: float = 5.0  # below this many pixels an item, neighbours are drawn as one block


class View(msgspec.Struct, frozen=True):
    """The part of the timeline that is on screen."""

    width: float = 1200.0
    height: float = 400.0
    scale: float = 4.0  # logical pixels a frame
    scroll: float = 0.0  # frame at the origin of the content area
    scroll_y: float = 0.0  # pixels that the tracks are scrolled up
    unfolded: frozenset[str] = frozenset()  # keys of rows below which others are shown (subrows)
    metrics: Metrics = Metrics()

    @property
    def origin(self) -> float:
        """x of the frame ``scroll``."""
        return self.metrics.header_width + self.metrics.lead

    @property
    def content_width(self) -> float:
        """Width of the area right of the headers."""
        return max(0.0, self.width - self.metrics.header_width)

    @property
    def tracks_top(self) -> float:
        """y where the scrolling rows begin (below the ruler, the result row and the heat strip)."""
        metrics = self.metrics
        return metrics.ruler_height + metrics.result_height + metrics.row_gap + metrics.heat_height

    def x_of(self, frame: float) -> float:
        """x of the left edge of a frame."""
        return self.origin + (frame - self.scroll) * self.scale

    def frame_at(self, x: float) -> float:
        """Time at x in frames; the frame that is under the pointer is its floor."""
        return self.scroll + (x - self.origin) / self.scale

    def visible(self) -> tuple[float, float]:
        """First and last time that can be seen (frames)."""
        left = self.metrics.header_width
        return self.frame_at(left), self.frame_at(max(self.width, left))

    def zoomed(self, factor: float, *, about_x: float) -> "View":
        """Scale changed by ``factor`` with the time under ``about_x`` held in place."""
        scale = min(MAX_SCALE, max(MIN_SCALE, self.scale * factor))
        held = self.frame_at(about_x)
        scroll = held - (about_x - self.origin) / scale
        return replace(self, scale=scale, scroll=max(0.0, scroll))

    def fitted(self, span: Span) -> "View":
        """Scale and scroll so that the span fills the width, with a small margin on the right."""
        room = max(1.0, self.content_width - 2 * self.metrics.lead)
        scale = min(MAX_SCALE, max(MIN_SCALE, room / max(1, span.length)))
        return replace(self, scale=scale, scroll=float(max(0, span.start)))

    def panned(self, dx: float, *, dy: float = 0.0) -> "View":
        """Content moved by pixels; time never scrolls before frame 0."""
        return replace(self, scroll=max(0.0, self.scroll - dx / self.scale), scroll_y=max(0.0, self.scroll_y - dy))

    def held_to(self, length: int) -> "View":
        """Inside of a project of ``length`` frames: time behind its end takes at most BEYOND of the width."""
        room = max(1.0, self.content_width - 2 * self.metrics.lead)
        least = min((1 - BEYOND) * room / max(1, length), MAX_SCALE)
        scale = max(self.scale, least)
        most = length - (1 - BEYOND) * room / scale
        return replace(self, scale=scale, scroll=max(0.0, min(self.scroll, most)))

    def following(self, frame: int, follow: Follow) -> "View":
        """The view while the playhead moves to a frame."""
        if follow is Follow.OFF:
            return self
        if follow is Follow.PAGE:
            return self.revealing(frame)
        # Whole pixels, so that two frames of the same place give the same picture.
        left = round(frame * self.scale - self.content_width / 2 + self.metrics.lead)
        return replace(self, scroll=max(0.0, left / self.scale))

    def revealing(self, frame: int) -> "View":
        """Unchanged when the frame is on screen, else turned by a page so that it is near the left edge (PB10)."""
        x = self.x_of(frame)
        if self.metrics.header_width <= x < self.width - self.metrics.lead:
            return self
        return replace(self, scroll=max(0.0, frame - 0.05 * self.content_width / self.scale))
