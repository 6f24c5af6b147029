"""QActions and menus from the table."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope
from genmo_studio.ui.icons import icon

SEPARATOR = "-"
SUB = ">"
"""Between the titles of a menu and its sub-menu."""


def build_actions(
    owner: QObject, table: Iterable[ActionSpec], *, scopes: Mapping[Scope, QWidget]
) -> dict[str, QAction]:
    """Make the QActions of the whole table. ``scopes`` gives the widget in which each scope's keys are heard.

    Actions of a scope that has no widget yet are heard nowhere until ``attach`` gives it one.
    """
    groups: dict[str, QActionGroup] = {}
    actions: dict[str, QAction] = {}
    for entry in table:
        action = QAction(entry.text, owner)
        action.setObjectName(entry.id)
        action.setCheckable(entry.kind is Kind.TOGGLE)
        action.setShortcuts([QKeySequence(key) for key in entry.keys])
        if entry.icon is not None:
            action.setIcon(icon(entry.icon))
        action.setIconVisibleInMenu(entry.kind is not Kind.TOGGLE)  # a menu says with a tick what is on
        action.setToolTip(tooltip(entry))
        if entry.scope is Scope.GLOBAL:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        if entry.scope in scopes:
            scopes[entry.scope].addAction(action)
        if entry.group is not None:
            groups.setdefault(entry.group, QActionGroup(owner)).addAction(action)
        actions[entry.id] = action
    return actions


def attach(actions: Mapping[str, QAction], table: Iterable[ActionSpec], *, scope: Scope, widget: QWidget) -> None:
    """From now on the keys of a scope are heard in ``widget`` and what lies in it."""
    for entry in table:
        if entry.scope is scope:
            widget.addAction(actions[entry.id])


def tooltip(entry: ActionSpec, keys: tuple[str, ...] | None = None) -> str:
    """The tooltip with the first key (of ``keys``, or of the table), as the system writes it."""
    body = entry.tooltip or entry.text.rstrip("…")
    keys = entry.keys if keys is None else keys
    return f"{body} ({native(keys[0])})" if keys else body


def native(key: str) -> str:
    """A portable key string as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def fill_menus(
    bar: QMenuBar, table: Iterable[tuple[str, tuple[str, ...]]], actions: Mapping[str, QAction]
) -> dict[str, QMenu]:
    """Make the menus of a table; returns them by title. ``Parent>Child`` is a sub-menu, after its parent.

    It stands where the parent names it (``>Child``), else at the parent's end.
    """
    menus: dict[str, QMenu] = {}
    for title, ids in table:
        parent, _, name = title.rpartition(SUB)
        if title not in menus:
            menus[title] = menus[parent].addMenu(name) if parent else bar.addMenu(title)
        menu = menus[title]
        menu.setToolTipsVisible(True)
        for action_id in ids:
            if action_id == SEPARATOR:
                menu.addSeparator()
            elif action_id.startswith(SUB):
                menus[title + action_id] = menu.addMenu(action_id.removeprefix(SUB))
            else:
                menu.addAction(actions[action_id])
    return menus


def conflicts(table: tuple[ActionSpec, ...]) -> list[tuple[str, str, str]]:
    """Pairs of ids that would fight for a key, with the key: same scope, or one of them global."""
    found: list[tuple[str, str, str]] = []
    taken: list[tuple[str, ActionSpec]] = []
    for entry in table:
        for key in entry.keys:
            for other_key, other in taken:
                if other_key == key and other.scope.meets(entry.scope):
                    found.append((other.id, entry.id, key))
            taken.append((key, entry))
    return found
