"""Music features: what the model hears, 35 numbers a frame at 30 frames a second.

The recipe is that of the AIST++ dance literature, which the model's music input follows: samples at 15,360 Hz and a hop
of 512 samples make exactly 30 frames a second; each frame holds the onset envelope (1), MFCC (20), chroma CENS (12),
a one at onset peaks (1) and a one at beats (1). Tempo and beats are tracked on a finer grid than the frames. librosa is
imported inside the functions because its first import compiles for most of a minute; callers that show progress say so
first (``extract_music``).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.document.model import TempoScale
from genmo_studio.extract.kernels import compiling_alone, everything_is_compiled
from genmo_studio.extract.known_music import FEATURES, MusicFeatures, keep_music, known_music
from genmo_studio.media.audio import read_audio
from genmo_studio.media.files import MediaError, sha256_of

FPS = 30
HOP = 512
SAMPLE_RATE = FPS * HOP
MFCC_COUNT = 20
CHROMA_COUNT = 12
ENVELOPE, MFCC, CHROMA = slice(0, 1), slice(1, 21), slice(21, 33)
PEAK, BEAT = 33, 34

_TEMPO_FACTOR = {TempoScale.HALF: 0.5, TempoScale.NORMAL: 1.0, TempoScale.DOUBLE: 2.0}
# The lowest constant-Q band needs a few seconds of signal; shorter clips are analysed followed by silence.
_ANALYSED_AT_LEAST = 4 * SAMPLE_RATE
_FINE_HOP = 128  # hop of tempo and beat tracking
_FINE_DELAY = 2  # hops by which an onset shows late in the envelope (measured: 1 on clicks, 3 on songs)
_SILENCE = 1e-5  # peak amplitude (-100 dB) below which there is nothing to track


def music_features(
    samples: NDArray[np.float32], sample_rate: int, *, tempo: TempoScale = TempoScale.NORMAL
) -> MusicFeatures:
    """Features of mono ``samples`` (N,) or interleaved ``samples`` (N, channels), any rate.

    The result has ceil(seconds * 30) frames. Silence gives an envelope, chroma, peaks and beats of zero. With ``tempo``
    HALF or DOUBLE the beats are tracked anew at that tempo.
    """
    frames = -(-len(samples) * FPS // sample_rate)
    if frames == 0:
        return MusicFeatures(np.zeros((0, FEATURES), np.float32), np.zeros(0, np.int64), 0.0)
    with compiling_alone():
        return _heard(samples, sample_rate, frames=frames, tempo=tempo)


def _heard(samples: NDArray[np.float32], sample_rate: int, *, frames: int, tempo: TempoScale) -> MusicFeatures:
    signal = _prepared(samples, sample_rate, frames=frames)
    columns = np.zeros((frames, FEATURES), np.float32)
    columns[:, MFCC] = _mfcc(signal)[:frames]
    if np.abs(signal).max() < _SILENCE:
        return MusicFeatures(columns, np.zeros(0, np.int64), 0.0)
    envelope, peaks, beats, bpm = _rhythm(signal, tempo=tempo)
    columns[:, ENVELOPE] = envelope[:frames, None]
    columns[:, CHROMA] = _chroma(signal)[:frames]
    columns[peaks[peaks < frames], PEAK] = 1.0
    beats = beats[beats < frames]
    columns[beats, BEAT] = 1.0
    return MusicFeatures(np.nan_to_num(columns, copy=False), beats, bpm)


def _prepared(samples: NDArray[np.float32], sample_rate: int, *, frames: int) -> NDArray[np.float32]:
    """Mono at 15,360 Hz, finite, followed by silence so that every asked frame exists."""
    import librosa  # noqa: PLC0415 - see the top of the file

    mono = np.asarray(samples, np.float32)
    mono = mono.mean(axis=1) if mono.ndim == 2 else mono
    mono = np.nan_to_num(mono, posinf=0.0, neginf=0.0)
    if sample_rate != SAMPLE_RATE:
        mono = librosa.resample(mono, orig_sr=sample_rate, target_sr=SAMPLE_RATE, res_type="soxr_hq")
    wanted = max(frames * HOP, _ANALYSED_AT_LEAST)
    padded = np.zeros(wanted, np.float32)
    padded[: len(mono)] = mono[:wanted]
    return padded


def _mfcc(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    import librosa  # noqa: PLC0415

    mfcc = librosa.feature.mfcc(y=signal, sr=SAMPLE_RATE, n_mfcc=MFCC_COUNT, hop_length=HOP)
    return np.asarray(mfcc.T, np.float32)


def _chroma(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    import librosa  # noqa: PLC0415

    # A fixed tuning: estimating it is unstable on unpitched sound and would make cuts of one song disagree.
    chroma = librosa.feature.chroma_cens(y=signal, sr=SAMPLE_RATE, hop_length=HOP, n_chroma=CHROMA_COUNT, tuning=0.0)
    return np.asarray(chroma.T, np.float32)


def _rhythm(
    signal: NDArray[np.float32], *, tempo: TempoScale
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], float]:
    """Onset envelope (frames,), onset frames, beat frames and the tempo in beats a minute."""
    import librosa  # noqa: PLC0415

    none = np.zeros(0, np.int64)
    envelope = np.asarray(librosa.onset.onset_strength(y=signal, sr=SAMPLE_RATE, hop_length=HOP), np.float32)
    if not np.any(envelope > 0):
        return envelope, none, none, 0.0
    peaks = librosa.onset.onset_detect(onset_envelope=envelope, sr=SAMPLE_RATE, hop_length=HOP)
    # At 30 frames a second a beat of 170 bpm is 10.6 frames: too coarse to tell tempos apart. Track four times finer.
    mel = librosa.feature.melspectrogram(y=signal, sr=SAMPLE_RATE, hop_length=_FINE_HOP, n_fft=1024, n_mels=40)
    fine = librosa.onset.onset_strength(S=librosa.power_to_db(mel), sr=SAMPLE_RATE, hop_length=_FINE_HOP, n_fft=1024)
    bpm = _tempo(np.asarray(fine, np.float64)) * _TEMPO_FACTOR[tempo]
    if bpm == 0.0:
        return envelope, np.asarray(peaks, np.int64), none, 0.0
    _, fine_beats = librosa.beat.beat_track(onset_envelope=fine, sr=SAMPLE_RATE, hop_length=_FINE_HOP, bpm=bpm)
    everything_is_compiled()
    beats = np.rint((np.asarray(fine_beats, np.float64) - _FINE_DELAY) * _FINE_HOP / HOP).astype(np.int64)
    return envelope, np.asarray(peaks, np.int64), np.unique(np.maximum(beats, 0)), bpm


def _tempo(envelope: NDArray[np.float64]) -> float:
    """Beats a minute whose first four multiples of the period hold most of the envelope's autocorrelation; 0 = none.

    A log-normal prior about 120 chooses between a tempo and its half or double, as is usual for tempo trackers.
    """
    import librosa  # noqa: PLC0415

    correlation = librosa.autocorrelate(envelope - envelope.mean(), max_size=4 * SAMPLE_RATE // _FINE_HOP)
    candidates = np.arange(60.0, 200.0, 0.25)
    lags = np.arange(1, 5)[:, None] * (60.0 * SAMPLE_RATE / _FINE_HOP / candidates)
    score = np.interp(lags, np.arange(len(correlation)), correlation).sum(axis=0)
    score *= np.exp(-0.5 * (np.log2(candidates / 120.0) / 0.9) ** 2)
    best = int(score.argmax())
    return float(candidates[best]) if score[best] > 0 else 0.0


def extract_music(
    path: Path, *, cache: Path, tempo: TempoScale = TempoScale.NORMAL
) -> Iterator[Progress | MusicFeatures]:
    """Progress and, last, the features of a whole file (or a video's sound), kept by content. Raises MediaError."""
    path = Path(path)
    digest = sha256_of(path, cache=cache)
    known = known_music(digest, cache=cache, tempo=tempo)
    if known is not None:
        yield known
        return
    yield Progress("listening to the music", 0.0, f"reading {path.name}")
    samples, rate = read_audio(path)
    yield Progress("listening to the music", 0.2, "loading the music analyser (the first time this takes a minute)")
    _load_analyser()
    yield Progress("listening to the music", 0.5, "finding beats, timbre and harmony")
    found = music_features(samples, rate, tempo=tempo)
    keep_music(found, digest, cache=cache, tempo=tempo)
    yield found


def _load_analyser() -> None:
    try:
        with compiling_alone():
            import librosa.beat  # noqa: PLC0415
            import librosa.feature  # noqa: F401, PLC0415
    except ImportError as error:
        raise MediaError(
            "Music cannot be analysed because librosa is not installed: run `pip install librosa` and try again."
        ) from error


def compile_kernels() -> None:
    """Analyse four seconds of clicks, so that the machine has librosa's kernels compiled. Raises MediaError.

    The set-up of a fresh machine calls this: the first song of a user is then heard in seconds, not in a minute.
    """
    _load_analyser()
    clicks = np.zeros(4 * SAMPLE_RATE, np.float32)
    clicks[:: SAMPLE_RATE // 2] = 1.0
    music_features(clicks, SAMPLE_RATE)
