"""Pictures of videos for showing, decoded on a thread of their own: the newest wish wins and the window never waits.

What was decoded is kept while there is room, and while playing a few pictures are decoded ahead, so that the one that
is needed next is usually there already.
"""

import threading
from collections import OrderedDict
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from genmo_studio.document.model import Document, MediaRef, TrackKind, VideoClip
from genmo_studio.document.queries import find_media, heard_tracks
from genmo_studio.media.files import MediaError
from genmo_studio.media.video import Image, VideoReader
from genmo_studio.values import replace

MAX_SIDE = 1920
"""Pixels of the longer side of what is shown."""
_KEPT_BYTES = 160 << 20
_READERS = 2  # files that stay open
_NEAR = 4  # frames behind that must be there when playing backwards, or a stretch is decoded


class VideoMoment(msgspec.Struct, frozen=True):
    """What a document shows of a video at a frame."""

    clip: VideoClip
    media: MediaRef | None
    frame: int
    """Project-rate frame of the medium's own time."""


def video_at(document: Document, frame: int) -> VideoMoment | None:
    """The video clip under a frame: heard before muted, the heavier, the upper track, the later clip."""
    heard = {track.id for track in heard_tracks(document)}
    found: list[tuple[tuple[bool, float, int, int], VideoClip]] = []
    for row, track in enumerate(document.tracks):
        if track.kind is not TrackKind.VIDEO or track.hidden:
            continue
        for clip in track.items:
            if isinstance(clip, VideoClip) and frame in clip.span:
                used = track.id in heard and not clip.muted
                found.append(((used, clip.weight, -row, clip.span.start), clip))
    if not found:
        return None
    clip = max(found, key=lambda pair: pair[0])[1]
    return VideoMoment(clip, find_media(document, clip.media), shown_source(clip, frame))


def shown_source(clip: VideoClip, frame: int) -> int:
    """The source frame that a clip shows at a timeline frame: the one in which the frame's middle lies."""
    length, source = clip.span.length, clip.source.length
    at = clip.source.start + ((2 * (frame - clip.span.start) + 1) * source) // (2 * length)
    return max(clip.source.start, min(at, clip.source.stop - 1))


OPEN_MS = 200


class Wanted(msgspec.Struct, frozen=True):
    """A picture: frame ``frame`` of ``fps`` a second of a file."""

    path: Path
    frame: int
    fps: int


class VideoFrames(QObject):
    """Decodes; ``get`` never waits. ``close`` it before the window goes away."""

    arrived = Signal(object)
    """Wanted: ``get`` has it now."""
    failed = Signal(object, str)
    """Wanted that cannot be had, and why, as a sentence."""

    def __init__(self, *, max_side: int = MAX_SIDE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._max_side = max_side
        self._news = threading.Condition()
        # Shared with the thread, under the condition's lock:
        self._kept: OrderedDict[Wanted, Image] = OrderedDict()
        self._bytes = 0
        self._wish: tuple[Wanted, int] | None = None
        self._closing = False
        self._thread: threading.Thread | None = None
        self._opening = QTimer(self)  # the first picture loads the decoder: a moment later, when the window stands
        self._opening.setSingleShot(True)
        self._opening.setInterval(OPEN_MS)
        self._opening.timeout.connect(self._open)
        self._readers: OrderedDict[Path, VideoReader] = OrderedDict()  # the thread's own

    @property
    def kept_bytes(self) -> int:
        """How much is kept now; at most about 160 MB."""
        with self._news:
            return self._bytes

    def get(self, wanted: Wanted) -> Image | None:
        """The picture if it is there: (height, width, 3) RGB, the same array for as long as it is kept."""
        with self._news:
            image = self._kept.get(wanted)
            if image is not None:
                self._kept.move_to_end(wanted)
            return image

    def want(self, wanted: Wanted, *, ahead: int = 0) -> Image | None:
        """Ask for a picture, and for so many that follow it (before it, when negative); the newest wish wins."""
        if self._thread is None and not self._opening.isActive():
            self._opening.start()
        with self._news:
            self._wish = (wanted, ahead)
            self._news.notify()
        return self.get(wanted)

    def _open(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._work, name="video frames", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the thread and close the files."""
        self._opening.stop()
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # -- on the thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._news:
                while self._wish is None and not self._closing:
                    self._news.wait()
                if self._closing or self._wish is None:
                    break
                (wanted, ahead), self._wish = self._wish, None
            if self._made(wanted, tell=True):
                self._decode_around(wanted, ahead)
        for reader in self._readers.values():
            reader.close()

    def _decode_around(self, wanted: Wanted, ahead: int) -> None:
        if ahead < 0 and self.get(replace(wanted, frame=max(0, wanted.frame - _NEAR))) is not None:
            return  # a file is read forwards: going back, whole stretches at a time
        frames = (
            range(wanted.frame + 1, wanted.frame + ahead + 1)
            if ahead > 0
            else range(ahead + wanted.frame, wanted.frame)
        )
        for frame in frames:
            if self._interrupted(frames) or not self._made(replace(wanted, frame=max(0, frame)), tell=False):
                return

    def _interrupted(self, stretch: range) -> bool:
        """True when something else is wished for that the present stretch does not bring."""
        with self._news:
            return self._closing or (
                self._wish is not None and self._wish[0] not in self._kept and self._wish[0].frame not in stretch
            )

    def _made(self, wanted: Wanted, *, tell: bool) -> bool:
        if self.get(wanted) is None:
            try:
                image = self._reader(wanted.path).frame_at(wanted.frame, wanted.fps)
            except (MediaError, OSError) as error:
                self._forget(wanted.path)
                if tell:
                    self._emit_failed(wanted, str(error))
                return False
            self._keep(wanted, image)
        if tell and not self._closing:
            self.arrived.emit(wanted)
        return True

    def _emit_failed(self, wanted: Wanted, sentence: str) -> None:
        if not self._closing:
            self.failed.emit(wanted, sentence)

    def _keep(self, wanted: Wanted, image: Image) -> None:
        with self._news:
            self._kept[wanted] = image
            self._bytes += image.nbytes
            while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes

    def _reader(self, path: Path) -> VideoReader:
        reader = self._readers.get(path)
        if reader is None:
            reader = self._readers[path] = VideoReader(path, max_side=self._max_side)
            while len(self._readers) > _READERS:
                self._readers.popitem(last=False)[1].close()
        self._readers.move_to_end(path)
        return reader

    def _forget(self, path: Path) -> None:
        reader = self._readers.pop(path, None)
        if reader is not None:
            reader.close()
