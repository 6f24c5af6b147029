"""The ruler's ticks and times: labels keep a readable distance at every zoom. Pure."""

from functools import lru_cache
from typing import NamedTuple

from genmo_studio.ui.timeline.timecode import TimeFormat, format_time
from genmo_studio.ui.timeline.view import View


class Tick(NamedTuple):
    """A line of the ruler; ``label`` is None on minor ticks."""

    frame: int
    x: float
    label: str | None


def tick_steps(view: View, *, fps: int, style: TimeFormat) -> tuple[int, int]:
    """Frames between labelled and between minor ticks for a zoom: labels keep a readable distance."""
    widest = {TimeFormat.TIMECODE: 92.0, TimeFormat.FRAMES: 56.0, TimeFormat.SECONDS: 68.0}[style]
    if style is TimeFormat.FRAMES:
        candidates = [base * 10**power for power in range(7) for base in (1, 2, 5)]
    else:
        within = [n for n in (1, 2, 3, 5, 6, 10, 12, 15, 25, 30) if n < fps and fps % n == 0]
        candidates = within + [fps * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)]
    major = next((step for step in candidates if step * view.scale >= widest), candidates[-1])
    minor = next((step for step in candidates if step * view.scale >= 7.0 and major % step == 0), major)
    return major, minor


@lru_cache(maxsize=4)
def ruler_ticks(view: View, *, fps: int, style: TimeFormat) -> tuple[Tick, ...]:
    """The ticks that are visible, from left to right. Every row of a repaint asks for the same ones."""
    major, minor = tick_steps(view, fps=fps, style=style)
    first, last = view.visible()
    margin = major  # the label of a tick left of the edge may still reach into view
    start = max(0, int((first - margin) // minor) * minor)
    return tuple(
        Tick(frame, view.x_of(frame), format_time(frame, fps=fps, style=style) if frame % major == 0 else None)
        for frame in range(start, int(last) + minor, minor)
    )


@lru_cache(maxsize=4)
def major_ticks(view: View, *, fps: int, style: TimeFormat) -> tuple[float, ...]:
    """x of the ticks that have a label: the lines that go down through the rows."""
    return tuple(tick.x for tick in ruler_ticks(view, fps=fps, style=style) if tick.label is not None)
