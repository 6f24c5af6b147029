"""Help: the page about the panel under the pointer, the tour, and the About box."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.help_pages import page, page_folder
from genmo_studio.ui.panels.help_panel import HelpPanel
from genmo_studio.ui.panels.tour import Stop, Tour

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class HelpControl(Control):
    """What explains the program."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.panel = HelpPanel()
        self.tour: Tour | None = None

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("help", "Help", self.panel, beside="generation", shown=False),)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"help.panel": self.help, "help.tour": self.start_tour, "help.about": self.about}

    def connect(self) -> None:
        """See Control."""
        self.panel.tour_wanted.connect(self.start_tour)
        self.window.docks["help"].visibilityChanged.connect(self._never_empty)
        self.panel.shortcuts_wanted.connect(self.window.actions_by_id["help.shortcuts"].trigger)

    def help(self) -> None:
        """The page about the panel under the pointer; without a pointer over one, of the panel with the focus."""
        name = self._panel_at(self.window.childAt(self.window.mapFromGlobal(QCursor.pos())))
        self.show_page(name or self._panel_at(self.window.focusWidget()) or "viewport")

    def show_page(self, name: str) -> None:
        """The page about a panel."""
        self.panel.show_page(page(name), folder=page_folder(name))
        dock = self.window.docks["help"]
        dock.show()
        dock.raise_()

    def _never_empty(self, visible: bool) -> None:
        """The panel was opened from the Window menu: it begins with a page."""
        if visible and self.panel.browser.document().isEmpty():
            self.panel.show_page(page("viewport"), folder=page_folder("viewport"))

    def start_tour(self) -> None:
        """Five cards, each beside what it explains."""
        if self.tour is not None:
            self.tour.end()
        w = self.window
        self.tour = Tour(self._stops(), w.parts.theme, w)
        self.tour.ended.connect(self._tour_ended)
        self.tour.go(0)

    def about(self) -> None:
        """The About box."""
        from genmo_studio.ui.panels.about import AboutBox  # noqa: PLC0415

        w = self.window
        support = w.parts.support
        graphics = support.renderer or support.reason
        w.commands.open_dialog(AboutBox(w.parts.theme, device=w.device_text, graphics=graphics, parent=w))

    def _tour_ended(self) -> None:
        self.tour = None
        self.window.viewport.setFocus()

    def _panel_at(self, widget: QWidget | None) -> str | None:
        w = self.window
        panels = {name: dock for name, dock in w.docks.items() if name != "help"}
        places = {"viewport": w.viewport, **panels}
        if widget is None:
            return None
        return next((name for name, place in places.items() if place is widget or place.isAncestorOf(widget)), None)

    def _stops(self) -> tuple[Stop, ...]:
        w = self.window

        def dock(name: str) -> QWidget:
            w.docks[name].show()
            w.docks[name].raise_()
            return w.docks[name]

        return (
            Stop("See the motion", "Drag to look from elsewhere, the wheel zooms. Space plays and pauses.",
                 lambda: w.viewport),
            Stop("Say what should happen", "Every row tells the model something: words, a film, a song, poses, a path. "
                 "Press T for a text at the playhead, or drop files here.", lambda: dock("timeline")),
            Stop("Set up the next take", "How it is made, and what contradicts itself, before anything is generated.",
                 lambda: dock("generation")),
            Stop("Make it", "Draft is quick and shows the timing; Generate takes its time. You can go on working "
                 "meanwhile, and cancel.", lambda: w.toolbar.primary),
            Stop("Choose", "Every take stays here. Click one to see it, compare two, put parts together. "
                 "Ctrl+Z takes anything back.", lambda: dock("takes")),
        )  # fmt: skip
