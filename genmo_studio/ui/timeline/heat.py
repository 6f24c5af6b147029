"""The heat strip's content: one measure of the shown motion on the timeline, and how it looks in columns. Pure."""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.quality import LIMITS, Measure
from genmo_studio.shapes import Bool, Float, UInt8
from genmo_studio.ui.timeline.timecode import TimeFormat, format_time
from genmo_studio.ui.timeline.view import View

WATCH_LEVEL, BAD_LEVEL = 0.4, 0.8
"""Heights (0..1) at which the two limits of a measure lie; what is bad reaches the top at twice the limit."""

GOOD, WATCH, BAD = (74, 144, 208), (240, 201, 75), (224, 92, 32)
"""Blue, yellow, vermilion: told apart with every common kind of colour blindness, and by their lightness."""

_STRIPE = 6  # logical pixels from one stripe of a bad stretch to the next
_SPARSE = frozenset({Measure.KEYS, Measure.SEAMS})
_SPREAD = 2.0  # logical pixels to each side that a single frame is widened by, where few frames have a value


class Words(NamedTuple):
    """How a measure is spoken of. ``factor`` turns its SI value into ``unit``."""

    title: str
    unit: str
    factor: float
    meaning: str
    advice: str


WORDS: dict[Measure, Words] = {
    Measure.SKATE: Words(
        "Foot skate",
        "cm/s",
        100.0,
        "Speed of a foot that touches the ground.",
        "Raise Foot lock and generate again, or try another seed.",
    ),
    Measure.KEYS: Words(
        "Key error",
        "cm",
        100.0,
        "How far the body is from what the key asks for.",
        "Generate this part again: the key was set or moved after the take was made.",
    ),
    Measure.SEAMS: Words(
        "Seam jump",
        "m/s²",
        1.0,
        "How hard the body is jerked where one take follows another.",
        "Give the later piece a longer blend, or splice at a calmer frame.",
    ),
    Measure.JITTER: Words(
        "Jitter",
        "m/s³",
        1.0,
        "Trembling: mean jerk of the joints.",
        "More steps or another seed calm it; drafts tremble more than full takes.",
    ),
}


