"""Measures the shown motion frame by frame on another thread, for the heat strip."""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import Document, Item, PoseKey, ResultPiece, Track, Waypoint
from genmo_studio.document.queries import heard_items, heard_tracks
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.quality import (
    KeyTarget,
    Measure,
    joint_jerk,
    key_distance,
    seam_jump,
    skate_speed,
)
from genmo_studio.ui.timeline.heat import HeatStrip
from genmo_studio.ui.timeline.index import KEY_KINDS

PATIENCE_MS = 150
"""After the last change, so that a drag does not begin a measurement with every step."""

Strips = Mapping[Measure, HeatStrip]


class _Job(msgspec.Struct, frozen=True, eq=False):
    """Everything that a measurement reads; immutable, so that another thread may."""

    shown: ShownMotion
    body: Body
    tracks: tuple[Track, ...]  # of keys, heard
    result: tuple[ResultPiece, ...]


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


def target_of(item: Item, *, start: int) -> KeyTarget | None:
    """What a key asks of the motion that begins at timeline frame ``start``."""
    if isinstance(item, PoseKey):
        return KeyTarget(item.frame - start, item.rotations, item.positions, pelvis=item.root_position)
    if isinstance(item, Waypoint):
        return KeyTarget(item.frame - start, ground=item.position, heading=item.heading)
    return None


def seams_of(result: tuple[ResultPiece, ...], *, start: int) -> list[tuple[int, int]]:
    """(frame of the motion, frames of blend) of every piece but the first."""
    later = sorted(result, key=lambda piece: piece.span)[1:]
    return [(piece.span.start - start, piece.blend) for piece in later]


def measured(job: _Job) -> dict[Measure, HeatStrip]:
    """All measures of a motion."""
    shown, motion = job.shown, job.shown.motion
    positions = joint_positions(motion, job.body)
    covered = np.zeros(len(motion), bool)
    for span in shown.covered:
        covered[max(0, span.start - shown.start) : span.stop - shown.start] = True
    items = (item for track in job.tracks for item in heard_items(track.items))
    targets = [target for item in items if (target := target_of(item, start=shown.start)) is not None]
    inside = [target for target in targets if 0 <= target.frame < len(motion) and covered[target.frame]]
    values = {
        Measure.SKATE: skate_speed(positions, motion.contacts, fps=motion.fps),
        Measure.KEYS: key_distance(motion, job.body, inside),
        Measure.SEAMS: seam_jump(positions, seams_of(job.result, start=shown.start), fps=motion.fps),
        Measure.JITTER: joint_jerk(positions, fps=motion.fps),
    }
    return {measure: HeatStrip(measure, shown.start, found) for measure, found in values.items()}


class HeatMaker(QObject):
    """Follows the shown motion; ``made`` brings the strips of the latest, or None when there is no motion."""

    made = Signal(object)  # Strips | None
    _ready = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: _Job | None = None
        self._number = 0  # of the latest wish; what answers an older one is dropped
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PATIENCE_MS)
        self._later.timeout.connect(self._begin)
        self._ready.connect(self._finish)

    def follow(self, document: Document, shown: ShownMotion | None, body: Body) -> None:
        """Measure anew when the motion, its seams, the body or the keys are others."""
        if shown is None:
            if self._job is not None or self._number == 0:
                self._job, self._number = None, self._number + 1
                self._later.stop()
                self.made.emit(None)
            return
        tracks = tuple(track for track in heard_tracks(document) if track.kind in KEY_KINDS)
        old = self._job
        if (
            old is not None
            and old.shown is shown
            and old.body is body
            and old.result is document.result
            and len(old.tracks) == len(tracks)
            and all(before.items is after.items for before, after in zip(old.tracks, tracks, strict=True))
        ):
            return
        self._job = _Job(shown, body, tracks, document.result)
        self._number += 1
        self._later.start()

    def _begin(self) -> None:
        job, number = self._job, self._number
        if job is not None:
            self._pool.start(_Task(lambda: self._ready.emit(number, measured(job))))

    def _finish(self, number: int, strips: object) -> None:
        if number == self._number:
            self.made.emit(strips)

    def close(self) -> None:
        """Drop what is wished for and wait for what is being measured."""
        self._later.stop()
        self._number += 1
        self._pool.clear()
        self._pool.waitForDone()
