"""Read prompts from text files: subtitles (.srt) with times, plain text (.txt) with one prompt a line."""

import re
from pathlib import Path

import msgspec

MAX_BYTES = 1_000_000
MAX_SEGMENTS = 1_000
MAX_CHARACTERS = 2_000
"""Of one prompt; nobody describes one motion in more."""

_TIME = r"(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_TAG = re.compile(r"<[^<>]{1,80}>|\{\\[^{}]{1,80}\}")


class TextError(ValueError):
    """The file holds no prompts that can be read; the message is one sentence for the user."""


class Segment(msgspec.Struct, frozen=True):
    """A prompt and, where the file says so, when it is: seconds from the start of the file's time."""

    text: str
    start: float | None = None
    stop: float | None = None


def read_segments(path: Path) -> tuple[Segment, ...]:
    """Prompts of a .srt or .txt file in the order of the file. Raises TextError or OSError."""
    path = Path(path)
    if path.stat().st_size > MAX_BYTES:
        raise TextError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB, which is no list of prompts.")
    text = decoded(path.read_bytes())
    if "\0" in text:
        raise TextError(f"{path.name} is not text.")
    segments = subtitles(text) if path.suffix.lower() == ".srt" else lines(text)
    if not segments:
        kind = "subtitles" if path.suffix.lower() == ".srt" else "text"
        raise TextError(f"{path.name} holds no {kind}.")
    if len(segments) > MAX_SEGMENTS:
        raise TextError(f"{path.name} has {len(segments):,} segments; at most {MAX_SEGMENTS:,} can be imported.")
    return segments


def decoded(data: bytes) -> str:
    """Text in UTF-8 or UTF-16 (with its mark), else in the Western encoding of old subtitle files."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def lines(text: str) -> tuple[Segment, ...]:
    """One segment for each line that is not blank."""
    return tuple(Segment(words) for line in text.splitlines() if (words := _words(line)))


def subtitles(text: str) -> tuple[Segment, ...]:
    """The segments of SubRip text: blocks of a number, a line of times and words. Broken blocks are left out."""
    found: list[Segment] = []
    times: tuple[float, float] | None = None
    words: list[str] = []

    def end() -> None:
        said = _words(" ".join(words))
        if times is not None and said and times[1] > times[0]:
            found.append(Segment(said, *times))

    for line in text.splitlines():
        match = _TIMES.match(line)
        if match is not None:
            end()
            numbers = [int(part) for part in match.groups()]
            times = _seconds(numbers[:4], match.group(4)), _seconds(numbers[4:], match.group(8))
            words = []
        elif not line.strip():
            end()
            times, words = None, []
        elif times is not None:
            words.append(line)
    end()
    return tuple(sorted(found, key=lambda segment: segment.start or 0.0))


def _seconds(parts: list[int], decimals: str) -> float:
    hours, minutes, seconds, fraction = parts
    return 3600.0 * hours + 60 * minutes + seconds + fraction / 10.0 ** len(decimals)


def _words(text: str) -> str:
    return " ".join(_TAG.sub("", text).split())[:MAX_CHARACTERS]
