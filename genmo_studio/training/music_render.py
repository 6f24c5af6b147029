"""Music for clips that have none: rendered from the motion's own beats, heard by the real feature extractor.

A clip's kinematic beats (moments where the body slows down, feet that land) are fitted with a steady tempo; on that
grid a random arrangement is synthesised: drums, bass, chords, arpeggio, each with random timbre.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.shapes import Float
from genmo_studio.training.clips import MUSIC_FILE, SPLITS, ClipRecord, ClipStore, read_manifest

Sound = NDArray[np.float64]

SAMPLE_RATE = 15_360
"""512 samples a frame of 30 a second: the extractor's own rate, so that nothing is resampled."""
_TEMPI = np.exp(np.linspace(np.log(70.0), np.log(180.0), 160))
_DANCE = re.compile(r"danc|salsa|charleston|breakdance|musical|capoeira", re.IGNORECASE)
_RHYTHMIC = re.compile(
    r"walk|run|jog|jump|dash|hop|step|wav|swing|spin|kick|box|punch|march|twist|bye|bow", re.IGNORECASE
)
_LOUD_JOINTS = (0, 4, 5, 7, 8, 10, 11, 15, 18, 19, 20, 21)
_MINOR, _MAJOR = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11)
_PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 4, 3), (0, 4, 5, 3), (0, 0, 3, 4), (5, 3, 0, 4), (0, 6, 5, 6))


@dataclass(frozen=True)
class BeatGrid:
    """A steady tempo: beat k is at ``first + k * period`` seconds."""

    period: float
    first: float

    def times(self, seconds: float, *, per_beat: int = 1) -> NDArray[np.float64]:
        """Grid times within [0, seconds), ``per_beat`` a beat."""
        step = self.period / per_beat
        start = self.first - np.floor(self.first / step) * step
        return np.arange(start, seconds, step)


