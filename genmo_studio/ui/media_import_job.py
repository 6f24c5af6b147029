"""Reading files on another thread: quick looks for the ghosts of a drag, whole files for an import."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from genmo_studio.ui.media_import import FileKind, Incoming, Place, kind_of
from genmo_studio.ui.media_import_read import Fixes, ImportFileError, Look, Read, Reader, incoming, look, sentence

MOST_LOOKS = 500


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


@dataclass(eq=False)
class Batch:
    """One import while it is being read: what came back by index of the path."""

    paths: tuple[Path, ...]
    place: Place
    document: str
    """id of the project that it is for"""
    read: dict[int, Read] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """True when every file has been read or given up."""
        return len(self.read) + len(self.problems) == len(self.paths)


class FileReading(QObject):
    """Looks into files and reads them, one after the other, on a thread of its own."""

    looked = Signal()
    """More is known about a file."""
    advanced = Signal(object)
    """Batch: one of its files was read."""
    finished = Signal(object)
    """Batch: all of its files were read or given up."""
    fixed = Signal(object, object)
    """what ``read_again`` was asked for, and Read or a sentence."""
    _seen = Signal(object, object)
    _came = Signal(object, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks: dict[tuple[Path, int, int], Look] = {}
        self._looking: set[Path] = set()
        self._batches: list[Batch] = []
        self._closing = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._seen.connect(self._keep_look)
        self._came.connect(self._keep_read)

    @property
    def batches(self) -> tuple[Batch, ...]:
        """Imports that are being read."""
        return tuple(self._batches)

    @property
    def stopped(self) -> bool:
        """True while everything is to end; asked from the reading thread."""
        return self._closing

    def incoming(self, paths: Sequence[Path], *, fps: int) -> list[Incoming]:
        """The files as far as they are known; what is not known yet is looked into, and ``looked`` tells."""
        return [incoming(path, self._look(path, fps)) for path in paths if kind_of(path) is not None]

    def problem(self, path: Path, *, fps: int) -> str:
        """Why a file that was looked into cannot be imported, "" while nothing speaks against it."""
        seen = self._look(path, fps)
        return "" if seen is None else seen.problem

    def _look(self, path: Path, fps: int) -> Look | None:
        if kind_of(path) is FileKind.PROJECT:
            return Look()
        key = _state(path, fps)
        if key is None:
            return look(path, fps=fps)  # it is gone; that is quickly said
        seen = self._looks.get(key)
        if seen is None and path not in self._looking and not self._closing:
            self._looking.add(path)
            self._pool.start(_Task(lambda: self._seen.emit(key, look(path, fps=fps))), 1)  # before whole files
        return seen

    def _keep_look(self, key: tuple[Path, int, int], seen: Look) -> None:
        if len(self._looks) >= MOST_LOOKS:
            self._looks.clear()
        self._looks[key] = seen
        self._looking.discard(key[0])
        self.looked.emit()

    def begin(self, batch: Batch, reader: Reader) -> None:
        """Read the files of an import; ``finished`` tells when, also when there are none."""
        self._batches.append(batch)
        if batch.done:
            self._end(batch)
        for index, path in enumerate(batch.paths):
            self._pool.start(_Task(lambda index=index, path=path: self._read(batch, index, path, reader)))  # type: ignore[misc]

    def _read(self, batch: Batch, index: int, path: Path, reader: Reader) -> None:
        """On the pool's thread."""
        result = _read_or_sentence(reader, path, Fixes())
        if not self._closing:
            self._came.emit(batch, index, result)

    def _keep_read(self, batch: Batch, index: int, result: object) -> None:
        if batch not in self._batches:
            return  # given up meanwhile
        if isinstance(result, Read):
            batch.read[index] = result
        else:
            batch.problems[index] = str(result)
        self.advanced.emit(batch)
        if batch.done:
            self._end(batch)

    def _end(self, batch: Batch) -> None:
        self._batches.remove(batch)
        self.finished.emit(batch)

    def give_up(self) -> int:
        """Forget the imports that are being read; returns how many files that were."""
        count = sum(len(batch.paths) for batch in self._batches)
        self._batches.clear()
        return count

    def read_again(self, token: object, path: Path, reader: Reader, fixes: Fixes) -> None:
        """Read a motion once more with other choices; ``fixed`` brings it."""

        def work() -> None:
            result = _read_or_sentence(reader, path, fixes)
            if not self._closing:
                self.fixed.emit(token, result)

        self._pool.start(_Task(work))

    def close(self) -> None:
        """Stop reading and wait for the file that is being read."""
        self._closing = True
        self._batches.clear()
        self._pool.clear()
        self._pool.waitForDone()


def _read_or_sentence(reader: Reader, path: Path, fixes: Fixes) -> Read | str:
    try:
        return reader.read(path, fixes=fixes)
    except ImportFileError as error:
        return str(error)
    except Exception as error:  # nobody is above a thread, and an import must come to an end
        return sentence(path, error)


def _state(path: Path, fps: int) -> tuple[Path, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return path, hash((status.st_size, status.st_mtime_ns)), fps
