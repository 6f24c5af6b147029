"""Writes to a pipe from a thread of its own, so that whoever sends never waits for a reader that is busy.

A pipe holds 64 KiB on Linux and less elsewhere; a request with a motion in it is larger. A worker that still imports
its libraries does not read, and a window that wrote to it directly would stand still until it does.
"""

import queue
import threading
from multiprocessing.connection import Connection


class Sender:
    """Owns the writing end of a pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._write, name="sender", daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Write ``data`` as one message, after those before it. Once the reader is gone, it is dropped."""
        self._waiting.put(data)

    def close(self) -> None:
        """Close the pipe after the message that is being written; those behind it are dropped. Does not wait."""
        self._ended = True
        self._waiting.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the end of the thread: it comes when the pipe was closed, or its reader is gone."""
        self._thread.join(timeout)

    def _write(self) -> None:
        try:
            while (data := self._waiting.get()) is not None and not self._ended:
                self._pipe.send_bytes(data)
        except OSError:
            pass  # the reader is gone; its owner finds out from the pipe that comes back
        finally:
            self._pipe.close()
