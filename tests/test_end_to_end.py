"""One piece of work from start to finish in the real window, with real pointer and key events and the real engine."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from answers import Answers
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from genmo_studio import app as program
from genmo_studio import paths
from genmo_studio.document import storage
from genmo_studio.document.edits import change_generation
from genmo_studio.document.model import Document, TextClip, TrackKind
from genmo_studio.document.queries import find_item

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
SAMPLE = paths.assets() / "sample"
PATIENCE = 240_000  # ms, of a machine with other work


class Hands:
    """What a person does with mouse and keyboard in the window."""

    def __init__(self, window, qtbot) -> None:
        self.window, self.bot = window, qtbot

    @property
    def document(self) -> Document:
        return self.window.editor.document

    def items(self, kind: TrackKind) -> list:
        return [item for track in self.document.tracks if track.kind is kind for item in track.items]

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        self.bot.keyClick(QApplication.focusWidget() or self.window, key, held)
        self.bot.wait(5)

    def type(self, words: str) -> None:
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit), f"the cursor is in {field}"
        self.bot.keyClicks(field, words)
        self.bot.keyClick(field, Qt.Key.Key_Return)

    def row(self, kind: TrackKind) -> float:
        """Middle of a track's row, y."""
        timeline = self.window.timeline
        timeline.grab()  # the layout is made when it is painted
        track = next(track for track in self.document.tracks if track.kind is kind)
        rect = next(row for row in timeline.picture.layout.rows if row.key == track.id).rect
        return rect.y + rect.height / 2

    def clip_rect(self, item: str):
        self.window.timeline.grab()
        clips = (clip for row in self.window.timeline.picture.layout.rows for clip in row.clips)
        return next(clip for clip in clips if clip.item.id == item).rect

    def drag(self, start: QPoint, stop: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        area = self.window.timeline.viewport()
        self.bot.mousePress(area, LEFT, held, pos=start)
        for part in (0.3, 0.7, 1.0):
            at = start + QPoint(round((stop - start).x() * part), round((stop - start).y() * part))
            self.bot.mouseMove(area, at)
            self.bot.wait(5)
        self.bot.mouseRelease(area, LEFT, held, pos=stop)
        self.bot.wait(5)

    def drop(self, path: Path, frame: int, y: float) -> None:
        """A file from the system on the timeline."""
        area, data = self.window.timeline.viewport(), QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        at = QPointF(self.window.timeline.view.x_of(frame), y)
        copy = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(at.toPoint(), copy, data, LEFT, NONE)
        QApplication.sendEvent(area, enter)
        assert enter.isAccepted()
        move = QDragMoveEvent(at.toPoint(), copy, data, LEFT, NONE)
        QApplication.sendEvent(area, move)
        drop = QDropEvent(at, copy, data, LEFT, NONE, QEvent.Type.Drop)
        QApplication.sendEvent(area, drop)
        assert drop.isAccepted()

    def go_to(self, frame: int) -> None:
        """A press on the ruler."""
        spot = QPoint(round(self.window.timeline.view.x_of(frame)), 12)
        self.bot.mouseClick(self.window.timeline.viewport(), LEFT, NONE, pos=spot)
        while self.window.session.playhead != frame:  # a pixel may be more than a frame
            self.key(Qt.Key.Key_Right if self.window.session.playhead < frame else Qt.Key.Key_Left)

    def wait(self, so) -> None:
        self.bot.waitUntil(lambda: bool(so()), timeout=PATIENCE)


@pytest.fixture
def hands(qtbot, tmp_path):
    application = program.make_application()
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    document = tmp_path / "leer.json"
    from genmo_studio.ui.project import empty_document

    document.write_bytes(msgspec.json.encode(msgspec.structs.replace(empty_document(), name="Ende zu Ende")))
    window = program.open_window(
        application, document, settings=settings, prompts=Answers(tmp_path / "Tanz 踊り.genmo"), warm_up=True
    )
    window.resize(1500, 960)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    yield Hands(window, qtbot)
    window.close()
    window.deleteLater()


@pytest.mark.leaves_threads
def test_a_piece_of_work_from_import_to_the_saved_project(hands: Hands, tmp_path: Path) -> None:
    """TL6, TL14, DD1, PG1, PG2, UN1, UN5, UN7: import, texts, a beat, takes, a splice, all undone, redone, saved."""
    window, bot = hands.window, hands.bot
    edit_before = window.editor.position
    untouched = hands.document
    window.editor.edit("Fewer steps", change_generation(steps=10))  # of the sampler, for the test's sake

    # A video and a song from disk.
    video, song = SAMPLE / "walk.mp4", SAMPLE / "beat.ogg"
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (video, song)]
    hands.drop(video, 0, hands.row(TrackKind.VIDEO))
    hands.wait(lambda: hands.items(TrackKind.VIDEO))
    hands.drop(song, 0, hands.row(TrackKind.MUSIC))
    hands.wait(lambda: hands.items(TrackKind.MUSIC))
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in (video, song)] == sums, "originals are untouched"
    (music,) = hands.items(TrackKind.MUSIC)
    hands.wait(lambda: len(window.art.beats(music.media)) > 4)
    window.timeline.setFocus()
    hands.key(Qt.Key.Key_Backslash)

    # Two texts, typed where they lie.
    hands.go_to(0)
    hands.key(Qt.Key.Key_T)
    hands.type("a person walks forward")
    window.timeline.setFocus()
    hands.go_to(160)
    hands.key(Qt.Key.Key_T)
    hands.type("a person waves")
    first, second = sorted(hands.items(TrackKind.TEXT), key=lambda item: item.span.start)
    assert [first.text, second.text] == ["a person walks forward", "a person waves"]

    # The end of the first over the start of the second, then the start of the second to a beat.
    window.timeline.setFocus()
    rect = hands.clip_rect(first.id)
    middle = round(rect.y + rect.height / 2)
    view = window.timeline.view
    hands.drag(QPoint(round(rect.right) - 3, middle), QPoint(round(view.x_of(second.span.start + 60)), middle), SHIFT)
    first = find_item(hands.document, first.id)
    assert isinstance(first, TextClip)
    assert first.span.stop > second.span.start, "they overlap"
    beats = [round(b) - music.source.start + music.span.start for b in window.art.beats(music.media)]
    beat = next(b for b in beats if b > second.span.start + 12)
    rect = hands.clip_rect(second.id)
    middle = round(rect.y + rect.height / 2)
    hands.drag(QPoint(round(rect.x) + 2, middle), QPoint(round(view.x_of(beat)) + 3, middle))
    second = find_item(hands.document, second.id)
    assert isinstance(second, TextClip)
    assert second.span.start == beat, "the edge snapped to the beat"

    # Generate, cancel, generate, and once more with another seed.
    hands.go_to(0)
    hands.key(Qt.Key.Key_Return, CTRL)
    assert window.jobs.running
    hands.key(Qt.Key.Key_Period, CTRL)
    hands.wait(lambda: not window.jobs.running)
    assert hands.document.takes == ()
    steps = window.editor.position
    hands.key(Qt.Key.Key_Return, CTRL)
    hands.wait(lambda: len(hands.document.takes) == 1)
    assert window.editor.undo_label == "Generate motion"
    hands.wait(lambda: not window.jobs.running)
    hands.key(Qt.Key.Key_R, CTRL)
    hands.key(Qt.Key.Key_Return, CTRL)
    hands.wait(lambda: len(hands.document.takes) == 2 and not window.jobs.running)
    one, two = hands.document.takes
    assert one.seed != two.seed
    assert window.editor.position > steps

    # Look at both at one frame; the result stays what it is.
    hands.go_to(90)
    result = hands.document.result
    window.viewport.viewport.setFocus()
    hands.key(Qt.Key.Key_Y)
    seen = [window.picture.shown.motion]
    hands.key(Qt.Key.Key_Y)
    seen.append(window.picture.shown.motion)
    assert not np.array_equal(seen[0].rotations, seen[1].rotations)
    hands.key(Qt.Key.Key_Escape)
    assert hands.document.result == result

    # A range of the first into the result of the second.
    window.timeline.setFocus()
    hands.go_to(60)
    hands.key(Qt.Key.Key_I)
    hands.go_to(119)
    hands.key(Qt.Key.Key_O)
    takes = window.takes
    window.docks["takes"].raise_()
    bot.wait(50)
    at = next(
        takes.view.visualRect(takes.view.model().index(row, 0)).center()
        for row in range(takes.view.model().rowCount())
        if one.name in str(takes.view.model().index(row, 0).data())
    )
    bot.mouseClick(takes.view.viewport(), LEFT, NONE, pos=at)
    before = window.stage.shown.motion
    window.timeline.setFocus()
    hands.key(Qt.Key.Key_V, CTRL | ALT)
    assert [piece.take for piece in hands.document.result] == [two.id, one.id, two.id]
    after = window.stage.shown.motion
    for outside in (slice(0, 60), slice(120, None)):
        assert np.array_equal(before.rotations[outside], after.rotations[outside]), "the rest is bit-identical"
    assert not np.array_equal(before.rotations[60:120], after.rotations[60:120])

    # Undo everything, redo everything.
    finished = hands.document
    while window.editor.position > edit_before:
        hands.key(Qt.Key.Key_Z, CTRL)
    assert hands.document == untouched
    assert not window.isWindowModified()
    while window.editor.can_redo:
        hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert hands.document == finished

    # Save, open again.
    hands.key(Qt.Key.Key_S, CTRL)
    hands.wait(lambda: window.project.is_saved)
    saved = hands.document
    path = tmp_path / "Tanz 踊り.genmo"
    loaded = storage.load(path)
    assert loaded.document == saved
    assert loaded.report == ()
    window.open_document(path)
    assert hands.document == saved
    hands.wait(lambda: window.stage.shown is not None)
    assert np.array_equal(window.stage.shown.motion.rotations, after.rotations)
