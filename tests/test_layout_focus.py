"""Layout, focus, scaling and accessible names of the whole window."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from genmo_studio.ui.control.window import WindowControl
from genmo_studio.ui.layout import BOTTOM_SHARE
from tests.studio_window import close_window, open_window, press

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def window(qtbot, tmp_path):
    made = open_window(qtbot, tmp_path)
    yield made
    close_window(made)


def test_hd2_hd3_layout_fits_a_small_screen_and_comes_back(qtbot, tmp_path) -> None:
    """More panels never make the window taller than a small screen; the layout is kept and can be reset."""
    window = open_window(qtbot, tmp_path)
    assert window.minimumSizeHint().height() <= 700
    assert window.minimumSizeHint().width() <= 1280
    assert window.height() == 800
    docks = window.docks
    docks["history"].show()
    assert docks["takes"] in window.tabifiedDockWidgets(docks["history"])
    docks["curves"].setFloating(True)
    docks["takes"].hide()
    window.actions_by_id["window.reset_layout"].trigger()
    qtbot.wait(30)
    assert not docks["curves"].isFloating()
    assert docks["takes"].isVisible()
    assert not docks["history"].isVisible()
    assert window.height() == 800
    docks["curves"].hide()
    window.actions_by_id["edit.history"].trigger()
    close_window(window)
    again = open_window(qtbot, tmp_path)
    try:
        assert again.docks["curves"].isHidden()
        assert not again.docks["history"].isHidden(), "the layout is as it was left"
    finally:
        close_window(again)


def test_kb3_hd3_every_panel_is_reached_by_key_and_shows_the_focus(window, qtbot) -> None:
    window.viewport.setFocus()
    border = window.commands.of(WindowControl)._border
    qtbot.waitUntil(lambda: border.current is window.viewport)
    visited = []
    for _ in range(len(border.panels)):
        press(qtbot, "F6")
        panel = border.current
        assert panel is not None
        visited.append(panel)
        edges = border._edges[panel]
        assert all(edge.isVisible() for edge in edges)
        box = edges[0].geometry().united(edges[1].geometry())
        assert box == panel.geometry(), "the border goes round the whole panel"
        assert panel is QApplication.focusWidget() or panel.isAncestorOf(QApplication.focusWidget())
        assert window.rect().contains(panel.mapTo(window, QPoint(5, 5))), "its tab is in front"
    open_panels = {panel for panel in border.panels if panel.isVisible()}
    assert set(visited) == open_panels
    press(qtbot, "Shift+F6")
    assert border.current is visited[-2]
    others = [edge for panel, edges in border._edges.items() if panel is not border.current for edge in edges]
    assert not any(edge.isVisible() for edge in others), "one border at a time"


KINDS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)


INNER = ("QComboBoxListView", "QHeaderView")
"""Parts of Qt's own widgets, which name them."""


def label_of(widget: QWidget) -> str:
    """What a screen reader says: the accessible name, the text, or the label that is the buddy."""
    from PySide6.QtGui import QAccessible

    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name)


def test_hd3_every_control_has_a_name_and_can_be_reached(window, qtbot) -> None:
    """HD3, HD5: nothing needs a double click or the middle button only: all commands are in menus too."""
    for dock in window.docks.values():
        dock.show()
    qtbot.wait(20)
    nameless, unreachable = [], []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, KINDS) or isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
            continue
        parent = widget.parentWidget()
        if isinstance(parent, QAbstractSpinBox | QComboBox) or type(widget).__name__ in INNER:
            continue
        if isinstance(widget.window(), type(window)) and "Ext" not in type(widget).__name__:
            where = "/".join(type(w).__name__ for w in (parent.parentWidget(), parent, widget) if w is not None)
            if not label_of(widget):
                nameless.append(where)
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus and not action_in_menu(window, widget):
                unreachable.append(f"{where} {label_of(widget)!r}")
    assert not nameless, "\n".join(nameless)
    assert not unreachable, "\n".join(unreachable)


