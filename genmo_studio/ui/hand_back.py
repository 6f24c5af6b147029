"""Once a minute the window's process hands back the memory that it has freed (spare_memory.py)."""

from PySide6.QtCore import QObject, QThreadPool, QTimer

from genmo_studio.spare_memory import hand_back

EVERY_MS = 60_000


def hand_back_now_and_then(owner: QObject) -> None:
    """Do so while ``owner`` lives, on a thread of the pool: one call takes some milliseconds."""
    timer = QTimer(owner, interval=EVERY_MS)
    timer.timeout.connect(lambda: QThreadPool.globalInstance().start(hand_back))
    timer.start()
