"""Contacts, tweaks and locks as they are painted, and in the real window."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from document_cases import random_document
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot
from studio_window import close_window, open_window
from timeline_samples import full_document

from genmo_studio.document.model import ContactClip, Document, Foot, Track, TrackKind
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import REGIONS
from genmo_studio.ui.panels.region_boxes import RegionBoxes
from genmo_studio.ui.panels.span_forms import ContactForm, LockForm, TweakForm
from genmo_studio.ui.theme import DARK, LIGHT
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.paint_rows import Look
from genmo_studio.ui.timeline.picture import Picture
from genmo_studio.ui.timeline.view import Rect, View

LEFT, RIGHT = Foot.LEFT, Foot.RIGHT


# -- looks -------------------------------------------------------------------------------------------------------------


class NoArt:
    def thumbnail(self, media: str, frame: int, *, height: int) -> None: ...

    def aspect(self, media: str) -> float:
        return 1.5

    def peaks(self, media: str, first: float, last: float, columns: int) -> None: ...

    def beats(self, media: str) -> tuple[float, ...]:
        return ()

    def name(self, media: str) -> str:
        return media

    def missing(self, media: str) -> bool:
        return False


def painted(document: Document, look: Look | None = None, *, theme: object = DARK) -> tuple[np.ndarray, Picture]:
    picture = Picture(theme, NoArt(), IndexCache())
    picture.refresh(document, View(width=1500, height=640, scale=2.0), look or Look(), ratio=1.0)
    image = picture.image().convertToFormat(picture.image().Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return data[..., :3].astype(np.int16), picture


def grey(pixels: np.ndarray, rect: Rect) -> np.ndarray:
    """Lightness of what is inside a rectangle: what is left to see without colour."""
    part = pixels[round(rect.y) + 1 : round(rect.bottom) - 1, round(rect.x) + 1 : round(rect.right) - 1]
    return part.mean(axis=2)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_kf8_left_and_right_planted_and_free_differ_without_colour(qtbot: QtBot, theme: object) -> None:
    def look_of(foot: Foot, *, planted: bool) -> np.ndarray:
        clip = ContactClip("c", Span(10, 130), foot, planted=planted)
        other = ContactClip("o", Span(10, 130), RIGHT if foot is LEFT else LEFT)
        document = Document("d", "d", tracks=(Track("t", TrackKind.CONTACTS, "C", (clip, other), height=60),))
        pixels, picture = painted(document, theme=theme)
        (rect,) = [c.rect for row in picture.layout.rows for c in row.clips if c.item.id == "c"]
        return grey(pixels, rect)

    looks = [look_of(foot, planted=planted) for foot in Foot for planted in (True, False)]
    for n, one in enumerate(looks):
        for other in looks[n + 1 :]:
            assert np.abs(one - other).max() > 40
            assert (np.abs(one - other) > 12).mean() > 0.01


def test_kf8_an_unchecked_tweak_wears_a_badge(qtbot: QtBot) -> None:
    document = full_document()
    plain, picture = painted(document)
    (rect,) = [c.rect for row in picture.layout.rows for c in row.clips if c.item.id == "e1"]
    marked, _ = painted(document, Look(unchecked=frozenset({"e1"})))
    assert np.abs(grey(plain, rect) - grey(marked, rect)).max() > 60
    assert np.array_equal(plain[: round(rect.y)], marked[: round(rect.y)])


@pytest.mark.parametrize("scale", [0.05, 0.4, 2.0, 20.0])
def test_rows_of_every_kind_are_painted_at_every_zoom(qtbot: QtBot, scale: float) -> None:
    for seed in range(8):
        document = random_document(random.Random(seed), most=8)
        picture = Picture(DARK, NoArt(), IndexCache())
        view = View(width=900, height=1200, scale=scale)
        everything = frozenset(item.id for track in document.tracks for item in track.items)
        picture.refresh(document, view, Look(selection=everything, unchecked=everything), ratio=1.5)
        assert picture.rows_painted >= len([track for track in document.tracks if not track.hidden])


# -- the window --------------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[object]:
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


def test_kf8_commands_add_contacts_locks_and_tweaks_and_the_inspector_changes_them(window: object) -> None:
    act = window.actions_by_id
    window.session.select(())
    window.transport.seek(12)
    act["contact.left_planted"].trigger()
    (contact,) = window.session.selection
    form = window.inspector.form
    assert isinstance(form, ContactForm)
    form._state.activated.emit(1)
    assert find_item(window.editor.document, contact).planted is False
    act["contact.toggle"].trigger()
    assert find_item(window.editor.document, contact).planted is True
    window.session.select(())
    act["lock.add"].trigger()
    form = window.inspector.form
    assert isinstance(form, LockForm)
    form.regions.boxes["full"].click()
    form.regions.boxes["lower"].click()
    (lock,) = window.session.selection
    assert find_item(window.editor.document, lock).regions == ("upper",)
    window.session.select(())
    act["tweak.add"].trigger()
    form = window.inspector.form
    assert isinstance(form, TweakForm)
    (tweak,) = window.session.selection
    form._axes[1].setValue(0.25)
    assert find_item(window.editor.document, tweak).shift == (0.0, 0.25, 0.0)
    form._joint.setCurrentIndex(form._joint.findData("head"))
    form._joint.activated.emit(form._joint.currentIndex())
    form._axes[0].setValue(90.0)
    assert find_item(window.editor.document, tweak).rotations["head"] == pytest.approx((np.pi / 2, 0, 0))
    form._free.click()
    assert "head" not in find_item(window.editor.document, tweak).rotations
    form._rise.setValue(4)
    assert find_item(window.editor.document, tweak).rise == 4


def test_the_boxes_of_regions_take_the_whole_body_or_parts_of_it(qtbot: QtBot) -> None:
    boxes = RegionBoxes()
    qtbot.addWidget(boxes)
    told: list[tuple[str, ...]] = []
    boxes.changed.connect(told.append)
    boxes.show_regions(("spine",))
    assert set(boxes.boxes) == set(REGIONS)
    boxes.boxes["left_arm"].click()
    assert told[-1] == ("left_arm", "spine")
    boxes.boxes["full"].click()
    assert told[-1] == ("full",)
    assert not boxes.boxes["left_arm"].isEnabled()
    boxes.boxes["full"].click()
    assert told[-1] == ("upper", "lower")
    boxes.boxes["upper"].click()
    assert told[-1] == ("lower",)
    assert all(isinstance(box, QCheckBox) and box.text() for box in boxes.boxes.values())
