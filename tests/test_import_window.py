"""Importing in the real window: drags with real events, reports, undo, and files that are missing."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from genmo_studio import app as program
from genmo_studio import paths
from genmo_studio.document import storage
from genmo_studio.document.model import MusicClip, TextClip, TrackKind, VideoClip
from genmo_studio.document.queries import all_items, find_item, find_take
from genmo_studio.document.time import Span
from genmo_studio.importers.placing import FileUp
from genmo_studio.ui.control.media import MediaControl
from genmo_studio.ui.media_drag import media_data
from genmo_studio.ui.media_import_read import Fixes
from genmo_studio.ui.panels.media_bin import ROW_ROLE
from tests.answers import Answers
from tests.window_document import walking, window_document

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
OFFERED = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
SAMPLE = paths.assets() / "sample"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "media" / "video" / "sports2d_demo.mp4"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Real files under names that are not ASCII."""
    made = tmp_path / "Mediën 素材"
    made.mkdir()
    shutil.copy(SAMPLE / "walk.mp4", made / "Gehen ü.mp4")
    shutil.copy(SAMPLE / "beat.ogg", made / "拍子.ogg")
    (made / "figur.fbx").write_bytes(b"Kaydara FBX Binary")
    (made / "kaputt.mp4").write_bytes(b"this is no film" * 100)
    (made / "schritt.npz").write_bytes(walking(45).to_bytes())
    (made / "Zeilen.srt").write_text("1\n00:00:00,500 --> 00:00:02,000\nein Mensch winkt\n", encoding="utf-8")
    return made


@pytest.fixture
def window(qtbot, tmp_path) -> Iterator[object]:
    document, takes = window_document()
    project = tmp_path / "Projekt é.genmo"
    storage.save(project, document, takes=takes)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = program.open_window(program.make_application(), project, settings=settings, prompts=Answers(), warm_up=False)
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    made.docks["timeline"].raise_()
    qtbot.wait(50)
    yield made
    made.close()
    made.deleteLater()


class Drag:
    """A drag over a widget, sent as the window system sends it."""

    def __init__(self, widget, data: QMimeData) -> None:
        self.widget, self.data = widget, data

    def enter(self, at: QPointF) -> bool:
        event = QDragEnterEvent(at.toPoint(), OFFERED, self.data, LEFT, NONE)
        return self._send(event)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier = NONE) -> bool:
        return self._send(QDragMoveEvent(at.toPoint(), OFFERED, self.data, LEFT, keys))

    def drop(self, at: QPointF) -> bool:
        return self._send(QDropEvent(at, OFFERED, self.data, LEFT, NONE))

    def leave(self) -> None:
        QApplication.sendEvent(self.widget, QDragLeaveEvent())

    def _send(self, event: QDropEvent) -> bool:
        event.setAccepted(False)
        QApplication.sendEvent(self.widget, event)
        if event.isAccepted():
            assert event.dropAction() is Qt.DropAction.CopyAction, "DD2: a move would delete the original"
        return event.isAccepted()


def urls(*files: Path | str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(f)) if isinstance(f, Path) else QUrl(f) for f in files])
    return data


def row_y(window, kind: TrackKind | None) -> float:
    """Middle of the first row of a kind (None: the result); below all rows when there is none."""
    rows = window.timeline.picture.layout.rows
    for row in rows:
        if (row.track.kind if row.track is not None else None) is kind:
            return row.rect.y + row.rect.height / 2
    return max(row.rect.bottom for row in rows) + 20


def done(window, qtbot) -> None:
    media = window.commands.of(MediaControl)
    qtbot.waitUntil(lambda: not media.reading.batches, timeout=20_000)


