"""A naive model of a timeline for tests: every item is the list of its cells.

A cell is (frame, what is there); what is there is a source frame, a text or a key. The model knows no spans, no
sorting and no sharing, so it fails differently from the real thing.
"""

from typing import Any

from genmo_studio.document.model import Item, MusicClip, PoseKey, TextClip, TrackKind, VideoClip, Waypoint
from genmo_studio.document.time import Span

Cells = list[tuple[int, Any]]
TRACKS = {
    "v": TrackKind.VIDEO,
    "t": TrackKind.TEXT,
    "m": TrackKind.MUSIC,
    "k": TrackKind.FULL_KEYS,
    "w": TrackKind.PATH,
}


def cells_of(item: Item) -> Cells:
    match item:
        case PoseKey():
            return [(item.frame, ("pose", item.root_position))]
        case Waypoint():
            return [(item.frame, ("waypoint", item.position))]
        case TextClip():
            return [(frame, item.text) for frame in range(item.span.start, item.span.stop)]
        case VideoClip() | MusicClip():
            assert item.span.length == item.source.length  # the machine never retimes, so speed stays normal
            shift = item.source.start - item.span.start
            return [(frame, (item.media, frame + shift)) for frame in range(item.span.start, item.span.stop)]


class Model:
    """tracks: name -> list of items, each a list of cells; result: frame -> (take, frame of take)."""

    def __init__(self) -> None:
        self.tracks: dict[str, list[Cells]] = {name: [] for name in TRACKS}
        self.markers: dict[str, list[int]] = {}
        self.result: dict[int, tuple[str, int]] = {}
        self.marks: list[int] = []  # the frames between in and out
        self.length = 60

    def put(self, track: str, cells: Cells) -> None:
        if track in "kw":
            frames = {frame for frame, _ in cells}
            self.tracks[track] = [other for other in self.tracks[track] if other[0][0] not in frames]
        self.tracks[track].append(cells)

    def grow(self) -> None:
        ends = [cells[-1][0] + 1 for items in self.tracks.values() for cells in items]
        self.length = max([self.length, *ends])

    def insert(self, at: int, count: int) -> None:
        self.length += count if at <= self.length else 0
        for track, items in self.tracks.items():
            new: list[Cells] = []
            for cells in items:
                left = [cell for cell in cells if cell[0] < at]
                right = [(frame + count, what) for frame, what in cells if frame >= at]
                if left and right and track == "t":
                    filling = [(frame, left[0][1]) for frame in range(at, at + count)]
                    new.append(left + filling + right)
                else:
                    new += [part for part in (left, right) if part]
            self.tracks[track] = new
        self.markers = {name: [frame + count if frame >= at else frame for frame in self._filled(frames, at, count)]
                        if len(frames) == 1 else self._filled(frames, at, count)
                        for name, frames in self.markers.items()}  # fmt: skip
        self.result = {frame + count * (frame >= at): shown for frame, shown in self.result.items()}
        if self.marks:
            first, last = (frame + count * (frame >= at) for frame in (self.marks[0], self.marks[-1]))
            self.marks = list(range(first, last + 1))

    @staticmethod
    def _filled(frames: list[int], at: int, count: int) -> list[int]:
        if len(frames) == 1:
            return frames
        moved = [frame + count * (frame >= at) for frame in frames]
        return list(range(moved[0], moved[-1] + 1))

    def remove(self, span: Span) -> None:
        count = span.length
        cut = [frame for frame in range(self.length) if frame in span]
        self.length = max(1, self.length - len(cut))

        def moved(frame: int) -> int:
            return frame - count if frame >= span.stop else frame

        for track, items in self.tracks.items():
            new: list[Cells] = []
            for cells in items:
                left = [cell for cell in cells if cell[0] < span.start]
                right = [(moved(frame), what) for frame, what in cells if frame >= span.stop]
                new += [left + right] if track == "t" else [left, right]
            self.tracks[track] = [cells for cells in new if cells]
        kept = {name: [moved(frame) for frame in frames if frame not in span] for name, frames in self.markers.items()}
        self.markers = {name: frames for name, frames in kept.items() if frames}
        self.result = {moved(frame): shown for frame, shown in self.result.items() if frame not in span}
        self.marks = [moved(frame) for frame in self.marks if frame not in span]
