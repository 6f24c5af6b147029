"""Playing in the real window: keys from every panel, the counter, options that stay, the video and its camera."""

from collections.abc import Iterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QToolButton

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.document.edits import delete_items
from genmo_studio.document.model import MediaKind, MediaRef, Track, TrackKind, VideoClip
from genmo_studio.document.queries import all_items
from genmo_studio.document.time import Span
from genmo_studio.media.video import VideoReader
from genmo_studio.ui.control.video import VideoControl
from genmo_studio.ui.project import sample_path
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.viewport.backdrop import CameraView
from genmo_studio.ui.viewport.hud import HudState, paint_hud
from genmo_studio.ui.viewport.stamps import Stamps
from tests.window_document import window_document

Key, Shift, NoModifier = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


def started(qtbot, project: Path, settings: QSettings):
    made = program.open_window(program.make_application(), project, settings=settings, warm_up=False)
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(qtbot, tmp_path: Path, settings: QSettings) -> Iterator:
    document, takes = window_document()
    path = tmp_path / "keys.genmo"
    storage.save(path, document, takes=takes)
    made = started(qtbot, path, settings)
    yield made
    made.project.editor.mark_saved()
    made.close()
    made.deleteLater()


@pytest.fixture
def sample(qtbot, settings: QSettings) -> Iterator:
    made = started(qtbot, sample_path(), settings)
    yield made
    made.project.editor.mark_saved()
    made.close()
    made.deleteLater()


def focus(qtbot, widget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus, timeout=3000)


def test_pb1_pb2_pb3_keys_play_from_every_panel_and_not_while_typing(window, qtbot) -> None:
    transport, view = window.transport, window.viewport.viewport
    button = next(b for b in window.toolbar.findChildren(QToolButton) if b.defaultAction() is not None)
    for widget in (view, window.timeline, button):
        focus(qtbot, widget)
        qtbot.keyClick(widget, Key.Key_Space)
        assert transport.playing, widget
        qtbot.keyClick(widget, Key.Key_Space)
        assert not transport.playing, widget
    window.counter.begin_typing()
    qtbot.waitUntil(window.counter._field.hasFocus, timeout=3000)
    qtbot.keyClick(window.counter._field, Key.Key_Space)
    assert not transport.playing, "a space is a space while typing"
    qtbot.keyClick(window.counter._field, Key.Key_Escape)

    focus(qtbot, view)
    transport.seek(20)
    qtbot.keyClick(view, Key.Key_Space, Shift)
    assert transport.playing
    assert transport.frame < 20, "without marks from the first frame on"
    qtbot.keyClick(view, Key.Key_Space, Shift)
    assert not transport.playing

    transport.seek(40)
    speeds = []
    for key in (Key.Key_L, Key.Key_L, Key.Key_L, Key.Key_J):
        qtbot.keyClick(view, key)
        speeds.append(transport.speed)
    assert speeds == [1, 2, 4, -1]
    qtbot.keyClick(view, Key.Key_K)
    assert not transport.playing
    transport.seek(40)
    qtbot.keyPress(view, Key.Key_K)
    steps = []
    for key in (Key.Key_L, Key.Key_L, Key.Key_J):
        qtbot.keyClick(view, key)
        steps.append(transport.frame)
        assert not transport.playing, "K is held: frames, not motion"
    assert steps == [41, 42, 41]
    qtbot.keyRelease(view, Key.Key_K)
    qtbot.keyClick(view, Key.Key_L)
    assert transport.playing
    qtbot.keyClick(view, Key.Key_K)

    transport.seek(40)
    moves = ((Key.Key_Right, NoModifier), (Key.Key_Right, Shift), (Key.Key_Left, NoModifier), (Key.Key_Left, Shift))
    places = []
    for key, modifier in moves:
        qtbot.keyClick(view, key, modifier)
        places.append(transport.frame)
    assert places == [41, 51, 50, 40]
    qtbot.keyClick(view, Key.Key_Down)
    assert transport.frame == 45, "the pose key in the middle"
    qtbot.keyClick(view, Key.Key_Up)
    assert transport.frame == 40, "the second text begins here"


