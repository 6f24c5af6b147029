"""A take that was made again while the user went on working."""

from pathlib import Path

import numpy as np
from msgspec.structs import replace as put

from genmo_studio.document import edits
from genmo_studio.document.repair import repaired
from genmo_studio.document.validation import MAX_NAME
from genmo_studio.engine import protocol
from genmo_studio.motion.motion import Motion
from genmo_studio.ui.control.takes import TakesControl
from genmo_studio.ui.control.takes_again import _Job
from tests.studio_window import close_window, open_window
from tests.window_document import window_document


def test_a_take_that_was_made_again_leaves_what_was_undone_meanwhile(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, tmp_path)
    try:
        take = window.editor.document.takes[0]
        old = window.project.store.motion(take.blob)
        other = Motion(old.rotations, old.translation + np.float32(0.25), betas=old.betas, body=old.body)
        window.commands.edit("Rename", edits.rename_project("renamed"))
        window.editor.undo()
        again = window.commands.of(TakesControl).again
        done = protocol.Done(1, other.to_bytes(), {})
        again._job = _Job(1, take, window.editor.document.id)
        again.hear(done)
        assert again.last is not None
        assert not again.last.identical
        assert window.editor.redo() == "Rename", "a job that ends takes nothing from the history"
        assert window.editor.document.name == "renamed"
        assert again.last.take in window.editor.document.takes
    finally:
        close_window(window)


def test_overlong_names_of_takes_are_cut_when_a_project_is_opened() -> None:
    document, _ = window_document()
    long = put(document, takes=tuple(put(take, name="x" * 10**6) for take in document.takes))
    opened, _ = repaired(long, blobs=lambda _: True)
    assert [len(take.name) for take in opened.takes] == [MAX_NAME] * len(document.takes)
    assert document.takes
    assert repaired(document, blobs=lambda _: True)[0] is document
