"""Sound output with a clock, on a device or on none.

``open_audio_out`` gives a device where there is one and otherwise an output that is silent but keeps time, so that
playback works the same on a machine without sound. Both tell where in the sound the listener is.
"""

import threading
import time
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from genmo_studio.media.files import MediaError

Samples = Float[NDArray[np.float32], "samples channels"]


class AudioOut(Protocol):
    """A sound output; ``position`` is the clock of playback."""

    problem: str | None
    """Why there is no sound, as a sentence for the user; None when there is."""

    def play(self, samples: Samples, rate: int, *, start: float = 0.0) -> None:
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
    """No sound; time passes as on a device."""

    def __init__(self, problem: str | None = None) -> None:
        self.problem = problem
        self._zero: float | None = None

    def play(self, samples: Samples, rate: int, *, start: float = 0.0) -> None:  # noqa: ARG002 - a Protocol's method
        """See AudioOut."""
        self._zero = time.perf_counter() - start

    def stop(self) -> None:
        """See AudioOut."""
        self._zero = None

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

    def __init__(self, samples: Samples, rate: int, *, start: float) -> None:
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


class DeviceOut:
    """The default output device, through PortAudio."""

    def __init__(self, sounddevice: Any) -> None:
        self.problem: str | None = None
        self._sounddevice = sounddevice
        self._stream: Any = None
        self._feed: Feed | None = None

    def play(self, samples: Samples, rate: int, *, start: float = 0.0) -> None:
        """See AudioOut."""
        self.stop()
        feed = Feed(np.ascontiguousarray(samples, np.float32), rate, start=start)

        def callback(out: NDArray[np.float32], _frames: int, times: Any, _status: Any) -> None:
            feed.fill(out, heard_at=float(times.outputBufferDacTime))

        try:
            self._stream = self._sounddevice.OutputStream(
                samplerate=rate, channels=samples.shape[1], dtype="float32", latency="low", callback=callback
            )
            self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            self.stop()
            raise MediaError(
                f"The sound device could not be started ({error}); playback goes on in silence."
            ) from error
        self._feed = feed

    def stop(self) -> None:
        """See AudioOut."""
        stream, self._stream, self._feed = self._stream, None, None
        if stream is not None:
            try:
                stream.abort()
                stream.close()
            except self._sounddevice.PortAudioError:
                pass  # the device is gone, which is as silent as can be

    @property
    def position(self) -> float | None:
        """See AudioOut."""
        if self._feed is None or self._stream is None:
            return None
        return self._feed.position(float(self._stream.time))

    @property
    def latency(self) -> float:
        """See AudioOut."""
        return float(self._stream.latency) if self._stream is not None else 0.0

    def close(self) -> None:
        """See AudioOut."""
        self.stop()
