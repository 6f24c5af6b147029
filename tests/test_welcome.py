"""First start in the real window: the welcome view, new projects, recent projects, help and the tour."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QCursor, QImage
from PySide6.QtWidgets import QApplication

from genmo_studio.document import storage
from genmo_studio.document.model import TextClip
from genmo_studio.document.queries import all_items
from genmo_studio.ui.control.help import HelpControl
from genmo_studio.ui.control.prompt import PromptControl
from genmo_studio.ui.control.welcome import WelcomeControl
from genmo_studio.ui.help_pages import page
from genmo_studio.ui.panels.welcome import CHOICES
from genmo_studio.ui.prompt_hints import hints
from genmo_studio.ui.recent import RecentProjects, thumbnail
from genmo_studio.ui.timeline.heat import HeatStrip, Measure
from genmo_studio.ui.timeline.text_field import TextField
from tests.studio_window import close_window, open_window, press, settings_in
from tests.window_document import window_document


def project_with_picture(path: Path) -> Path:
    """A project file that carries a picture."""
    from PySide6.QtCore import QBuffer, QIODevice

    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    document, takes = window_document()
    storage.save(path, document, takes=takes, thumb=bytes(buffer.data().data()))
    return path


def test_on1_on3_the_first_start_shows_motion_and_four_choices_and_asks_nothing(qtbot, tmp_path) -> None:
    """ON1, ON2, ON3: the sample has its result and plays without an engine; no dialog is open; typing comes next."""
    window = open_window(qtbot, tmp_path, document=False)
    try:
        panel = window.commands.of(WelcomeControl).panel
        assert panel.isVisible()
        assert QApplication.activeModalWidget() is None
        assert window.editor.document.result
        assert window.transport.playing
        assert not window.jobs.running
        assert [button.text() for button in panel.choices] == [
            "Open Sample", "New from Text", "New from Video", "New from Music",
        ]  # fmt: skip
        assert panel.width() < window.viewport.width(), "the motion has more room than the welcome"
        for button, action_id in zip(panel.choices, CHOICES, strict=True):
            assert button.isVisible()
            assert not button.icon().isNull()
            assert window.actions_by_id[action_id].isEnabled()
        qtbot.mouseClick(panel.choices[1], Qt.MouseButton.LeftButton)
        assert not panel.isVisible()
        texts = [item for _, item in all_items(window.editor.document) if isinstance(item, TextClip)]
        assert len(texts) == 1
        field = QApplication.focusWidget()
        assert isinstance(field, TextField), "what one does next has the focus"
        qtbot.keyClicks(field, "a person jumps over a puddle")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        texts = [item for _, item in all_items(window.editor.document) if isinstance(item, TextClip)]
        assert texts[0].text == "a person jumps over a puddle"
        window.actions_by_id["file.welcome"].trigger()
        assert panel.isVisible(), "File > Welcome brings it back"
        panel.at_start.setChecked(False)
        qtbot.mouseClick(panel.close_button, Qt.MouseButton.LeftButton)
        assert not panel.isVisible()
    finally:
        close_window(window)
    again = open_window(qtbot, tmp_path, document=False)
    try:
        assert not again.commands.of(WelcomeControl).panel.isVisible()
        assert again.transport.playing
    finally:
        close_window(again)


def test_on1_recent_projects_show_their_picture_and_missing_ones_can_be_removed(qtbot, tmp_path) -> None:
    """ON1, HD6: names in any script; PF2: recent list with thumbnails."""
    here = project_with_picture(tmp_path / "Tänzerin 舞踊.genmo")
    settings = settings_in(tmp_path)
    recents = RecentProjects(settings)
    recents.add(tmp_path / "gone.genmo")
    recents.add(here)
    settings.sync()
    assert thumbnail(here) is not None
    assert thumbnail(tmp_path / "gone.genmo") is None
    (tmp_path / "broken.genmo").write_bytes(b"PK\x03\x04 no zip")
    assert thumbnail(tmp_path / "broken.genmo") is None
    window = open_window(qtbot, tmp_path, document=False)
    try:
        control = window.commands.of(WelcomeControl)
        first, second = control.panel.rows
        assert "Tänzerin 舞踊" in first.open_button.text()
        picture = first.open_button.icon().pixmap(64, 36).toImage()
        assert picture.pixelColor(picture.width() // 2, picture.height() // 2).name() == "#336699"
        assert first.open_button.isEnabled()
        assert not second.open_button.isEnabled()
        assert "missing" in second.open_button.text()
        qtbot.mouseClick(second.remove_button, Qt.MouseButton.LeftButton)
        assert [project.path for project in control.recents.projects()] == [here]
        qtbot.mouseClick(control.panel.rows[0].open_button, Qt.MouseButton.LeftButton)
        assert "Tänzerin 舞踊" in window.windowTitle()
        assert not control.panel.isVisible()
        menu = window.actions_by_id["file.recent"].menu()
        menu.aboutToShow.emit()
        assert "Tänzerin 舞踊" in menu.actions()[0].text()
        window.actions_by_id["file.last_at_start"].trigger()
    finally:
        close_window(window)
    again = open_window(qtbot, tmp_path, document=False)
    try:
        assert "Tänzerin 舞踊" in again.windowTitle(), "the last project comes back when that is wanted"
    finally:
        close_window(again)


@pytest.mark.parametrize("value", [7, "", ["", 3, None], {"a": 1}])
def test_on1_a_recent_list_that_nobody_understands_is_empty(tmp_path, value) -> None:
    settings = settings_in(tmp_path)
    settings.setValue("files/recent", value)
    assert [path for path in RecentProjects(settings).paths() if str(path) not in ("3", "7")] == []


def test_on4_help_for_the_panel_and_a_tour_that_points_at_real_parts(qtbot, tmp_path) -> None:
    """ON4: F1 shows a page about the panel, the tour can be skipped at any card and stops nothing."""
    window = open_window(qtbot, tmp_path)
    try:
        help_ = window.commands.of(HelpControl)
        for name in [*window.docks, "viewport"]:
            assert "There is no page" not in page(name) or name == "help", name
        (tmp_path / "timeline.md").write_text("# Spur <b>x</b>", "utf-8")
        assert page("timeline", folders=(tmp_path,)) == "# Spur <b>x</b>"
        window.timeline.setFocus()
        QCursor.setPos(window.timeline.mapToGlobal(QPoint(300, 60)))
        press(qtbot, "F1")
        assert window.docks["help"].isVisible()
        assert "Timeline" in help_.panel.browser.toPlainText()
        window.actions_by_id["help.tour"].trigger()
        tour = help_.tour
        pointed = []
        for number in range(5):
            assert tour.isVisible()
            assert f"{number + 1} of 5" in tour._count.text()
            assert window.rect().contains(tour.geometry()), "the card is inside the window"
            frame = tour._edges[0].geometry().united(tour._edges[1].geometry())
            pointed.append((frame.x(), frame.y()))
            window.actions_by_id["play.step_forward"].trigger()
            qtbot.mouseClick(tour.next, Qt.MouseButton.LeftButton)
        assert len(set(pointed)) == 5, "every card points at another part"
        assert help_.tour is None
        assert window.session.playhead == 5, "everything else works meanwhile"
        window.actions_by_id["help.tour"].trigger()
        qtbot.keyClick(help_.tour, Qt.Key.Key_Escape)
        assert help_.tour is None
    finally:
        close_window(window)


def test_on5_the_prompt_helper_warns_early_and_says_what_is_understood(qtbot, tmp_path) -> None:
    """ON5: length, more than two actions, scenes; beside the field, while one types."""
    assert hints("a person walks forward and waves", frames=120) == ()
    assert any("Only one person" in hint for hint in hints("two people hug", frames=120))
    assert any("flat" in hint for hint in hints("a man climbs a Ladder", frames=120))
    assert any("no fingers" in hint for hint in hints("she points with one finger", frames=120))
    assert any("English" in hint for hint in hints("человек идёт вперёд", frames=120))
    assert any("actions" in hint for hint in hints("he walks, then jumps, then sits, then waves", frames=600))
    assert len(hints("walk " * 400, frames=300)) >= 1
    assert any("frames" in hint for hint in hints("a person walks", frames=4))
    assert hints("the doorman balances", frames=120) == (), "whole words only"
    window = open_window(qtbot, tmp_path)
    try:
        hint = window.commands.of(PromptControl).hint
        window.actions_by_id["edit.add_text"].trigger()
        field = QApplication.focusWidget()
        assert isinstance(field, TextField)
        qtbot.waitUntil(hint.isVisible)
        assert hint.warnings.isHidden()
        qtbot.keyClicks(field, "two people dance")
        qtbot.waitUntil(lambda: "Only one person" in hint.warnings.text())
        assert window.rect().contains(hint.geometry())
        assert field.hasFocus()
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert not hint.isVisible()
    finally:
        close_window(window)


def test_words_are_typed_on_while_the_heat_strip_arrives(qtbot, tmp_path) -> None:
    """TL10: a take is measured in the background; the strip that this brings moves the tracks and the open field."""
    window = open_window(qtbot, tmp_path)
    try:
        window.actions_by_id["heat.show"].trigger()  # else its room is there from the start
        window.actions_by_id["edit.add_text"].trigger()
        field = QApplication.focusWidget()
        assert isinstance(field, TextField)
        qtbot.keyClicks(field, "a person hops")
        top = field.y()
        window.timeline.set_heat(HeatStrip(next(iter(Measure)), 0, np.zeros(4)))
        assert field.hasFocus()
        assert field.isVisible()
        assert field.y() > top
        qtbot.keyClicks(field, " away")
        assert field.text() == "a person hops away"
        window.timeline.zoom_in()  # the time that one looks at is another: the words are kept and the field closes
        assert not field.isVisible()
        texts = [item.text for _, item in all_items(window.editor.document) if isinstance(item, TextClip)]
        assert "a person hops away" in texts
    finally:
        close_window(window)
