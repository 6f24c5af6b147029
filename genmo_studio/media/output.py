"""Sound output with a clock, on a device or on none.

``open_audio_out`` gives a device where there is one and otherwise an output that is silent but keeps time, so that
playback works the same on a machine without sound. Both tell where in the sound the listener is.
"""

import threading
import time
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genmo_studio.media.files import MediaError
from genmo_studio.media.stretch import Playable
from genmo_studio.shapes import Float

Samples = Float[NDArray[np.float32], "samples channels"]

_QUIET_SECONDS = 3.0
"""Silence after which a device is put to sleep; until then the next sound begins at once."""
_LONGEST_RECORDING = 30 * 60.0
"""Seconds."""


class AudioOut(Protocol):
    """A sound output; ``position`` is the clock of playback."""

    problem: str | None
    """Why there is no sound, as a sentence for the user; None when there is."""
    gain: float
    """What samples are multiplied by, 0 to 1; may be changed while something plays."""

    def play(self, samples: Playable, rate: int, *, start: float = 0.0) -> None:
        """Play samples (N, 1 or 2) in [-1, 1] from ``start`` seconds on, and nothing else; raises MediaError."""

    def stop(self) -> None:
        """Be silent at once; ``position`` is None until the next ``play``."""

    @property
    def position(self) -> float | None:
        """Seconds into the samples that are heard now; runs on past their end; None when stopped."""

    @property
    def latency(self) -> float:
        """Seconds between handing a sample over and hearing it (already in ``position``)."""

    def close(self) -> None:
        """Stop and free the device."""


def open_audio_out() -> AudioOut:
    """The default device, or the silent output with ``problem`` set; never raises."""
    try:
        import sounddevice  # noqa: PLC0415 - raises where the PortAudio library is missing
    except (OSError, ImportError):
        return NullOut("No sound is played because the PortAudio library is not installed.")
    try:
        if int(sounddevice.query_devices(kind="output")["max_output_channels"]) > 0:
            return DeviceOut(sounddevice)
    except (sounddevice.PortAudioError, ValueError):
        pass
    return NullOut("No sound is played because no sound device was found.")


class NullOut:
    """No sound; time passes as on a device. It can write down what a listener would have heard."""

    def __init__(self, problem: str | None = None, *, record: bool = False) -> None:
        self.problem = problem
        self.gain = 1.0
        self._zero: float | None = None
        self._now: tuple[Playable, int, float] | None = None
        self._record = record
        self._recorded: list[Samples] = []

    def play(self, samples: Playable, rate: int, *, start: float = 0.0) -> None:
        """See AudioOut."""
        self.stop()
        self._zero = time.perf_counter() - start
        self._now = (samples, rate, start)

    def stop(self) -> None:
        """See AudioOut."""
        position, now = self.position, self._now
        if self._record and position is not None and now is not None:
            samples, rate, start = now
            part = samples[round(start * rate) : round(min(position, start + _LONGEST_RECORDING) * rate)]
            if len(part):
                self._recorded.append(part * np.float32(self.gain))
        self._zero = self._now = None

    @property
    def recorded(self) -> tuple[Samples, ...]:
        """With ``record``: what was heard, one piece for each ``play`` that has ended, to the moment it ended."""
        return tuple(self._recorded)

    @property
    def position(self) -> float | None:
        """See AudioOut."""
        return None if self._zero is None else time.perf_counter() - self._zero

    @property
    def latency(self) -> float:
        """None to speak of."""
        return 0.0

    def close(self) -> None:
        """See AudioOut."""
        self.stop()


class Feed:
    """What a device's callback does: hand out samples block by block and remember when each block is heard."""

    def __init__(self, samples: Playable, rate: int, *, start: float) -> None:
        self._samples = samples
        self._rate = rate
        self._at = round(start * rate)
        self._start = start
        self._heard: tuple[float, int] | None = None  # (device time, sample) of the newest block
        self._lock = threading.Lock()

    def fill(self, out: NDArray[np.float32], *, heard_at: float) -> None:
        """Write the next block into ``out`` (n, channels); silence before and after the sound."""
        out.fill(0.0)
        begin, end = max(self._at, 0), min(self._at + len(out), len(self._samples))
        if begin < end:
            out[begin - self._at : end - self._at] = self._samples[begin:end]
        with self._lock:
            self._heard = (heard_at, self._at)
        self._at += len(out)

    def position(self, now: float) -> float:
        """Seconds into the samples at device time ``now``; not before the start."""
        with self._lock:
            heard = self._heard
        if heard is None:
            return self._start
        return max(self._start, heard[1] / self._rate + now - heard[0])


