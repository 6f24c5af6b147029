"""The document's music as it is heard: mixed in the background, played from any frame at any speed, or in short grains.

Music is read and mixed on another thread, so it joins in when it is ready.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document, MediaRef
from genmo_studio.document.queries import find_media
from genmo_studio.document.time import Span
from genmo_studio.media.audio import read_audio
from genmo_studio.media.files import MediaError
from genmo_studio.media.output import AudioOut
from genmo_studio.media.stretch import Stretched
from genmo_studio.ui.clock import TimeSource
from genmo_studio.ui.mix import Mix, Samples, grain, looped, mix_music, sounding_clips

SLOWEST, FASTEST = 0.25, 4.0
"""Speeds at which sound can be followed; outside of them, and backwards, it is silent."""
_LOOP_SECONDS = 20.0  # of repeated sound handed over at once
_MIX_DELAY_MS = 150
_STUCK_SECONDS = 0.75  # without a step of the device's clock, after which it is taken to be gone


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


def audible(speed: float) -> bool:
    """True when sound is played at a speed."""
    return SLOWEST <= speed <= FASTEST


class Sound(QObject):
    """Plays the mix of the editor's document on an output."""

    changed = Signal()
    """There is another mix, or none any more."""
    message = Signal(str)
    """One sentence: why something is not heard."""
    _mixed = Signal(object)  # Mix | None

    def __init__(
        self,
        editor: Editor,
        *,
        out: AudioOut,
        locate: Callable[[MediaRef], Path | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor, self._out, self._locate = editor, out, locate
        self._mix: Mix | None = None
        self._sounding = False
        self._until = 0.0  # position of the sound at which repeated sound must be handed over anew
        self._last_position, self._last_step = 0.0, 0.0
        self._sounds: dict[tuple[str, Path], tuple[Samples, int]] = {}
        self._told: set[str] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._mix_later = QTimer(self)
        self._mix_later.setSingleShot(True)
        self._mix_later.setInterval(_MIX_DELAY_MS)
        self._mix_later.timeout.connect(self._begin_mix)
        self._mixed.connect(self._keep_mix)
        self._begin_mix()

    @property
    def mix(self) -> Mix | None:
        """What is heard, from frame 0 on; None without music."""
        return self._mix

    @property
    def sounding(self) -> bool:
        """True between ``start`` and ``stop``."""
        return self._sounding

    @property
    def problem(self) -> str | None:
        """Why there is no sound, as a sentence; None when there is."""
        return self._out.problem

    def set_gain(self, gain: float) -> None:
        """What samples are multiplied by, 0 to 1."""
        self._out.gain = gain

    def start(self, at: float, *, speed: float, loop: Span | None) -> TimeSource | None:
        """Play from a time (frames) on; gives the clock of the sound, or None where it is silent."""
        self.stop()
        mix = self._mix
        if mix is None or not audible(speed):
            return None
        fps = self._editor.document.fps
        try:
            if loop is not None and at < loop.stop:
                samples = looped(mix, span=loop, start=at, fps=fps, seconds=_LOOP_SECONDS)
                self._until = len(samples) / mix.rate / speed
                self._play(samples, mix.rate, speed=speed, start=0.0)
            else:
                self._until = float("inf")
                self._play(mix.samples, mix.rate, speed=speed, start=at / fps)
        except MediaError as error:
            self._tell(str(error))
            return None
        self._sounding = True
        self._last_position, self._last_step = self._out.position or 0.0, time.perf_counter()
        return self._position

    def stop(self) -> None:
        """Be silent."""
        if self._sounding:
            self._sounding = False
            self._out.stop()

    def play_grain(self, frame: int) -> None:
        """A moment of the music at a frame, as one hears it while scrubbing (PB6)."""
        mix = self._mix
        if mix is None or self._sounding:
            return
        samples = grain(mix, frame=frame, fps=self._editor.document.fps)
        try:
            if len(samples):
                self._out.play(samples, mix.rate)
            else:
                self._out.stop()
        except MediaError as error:
            self._tell(str(error))

    def alive(self) -> bool:
        """Look after what plays: False, once, when the device has gone; then it is silent."""
        if not self._sounding:
            return True
        before, now = self._last_position, time.perf_counter()
        if self._position() != before:
            self._last_step = now
        if self._out.position is None or now - self._last_step > _STUCK_SECONDS:
            self.stop()
            self._tell("The sound device has stopped; playback goes on in silence.")
            return False
        return True

    @property
    def run_out(self) -> bool:
        """True when repeated sound has come to its end and must be started again."""
        return self._sounding and self._last_position >= self._until

    def follow(self, old: Document, new: Document) -> None:
        """The document has changed: mix again if it sounds different."""
        if sounding_clips(old) != sounding_clips(new) or old.media is not new.media or old.fps != new.fps:
            self._mix_later.start()

    def close(self) -> None:
        """Stop and free the device."""
        self._mix_later.stop()
        self._sounding = False
        self._out.close()
        self._pool.clear()
        self._pool.waitForDone()

    def _play(self, samples: Samples, rate: int, *, speed: float, start: float) -> None:
        if speed == 1.0:
            self._out.play(samples, rate, start=start)
        else:
            self._out.play(Stretched(samples, rate, speed=speed, start=start), rate)

    def _position(self) -> float:
        """Position of the sound; the last known one when the device has gone, until ``alive`` notices."""
        position = self._out.position
        if position is not None:
            self._last_position = position
        return self._last_position

    # -- mixing --------------------------------------------------------------------------------------------------------

    def _begin_mix(self) -> None:
        document = self._editor.settled
        refs = {clip.media: find_media(document, clip.media) for clip in sounding_clips(document)}
        if not refs:
            self._keep_mix(None)
            return
        self._pool.start(_Task(lambda: self._make_mix(document, refs)))

    def _make_mix(self, document: Document, refs: dict[str, MediaRef | None]) -> None:
        """On the thread of the pool, which alone uses ``_sounds``."""
        found: dict[str, tuple[Samples, int]] = {}
        kept: dict[tuple[str, Path], tuple[Samples, int]] = {}
        for media, ref in refs.items():
            try:
                path = self._locate(ref) if ref is not None else None
                if path is not None:
                    key = (media, path)
                    found[media] = kept[key] = self._sounds.get(key) or read_audio(path)
            except MediaError as error:
                self.message.emit(str(error))
        self._sounds = kept
        self._mixed.emit(mix_music(document, found.get))

    def _keep_mix(self, mix: Mix | None) -> None:
        self._mix = mix
        self.changed.emit()

    def _tell(self, sentence: str) -> None:
        """Say it once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.message.emit(sentence)
