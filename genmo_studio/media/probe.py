"""What a media file is, for importing it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec

from genmo_studio.media import ffmpeg
from genmo_studio.media.audio import sound_seconds
from genmo_studio.media.files import MediaError
from genmo_studio.media.video import VideoReader


class MediaInfo(msgspec.Struct, frozen=True):
    """What is in a file. ``frames`` counts project-rate frames, which is what ``MediaRef.frames`` holds."""

    seconds: Fraction
    frames: int
    has_video: bool
    has_sound: bool
    size: tuple[int, int] | None = None
    """(width, height) upright, pixels"""
    video_fps: Fraction | None = None


def probe(path: Path, *, fps: int = 30) -> MediaInfo:
    """Look into a file; raises MediaError with a sentence when it is neither video nor sound."""
    path = Path(path)
    has_sound, has_video = _streams(path)
    if has_video:
        with VideoReader(path) as reader:
            seconds, size, rate = reader.duration, reader.size, reader.fps
        return MediaInfo(seconds, max(1, int(-(-(seconds * fps) // 1))), True, has_sound, size, rate)
    if not has_sound:
        raise MediaError(f"{path.name} holds neither video nor sound.")
    seconds = sound_seconds(path)
    return MediaInfo(seconds, max(1, int(-(-(seconds * fps) // 1))), False, True)


def _streams(path: Path) -> tuple[bool, bool]:
    """(has sound, has video); the cover picture of a song is no video."""
    try:
        with ffmpeg.av.open(str(path), metadata_errors="replace") as container:
            cover = ffmpeg.av.stream.Disposition.attached_pic
            return bool(container.streams.audio), any(not s.disposition & cover for s in container.streams.video)
    except (ffmpeg.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path.name} could not be opened as video or sound.") from error
