"""Moves the view on while a drag is held at an edge of the timeline."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from genmo_studio.ui.timeline.effects import Pointer
from genmo_studio.ui.timeline.view import View

INTERVAL_MS = 30
_REACH = 24.0  # pixels inside the edge in which it begins
_FASTEST = 40.0  # pixels a tick


def push(pointer: Pointer, view: View, *, along: bool, down: bool) -> tuple[float, float]:
    """Pixels by which the content moves in one tick; faster the further out the pointer is. Pure."""
    dx = _beyond(pointer.x, view.metrics.header_width, view.width) if along else 0.0
    dy = _beyond(pointer.y, view.tracks_top, view.height) if down else 0.0
    return dx, dy


def _beyond(at: float, low: float, high: float) -> float:
    """Positive when content must come in from the low side."""
    if at < low + _REACH:
        return min(_FASTEST, (low + _REACH - at) / 3.0)
    if at > high - _REACH:
        return -min(_FASTEST, (at - high + _REACH) / 3.0)
    return 0.0


class EdgeScroll(QObject):
    """Pans and then repeats the last pointer move, as long as the drag stays at the edge."""

    def __init__(self, *, pan: Callable[[float, float], None], again: Callable[[Pointer], None], parent: QObject):
        super().__init__(parent)
        self._pan, self._again = pan, again
        self._pointer, self._push = Pointer(0.0, 0.0), (0.0, 0.0)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)

    def follow(self, pointer: Pointer, view: View, *, along: bool, down: bool) -> None:
        """The pointer of a drag is here now."""
        self._pointer, self._push = pointer, push(pointer, view, along=along, down=down)
        if self._push == (0.0, 0.0):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """The drag has ended."""
        self._timer.stop()

    def _tick(self) -> None:
        self._pan(*self._push)
        self._again(self._pointer)
