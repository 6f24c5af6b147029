"""Pictures for showing: which frame a document shows, decoded beside the window, exact and newest first."""

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from genmo_studio.document.model import Document, MediaKind, MediaRef, Track, TrackKind, VideoClip
from genmo_studio.document.time import Span
from genmo_studio.media.video import VideoReader
from genmo_studio.ui.panels.video_panel import VideoCaption, VideoPanel
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.video_frames import VideoFrames, Wanted, shown_source, video_at

COUNT = 90


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film at 25 frames a second in which every picture has another grey, with few key frames."""
    path = tmp_path_factory.mktemp("film") / "grey é.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "50", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.time_base = Fraction(1, 25)
        for index in range(COUNT):
            image = np.full((96, 160, 3), 20 + 2 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture
def frames(qtbot: QtBot) -> Iterator[VideoFrames]:
    made = VideoFrames()
    yield made
    made.close()


def wait_for(qtbot: QtBot, frames: VideoFrames, wanted: Wanted) -> np.ndarray:
    frames.want(wanted)
    qtbot.waitUntil(lambda: frames.get(wanted) is not None, timeout=10_000)
    image = frames.get(wanted)
    assert image is not None
    return image


def test_pb11_every_picture_is_the_readers_own_in_any_order(frames: VideoFrames, film: Path, qtbot: QtBot) -> None:
    with VideoReader(film) as reader:
        for at in (0, 50, 51, 52, 20, 89, 3, 107, 60):
            expected = reader.frame_at(at, 30)
            np.testing.assert_array_equal(wait_for(qtbot, frames, Wanted(film, at, 30)), expected)
        np.testing.assert_array_equal(wait_for(qtbot, frames, Wanted(film, 40, 24)), reader.frame_at(40, 24))


def test_pb11_the_newest_wish_wins_and_the_window_never_waits(frames: VideoFrames, film: Path, qtbot: QtBot) -> None:
    arrived: list[Wanted] = []
    frames.arrived.connect(arrived.append)
    begin = time.perf_counter()
    for at in range(0, 90):
        frames.want(Wanted(film, at, 30))
    assert time.perf_counter() - begin < 0.5, "asking does not decode"
    last = Wanted(film, 89, 30)
    qtbot.waitUntil(lambda: last in arrived, timeout=10_000)
    assert arrived[-1] == last
    assert len(arrived) < 60, "wishes that were overtaken are dropped"
    moments = [wanted.frame for wanted in arrived]
    assert moments == sorted(moments)


def test_pb11_what_comes_next_is_there_before_it_is_asked_for(frames: VideoFrames, film: Path, qtbot: QtBot) -> None:
    frames.want(Wanted(film, 10, 30), ahead=5)
    qtbot.waitUntil(lambda: frames.get(Wanted(film, 15, 30)) is not None, timeout=10_000)
    frames.want(Wanted(film, 60, 30), ahead=-5)
    qtbot.waitUntil(lambda: frames.get(Wanted(film, 59, 30)) is not None, timeout=10_000)
    with VideoReader(film) as reader:
        for at in (*range(10, 16), *range(55, 61)):
            image = frames.get(Wanted(film, at, 30))
            assert image is not None, at
            np.testing.assert_array_equal(image, reader.frame_at(at, 30))


def test_a_file_that_cannot_be_read_is_a_sentence(frames: VideoFrames, tmp_path: Path, qtbot: QtBot) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all")
    with qtbot.waitSignal(frames.failed, timeout=10_000) as caught:
        frames.want(Wanted(broken, 0, 30))
    assert caught.args is not None
    assert "broken.mp4" in caught.args[1]


@given(st.integers(0, 50), st.integers(1, 80), st.integers(0, 30), st.integers(1, 80))
def test_pb11_a_clip_shows_its_own_source_frames(start: int, length: int, first: int, source: int) -> None:
    clip = VideoClip("c", Span(start, start + length), "m", Span(first, first + source))
    shown = [shown_source(clip, frame) for frame in range(start, start + length)]
    assert all(frame in clip.source for frame in shown)
    assert shown == sorted(shown)
    if length == source:
        assert shown == list(range(first, first + source))
    if length > source:
        assert set(shown) == set(range(first, first + source)), "slower: every picture is seen"


def test_the_video_under_the_playhead() -> None:
    def clip(name: str, start: int, stop: int, **more: object) -> VideoClip:
        return VideoClip(name, Span(start, stop), "m", Span(0, stop - start), **more)  # type: ignore[arg-type]

    media = MediaRef("m", MediaKind.VIDEO, "film.mp4")
    upper = Track("t1", TrackKind.VIDEO, "V1", (clip("a", 10, 20), clip("muted", 30, 40, muted=True)))
    lower = Track("t2", TrackKind.VIDEO, "V2", (clip("b", 15, 35),))
    hidden = Track("t3", TrackKind.VIDEO, "V3", (clip("never", 0, 99),), hidden=True)
    document = Document("d", "d", tracks=(upper, lower, hidden), media=(media,))
    seen = {frame: video_at(document, frame) for frame in (5, 12, 17, 25, 32, 37, 50)}
    names = {frame: None if found is None else found.clip.id for frame, found in seen.items()}
    assert names == {5: None, 12: "a", 17: "a", 25: "b", 32: "b", 37: "muted", 50: None}
    found = seen[17]
    assert found is not None
    assert (found.frame, found.media) == (7, media)


@pytest.mark.parametrize("size", [(400, 200), (200, 400), (333, 211)])
def test_hd2_the_panel_keeps_proportions_and_paints_in_the_screens_pixels(qtbot: QtBot, size: tuple[int, int]) -> None:
    panel = VideoPanel(Theme())
    qtbot.addWidget(panel)
    panel.resize(*size)
    image = np.zeros((90, 160, 3), np.uint8)
    image[:, :80] = (250, 10, 10)
    panel.show_image(image, VideoCaption("walk.mp4", "frame 3"))
    box = panel.picture_rectangle()
    assert box.width() / box.height() == pytest.approx(16 / 9, rel=0.03)
    assert QRectF(panel.rect()).contains(box)
    picture = QImage(round(size[0] * 1.5), round(size[1] * 1.5), QImage.Format.Format_RGB888)
    picture.setDevicePixelRatio(1.5)
    panel.render(picture)
    left = picture.pixelColor(round((box.left() + box.width() * 0.25) * 1.5), round(box.center().y() * 1.5))
    right = picture.pixelColor(round((box.left() + box.width() * 0.75) * 1.5), round(box.center().y() * 1.5))
    assert (left.red() > 240, right.red() < 10) == (True, True)
    assert panel.accessibleDescription() == "walk.mp4, frame 3"
    panel.show_sentence("No video here", "The playhead is not on a video clip.")
    assert panel.image is None
    assert panel.sentence == "No video here"
    panel.render(picture)
    assert picture.pixelColor(round(size[0] * 0.375), 4).red() < 60, "the old picture is gone"
