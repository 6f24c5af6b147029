"""Pictures of media for the timeline: thumbnails and waveforms, made on other threads and handed over when ready.

The painter asks for what it wants to show and gets what there is. What is missing is collected and made in the
background, newest wish first: a batch that is no longer on screen is not begun.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage

from genmo_studio.document.model import Document, MediaKind, MediaRef
from genmo_studio.document.queries import find_media
from genmo_studio.media.files import MediaError
from genmo_studio.media.probe import probe
from genmo_studio.media.thumbnails import Thumbnails
from genmo_studio.media.waveform import Waveform, load_waveform
from genmo_studio.shapes import Float32

Locate = Callable[[MediaRef], Path | None]

_HEIGHTS = (32, 48, 64, 96, 144, 216)
_MOST_PICTURES = 2000  # of one video; about 50 MB at 64 rows


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class _Strip:
    """Pictures of one video at one height that are in memory."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.images: dict[int, QImage] = {}

    def put(self, frame: int, image: QImage) -> None:
        if len(self.frames) >= _MOST_PICTURES:
            self.frames.clear()
            self.images.clear()
        if frame not in self.images:
            self.frames.insert(bisect_left(self.frames, frame), frame)
        self.images[frame] = image

    def nearest(self, frame: int) -> QImage | None:
        at = bisect_left(self.frames, frame)
        near = [self.frames[n] for n in (at - 1, at) if 0 <= n < len(self.frames)]
        return self.images[min(near, key=lambda other: abs(other - frame))] if near else None


