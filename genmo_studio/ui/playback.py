"""Transport: the one clock of the window. Views request frames, the transport sets them.

While the document's music sounds, the sound's position is the time source; backwards, at speeds that cannot be
listened to and in silence it is the computer's clock. Frames that come too late are never asked for, unless every
frame is to be played: then the clock waits for the picture, in silence.
"""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from genmo_studio.document.editor import Editor, Step
from genmo_studio.document.model import Document, MediaRef
from genmo_studio.document.time import Span
from genmo_studio.media.output import AudioOut
from genmo_studio.ui.clock import MAX_SPEED, MIN_SPEED, FrameMeter, PlaybackClock, shuttled
from genmo_studio.ui.jumps import next_edit
from genmo_studio.ui.mix import Mix
from genmo_studio.ui.sound import Sound, audible
from genmo_studio.ui.timeline.session import Session

_TICK_MS = 5
_PATIENCE = 0.25  # seconds for a picture, when every frame is to be shown, before playback goes on without it


class PlayOptions(msgspec.Struct, frozen=True):
    """How the user likes to play; kept from session to session."""

    scrub_sound: bool = True
    """Hear the music while dragging the playhead and stepping (PB6)."""
    every_frame: bool = False
    """Show every frame, however long that takes, instead of keeping time (PB4)."""
    return_to_start: bool = False
    """Stopping goes back to where play began (PB8)."""


