"""The heat strip under the result: which measure it shows, and its menu."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from genmo_studio.document.model import Document
from genmo_studio.motion.quality import Measure
from genmo_studio.ui.actions.heat import MEASURES
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.heat import HeatMaker, Strips
from genmo_studio.ui.timeline.heat import WORDS

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class HeatControl(Control):
    """Measures the shown motion and hands the chosen measure to the timeline."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        settings = window.parts.settings
        kept = str(settings.value("heat/measure", Measure.SKATE.value))
        self._measure = next((m for m in Measure if m.value == kept), Measure.SKATE)
        self._shown = str(settings.value("heat/shown", "true")).lower() != "false"
        self._strips: Strips | None = None
        self.maker = HeatMaker(window)
        self.maker.made.connect(self._made)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        choose: dict[str, Slot] = {
            action: (lambda measure=measure: self.choose(measure))  # type: ignore[misc]
            for action, measure in MEASURES.items()
        }
        return {"heat.show": self.toggle, "heat.next": self.go_to_next, **choose}

    def connect(self) -> None:
        """See Control."""
        self.window.timeline.heat_menu_requested.connect(self._menu)
        self._tick()

    def document_changed(self, old: Document, new: Document) -> None:  # noqa: ARG002
        """See Control."""
        self.maker.follow(new, self.window.stage.shown, self.window.picture.body)
        if self._strips is None:
            self._show()

    def choose(self, measure: Measure) -> None:
        """Show a measure (and the strip, when it was hidden)."""
        self._measure, self._shown = measure, True
        self._keep()

    def toggle(self) -> None:
        """Show or hide the strip."""
        self._shown = not self._shown
        self._keep()

    def go_to_next(self) -> None:
        """Move the playhead to the next stretch that is visibly wrong; after the last, to the first."""
        strip = None if self._strips is None else self._strips[self._measure]
        places = [] if strip is None else strip.bad_starts()
        if not places:
            self.window.statusBar().showMessage(f"{WORDS[self._measure].title}: no weak spot.", 4000)
            return
        here = self.window.session.playhead
        self.window.transport.seek(next((frame for frame in places if frame > here), places[0]))

    def _made(self, strips: object) -> None:
        self._strips = strips  # type: ignore[assignment]  # a Qt signal carries objects
        self._show()

    def _keep(self) -> None:
        settings = self.window.parts.settings
        settings.setValue("heat/measure", self._measure.value)
        settings.setValue("heat/shown", self._shown)
        self._tick()
        self._show()

    def _tick(self) -> None:
        actions = self.window.actions_by_id
        actions["heat.show"].setChecked(self._shown)
        for action, measure in MEASURES.items():
            actions[action].setChecked(measure is self._measure)

    def _show(self) -> None:
        strips = self._strips if self._shown else None
        # Its room is there as soon as there is a motion: rows that move under the pointer are clicked wrongly.
        coming = self._shown and self.window.stage.shown is not None
        self.window.timeline.set_heat(None if strips is None else strips[self._measure], coming=coming)

    def _menu(self, at: object) -> None:
        if not isinstance(at, QPoint):
            return
        actions = self.window.actions_by_id
        menu = QMenu(self.window)
        for action in MEASURES:
            menu.addAction(actions[action])
        menu.addSeparator()
        menu.addAction(actions["heat.next"])
        menu.addAction(actions["heat.show"])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def close(self) -> None:
        """See Control."""
        self.maker.close()
