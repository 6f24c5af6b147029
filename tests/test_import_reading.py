"""Imports while other things happen: another project, cancelling, edits, undo. Without a window."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmo_studio import paths
from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import TrackKind, VideoClip
from genmo_studio.document.queries import all_items
from genmo_studio.ui.media_import import Place, Target
from genmo_studio.ui.media_import_job import FileReading
from genmo_studio.ui.media_importer import Importer
from genmo_studio.ui.media_search import search, unused, uses
from genmo_studio.ui.project import Project, TakeStore, empty_document
from tests.window_document import walking


class Desk:
    """An open project and what imports into it."""

    def __init__(self, folder: Path) -> None:
        self.film = folder / "Fuß 步.mp4"
        shutil.copy(paths.assets() / "sample" / "walk.mp4", self.film)
        self.motion = folder / "gang.npz"
        self.motion.write_bytes(walking(30).to_bytes())
        self.editor = Editor(empty_document())
        self.project = Project(self.editor, TakeStore())
        self.reading = FileReading()
        self.importer = Importer(self.project, self.reading)
        self.said: list[str] = []
        self.importer.failed.connect(self.said.append)

    @property
    def films(self) -> list[VideoClip]:
        return [item for _, item in all_items(self.editor.document) if isinstance(item, VideoClip)]


@pytest.fixture
def desk(qapp, tmp_path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.reading.close()


def test_dd4_edits_and_undo_go_on_while_files_are_read(desk, qtbot) -> None:
    """DD4: nothing of an import is in the history until it is whole; then it is one step on top of what was done."""
    text = desk.editor.document.tracks[1].id
    with qtbot.waitSignal(desk.importer.reported, timeout=20_000):
        desk.importer.begin([desk.film, desk.motion], Place(10))
        assert len(desk.importer.pending()) == 2
        assert desk.editor.history == ()
        desk.editor.edit("Rename", edits.rename_track(text, "Words"))
    assert desk.editor.history == ("Rename", "Import 2 Files")
    assert desk.importer.pending() == ()
    assert desk.importer.reading_files == 0
    (take,) = desk.editor.document.takes
    assert desk.project.take_motion(take.id) is not None
    assert desk.importer.can_undo
    desk.importer.undo()
    assert desk.films == []
    assert desk.editor.document.takes == ()
    assert desk.editor.document.tracks[1].name == "Words"
    assert not desk.importer.can_undo


def test_dd4_a_track_that_was_locked_meanwhile_is_left_alone(desk, qtbot) -> None:
    track = desk.editor.document.tracks[0]
    with qtbot.waitSignal(desk.importer.reported, timeout=20_000):
        desk.importer.begin([desk.film], Place(5, Target.TRACK, track.id))
        desk.editor.edit("Lock", edits.set_track_flags(track.id, locked=True))
    (clip,) = desk.films
    homes = [t for t in desk.editor.document.tracks if clip in t.items]
    assert [(home.kind, home.id == track.id) for home in homes] == [(TrackKind.VIDEO, False)]


def test_dd4_another_project_gets_nothing_and_cancel_leaves_nothing(desk, qtbot) -> None:
    desk.importer.begin([desk.film], Place())
    desk.project.new()
    qtbot.waitUntil(lambda: not desk.reading.batches, timeout=20_000)
    assert desk.films == []
    assert desk.said == ["The files were read for another project and were left out; drop them again."]
    desk.importer.begin([desk.film, desk.motion], Place())
    assert desk.importer.cancel() == 2
    desk.importer.begin([desk.motion], Place())
    qtbot.waitUntil(lambda: not desk.reading.batches, timeout=20_000)
    assert desk.films == [], "what was cancelled does not come after all"
    assert len(desk.editor.document.takes) == 1
    gone = desk.film.with_name("weg.mp4")
    with qtbot.waitSignal(desk.importer.reported, timeout=20_000):
        desk.importer.begin([gone], Place())
    assert "weg.mp4" in desk.importer.report.problems[0]


def test_dd2_the_same_film_twice_is_one_medium_and_its_copy_is_found_by_content(desk, qtbot, tmp_path) -> None:
    twin = tmp_path / "twin.mp4"
    shutil.copy(desk.film, twin)
    with qtbot.waitSignal(desk.importer.reported, timeout=20_000):
        desk.importer.begin([desk.film, twin], Place(0, Target.BELOW))
    (medium,) = desk.editor.document.media
    first, second = desk.films
    assert first.media == second.media == medium.id
    assert first.span.stop == second.span.start
    assert [use.item for use in uses(desk.editor.document)[medium.id]] == [first.id, second.id]
    assert unused(desk.editor.document) == ()
    far = tmp_path / "a" / "b"
    far.mkdir(parents=True)
    (far / medium.name).write_bytes(b"another film of that name")
    assert search([medium], far) == {medium.id: far / medium.name}, "by name for want of better"
    shutil.move(twin, far / "renamed.bin")
    assert search([medium], tmp_path / "a") == {medium.id: far / "renamed.bin"}, "content before name"
    assert search([medium], tmp_path / "nowhere") == {}
