"""Sound: reading, waveforms, and the output's clock."""

import time
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.media.audio import read_audio, sound_seconds
from genmo_studio.media.files import MediaError
from genmo_studio.media.output import Feed, NullOut, open_audio_out
from genmo_studio.media.probe import probe
from genmo_studio.media.waveform import compute_waveform, load_waveform

RATE = 16_000


def tone(seconds: float, *, channels: int = 2) -> np.ndarray:
    """A tone that is louder on the left and starts after a tenth of a second."""
    moments = np.arange(int(seconds * RATE)) / RATE
    wave = 0.5 * np.sin(2 * np.pi * 500 * moments) * (moments >= 0.1)
    return np.stack([wave / (1 + channel) for channel in range(channels)], axis=1).astype(np.float32)


@pytest.mark.parametrize(("suffix", "error"), [("wav", 1e-4), ("flac", 1e-4), ("ogg", 0.05), ("mp3", 0.05)])
def test_audio_files_are_read_as_they_were_written(tmp_path, suffix, error):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(1.0), RATE)
    samples, rate = read_audio(path)
    assert (rate, samples.dtype, samples.shape[1]) == (RATE, np.float32, 2)
    assert abs(len(samples) - RATE) < 2_400
    assert np.sqrt(np.mean((samples[:RATE] - tone(1.0)[: len(samples)]) ** 2)) < error
    assert float(sound_seconds(path)) == pytest.approx(1.0, abs=0.15)
    renamed = path.rename(tmp_path / "b.xyz")  # the content decides, not the name
    again, _ = read_audio(renamed)
    assert np.allclose(np.abs(again).max(), np.abs(samples).max(), atol=0.02)


def write_film(path, *, sound_delay: float) -> None:
    """A film of one second whose sound begins ``sound_delay`` seconds after its picture."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("pcm_s16le" if path.suffix == ".mkv" else "aac", rate=RATE, layout="stereo")
        for index in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * index, np.uint8), "rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        samples = (tone(1.0) * 32_767).astype(np.int16)
        block = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        block.sample_rate, block.pts, block.time_base = RATE, round(sound_delay * RATE), Fraction(1, RATE)
        container.mux(sound.encode(block) if path.suffix == ".mkv" else [])
        if path.suffix != ".mkv":
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE, frame_size=1024)
            for part in [*resampler.resample(block), *resampler.resample(None)]:
                container.mux(sound.encode(part))
        container.mux(video.encode())
        container.mux(sound.encode())


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
@pytest.mark.parametrize("delay", [0.0, 0.25])
def test_the_sound_of_a_film_lines_up_with_its_picture(tmp_path, suffix, delay):
    path = tmp_path / f"film.{suffix}"
    write_film(path, sound_delay=delay)
    samples, rate = read_audio(path)
    onset = np.flatnonzero(np.abs(samples[:, 0]) > 0.2)[0] / rate
    assert onset == pytest.approx(0.1 + delay, abs=0.005)
    info = probe(path)
    assert (info.has_video, info.has_sound) == (True, True)


def test_what_is_no_sound_ends_in_a_sentence(tmp_path):
    broken = tmp_path / "broken.ogg"
    broken.write_bytes(b"OggS" + bytes(200))
    silent = tmp_path / "silent.mp4"
    with av.open(str(silent), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "rgb24")))
        container.mux(stream.encode())
    for path in (broken, silent, tmp_path / "gone.wav"):
        with pytest.raises(MediaError, match=path.name):
            read_audio(path)
    wild = np.full((800, 4), np.nan, np.float32)
    wild[400:] = 0.5
    soundfile.write(tmp_path / "wild.wav", wild, RATE, subtype="FLOAT")
    samples, _ = read_audio(tmp_path / "wild.wav")
    assert samples.shape == (800, 1)
    assert samples[:400].max() == 0.0
    assert samples[-1, 0] == pytest.approx(0.5)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 20_000),
    columns=st.integers(1, 60),
    start=st.floats(-0.5, 1.5),
    length=st.floats(0.001, 2.0),
    seed=st.integers(0, 9),
)
def test_peaks_cover_the_samples_they_stand_for(count, columns, start, length, seed):
    samples = np.random.default_rng(seed).uniform(-1, 1, (count, 2)).astype(np.float32)
    peaks = compute_waveform(samples, RATE).peaks(start, start + length, columns=columns)
    assert peaks.shape == (columns, 2)
    edges = np.linspace(start, start + length, columns + 1) * RATE
    for (low, high), begin, end in zip(peaks, edges[:-1], edges[1:], strict=True):
        part = samples[max(0, int(np.ceil(begin))) : max(0, int(np.floor(end)))]
        if part.size:
            assert low <= part.min() + 1e-4
            assert high >= part.max() - 1e-4
        near = samples[max(0, int(begin) - 4 * 256 * 4) : max(0, int(end) + 4 * 256 * 4)]
        if not near.size:
            assert (low, high) == (0, 0)


def test_a_waveform_is_computed_once(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(2.0), RATE)
    first = load_waveform(path, cache=tmp_path / "cache")
    assert first.seconds == 2.0
    assert first.peaks(0, 0.09, columns=3).tolist() == [[0, 0]] * 3
    assert first.peaks(0.2, 1.9, columns=5) == pytest.approx(np.array([[-0.5, 0.5]] * 5), abs=0.01)
    kept = next((tmp_path / "cache" / "waveforms").iterdir())
    stamp = kept.stat().st_mtime_ns
    again = load_waveform(path, cache=tmp_path / "cache")
    assert all(np.array_equal(a, b) for a, b in zip(first.levels, again.levels, strict=True))
    assert kept.stat().st_mtime_ns == stamp
    kept.write_bytes(b"damaged")
    assert load_waveform(path, cache=tmp_path / "cache").samples == first.samples


def test_a_feed_hands_out_every_sample_once_and_tells_what_is_heard():
    samples = np.arange(1, 1001, dtype=np.float32)[:, None] / 1000
    feed = Feed(samples, 1000, start=0.25)
    assert feed.position(now=99.0) == 0.25  # nothing is heard yet
    blocks = []
    for number in range(4):
        block = np.full((300, 1), np.nan, np.float32)
        feed.fill(block, heard_at=10.0 + 0.3 * number)
        blocks.append(block)
    sound = np.concatenate(blocks)[:, 0]
    assert np.array_equal(sound[:750], samples[250:, 0])
    assert not sound[750:].any()
    assert feed.position(now=10.0 + 0.9) == pytest.approx(0.25 + 0.9)
    assert feed.position(now=0.0) == 0.25  # a block that is heard later does not turn time back


def test_without_a_device_time_passes_and_the_reason_is_told():
    out = open_audio_out()
    silent = NullOut("why")
    assert silent.position is None
    silent.play(tone(0.1), RATE, start=3.0)
    begin = silent.position
    time.sleep(0.02)
    assert 0.02 <= silent.position - begin < 5
    assert begin == pytest.approx(3.0, abs=1)
    silent.close()
    assert (silent.position, silent.latency, silent.problem) == (None, 0.0, "why")
    if out.problem is not None:
        assert out.problem.startswith("No sound is played because")
        assert isinstance(out, NullOut)
    out.close()
