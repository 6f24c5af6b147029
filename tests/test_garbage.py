"""Widgets are never destroyed by the thread of a background task."""

import gc
import threading

from PySide6.QtCore import QRunnable, QThreadPool, QTimer
from PySide6.QtWidgets import QWidget

from genmo_studio import app as program


class Cycle(QWidget):
    """A widget that only the garbage collector can delete, with a timer that runs."""

    ends: list[threading.Thread]

    def __init__(self) -> None:
        super().__init__()
        self.me = self
        self.timer = QTimer(self)
        self.timer.start(3600_000)

    def __del__(self) -> None:
        self.ends.append(threading.current_thread())


class Reading(QRunnable):
    """Allocates as a task that reads files does: enough for Python to collect all generations."""

    def run(self) -> None:
        self.kept = [[] for _ in range(400_000)]


def test_only_the_thread_of_the_window_collects_garbage(qtbot) -> None:
    program.make_application()
    Cycle.ends = []
    for _ in range(3):
        Cycle()
    pool = QThreadPool()
    pool.start(Reading())
    pool.waitForDone()
    assert Cycle.ends == [], "not by the task's thread"
    assert not gc.isenabled()

    kept: list[list[object]] = []

    def collected() -> bool:
        kept.extend([] for _ in range(1000))  # the loop collects when more was made than freed, as Python does
        return len(Cycle.ends) == 3

    qtbot.waitUntil(collected, timeout=20_000)
    assert set(Cycle.ends) == {threading.main_thread()}
