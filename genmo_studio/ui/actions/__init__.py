"""ACTIONS: every command of the window as data. Menus, toolbar, shortcuts and the shortcut sheet are made from it.

A command is added once, in the module of its area; a control (``ui/control``) connects its id to what it does. Keys are
Qt portable key strings.
"""

from genmo_studio.ui.actions import (
    about,
    curves,
    edit,
    generate,
    heat,
    keys,
    media,
    playback,
    posing,
    project,
    regenerate,
    spans,
    start,
    takes,
    timeline,
    video,
    viewport,
    walk,
    window,
)
from genmo_studio.ui.actions.build import (
    SEPARATOR,
    SUB,
    attach,
    build_actions,
    conflicts,
    fill_menus,
    native,
    tooltip,
)
from genmo_studio.ui.actions.spec import ActionSpec, Kind, Scope

__all__ = [
    "ACTIONS",
    "MENUS",
    "SEPARATOR",
    "SUB",
    "VIEWPORT_TOOLS",
    "ActionSpec",
    "Kind",
    "Scope",
    "attach",
    "build_actions",
    "conflicts",
    "fill_menus",
    "native",
    "spec",
    "tooltip",
]

_AREAS = (
    project,
    start,
    media,
    edit,
    timeline,
    keys,
    spans,
    walk,
    curves,
    heat,
    playback,
    posing,
    viewport,
    video,
    window,
    generate,
    regenerate,
    takes,
    about,
)

ACTIONS: tuple[ActionSpec, ...] = tuple(entry for area in _AREAS for entry in area.ACTIONS)
"""All commands, in the order of the shortcut sheet."""

_TITLES = ("&File", "&Edit", "&Timeline", "&Play", "&Pose", "&View", "T&akes", "&Generate", "&Window", "&Help")
"""The menu bar. An area may also name sub-menus: ``"&View>&Theme"``; they follow the entries of their menu."""


def _titles() -> tuple[str, ...]:
    """The titles that have entries, every sub-menu after its parent."""
    named = list(dict.fromkeys(title for area in _AREAS for title in area.MENU))
    found: list[str] = []
    for top in _TITLES:
        family = [title for title in named if title == top or title.startswith(top + SUB)]
        found += dict.fromkeys([top, *family] if family else [])
    unknown = set(named) - set(found)
    if unknown:
        raise ValueError(f"menus that are not in the menu bar: {sorted(unknown)}")
    return tuple(found)


def _menu(title: str) -> tuple[str, ...]:
    """What every area puts into a menu, with separators between areas."""
    ids: list[str] = []
    for area in _AREAS:
        if title in area.MENU:
            ids += ([SEPARATOR] if ids else []) + list(area.MENU[title])
    return tuple(ids)


MENUS: tuple[tuple[str, tuple[str, ...]], ...] = tuple((title, _menu(title)) for title in _titles())
"""The menu bar: title (``Parent>Child`` for a sub-menu, after its parent) and action ids."""

VIEWPORT_TOOLS = viewport.TOOLS
"""The buttons in the viewport's corner."""

_BY_ID = {entry.id: entry for entry in ACTIONS}


def spec(action_id: str) -> ActionSpec:
    """The entry of one id; KeyError when there is none."""
    return _BY_ID[action_id]
