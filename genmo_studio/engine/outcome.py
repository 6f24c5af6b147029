"""From an exception in a job to what the user is told."""

import re
import traceback
from collections.abc import Iterable
from types import TracebackType

from genmo_studio.engine.protocol import Failed, FailureKind, JobId

OUT_OF_MEMORY = (
    "There was not enough memory for this; nothing was changed. Generate a shorter span, close other programs, or "
    "choose a smaller model or another device."
)
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


_FRAMES = re.compile(r"\b(frames? )(\d+)(?:( to )(\d+))?")


def told_of_timeline(found: Iterable[str], *, start: int) -> tuple[str, ...]:
    """Findings as sentences for the user; frames of the request become frames of the timeline."""

    def moved(match: re.Match[str]) -> str:
        word, first, between, last = match.groups()
        rest = "" if last is None else f"{between}{int(last) + start}"
        return f"{word}{int(first) + start}{rest}"

    sentences = (_FRAMES.sub(moved, sentence).rstrip(".") for sentence in found)
    return tuple(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in sentences if sentence)


def is_out_of_memory(error: BaseException) -> bool:
    """True for Python's, torch's and the operating system's ways to say it (torch need not be imported for this)."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError | OSError) and any(word in str(error).lower() for word in _MEMORY_WORDS)


def _raised_by_us(trace: TracebackType | None) -> bool:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).startswith("genmo_studio.")


def is_sentence(error: BaseException) -> bool:
    """True when the error's text was written for the user: our own error classes, and refusals that our code raised."""
    if type(error).__module__.startswith("genmo_studio."):
        return True
    return isinstance(error, ValueError | OSError) and bool(str(error)) and _raised_by_us(error.__traceback__)


def failure(job: JobId, error: BaseException) -> Failed:
    """The message that ends a job which raised ``error``."""
    detail = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        return Failed(job, OUT_OF_MEMORY, detail, FailureKind.OUT_OF_MEMORY)
    if is_sentence(error):
        return Failed(job, str(error), detail, FailureKind.REFUSED)
    if isinstance(error, OSError) and error.filename is not None:
        sentence = f"{error.filename} could not be used: {error.strerror}. Nothing was changed."
        return Failed(job, sentence, detail, FailureKind.REFUSED)
    name = type(error).__name__
    sentence = f"The engine met a fault in the program ({name}: {error}). Nothing was changed."
    return Failed(job, sentence, detail, FailureKind.INTERNAL)
