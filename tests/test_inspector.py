"""The inspector's pages: what is shown of a selection, and the edits that its fields ask for."""

import dataclasses

import pytest
from msgspec import structs
from PySide6.QtCore import Qt

from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Marker, MediaKind, MediaRef, MusicClip, Track, TrackKind
from genmo_studio.document.queries import find_item, find_marker
from genmo_studio.document.time import Span
from genmo_studio.ui.panels.fields import BURST_SECONDS, Bursts
from genmo_studio.ui.panels.inspector import Inspector
from genmo_studio.ui.panels.inspector_pages import MARKER_COLOURS, ManyPage, MarkerPage, ProjectPage
from genmo_studio.ui.theme import DARK
from tests.window_document import window_document


@dataclasses.dataclass
class Bench:
    """An inspector on an editor, joined as the window joins them."""

    editor: Editor
    inspector: Inspector

    def select(self, *ids: str) -> object:
        self.inspector.show_selection(frozenset(ids))
        return self.inspector.form


@pytest.fixture
def bench(qtbot) -> Bench:
    editor = Editor(window_document()[0])
    song = MediaRef("m", MediaKind.AUDIO, "song.wav", frames=300)
    clips = tuple(MusicClip(f"song{i}", Span(30 * i, 30 * i + 20), "m", Span(0, 20), gain=1.0 + i) for i in range(2))
    music = Track(id="t9", kind=TrackKind.MUSIC, name="Music", items=clips)
    editor.edit("Add", lambda d: structs.replace(d, tracks=(*d.tracks, music), media=(song,)))
    editor.edit("Mark", edits.add_marker(Marker(id="mark", frame=12, name="Turn")))
    inspector = Inspector(DARK)
    qtbot.addWidget(inspector)
    inspector.edited.connect(lambda label, edit, merge: editor.edit(label, edit, merge=merge or None))
    editor.subscribe(changed=lambda _, new: inspector.show_document(new))
    inspector.show_document(editor.document)
    inspector.resize(316, 430)
    inspector.show()
    return Bench(editor, inspector)


def test_un3_a_drag_of_a_slider_is_one_step_and_reset_brings_the_usual_value_back(bench) -> None:
    form = bench.select("text1")
    before = bench.editor.position
    assert not form._weight_row.button.isVisible()
    form._weight_slider.setSliderDown(True)
    for value in (110, 140, 180):
        form._weight_slider.setValue(value)
        assert find_item(bench.editor.document, "text1").weight == pytest.approx(value / 100), "heard while dragging"
    form._weight_slider.setSliderDown(False)
    assert bench.editor.position == before + 1
    assert form._weight.value() == pytest.approx(1.8)
    assert form._weight_row.button.isVisible()
    form._weight_row.button.click()
    assert find_item(bench.editor.document, "text1").weight == 1.0
    assert not form._weight_row.button.isVisible()


def test_many_items_show_what_they_share_and_change_together(bench) -> None:
    bench.editor.edit("Mute", edits.set_muted(("text1",), muted=True))
    page = bench.select("text1", "text2", "key1")
    assert isinstance(page, ManyPage)
    assert page._what.text() == "2 texts, 1 pose key"
    assert page._muted.checkState() is Qt.CheckState.PartiallyChecked
    assert not page._length.isVisible(), "a key has no length"
    assert page._weight.text() == "1.00"
    before = bench.editor.position
    page._weight.setValue(0.5)
    page._weight.setValue(0.4)
    assert [find_item(bench.editor.document, i).weight for i in ("text1", "text2", "key1")] == [0.4, 0.4, 0.4]
    page._start.setValue(7)
    assert [find_item(bench.editor.document, i).span.start for i in ("text1", "text2")] == [7, 47]
    assert find_item(bench.editor.document, "key1").frame == 52
    assert bench.editor.position == before + 2
    page._muted.click()
    assert all(find_item(bench.editor.document, i).muted for i in ("text1", "text2", "key1"))

    bench.editor.edit("Set Weight", edits.set_weight(("text2",), 2.0))
    assert page._weight.text() == "mixed"
    page = bench.select("song0", "song1")
    assert page._length.value() == 20
    assert page._gain.text() == "mixed"
    page._gain.setValue(0.8)
    assert [find_item(bench.editor.document, f"song{i}").gain for i in range(2)] == [0.8, 0.8]


def test_tl12_a_marker_is_named_coloured_and_given_a_range(bench) -> None:
    page = bench.select("mark")
    assert isinstance(page, MarkerPage)
    page._name.setText("Jump")
    page._name.editingFinished.emit()
    page._length.setValue(15)
    index = list(MARKER_COLOURS).index("Green")
    page._colour.setCurrentIndex(index)
    page._colour.activated.emit(index)
    marker = find_marker(bench.editor.document, "mark")
    assert (marker.name, marker.length, marker.colour) == ("Jump", 15, MARKER_COLOURS["Green"])
    assert bench.editor.history[-3:] == ("Rename Marker", "Change Marker Range", "Colour Marker")


def test_without_a_selection_it_shows_the_project(bench) -> None:
    page = bench.select()
    assert isinstance(page, ProjectPage)
    assert "2 texts" in page._holds.text()
    page._length.setValue(300)
    assert bench.editor.document.length == 300
    assert "10.00 s" in page._seconds.text()
    page._fit.click()
    assert bench.editor.document.length == 90
    assert not page._fit.isEnabled()


def test_a_pause_ends_a_run_of_changes_but_not_while_it_is_held() -> None:
    moment = [0.0]
    bursts = Bursts(now=lambda: moment[0])
    first = bursts.name("weight")
    moment[0] += BURST_SECONDS / 2
    assert bursts.name("weight") == first
    moment[0] += BURST_SECONDS * 2
    assert bursts.name("weight", held=True) == first
    moment[0] += BURST_SECONDS * 2
    second = bursts.name("weight")
    assert second != first
    assert bursts.name("gain") != second
    assert bursts.name("weight") not in {first, second}
