"""The real window for tests of keys, looks and first start."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtWidgets import QApplication

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.ui.files import Answer
from genmo_studio.ui.main_window import MainWindow
from genmo_studio.ui.timeline.text_field import TextField
from tests.answers import Answers
from tests.window_document import window_document


def settings_in(folder: Path) -> QSettings:
    """The settings that a window opened in ``folder`` uses."""
    return QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)


def walking_project(folder: Path) -> Path:
    """A saved project with a walking take; its name has letters that trip careless programs."""
    document, takes = window_document()
    path = folder / "Prüfung 動作.genmo"
    storage.save(path, document, takes=takes)
    return path


@contextmanager
def opened(qtbot, project: Path, *, settings: QSettings, answers: Answers) -> Iterator[MainWindow]:
    """A window on ``project`` whose questions ``answers`` answers; closed without saving."""
    made = program.open_window(program.make_application(), project, settings=settings, prompts=answers, warm_up=False)
    made.resize(1100, 700)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    answers.changes = Answer.DISCARD
    made.close()
    made.deleteLater()


def open_window(qtbot, folder: Path, *, document: bool = True):
    """A window with the focus, on a small document or on what a plain start shows."""
    path = None
    if document:
        path = folder / "Prüfung.genmo"
        made, takes = window_document()
        storage.save(path, made, takes=takes)
    settings = settings_in(folder)
    window = program.open_window(program.make_application(), path, settings=settings, warm_up=False)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def scripted_window(folder: Path) -> MainWindow:
    """A window of a script that runs in a process of its own, without pytest: 1280 x 800 (logical), at rest."""
    application = program.make_application()
    window = program.open_window(application, walking_project(folder), settings=settings_in(folder), warm_up=False)
    window.resize(1280, 800)
    window.show()
    settle(1.0)
    return window


def settle(seconds: float) -> None:
    """Let the window of a script live for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def close_window(window) -> None:
    """Close without questions, also when a test failed in the middle of typing."""
    for field in window.findChildren(TextField):
        field.give_up()
    window.editor.mark_saved()
    window.files.pending.discard_all()
    window.close()
    window.deleteLater()


def press(qtbot, key: str) -> None:
    """A key string as real events on whatever has the focus."""
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    pressed = QKeySequence(key)[0]
    qtbot.keyClick(QApplication.focusWidget(), pressed.key(), pressed.keyboardModifiers())


def spread(image: QImage) -> float:
    """How much the picture's pixels differ: 0 for a blank one."""
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return float(rows[:, : image.width()].std())
