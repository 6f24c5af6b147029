"""Writes projects on a thread of its own, one after the other, and says on the window's thread how it ended."""

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from genmo_studio.document.storage import StorageError
from genmo_studio.ui.project import SaveJob


class _Task(QRunnable):
    """Writes one project. Whatever goes wrong is kept for the window, so that no save ends without a word."""

    def __init__(self, saver: "Saver", job: SaveJob) -> None:
        super().__init__()
        self._saver, self._job = saver, job

    def run(self) -> None:
        error: Exception | None = None
        try:
            self._job.write()
        except Exception as found:  # nobody is above a thread; the window reports it
            error = found
        self._saver.ended(error)


class Saver(QObject):
    """At most one project is being written."""

    finished = Signal(object, object)  # SaveJob, Exception | None
    _done = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: SaveJob | None = None
        self._error: Exception | None = None
        self._over = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._done.connect(self._tell)

    @property
    def busy(self) -> bool:
        """True from the beginning of a save until its end has been told."""
        return self._job is not None

    def begin(self, job: SaveJob) -> None:
        """Write a project; an earlier one is waited for."""
        self.wait()
        self._job, self._error, self._over = job, None, False
        self._pool.start(_Task(self, job))

    def wait(self) -> None:
        """Wait until nothing is being written and its end has been told."""
        self._pool.waitForDone()
        self._tell()

    def ended(self, error: Exception | None) -> None:
        """Called by the task on its thread."""
        self._error, self._over = error, True
        self._done.emit()

    def _tell(self) -> None:
        """On the window's thread; the second of the two calls after a wait finds nothing to tell."""
        job, error = self._job, self._error
        if job is None or not self._over:
            return
        self._job = self._error = None
        self.finished.emit(job, error)


def as_storage_error(error: Exception, job: SaveJob) -> StorageError:
    """Errors that storage did not foresee, in the same words as the others."""
    if isinstance(error, StorageError):
        return error
    return StorageError(f"“{job.target.name}” could not be saved ({error}); your work is still open here.")
