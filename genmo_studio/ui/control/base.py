"""What every control of the window can do: bring commands and docks, and hear what changes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from genmo_studio.document.model import Document

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

Slot = Callable[[], object]


class DockSpec(msgspec.Struct, frozen=True):
    """A panel that a control brings."""

    name: str
    """names the dock in the saved layout, and in ``window.docks``"""
    title: str
    widget: QWidget
    area: Qt.DockWidgetArea = Qt.DockWidgetArea.RightDockWidgetArea
    beside: str | None = None
    """name of the dock whose tab neighbour it is at the first start"""
    shown: bool = True
    """False: closed at the first start, opened from the View menu"""


class Control:
    """One area of the window: connects its commands, owns its panels. The window makes one of each.

    ``__init__`` may make widgets, but other controls may not exist yet: use ``connect`` for those.
    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window

    def slots(self) -> dict[str, Slot]:
        """What each action of this area does, by id."""
        return {}

    def docks(self) -> tuple[DockSpec, ...]:
        """Panels of this area."""
        return ()

    def connect(self) -> None:
        """Everything exists now: connect signals."""

    def document_changed(self, old: Document, new: Document) -> None:
        """The document is another one now (``old is new`` for the first time)."""

    def selection_changed(self, selection: frozenset[str]) -> None:
        """Other items are selected."""

    def history_changed(self) -> None:
        """An undo step was made, undone or redone, or the project was saved."""

    def job_changed(self, *, running: bool) -> None:
        """A generation began, went on or ended."""

    def close(self) -> None:
        """Stop what is pending and close dialogs; the window goes away."""
