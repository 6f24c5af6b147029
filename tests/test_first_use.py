"""What somebody who opens the program for the first time reads: words that say what happened and where things are."""

from msgspec import structs
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QCursor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget
from timeline_hand import Hand
from timeline_samples import sample_document

from genmo_studio.document import edits
from genmo_studio.document.model import TextClip, TrackKind
from genmo_studio.render.labels import GridLabel
from genmo_studio.ui.control.help import HelpControl
from genmo_studio.ui.panels.help_panel import HelpPanel
from genmo_studio.ui.panels.message_bar import Lasts, Message, MessageBar, Severity, refusal
from genmo_studio.ui.theme import DARK
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.viewport import hud
from genmo_studio.ui.viewport.stamps import Stamps
from genmo_studio.values import replace
from tests.studio_window import close_window, open_window


def test_tl6_a_snapped_drag_names_what_it_took() -> None:
    hand = Hand(sample_document())
    x, y = hand.middle("x1")
    said = []
    hand.press(x, y)
    for dx in range(4, 200):
        hand.move(x + dx, y)
        overlay = hand.runner.overlay
        said.append(((overlay.readout or "").partition("   on ")[2], overlay.snap_line is not None))
    hand.cancel()
    assert {"beat", "clip edge"} <= {word for word, _ in said}
    assert all(bool(word) == line for word, line in said if word or line), "a line has its name"


def _painted(paint, width: int = 560, height: int = 270) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("black"))
    with QPainter(image) as painter:
        paint(painter)
    return image


def test_no_two_lines_of_writing_share_a_place_in_the_viewport(qtbot) -> None:
    """A note that has no room beside the rate goes below it, and no number stands in the words of an empty picture."""
    state = hud.HudState(title="Take 1", time="frame 117", fps=18.0, notes=("x" * 120,))

    def line(shown: hud.HudState, row: int, left: int, right: int) -> QImage:
        image = _painted(lambda p: hud.paint_hud(p, shown, stamps=Stamps(), width=560, height=270, theme=DARK))
        return image.copy(left, round(hud.MARGIN + hud.LINE * row), right - left, 24)

    alone = replace(state, notes=())
    assert line(state, 1, 12, 548) == line(alone, 1, 12, 548), "the rate is readable"
    assert line(state, 2, 12, 548) != line(alone, 2, 12, 548), "the note is there"
    short = replace(state, notes=("short",))
    assert line(short, 1, 12, 100) != line(alone, 1, 12, 100), "one that fits stays beside it"
    label = GridLabel("3 m", 280.0, 120.0, 0, 1.0)
    stamps, box = Stamps(), hud.middle_box(560.0, 270.0)
    blank = _painted(lambda p: None)
    assert _painted(lambda p: hud.paint_grid_labels(p, [label], avoid=box, stamps=stamps, theme=DARK)) == blank
    assert _painted(lambda p: hud.paint_grid_labels(p, [label], avoid=None, stamps=stamps, theme=DARK)) != blank