def kinematic_events(
    positions: Float[NDArray[np.float32], "frames 24 3"], *, fps: float = 30.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times (s) and strengths of a motion's beats: minima of the summed joint speed, and landings of the feet.

    The strength of a minimum is how far it lies below the faster moments on both sides, relative to the mean speed.
    """
    speed = np.linalg.norm(np.diff(positions.astype(np.float64), axis=0), axis=-1) * fps
    total = speed[:, _LOUD_JOINTS].mean(1)
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2)
    total = np.convolve(np.pad(total, 4, mode="edge"), kernel / kernel.sum(), "valid")
    inner = np.flatnonzero((total[1:-1] <= total[:-2]) & (total[1:-1] < total[2:])) + 1
    reach = 12
    strengths = [
        min(total[max(i - reach, 0) : i + 1].max(), total[i : i + reach + 1].max()) - total[i] for i in inner.tolist()
    ]
    mean = max(float(total.mean()), 1e-3)
    times, weights = [(inner + 0.5) / fps], [np.array(strengths) / mean]
    for ankle in (7, 8):
        height, slow = positions[1:, ankle, 1], speed[:, ankle] < 0.4
        lands = np.flatnonzero(slow[1:] & ~slow[:-1] & (height[1:] < np.quantile(height, 0.5) + 0.03)) + 1
        times.append(lands / fps)
        weights.append(np.full(len(lands), 0.6))
    return np.concatenate(times), np.concatenate(weights)


def fit_grid(times: NDArray[np.float64], strengths: NDArray[np.float64]) -> BeatGrid:
    """Steady tempo (70 to 180 bpm) and phase that catch most event strength; 110 bpm where there are no events.

    A tempo's score is the length of the events' sum as vectors on the beat's circle, with a mild leaning to 115 bpm.
    """
    if len(times) == 0 or strengths.sum() <= 0:
        return BeatGrid(60 / 110, 0.0)
    phases = np.exp(2j * np.pi * times[None] * (_TEMPI / 60)[:, None])
    sums = (phases * strengths).sum(1)
    leaning = np.exp(-0.5 * (np.log2(_TEMPI / 115) / 0.7) ** 2)
    best = int(np.argmax(np.abs(sums) * leaning))
    period = 60 / float(_TEMPI[best])
    return BeatGrid(period, float(np.angle(sums[best]) / (2 * np.pi) % 1.0) * period)


def render_music(motion: Motion, *, body: Body, rng: np.random.Generator) -> NDArray[np.float32]:
    """Mono music at SAMPLE_RATE for a motion, as long as the motion; level at most 0.9."""
    seconds = len(motion) / motion.fps
    times, strengths = kinematic_events(joint_positions(motion, body), fps=motion.fps)
    grid = fit_grid(times, strengths)
    track = np.zeros(int(np.ceil(seconds * SAMPLE_RATE)))
    _add_drums(track, grid, seconds, rng=rng)
    _add_tonal(track, grid, seconds, rng=rng)
    for moment, strength in zip(times, strengths, strict=True):
        if strength > 0.5 and rng.random() < 0.4:
            _place(track, _hat(rng, length=0.12), float(moment), gain=0.25)
    track += rng.normal(0, 10 ** rng.uniform(-4.5, -2.5), len(track))
    peak = float(np.abs(track).max())
    return np.asarray(track * (rng.uniform(0.4, 0.9) / max(peak, 1e-6)), np.float32)


def _place(track: Sound, sound: Sound, time: float, *, gain: float) -> None:
    start = round(time * SAMPLE_RATE)
    stop = min(start + len(sound), len(track))
    if 0 <= start < stop:
        track[start:stop] += gain * sound[: stop - start]


def _add_drums(track: Sound, grid: BeatGrid, seconds: float, *, rng: np.random.Generator) -> None:
    """A bar of 4 beats in 16 steps, drawn once and repeated with small changes; one clip in eight has no drums."""
    if rng.random() < 0.125:
        return
    kit = (_kick(rng), _snare(rng), _hat(rng, length=float(rng.uniform(0.03, 0.15))))
    styles = np.array([[0, 4, 8, 12], [0, 6, 8, 14], [0, 3, 8, 10], [0, 7, 8, 12]])
    kicks = styles[rng.integers(len(styles))]
    snares = np.array([4, 12]) if rng.random() < 0.8 else np.array([8])
    hat_step = int(rng.choice([1, 2, 4]))
    gains = rng.uniform((0.6, 0.3, 0.1), (1.0, 0.9, 0.5))
    shift = int(rng.integers(4)) * 4
    for number, time in enumerate(grid.times(seconds, per_beat=4)):
        step = (number + shift) % 16
        for sound, gain, plays in zip(kit, gains, (step in kicks, step in snares, step % hat_step == 0), strict=True):
            if plays != (rng.random() < 0.03):
                _place(track, sound, float(time), gain=float(gain * rng.uniform(0.8, 1.0)))


def _add_tonal(track: Sound, grid: BeatGrid, seconds: float, *, rng: np.random.Generator) -> None:
    """Bass, chords and arpeggio over a four-chord progression in a random key."""
    scale = _MINOR if rng.random() < 0.5 else _MAJOR
    root = 33 + int(rng.integers(12))
    chords = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
    has_bass, has_chords, has_arpeggio = rng.random(3) < (0.8, 0.6, 0.6)
    timbres = [rng.uniform(0.0, 1.0, 8) ** rng.uniform(1.5, 5.0) for _ in range(3)]
    gains = rng.uniform(0.15, 0.5, 3)
    for beat, time in enumerate(grid.times(seconds)):
        chord = chords[beat // 4 % 4]
        notes = [root + 12 * ((chord + k) // 7) + scale[(chord + k) % 7] for k in (0, 2, 4)]
        if has_bass and (beat % 2 == 0 or rng.random() < 0.6):
            _place(track, _note(notes[0], grid.period, timbres[0]), float(time), gain=float(gains[0]))
        if has_chords and beat % 4 == 0:
            for note in notes:
                _place(track, _note(note + 24, grid.period * 3.5, timbres[1]), float(time), gain=float(gains[1] / 3))
        if has_arpeggio:
            for half in (0, 1):
                note = notes[int(rng.integers(3))] + 24 + 12 * int(rng.integers(2))
                at = float(time) + half * grid.period / 2
                _place(track, _note(note, grid.period / 2, timbres[2]), at, gain=float(gains[2] / 2))


def _note(pitch: int, seconds: float, harmonics: NDArray[np.float64]) -> Sound:
    """A decaying note of MIDI ``pitch`` whose overtones have the given levels."""
    time = np.arange(int(max(seconds, 0.05) * SAMPLE_RATE)) / SAMPLE_RATE
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    wave = np.sin(2 * np.pi * frequency * time)
    for number, level in enumerate(harmonics, start=2):
        if number * frequency < SAMPLE_RATE / 2:
            wave = wave + level / number * np.sin(2 * np.pi * frequency * number * time)
    attack = np.minimum(time / 0.008, 1.0)
    return np.asarray(wave * attack * np.exp(-3.0 * time / max(seconds, 0.05)))


def _kick(rng: np.random.Generator) -> Sound:
    time = np.arange(int(0.25 * SAMPLE_RATE)) / SAMPLE_RATE
    low, high = rng.uniform(40, 60), rng.uniform(110, 220)
    frequency = low + (high - low) * np.exp(-time / 0.03)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE) * np.exp(-time / rng.uniform(0.06, 0.15)))


def _snare(rng: np.random.Generator) -> Sound:
    time = np.arange(int(0.2 * SAMPLE_RATE)) / SAMPLE_RATE
    noise = rng.standard_normal(len(time)) * np.exp(-time / rng.uniform(0.03, 0.09))
    tone = np.sin(2 * np.pi * rng.uniform(150, 240) * time) * np.exp(-time / 0.05)
    return np.asarray(0.5 * noise + 0.7 * tone)


def _hat(rng: np.random.Generator, *, length: float) -> Sound:
    time = np.arange(int(length * 2 * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(np.diff(rng.standard_normal(len(time) + 1)) * 0.5 * np.exp(-time / max(length / 2, 0.01)))


def clips_for_music(clips: Iterable[ClipRecord], *, fewest_frames: int = 120) -> list[ClipRecord]:
    """Clips that get music: long enough and rhythmic, dances first, then the rest with rarer contents first."""

    def words(clip: ClipRecord) -> str:
        return " ".join([clip.content, clip.style, *(caption.text for caption in clip.captions)])

    long = [clip for clip in clips if clip.frames >= fewest_frames]
    dances = [clip for clip in long if _DANCE.search(words(clip))]
    known = {clip.id for clip in dances}
    others = [clip for clip in long if clip.id not in known and _RHYTHMIC.search(words(clip))]
    seen: dict[str, int] = {}
    order: list[tuple[int, int]] = []
    for number, clip in enumerate(others):
        seen[clip.content] = seen.get(clip.content, 0) + 1
        order.append((seen[clip.content], number))
    return dances + [others[number] for _, number in sorted(order)]


def render_features(
    folder: Path, *, body: Body, seconds: float = 360.0, seed: int = 0, splits: Sequence[str] = tuple(reversed(SPLITS))
) -> Iterator[Progress]:
    """Render and hear music for clips of a training set and write ``music_features.npz`` (float16, by clip id).

    Stops after ``seconds`` of work with what it has, ``splits`` in their order. The extractor's first call may take
    most of a minute because librosa compiles itself then.
    """
    from genmo_studio.extract.music import music_features  # noqa: PLC0415 - brings librosa

    yield Progress("rendering music", 0.0, "loading the music tools")
    manifest, _ = read_manifest(folder)
    stores = [ClipStore.open(folder, split=split) for split in splits if manifest.frames.get(split)]
    chosen = [(store, clip) for store in stores for clip in clips_for_music(store.clips)]
    features: dict[str, NDArray[np.float16]] = {}
    started = monotonic()
    for store, clip in chosen:
        if monotonic() - started > seconds:
            break
        rng = np.random.default_rng((seed, clip.start, SPLITS.index(clip.split)))
        heard = music_features(render_music(store.motion(clip), body=body, rng=rng), SAMPLE_RATE)
        features[clip.id] = heard.features[: clip.frames].astype(np.float16)
        if len(features) % 10 == 0:
            yield Progress(
                "rendering music", len(features) / max(len(chosen), 1), f"{len(features)} of {len(chosen)} clips"
            )
    np.savez(folder / MUSIC_FILE, **features)  # type: ignore[arg-type]
    yield Progress("rendering music", 1.0, f"{len(features)} of {len(chosen)} clips have music")