class Transport(QObject):
    """Play, pause, shuttle, seek, scrub and loop over the editor's document."""

    frame_changed = Signal(int)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    loop_changed = Signal(bool)
    sound_changed = Signal()  # what ``silence`` says, the mix or the volume
    options_changed = Signal(object)  # PlayOptions
    message = Signal(str)  # one sentence, for example why there is no sound

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
        self._editor, self._session = editor, session
        document = editor.document
        self._clock = PlaybackClock(fps=document.fps, length=document.length, now=time.perf_counter)
        self._meter = FrameMeter()
        self._options = PlayOptions()
        self._chosen = 1.0
        self._volume, self._muted = 1.0, False
        self._looping = False
        self._range_only: Span | None = None
        self._began = 0
        self._step_due = 0.0
        self._painted_at, self._painted = float("-inf"), False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._sound = Sound(editor, out=out, locate=locate, parent=self)
        self._sound.message.connect(self.message)
        self._sound.changed.connect(self._mix_changed)
        self._unsubscribe = editor.subscribe(changed=self._document_changed, committed=self._committed)

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
    def chosen_speed(self) -> float:
        """The speed that Play plays at, 0.1 to 4; shuttling leaves it alone."""
        return self._chosen

    @property
    def looping(self) -> bool:
        """True when in and out (or the whole project) repeat."""
        return self._looping

    @property
    def options(self) -> PlayOptions:
        """How the user likes to play."""
        return self._options

    @property
    def actual_fps(self) -> float:
        """Pictures a second that a view really painted, as told by ``note_painted``."""
        return self._meter.rate(time.perf_counter())

    @property
    def has_sound(self) -> bool:
        """True when the document's music is ready to be heard."""
        return self._sound.mix is not None

    @property
    def mix(self) -> Mix | None:
        """What is heard, from frame 0 on; None without music."""
        return self._sound.mix

    @property
    def sound_problem(self) -> str | None:
        """Why there is no sound, as a sentence; None when there is."""
        return self._sound.problem

    @property
    def silence(self) -> str:
        """Why the music would not be heard at the present speed and options, in a few words; empty when it would."""
        if self._muted:
            return "muted"
        if self._options.every_frame:
            return "silent while every frame is played"
        speed = self.speed if self.playing else self._chosen
        if speed < 0:
            return "silent backwards"
        return "" if audible(speed) else "silent at this speed"

    @property
    def volume(self) -> float:
        """0 to 1, as the user sets it; 1 leaves the music as it is."""
        return self._volume

    @property
    def muted(self) -> bool:
        """True while the user wants silence."""
        return self._muted

    def note_painted(self) -> None:
        """Called by the view that counts (the viewport) each time it has painted a frame of playback."""
        self._painted_at, self._painted = time.perf_counter(), True
        self._meter.mark(self._painted_at)

    # -- requests ------------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play at the chosen speed, or stop."""
        self.stop() if self.playing else self.play()

    def play(self, *, speed: float | None = None) -> None:
        """Play from the playhead; from the start when it is at the end."""
        was = self.playing
        if not was:
            self._began = self.frame
            self._meter.clear()
        self._clock.set_speed(self._chosen if speed is None else speed)
        self._clock.set_loop(self._loop_span())
        self._clock.start(now=time.perf_counter)
        self._listen()
        self._timer.start()
        if not was:
            self.playing_changed.emit(True)
        self.speed_changed.emit(self._clock.speed)
        self.sound_changed.emit()
        self._show()

    def play_range(self) -> None:
        """Play from in to out once (or around, when looping); the whole project without marks. Again: stop."""
        if self.playing and self._range_only is not None:
            self.stop()
            return
        self.pause()
        began = self.frame
        span = self._editor.document.in_out or Span(0, self._clock.length)
        self.seek(span.start)
        self.play()
        self._began, self._range_only = began, span

    def pause(self) -> None:
        """Rest on the frame that is shown."""
        self._range_only = None
        if not self.playing:
            return
        self._clock.stop()
        self._timer.stop()
        self._sound.stop()
        self.playing_changed.emit(False)
        self.speed_changed.emit(self._clock.speed)
        self.sound_changed.emit()
        self._show()

    def stop(self) -> None:
        """Pause, and go back to where play began when the user likes that (PB8)."""
        playing = self.playing
        self.pause()
        if playing and self._options.return_to_start:
            self.seek(self._began)

    def shuttle(self, *, forward: bool) -> None:
        """J or L: play in that direction, faster with every press."""
        self.play(speed=shuttled(self.speed, forward=forward, playing=self.playing))

    def seek(self, frame: float) -> None:
        """Go to a frame; playback runs on from there."""
        self._clock.seek(round(frame))
        if self.playing:
            self._listen()
        self._show()

    def scrub(self, frame: float) -> None:
        """Someone holds the playhead: it rests where they hold it, and is heard (PB6, PB7)."""
        self.pause()
        self._heard_seek(round(frame))

    def step(self, frames: int) -> None:
        """Pause and move by whole frames."""
        self.pause()
        self._heard_seek(self.frame + frames)

    def go_to_start(self) -> None:
        """First frame."""
        self.seek(0)

    def go_to_end(self) -> None:
        """Last frame that can be seen (TL7)."""
        self.seek(self._clock.length - 1)

    def go_to_edit(self, *, forward: bool) -> None:
        """The next or previous key, clip edge or marker."""
        target = next_edit(self._editor.document, self.frame, forward=forward)
        if target is not None:
            self.pause()
            self._heard_seek(target)

    def set_loop(self, on: bool) -> None:
        """Repeat in to out, or the whole project."""
        if on == self._looping:
            return
        self._looping = on
        self._clock.set_loop(self._loop_span())
        if self.playing:
            self._listen()
        self.loop_changed.emit(on)

    def set_speed(self, speed: float) -> None:
        """Choose the speed of Play, 0.1 to 4; what plays goes on at it, forwards."""
        self._chosen = max(MIN_SPEED, min(abs(speed), MAX_SPEED))
        if self.playing:
            self.play()
        else:
            self._clock.set_speed(self._chosen)
            self.speed_changed.emit(self._chosen)
            self.sound_changed.emit()

    def set_options(self, options: PlayOptions) -> None:
        """Play differently from now on."""
        if options == self._options:
            return
        self._options = options
        if self.playing:
            self._listen()
        self.options_changed.emit(options)
        self.sound_changed.emit()

    def set_volume(self, volume: float, *, muted: bool = False) -> None:
        """How loud the music is, 0 to 1."""
        self._volume, self._muted = max(0.0, min(volume, 1.0)), muted
        self._sound.set_gain(0.0 if muted else self._volume**2)  # loudness is heard in ratios
        self.sound_changed.emit()

    def close(self) -> None:
        """Stop and free the sound device; call before the window goes away."""
        self._unsubscribe()
        self._timer.stop()
        self._clock.stop()
        self._sound.close()

    # -- the clock -----------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Go on from where the clock stands, with the sound's clock where there is sound."""
        self._clock.use(time.perf_counter)
        self._sound.stop()
        if self._options.every_frame:
            self._clock.use(lambda: 0.0)
            self._step_due, self._painted = time.perf_counter() + self._period(), True
            return
        heard = self._sound.start(self._clock.time(), speed=self.speed, loop=self._clock.loop)
        if heard is not None:
            self._clock.use(heard)

    def _tick(self) -> None:
        if not self._sound.alive():
            self._clock.use(time.perf_counter)
        elif self._sound.run_out:
            self._listen()
        limit = self._range_only
        if self._options.every_frame:
            self._next_frame(limit)
        elif limit is not None and not self._looping and self._clock.time() >= limit.stop:
            self._finish(limit.stop - 1)
        elif self._clock.ended():
            self._finish(None)
        else:
            self._show()

    def _finish(self, last: int | None) -> None:
        """Playback has come to an end of its own."""
        if last is not None:
            self._clock.seek(last)
            self._show()
        self.stop()

    def _period(self) -> float:
        return 1.0 / (self._editor.document.fps * abs(self.speed))

    def _next_frame(self, limit: Span | None) -> None:
        """One frame on when it is time and the one before has been seen."""
        now = time.perf_counter()
        seen = self._painted or now - self._step_due > _PATIENCE or now - self._painted_at > 1.0
        if now < self._step_due or not seen:
            return
        self._step_due, self._painted = max(self._step_due, now - self._period()) + self._period(), False
        if self._clock.at_end() or (limit is not None and not self._looping and self.frame >= limit.stop - 1):
            self.stop()
            return
        self._clock.advance()
        self._show()

    def _show(self) -> None:
        frame = self._clock.frame()
        if frame != self._session.playhead:
            self._session.set_playhead(frame)
            self.frame_changed.emit(frame)

    def _heard_seek(self, frame: int) -> None:
        before = self.frame
        self.seek(frame)
        if self.frame != before and self._options.scrub_sound:
            self._sound.play_grain(self.frame)

    def _loop_span(self) -> Span | None:
        document = self._editor.document
        return (document.in_out or Span(0, document.length)) if self._looping else None

    def _document_changed(self, old: Document, new: Document) -> None:
        if old.fps != new.fps or old.id != new.id:
            self.pause()
            self._clock = PlaybackClock(fps=new.fps, length=new.length, now=time.perf_counter)
            self._clock.set_speed(self._chosen)
            self._clock.seek(0 if old.id != new.id else self._session.playhead)
        elif old.length != new.length:
            self._clock.set_length(new.length)
        if old.in_out != new.in_out or old.length != new.length:
            self._clock.set_loop(self._loop_span())
        self._show()
        if not self._editor.in_gesture:
            self._sound.follow(old, new)

    def _committed(self, step: Step) -> None:
        """The end of a drag is no change of what is shown, but it is the moment to mix what was dragged."""
        self._sound.follow(step.old, step.new)

    def _mix_changed(self) -> None:
        if self.playing and not self._options.every_frame:
            self._listen()
        self.sound_changed.emit()
