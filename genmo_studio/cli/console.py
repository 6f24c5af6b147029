"""What the command line shows while it works: one line that is written over; in a log, one line a stage."""

import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import TextIO, TypeVar

from genmo_studio.conditions.progress import Progress
from genmo_studio.engine.timing import StageClock

Item = TypeVar("Item")


class Interrupts:
    """Remembers Ctrl-C: Python loses the exception when it comes while an object is being destroyed."""

    def __init__(self) -> None:
        self.asked = False
        main = threading.current_thread() is threading.main_thread()
        self._before = signal.signal(signal.SIGINT, self._heard) if main else None

    def end(self) -> None:
        """Give Ctrl-C back to who had it."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        raise KeyboardInterrupt


class CommandError(Exception):
    """A command cannot go on; the text is one sentence for the user."""


class ProgressLine:
    """Shows progress on stderr, so that stdout stays clean, and keeps the stages' times."""

    def __init__(self, *, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._clock = StageClock()
        self._stage = ""
        self._interrupts = Interrupts()

    def show(self, progress: Progress) -> None:
        """Take notice of one step."""
        left = self._clock.note(progress)
        if self._live:
            self._write_over(f"{self._text(progress)}{'' if left is None else f'  {_duration(left)} left'}")
        elif progress.stage != self._stage:
            print(progress.stage, file=self._stream, flush=True)
        self._stage = progress.stage

    def results(self, steps: Iterable[Progress | Item]) -> Iterator[Item]:
        """Show what is progress among ``steps``, and pass the rest on."""
        for step in steps:
            if self._interrupts.asked:
                raise KeyboardInterrupt
            if isinstance(step, Progress):
                self.show(step)
            else:
                yield step

    def finish(self) -> dict[str, float]:
        """Clear the line. Returns the seconds of each stage and "total"."""
        self._interrupts.end()
        if self._live:
            self._write_over("")
        return self._clock.finish()

    def _write_over(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{text[:width]:<{width}}\r" if not text else f"\r{text[:width]:<{width}}")
        self._stream.flush()

    @staticmethod
    def _text(progress: Progress) -> str:
        detail = f" ({progress.detail})" if progress.detail else ""
        return f"{progress.stage}{detail}  {progress.fraction:4.0%}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
