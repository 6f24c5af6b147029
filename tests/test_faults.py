"""Faults of the program while it runs: they are told, and nothing goes on behind the user's back."""

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QRunnable, QThreadPool

from genmo_studio.app import fault_teller
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
