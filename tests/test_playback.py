"""Playback: the clock with a time that the test sets, the mix, and the transport on the silent output."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot
from timeline_samples import sample_document

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import move_items, set_in_out, set_length, set_track_flags
from genmo_studio.document.model import Document, MusicClip, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.media.output import NullOut
from genmo_studio.ui.clock import FrameMeter, PlaybackClock, shuttled
from genmo_studio.ui.jumps import next_edit
from genmo_studio.ui.mix import Mix, looped, mix_music
from genmo_studio.ui.playback import Transport
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.snap import snap_targets


class Watch:
    """A time that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def clock(length: int = 300) -> tuple[PlaybackClock, Watch]:
    watch = Watch()
    return PlaybackClock(fps=30, length=length, now=watch), watch


def test_pb4_time_drives_the_frame_and_playback_ends_on_the_last_one() -> None:
    made, watch = clock()
    made.seek(30)
    made.start()
    watch.now += 1.0
    assert made.frame() == 60
    watch.now += 0.5  # nobody asked in between: those frames are dropped, not played late
    assert made.frame() == 75
    assert not made.ended()
    watch.now += 20
    assert made.ended()
    assert made.frame() == 299
    made.stop()
    watch.now += 5
    assert made.frame() == 299
    made.start()
    assert made.frame() == 0, "play at the end begins anew"


def test_speed_direction_and_another_time_source_keep_the_place() -> None:
    made, watch = clock()
    made.seek(100)
    made.start()
    watch.now += 1
    made.set_speed(0.1)
    watch.now += 1
    assert made.time() == pytest.approx(133)
    made.set_speed(-9)
    assert made.speed == -4
    watch.now += 1
    assert made.time() == pytest.approx(13)
    other = Watch()
    other.now = -7.0
    made.use(other)
    assert made.time() == pytest.approx(13)
    made.set_speed(1)
    other.now += 2
    assert made.time() == pytest.approx(73)


@given(
    st.integers(0, 200), st.integers(2, 90), st.floats(0, 299), st.sampled_from([-4.0, -1.0, 0.3, 1.0, 2.0]),
    st.floats(0, 100),
)  # fmt: skip
def test_pb9_a_loop_wraps_without_a_gap(first: int, length: int, start: float, speed: float, passed: float) -> None:
    made, watch = clock()
    span = Span(first, first + length)
    made.seek(start)
    made.set_speed(speed)
    made.set_loop(span)
    made.start()
    begin = made.time()
    watch.now += passed
    raw = begin + passed * 30 * speed
    time = made.time()
    assert 0 <= time <= 300
    if span.start <= begin < span.stop:
        assert span.start <= time < span.stop
        turns = (raw - time) / span.length
        assert turns == pytest.approx(round(turns), abs=1e-6)
    assert not made.ended()


def test_pb2_pb5_shuttle_and_frame_meter() -> None:
    speeds = [shuttled(1.0, forward=True, playing=False)]
    for forward in (True, True, True, False, False):
        speeds.append(shuttled(speeds[-1], forward=forward, playing=True))
    assert speeds == [1, 2, 4, 4, -1, -2]
    meter = FrameMeter()
    for n in range(91):
        meter.mark(n / 30)
    assert meter.rate(3.0) == pytest.approx(30, abs=0.1)
    assert meter.rate(9.0) == 0


@given(st.integers(0, 599), st.booleans())
def test_pb3_up_and_down_find_the_nearest_of_everything_that_snaps(frame: int, forward: bool) -> None:
    document = sample_document(None)
    frames = [f for f in snap_targets(document).frames if 0 <= f < document.length]
    ahead = [f for f in frames if f > frame] if forward else [f for f in frames if f < frame]
    expected = (min(ahead) if forward else max(ahead)) if ahead else None
    assert next_edit(document, frame, forward=forward) == expected


RATE = 1200


def music(*clips: MusicClip, muted: bool = False) -> Document:
    return Document("d", "d", length=90, tracks=(Track("t", TrackKind.MUSIC, "M", clips, muted=muted),))


def ramp() -> np.ndarray:
    return np.stack([np.linspace(0, 0.5, 3 * RATE), np.linspace(0, -0.5, 3 * RATE)], axis=1).astype(np.float32)


