"""Looks at the conditions a moment after the last change: problems, and takes that are stale. Large documents are
looked at on another thread, because a hundred thousand keys take seconds."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from genmo_studio.conditions.checks import Known, check_conditions
from genmo_studio.conditions.memo import Memo
from genmo_studio.conditions.problem import Problem, ranked, worst
from genmo_studio.document.model import Document
from genmo_studio.ui.staleness import Staleness

DELAY_MS = 250
SMALL = 300
"""Items up to which looking takes a few milliseconds and is done at once."""


class Question(msgspec.Struct, frozen=True):
    """A document and what is known beside it, at one moment."""

    document: Document
    known: Known
    files: dict[str, tuple[str, str]] | None
    """Media id -> path and hash; None while files are being read, when nothing can be said about takes."""


class Answer(msgspec.Struct, frozen=True):
    """What was found in a document."""

    document: Document
    problems: tuple[Problem, ...]
    """The most serious first; the same object as before when they are the same."""
    marks: dict[str, tuple[Problem, ...]]
    """Those that more than inform, by the items that they name."""
    stale: frozenset[str] | None
    """Takes whose conditions have changed; None when that could not be told."""


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class ConditionWatch(QObject):
    """Answers the newest question; those that came in between are dropped."""

    answered = Signal(object)
    """Answer."""
    _came = Signal(object)

    def __init__(self, ask: Callable[[], Question], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._staleness = Staleness()
        self._memo = Memo()
        self._found: tuple[tuple[Problem, ...], dict[str, tuple[Problem, ...]]] = (), {}
        self._busy = self._again = self._closed = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._came.connect(self._take)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(DELAY_MS)
        self._later.timeout.connect(self.look)

    def soon(self) -> None:
        """Look a moment after the last change."""
        if not self._closed:
            self._later.start()

    def look(self) -> None:
        """Look now; small documents are answered when this returns."""
        self._later.stop()
        if self._busy:
            self._again = True
            return
        question = self._ask()
        if sum(len(track.items) for track in question.document.tracks) <= SMALL:
            self.answered.emit(self._answer(question))
            return
        self._busy = True
        self._pool.start(_Task(lambda: self._work(question)))

    def close(self) -> None:
        """Stop what is pending and wait for what runs."""
        self._closed = True
        self._later.stop()
        self._pool.clear()
        self._pool.waitForDone()

    def _work(self, question: Question) -> None:
        """On the pool's thread."""
        answer = self._answer(question)
        if not self._closed:
            self._came.emit(answer)

    def _answer(self, question: Question) -> Answer:
        document, files = question.document, question.files
        problems = ranked(check_conditions(document, span=document.in_out, known=question.known, memo=self._memo))
        if problems != self._found[0]:  # ten thousand are compared here, so that the window need not do it
            self._found = problems, worst(problems)
        # dict.__getitem__ raises KeyError, a LookupError, as ``locate`` is to do for a file that is gone
        stale = None if files is None else self._staleness.stale(document, locate=files.__getitem__)
        return Answer(document, *self._found, stale)

    def _take(self, answer: Answer) -> None:
        self._busy = False
        self.answered.emit(answer)
        if self._again:
            self._again = False
            self.look()
