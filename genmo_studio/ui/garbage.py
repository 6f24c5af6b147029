"""Python's garbage collector, kept to the thread of the window.

Widgets are often part of a cycle of references (a signal's lambda that holds the widget, a window that holds its
controls), so it is the collector that deletes them. Python runs it in whatever thread allocates next: a thread that
reads a file would then destroy widgets and timers while the window uses them, and the program ends without a word.
So it is switched off, and what it would have done is done between two events of the window's loop.
"""

import gc

from PySide6.QtCore import QAbstractEventDispatcher, QObject, QThread

RAREST = 100
"""Rounds of the middle generation, each 7,000 objects more, after which the old one is counted at the latest."""


class _Collector(QObject):
    """Collects about as often as Python would by itself, when the event loop comes round."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._old = 0  # objects that survived the last full collection
        self._look = 0  # rounds of the middle generation after which the old one is counted again

    def collect(self) -> None:
        """Collect the oldest generation that is due; costs a microsecond when none is."""
        counts, most = gc.get_count(), gc.get_threshold()
        if counts[0] <= most[0]:
            return
        if counts[2] > most[2] + self._look and self._grown(counts[2]):
            gc.collect(2)
            self._old, self._look = len(gc.get_objects(generation=2)), 0
        else:
            gc.collect(1 if counts[1] > most[1] else 0)

    def _grown(self, rounds: int) -> bool:
        """As Python does: large documents that stay are not looked through until there is a quarter more.

        Counting takes 30 ms where there are half a million objects, so it is done more and more rarely.
        """
        self._look = rounds + min(rounds, RAREST)
        return len(gc.get_objects(generation=2)) * 4 >= self._old * 5


def collect_here(owner: QObject) -> None:
    """From now on garbage is collected by this thread's event loop alone; once for each ``owner``, the application."""
    gc.disable()
    if any(isinstance(child, _Collector) for child in owner.children()):
        return
    assert QThread.currentThread() is owner.thread(), "the collector belongs to the thread of the window"
    collector = _Collector(owner)
    QAbstractEventDispatcher.instance().awake.connect(collector.collect)
