"""Drafts while a key is dragged on the timeline, in the real window with real pointer events and the real engine."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from genmo_studio.document.edits import change_generation, set_key
from genmo_studio.document.model import PoseKey
from genmo_studio.document.queries import find_item
from tests.studio_window import close_window, open_window

PATIENCE = 120_000
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot, tmp_path, model):
    made = open_window(qtbot, tmp_path)
    made.editor.edit("Choose model", change_generation(model=str(model), steps=5))
    yield made
    close_window(made)


class Drag:
    """A pointer that holds a key of the timeline."""

    def __init__(self, window, key: str) -> None:
        window.timeline.grab()  # the layout is made when it is painted
        self.area = window.timeline.viewport()
        keys = (placed for row in window.timeline.picture.layout.rows for placed in row.keys)
        rect = next(placed.rect for placed in keys if placed.item.id == key)
        self.at = QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))
        QTest.mousePress(self.area, LEFT, NONE, self.at)

    def move(self, dx: int) -> None:
        for part in (0.5, 1.0):
            QTest.mouseMove(self.area, self.at + QPoint(round(part * dx), 0))
            QApplication.processEvents()

    def release(self, dx: int) -> None:
        QTest.mouseRelease(self.area, LEFT, NONE, self.at + QPoint(dx, 0))


def posed(window, frame: int) -> np.ndarray:
    return window.picture.joints(frame)


@pytest.mark.leaves_threads
def test_the_motion_answers_while_a_key_is_dragged_and_only_the_picture(window, qtbot) -> None:
    hud = window.viewport.viewport
    before, takes = window.editor.document, window.editor.document.takes
    still = posed(window, 30).copy()
    drag = Drag(window, "key1")
    drag.move(60)
    assert window.editor.in_gesture
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    first = window.live.shown
    assert hud.hud.title.startswith("Draft  ·  ")
    assert " ms" in hud.hud.title or " s  ·" in hud.hud.title
    assert not window.picture.previewing, "a draft looks like the result"
    assert not np.allclose(posed(window, 30), still, atol=1e-3)
    assert window.editor.document.takes is takes
    assert window.jobs.log.records == ()
    drag.move(90)
    qtbot.waitUntil(lambda: window.live.shown is not first, timeout=PATIENCE)
    # The draft stays when the key is let go, because it answers what the document says now.
    drag.release(90)
    moved = find_item(window.editor.document, "key1")
    assert isinstance(moved, PoseKey)
    assert moved.frame != find_item(before, "key1").frame
    qtbot.waitUntil(lambda: not window.parts.service.live.waiting, timeout=PATIENCE)
    assert window.live.shown is not None
    # Undo brings back what was there, at once.
    window.editor.undo()
    assert window.live.shown is None
    assert np.allclose(posed(window, 30), still)
    assert not hud.hud.title.startswith("Draft")


@pytest.mark.leaves_threads
def test_escape_ends_the_draft_with_the_drag(window, qtbot) -> None:
    still = posed(window, 30).copy()
    drag = Drag(window, "key1")
    drag.move(60)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    qtbot.keyClick(window.timeline, Qt.Key.Key_Escape)
    assert not window.editor.in_gesture
    assert window.live.shown is None
    assert np.allclose(posed(window, 30), still)


@pytest.mark.leaves_threads
def test_a_pose_that_is_not_in_the_document_is_drafted_too(window, qtbot) -> None:
    key = find_item(window.editor.document, "key1")
    assert isinstance(key, PoseKey)
    track = window.editor.document.tracks[1].id
    turned = PoseKey(id="key1", frame=key.frame, rotations={**key.rotations, "head": (0.0, 0.9, 0.0)})
    posing = set_key(track, turned)(window.editor.document)
    window.live.preview(posing)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    shown = window.picture.shown
    assert shown.motion.rotations[key.frame - shown.start, 15] == pytest.approx([0, 0.9, 0], abs=1e-3)
    window.live.end()
    assert window.live.shown is None, "nothing in the document asks for it"
    window.live.preview(posing)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    window.editor.edit("Pose", set_key(track, turned))
    window.live.end()
    assert window.live.shown is not None, "the document answers it now"


@pytest.mark.leaves_threads
def test_a_drag_whose_drafts_cannot_be_made_goes_on_and_says_why_once(window, qtbot, model) -> None:
    window.editor.edit("Choose model", change_generation(model=str(model.parent / "gone")))
    drag = Drag(window, "key1")
    drag.move(60)
    qtbot.waitUntil(lambda: any("no draft" in message.what for message in window.messages.messages), timeout=PATIENCE)
    drag.move(90)
    drag.release(90)
    assert len([message for message in window.messages.messages if "no draft" in message.what]) == 1
    assert window.editor.undo_label is not None
    assert window.editor.undo_label.startswith("Move")
