"""From the beats of a music file to the beats of a clip on the timeline. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from genmo_studio.document.model import Document, MusicClip, TempoScale, TrackKind


def scaled_beats(beats: Sequence[float], tempo: TempoScale) -> list[float]:
    """Every second beat, all, or all and the times half way between, as the user corrected the tracker."""
    if tempo is TempoScale.HALF:
        return list(beats[::2])
    if tempo is TempoScale.NORMAL or len(beats) < 2:
        return list(beats)
    doubled = [value for a, b in pairwise(beats) for value in (a, (a + b) / 2)]
    return [*doubled, beats[-1]]


def clip_beats(clip: MusicClip, beats: Sequence[float]) -> list[float]:
    """Beats inside a clip as timeline times (frames), from beats in source frames in ascending order."""
    scaled = scaled_beats(beats, clip.tempo)
    inside = scaled[bisect_left(scaled, clip.source.start) : bisect_left(scaled, clip.source.stop)]
    rate = clip.span.length / clip.source.length
    return [clip.span.start + (beat - clip.source.start) * rate for beat in inside]


def document_beats(document: Document, beats_of: Callable[[str], Sequence[float]]) -> Iterable[int]:
    """Whole frames nearest to the beats of all music clips; ``beats_of`` maps a medium's id to its beats."""
    for track in document.tracks:
        if track.kind is not TrackKind.MUSIC:
            continue
        for item in track.items:
            if isinstance(item, MusicClip):
                yield from (round(beat) for beat in clip_beats(item, beats_of(item.media)))
