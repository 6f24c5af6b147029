"""The timing of playback, without Qt and without sound: from a time source to a frame. Pure.

The clock is told a time source when it starts (the position of the sound while there is sound, else the computer's
clock), so playback follows the sound and late frames are simply never asked for (PB4).
"""

from collections import deque
from collections.abc import Callable

import msgspec

from genmo_studio.document.time import Span

TimeSource = Callable[[], float]
"""Seconds; only differences count."""

MIN_SPEED, MAX_SPEED = 0.1, 4.0


class Anchor(msgspec.Struct, frozen=True):
    """Where playback began: a time in frames at a moment of the time source."""

    frame: float
    moment: float


class PlaybackClock:
    """A running or resting position on the timeline, in frames."""

    def __init__(self, *, fps: int, length: int, now: TimeSource) -> None:
        self._fps, self._length = fps, max(1, length)
        self._now = now
        self._speed = 1.0
        self._loop: Span | None = None
        self._anchor = Anchor(0.0, 0.0)
        self._playing = False

    @property
    def playing(self) -> bool:
        """True between start and stop."""
        return self._playing

    @property
    def speed(self) -> float:
        """Signed: negative plays backwards."""
        return self._speed

    @property
    def loop(self) -> Span | None:
        """The span that is repeated, or None."""
        return self._loop

    @property
    def length(self) -> int:
        """Frames of the project."""
        return self._length

    def time(self) -> float:
        """Position in frames, inside the project; wraps inside the loop without a gap."""
        if not self._playing:
            return self._anchor.frame
        passed = (self._now() - self._anchor.moment) * self._fps * self._speed
        return self._wrapped(self._anchor.frame + passed)

    def frame(self) -> int:
        """The frame that is shown."""
        return min(int(self.time()), self._length - 1)

    def ended(self) -> bool:
        """True when playback has run into an end of the project and there is no loop."""
        if not self._playing or self._loop is not None:
            return False
        raw = self._anchor.frame + (self._now() - self._anchor.moment) * self._fps * self._speed
        return raw >= self._length if self._speed > 0 else raw <= 0

    def start(self, *, now: TimeSource | None = None) -> None:
        """Run from where it rests; from the other end when there is nothing left to play in this direction."""
        position = self.time()
        self._now = now or self._now
        first, stop = (self._loop.start, self._loop.stop) if self._loop else (0, self._length)
        if self._speed > 0 and int(position) >= stop - 1:
            position = float(first)
        elif self._speed < 0 and position <= first:
            position = float(stop - 1)
        self._playing = True
        self._anchor = Anchor(position, self._now())

    def stop(self) -> None:
        """Rest on the frame that is shown."""
        if self._playing:
            position = float(self.frame())
            self._playing = False
            self._anchor = Anchor(position, 0.0)

    def seek(self, frame: float) -> None:
        """Go to a time, running on from there if it runs."""
        held = max(0.0, min(float(frame), float(self._length - 1)))
        self._anchor = Anchor(held, self._now() if self._playing else 0.0)

    def advance(self) -> None:
        """One frame on in the direction of play, around the loop; for playback that shows every frame."""
        frame = self.frame() + (1 if self._speed > 0 else -1)
        loop = self._loop
        if loop is not None and frame == (loop.stop if self._speed > 0 else loop.start - 1):
            frame = loop.start if self._speed > 0 else loop.stop - 1
        self.seek(frame)

    def at_end(self) -> bool:
        """True on the last frame there is in the direction of play, when nothing repeats."""
        return self._loop is None and self.frame() == (self._length - 1 if self._speed > 0 else 0)

    def use(self, now: TimeSource) -> None:
        """Follow another time source from here on."""
        position = self.time()
        self._now = now
        self._anchor = Anchor(position, now() if self._playing else 0.0)

    def set_speed(self, speed: float) -> None:
        """Change speed and direction in mid-play; the size is held between 0.1 and 4."""
        self.seek(self.time())
        size = max(MIN_SPEED, min(abs(speed), MAX_SPEED))
        self._speed = size if speed > 0 else -size

    def set_loop(self, span: Span | None) -> None:
        """Repeat a span, or play to the end with None."""
        self.seek(self.time())
        inside = span.intersection(Span(0, self._length)) if span is not None else None
        self._loop = inside

    def set_length(self, length: int) -> None:
        """The project became longer or shorter."""
        self._length = max(1, length)
        self.set_loop(self._loop)

    def _wrapped(self, position: float) -> float:
        loop = self._loop
        if loop is None:
            return max(0.0, min(position, float(self._length)))
        if self._speed > 0 and position >= loop.stop:
            return loop.start + (position - loop.stop) % loop.length
        if self._speed < 0 and position < loop.start:
            return max(float(loop.start), loop.stop - (loop.start - position) % loop.length - 1e-9)
        return max(0.0, min(position, float(self._length)))


class FrameMeter:
    """How many pictures were really shown in the last second (PB5)."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def mark(self, moment: float) -> None:
        """A picture was shown at a moment (seconds)."""
        self._moments.append(moment)
        self._forget(moment)

    def rate(self, moment: float) -> float:
        """Pictures a second over the last second; 0 before there are two."""
        self._forget(moment)
        if len(self._moments) < 2:
            return 0.0
        return (len(self._moments) - 1) / max(1e-6, self._moments[-1] - self._moments[0])

    def clear(self) -> None:
        """Begin anew."""
        self._moments.clear()

    def _forget(self, moment: float) -> None:
        while self._moments and self._moments[0] < moment - 1.0:
            self._moments.popleft()


def shuttled(speed: float, *, forward: bool, playing: bool) -> float:
    """Speed after J (back) or L (forward): the same direction again doubles it up to 4, the other starts at 1 (PB2)."""
    direction = 1.0 if forward else -1.0
    if not playing or speed * direction <= 0:
        return direction
    return direction * min(MAX_SPEED, max(1.0, 2 * abs(speed)))