class MediaArt(QObject):
    """Implements ``ClipArt`` for the media of a document. ``locate`` is called on other threads."""

    arrived = Signal(str)  # id of a medium of which there is more to show
    failed = Signal(str, str)  # id of a medium, one sentence
    _picture = Signal(str, int, int, QImage)
    _aspect = Signal(str, float)
    _wave = Signal(str, object)
    _missing = Signal(str)
    _done = Signal(str)

    def __init__(
        self,
        document: Document,
        *,
        locate: Locate,
        cache: Path | None = None,
        waits: bool = False,
        parent: QObject | None = None,
    ) -> None:
        """``waits``: begin with ``begin()``, so that nothing is read while the window is being made."""
        super().__init__(parent)
        self._held: list[_Task] | None = [] if waits else None
        self._document, self._locate, self._cache = document, locate, cache
        self._strips: dict[tuple[str, int], _Strip] = {}
        self._aspects: dict[str, float] = {}
        self._waves: dict[str, Waveform] = {}
        self._beats: dict[str, tuple[float, ...]] = {}
        self._gone: set[str] = set()
        self._begun: set[str] = set()  # media whose waveform or strip is being made; strips may be begun again
        self._again: set[str] = set()  # media of which more was wished for while a batch was being made
        self._wanted: dict[tuple[str, int], set[int]] = {}
        self._closing = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._flush = QTimer(self)
        self._flush.setSingleShot(True)
        self._flush.setInterval(30)
        self._flush.timeout.connect(self._begin_strips)
        self._picture.connect(self._keep_picture)
        self._aspect.connect(self._keep_aspect)
        self._wave.connect(self._keep_wave)
        self._missing.connect(self._keep_missing)
        self._done.connect(self._end)

    # -- what the painter asks -----------------------------------------------------------------------------------------

    def thumbnail(self, media: str, frame: int, *, height: int) -> QImage | None:
        """The picture of a source frame, or the nearest one that is ready while it is being made."""
        rows = next((rows for rows in _HEIGHTS if rows >= height), _HEIGHTS[-1])
        strip = self._strips.setdefault((media, rows), _Strip())
        exact = strip.images.get(frame)
        if exact is None and media not in self._gone and not self._closing:
            self._wanted.setdefault((media, rows), set()).add(frame)
            if not self._flush.isActive():
                self._flush.start()
        return exact or strip.nearest(frame)

    def aspect(self, media: str) -> float:
        """Width over height; 16:9 until the file has been looked into."""
        return self._aspects.get(media, 16 / 9)

    def peaks(self, media: str, first: float, last: float, columns: int) -> Float32[np.ndarray, "columns 2"] | None:
        """Lowest and highest sample of each part of a stretch of source frames; None while it is being made."""
        wave = self._waves.get(media)
        if wave is None:
            self._begin_wave(media)
            return None
        fps = self._document.fps
        return wave.peaks(first / fps, last / fps, columns=columns)

    def beats(self, media: str) -> Sequence[float]:
        """Beats in source frames, as far as they have been told."""
        return self._beats.get(media, ())

    def name(self, media: str) -> str:
        """Name of the file."""
        found = find_media(self._document, media)
        return found.name if found is not None else "Missing medium"

    def missing(self, media: str) -> bool:
        """True once the file was looked for in vain."""
        return media in self._gone

    @property
    def idle(self) -> bool:
        """True when everything that was asked for has been made."""
        return not self._wanted and not self._begun and not self._again

    # -- what others tell ----------------------------------------------------------------------------------------------

    def set_document(self, document: Document) -> None:
        """Follow the document; media that point elsewhere are looked at anew."""
        old = {media.id: media for media in self._document.media}
        self._document = document
        for media in document.media:
            if media.id in old and old[media.id] != media:
                self.forget(media.id)

    def set_beats(self, media: str, beats: Iterable[float]) -> None:
        """Beats of a music file in source frames at the project rate, ascending."""
        self._beats[media] = tuple(beats)
        self.arrived.emit(media)

    def begin(self) -> None:
        """The window stands: make what was asked for meanwhile, and from now on at once."""
        held, self._held = self._held, None
        for task in held or ():
            self._pool.start(task)

    def forget(self, media: str) -> None:
        """Make everything of a medium again, because its file is another one."""
        self._gone.discard(media)
        self._waves.pop(media, None)
        self._begun.discard(media)
        for key in [key for key in self._strips if key[0] == media]:
            del self._strips[key]
        self.arrived.emit(media)

    def close(self) -> None:
        """Stop making pictures and wait for the one that is being made."""
        self._closing = True
        self._flush.stop()
        self._wanted.clear()
        self._held = None
        self._pool.clear()
        self._pool.waitForDone()

    # -- making --------------------------------------------------------------------------------------------------------

    def _begin_strips(self) -> None:
        wanted, self._wanted = self._wanted, {}
        for (media, rows), frames in wanted.items():
            ref = find_media(self._document, media)
            if ref is None or ref.kind is not MediaKind.VIDEO:
                continue
            if media in self._begun:
                self._again.add(media)
                continue
            self._begun.add(media)
            self._start(lambda ref=ref, rows=rows, frames=frames: self._make_strip(ref, rows, frames))  # type: ignore[misc]

    def _make_strip(self, ref: MediaRef, rows: int, frames: set[int]) -> None:
        """On a thread of the pool."""
        try:
            path = self._locate(ref)
            if path is None:
                self._missing.emit(ref.id)
                return
            if ref.id not in self._aspects:
                size = probe(path).size
                if size is not None:
                    self._aspect.emit(ref.id, size[0] / size[1])
            for frame, picture in Thumbnails(path, height=rows, cache=self._cache).make(frames):
                if self._closing:
                    return
                high, wide = picture.shape[:2]
                image = QImage(picture.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
                self._picture.emit(ref.id, rows, frame, image)
        except MediaError as error:
            self.failed.emit(ref.id, str(error))
            self._missing.emit(ref.id)
        finally:
            self._done.emit(ref.id)

    def _begin_wave(self, media: str) -> None:
        ref = find_media(self._document, media)
        if ref is None or media in self._begun or media in self._gone or self._closing:
            return
        self._begun.add(media)
        self._start(lambda: self._make_wave(ref))

    def _make_wave(self, ref: MediaRef) -> None:
        """On a thread of the pool."""
        try:
            path = self._locate(ref)
            if path is None:
                self._missing.emit(ref.id)
            else:
                wave = load_waveform(path, cache=self._cache)
                import pyqtgraph.functions  # noqa: F401, PLC0415 - 0.4 s that neither the start nor the painter waits

                self._wave.emit(ref.id, wave)
        except MediaError as error:
            self.failed.emit(ref.id, str(error))
            self._missing.emit(ref.id)
        finally:
            self._done.emit(ref.id)

    def _start(self, work: Callable[[], None]) -> None:
        if self._held is None:
            self._pool.start(_Task(work))
        else:
            self._held.append(_Task(work))

    # -- arriving, on the window's thread ------------------------------------------------------------------------------

    def _keep_picture(self, media: str, rows: int, frame: int, image: QImage) -> None:
        self._strips.setdefault((media, rows), _Strip()).put(frame, image)
        self.arrived.emit(media)

    def _keep_aspect(self, media: str, aspect: float) -> None:
        self._aspects[media] = aspect
        self.arrived.emit(media)

    def _keep_wave(self, media: str, wave: Waveform) -> None:
        self._waves[media] = wave
        self.arrived.emit(media)

    def _keep_missing(self, media: str) -> None:
        self._gone.add(media)
        self.arrived.emit(media)

    def _end(self, media: str) -> None:
        self._begun.discard(media)
        if media in self._again:  # the painter asks anew, for what is on screen by now
            self._again.discard(media)
            self.arrived.emit(media)
