"""How the viewport comes onto the screen, read back or composed: its own window, lost contexts, what is drawn anew."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from genmo_studio.document import edits
from genmo_studio.document.model import TrackKind
from genmo_studio.render.camera import ViewPreset
from genmo_studio.ui.viewport import probe
from genmo_studio.values import replace
from tests.studio_window import close_window, open_window, spread

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(qtbot, tmp_path: Path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


@pytest.fixture
def composed(monkeypatch) -> None:
    """The viewport as on a machine with a graphics card: Qt composes it into the window."""
    asked = probe.probe_gl
    monkeypatch.setattr(probe, "probe_gl", lambda: replace(asked(), software=False))


@pytest.mark.parametrize("kind", ["read back", "composed"])
def test_every_painted_picture_is_told_of_once(request, qtbot, tmp_path: Path, kind: str) -> None:
    """What the viewport benchmark counts: no picture for the moment that is shown already, one for every other."""
    if kind == "composed":
        request.getfixturevalue("composed")
    window = open_window(qtbot, tmp_path)
    view, told, painted = window.viewport.viewport, [], []
    qtbot.waitUntil(view.isValid)
    qtbot.wait(400)  # its edges are smooth
    view.frameSwapped.connect(lambda: told.append(view.moment))
    view.painted.connect(lambda: painted.append(view.moment))
    view.set_moment(view.moment)
    qtbot.wait(100)
    assert not told
    for moment in (7.0, 9.0, 11.0):
        view.set_moment(moment)
        qtbot.waitUntil(lambda moment=moment: told[-1:] == [moment])
    qtbot.waitUntil(lambda: told == painted)
    close_window(window)


def test_a_picture_may_ask_for_the_next_when_it_is_told_of(window, qtbot) -> None:
    view, told = window.viewport.viewport, []

    def go_on() -> None:
        told.append(view.moment)
        if len(told) < 5:
            view.set_moment(view.moment + 1.0)

    qtbot.wait(400)
    view.frameSwapped.connect(go_on)
    view.set_moment(3.0)
    qtbot.waitUntil(lambda: len(told) >= 5)
    assert told[:5] == [3.0, 4.0, 5.0, 6.0, 7.0]


def floats_and_returns(window, qtbot) -> None:
    """Another window and back again."""
    view, actions = window.viewport.viewport, window.actions_by_id
    qtbot.waitUntil(view.isValid)
    actions["view.float"].trigger()
    qtbot.wait(50)
    assert window.viewport.window() is not window
    assert spread(view.grabFramebuffer()) > 5
    view.window().activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_1)
    assert view.camera.shows(ViewPreset.FRONT), "its keys work there"
    window.viewport.window().close()
    qtbot.wait(50)
    assert window.viewport.window() is window
    assert not actions["view.float"].isChecked()
    assert spread(view.grabFramebuffer()) > 5


def test_the_viewport_survives_floating_and_a_renderer_that_is_set_up_again(window, qtbot) -> None:
    floats_and_returns(window, qtbot)
    view, actions = window.viewport.viewport, window.actions_by_id
    actions["view.restart"].trigger()
    assert spread(view.grabFramebuffer()) > 5
    assert window.messages.messages == ()
    actions["view.float"].trigger()
    qtbot.wait(20)  # and the window may be closed while the viewport is away


@pytest.mark.usefixtures("composed")
def test_a_composed_viewport_survives_floating_and_new_contexts(qtbot, tmp_path: Path) -> None:
    """Another window, back again; a context that is destroyed and made anew; a renderer that is set up again."""
    window = open_window(qtbot, tmp_path)
    floats_and_returns(window, qtbot)
    view, actions = window.viewport.viewport, window.actions_by_id
    lost: list[bool] = []
    view.context().aboutToBeDestroyed.connect(lambda: lost.append(True))
    home = window.viewport.layout()
    view.setParent(None)
    with qtbot.waitExposed(view):
        view.show()
    home.addWidget(view)
    qtbot.wait(50)
    assert lost, "the old context is gone"
    assert spread(view.grabFramebuffer()) > 5
    actions["view.restart"].trigger()
    assert spread(view.grabFramebuffer()) > 5
    assert window.messages.messages == ()
    close_window(window)


@pytest.mark.usefixtures("composed")
def test_a_composed_viewport_takes_the_pointer(qtbot, tmp_path: Path) -> None:
    """What Qt composes lies under the pointer and lets it through: a drag turns, hovering lights up the gizmo."""
    window = open_window(qtbot, tmp_path)
    view = window.viewport.viewport
    qtbot.waitUntil(view.isValid)
    middle = view.rect().center()
    assert QApplication.widgetAt(view.mapToGlobal(middle)) is view
    before = view.camera
    qtbot.mousePress(view, LEFT, ALT, middle)
    qtbot.mouseMove(view, middle + QPoint(40, 0))
    qtbot.mouseRelease(view, LEFT, ALT, middle + QPoint(40, 0))
    assert view.camera.yaw != before.yaw
    close_window(window)


def test_what_was_drawn_is_drawn_once(window, qtbot) -> None:
    """Where the processor draws, a repaint that asks for nothing new shows the image that is there."""
    view = window.viewport.viewport
    qtbot.wait(300)  # at rest: its edges are smooth
    drawn: list[bool] = []
    view.painted.connect(lambda: drawn.append(True))
    QWidget.update(view)  # as Qt asks when something that lay over it is gone
    qtbot.wait(50)
    assert not drawn
    shown = view.grab().toImage()
    assert shown.size() == view.grabFramebuffer().size()
    assert spread(shown) == pytest.approx(spread(view.grabFramebuffer()), rel=0.02)
    drawn.clear()
    window.transport.seek(window.session.playhead + 3)
    qtbot.waitUntil(lambda: bool(drawn))
    assert view.grab().toImage() != shown
    drawn.clear()
    view.resize(view.width() - 40, view.height())
    qtbot.waitUntil(lambda: bool(drawn))
    assert view.grab().toImage().width() == view.width()


def framed(view) -> bool:
    """Whether the frame of the focus is on show."""
    pixel = view.grab().toImage().pixelColor(view.width() // 3, 0)
    return pixel.blue() - pixel.red() > 40


@pytest.mark.parametrize("kind", ["read back", "composed"])
def test_the_frame_of_the_focus_comes_and_goes(request, qtbot, tmp_path: Path, kind: str) -> None:
    if kind == "composed":
        request.getfixturevalue("composed")
    window = open_window(qtbot, tmp_path)
    view = window.viewport.viewport
    qtbot.waitUntil(view.isValid)
    for widget in (view, window.timeline, view):
        widget.setFocus()
        qtbot.waitUntil(lambda widget=widget: framed(view) == (widget is view))
    close_window(window)


def test_words_over_the_picture_do_not_draw_it_again(window, qtbot) -> None:
    """Where the processor draws: the progress of a job is written ten times a second, beside the job that needs it."""
    view = window.viewport.viewport
    qtbot.wait(300)
    before, drawn = view.grab().toImage(), []
    view.painted.connect(lambda: drawn.append(True))
    usual = view.hud
    view.set_hud(replace(usual, running="Take 2: step 7 of 20"))
    qtbot.wait(50)
    written = view.grab().toImage()
    assert not drawn
    assert written != before
    view.set_hud(usual)
    qtbot.wait(50)
    assert view.grab().toImage() == before, "nothing of the old words is left"
    view.set_hud(replace(usual, running="Take 2: step 8 of 20"))
    qtbot.wait(50)
    assert view.grab().toImage() == view.grabFramebuffer(), "as if all of it had been drawn"


def test_the_picture_is_drawn_anew_only_for_what_is_seen_in_it(window, qtbot) -> None:
    """Drawing takes longer than anything else that an edit costs, and a text on the timeline is not in the picture."""
    view, painted = window.viewport.viewport, []
    qtbot.wait(400)  # the still picture has been drawn
    view.painted.connect(lambda: painted.append(1))
    qtbot.wait(150)
    painted.clear()
    texts = next(track for track in window.editor.document.tracks if track.kind is TrackKind.TEXT)
    window.commands.edit("Move", edits.move_items([texts.items[0].id], by=2))
    qtbot.wait(150)
    window.editor.undo()
    qtbot.wait(150)
    assert not painted
    keys = next(t for t in window.editor.document.tracks if t.kind is TrackKind.FULL_KEYS and t.items)
    window.commands.edit("Move", edits.move_items([keys.items[0].id], by=2))
    qtbot.waitUntil(lambda: bool(painted))