class Player:
    """What a device hears over a time of many sounds: one feed after the other, joined without clicks.

    ``fill`` runs on the device's thread, everything else on the window's.
    """

    def __init__(self, rate: int, channels: int, *, gain: float = 1.0) -> None:
        self.rate, self.channels = rate, channels
        self.gain = gain
        self._gain_before = gain
        self._feed: Feed | None = None
        self._leaving: Feed | None = None
        self._quiet = 0  # samples of silence since the last sound

    @property
    def feed(self) -> Feed | None:
        """What plays; None in silence."""
        return self._feed

    def change(self, feed: Feed | None) -> None:
        """Play something else; what played fades out within the next block."""
        self._leaving, self._feed = self._feed, feed
        self._quiet = 0

    def fill(self, out: NDArray[np.float32], *, heard_at: float) -> bool:
        """Write the next block; False when there has been nothing to hear for a while."""
        feed, leaving = self._feed, self._leaving
        self._leaving = None
        if feed is None:
            out.fill(0.0)
            self._quiet += len(out)
        else:
            feed.fill(out, heard_at=heard_at)
        if leaving is not None and leaving is not feed:
            rest = np.empty_like(out)
            leaving.fill(rest, heard_at=heard_at)
            out += rest * np.linspace(1.0, 0.0, len(out), dtype=np.float32)[:, None]
        gain, before = self.gain, self._gain_before
        self._gain_before = gain
        if gain != before:
            out *= np.linspace(before, gain, len(out), dtype=np.float32)[:, None]
        elif gain != 1.0:
            out *= np.float32(gain)
        return feed is not None or self._quiet < _QUIET_SECONDS * self.rate


class DeviceOut:
    """The default output device, through PortAudio. Its stream stays open, so that a sound begins at once."""

    def __init__(self, sounddevice: Any) -> None:
        self.problem: str | None = None
        self._sounddevice = sounddevice
        self._stream: Any = None
        self._player: Player | None = None
        self._gain = 1.0

    @property
    def gain(self) -> float:
        """See AudioOut."""
        return self._gain

    @gain.setter
    def gain(self, gain: float) -> None:
        self._gain = gain
        if self._player is not None:
            self._player.gain = gain

    def play(self, samples: Playable, rate: int, *, start: float = 0.0) -> None:
        """See AudioOut."""
        channels = int(samples[0:0].shape[1])
        try:
            player = self._player
            if player is None or self._stream is None or (player.rate, player.channels) != (rate, channels):
                player = self._open(rate, channels)
            player.change(Feed(samples, rate, start=start))
            if not self._stream.active:
                self._stream.stop()  # out of the sleep that its callback asked for
                self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            self.close()
            raise MediaError(
                f"The sound device could not be started ({error}); playback goes on in silence."
            ) from error

    def stop(self) -> None:
        """See AudioOut."""
        if self._player is not None and self._player.feed is not None:
            self._player.change(None)

    @property
    def position(self) -> float | None:
        """See AudioOut."""
        feed = None if self._player is None else self._player.feed
        if feed is None or self._stream is None or not self._stream.active:
            return None
        return feed.position(float(self._stream.time))

    @property
    def latency(self) -> float:
        """See AudioOut."""
        return float(self._stream.latency) if self._stream is not None else 0.0

    def close(self) -> None:
        """See AudioOut."""
        stream, self._stream, self._player = self._stream, None, None
        if stream is not None:
            try:
                stream.abort()
                stream.close()
            except self._sounddevice.PortAudioError:
                pass  # the device is gone, which is as silent as can be

    def _open(self, rate: int, channels: int) -> Player:
        self.close()
        player, asleep = Player(rate, channels, gain=self._gain), self._sounddevice.CallbackStop

        def callback(out: NDArray[np.float32], _frames: int, times: Any, _status: Any) -> None:
            if not player.fill(out, heard_at=float(times.outputBufferDacTime)):
                raise asleep

        self._stream = self._sounddevice.OutputStream(
            samplerate=rate, channels=channels, dtype="float32", latency="low", callback=callback
        )
        self._stream.start()
        self._player = player
        return player
