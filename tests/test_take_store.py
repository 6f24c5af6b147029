"""Motions are kept as long as undo or redo may bring their takes back, and no longer."""

from hashlib import sha256

import pytest

from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document, Take
from genmo_studio.ui.project import Project, TakeStore, empty_document
from genmo_studio.values import replace
from tests.window_document import window_document


@pytest.fixture
def project() -> Project:
    """An open project without takes."""
    made = Project(Editor(empty_document()), TakeStore())
    made.show(empty_document(), {})
    return made


def blob(name: str) -> str:
    """The SHA-256 that stands for a motion here."""
    return sha256(name.encode()).hexdigest()


def land(project: Project, name: str, *, base: str = "") -> Take:
    """As a generation does: first the motion, then the take; ``base`` is the motion that it was regenerated from."""
    document, _ = window_document()
    take = replace(document.takes[0], id=edits.new_id(), name=name, blob=blob(name), base=blob(base) if base else "")
    for part in filter(None, (name, base)):
        project.store[blob(part)] = part.encode()
    project.editor.edit("Generate", edits.add_take(take, place=False))
    return take


def kept(project: Project) -> set[str]:
    """Which motions are in memory."""
    return {data.decode() for data in project.store.values()}


def rename(project: Project, name: str) -> Document:
    """Any other edit."""
    return project.editor.edit("Rename", edits.rename_project(name))


def test_undo_and_redo_lose_nothing(project: Project) -> None:
    land(project, "a")
    land(project, "b", base="c")
    while project.editor.undo():
        assert kept(project) == {"a", "b", "c"}
    while project.editor.redo():
        assert kept(project) == {"a", "b", "c"}


def test_what_no_redo_brings_back_is_forgotten(project: Project) -> None:
    land(project, "a")
    land(project, "b", base="c")
    project.editor.undo()
    rename(project, "x")
    assert kept(project) == {"a"}


def test_a_deleted_take_stays_for_undo(project: Project) -> None:
    take = land(project, "a")
    project.editor.edit("Delete", edits.delete_take(take.id))
    rename(project, "x")
    assert kept(project) == {"a"}
    assert project.editor.jump(1) is None
    assert project.editor.document.takes == (take,)


def test_a_motion_that_waits_for_its_take_is_kept(project: Project) -> None:
    land(project, "a")
    project.store[blob("coming")] = b"coming"
    project.editor.undo()
    rename(project, "x")
    assert kept(project) == {"coming"}


def test_a_blob_that_two_takes_share_is_kept_for_the_other(project: Project) -> None:
    land(project, "a")
    land(project, "b", base="a")
    project.editor.undo()
    rename(project, "x")
    assert kept(project) == {"a"}


def test_a_take_of_the_file_that_was_opened_stays_while_its_deletion_can_be_undone(project: Project) -> None:
    document, takes = window_document()
    project.show(document, takes)
    (take,) = document.takes
    project.editor.edit("Delete", edits.delete_take(take.id))
    rename(project, "x")
    assert set(project.store) == set(takes)
    project.show(empty_document(), {})
    assert not set(project.store)
