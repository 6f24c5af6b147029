"""Finds the camera of a video clip in the world of the shown motion: keypoints from cache or engine, then a fit.

The keypoints are read and the fit is made on another thread; the engine is asked only for videos that nobody has
looked at yet.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from genmo_studio import paths
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import VideoClip
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.extract.known_video import KeypointTrack, known_video
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.camera_fit import FittedCamera, fit_camera
from genmo_studio.render.camera import VideoCamera
from genmo_studio.ui.jobs import JobController
from genmo_studio.ui.video_frames import shown_source

EXTRACTED_FPS = 30
_KEPT = 8


class Sought(msgspec.Struct, frozen=True):
    """A clip and the motion in whose world its camera is wanted."""

    clip: VideoClip
    path: Path
    sha256: str
    fps: int
    shown: ShownMotion | None
    """None while there is no motion."""
    body: Body

    def same(self, other: "Sought | None") -> bool:
        """True when the answer is the same."""
        return (
            other is not None
            and (self.clip.span, self.clip.source, self.sha256, self.fps)
            == (other.clip.span, other.clip.source, other.sha256, other.fps)
            and self.shown is other.shown
            and self.body is other.body
        )


class ClipCamera(msgspec.Struct, frozen=True, eq=False):
    """The camera of a clip at all its frames."""

    start: int
    """Timeline frame of the first pose."""
    fitted: FittedCamera
    size: tuple[int, int]
    """(width, height) that the intrinsics refer to, pixels."""

    def at(self, frame: float) -> VideoCamera:
        """The camera at a timeline frame; held before and after the frames it was fitted to."""
        poses = self.fitted.world_to_camera
        index = min(max(round(frame) - self.start, 0), len(poses) - 1)
        return VideoCamera(self.fitted.intrinsics, self.size, poses[index])


class Answer(msgspec.Struct, frozen=True):
    """What was found: a camera, or why there is none, as a sentence."""

    camera: ClipCamera | None = None
    why: str = ""


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class CameraFinder(QObject):
    """Answers are kept; ``close`` it with the window."""

    found = Signal()
    """Ask again: something is known now, or the work has advanced."""
    _read = Signal(object, object)  # sha256, KeypointTrack | None
    _fitted = Signal(object, object)  # Sought, Answer

    def __init__(self, jobs: JobController, *, cache: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._cache = jobs, cache or paths.cache()
        self._tracks: dict[str, KeypointTrack | None] = {}  # None: it was looked for and is not there
        self._reading: set[str] = set()
        self._refused: dict[str, str] = {}
        self._watching: dict[int, str] = {}  # job -> sha256
        self._watched: set[str] = set()
        self._answers: OrderedDict[int, tuple[Sought, Answer]] = OrderedDict()
        self._fitting: list[Sought] = []
        self._number = 0
        self._progress = ""
        self._closing = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._read.connect(self._keep_track)
        self._fitted.connect(self._keep_answer)
        jobs.other.connect(self._heard)

    @property
    def progress(self) -> str:
        """What is being done, in a few words; empty when nothing is."""
        return self._progress

    def ask(self, sought: Sought) -> Answer | None:
        """The answer, or None while it is worked at; ``found`` says when to ask again."""
        if sought.shown is None:
            return Answer(why="No motion yet: this is the picture alone. Generate to see the body over it.")
        if sought.sha256 in self._refused:
            return Answer(why=self._refused[sought.sha256])
        for known, answer in self._answers.values():
            if known.same(sought):
                return answer
        track = self._tracks.get(sought.sha256)
        if track is not None:
            self._fit(sought, track)
        elif sought.sha256 not in self._tracks:
            self._look_up(sought.sha256)
        elif sought.sha256 not in self._watching.values():
            self._progress = "Watching the video"
            self._watching[self._jobs.submit(protocol.VideoWork(str(sought.path)))] = sought.sha256
        return None

    def close(self) -> None:
        """Stop working."""
        self._closing = True
        self._pool.clear()
        self._pool.waitForDone()

    # -- keypoints -----------------------------------------------------------------------------------------------------

    def _look_up(self, sha256: str) -> None:
        if sha256 in self._reading:
            return
        self._reading.add(sha256)
        self._progress = "Reading what is known of the video"
        self._pool.start(_Task(lambda: self._tell_track(sha256)))

    def _tell_track(self, sha256: str) -> None:
        """On the pool's thread."""
        track = known_video(sha256, cache=self._cache)
        if not self._closing:
            self._read.emit(sha256, track)

    def _keep_track(self, sha256: str, track: KeypointTrack | None) -> None:
        self._reading.discard(sha256)
        if track is not None and not track.found.any():
            self._refused[sha256] = "Nobody was found in this video, so its camera is not known."
        elif track is None and sha256 in self._watched:
            self._refused[sha256] = "What was found in the video could not be kept; is the disk full?"
        self._tracks[sha256] = track
        self._progress = ""
        self.found.emit()

    def _heard(self, message: object) -> None:
        job = getattr(message, "job", None)
        if job not in self._watching:
            return
        if isinstance(message, protocol.ProgressMessage):
            self._progress = f"{message.stage[:1].upper()}{message.stage[1:]}: {message.fraction:.0%}"
        elif not isinstance(message, protocol.PreviewMessage):
            sha256 = self._watching.pop(job)
            self._progress = ""
            if isinstance(message, protocol.VideoDone):
                self._watched.add(sha256)
                self._tracks.pop(sha256, None)
            elif isinstance(message, protocol.Failed):
                self._refused[sha256] = message.sentence[:1].upper() + message.sentence[1:]
            else:
                self._refused[sha256] = "Watching the video was stopped, so its camera is not known."
        self.found.emit()

    # -- the fit -------------------------------------------------------------------------------------------------------

    def _fit(self, sought: Sought, track: KeypointTrack) -> None:
        if any(waiting.same(sought) for waiting in self._fitting):
            return
        self._fitting.append(sought)
        self._progress = "Finding the camera"
        self._pool.start(_Task(lambda: self._tell_fit(sought, track)))

    def _tell_fit(self, sought: Sought, track: KeypointTrack) -> None:
        """On the pool's thread."""
        try:
            answer = fitted_clip(sought, track)
        except np.linalg.LinAlgError:
            answer = Answer(why="The person's keypoints and the motion do not tell where the camera was.")
        if not self._closing:
            self._fitted.emit(sought, answer)

    def _keep_answer(self, sought: Sought, answer: Answer) -> None:
        self._fitting = [waiting for waiting in self._fitting if waiting is not sought]
        self._number += 1
        self._answers[self._number] = (sought, answer)
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)
        self._progress = ""
        self.found.emit()


