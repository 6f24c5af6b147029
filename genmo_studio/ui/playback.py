"""Transport: the one clock of the window. Views request frames, the transport sets them.

While the document's music sounds at normal speed, the sound's position is the time source; at other speeds, backwards
and in silence it is the computer's clock. Music is read and mixed on another thread and joins in when it is ready.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal

from genmo_studio.document.editor import Editor, Step
from genmo_studio.document.model import Document, MediaRef
from genmo_studio.document.queries import find_media
from genmo_studio.document.time import Span
from genmo_studio.media.audio import read_audio
from genmo_studio.media.files import MediaError
from genmo_studio.media.output import AudioOut
from genmo_studio.ui.clock import FrameMeter, PlaybackClock, shuttled
from genmo_studio.ui.mix import Mix, Samples, looped, mix_music, sounding_clips
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.snap import snap_targets

_TICK_MS = 5
_LOOP_SECONDS = 60.0  # of repeated sound handed over at once
_MIX_DELAY_MS = 150


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class Transport(QObject):
    """Play, pause, shuttle, seek and loop over the editor's document."""

    frame_changed = Signal(int)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    loop_changed = Signal(bool)
    message = Signal(str)  # one sentence, for example why there is no sound
    _mixed = Signal(object)  # Mix | None

    def __init__(
        self,
        editor: Editor,
        *,
        session: Session,
        out: AudioOut,
        locate: Callable[[MediaRef], Path | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor, self._session, self._out, self._locate = editor, session, out, locate
        document = editor.document
        self._clock = PlaybackClock(fps=document.fps, length=document.length, now=time.perf_counter)
        self._meter = FrameMeter()
        self._looping = False
        self._range_only: Span | None = None
        self._sounding = False
        self._sound_until = 0.0  # position of the sound at which repeated sound must be handed over anew
        self._last_position = 0.0
        self._mix: Mix | None = None
        self._sounds: dict[tuple[str, Path], tuple[Samples, int]] = {}
        self._told: set[str] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._mix_later = QTimer(self)
        self._mix_later.setSingleShot(True)
        self._mix_later.setInterval(_MIX_DELAY_MS)
        self._mix_later.timeout.connect(self._begin_mix)
        self._mixed.connect(self._keep_mix)
        self._unsubscribe = editor.subscribe(changed=self._document_changed, committed=self._committed)
        self._begin_mix()

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> int:
        """The frame that is shown."""
        return self._clock.frame()

    @property
    def time(self) -> float:
        """The same in frames with fractions, for smooth motion between frames."""
        return min(self._clock.time(), float(self._clock.length - 1))

    @property
    def playing(self) -> bool:
        """True while it plays."""
        return self._clock.playing

    @property
    def speed(self) -> float:
        """0.1 to 4, negative backwards."""
        return self._clock.speed

    @property
    def looping(self) -> bool:
        """True when in and out (or the whole project) repeat."""
        return self._looping

    @property
    def actual_fps(self) -> float:
        """Pictures a second that a view really painted, as told by ``note_painted``."""
        return self._meter.rate(time.perf_counter())

    @property
    def has_sound(self) -> bool:
        """True when the document's music is ready to be heard."""
        return self._mix is not None

    @property
    def mix(self) -> Mix | None:
        """What is heard, from frame 0 on; None without music."""
        return self._mix

    @property
    def sound_problem(self) -> str | None:
        """Why there is no sound, as a sentence; None when there is."""
        return self._out.problem

    def note_painted(self) -> None:
        """Called by the view that counts (the viewport) each time it has painted a frame of playback."""
        self._meter.mark(time.perf_counter())

    # -- requests ------------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play at normal speed, or pause."""
        self.pause() if self.playing else self.play()

    def play(self, *, speed: float = 1.0) -> None:
        """Play from the playhead; from the start when it is at the end."""
        self._clock.set_speed(speed)
        self._clock.set_loop(self._loop_span())
        self.speed_changed.emit(self._clock.speed)
        was = self.playing
        self._clock.start(now=time.perf_counter)
        self._start_sound()
        self._timer.start()
        if not was:
            self._meter.clear()
            self.playing_changed.emit(True)
        self._show()

    def play_range(self) -> None:
        """Play from in to out once (or around, when looping)."""
        span = self._editor.document.in_out
        self.pause()
        self._range_only = span
        if span is not None:
            self.seek(span.start)
        self.play()

    def pause(self) -> None:
        """Rest on the frame that is shown."""
        self._range_only = None
        if not self.playing:
            return
        self._clock.stop()
        self._timer.stop()
        self._stop_sound()
        self.playing_changed.emit(False)
        self._show()

    def shuttle(self, *, forward: bool) -> None:
        """J or L: play in that direction, faster with every press."""
        self.play(speed=shuttled(self.speed, forward=forward, playing=self.playing))

    def seek(self, frame: float) -> None:
        """Go to a frame; playback runs on from there."""
        self._clock.seek(round(frame))
        if self.playing:
            self._start_sound()
        self._show()

    def step(self, frames: int) -> None:
        """Pause and move by whole frames."""
        self.pause()
        self.seek(self.frame + frames)

    def go_to_start(self) -> None:
        """First frame."""
        self.seek(0)

    def go_to_end(self) -> None:
        """Last frame that can be seen (TL7)."""
        self.seek(self._clock.length - 1)

    def go_to_edit(self, *, forward: bool) -> None:
        """The next or previous key, clip edge or marker."""
        last = self._clock.length - 1
        frames = [frame for frame in snap_targets(self._editor.document).frames if 0 <= frame <= last]
        here = self.frame
        ahead = [f for f in frames if f > here] if forward else [f for f in frames if f < here]
        if ahead:
            self.pause()
            self.seek(min(ahead) if forward else max(ahead))

    def set_loop(self, on: bool) -> None:
        """Repeat in to out, or the whole project."""
        if on == self._looping:
            return
        self._looping = on
        self._clock.set_loop(self._loop_span())
        if self.playing:
            self._start_sound()
        self.loop_changed.emit(on)

    def set_speed(self, speed: float) -> None:
        """Change the speed; 0.1 to 4, negative backwards."""
        if self.playing:
            self.play(speed=speed)
        else:
            self._clock.set_speed(speed)
            self.speed_changed.emit(self._clock.speed)

    def close(self) -> None:
        """Stop and free the sound device; call before the window goes away."""
        self._unsubscribe()
        self._timer.stop()
        self._mix_later.stop()
        self._clock.stop()
        self._out.close()
        self._pool.clear()
        self._pool.waitForDone()

    # -- the clock -----------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._sounding:
            self._keep_sound_going()
        limit = self._range_only
        if limit is not None and not self._looping and self._clock.frame() >= limit.stop - 1:
            self.seek(limit.stop - 1)
            self.pause()
        elif self._clock.ended():
            self.pause()
        else:
            self._show()

    def _show(self) -> None:
        frame = self._clock.frame()
        if frame != self._session.playhead:
            self._session.set_playhead(frame)
            self.frame_changed.emit(frame)

    def _loop_span(self) -> Span | None:
        document = self._editor.document
        return (document.in_out or Span(0, document.length)) if self._looping else None

    def _document_changed(self, old: Document, new: Document) -> None:
        if old.fps != new.fps or old.id != new.id:
            self.pause()
            self._clock = PlaybackClock(fps=new.fps, length=new.length, now=time.perf_counter)
            self._clock.seek(0 if old.id != new.id else self._session.playhead)
        elif old.length != new.length:
            self._clock.set_length(new.length)
        if old.in_out != new.in_out or old.length != new.length:
            self._clock.set_loop(self._loop_span())
        self._show()
        if not self._editor.in_gesture:
            self._mix_if_other(old, new)

    def _committed(self, step: Step) -> None:
        """The end of a drag is no change of what is shown, but it is the moment to mix what was dragged."""
        self._mix_if_other(step.old, step.new)

    def _mix_if_other(self, old: Document, new: Document) -> None:
        if sounding_clips(old) != sounding_clips(new) or old.media is not new.media or old.fps != new.fps:
            self._mix_later.start()

    # -- sound ---------------------------------------------------------------------------------------------------------

    def _start_sound(self) -> None:
        self._stop_sound()
        if self._mix is None or self.speed != 1.0:
            return
        fps, at = self._editor.document.fps, self._clock.time()
        loop = self._clock.loop
        try:
            if loop is not None and at < loop.stop:
                samples = looped(self._mix, span=loop, start=at, fps=fps, seconds=_LOOP_SECONDS)
                self._sound_until = len(samples) / self._mix.rate
                self._out.play(samples, self._mix.rate)
            else:
                self._sound_until = float("inf")
                self._out.play(self._mix.samples, self._mix.rate, start=at / fps)
        except MediaError as error:
            self._tell(str(error))
            return
        self._sounding = True
        self._last_position = self._out.position or 0.0
        self._clock.use(self._sound_position)

    def _sound_position(self) -> float:
        """Position of the sound; the last known one when the device has gone, until the next tick notices."""
        position = self._out.position
        if position is not None:
            self._last_position = position
        return self._last_position

    def _keep_sound_going(self) -> None:
        if self._out.position is None:
            self._stop_sound()
            self._tell("The sound device has stopped; playback goes on in silence.")
        elif self._last_position >= self._sound_until:
            self._start_sound()

    def _stop_sound(self) -> None:
        if self._sounding:
            self._clock.use(time.perf_counter)
            self._sounding = False
            self._out.stop()

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
        if self.playing:
            self._start_sound()

    def _tell(self, sentence: str) -> None:
        """Say it once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.message.emit(sentence)
