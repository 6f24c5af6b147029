"""Memory that the program has freed is used again, or goes back to the system (glibc).

The C library keeps what was freed in the middle of its heap, in the hope that it is asked for again. Previews, drafts
and decoded pictures of many sizes leave more and more of it behind. And it gives threads heaps of their own, up to
eight a processor: what one thread frees, another does not find. Threads of a pool come and go, so each heap grows to
the most that ever lay in it.
"""

import ctypes
import functools
from collections.abc import Callable


@functools.cache
def _trim() -> Callable[[int], int] | None:
    """``malloc_trim``; None where the C library has none (musl, Windows, macOS)."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return found


_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
HEAPS = 2
"""As many as threads that allocate much at one time: the window's own and whoever reads or decodes beside it."""


def share_heaps() -> bool:
    """All threads share a few heaps from now on; to be called before they are started. False where nothing is known."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, HEAPS))
    except (AttributeError, OSError, TypeError):
        return False


def hand_back() -> bool:
    """Give free memory back to the system; True when there was some. Any thread; some milliseconds."""
    trim = _trim()
    return trim is not None and bool(trim(0))
