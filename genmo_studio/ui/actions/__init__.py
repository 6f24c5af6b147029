"""ACTIONS: every command of the window as data. Menus, toolbar, shortcuts and the shortcut sheet are made from it.

A command is added once, in the module of its area; a control (``ui/control``) connects its id to what it does. Keys are
Qt portable key strings.
"""

from genmo_studio.ui.actions import about, edit, generate, playback, project, takes, timeline, viewport, window
from genmo_studio.ui.actions.build import SEPARATOR, build_actions, conflicts, fill_menus, tooltip
from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

__all__ = [
    "ACTIONS",
    "MENUS",
    "SEPARATOR",
    "VIEWPORT_TOOLS",
    "ActionSpec",
    "Kind",
    "Scope",
    "build_actions",
    "conflicts",
    "fill_menus",
    "spec",
    "tooltip",
]

_AREAS = (project, edit, timeline, playback, viewport, window, generate, takes, about)

ACTIONS: tuple[ActionSpec, ...] = tuple(entry for area in _AREAS for entry in area.ACTIONS)
"""All commands, in the order of the shortcut sheet."""

_TITLES = ("&File", "&Edit", "&Play", "&View", "&Generate", "&Help")


def _menu(title: str) -> tuple[str, ...]:
    """What every area puts into a menu, with separators between areas."""
    ids: list[str] = []
    for area in _AREAS:
        if title in area.MENU:
            ids += ([SEPARATOR] if ids else []) + list(area.MENU[title])
    return tuple(ids)


MENUS: tuple[tuple[str, tuple[str, ...]], ...] = tuple((title, _menu(title)) for title in _TITLES)
"""The menu bar: title and action ids."""

VIEWPORT_TOOLS = viewport.TOOLS
"""The buttons in the viewport's corner."""

_BY_ID = {entry.id: entry for entry in ACTIONS}


def spec(action_id: str) -> ActionSpec:
    """The entry of one id; KeyError when there is none."""
    return _BY_ID[action_id]
