"""ACTIONS: every command of the window as data. Menus, toolbar, shortcuts and the shortcut sheet are made from it.

A command is added here once; the window connects its id to a slot. Keys are Qt portable key strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from genmo_studio.ui.icons import icon


class Scope(Enum):
    """Where an action's keys are heard. Fields in which one types always keep their keys."""

    GLOBAL = "Everywhere"
    VIEWPORT = "Viewport"
    TIMELINE = "Timeline"


class Kind(Enum):
    """What pressing does."""

    PUSH = "push"
    TOGGLE = "toggle"


@dataclass(frozen=True)
class ActionSpec:
    """One command."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    scope: Scope = Scope.GLOBAL
    tooltip: str = ""
    icon: str | None = None
    kind: Kind = Kind.PUSH
    group: str | None = None  # of toggles that exclude each other


_V, _T = Scope.VIEWPORT, Scope.TIMELINE

ACTIONS: tuple[ActionSpec, ...] = (
    # Project
    ActionSpec("file.new", "New", ("Ctrl+N",), tooltip="Start an empty project", icon="new"),
    ActionSpec("file.open", "Open…", ("Ctrl+O",), tooltip="Open a .genmo project", icon="open"),
    ActionSpec("file.open_sample", "Open Sample Project", tooltip="Open the project that comes with the program"),
    ActionSpec("file.save", "Save", ("Ctrl+S",), tooltip="Save the project", icon="save"),
    ActionSpec("file.save_as", "Save As…", ("Ctrl+Shift+S",), tooltip="Save the project under another name"),
    ActionSpec("file.export", "Export Motion…", ("Ctrl+E",), icon="export",
               tooltip="Write the motion as npz, BVH, glTF, video or pictures"),
    ActionSpec("file.quit", "Quit", ("Ctrl+Q",)),
    # Edit
    ActionSpec("edit.undo", "Undo", ("Ctrl+Z",), icon="undo"),
    ActionSpec("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo"),
    ActionSpec("edit.delete", "Delete", ("Delete",), _T, "Remove what is selected and leave the gap", "delete"),
    ActionSpec("edit.split", "Split at Playhead", ("Ctrl+K",), _T, "Cut the selected clips in two", "split"),
    ActionSpec("edit.duplicate", "Duplicate", ("Ctrl+D",), _T, "Put a copy after each selected item", "copy"),
    ActionSpec("edit.select_all", "Select All", ("Ctrl+A",), _T, "Select every item on the timeline"),
    ActionSpec("edit.add_text", "Add Text at Playhead", ("T",), _T,
               "Add a text segment that describes the motion from here", "text"),
    # Playback
    ActionSpec("play.toggle", "Play", ("Space",), tooltip="Play or pause", icon="play", kind=Kind.TOGGLE),
    ActionSpec("play.reverse", "Shuttle Back", ("J",), tooltip="Play backwards; press again to go faster"),
    ActionSpec("play.stop", "Stop Shuttle", ("K",), tooltip="Stop"),
    ActionSpec("play.forward", "Shuttle Forward", ("L",), tooltip="Play; press again to go faster"),
    ActionSpec("play.step_back", "Previous Frame", ("Left",), tooltip="One frame back", icon="step-back"),
    ActionSpec("play.step_forward", "Next Frame", ("Right",), tooltip="One frame on", icon="step-forward"),
    ActionSpec("play.jump_back", "Ten Frames Back", ("Shift+Left",)),
    ActionSpec("play.jump_forward", "Ten Frames On", ("Shift+Right",)),
    ActionSpec("play.start", "Go to Start", ("Home",), tooltip="Go to the first frame", icon="go-start"),
    ActionSpec("play.end", "Go to End", ("End",), tooltip="Go to the last frame", icon="go-end"),
    ActionSpec("play.previous_key", "Previous Key or Edit", ("Up", ","), tooltip="Jump to the key or cut before"),
    ActionSpec("play.next_key", "Next Key or Edit", ("Down", "."), tooltip="Jump to the key or cut after"),
    ActionSpec("play.loop", "Loop", ("Ctrl+L",), tooltip="Start again at the end (between in and out when set)",
               icon="loop", kind=Kind.TOGGLE),
    ActionSpec("play.mark_in", "Mark In", ("I",), tooltip="Begin the marked range here"),
    ActionSpec("play.mark_out", "Mark Out", ("O",), tooltip="End the marked range here"),
    ActionSpec("play.clear_marks", "Clear In and Out", ("G",), tooltip="Forget the marked range"),
    # View
    ActionSpec("view.frame_selected", "Frame Selected", ("F",), _V, "Look at the selected key, or the character",
               "frame-selected"),
    ActionSpec("view.frame_all", "Frame All", ("A",), _V, "Look at the whole motion", "frame-all"),
    ActionSpec("view.perspective", "Three-Quarter View", ("0",), _V, "Look from the front left"),
    ActionSpec("view.front", "Front View", ("1",), _V, "Look at the character's front"),
    ActionSpec("view.side", "Side View", ("3",), _V, "Look at the character's left side"),
    ActionSpec("view.top", "Top View", ("7",), _V, "Look down at the ground"),
    ActionSpec("view.follow", "Follow Character", ("C",), _V, "Keep the character in the middle of the picture",
               "follow", Kind.TOGGLE),
    ActionSpec("view.grid", "Ground Grid", (), _V, "Show the ground grid (1 m squares)", "grid", Kind.TOGGLE),
    ActionSpec("view.skeleton", "Skeleton (X-Ray)", ("X",), _V, "See the joints through the body", "skeleton",
               Kind.TOGGLE),
    ActionSpec("view.ghosts", "Key Ghosts", ("H",), _V, "Show the pose keys as see-through bodies", "ghost",
               Kind.TOGGLE),
    ActionSpec("view.path", "Root Path", ("P",), _V, "Show where the character goes and the waypoints", "path",
               Kind.TOGGLE),
    ActionSpec("view.zoom_in", "Zoom In", ("+", "="), _T, "Show less time, larger"),
    ActionSpec("view.zoom_out", "Zoom Out", ("-",), _T, "Show more time, smaller"),
    ActionSpec("view.zoom_fit", "Zoom to Fit", ("\\", "Ctrl+0"), _T, "Show the whole timeline"),
    ActionSpec("view.full_screen", "Full Screen", ("F11",), kind=Kind.TOGGLE),
    # Generate
    ActionSpec("generate.full", "Generate", ("Ctrl+Return", "Ctrl+Enter"), icon="generate",
               tooltip="Make a new take from everything on the timeline"),
    ActionSpec("generate.draft", "Draft", ("Ctrl+Shift+Return",), icon="draft",
               tooltip="Make a quick take in one pass, to judge timing"),
    ActionSpec("generate.cancel", "Cancel", ("Ctrl+.",), icon="cancel",
               tooltip="Stop the generation; your timeline and takes stay as they are"),
    ActionSpec("generate.new_seed", "New Seed", ("Ctrl+R",), icon="dice",
               tooltip="Another random seed, for another variation"),
    # Help
    ActionSpec("help.shortcuts", "Keyboard Shortcuts", ("?", "F1"), icon="keyboard",
               tooltip="All keys on one sheet"),
    ActionSpec("help.about", "About and Licences", icon="info"),
)  # fmt: skip
"""All commands, in the order of the shortcut sheet."""

SEPARATOR = "-"

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("&File", ("file.new", "file.open", "file.open_sample", "-", "file.save", "file.save_as", "-", "file.export", "-",
               "file.quit")),
    ("&Edit", ("edit.undo", "edit.redo", "-", "edit.add_text", "-", "edit.split", "edit.duplicate", "edit.delete",
               "edit.select_all")),
    ("&Play", ("play.toggle", "play.loop", "-", "play.reverse", "play.stop", "play.forward", "-", "play.step_back",
               "play.step_forward", "play.jump_back", "play.jump_forward", "play.previous_key", "play.next_key", "-",
               "play.start", "play.end", "-", "play.mark_in", "play.mark_out", "play.clear_marks")),
    ("&View", ("view.frame_selected", "view.frame_all", "-", "view.perspective", "view.front", "view.side", "view.top",
               "-", "view.follow", "view.grid", "view.skeleton", "view.ghosts", "view.path", "-", "view.zoom_in",
               "view.zoom_out", "view.zoom_fit", "-", "view.full_screen")),
    ("&Generate", ("generate.full", "generate.draft", "generate.cancel", "-", "generate.new_seed")),
    ("&Help", ("help.shortcuts", "help.about")),
)  # fmt: skip
"""The menu bar: title and action ids."""

VIEWPORT_TOOLS: tuple[str, ...] = (
    "view.frame_all", "view.follow", "-", "view.grid", "view.skeleton", "view.ghosts", "view.path",
)  # fmt: skip
"""The buttons in the viewport's corner."""


