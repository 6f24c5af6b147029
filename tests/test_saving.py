"""Saving beside the window: written on another thread from a snapshot, told when on disk, waited for at the end."""

import threading
from pathlib import Path

import msgspec
import pytest
from answers import Answers
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QLineEdit
from window_document import window_document

from genmo_studio import app as program
from genmo_studio.document import edits, encoding, schema, storage
from genmo_studio.document.model import Document, MediaKind, MediaRef, PoseKey, Track, TrackKind
from genmo_studio.document.queries import find_item
from genmo_studio.ui.files import Answer


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def window(qtbot, tmp_path: Path, answers: Answers):
    document, takes = window_document()
    path = tmp_path / "p.genmo"
    storage.save(path, document, takes=takes)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = program.open_window(program.make_application(), path, settings=settings, prompts=answers, warm_up=False)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    answers.changes = Answer.DISCARD
    made.close()
    made.deleteLater()


@pytest.fixture
def gate(monkeypatch):
    """Holds the disk back until it is opened, and notes the threads that write."""
    opened, threads, write = threading.Event(), [], storage.write_durably

    def slow(*arguments, **named):
        threads.append(threading.current_thread())
        assert opened.wait(20)
        write(*arguments, **named)

    monkeypatch.setattr(storage, "write_durably", slow)
    opened.threads = threads
    yield opened
    opened.set()


def test_editing_goes_on_while_the_file_is_written_and_the_newer_edits_stay_unsaved(window, qtbot, gate) -> None:
    window.commands.edit("Rename", edits.rename_project("first"))
    window.actions_by_id["file.save"].trigger()
    assert window.files.saving
    assert "Saving" in window.statusBar().currentMessage()
    assert window.isWindowModified(), "it is not on disk yet"
    window.commands.edit("Rename", edits.rename_project("second"))
    gate.set()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    assert gate.threads
    assert threading.main_thread() not in gate.threads
    assert storage.load(window.project.path).document.name == "first"
    assert window.isWindowModified(), "the second edit is in no file"
    window.actions_by_id["file.save"].trigger()
    qtbot.waitUntil(lambda: not window.isWindowModified(), timeout=10_000)
    assert "Saved" in window.statusBar().currentMessage()
    assert storage.load(window.project.path).document == window.editor.document


def test_the_file_written_meanwhile_is_where_undo_leads_back_to(window, qtbot, gate) -> None:
    window.commands.edit("Rename", edits.rename_project("first"))
    window.actions_by_id["file.save"].trigger()
    window.commands.edit("Rename", edits.rename_project("second"))
    gate.set()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    window.editor.undo()
    assert not window.isWindowModified(), "this is in the file"
    window.editor.undo()
    assert window.isWindowModified(), "the file that was opened is no more"


def test_media_are_found_from_the_old_folder_until_the_project_is_in_another(window, answers, tmp_path, qtbot) -> None:
    file = MediaRef("m", MediaKind.AUDIO, "song", relative_path="song.ogg", absolute_path=str(tmp_path / "song.ogg"))
    window.commands.edit("Add", edits.add_media(file))
    window.commands.edit("Rename", edits.rename_project("undone"))
    window.editor.undo()
    before, history = window.editor.document, window.editor.history
    answers.path = tmp_path / "no such folder" / "p.genmo"
    window.actions_by_id["file.save_as"].trigger()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    assert window.editor.document == before, "what could not be saved changes nothing"
    assert window.editor.history == history
    answers.path.parent.mkdir()
    window.actions_by_id["file.save_as"].trigger()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    assert not window.isWindowModified()
    assert storage.load(answers.path).document == window.editor.document
    assert [media.relative_path for media in window.editor.document.media] == ["../song.ogg"]
    assert window.editor.redo() == "Rename", "saving takes nothing from the history"
    assert [media.relative_path for media in window.editor.document.media] == ["../song.ogg"]
    assert window.isWindowModified()


def test_closing_waits_for_what_is_being_written(window, answers, qtbot, gate) -> None:
    window.commands.edit("Rename", edits.rename_project("kept"))
    answers.changes = Answer.SAVE
    threading.Timer(0.3, gate.set).start()
    window.close()
    assert not window.isVisible()
    assert storage.load(window.project.path).document.name == "kept"


def typing(window, qtbot, words: str) -> str:
    """The id of the text in whose field ``words`` were typed; the cursor is still in it."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    item = next(i.id for track in window.editor.document.tracks if track.kind is TrackKind.TEXT for i in track.items)
    window.timeline.edit_text(item)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    field.clear()
    qtbot.keyClicks(field, words)
    return item


def test_words_that_are_being_typed_are_saved(window, qtbot) -> None:
    item = typing(window, qtbot, "a person bows")
    window.actions_by_id["file.save"].trigger()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    assert find_item(storage.load(window.project.path).document, item).text == "a person bows"
    assert not window.isWindowModified()


def test_words_that_are_being_typed_are_asked_about(window, answers, qtbot) -> None:
    item = typing(window, qtbot, "a person bows")
    answers.changes = Answer.SAVE
    window.close()
    assert find_item(storage.load(window.project.path).document, item).text == "a person bows"


def test_a_long_text_is_whole_after_its_field_was_open(window, qtbot) -> None:
    item, words = typing(window, qtbot, ""), ("walk and " * 500).strip()
    window.timeline.setFocus()
    window.commands.edit("Text", edits.set_text(item, words))
    window.timeline.edit_text(item)
    window.timeline.setFocus()
    assert find_item(window.editor.document, item).text == words


def test_what_cannot_be_saved_is_said_and_stays_open(window, answers, tmp_path, qtbot) -> None:
    window.commands.edit("Rename", edits.rename_project("kept"))
    answers.path = tmp_path / "no such folder" / "p.genmo"
    window.actions_by_id["file.save_as"].trigger()
    qtbot.waitUntil(lambda: not window.files.saving, timeout=10_000)
    assert window.isWindowModified()
    assert "could not be saved" in window.messages.shown.what
    assert window.project.path == tmp_path / "p.genmo"
    answers.changes = Answer.SAVE
    window.project.path = answers.path
    assert not window.files.may_leave(), "closing is called off when saving fails"
    window.project.path = tmp_path / "p.genmo"


def test_items_encoded_some_at_a_time_give_the_same_bytes(monkeypatch) -> None:
    document, _ = window_document()
    keys = tuple(PoseKey(f"k{n:04d}", n, positions={"head": (0.1 * n, 1.0, 0.0)}) for n in range(11))
    tricky = Track("t", TrackKind.PARTIAL_KEYS, '\n   "items": []', keys)
    document = edits.rename_project('a "name"\n   "items": []')(document)
    document = msgspec.structs.replace(document, tracks=(tricky, *document.tracks))
    whole = schema.encode(document)
    monkeypatch.setattr(encoding, "STEP", 3)
    assert schema.encode(document) == whole
    assert schema.decode(schema.decode_raw(whole), schema.SCHEMA) == document
    bad = Track("u", TrackKind.PARTIAL_KEYS, "x", (PoseKey("k", 1, weight=float("nan")),))
    with pytest.raises(schema.SchemaError, match="cannot hold"):
        schema.encode(Document("d", "d", tracks=(bad,)))
