"""Time as text: how a frame number is shown, and how a typed time is understood (TL20). Pure.

A frame number is the only identity of a time; seconds and timecode exist on screen only. Timecode is non-drop
``hours:minutes:seconds:frames`` at the project rate. A typed timecode may leave out fields on the left, as editors
do: ``4:12`` is 4 seconds and 12 frames.
"""

import re
from enum import Enum

_NUMBER = r"\d{1,9}(?:\.\d{0,6})?|\.\d{1,6}"
_MEASURED = re.compile(rf"({_NUMBER})\s*(f|s|ms|m|h)?", re.IGNORECASE)
_FIELDS = re.compile(r"\d{1,6}(?:[:;]\d{1,2}){1,3}")
_LONGEST_INPUT = 32
_MOST_FRAMES = 10_000_000
_SECONDS_PER_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class TimeFormat(Enum):
    """How times are shown."""

    TIMECODE = "timecode"
    FRAMES = "frames"
    SECONDS = "seconds"

    def following(self) -> "TimeFormat":
        """The next format in the cycle that a click on the counter walks through."""
        order = list(TimeFormat)
        return order[(order.index(self) + 1) % len(order)]


class TimeInputError(ValueError):
    """A typed time was not understood; the message is one sentence for the user."""


def format_time(frame: int, *, fps: int, style: TimeFormat) -> str:
    """Text for a frame number (frames at ``fps`` per second)."""
    sign, count = ("-", -frame) if frame < 0 else ("", frame)
    if style is TimeFormat.FRAMES:
        return f"{sign}{count}"
    if style is TimeFormat.SECONDS:
        return f"{sign}{count / fps:.2f} s"
    seconds, frames = divmod(count, fps)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}:{frames:02d}"


def format_duration(frames: int, *, fps: int, style: TimeFormat) -> str:
    """Text for a length in frames; short, for read-outs beside the pointer."""
    if style is TimeFormat.FRAMES:
        return f"{frames} f"
    return f"{frames / fps:.2f} s"


def parse_time(text: str, *, fps: int, current: int) -> int:
    """Frame number meant by a typed time.

    Understands ``120`` (frames), ``4s`` / ``4.5 s`` / ``250ms`` / ``2m``, ``00:00:04:00``, and a leading ``+`` or
    ``-`` for a step from ``current``. The result is never negative. Raises TimeInputError with a sentence otherwise.
    """
    trimmed = text.strip()
    if not trimmed or len(trimmed) > _LONGEST_INPUT:
        raise TimeInputError("Type a time such as 120, 4s, +10 or 00:00:04:00.")
    sign = {"+": 1, "-": -1}.get(trimmed[0], 0)
    amount = _frames_in(trimmed[1:].strip() if sign else trimmed, fps=fps)
    if amount is None:
        raise TimeInputError(f"“{trimmed}” is not a time. Type for example 120, 4s, +10 or 00:00:04:00.")
    frame = current + sign * amount if sign else amount
    return max(0, min(frame, _MOST_FRAMES))


def _frames_in(text: str, *, fps: int) -> int | None:
    measured = _MEASURED.fullmatch(text)
    if measured:
        number, unit = float(measured.group(1)), (measured.group(2) or "f").lower()
        return round(number if unit == "f" else number * _SECONDS_PER_UNIT[unit] * fps)
    if not _FIELDS.fullmatch(text):
        return None
    fields = [int(part) for part in re.split("[:;]", text)]
    weights = (3600 * fps, 60 * fps, fps, 1)[-len(fields) :]
    return sum(field * weight for field, weight in zip(fields, weights, strict=True))