def test_tl13_in_and_out_are_set_visited_played_and_cleared_by_keys(window, qtbot) -> None:
    """PB9: the loop keeps to them."""
    transport, view = window.transport, window.viewport.viewport
    focus(qtbot, view)
    transport.seek(30)
    qtbot.keyClick(view, Key.Key_I)
    transport.seek(36)
    qtbot.keyClick(view, Key.Key_O)
    assert window.editor.document.in_out == Span(30, 37)
    transport.seek(80)
    places = []
    for key in (Key.Key_I, Key.Key_O):
        qtbot.keyClick(view, key, Shift)
        places.append(transport.frame)
    assert places == [30, 36], "Go to Out lands on the last frame inside"
    qtbot.keyClick(view, Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert transport.looping
    frames: list[int] = []
    transport.frame_changed.connect(frames.append)
    qtbot.keyClick(view, Key.Key_Space)
    qtbot.waitUntil(lambda: len(frames) > 12, timeout=10_000)
    qtbot.keyClick(view, Key.Key_Space)
    assert set(frames) <= set(range(30, 37))
    qtbot.keyClick(view, Key.Key_G)
    assert window.editor.document.in_out is None
    window.actions_by_id["edit.undo"].trigger()
    assert window.editor.document.in_out == Span(30, 37)


def test_tl20_the_counter_changes_units_by_click_and_takes_every_form(window, qtbot) -> None:
    counter, session = window.counter, window.session
    window.transport.seek(45)
    unit = counter.findChild(QToolButton, "unit")
    shown = {}
    for _ in range(3):
        shown[session.time_format] = counter._field.text()
        qtbot.mouseClick(unit, Qt.MouseButton.LeftButton)
    assert shown == {
        TimeFormat.TIMECODE: "00:00:01:15", TimeFormat.FRAMES: "45", TimeFormat.SECONDS: "1.50 s",
    }  # fmt: skip
    for typed, frame in (("60", 60), ("2s", 60), ("+10", 70), ("-5", 65), ("00:00:01:00", 30), ("9999", 89)):
        window.actions_by_id["play.go_to_time"].trigger()
        qtbot.waitUntil(counter._field.hasFocus, timeout=3000)
        qtbot.wait(1)  # everything is selected when the field has been entered
        qtbot.keyClicks(counter._field, typed)
        qtbot.keyClick(counter._field, Key.Key_Return)
        assert session.playhead == frame, typed
        assert not counter._field.hasFocus()
    counter.begin_typing()
    qtbot.keyClicks(counter._field, "soon")
    qtbot.keyClick(counter._field, Key.Key_Return)
    assert session.playhead == 89, "what is no time moves nothing"
    qtbot.keyClick(counter._field, Key.Key_Escape)


def test_pb5_the_rate_is_red_and_says_so_when_it_is_below_the_target(qtbot) -> None:
    theme = Theme()
    red = QColor(theme.error)

    def reds(fps: float, target: float) -> int:
        picture = QImage(400, 120, QImage.Format.Format_RGB32)
        picture.fill(QColor("black"))
        painter = QPainter(picture)
        state = HudState(time="frame 1", fps=fps, target_fps=target)
        paint_hud(painter, state, stamps=Stamps(), width=400, height=120, theme=theme)
        painter.end()
        return sum(
            abs(picture.pixelColor(x, y).red() - red.red()) + abs(picture.pixelColor(x, y).blue() - red.blue()) < 40
            for x in range(200, 400) for y in range(30, 80)
        )  # fmt: skip

    assert reds(12, 30) > 20
    assert reds(30, 30) == 0
    assert reds(29, 30) == 0, "a frame more or less is no warning"
    assert reds(14.8, 15) == 0, "half speed needs half the pictures"


def test_pb4_pb8_pb9_options_speed_and_sound_are_menu_entries_that_stay(window, qtbot, settings, tmp_path) -> None:
    """PB5 too: the frames a second stand in the picture and are red when there are too few."""
    transport, actions = window.transport, window.actions_by_id
    assert transport.options.scrub_sound, "PB6: on by default"
    for action in ("play.scrub_sound", "play.every_frame", "play.return", "play.mute"):
        before = actions[action].isChecked()
        actions[action].trigger()
        assert actions[action].isChecked() is not before, action
    assert not transport.options.scrub_sound
    assert transport.options.every_frame
    assert transport.options.return_to_start
    assert transport.muted
    actions["play.speed_25"].trigger()
    assert transport.chosen_speed == 0.25
    assert window.toolbar.speed.text() == "0.25×"
    actions["play.slower"].trigger()
    assert window.toolbar.speed.text() == "0.1×"
    assert [a for a in actions if a.startswith("play.speed_") and actions[a].isChecked()] == ["play.speed_10"]
    actions["play.mute"].trigger()
    actions["play.every_frame"].trigger()
    assert "silent at this speed" in window.toolbar.speed.toolTip(), "PB9: no surprises, it is said"
    actions["play.speed_100"].trigger()
    window.toolbar.volume.slider.setValue(10)
    assert transport.volume == 0.5

    transport.set_loop(True)
    transport.play()
    qtbot.waitUntil(lambda: window.viewport.viewport.hud.fps is not None, timeout=15_000)
    hud = window.viewport.viewport.hud
    assert hud.fps > 0
    assert hud.target_fps == 30
    transport.pause()

    document, takes = window_document()
    path = tmp_path / "again.genmo"
    storage.save(path, document, takes=takes)
    again = started(qtbot, path, settings)
    assert again.transport.options == transport.options
    assert again.transport.volume == 0.5
    assert again.toolbar.volume.slider.value() == 10
    assert again.close()
    again.deleteLater()


def test_pb11_the_video_panel_and_the_camera_view_are_in_step_with_the_motion(sample, qtbot) -> None:
    control = sample.commands.of(VideoControl)
    panel, viewport, transport = control.panel, sample.viewport.viewport, sample.transport
    sample.docks["video"].show()
    sample.docks["video"].raise_()
    film = sample_path().parent / "walk.mp4"
    with VideoReader(film) as reader:
        for frame in (0, 30, 31, 12, 166):
            transport.seek(frame)
            expected = reader.frame_at(frame, 30)
            qtbot.waitUntil(
                lambda expected=expected: panel.image is not None and np.array_equal(panel.image, expected),
                timeout=8000,
            )
        transport.seek(400)
        assert panel.sentence == "No video here"

        sample.actions_by_id["video.camera"].trigger()
        assert not control.looking
        assert "no video at the playhead" in sample.messages.messages[-1].what
        transport.seek(20)
        own = viewport.camera
        sample.actions_by_id["video.camera"].trigger()
        qtbot.waitUntil(lambda: "px from the person" in control.bar.text, timeout=20_000)
        assert control.bar.isVisible()
        assert isinstance(viewport.through, CameraView)
        assert viewport.through.body

        seen: list[tuple[float, bool]] = []

        def look() -> None:
            view = viewport.through
            if view is not None and view.image is not None:
                seen.append((view.moment, np.array_equal(view.image, reader.frame_at(round(view.moment), 30))))

        viewport.painted.connect(look)
        transport.play()
        qtbot.waitUntil(lambda: len(seen) > 10, timeout=15_000)
        transport.pause()
        viewport.painted.disconnect(look)
        assert all(same for _, same in seen), "picture and body of every paint belong to one moment"
        moments = [moment for moment, _ in seen]
        assert moments == sorted(moments)
        assert moments[-1] > 25

    control.set_opacity(0.4)
    assert viewport.through.opacity == 0.4
    sample.actions_by_id["video.fainter"].trigger()
    assert viewport.through.opacity == pytest.approx(0.3)
    before = viewport.through.camera
    sample.actions_by_id["video.camera"].trigger()
    assert viewport.through is None
    assert not control.bar.isVisible()
    np.testing.assert_allclose(viewport.camera.view_matrix(), own.view_matrix(), err_msg="one's own view comes back")
    sample.actions_by_id["video.camera"].trigger()
    orbited = viewport.camera.orbit(yaw=0.02, pitch=0.0)
    np.testing.assert_allclose(orbited.view_matrix()[2, :3], before.view_matrix()[2, :3], atol=0.05)
    viewport.set_camera(orbited)
    assert viewport.camera == orbited, "who turns goes on from the video's camera"
    assert not control.looking, "orbiting leaves the video's camera"
    assert not sample.actions_by_id["video.camera"].isChecked()

    videos = [item.id for track, item in all_items(sample.editor.document) if track.name == "Video"]
    sample.editor.edit("No video", delete_items(videos))
    assert panel.sentence == "No video in this project"


def test_pb11_the_engine_watches_a_video_that_nobody_has_seen(qtbot, tmp_path, settings) -> None:
    """A dozen frames of the sample's film in a file of their own: engine, cache, fit, picture."""
    frames = 12
    film = tmp_path / "kurz 短.mp4"
    with VideoReader(sample_path().parent / "walk.mp4") as reader, av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = *reader.size, "yuv420p"
        for index in range(frames):
            picture = av.VideoFrame.from_ndarray(reader.frame_at(60 + index, 30), "rgb24")
            picture.pts = index
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    document, takes = window_document()
    media = MediaRef("film", MediaKind.VIDEO, film.name, relative_path=film.name, frames=frames)
    clip = VideoClip("clip", Span(0, frames), "film", Span(0, frames))
    track = Track("tv", TrackKind.VIDEO, "Video", (clip,))
    path = tmp_path / "watched.genmo"
    storage.save(path, msgspec.structs.replace(document, media=(media,), tracks=(track, *document.tracks)), takes=takes)
    window = started(qtbot, path, settings)
    control = window.commands.of(VideoControl)
    qtbot.waitUntil(lambda: window.parts.facts.fact("film") is not None, timeout=10_000)
    said: list[str] = []
    control.finder.found.connect(lambda: said.append(control.bar.text))
    window.actions_by_id["video.camera"].trigger()
    assert window.viewport.viewport.through is None or not window.viewport.viewport.through.body
    qtbot.waitUntil(lambda: "px from the person" in control.bar.text, timeout=120_000)
    assert any("Finding the person" in text for text in said), "it tells how far it is"
    assert window.viewport.viewport.through.body
    assert window.messages.messages == ()
    assert window.close()
    window.deleteLater()