class HeatStrip(msgspec.Struct, frozen=True, eq=False):
    """One measure over the shown motion."""

    measure: Measure
    start: int
    """Timeline frame of the first value."""
    values: Float[NDArray[np.float64], " frames"]
    """In the measure's SI unit; NaN where it says nothing."""

    def value(self, frame: float) -> float | None:
        """Value at a timeline frame; None where there is none."""
        at = int(frame // 1) - self.start
        if not 0 <= at < len(self.values) or np.isnan(self.values[at]):
            return None
        return float(self.values[at])

    @property
    def worst(self) -> int | None:
        """Timeline frame of the largest value; None when no frame has one."""
        if not len(self.values) or np.isnan(self.values).all():
            return None
        return self.start + int(np.nanargmax(self.values))

    def bad_starts(self) -> list[int]:
        """Timeline frames at which a stretch begins that is visibly wrong."""
        bad = np.concatenate(([False], np.nan_to_num(self.values) >= LIMITS[self.measure].bad))
        return (self.start + np.flatnonzero(bad[1:] & ~bad[:-1])).tolist()


def amount(measure: Measure, value: float) -> str:
    """A value with its unit, as the user reads it."""
    words = WORDS[measure]
    shown = value * words.factor
    return f"{shown:.1f} {words.unit}" if shown < 10 else f"{shown:.0f} {words.unit}"


def verdict(measure: Measure, value: float) -> str:
    """Good, watch or bad, in words."""
    limits = LIMITS[measure]
    if value >= limits.bad:
        return "visibly wrong"
    return "worth a look" if value >= limits.watch else "good"


def heat_tip(strip: HeatStrip, frame: float, *, fps: int, style: TimeFormat) -> str:
    """Tool tip of a place of the strip: value, unit, what it means and what to do."""
    words, value = WORDS[strip.measure], strip.value(frame)
    at = format_time(int(frame // 1), fps=fps, style=style)
    if value is None:
        return f"{words.title}\n{words.meaning}\nNothing to say at {at}."
    lines = [f"{words.title} at {at}: {amount(strip.measure, value)}, {verdict(strip.measure, value)}", words.meaning]
    if value >= LIMITS[strip.measure].watch:
        lines.append(words.advice)
    return "\n".join([*lines, "Click to go there."])


def legend_tip(strip: HeatStrip, *, fps: int, style: TimeFormat) -> str:
    """Tool tip of the strip's header: scale and worst frame."""
    words, limits = WORDS[strip.measure], LIMITS[strip.measure]
    scale = (
        f"Blue is good, yellow from {amount(strip.measure, limits.watch)} on is worth a look, "
        f"striped orange from {amount(strip.measure, limits.bad)} on is visibly wrong."
    )
    lines = [f"{words.title}: {words.meaning}", scale]
    if strip.worst is not None:
        at = format_time(strip.worst, fps=fps, style=style)
        lines.append(f"Worst: {amount(strip.measure, strip.value(strip.worst) or 0.0)} at {at}.")
    return "\n".join([*lines, "Click for other measures."])


def levels(measure: Measure, values: Float[NDArray[np.float64], " n"]) -> Float[NDArray[np.float64], " n"]:
    """Values as heights 0..1, NaN kept: limits lie at WATCH_LEVEL and BAD_LEVEL."""
    limits = LIMITS[measure]
    known = [0.0, limits.watch, limits.bad, 2 * limits.bad]
    return np.where(np.isnan(values), np.nan, np.interp(values, known, [0.0, WATCH_LEVEL, BAD_LEVEL, 1.0]))


def columns(strip: HeatStrip, view: View, *, ratio: float) -> Float[NDArray[np.float64], " columns"]:
    """The largest value under each device pixel right of the headers; NaN where there is none."""
    count = max(0, round(view.content_width * ratio))
    edges = view.frame_at(view.metrics.header_width) + np.arange(count + 1) / (view.scale * ratio) - strip.start
    first = np.floor(edges[:-1]).astype(np.int64)
    last = np.maximum(np.ceil(edges[1:]).astype(np.int64), first + 1)
    shown = np.full(count, np.nan)
    frames = len(strip.values)
    inside = (last > 0) & (first < frames)
    if not frames or not inside.any():
        return shown
    begin, stop = np.clip(first[inside], 0, frames - 1), np.clip(last[inside], 1, frames)
    if view.scale * ratio >= 1:  # a column never holds more than two frames
        shown[inside] = np.fmax(strip.values[begin], strip.values[stop - 1])
    else:
        most = np.where(np.isnan(strip.values), -np.inf, strip.values)
        runs = np.maximum.reduceat(np.append(most, -np.inf), np.stack((begin, stop), axis=1).reshape(-1))[::2]
        shown[inside] = np.where(np.isinf(runs), np.nan, runs)
    return _widened(shown, round(_SPREAD * ratio)) if strip.measure in _SPARSE else shown


def _widened(values: Float[NDArray[np.float64], " n"], by: int) -> Float[NDArray[np.float64], " n"]:
    wide = values.copy()
    for shift in range(1, by + 1):
        wide[shift:] = np.fmax(wide[shift:], values[:-shift])
        wide[:-shift] = np.fmax(wide[:-shift], values[shift:])
    return wide


def colours(level: Float[NDArray[np.float64], " n"]) -> UInt8[NDArray[np.uint8], "n 3"]:
    """Red, green, blue of heights 0..1."""
    stops = [0.0, WATCH_LEVEL, BAD_LEVEL, 1.0]
    parts = [np.interp(level, stops, [GOOD[c], WATCH[c], BAD[c], BAD[c]]) for c in range(3)]
    return np.stack(parts, axis=-1).round().astype(np.uint8)


def picture(
    level: Float[NDArray[np.float64], " columns"], *, height: int, ratio: float
) -> UInt8[NDArray[np.uint8], "height columns 4"]:
    """Bars as high as their level, RGBA, in device pixels; bad ones are striped, so that colour is not needed."""
    known = ~np.isnan(level)
    level = np.where(known, level, 0.0)
    tall = np.where(known, np.maximum(np.ceil(level * height), max(1, round(2 * ratio))), 0)
    rows = np.arange(height)[:, None]
    image = np.zeros((height, len(level), 4), np.uint8)
    filled = rows >= height - tall
    image[..., :3] = colours(level)
    image[..., 3] = np.where(filled, 255, 0)
    striped = (
        filled & _bad(level) & ((rows + np.arange(len(level))) % round(_STRIPE * ratio) < round(_STRIPE * ratio / 3))
    )
    image[striped, :3] = (40, 12, 0)
    return image


def _bad(level: Float[NDArray[np.float64], " n"]) -> Bool[NDArray[np.bool_], " n"]:
    return np.asarray(level >= BAD_LEVEL - 1e-9)
