"""What is heard: grains, other speeds, drift, the player of a device; on the silent output that writes down."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot
from timeline_samples import sample_document

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import set_in_out
from genmo_studio.document.time import Span
from genmo_studio.media.output import Feed, NullOut, Player
from genmo_studio.media.stretch import Stretched
from genmo_studio.ui.clock import PlaybackClock
from genmo_studio.ui.mix import GRAIN_SECONDS, grain
from genmo_studio.ui.playback import PlayOptions, Transport
from genmo_studio.ui.timeline.session import Session
from genmo_studio.values import replace

RATE = 48_000


def tone(hertz: float, seconds: float = 2.0) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)
    return np.stack([wave, -wave], axis=1).astype(np.float32)


def pitch(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE)[spectrum.argmax()])


class Listener:
    """A transport over the sample on an output that writes down what would have been heard."""

    def __init__(self, folder: Path) -> None:
        self.editor, self.session = Editor(sample_document(folder)), Session()
        self.out = NullOut("no device here", record=True)
        self.transport = Transport(
            self.editor, session=self.session, out=self.out, locate=lambda ref: folder / str(ref.relative_path)
        )

    def expected_grain(self, frame: int) -> np.ndarray:
        mix = self.transport.mix
        assert mix is not None
        return grain(mix, frame=frame, fps=30)

    def heard(self) -> np.ndarray:
        self.out.stop()
        return self.out.recorded[-1]


@pytest.fixture
def listener(qtbot: QtBot, tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path)
    qtbot.waitUntil(lambda: made.transport.has_sound, timeout=10_000)
    yield made
    made.transport.close()


def test_pb6_scrubbing_and_stepping_sound_frame_by_frame(listener: Listener, qtbot: QtBot) -> None:
    transport, out = listener.transport, listener.out
    transport.seek(250)
    assert not out.recorded, "jumping there is silent"
    for frame, move in ((260, lambda: transport.scrub(260)), (261, lambda: transport.step(1)),
                        (271, lambda: transport.step(10))):  # fmt: skip
        move()
        qtbot.wait(round(GRAIN_SECONDS * 1000) + 20)
        heard, expected = listener.heard(), listener.expected_grain(frame)
        assert len(heard) == len(expected) == pytest.approx(GRAIN_SECONDS * transport.mix.rate, abs=1)
        np.testing.assert_array_equal(heard, expected)
        assert np.abs(heard).max() > 0.01
    count = len(out.recorded)
    transport.scrub(271)
    out.stop()
    assert len(out.recorded) == count, "the same frame again is no movement"
    transport.set_options(replace(transport.options, scrub_sound=False))
    transport.scrub(280)
    transport.step(1)
    assert out.position is None


def test_pb6_pb7_the_hand_on_the_playhead_owns_it(listener: Listener, qtbot: QtBot) -> None:
    transport = listener.transport
    transport.play()
    qtbot.waitUntil(lambda: transport.frame >= 2, timeout=3000)
    transport.scrub(300)
    assert (transport.playing, transport.frame) == (False, 300)
    transport.play()  # somebody presses Space while the pointer still holds
    transport.scrub(301)
    assert (transport.playing, transport.frame) == (False, 301)


def test_pb9_half_speed_keeps_the_pitch_and_the_place(listener: Listener, qtbot: QtBot) -> None:
    transport = listener.transport
    transport.set_speed(0.5)
    transport.seek(250)
    transport.play()
    assert transport.silence == ""
    assert transport.speed == 0.5
    qtbot.waitUntil(lambda: transport.frame >= 254, timeout=5000)
    position = listener.out.position
    assert position is not None
    assert transport.time == pytest.approx(250 + 0.5 * 30 * position, abs=0.5), "the frame is where the sound is"
    transport.pause()
    assert len(listener.out.recorded[-1]) > 0
    for speed, said in ((0.1, "silent at this speed"), (4.0, "")):
        transport.set_speed(speed)
        transport.play()
        assert transport.silence == said
        assert (listener.out.position is None) == bool(said)
        transport.pause()


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.75, 1.5, 2.0, 4.0])
def test_pb9_stretched_sound_has_its_own_pitch_and_no_holes(speed: float) -> None:
    stretched = Stretched(tone(440.0), RATE, speed=speed, start=0.5)
    assert len(stretched) == pytest.approx(1.5 * RATE / speed, abs=1)
    whole = np.concatenate([stretched[at : at + 512] for at in range(0, len(stretched), 512)])
    assert pitch(whole) == pytest.approx(440.0, abs=4)
    middle = whole[2400:-4800]
    crests = np.abs(middle[: len(middle) // 240 * 240, 0]).reshape(-1, 240).max(axis=1)
    assert crests.min() > 0.45
    assert crests.max() < 0.55
    np.testing.assert_array_equal(stretched[1000:3000], whole[1000:3000])


@settings(max_examples=30)
@given(st.sampled_from([0.25, 0.5, 2.0, 4.0]), st.floats(0.0, 1.0), st.integers(0, 5))
def test_pb9_a_click_is_heard_when_its_frame_is_shown(speed: float, start: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = (0.01 * rng.standard_normal((2 * RATE, 1))).astype(np.float32)
    at = round((start + 0.4) * RATE)
    samples[at : at + 480] += 0.9
    stretched = Stretched(samples, RATE, speed=speed, start=start)
    heard = np.flatnonzero(np.abs(stretched[0 : len(stretched)][:, 0]) > 0.3)[0] / RATE
    assert heard * speed == pytest.approx(0.4, abs=0.04 * max(1.0, speed)), "within a piece of its place"


def test_volume_and_mute_change_what_is_heard_and_not_the_clock(listener: Listener, qtbot: QtBot) -> None:
    transport = listener.transport
    transport.set_volume(0.5)
    transport.seek(250)
    transport.play()
    qtbot.waitUntil(lambda: transport.frame >= 256, timeout=5000)
    transport.pause()
    heard, mix = listener.out.recorded[-1], transport.mix
    first = 250 * mix.rate // 30
    np.testing.assert_allclose(heard, mix.samples[first : first + len(heard)] * 0.25, atol=1e-6)
    transport.set_volume(0.5, muted=True)
    assert transport.silence == "muted"
    transport.play()
    qtbot.waitUntil(lambda: transport.frame >= 260, timeout=5000)
    transport.pause()
    assert not listener.out.recorded[-1].any()


def test_pb4_every_frame_waits_for_the_picture(listener: Listener, qtbot: QtBot) -> None:
    transport = listener.transport
    transport.set_options(PlayOptions(every_frame=True))
    frames: list[int] = []
    transport.frame_changed.connect(frames.append)
    transport.seek(100)
    frames.clear()
    transport.note_painted()
    transport.play()
    assert listener.out.position is None
    assert transport.silence == "silent while every frame is played"
    for _ in range(6):  # a view that needs 80 ms for a picture
        qtbot.wait(80)
        transport.note_painted()
    transport.pause()
    assert frames == list(range(101, 101 + len(frames)))
    assert 3 <= len(frames) <= 7, "no faster than the pictures"
    listener.editor.edit("In and out", set_in_out(Span(100, 103)))
    transport.set_loop(True)
    transport.seek(101)
    frames.clear()
    transport.play()
    qtbot.waitUntil(lambda: len(frames) >= 5, timeout=5000)
    transport.pause()
    assert frames[:4] == [102, 100, 101, 102], "around the loop, none left out"


def test_pb8_stopping_returns_to_where_play_began_when_wanted(listener: Listener, qtbot: QtBot) -> None:
    transport = listener.transport
    transport.seek(40)
    transport.toggle()
    qtbot.waitUntil(lambda: transport.frame > 42, timeout=3000)
    transport.toggle()
    assert transport.frame > 42
    transport.set_options(replace(transport.options, return_to_start=True))
    transport.seek(40)
    transport.toggle()
    qtbot.waitUntil(lambda: transport.frame > 42, timeout=3000)
    transport.pause()
    assert transport.frame > 42, "K stops in place"
    here = transport.frame
    transport.toggle()
    qtbot.waitUntil(lambda: transport.frame > here + 1, timeout=3000)
    transport.toggle()
    assert transport.frame == here


def test_pb1_shift_space_plays_from_in_to_out(listener: Listener, qtbot: QtBot) -> None:
    transport = listener.transport
    listener.editor.edit("In and out", set_in_out(Span(200, 206)))
    transport.seek(20)
    frames: list[int] = []
    transport.frame_changed.connect(frames.append)
    transport.play_range()
    assert transport.playing
    qtbot.waitUntil(lambda: not transport.playing, timeout=3000)
    assert transport.frame == 205
    assert set(frames) <= set(range(200, 206))
    transport.set_options(replace(transport.options, return_to_start=True))
    transport.seek(20)
    transport.play_range()
    qtbot.waitUntil(lambda: not transport.playing, timeout=3000)
    assert transport.frame == 20


@pytest.mark.parametrize("error", [-3e-4, 0.0, 3e-4])
def test_picture_and_sound_do_not_drift_apart_in_ten_minutes(error: float) -> None:
    """A device whose quartz is off by 300 parts in a million: budget 20 ms."""
    samples = np.zeros((RATE, 1), np.float32)
    feed = Feed(samples, RATE, start=0.0)
    real = 0.0  # seconds of the computer's clock
    true_rate = RATE * (1 + error)
    block = np.zeros((480, 1), np.float32)
    filled = 0
    clock = PlaybackClock(fps=30, length=20_000, now=lambda: feed.position(real))
    clock.start()
    worst = 0.0
    for tick in range(0, 600 * 60):  # 60 looks a second for ten minutes
        real = tick / 60
        while filled / true_rate <= real:  # the device asks for a block when the one before begins to sound
            feed.fill(block, heard_at=filled / true_rate)
            filled += len(block)
        heard = real * true_rate / RATE  # seconds of the music that have sounded
        worst = max(worst, abs(clock.time() / 30 - heard))
    assert worst < 0.020
    assert clock.frame() == pytest.approx(600 * (1 + error) * 30, abs=2)


def test_play_begins_within_100_ms_with_sound(listener: Listener, qtbot: QtBot) -> None:
    """From the press to the first frame that moves; the sound is already there then."""
    transport = listener.transport
    transport.seek(250)
    taken = []
    for _ in range(5):
        moved: list[float] = []
        transport.frame_changed.connect(lambda _: moved.append(time.perf_counter()))  # noqa: B023
        begin = time.perf_counter()
        transport.toggle()
        assert listener.out.position is not None
        assert time.perf_counter() - begin < 0.1
        qtbot.waitUntil(lambda: bool(moved), timeout=2000)  # noqa: B023
        taken.append(moved[0] - begin)
        transport.toggle()
        transport.frame_changed.disconnect()
    assert min(taken) >= 1 / 30 - 0.005, "the first frame is shown for its own time"
    assert np.median(taken) < 0.1


def test_a_players_sounds_join_without_clicks_and_it_falls_asleep() -> None:
    player = Player(1000, 1, gain=0.5)
    ones = np.ones((10_000, 1), np.float32)
    out = np.zeros((100, 1), np.float32)
    player.change(Feed(ones, 1000, start=0.0))
    assert player.fill(out, heard_at=0.0)
    assert np.all(out == 0.5)
    player.change(None)
    assert player.fill(out, heard_at=0.1)
    assert out[0] == 0.5
    assert out[-1] == 0.0
    assert np.abs(np.diff(out[:, 0])).max() < 0.01, "it fades"
    player.gain = 0.25
    player.change(Feed(ones, 1000, start=0.0))
    player.fill(out, heard_at=0.2)
    assert np.abs(np.diff(out[:, 0])).max() < 0.01, "a change of loudness is no click either"
    assert out[-1] == 0.25
    player.change(None)
    awake = [player.fill(out, heard_at=1.0) for _ in range(40)]
    assert awake[0]
    assert not awake[-1]


_ON_A_DEVICE = """
import sys, time
import numpy as np
from genmo_studio.media.output import DeviceOut, open_audio_out
out = open_audio_out()
if not isinstance(out, DeviceOut):
    print("none", out.problem)
    sys.exit()
sound = np.zeros((48_000 * 3, 2), np.float32)
for _ in range(2):
    out.play(sound, 48_000, start=0.5)
    first = out.position
    time.sleep(0.3)
    assert first is not None and out.position > first >= 0.5, (first, out.position)
    out.stop()
    assert out.position is None
limit = time.monotonic() + 20
while out._stream.active:
    assert time.monotonic() < limit, "it goes to sleep"
    time.sleep(0.05)
out.play(sound, 48_000)
assert out.position is not None
out.play(sound[:, :1], 44_100)
time.sleep(0.1)
assert out.position > 0
out.close()
assert out.position is None
print("heard")
"""


def test_a_real_stream_plays_stops_sleeps_and_wakes(tmp_path: Path) -> None:
    """PortAudio on ALSA's null device, which takes samples as fast as they come, in a process of its own."""
    settings_file = tmp_path / "asound.conf"
    settings_file.write_text("pcm.!default { type null }\n")
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_DEVICE],
        env={**os.environ, "ALSA_CONFIG_PATH": str(settings_file)},
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.stdout.startswith("none"):
        pytest.skip(f"no ALSA or no PortAudio here: {done.stdout}")
    assert done.returncode == 0, done.stderr
    assert "heard" in done.stdout