def unnamed(widget: QWidget) -> list[str]:
    """What assistive technology finds below a widget and cannot name; Qt's own parts of a field aside."""
    from PySide6.QtGui import QAccessible

    role = QAccessible.Role
    wanted = {role.PushButton, role.Button, role.CheckBox, role.EditableText, role.ComboBox, role.SpinBox, role.Slider}
    found, ahead = [], [QAccessible.queryAccessibleInterface(widget)]
    while ahead:
        here = ahead.pop()
        if here is None or not here.isValid():
            continue
        thing = here.object()
        if here.role() in wanted and not here.text(QAccessible.Text.Name) and "qt_" not in thing.objectName():
            found.append(f"{type(thing.parent()).__name__}/{type(thing).__name__}")
        if here.role() not in (role.SpinBox, role.ComboBox, role.EditableText):
            ahead += [here.child(number) for number in range(here.childCount())]
    return found


def test_hd3_forms_dialogs_and_the_order_of_the_fields(window, qtbot) -> None:
    """HD3: the accessible tree of the window with every form of the inspector, and of every dialog, has names."""
    document = window.editor.document
    for track in document.tracks:
        if track.items:
            window.session.select({track.items[0].id})
            qtbot.wait(5)
            assert not unnamed(window.inspector), track.kind
    assert not unnamed(window)
    for command in ("help.shortcuts", "keys.customise", "file.export", "help.about", "edit.insert_time"):
        before = set(QApplication.topLevelWidgets())
        window.actions_by_id[command].trigger()
        qtbot.waitUntil(lambda known=before: any(w.isVisible() for w in set(QApplication.topLevelWidgets()) - known))
        for dialog in set(QApplication.topLevelWidgets()) - before:
            assert not unnamed(dialog), command
            dialog.close()
    window.docks["generation"].raise_()
    window.generation._press.setFocus()
    names = []
    for _ in range(4):
        names.append(label_of(QApplication.focusWidget()))
        press(qtbot, "Tab")
    assert names[:3] == ["Generate", "Draft", "Takes"], "from the top to the bottom"


def action_in_menu(window, widget) -> bool:
    """A button that only repeats a command of a menu need not take the focus."""
    action = widget.defaultAction() if hasattr(widget, "defaultAction") else None
    return action is not None and action in window.actions_by_id.values()


@pytest.mark.parametrize("factor", ["1.25", "1.5", "2"])
def test_hd2_the_window_is_right_at_every_scale(factor: str, tmp_path) -> None:
    """The window in its own process: framebuffer and picture have factor times as many pixels, and nothing is cut."""
    out = tmp_path / "window.png"
    script = ROOT / "tests" / "scaled_window.py"
    scale = float(factor)
    environment = dict(os.environ, QT_SCALE_FACTOR=factor, PYTHONPATH=str(ROOT))
    command = [sys.executable, str(script), str(out), str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    facts = dict(line.split("=") for line in run.stdout.splitlines() if "=" in line)
    assert float(facts["ratio"]) == scale
    image = QImage(str(out))
    assert image.width() == round(float(facts["width"]) * scale)
    assert abs(int(facts["framebuffer"]) - round(float(facts["viewport"]) * scale)) <= 1
    assert int(facts["timeline_picture"]) == round(float(facts["timeline"]) * scale)
    assert facts["picked"] == "ok", "a click at a clip's place selects it"
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 37) for y in range(0, image.height(), 37)}
    assert len(colours) > 40, "the picture is not empty"


def test_hd2_a_smaller_window_is_shared_and_a_dragged_line_is_kept(qtbot, tmp_path) -> None:
    """The viewport does not take all the loss: above and below keep their shares, as somebody dragged them."""
    window = open_window(qtbot, tmp_path)
    try:
        below, view, bar = window.docks["timeline"], window.viewport, window.statusBar()

        def share() -> float:
            return (bar.y() - window.centralWidget().geometry().bottom()) / window.height()

        window.resize(1400, 960)
        qtbot.waitUntil(lambda: share() == pytest.approx(BOTTOM_SHARE, abs=0.02))
        window.resize(1280, 720)
        qtbot.waitUntil(lambda: share() == pytest.approx(BOTTOM_SHARE, abs=0.02))
        assert view.height() > 0.3 * window.height()
        line = QPoint(window.width() // 4, window.centralWidget().geometry().bottom() + 2)
        qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=line)
        for step in (20, 60, 100):
            qtbot.mouseMove(window, line + QPoint(0, step))
            qtbot.wait(20)
        qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=line + QPoint(0, 100))
        dragged = share()
        assert dragged < BOTTOM_SHARE - 0.08
        for height in (960, 640, 960):
            window.resize(1280, height)
            qtbot.waitUntil(lambda: share() == pytest.approx(dragged, abs=0.015))
        assert below.height() > 100
    finally:
        close_window(window)
