"""Sound at another speed without another pitch (WSOLA: Verhelst and Roelands 1993), computed as it is asked for.

The sound is cut into overlapping pieces that are laid out nearer or farther than they were; each piece is taken from
where it goes on most like the piece before would have, so that the waves join.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genmo_studio.shapes import Float

Samples = Float[NDArray[np.float32], "samples channels"]

_HOP_SECONDS = 0.025
"""Between two pieces of the result; a piece is twice as long."""
_SEARCH_SECONDS = 0.008
"""How far from its place a piece may be taken."""
_COMPARED = 4
"""Every fourth sample is compared."""


class Playable(Protocol):
    """Samples that an output can read in stretches: an array (samples, channels), or something that computes them."""

    def __len__(self) -> int:
        """Number of samples."""

    def __getitem__(self, part: slice, /) -> Samples:
        """Some of them, as (samples, channels) float32."""


class Stretched:
    """A sound ``speed`` times as fast at its own pitch. Meant to be read from front to back by one thread."""

    def __init__(self, samples: Samples, rate: int, *, speed: float, start: float = 0.0) -> None:
        """``start`` is where to begin, in seconds of the sound."""
        if speed <= 0:
            raise ValueError("a sound cannot be stretched to speed 0 or backwards")
        self._samples, self._speed, self._first = samples, speed, round(start * rate)
        self._hop = max(8, round(_HOP_SECONDS * rate))
        self._search = max(1, round(_SEARCH_SECONDS * rate))
        ramp = np.arange(2 * self._hop, dtype=np.float32) / self._hop
        self._window = (0.5 - 0.5 * np.cos(np.pi * ramp))[:, None].astype(np.float32)
        self._places = [self._first]  # where each piece is taken from, samples

    def __len__(self) -> int:
        return max(0, int((len(self._samples) - self._first) / self._speed))

    def __getitem__(self, part: slice, /) -> Samples:
        begin, end, _ = part.indices(len(self))
        channels = self._samples.shape[1]
        if end <= begin:
            return np.zeros((0, channels), np.float32)
        hop = self._hop
        first, last = begin // hop, (end - 1) // hop + 1  # the pieces whose crests stand around what is asked for
        out = np.zeros(((last - first + 3) * hop, channels), np.float32)
        for piece in range(first, last + 1):  # piece k covers (k - 1) hops to (k + 1) hops, its crest at k hops
            at = (piece - first) * hop
            out[at : at + 2 * hop] += self._window * self._cut(self._place(piece) - hop, 2 * hop)
        skipped = hop + begin - first * hop
        return out[skipped : skipped + end - begin]

    def _place(self, piece: int) -> int:
        """The sample of the sound under the crest of a piece."""
        while len(self._places) <= piece:
            wanted = self._first + round(len(self._places) * self._hop * self._speed)
            self._places.append(wanted + self._shift(self._places[-1] + self._hop, wanted))
        return self._places[piece]

    def _shift(self, natural: int, wanted: int) -> int:
        """How far from ``wanted`` the sound is most like what would follow naturally."""
        reach, hop = self._search, self._hop
        target = self._heard(natural - hop, 2 * hop)
        field = self._heard(wanted - hop - reach, 2 * (hop + reach))
        likeness = np.correlate(field, target, mode="valid")
        energy = np.convolve(field * field, np.ones(len(target), np.float32), mode="valid")
        return int(np.argmax(likeness / np.sqrt(energy + 1e-6))) * _COMPARED - reach

    def _heard(self, begin: int, count: int) -> Float[NDArray[np.float32], " samples"]:
        """What is compared: both sides, unequally, so that opposite ones do not cancel out."""
        samples = self._cut(begin, count)[::_COMPARED]
        return np.asarray(samples[:, 0] + 0.6 * samples[:, -1], np.float32)

    def _cut(self, begin: int, count: int) -> Samples:
        """Samples of the sound, silence outside of it."""
        low, high = max(begin, 0), min(begin + count, len(self._samples))
        if low == begin and high == begin + count:
            return self._samples[low:high]
        out = np.zeros((count, self._samples.shape[1]), np.float32)
        if low < high:
            out[low - begin : high - begin] = self._samples[low:high]
        return out