def test_pg6_a_remark_leaves_by_itself_and_an_error_stays(qtbot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    column, bar, elsewhere = QVBoxLayout(host), MessageBar(DARK), QLineEdit()
    column.addWidget(bar)
    column.addWidget(elsewhere)
    bar._remark.setInterval(60)
    host.move(400, 400)
    QCursor.setPos(5, 5)  # a remark under the pointer is being read
    with qtbot.waitExposed(host):
        host.show()
    elsewhere.setFocus()
    bar.post(Message("Imported “a”.", severity=Severity.INFO))
    bar.post(Message("Imported “b”.", severity=Severity.INFO))
    assert [m.what for m in bar.messages] == ["Imported “b”."], "what was said about an older step does not come back"
    qtbot.waitUntil(bar.isHidden)
    bar.post(Message("The disk is full."))
    qtbot.wait(200)
    assert bar.shown is not None
    assert bar.shown.what == "The disk is full."
    bar.clear()
    assert not bar._remark.isActive()


def test_pg6_a_message_leaves_when_its_cause_is_gone(qtbot) -> None:
    bar = MessageBar(DARK)
    qtbot.addWidget(bar)
    bar.post(Message("The disk is full.", topic="save"))
    bar.post(refusal("The lock holds this frame."))
    bar.post(Message("A key is out of reach.", severity=Severity.WARNING, topic="generation/notes"))
    bar.step_made()
    assert [m.what for m in bar.messages] == ["The disk is full.", "A key is out of reach."]
    bar.withdraw("gener")
    assert len(bar.messages) == 2, "another topic"
    bar.withdraw("generation")
    assert [m.what for m in bar.messages] == ["The disk is full."]
    bar.withdraw("save")
    assert bar.isHidden()


def test_pg6_an_offer_outlives_remarks_and_a_click_leaves_the_keyboard_where_it_was(qtbot, tmp_path) -> None:
    window = open_window(qtbot, tmp_path)
    try:
        bar = window.messages
        window.timeline.setFocus()
        before = QApplication.focusWidget()
        offer = Message("Take 2 is ready.", severity=Severity.INFO, action=("Show It", lambda: None))
        bar.post(offer)
        bar.post(Message("Saved.", severity=Severity.INFO))
        assert offer in bar.messages
        bar.leaf()
        assert bar.shown is offer
        QApplication.processEvents()
        qtbot.mouseClick(bar._action, Qt.MouseButton.LeftButton)
        assert QApplication.focusWidget() is before
        bar.clear()
        bar.post(offer)
        bar._action.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(bar._action, Qt.Key.Key_Escape)
        assert bar.isHidden()
        assert QApplication.focusWidget() is before, "the keyboard goes back to where it came from"
        bar.post(refusal("The lock holds this frame."))
        take = replace(window.editor.document.takes[0], id="t9", name="Take 9")
        window.editor.edit("Generate motion", edits.add_take(take, place=False))
        assert not bar.isHidden(), "a take that lands is nobody's answer"
    finally:
        close_window(window)


def test_pg6_a_message_moves_nothing_and_its_button_answers(qtbot, tmp_path) -> None:
    """The viewport and its tools stay where they are; what was refused is not said after the next step."""
    window = open_window(qtbot, tmp_path)
    try:
        host, bar = window.centralWidget(), window.messages
        parts = (window.viewport, window.viewport.viewport, window.viewport.strip)
        before = [part.geometry() for part in parts]
        answered: list[str] = []
        words = "The key at frame 30 cannot be met: the left hand is 12 cm out of reach of where it should be. "
        bar.post(Message(words * 3, "What to do.", "details", action=("Try Again", lambda: answered.append("again"))))
        QApplication.processEvents()
        assert [part.geometry() for part in parts] == before
        assert host.rect().contains(bar.geometry())
        for size in (QSize(1000, 700), QSize(1500, 900)):
            window.resize(size)
            qtbot.waitUntil(lambda: abs(bar.geometry().center().x() - host.rect().center().x()) <= 1)
            assert host.rect().contains(bar.geometry())
            for label in bar.findChildren(QLabel):
                assert label.height() >= label.heightForWidth(label.width()), "no line is cut"
        qtbot.mouseClick(bar._action, Qt.MouseButton.LeftButton)
        assert answered == ["again"]
        assert bar.isHidden()
        window.commands.edit("Remove Nothing", edits.set_text("no-such-text", "a"))
        assert [m.leaves for m in bar.messages] == [Lasts.STEP]
        window.commands.edit("Add a Track", edits.add_track(TrackKind.TEXT))
        assert bar.messages == ()
    finally:
        close_window(window)


def test_on4_help_pictures_are_no_wider_than_the_page_and_it_begins_at_its_top(qtbot, tmp_path) -> None:
    wide = QImage(1200, 300, QImage.Format.Format_RGB32)
    wide.fill(QColor("navy"))
    assert wide.save(str(tmp_path / "wide.png"))
    panel = HelpPanel()
    qtbot.addWidget(panel)
    panel.show_page("# Top\n\n![w](wide.png)\n\n" + "long text " * 600, folder=tmp_path)
    panel.resize(340, 300)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.browser.setFocus()
    for width in (340, 260, 700):
        panel.resize(width, 300)
        QApplication.processEvents()
        assert panel.browser.horizontalScrollBar().maximum() == 0, width
        assert panel.browser.verticalScrollBar().value() == 0
        assert panel.browser.verticalScrollBar().maximum() > 0


def test_words_follow_what_was_done_in_the_window(qtbot, tmp_path) -> None:
    """TL21, UN1, ON4: a text comes where was right-clicked, undo says what it took back, F1 opens at the heading."""
    window = open_window(qtbot, tmp_path)
    try:
        document = window.editor.document
        track = next(t for t in document.tracks if t.kind.value == "text")
        here = document.length - 30
        window.session.set_playhead(0)
        hit = Hit(kind=HitKind.EMPTY, frame=float(here), track=track.id)
        window.timeline.menu_requested.emit(hit, window.mapToGlobal(QPoint(200, 200)))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        entry = next(a for a in menu.actions() if a is window.actions_by_id["edit.add_text"])
        assert "Playhead" not in entry.text()
        menu.close()
        entry.trigger()
        qtbot.waitUntil(lambda: window.commands is not None and not menu.isVisible())
        (added,) = window.editor.selection
        clip = next(i for t in window.editor.document.tracks for i in t.items if i.id == added)
        assert isinstance(clip, TextClip)
        assert clip.span.start == here
        window.takes.show_document(structs.replace(window.editor.document, takes=(), result=()))
        window.commands.job_changed(running=True)
        said = [label.text() for label in window.takes.findChildren(QLabel) if "take" in label.text()]
        assert any("being made" in text for text in said), "an empty list does not ask for what is on its way"
        window.commands.job_changed(running=False)
        window.takes.show_document(window.editor.document)
        window.timeline.setFocus()
        window.editor.undo()
        assert window.statusBar().currentMessage() == "Undid: Add Text"
        window.editor.redo()
        assert window.statusBar().currentMessage() == "Redid: Add Text"
        window.commands.of(HelpControl).show_page("viewport")
        QApplication.processEvents()
        assert window.commands.of(HelpControl).panel.browser.verticalScrollBar().value() == 0
        camera = window.actions_by_id["video.camera"]
        assert any(camera in found.actions() for found in window.viewport.findChildren(QMenu))
    finally:
        close_window(window)


def test_delete_takes_the_selected_take_out_of_the_result_and_keeps_it(qtbot, tmp_path) -> None:
    window = open_window(qtbot, tmp_path)
    try:
        document = window.editor.document
        window.session.select({document.result[0].take})
        window.actions_by_id["edit.delete"].trigger()
        after = window.editor.document
        assert after.result == ()
        assert after.takes == document.takes
        assert "Takes panel" in window.viewport.viewport.hud.empty, "it says how to have it back"
        assert not window.messages.messages
        window.editor.undo()
        assert window.editor.document.result == document.result
    finally:
        close_window(window)