def test_the_mix_places_sources_and_adds_them_up() -> None:
    one = MusicClip("a", Span(30, 60), "m", Span(15, 45), gain=0.5)
    two = msgspec.structs.replace(one, id="b", span=Span(45, 75), gain=1.0)
    silent = msgspec.structs.replace(one, id="c", span=Span(0, 30), muted=True)
    mix = mix_music(music(one, two, silent), lambda _media: (ramp(), RATE))
    assert mix is not None
    second, source = RATE, ramp()
    assert len(mix.samples) == 2.5 * second
    assert not mix.samples[:second].any()
    expected = 0.5 * source[second // 2 : 3 * second // 2].copy()
    expected[second // 2 :] += source[second // 2 : second]
    np.testing.assert_allclose(mix.samples[second : 2 * second], expected, atol=1e-6)
    assert mix_music(music(one, muted=True), lambda _media: (ramp(), RATE)) is None
    assert mix_music(music(one), lambda _media: None) is None


def test_retimed_clips_and_other_rates_are_resampled() -> None:
    slow = MusicClip("a", Span(0, 60), "m", Span(0, 30))
    mix = mix_music(music(slow), lambda _media: (ramp(), RATE))
    assert mix is not None
    np.testing.assert_allclose(
        mix.samples[:, 0], np.interp(np.arange(2 * RATE) / 2, np.arange(3 * RATE), ramp()[:, 0]), atol=1e-5
    )
    plain = MusicClip("a", Span(0, 30), "m", Span(0, 30))
    other = MusicClip("b", Span(30, 60), "n", Span(0, 30))
    sounds = {"m": (ramp(), RATE), "n": (ramp()[::2], RATE // 2)}
    mix = mix_music(music(plain, other), sounds.get)
    assert mix is not None
    np.testing.assert_allclose(mix.samples[RATE:], mix.samples[:RATE], atol=1e-3)


@given(st.integers(0, 80), st.integers(1, 60), st.integers(0, 89), st.floats(0.1, 5))
def test_pb9_a_repeated_span_joins_at_its_seams(first: int, length: int, start: int, seconds: float) -> None:
    samples = np.arange(3 * RATE, dtype=np.float32)[:, None].repeat(2, axis=1)
    span = Span(first, first + length)
    if start >= span.stop:
        start = span.start
    heard = looped(Mix(samples, RATE), span=span, start=float(start), fps=30, seconds=seconds)[:, 0]
    assert len(heard) >= seconds * RATE
    at = start * RATE // 30 + np.arange(len(heard))
    begin, stop = span.start * RATE // 30, span.stop * RATE // 30
    at = np.where(at < stop, at, begin + (at - stop) % (stop - begin))
    np.testing.assert_array_equal(heard, np.where(at < len(samples), at, 0))
    assert at[-1] == stop - 1, "it ends where it can be joined again"


class Player:
    """A transport over the sample on an output without sound."""

    def __init__(self, folder: Path) -> None:
        self.editor, self.session = Editor(sample_document(folder)), Session()
        self.out = NullOut("no device here")
        self.transport = Transport(
            self.editor, session=self.session, out=self.out, locate=lambda ref: folder / str(ref.relative_path)
        )


@pytest.fixture
def player(qtbot: QtBot, tmp_path: Path) -> Iterator[Player]:
    made = Player(tmp_path)
    yield made
    made.transport.close()


def test_pb4_it_plays_with_the_sound_as_master(player: Player, qtbot: QtBot) -> None:
    transport = player.transport
    qtbot.waitUntil(lambda: transport.has_sound, timeout=10_000)
    frames: list[int] = []
    transport.frame_changed.connect(frames.append)
    transport.seek(250)
    transport.play()
    assert player.out.position is not None
    qtbot.waitUntil(lambda: transport.frame >= 262, timeout=5000)
    heard = player.out.position
    assert heard is not None
    assert transport.time == pytest.approx(30 * heard, abs=0.5), "the frame is where the sound is"
    transport.pause()
    assert player.out.position is None
    assert frames == sorted(frames)
    assert player.session.playhead == transport.frame == frames[-1]


def test_backwards_is_silent_and_it_stops_at_the_ends(player: Player, qtbot: QtBot) -> None:
    transport = player.transport
    qtbot.waitUntil(lambda: transport.has_sound, timeout=10_000)
    transport.seek(590)
    transport.shuttle(forward=True)
    transport.shuttle(forward=True)
    assert transport.speed == 2
    assert player.out.position is not None
    assert not transport.silence
    with qtbot.waitSignal(transport.playing_changed, timeout=3000):
        pass
    assert transport.frame == 599
    transport.seek(4)
    transport.shuttle(forward=False)
    assert player.out.position is None
    assert transport.silence == "silent backwards"
    qtbot.waitUntil(lambda: not transport.playing, timeout=3000)
    assert transport.frame == 0


def test_loop_range_and_steps(player: Player, qtbot: QtBot) -> None:
    transport, editor = player.transport, player.editor
    editor.edit("In and out", set_in_out(Span(100, 106)))
    transport.set_loop(True)
    frames: list[int] = []
    transport.seek(100)
    transport.frame_changed.connect(frames.append)
    transport.play()
    qtbot.waitUntil(lambda: 100 in frames and len(frames) > 8, timeout=5000)
    transport.pause()
    assert set(frames) <= set(range(100, 106))
    transport.set_loop(False)
    transport.play_range()
    qtbot.waitUntil(lambda: not transport.playing, timeout=5000)
    assert transport.frame == 105
    transport.step(-1)
    assert transport.frame == 104
    transport.go_to_edit(forward=True)
    assert transport.frame == 106
    transport.go_to_end()
    assert transport.frame == 599
    editor.edit("Shorter", set_length(50))
    assert transport.frame == 49


def test_muting_the_music_takes_the_sound_away(player: Player, qtbot: QtBot) -> None:
    transport = player.transport
    qtbot.waitUntil(lambda: transport.has_sound, timeout=10_000)
    player.editor.edit("Mute", set_track_flags("t3", muted=True))
    qtbot.waitUntil(lambda: not transport.has_sound, timeout=5000)
    transport.play()
    assert player.out.position is None
    qtbot.waitUntil(lambda: transport.frame > 3, timeout=3000)
    transport.pause()


def test_a_drag_of_music_is_heard_after_it_ends(player: Player, qtbot: QtBot) -> None:
    transport, editor = player.transport, player.editor
    qtbot.waitUntil(lambda: transport.has_sound, timeout=10_000)
    before = transport.mix
    gesture = editor.gesture("Move clip")
    gesture.preview(move_items(("s1",), by=-120))
    qtbot.wait(300)
    assert transport.mix is before, "no mixing in mid-drag"
    gesture.commit()
    qtbot.waitUntil(lambda: transport.mix is not before, timeout=10_000)
    assert transport.mix is not None
    assert transport.mix.seconds == pytest.approx(14, abs=0.01)
