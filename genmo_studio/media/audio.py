"""Sound samples of audio files and of the sound in videos, as float32."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from numpy.typing import NDArray

from genmo_studio.media import ffmpeg
from genmo_studio.media.files import MediaError
from genmo_studio.shapes import Float

if TYPE_CHECKING:
    import av

MAX_SECONDS = 3600
"""Longest sound that is read at once (1.4 GB of stereo samples at 48 kHz)."""

_RATES = range(1_000, 400_000)
_CHUNK = 65_536  # frames; libsndfile is known to crash on very long OGG transfers
_BY_LIBSNDFILE = {".wav", ".flac", ".ogg", ".oga", ".mp3", ".aif", ".aiff", ".opus"}

Samples = Float[NDArray[np.float32], "samples channels"]


def read_audio(path: Path) -> tuple[Samples, int]:
    """Samples (N, 1 or 2) in [-1, 1] and their rate in Hz; more channels are mixed to one.

    The sound of a video starts where its picture starts: silence or a cut at the front makes up for a difference.
    Raises MediaError, with a sentence for the user, for what holds no sound or is longer than MAX_SECONDS.
    """
    path = Path(path)
    if path.suffix.lower() in _BY_LIBSNDFILE:
        try:
            return _read_soundfile(path)
        except (soundfile.LibsndfileError, OSError, ValueError):
            pass  # perhaps another format under this name: PyAV looks at the content
    return _read_av(path)


def sound_seconds(path: Path) -> Fraction:
    """Length of a sound from its header, in seconds; raises MediaError."""
    path = Path(path)
    try:
        if path.suffix.lower() in _BY_LIBSNDFILE:
            info = soundfile.info(str(path))
            return Fraction(info.frames, info.samplerate)
    except (soundfile.LibsndfileError, OSError, ValueError, ZeroDivisionError):
        pass
    try:
        with ffmpeg.av.open(str(path), metadata_errors="replace") as container:
            stream = next(iter(container.streams.audio), None)
            if stream is not None and stream.duration and stream.time_base:
                return stream.duration * Fraction(stream.time_base)
            if stream is not None and container.duration:
                return Fraction(container.duration, ffmpeg.av.time_base)
    except (ffmpeg.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path.name} could not be opened as sound.") from error
    samples, rate = read_audio(path)
    return Fraction(len(samples), rate)


def _read_soundfile(path: Path) -> tuple[Samples, int]:
    with soundfile.SoundFile(str(path)) as file:
        rate = file.samplerate

        def chunks() -> Iterator[NDArray[np.float32]]:
            while len(chunk := file.read(_CHUNK, dtype="float32", always_2d=True)):
                yield chunk

        return _collected(chunks(), rate=rate, name=path.name), rate


def _read_av(path: Path) -> tuple[Samples, int]:
    try:
        with ffmpeg.av.open(str(path), metadata_errors="replace") as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise MediaError(f"{path.name} holds no sound.")
            rate = stream.rate
            origin = next((start for s in container.streams.video if (start := _start(s)) is not None), _start(stream))
            return _collected(_av_chunks(container, stream, origin=origin), rate=rate, name=path.name), rate
    except (ffmpeg.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path.name} could not be opened as sound.") from error


def _start(stream: av.stream.Stream) -> Fraction | None:
    if stream.start_time is None or stream.time_base is None:
        return None
    return stream.start_time * Fraction(stream.time_base)


def _av_chunks(
    container: av.container.InputContainer, stream: av.AudioStream, *, origin: Fraction | None
) -> Iterator[NDArray[np.float32]]:
    """Chunks (n, channels), shifted so that sample 0 is at ``origin`` seconds of the container's time."""
    mono_or_stereo = "mono" if stream.channels != 2 else "stereo"
    resampler = ffmpeg.av.AudioResampler(format="flt", layout=mono_or_stereo, rate=stream.rate)
    channels = 1 if mono_or_stereo == "mono" else 2
    to_drop = 0
    first = True
    for frame in _av_frames(container, stream):
        if first and origin is not None and frame.pts is not None and frame.time_base is not None:
            late = round((frame.pts * frame.time_base - origin) * stream.rate)
            to_drop = max(0, -late)
            if 0 < late <= MAX_SECONDS * stream.rate:
                yield np.zeros((late, channels), np.float32)
        first = False
        for part in resampler.resample(frame):
            chunk = part.to_ndarray().astype(np.float32, copy=False).reshape(-1, channels)
            yield chunk[to_drop:]
            to_drop = max(0, to_drop - len(chunk))
    for part in resampler.resample(None) if not first else ():
        yield part.to_ndarray().astype(np.float32, copy=False).reshape(-1, channels)[to_drop:]


def _av_frames(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    """Decoded frames; damaged packets are left out."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (ffmpeg.FFmpegError, OSError):
            return  # cut off: what came before counts
        if packet is None:
            return
        try:
            decoded = packet.decode()
        except ffmpeg.FFmpegError:
            continue
        for frame in decoded:
            if isinstance(frame, ffmpeg.av.AudioFrame):
                yield frame


def _collected(chunks: Iterator[NDArray[np.float32]], *, rate: int, name: str) -> Samples:
    if rate not in _RATES:
        raise MediaError(f"{name} says that it has {rate} samples a second, which no sound has.")
    parts: list[NDArray[np.float32]] = []
    total = 0
    for chunk in chunks:
        kept = chunk if chunk.shape[1] <= 2 else chunk.mean(axis=1, keepdims=True)
        parts.append(np.nan_to_num(kept, nan=0.0, posinf=1.0, neginf=-1.0).astype(np.float32, copy=False))
        total += len(kept)
        if total > MAX_SECONDS * rate:
            raise MediaError(f"{name} is longer than {MAX_SECONDS // 60} minutes; cut it into shorter files first.")
    return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
