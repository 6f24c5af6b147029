"""Faults of the program while it runs: they are told, and nothing goes on behind the user's back."""

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QRunnable, QThreadPool
from PySide6.QtGui import QGuiApplication

from genmo_studio.app import fault_teller
from genmo_studio.document import clipping, edits
from genmo_studio.document.model import MediaKind, MediaRef, TrackKind, VideoClip
from genmo_studio.document.time import Span
from genmo_studio.ui.control.media import MediaControl
from genmo_studio.ui.media_import import Place
from genmo_studio.ui.media_import_job import Batch
from genmo_studio.ui.media_import_read import Reader
from tests.studio_window import close_window, open_window
from tests.window_document import walking


class Faulty(QRunnable):
    def run(self) -> None:
        raise KeyError("a fault of a task")


@pytest.fixture
def window(qtbot, tmp_path: Path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


def test_a_fault_of_a_task_is_told_by_the_thread_of_the_window(window, qtbot, monkeypatch, capsys) -> None:
    threads, post = [], window.post

    def told(message) -> None:
        threads.append(threading.current_thread())
        post(message)

    monkeypatch.setattr(window, "post", told)
    monkeypatch.setattr(sys, "excepthook", fault_teller(window))
    pool = QThreadPool()
    pool.start(Faulty())
    pool.waitForDone()
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [threading.main_thread()]
    assert "a fault of a task" in window.messages.shown.what
    assert "KeyError" in capsys.readouterr().err


def test_an_import_ends_whatever_goes_wrong_while_reading(window, qtbot, tmp_path: Path) -> None:
    file = tmp_path / "gang.npz"
    file.write_bytes(walking(12).to_bytes())

    def no_body():
        raise KeyError("body")

    reading = window.commands.of(MediaControl).reading
    with qtbot.waitSignal(reading.finished, timeout=10_000) as ended:
        reading.begin(Batch((file,), Place(), "other"), Reader(fps=30, folder=None, body=no_body))
    assert "gang.npz" in ended.args[0].problems[0]
    assert reading.batches == ()


def test_clips_of_media_with_impossible_names_can_be_copied(window) -> None:
    """A project file may say anything."""
    media = MediaRef("m", MediaKind.VIDEO, "film", relative_path="a" * 5000, frames=50)
    clip = VideoClip("clip", Span(0, 20), "m", Span(0, 20))
    added = edits.add_track(TrackKind.VIDEO, track_id="films"), edits.add_items("films", [clip])
    window.commands.edit("Add", edits.compose(edits.add_media(media), *added), select={"clip"})
    window.actions_by_id["edit.copy"].trigger()
    assert clipping.decode(bytes(QGuiApplication.clipboard().mimeData().data(clipping.MIME).data())).items == (clip,)