def test_dd1_a_drag_over_the_timeline_shows_what_it_would_do_and_does_it(window, folder, qtbot) -> None:
    """DD1, DD2, DD4, TL2, HD6: ghost before release, reasons, placeholder, one undo step, original untouched."""
    media, area, before = window.commands.of(MediaControl), window.timeline.viewport(), window.editor.document
    film = folder / "Gehen ü.mp4"
    digest, state = hashlib.sha256(film.read_bytes()).hexdigest(), film.stat().st_mtime_ns
    below = QPointF(window.timeline.view.x_of(0.7), row_y(window, TrackKind.VIDEO))
    on_text = QPointF(window.timeline.view.x_of(30), row_y(window, TrackKind.TEXT))
    assert row_y(window, TrackKind.VIDEO) < area.height(), "there is room under the tracks"

    drag = Drag(area, urls(film))
    assert drag.enter(below)
    qtbot.waitUntil(lambda: all(g.known for g in media.overlay.shown.hover.landing.ghosts), timeout=10_000)
    assert media.overlay.isVisible()
    hover = media.overlay.shown.hover
    (ghost,) = hover.landing.ghosts
    assert (ghost.kind, ghost.track, ghost.known) == (TrackKind.VIDEO, None, True)
    assert hover.line == 0, "TL6: it snaps as a moved clip does"
    assert ghost.span.start == 0
    assert "new video track" in hover.words
    assert f"{ghost.span.length / 30:.2f} s" in hover.words
    assert not drag.move(on_text), "a text track takes no video"
    assert "“Text” takes text" in media.overlay.shown.hover.words
    assert not drag.move(QPointF(on_text.x(), row_y(window, None)))
    assert "result takes motion only" in media.overlay.shown.hover.words
    assert drag.move(below, SHIFT)
    assert media.overlay.shown.hover.line is None, "Shift inverts snapping"
    assert media.overlay.shown.hover.landing.ghosts[0].span.start == 1
    drag.leave()
    assert not media.overlay.isVisible()
    assert window.editor.document is before

    assert drag.enter(below)
    assert drag.move(below)
    assert drag.drop(below)
    assert media.overlay.isVisible(), "DD4: the placeholder is there at once"
    (placeholder,) = media.overlay.shown.pending
    assert placeholder.name == "Gehen ü.mp4"
    assert window.editor.document is before, "nothing is in the document until it has been read"
    done(window, qtbot)
    assert not media.overlay.isVisible()
    (clip,) = [item for _, item in all_items(window.editor.document) if isinstance(item, VideoClip)]
    assert clip.span == Span(0, ghost.span.length)
    ref = window.editor.document.media[0]
    assert (ref.sha256, ref.name, ref.frames) == (digest, "Gehen ü.mp4", ghost.span.length)
    assert ref.relative_path == "Mediën 素材/Gehen ü.mp4"
    assert window.editor.history == ("Import Gehen ü.mp4",)
    assert window.session.selection == {clip.id}
    assert "Imported “Gehen ü.mp4”" in window.messages.messages[-1].what
    longer = window.editor.document.length > before.length
    assert ("The project is" in window.messages.messages[-1].advice) == longer
    window.editor.undo()
    assert window.editor.document == before
    window.editor.redo()
    assert hashlib.sha256(film.read_bytes()).hexdigest() == digest
    assert film.stat().st_mtime_ns == state

    song = Drag(area, urls(film))  # a film on a music track gives its sound; this one has none
    again = Drag(area, media_data([ref.id]))
    at = QPointF(window.timeline.view.x_of(40), row_y(window, TrackKind.VIDEO))
    assert again.enter(at)
    assert again.drop(at)
    assert len([item for _, item in all_items(window.editor.document) if isinstance(item, VideoClip)]) == 2
    assert len(window.editor.document.media) == 1, "DD2: from the bin the medium is used again"
    assert song.enter(at)
    song.leave()


def test_dd1_illegal_drags_say_why_before_the_release(window, folder, qtbot) -> None:
    """DD1, DD2: fbx, unknown and broken files, links of a browser, locked tracks."""
    media, area = window.commands.of(MediaControl), window.timeline.viewport()
    at = QPointF(window.timeline.view.x_of(30), row_y(window, TrackKind.VIDEO))
    before = window.editor.document
    (folder / "README").write_text("?")
    for data, words in (
        (urls(folder / "figur.fbx"), "export the motion as BVH"),
        (urls(folder / "README"), "files without a suffix"),
        (urls("https://example.org/dance.mp4"), "save the file to disk first"),
        (urls(folder / "kaputt.mp4"), "could not be opened"),
    ):
        drag = Drag(area, data)
        assert drag.enter(at), "the pointer goes on to be heard"
        qtbot.waitUntil(lambda words=words: words in media.overlay.shown.hover.words, timeout=5000)
        assert not drag.move(at)
        assert not drag.drop(at)
        assert not media.overlay.isVisible()
    text = QMimeData()
    text.setText("just words")
    assert not Drag(area, text).enter(at)
    assert window.editor.document is before
    media.import_paths([folder / "kaputt.mp4", folder / "figur.fbx"])
    done(window, qtbot)
    assert window.editor.document is before, "DD4: a file that fails leaves nothing behind"
    assert window.editor.history == ()
    assert window.messages.messages[-1].what == "Nothing was imported."
    assert len(media.importer.report.problems) == 2
    window.messages.clear()
    assert media.import_mime(urls("https://example.org/a.mp4"))
    assert "save the file" in window.messages.messages[-1].what


