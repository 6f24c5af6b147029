"""The export dialog in the real window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from genmo_studio.document import edits
from genmo_studio.document.time import Span
from genmo_studio.ui.panels.export_dialog import ExportDialog
from genmo_studio.ui.panels.export_worker import ExportDone
from tests.studio_window import close_window, open_window


@pytest.fixture
def window(qtbot, tmp_path: Path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


def opened(window) -> ExportDialog:
    window.actions_by_id["file.export"].trigger()
    return window.findChild(ExportDialog)


def test_tl13_what_is_between_in_and_out_is_exported(window) -> None:
    shown = window.stage.shown.span
    marked = Span(shown.start + 10, shown.stop - 20)
    window.commands.edit("Mark", edits.set_in_out(marked))
    dialog = opened(window)
    assert dialog.task().span == marked
    dialog._whole.click()
    assert dialog.task().span == shown
    dialog._marks.click()
    assert dialog.task().span == marked


def test_escape_ends_a_running_export_with_its_dialog(window, qtbot, tmp_path: Path) -> None:
    window.actions_by_id["file.export"].trigger()
    dialog = window.findChild(ExportDialog)
    dialog.choose(".mp4")
    dialog.path.setText(str(tmp_path / "film.mp4"))
    dialog.start()
    assert dialog.running
    process = dialog._process._process
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.running
    with pytest.raises(ValueError, match="closed"):
        process.is_alive()
    assert not (tmp_path / "film.mp4").exists()


def test_the_outcome_is_the_last_thing_an_export_says(window, qtbot, tmp_path: Path) -> None:
    """The child ends right after it has told: whoever looks later finds both, and only the outcome counts."""
    dialog = opened(window)
    dialog.choose(".npz")
    dialog.path.setText(str(tmp_path / "walk.npz"))
    dialog.start()
    dialog._timer.stop()
    process = dialog._process
    process._process.join()
    *_, outcome = process.poll()
    assert isinstance(outcome, ExportDone)
    assert process.poll() == []
    dialog.reject()
