"""Memory that the program has freed goes back to the system (glibc).

The C library keeps what was freed in the middle of its heap, in the hope that it is asked for again. Previews, drafts
and decoded pictures of many sizes leave more and more of it behind: 64 to 103 MB in half an hour of use. It is handed
back once a minute from a thread of the pool, because one call takes some milliseconds.
"""

import ctypes
import functools
from collections.abc import Callable

from PySide6.QtCore import QObject, QThreadPool, QTimer

EVERY_MS = 60_000


@functools.cache
def _trim() -> Callable[[int], int] | None:
    """``malloc_trim``; None where the C library has none (musl, Windows, macOS)."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return found


def hand_back() -> bool:
    """Give free memory back to the system; True when there was some. Any thread."""
    trim = _trim()
    return trim is not None and bool(trim(0))


def hand_back_now_and_then(owner: QObject) -> None:
    """Do so once a minute while ``owner`` lives."""
    if _trim() is None:
        return
    timer = QTimer(owner, interval=EVERY_MS)
    timer.timeout.connect(lambda: QThreadPool.globalInstance().start(hand_back))
    timer.start()
