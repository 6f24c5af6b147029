"""What the files of a project are: where they lie, their hashes, and the beats that are known. Read on another thread.

A large video takes seconds to hash, so nothing of this is asked for on the window's thread: whoever needs a file that
has not been looked into yet waits for ``arrived``.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from genmo_studio import paths
from genmo_studio.document.model import Document, MediaRef, MusicClip, TrackKind
from genmo_studio.document.queries import find_media
from genmo_studio.extract.known_music import known_music
from genmo_studio.media.files import MediaError, locate, sha256_of
from genmo_studio.ui.project import Project


class MediaFact(msgspec.Struct, frozen=True):
    """What was found out about a medium."""

    media: MediaRef
    folder: Path | None
    """Of the project, when it was looked for."""
    path: Path | None
    """None when the file is gone or cannot be read."""
    sha256: str = ""
    state: tuple[int, int] = (0, 0)
    """Size and time of change of the file."""
    beats: tuple[float, ...] | None = None
    """In source frames; None when nobody has listened to it yet."""


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class MediaFacts(QObject):
    """Follows the media of the open project. Called with a media id it is the service's ``locate``, and never reads."""

    arrived = Signal()
    """Something has been found out."""
    _found = Signal(object)

    def __init__(self, project: Project, *, cache: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._cache = cache or paths.cache()
        self._facts: dict[str, MediaFact] = {}
        self._reading: dict[str, tuple[MediaRef, Path | None]] = {}
        self._closing = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._found.connect(self._keep)

    # -- asking --------------------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """True when nothing is being read."""
        return not self._reading

    def fact(self, media_id: str) -> MediaFact | None:
        """What is known of a medium; None while it is being read."""
        media = find_media(self._project.editor.document, media_id)
        fact = self._facts.get(media_id)
        return fact if fact is not None and (fact.media, fact.folder) == (media, self._project.media_folder) else None

    def __call__(self, media_id: str) -> tuple[str, str]:
        """Path and hash. Raises LookupError when the medium is gone or has not been read."""
        fact = self.fact(media_id)
        if fact is None or fact.path is None:
            raise LookupError(media_id)
        return str(fact.path), fact.sha256

    def as_authored(self, media_id: str) -> tuple[str, str]:
        """Path and hash; of a file that is gone, the hash that it had. Raises LookupError when that is not known."""
        fact, media = self.fact(media_id), find_media(self._project.editor.document, media_id)
        if fact is not None and fact.path is not None:
            return str(fact.path), fact.sha256
        if media is None or media.sha256 is None:
            raise LookupError(media_id)
        return "", media.sha256

    # -- following -----------------------------------------------------------------------------------------------------

    def follow(self, *, again: bool = False) -> bool:
        """Begin to read the media that are new or point elsewhere; True when there is nothing to wait for.

        With ``again`` files that have changed on disk, and those that were missing, are looked for as well.
        """
        document, folder = self._project.editor.document, self._project.media_folder
        audible = music_media(document)
        for media in document.media:
            fact = self.fact(media.id)
            if fact is not None and not (again and _outdated(fact)):
                continue
            if self._reading.get(media.id) != (media, folder):
                self._reading[media.id] = (media, folder)
                self._pool.start(_Task(lambda m=media: self._read(m, folder, audible=m.id in audible)))  # type: ignore[misc]
        present = {media.id for media in document.media}
        self._reading = {key: value for key, value in self._reading.items() if key in present}
        return self.ready

    def close(self) -> None:
        """Stop reading."""
        self._closing = True
        self._pool.clear()
        self._pool.waitForDone()

    def _read(self, media: MediaRef, folder: Path | None, *, audible: bool) -> None:
        """On the pool's thread."""
        fact = MediaFact(media, folder, None)
        try:
            path = locate(media, folder, stop=self._stopped)
            if path is not None:
                digest = sha256_of(path, stop=self._stopped)
                known = known_music(digest, cache=self._cache) if audible else None
                beats = None if known is None else tuple(float(beat) for beat in known.beats)
                fact = MediaFact(media, folder, path, digest, _state(path), beats)
        except (MediaError, OSError):
            pass  # as good as gone; the timeline shows it as missing
        if not self._closing:
            self._found.emit(fact)

    def _stopped(self) -> bool:
        return self._closing

    def _keep(self, fact: MediaFact) -> None:
        if self._closing or self._reading.get(fact.media.id) != (fact.media, fact.folder):
            return  # the window goes away, or the project has moved on
        del self._reading[fact.media.id]
        self._facts[fact.media.id] = fact
        self.arrived.emit()


def music_media(document: Document) -> frozenset[str]:
    """Ids of the media that music clips play."""
    music = (track for track in document.tracks if track.kind is TrackKind.MUSIC)  # others may hold 100,000 keys
    return frozenset(item.media for track in music for item in track.items if isinstance(item, MusicClip))


def _outdated(fact: MediaFact) -> bool:
    if fact.path is None:
        return True
    try:
        return _state(fact.path) != fact.state
    except OSError:
        return True


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
