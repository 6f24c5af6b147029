"""Synthetic projects for the benchmarks of timeline and project files."""

from genmo_studio.document.model import Document, PoseKey, TextClip, Track, TrackKind
from genmo_studio.document.time import Span

TRACKS = 12
EVERY = 480
"""Frames from one clip of a track to the next in the large project."""


def large_document(*, clips: int = 5_000, keys: int = 100_000) -> Document:
    """Labelled text clips on twelve tracks with gaps between them, and a track with a key every other frame."""
    each = clips // TRACKS + 1
    length = max(EVERY * each, 2 * keys)
    tracks = tuple(
        Track(f"t{t}", TrackKind.TEXT, f"Text {t}", tuple(_clip(t, n) for n in range(min(each, clips - t * each))))
        for t in range(TRACKS)
    )
    pose = {"left_wrist": (0.1, 0.2, 0.3)}
    row = tuple(PoseKey(f"k{n:06d}", 2 * n, rotations=pose) for n in range(keys))
    return Document("d", "bench", length=length, tracks=(*tracks, Track("k", TrackKind.PARTIAL_KEYS, "Keys", row)))


def _clip(track: int, number: int) -> TextClip:
    start = EVERY * number + 37 * track
    return TextClip(f"t{track}c{number:06d}", Span(start, start + 400), f"walk {number}, then turn")
