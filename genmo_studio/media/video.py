"""Video frames by project time, exact to the frame.

A project frame k is at k / 30 s after the first frame of the video and shows the last video frame whose presentation
time is not later. That is true for any frame rate, constant or not, because only presentation times are used. A forward
cursor makes playing and extraction decode every frame once; going back seeks to a key frame and decodes forward.
"""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genmo_studio.media import ffmpeg
from genmo_studio.media.files import MediaError
from genmo_studio.shapes import UInt8

if TYPE_CHECKING:
    import av

MAX_PIXELS = 50_000_000
MAX_SECONDS = 6 * 3600
_AHEAD = Fraction(2)  # seconds up to which decoding forward is taken to be cheaper than a seek
_BROKEN_PACKETS = 50  # in a row; a file with more is given up

Image = UInt8[NDArray[np.uint8], "height width 3"]


class VideoReader:
    """Frames of one video file. Not for use by two threads at once; close it, or use it as a context manager.

    Raises MediaError, with a sentence for the user, when the file is not a video that can be read.
    """

    def __init__(self, path: Path, *, max_side: int | None = None) -> None:
        """``max_side`` bounds the longer side of the frames that are handed out (they are scaled down)."""
        self.path = Path(path)
        try:
            self._container = ffmpeg.av.open(str(path), metadata_errors="replace")
        except (ffmpeg.FFmpegError, OSError, ValueError) as error:
            raise MediaError(f"{self.path.name} could not be opened as a video ({_reason(error)}).") from error
        try:
            self._open(max_side)
        except BaseException:
            self._container.close()
            raise

    def _open(self, max_side: int | None) -> None:
        streams = [
            s for s in self._container.streams.video if not s.disposition & ffmpeg.av.stream.Disposition.attached_pic
        ]
        if not streams:
            raise MediaError(f"{self.path.name} holds no video.")
        self._stream = streams[0]
        self._stream.thread_type = "AUTO"
        width, height = self._stream.width, self._stream.height
        if not 0 < width * height <= MAX_PIXELS:
            raise MediaError(f"{self.path.name} is {width} x {height} pixels, which is more than can be read.")
        self._tick = Fraction(self._stream.time_base or Fraction(1, 90_000))
        self._decoder = self._decode()
        self._shown: av.VideoFrame | None = None  # last frame with a time <= the one asked for
        self._next: av.VideoFrame | None = None
        self._start = 0
        self._next = next(self._decoder, None)
        if self._next is None:
            raise MediaError(f"{self.path.name} holds no frame that can be decoded.")
        self._start = self._next.pts or 0
        self.rotation: int = int(round(-self._next.rotation / 90) * 90) % 360
        """Clockwise degrees by which stored frames are turned to stand upright: 0, 90, 180 or 270."""
        self._stored_size = _stored_size(self._stream, max_side)
        turned = self.rotation in (90, 270)
        self.size: tuple[int, int] = self._stored_size[::-1] if turned else self._stored_size
        """(width, height) of the frames that are handed out, in pixels."""
        self.fps: Fraction = Fraction(self._stream.average_rate or self._stream.guessed_rate or 30)
        """Mean frame rate of the file."""
        self.duration: Fraction = self._duration()
        """Seconds from the first frame to the end of the last; corrected when decoding shows an earlier end."""

    @property
    def frames(self) -> int:
        """Number of frames in the file, at its own rate (from its header or its duration)."""
        return self._stream.frames or max(1, round(self.duration * self.fps))

    def project_frames(self, fps: int = 30) -> int:
        """Number of project frames that the video covers, at least 1."""
        return max(1, int(-(-(self.duration * fps) // 1)))

    def frame_at(self, project_frame: int, fps: int = 30) -> Image:
        """The picture at ``project_frame / fps`` seconds, upright RGB; after the end the last frame."""
        return self._upright(self._frame(Fraction(max(0, project_frame), fps)))

    def time_at(self, project_frame: int, fps: int = 30) -> Fraction:
        """Seconds from the start at which the frame shown at ``project_frame`` begins."""
        return self._time(self._frame(Fraction(max(0, project_frame), fps)))

    def close(self) -> None:
        """Free the decoder and the file."""
        self._decoder.close()
        self._shown = self._next = None
        self._container.close()

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _frame(self, time: Fraction) -> av.VideoFrame:
        limit = time + self._tick / 2  # presentation times are rounded to the tick
        here = self._shown
        if (here is not None and self._time(here) > limit) or self._far_ahead(time):
            self._seek(time)
        while self._next is not None and (self._shown is None or self._time(self._next) <= limit):
            self._shown, self._next = self._next, next(self._decoder, None)
        if self._next is None and self._shown is not None:
            self._ended(self._shown)
        if self._shown is None:
            raise MediaError(f"{self.path.name} holds no frame that can be decoded.")
        return self._shown

    def _far_ahead(self, time: Fraction) -> bool:
        return self._next is not None and time > self._time(self._next) + _AHEAD

    def _seek(self, time: Fraction) -> None:
        """Stand before the last key frame that is not after ``time``; at the start when the file's index is wrong."""
        for target in (self._start + int(time / self._tick), None):
            self._decoder.close()
            try:
                if target is None:
                    self._container.seek(0)  # of the whole file
                else:
                    self._container.seek(target, stream=self._stream, backward=True)
            except ffmpeg.FFmpegError:
                continue  # not seekable there
            self._decoder = self._decode()
            self._shown, self._next = None, next(self._decoder, None)
            if self._next is not None and self._time(self._next) <= time + self._tick / 2:
                return
        if self._next is None:
            raise MediaError(f"{self.path.name} cannot be read at {float(time):.2f} s.")

    def _decode(self) -> Generator[av.VideoFrame, None, None]:
        """Frames from where the container stands, in presentation order; damaged packets are left out."""
        broken = 0
        packets = self._container.demux(self._stream)
        while broken < _BROKEN_PACKETS:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                decoded = packet.decode()
            except (ffmpeg.FFmpegError, OSError):
                broken += 1
                continue
            for frame in decoded:
                if isinstance(frame, ffmpeg.av.VideoFrame) and frame.pts is not None:
                    broken = 0
                    yield frame

    def _time(self, frame: av.VideoFrame) -> Fraction:
        return ((frame.pts or 0) - self._start) * self._tick

    def _duration(self) -> Fraction:
        seconds = Fraction(0)
        if self._stream.duration:
            seconds = self._stream.duration * self._tick
        elif self._container.duration:
            seconds = Fraction(self._container.duration, ffmpeg.av.time_base)
        else:  # as browsers record: the header is written before the length is known
            seconds = self._scanned_duration()
        if not 0 < seconds <= MAX_SECONDS:
            raise MediaError(f"{self.path.name} does not say how long it is, or is longer than 6 hours.")
        return seconds

    def _scanned_duration(self) -> Fraction:
        end = 0
        try:
            with ffmpeg.av.open(str(self.path), metadata_errors="replace") as container:
                for packet in container.demux(container.streams[self._stream.index]):
                    if packet.pts is not None:
                        end = max(end, packet.pts + (packet.duration or 0))
        except (ffmpeg.FFmpegError, OSError):
            pass  # what was read before the damage counts
        return (end - self._start) * self._tick

    def _ended(self, last: av.VideoFrame) -> None:
        """Correct the duration by the last frame that exists."""
        shown_for = last.duration * self._tick if last.duration else 1 / self.fps
        self.duration = min(self.duration, self._time(last) + shown_for)

    def _upright(self, frame: av.VideoFrame) -> Image:
        width, height = self._stored_size
        image = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
        return np.ascontiguousarray(np.rot90(image, k=-self.rotation // 90))


def _stored_size(stream: av.VideoStream, max_side: int | None) -> tuple[int, int]:
    """(width, height) with square pixels, bounded, as stored (before rotation)."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = Fraction(stream.width), Fraction(stream.height)
    if Fraction(1, 4) <= aspect <= 4:
        width *= aspect
    if width * height > MAX_PIXELS:
        width = Fraction(stream.width)
    if max_side is not None and max(width, height) > max_side:
        scale = max_side / max(width, height)
        width, height = width * scale, height * scale
    return max(1, round(width)), max(1, round(height))


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".").lower()
