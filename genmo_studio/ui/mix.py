"""The music of a document as one stretch of samples, ready to be played. Pure.

Clips at their own speed are copied sample by sample; clips that were retimed, and files of another rate, are resampled
linearly. Muted clips and tracks that are not heard are left out.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.model import Document, MusicClip, TrackKind
from genmo_studio.document.queries import heard_tracks
from genmo_studio.document.time import Span
from genmo_studio.shapes import Float

Samples = Float[NDArray[np.float32], "samples channels"]
SoundOf = Callable[[str], tuple[Samples, int] | None]
"""From a medium's id to its samples and rate; None when it has no sound (yet)."""

GRAIN_SECONDS = 0.08
"""Length of what is heard of one frame while scrubbing."""
_GRAIN_FADE = 0.004
MAX_MIX_SECONDS = 1800
"""Longest mix (0.7 GB of stereo at 48 kHz); what comes later is silent."""


class Mix(msgspec.Struct, frozen=True, eq=False):
    """Stereo samples from frame 0 of the project on."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / self.rate


def sounding_clips(document: Document) -> tuple[MusicClip, ...]:
    """The music clips that are heard, in the order of the document."""
    return tuple(
        item
        for track in heard_tracks(document)
        if track.kind is TrackKind.MUSIC
        for item in track.items
        if isinstance(item, MusicClip) and not item.muted and item.gain > 0
    )


def mix_music(document: Document, sound_of: SoundOf) -> Mix | None:
    """All heard music clips added up and held inside -1..1; None when nothing sounds."""
    clips = [(clip, sound) for clip in sounding_clips(document) if (sound := sound_of(clip.media)) is not None]
    if not clips:
        return None
    rate = clips[0][1][1]
    stop = min(max(clip.span.stop for clip, _ in clips), document.length)
    seconds = min(stop / document.fps, MAX_MIX_SECONDS)
    out = np.zeros((max(1, round(seconds * rate)), 2), np.float32)
    for clip, (samples, own_rate) in clips:
        _add(out, clip, samples, own_rate=own_rate, rate=rate, fps=document.fps)
    np.clip(out, -1.0, 1.0, out=out)
    return Mix(out, rate)


def _add(out: Samples, clip: MusicClip, samples: Samples, *, own_rate: int, rate: int, fps: int) -> None:
    first = round(clip.span.start * rate / fps)
    count = min(len(out) - first, round(clip.span.length * rate / fps))
    if count <= 0 or not len(samples):
        return
    begin = clip.source.start * own_rate / fps
    step = own_rate / rate * clip.source.length / clip.span.length  # source samples for each sample of the mix
    if abs(step - 1.0) < 1e-9:
        start = round(begin)
        part = samples[start : start + count]
    else:
        at = begin + np.arange(count) * step
        at = at[at <= len(samples) - 1]
        low = at.astype(np.int64)
        share = (at - low).astype(np.float32)[:, None]
        part = samples[low] * (1 - share) + samples[np.minimum(low + 1, len(samples) - 1)] * share
    out[first : first + len(part)] += np.float32(clip.gain) * part[:, [0, -1]]


def looped(mix: Mix, *, span: Span, start: float, fps: int, seconds: float) -> Samples:
    """What is heard when a span repeats: from ``start`` (frames) to its end, then the span again and again.

    At least ``seconds`` long; ends at a seam, so that playing it again from the span's start joins without a gap.
    """
    first, stop = round(span.start * mix.rate / fps), round(span.stop * mix.rate / fps)
    whole = np.zeros((stop - first, 2), np.float32)
    part = mix.samples[first:stop]
    whole[: len(part)] = part
    begin = round(start * mix.rate / fps)
    lead = whole[begin - first :] if begin >= first else np.concatenate((_stretch(mix, begin, first), whole))
    repeats = max(1, int(np.ceil(seconds * mix.rate / max(1, len(whole)))))
    return np.concatenate((lead, np.tile(whole, (repeats, 1))))


def grain(mix: Mix, *, frame: int, fps: int) -> Samples:
    """What is heard of one frame while scrubbing: from its beginning on, softly cut; empty after the mix's end."""
    begin, count = round(frame * mix.rate / fps), round(GRAIN_SECONDS * mix.rate)
    part = mix.samples[begin : begin + count].copy()
    fade = min(round(_GRAIN_FADE * mix.rate), len(part) // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
        part[:fade] *= ramp
        part[-fade:] *= ramp[::-1]
    return part


def _stretch(mix: Mix, begin: int, stop: int) -> Samples:
    out = np.zeros((stop - begin, 2), np.float32)
    part = mix.samples[begin:stop]
    out[: len(part)] = part
    return out
