"""Music features: lengths, beats and tempo against sounds whose truth is known."""

import numpy as np
import pytest

from genmo_studio.document.model import TempoScale
from genmo_studio.extract.known_music import FEATURES
from genmo_studio.extract.music import BEAT, CHROMA, ENVELOPE, MFCC, PEAK, music_features

RATE = 22_050


def clicks(bpm: float, seconds: float) -> np.ndarray:
    """Short bursts of noise on every beat but the first."""
    sound = np.zeros(int(seconds * RATE), np.float32)
    burst = np.random.default_rng(0).standard_normal(RATE // 20) * np.exp(-np.arange(RATE // 20) / (RATE / 100))
    for start in (np.arange(1, int(seconds * bpm / 60)) * 60 / bpm * RATE).astype(int):
        stretch = sound[start : start + len(burst)]
        stretch += burst[: len(stretch)]
    return sound


@pytest.mark.parametrize("bpm", [90.0, 128.0])
def test_beats_of_a_click_track_are_found_to_the_frame(bpm):
    found = music_features(clicks(bpm, 15), RATE)
    assert found.tempo_bpm == pytest.approx(bpm, rel=0.01)
    beat = found.beats * bpm / 60 / 30
    assert np.abs(beat - np.rint(beat)).max() * 60 / bpm * 30 <= 1.0  # frames
    assert len(found.beats) >= 15 * bpm / 60 - 4
    assert np.array_equal(np.flatnonzero(found.features[:, BEAT]), found.beats)
    assert set(np.unique(found.features[:, PEAK])) == {0.0, 1.0}


def test_tempo_correction_tracks_half_and_double():
    sound = clicks(100, 12)
    half, normal, double = (
        music_features(sound, RATE, tempo=t) for t in (TempoScale.HALF, TempoScale.NORMAL, TempoScale.DOUBLE)
    )
    assert (half.tempo_bpm * 2, double.tempo_bpm / 2) == (normal.tempo_bpm, normal.tempo_bpm)
    assert np.median(np.diff(half.beats)) == pytest.approx(36, abs=1)
    assert np.median(np.diff(normal.beats)) == pytest.approx(18, abs=1)
    assert np.median(np.diff(double.beats)) == pytest.approx(9, abs=1)
    unchanged = np.delete(normal.features, BEAT, axis=1)
    assert np.array_equal(np.delete(half.features, BEAT, axis=1), unchanged)


@pytest.mark.parametrize(
    ("samples", "rate", "frames"),
    [(0, 8000, 0), (1, 8000, 1), (8000, 8000, 30), (8001, 8000, 31), (100_000, 48_000, 63)],
)
def test_length_is_the_time_rounded_up_and_silence_is_silent(samples, rate, frames):
    found = music_features(np.zeros((samples, 2), np.float32), rate)
    assert found.features.shape == (frames, FEATURES)
    assert np.isfinite(found.features).all()
    assert not np.delete(found.features, np.arange(MFCC.start, MFCC.stop), axis=1).any()
    assert (found.beats.size, found.tempo_bpm) == (0, 0.0)


def test_a_tone_lights_its_own_pitch_class_and_results_repeat():
    time = np.arange(3 * RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    found = music_features(tone, RATE)
    assert found.features[20:60, CHROMA].argmax(axis=1).tolist() == [9] * 40  # A, counted from C
    assert np.array_equal(found.features, music_features(tone, RATE).features)
    tone[100:200] = np.nan
    assert np.isfinite(music_features(tone, RATE).features).all()
    assert music_features(tone, RATE).features[:, ENVELOPE].max() > 0
