"""Frame-exact video reading, on files made here whose pictures carry their own frame number."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genmo_studio.media.files import MediaError
from genmo_studio.media.probe import probe
from genmo_studio.media.thumbnails import Thumbnails
from genmo_studio.media.video import VideoReader

WIDTH, HEIGHT, BITS = 128, 64, 8


def picture(number: int) -> np.ndarray:
    """Eight bars across the upper half: the bits of ``number``, most significant on the left; lower half grey."""
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    bits = [(number >> (BITS - 1 - bit)) & 1 for bit in range(BITS)]
    image[: HEIGHT // 2] = np.repeat(np.array(bits, np.uint8) * 255, WIDTH // BITS)[None, :, None]
    return image


def number_in(image: np.ndarray) -> int:
    height, width = image.shape[:2]
    cell = width // BITS
    return sum(int(image[height // 4, cell * b + cell // 2].mean() > 128) << (BITS - 1 - b) for b in range(BITS))


def write_video(path, times, *, tick=Fraction(1, 15_360), rotation=0, codec="libx264", start=0, transpose=0, rate=30):
    """A video whose frame i is ``picture(i)`` shown from ``times[i]`` (seconds)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = (HEIGHT, WIDTH) if transpose % 2 else (WIDTH, HEIGHT)
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = tick
        stream.codec_context.gop_size = 12
        if rotation:
            stream.set_display_rotation(rotation)
        for index, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(picture(index), transpose)), "rgb24")
            frame.pts, frame.time_base = start + round(time / tick), tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def constant(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("v") / "constant.mp4", [Fraction(i, 30) for i in range(90)])


IRREGULAR = [Fraction(int(t), 1000) for t in np.cumsum(np.random.default_rng(3).integers(8, 90, 70))]
IRREGULAR = [time - IRREGULAR[0] for time in IRREGULAR]


@pytest.fixture(scope="module")
def variable(tmp_path_factory):
    folder = tmp_path_factory.mktemp("v")
    return write_video(folder / "variable.mkv", IRREGULAR, tick=Fraction(1, 1000), start=700)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.lists(st.integers(0, 130), min_size=1, max_size=12))
def test_any_order_of_requests_shows_the_frame_of_that_time(constant, variable, frames):
    with VideoReader(constant) as reader:
        assert [number_in(reader.frame_at(frame)) for frame in frames] == [min(frame, 89) for frame in frames]
    with VideoReader(variable) as reader:
        expected = [max(i for i, t in enumerate(IRREGULAR) if t <= Fraction(frame, 30)) for frame in frames]
        assert [number_in(reader.frame_at(frame)) for frame in frames] == expected


@pytest.mark.parametrize("rate", [24, 25, Fraction(30_000, 1001), 60])
def test_rates_are_mapped_by_time_also_with_rounded_times(tmp_path, rate):
    exact = rate != int(rate)
    name, tick = ("v.mp4", Fraction(1, 30_000)) if exact else ("v.mkv", Fraction(1, 1000))
    path = write_video(tmp_path / name, [Fraction(i) / rate for i in range(60)], tick=tick, rate=rate)
    with VideoReader(path) as reader:
        shown = [number_in(reader.frame_at(k)) for k in range(30)]
        assert shown == [int(Fraction(k, 30) * rate) for k in range(30)]
        assert reader.project_frames() == pytest.approx(60 / rate * 30, abs=1)
        assert float(reader.fps) == pytest.approx(float(rate), rel=0.02)


@pytest.mark.parametrize("quarter", [0, 1, 2, 3])
def test_rotation_metadata_is_applied(tmp_path, quarter):
    """Stored turned clockwise by some quarters, with metadata that turns it back."""
    stored = write_video(
        tmp_path / "v.mp4", [Fraction(i, 30) for i in range(6)], rotation=90 * quarter, transpose=-quarter
    )
    with VideoReader(stored) as reader:
        assert reader.rotation == (-90 * quarter) % 360
        assert reader.size == (WIDTH, HEIGHT)
        image = reader.frame_at(5)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert number_in(image) == 5
    with VideoReader(stored, max_side=64) as small:
        assert small.size == (64, 32)
        assert small.frame_at(0).shape == (32, 64, 3)


def test_a_cut_off_file_ends_at_its_last_frame(tmp_path):
    path = write_video(tmp_path / "v.mkv", [Fraction(i, 30) for i in range(90)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with VideoReader(path) as reader:
        last = number_in(reader.frame_at(10_000))
        assert 10 < last < 80
        assert reader.project_frames() == pytest.approx(last + 1, abs=1)
        assert number_in(reader.frame_at(3)) == 3


def test_what_is_no_video_ends_in_a_sentence(tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("not a video " * 100)
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    for path in (text, empty, tmp_path / "gone.mp4", tmp_path):
        with pytest.raises(MediaError, match=path.name):
            VideoReader(path)


def test_thumbnails_are_made_once(constant, tmp_path):
    strip = Thumbnails(constant, height=24, cache=tmp_path)
    assert strip.cached(30) is None
    made = dict(strip.make([60, 0, 30, 500]))
    assert [number_in(made[frame]) for frame in (0, 30, 60, 500)] == [0, 30, 60, 89]
    assert made[0].shape == (24, 48, 3)
    again = Thumbnails(constant, height=24, cache=tmp_path)
    assert np.array_equal(again.cached(60), made[60])
    next(iter((tmp_path / "thumbnails").rglob("*.npy"))).write_bytes(b"damaged")
    assert len(dict(again.make([0, 30, 60]))) == 3


def test_probe_tells_what_a_file_is(constant, tmp_path):
    info = probe(constant)
    assert (info.has_video, info.has_sound, info.size, info.frames) == (True, False, (WIDTH, HEIGHT), 90)
    with pytest.raises(MediaError):
        probe(tmp_path / "gone.wav")
