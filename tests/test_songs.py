"""Real songs: their known beat grid, and takes scored against it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_model import write_tiny_model

from genmo_studio.model.checkpoint import load_model
from genmo_studio.motion.body import load_body
from genmo_studio.training import measure_songs
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import PrepareError
from genmo_studio.training.measure_songs import Song, grid_beats, songs_figures, songs_in
from genmo_studio.training.options import EvaluationOptions

RATE = 15_360


def song(folder: Path, name: str, *, bpm: float, seconds: float) -> Path:
    """Clicks on a grid."""
    samples = np.zeros(int(seconds * RATE), np.float32)
    for time in np.arange(0.0, seconds - 0.1, 60 / bpm):
        start = int(time * RATE)
        samples[start : start + 300] = np.sin(np.arange(300) * 0.8) * np.exp(-np.arange(300) / 60)
    path = folder / f"{name}.wav"
    soundfile.write(path, samples, RATE)
    path.with_suffix(".json").write_text(json.dumps({"bpm": bpm, "first_beat_s": 0.0}))
    return path


def test_the_grid_is_counted_from_the_song_s_first_beat() -> None:
    told = Song(Path("x.ogg"), bpm=120, first_beat=0.25)  # beats at 7.5, 22.5, 37.5 frames
    np.testing.assert_array_equal(grid_beats(told, start=0, frames=40), [8, 22, 38])
    np.testing.assert_array_equal(grid_beats(told, start=20, frames=20), [2, 18])
    np.testing.assert_array_equal(grid_beats(told, start=3000, frames=16), [8])


def test_songs_without_their_tempo_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PrepareError, match="holds no song"):
        songs_in(tmp_path)
    path = song(tmp_path, "clicks", bpm=100, seconds=1)
    assert songs_in(tmp_path)[0].bpm == 100
    path.with_suffix(".json").write_text('{"bpm": 0.5, "first_beat_s": 0}')
    with pytest.raises(PrepareError, match="no tempo"):
        songs_in(tmp_path)
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(PrepareError, match="must say the song's tempo"):
        songs_in(tmp_path)


def test_takes_with_and_without_a_song_are_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_songs.paths, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(measure_songs, "LEAD_IN", 0.0)
    monkeypatch.setattr(measure_songs, "FRAMES", 60)
    folder = tmp_path / "songs"
    folder.mkdir()
    song(folder, "clicks", bpm=120, seconds=6)
    model = load_model(str(write_tiny_model(tmp_path / "model")), device="cpu")
    options = EvaluationOptions(sampled=2, steps=1)
    *_, found = songs_figures(folder, model=model, body=load_body("genmo-free"), options=options, time=Allotment())
    assert found["excerpts"] == 2
    assert found["beats_heard_on_the_grid"] > 0.8
    assert found["songs"] == {"clicks.wav": 120}
    for kind in ("", "half_"):
        assert 0 <= found[f"{kind}unconditioned"] <= 1
        gain = found[f"{kind}conditioned"] - found[f"{kind}unconditioned"]
        assert found[f"{kind}margin"] == pytest.approx(gain, abs=2e-4)