def test_dd3_the_report_tells_and_fixes_and_the_whole_import_is_one_step(window, folder, qtbot) -> None:
    """DD2, DD3, ON1: a folder dropped on the window; motion on the result, text, sound; fixes share the undo step."""
    media, before = window.commands.of(MediaControl), window.editor.document
    (folder / "kaputt.mp4").unlink()
    drag = Drag(window, urls(folder))
    window.transport.seek(20)
    assert drag.enter(QPointF(300, 200))
    assert drag.drop(QPointF(300, 200))
    done(window, qtbot)
    report = media.importer.report
    assert report.imported == 4
    assert len(window.editor.history) == 1
    after = window.editor.document
    (take,) = [take for take in after.takes if take.model == "import"]
    assert (take.name, take.span) == ("Imported from schritt.npz", Span(20, 65))
    assert [piece.span for piece in after.result if piece.take == take.id] == [Span(20, 65)]
    assert window.stage.shown is not None, "the motion can be seen"
    texts = [item for _, item in all_items(after) if isinstance(item, TextClip) and item.text == "ein Mensch winkt"]
    assert [text.span for text in texts] == [Span(35, 80)]
    assert any(isinstance(item, MusicClip) for _, item in all_items(after))
    assert media.panel.report.isVisible(), "a motion was guessed at, so its report is shown"
    words = " ".join(label.text() for label in media.panel.report.findChildren(type(media.panel._reading)))
    assert "Take of the studio, Y up" in words
    assert "1 text segments" not in words or "times count from" in words

    index = next(n for n, entry in enumerate(report.entries) if entry.can_fix)
    media.panel.report.fix_requested.emit(index, Fixes(up=FileUp.Z))
    qtbot.waitUntil(lambda: find_take(window.editor.document, take.id) is None, timeout=10_000)
    (fixed,) = [one for one in window.editor.document.takes if one.model == "import"]
    assert fixed.span == take.span
    assert fixed.blob != take.blob
    assert len(window.editor.history) == 1, "a fix belongs to its import"
    media.panel.report.start_requested.emit(index, True)
    qtbot.waitUntil(lambda: find_take(window.editor.document, fixed.id) is None, timeout=10_000)
    (joined,) = [one for one in window.editor.document.takes if one.model == "import"]
    made = window.project.take_motion(joined.id)
    before_it = window.project.take_motion("take1").translation[19]
    np.testing.assert_allclose(made.translation[0, [0, 2]], before_it[[0, 2]], atol=1e-4)
    assert len(window.editor.history) == 1
    button = next(b for b in media.panel.report.findChildren(QPushButton) if b.text() == "Undo Import")
    assert button.isEnabled()
    button.click()
    assert window.editor.document == before


@pytest.mark.skipif(not SHARED.is_file(), reason="the film with sound is not on this machine")
def test_dd3_the_sound_of_a_video_is_offered_and_added(window, qtbot) -> None:
    media = window.commands.of(MediaControl)
    media.import_paths([SHARED])
    done(window, qtbot)
    assert not any(isinstance(item, MusicClip) for _, item in all_items(window.editor.document)), "off by default"
    media.show_report()
    button = next(b for b in media.panel.report.findChildren(QPushButton) if b.text().startswith("Add Its Sound"))
    button.click()
    (video,) = [item for _, item in all_items(window.editor.document) if isinstance(item, VideoClip)]
    (music,) = [item for _, item in all_items(window.editor.document) if isinstance(item, MusicClip)]
    assert (music.span, music.media) == (video.span, video.media)
    assert len(window.editor.history) == 1
    assert not any(b.text().startswith("Add Its Sound") for b in media.panel.report.findChildren(QPushButton))


def test_missing_media_are_told_found_by_content_and_never_block(window, folder, qtbot, tmp_path) -> None:
    """The Media panel: missing state, search by content then name, where used, remove unused; HD6 with such names."""
    media = window.commands.of(MediaControl)
    media.panel.dropped.emit(urls(folder / "拍子.ogg"))
    done(window, qtbot)
    media.import_paths([folder / "Gehen ü.mp4"])
    done(window, qtbot)
    assert [row.uses == () for row in media.panel.model.rows] == [True, False], "the bin alone makes no clip"
    assert window.project.save().is_file()
    hidden = tmp_path / "anderswo" / "tief"
    hidden.mkdir(parents=True)
    shutil.move(folder / "Gehen ü.mp4", hidden / "umbenannt.mp4")
    assert window.open_document(window.project.path)
    qtbot.waitUntil(lambda: bool(media.missing()), timeout=10_000)
    row = media.panel.model.rows[1]
    assert row.missing
    assert "missing" in row.summary
    assert "Gehen ü.mp4" in window.messages.messages[-1].what
    assert find_item(window.editor.document, row.uses[0].item) is not None
    assert window.actions_by_id["media.find_missing"].isEnabled()

    media.relink({row.media.id: folder / "拍子.ogg"})
    qtbot.waitUntil(lambda: "has no picture" in window.messages.messages[-1].what, timeout=10_000)
    media.search(tmp_path / "anderswo")
    qtbot.waitUntil(lambda: not media.missing() and window.parts.facts.ready, timeout=10_000)
    assert window.editor.history == ("Relink Media",)
    assert window.editor.document.media[1].absolute_path == str(hidden / "umbenannt.mp4")
    media.select_uses(row.media.id)
    assert window.session.selection == {row.uses[0].item}
    window.actions_by_id["media.remove_unused"].trigger()
    assert [ref.name for ref in window.editor.document.media] == ["Gehen ü.mp4"]
    index = media.panel.model.index(0)
    data = media.panel.model.mimeData([index])
    assert data.formats() == media.panel.model.mimeTypes()
    assert index.data(ROW_ROLE).media.id == row.media.id
    assert "umbenannt" in index.data(Qt.ItemDataRole.ToolTipRole)