def spec(action_id: str) -> ActionSpec:
    """The entry of one id; KeyError when there is none."""
    return _BY_ID[action_id]


_BY_ID = {entry.id: entry for entry in ACTIONS}


def build_actions(owner: QObject, *, scopes: Mapping[Scope, QWidget]) -> dict[str, QAction]:
    """Make the QActions of the whole table. ``scopes`` gives the widget in which each scope's keys are heard."""
    groups: dict[str, QActionGroup] = {}
    actions: dict[str, QAction] = {}
    for entry in ACTIONS:
        action = QAction(entry.text, owner)
        action.setObjectName(entry.id)
        action.setCheckable(entry.kind is Kind.TOGGLE)
        action.setShortcuts([QKeySequence(key) for key in entry.keys])
        if entry.icon is not None:
            action.setIcon(icon(entry.icon))
        action.setToolTip(tooltip(entry))
        if entry.scope is Scope.GLOBAL:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        scopes[entry.scope].addAction(action)
        if entry.group is not None:
            groups.setdefault(entry.group, QActionGroup(owner)).addAction(action)
        actions[entry.id] = action
    return actions


def tooltip(entry: ActionSpec) -> str:
    """The tooltip with the first key, as the system writes it."""
    body = entry.tooltip or entry.text.rstrip("…")
    if not entry.keys:
        return body
    return f"{body} ({QKeySequence(entry.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)})"


def fill_menus(bar: QMenuBar, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """Make the menus of MENUS; returns them by title."""
    menus: dict[str, QMenu] = {}
    for title, ids in MENUS:
        menu = menus[title] = bar.addMenu(title)
        menu.setToolTipsVisible(True)
        for action_id in ids:
            if action_id == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(actions[action_id])
    return menus


def conflicts(table: tuple[ActionSpec, ...] = ACTIONS) -> list[tuple[str, str, str]]:
    """Pairs of ids that would fight for a key, with the key: same scope, or one of them global."""
    found: list[tuple[str, str, str]] = []
    taken: list[tuple[str, ActionSpec]] = []
    for entry in table:
        for key in entry.keys:
            for other_key, other in taken:
                if other_key == key and (other.scope is entry.scope or Scope.GLOBAL in (other.scope, entry.scope)):
                    found.append((other.id, entry.id, key))
            taken.append((key, entry))
    return found