def fitted_clip(sought: Sought, track: KeypointTrack) -> Answer:
    """The camera of a clip from its keypoints and the shown motion, over the frames that both have."""
    shown = sought.shown
    both = None if shown is None else sought.clip.span.intersection(shown.span)
    if shown is None or both is None:
        return Answer(why="There is no motion at this clip: this is the picture alone.")
    sources = source_frames(sought.clip, both, fps=sought.fps, length=len(track.keypoints))
    local = np.arange(both.start - shown.start, both.stop - shown.start)
    joints = joint_positions(shown.motion.sliced(int(local[0]), int(local[-1]) + 1), sought.body)
    fitted = fit_camera(
        joints,
        track.keypoints[sources],
        intrinsics=track.intrinsics,
        turned=track.world_to_camera[sources],
    )
    if fitted is None:
        return Answer(why="The person is seen in too few frames of this clip, so its camera is not known.")
    return Answer(ClipCamera(both.start, fitted, track.size))


def source_frames(clip: VideoClip, span: Span, *, fps: int, length: int) -> NDArray[np.int64]:
    """Which of ``length`` extracted frames belong to the timeline frames of a span."""
    shown = np.array([shown_source(clip, frame) for frame in range(span.start, span.stop)], np.float64)
    return np.clip(np.rint(shown * EXTRACTED_FPS / fps).astype(np.int64), 0, length - 1)
