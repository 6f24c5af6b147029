"""The action table and what is made from it."""

from collections import Counter

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QWidget

from genmo_studio.ui.actions import ACTIONS, MENUS, SEPARATOR, SUB, VIEWPORT_TOOLS, Scope, build_actions, conflicts
from genmo_studio.ui.icons import icon_names


def test_ids_are_unique_and_every_menu_and_icon_exists() -> None:
    ids = Counter(entry.id for entry in ACTIONS)
    assert max(ids.values()) == 1
    in_menus = [i for _, menu in MENUS for i in menu if i != SEPARATOR and not i.startswith(SUB)]
    assert {i for i in VIEWPORT_TOOLS if i != SEPARATOR} <= set(ids)
    assert set(ids) == set(in_menus), "every command is in a menu"
    titles = {title for title, _ in MENUS}
    assert {title + i for title, menu in MENUS for i in menu if i.startswith(SUB)} <= titles, "no empty sub-menu"
    assert {entry.icon for entry in ACTIONS if entry.icon} <= set(icon_names())
    assert all(entry.text for entry in ACTIONS)


def test_no_two_commands_fight_for_a_key() -> None:
    assert conflicts(ACTIONS) == []


def test_keys_are_understood_by_qt_and_scopes_hold(qtbot) -> None:
    scopes = {scope: QMainWindow() if scope is Scope.GLOBAL else QWidget() for scope in Scope}
    for widget in scopes.values():
        qtbot.addWidget(widget)
    window = scopes[Scope.GLOBAL]
    actions = build_actions(window, ACTIONS, scopes=scopes)
    for entry in ACTIONS:
        keys = actions[entry.id].shortcuts()
        assert len(keys) == len(entry.keys)
        assert all(not key.isEmpty() for key in keys), entry.id
        assert actions[entry.id] in scopes[entry.scope].actions()
        if entry.keys:
            first = QKeySequence(entry.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            assert first in actions[entry.id].toolTip(), "tooltips name the shortcut"


def test_icons_are_sharp_and_follow_the_palette(qtbot) -> None:
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QIcon

    from genmo_studio.ui.icons import icon

    for name in icon_names():
        for scale in (1.0, 1.5, 2.0):
            picture = icon(name).pixmap(QSize(20, 20), scale, QIcon.Mode.Normal, QIcon.State.Off)
            image = picture.toImage()
            assert (image.width(), image.height()) == (round(20 * scale), round(20 * scale))
            inked = sum(
                image.pixelColor(x, y).alpha() > 40 for x in range(image.width()) for y in range(image.height())
            )
            assert 0.04 < inked / (image.width() * image.height()) < 0.8, name
