"""Generating in the real window: previews, failures, cancelling, the shipped model, media that are read first."""

from pathlib import Path

import numpy as np
import pytest

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.edits import set_text
from genmo_studio.document.model import TakeMode
from genmo_studio.ui.control.generate import GenerateControl
from tests.answers import Answers
from tests.studio_window import opened, settings_in, walking_project
from tests.window_document import FRAMES, walking


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    return walking_project(tmp_path)


@pytest.fixture
def window(qtbot, tmp_path, answers, project_file):
    with opened(qtbot, project_file, settings=settings_in(tmp_path), answers=answers) as made:
        yield made


def test_a_preview_is_shown_while_it_is_made(window) -> None:
    from genmo_studio.ui.panels.job_strip import JobState

    preview = ShownMotion(walking(phase=0.7), 0)
    window.jobs.state_changed.emit(JobState("Take 2", "denoising", 0.4, "step 20 of 50", 8.0))
    window.jobs.preview_changed.emit(preview)
    assert window.picture.shown is preview
    assert "step 20 of 50" in window.viewport.viewport.hud.title
    assert "about 8 s left" in window.viewport.viewport.hud.running
    assert window.strip.state is not None
    assert "about 8 s left" in window.strip.state.sentence
    window.jobs.preview_changed.emit(None)
    window.jobs.state_changed.emit(None)
    assert window.picture.shown is window.stage.shown


@pytest.mark.leaves_threads
def test_a_failed_generation_is_a_message_and_changes_nothing(window, qtbot) -> None:
    from genmo_studio.document.edits import change_generation

    window.commands.edit("Choose model", change_generation(model="no-such-model"))
    before = window.editor.document
    window.actions_by_id["generate.full"].trigger()
    assert window.actions_by_id["generate.cancel"].isEnabled()
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=120000)
    (message,) = window.messages.messages
    assert "Take 2 was not made" in message.what
    assert "no-such-model" in message.what
    assert window.editor.document is before
    assert not window.actions_by_id["generate.cancel"].isEnabled()
    assert window.strip.state is None


@pytest.mark.leaves_threads
def test_generating_with_the_real_engine_and_cancelling(window, qtbot, tmp_path) -> None:
    from genmo_studio.document.edits import change_generation
    from tests.tiny_model import write_tiny_model

    model = str(write_tiny_model(tmp_path / "tiny"))
    window.commands.edit("Choose model", change_generation(model=model, steps=12))
    previews, states = [], []
    window.jobs.preview_changed.connect(previews.append)
    window.jobs.state_changed.connect(states.append)
    window.actions_by_id["generate.full"].trigger()
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=120000)
    assert [m.what for m in window.messages.messages if m.severity.value == "error"] == []
    assert any(isinstance(preview, ShownMotion) for preview in previews)
    assert previews[-1] is None
    assert any("denois" in state.stage and state.fraction > 0 for state in states if state is not None)
    first, take = window.editor.document.takes
    assert (take.name, take.mode) == ("Take 2", TakeMode.FULL)
    assert window.takes.model.shown == {take.id}
    assert window.editor.undo_label == "Generate motion"
    made = window.stage.shown.motion
    assert len(made) == FRAMES
    window.actions_by_id["edit.undo"].trigger()
    assert window.editor.document.takes == (first,)
    window.actions_by_id["edit.redo"].trigger()
    assert window.stage.shown.motion is made, "redo brings the take back without computing it again"

    window.commands.edit("Set steps", change_generation(steps=1000))
    before = window.editor.document
    window.actions_by_id["generate.full"].trigger()
    qtbot.waitUntil(lambda: window.strip.state is not None and "denois" in window.strip.state.stage, timeout=60000)
    window.actions_by_id["generate.cancel"].trigger()
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=10000)
    assert window.editor.document is before
    assert window.strip.state is None


@pytest.mark.leaves_threads
def test_the_shipped_model_answers_and_edits_make_its_take_stale(window, qtbot) -> None:
    from genmo_studio.document.edits import change_generation, set_in_out
    from genmo_studio.document.time import Span

    window.commands.edit("Mark In", set_in_out(Span(10, 60)))
    window.commands.edit("Set steps", change_generation(steps=6))
    window.actions_by_id["generate.full"].trigger()
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=240000)
    assert [m.what for m in window.messages.messages if m.severity.value == "error"] == []
    take = window.editor.document.takes[-1]
    assert (take.span, take.model, take.mode) == (Span(10, 60), "default", TakeMode.FULL)
    made = window.project.take_motion(take.id)
    assert np.isfinite(made.rotations).all()
    held = walking().rotations[45, 1:22]
    assert np.abs(made.rotations[35, 1:22] - held).max() < 2e-3, "the pose key at frame 45 is held"

    stale = []
    window.timeline.set_stale = lambda takes: stale.append(set(takes))
    window.commands.edit("Set seed", change_generation(seed=9, steps=20))
    window.commands.of(GenerateControl)._check()
    assert stale[-1] == set(), "other settings make another take, not this one stale"
    window.commands.edit("Change Text", set_text("text2", "a person jumps"))
    window.commands.of(GenerateControl)._check()
    assert stale[-1] == {take.id}
    window.actions_by_id["edit.undo"].trigger()
    window.commands.of(GenerateControl)._check()
    assert stale[-1] == set()


def click_track(path: Path, seconds: float = 4.0) -> Path:
    """120 clicks a minute."""
    import soundfile

    rate = 22050
    samples = np.zeros(round(seconds * rate), np.float32)
    for start in range(0, len(samples), rate // 2):
        samples[start : start + 400] = np.sin(np.arange(min(400, len(samples) - start)) * 0.6)
    soundfile.write(path, samples, rate)
    return path


def with_music(path: Path):
    """An edit that puts a piece of music on the timeline."""
    from msgspec.structs import replace

    from genmo_studio.document.edits import add_item, add_track, compose
    from genmo_studio.document.model import MediaKind, MediaRef, MusicClip, TrackKind
    from genmo_studio.document.time import Span

    media = MediaRef(id="song", kind=MediaKind.AUDIO, name=path.name, absolute_path=str(path))
    clip = MusicClip(id="clip", span=Span(0, 60), media="song", source=Span(0, 60))
    put = compose(add_track(TrackKind.MUSIC, name="Music", track_id="tm"), add_item("tm", clip))
    return lambda document: put(replace(document, media=(*document.media, media)))


@pytest.mark.leaves_threads
def test_music_brings_its_beats_once_and_from_then_on_without_the_engine(window, qtbot, tmp_path) -> None:
    said = []
    window.listening.status_changed.connect(said.append)
    window.listening.begin()
    window.commands.edit("Add Music", with_music(click_track(tmp_path / "klick é.wav")))
    qtbot.waitUntil(lambda: len(window.art.beats("song")) > 0, timeout=240000)
    beats = np.array(window.art.beats("song"))
    assert np.abs(np.diff(beats) - 15).max() <= 1
    assert any("Listening" in words for words in said)
    assert said[-1] == ""
    assert len(window.parts.client.open_jobs) == 0

    window.art.set_beats("song", ())
    window.actions_by_id["file.new"].trigger()
    window.listening._allowed = False  # what is known by content needs no engine
    window.listening._beats.clear()
    window.listening._told.clear()
    window.commands.edit("Add Music", with_music(tmp_path / "klick é.wav"))
    qtbot.waitUntil(lambda: len(window.art.beats("song")) == len(beats), timeout=10000)


@pytest.mark.leaves_threads
def test_media_are_read_beside_the_window_before_anything_is_generated(window, qtbot, tmp_path, monkeypatch) -> None:
    import threading

    from genmo_studio.ui import media_facts

    gate, readers = threading.Event(), []

    def slow(path, **options):
        readers.append(threading.current_thread() is threading.main_thread())
        gate.wait(20)
        return media_facts_sha(path, **options)

    media_facts_sha = media_facts.sha256_of
    monkeypatch.setattr(media_facts, "sha256_of", slow)
    window.commands.edit("Add Music", with_music(click_track(tmp_path / "long.wav")))
    window.actions_by_id["generate.draft"].trigger()
    assert "Reading the media" in window.strip.state.sentence
    assert window.actions_by_id["generate.cancel"].isEnabled()
    assert window.parts.client.open_jobs == (), "nothing has been asked for yet"
    window.actions_by_id["generate.cancel"].trigger()
    assert window.strip.state is None
    gate.set()
    qtbot.waitUntil(lambda: window.parts.facts.ready, timeout=20000)
    assert readers == [False]
    assert window.parts.client.open_jobs == (), "cancelled means cancelled"
    assert window.parts.facts("song")[1] == media_facts_sha(tmp_path / "long.wav")


def test_features_of_the_sample_come_with_the_program(tmp_path) -> None:
    from genmo_studio.extract.known_music import known_music, shipped_features
    from genmo_studio.extract.music import music_features
    from genmo_studio.media.audio import read_audio
    from genmo_studio.media.files import sha256_of

    song = shipped_features().parent / "beat.ogg"
    known = known_music(sha256_of(song), cache=tmp_path)
    assert known is not None, "run scripts/sample_features.py after making new music"
    made = music_features(*read_audio(song))
    assert np.array_equal(known.beats, made.beats)
    np.testing.assert_allclose(known.features, made.features, atol=2e-3)
