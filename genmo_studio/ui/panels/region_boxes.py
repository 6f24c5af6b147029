"""Check boxes for the regions of the body, and a pop-up that asks for some of them."""

from collections.abc import Collection

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QWidget

from genmo_studio.motion.skeleton import REGIONS
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.panels.asking import AskingPopup

_COLUMNS = 2


class RegionBoxes(QWidget):
    """One box a region. With "full body" ticked the others are too, and cannot be changed one by one.

    Taking the tick away leaves the upper and the lower body, which together are as much: parts are then given up.
    """

    changed = Signal(tuple)  # names of the ticked regions, ("full",) for all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        self.boxes: dict[str, QCheckBox] = {}
        for number, name in enumerate(REGIONS):
            box = QCheckBox(spoken(name).capitalize())
            box.clicked.connect(self._clicked)
            self.boxes[name] = box
            grid.addWidget(box, number // _COLUMNS, number % _COLUMNS)

    @property
    def regions(self) -> tuple[str, ...]:
        """What is ticked."""
        if self.boxes["full"].isChecked():
            return ("full",)
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def show_regions(self, regions: Collection[str]) -> None:
        """Tick these."""
        blockers = [QSignalBlocker(box) for box in self.boxes.values()]
        full = "full" in regions
        for name, box in self.boxes.items():
            box.setChecked(full or name in regions)
            box.setEnabled(name == "full" or not full)
        del blockers

    def _clicked(self) -> None:
        regions = self.regions
        if self.sender() is self.boxes["full"] and not self.boxes["full"].isChecked():
            regions = ("upper", "lower")
        self.show_regions(regions)
        self.changed.emit(regions)


class RegionPopup(AskingPopup):
    """Asks which regions are locked; Enter locks them, Esc closes."""

    accepted = Signal(tuple)  # names of regions

    def __init__(self, parent: QWidget, *, question: str, verb: str, regions: Collection[str] = ("upper",)) -> None:
        super().__init__(parent, question=question)
        self.boxes = RegionBoxes()
        self.boxes.show_regions(regions)
        self.button = QPushButton(verb, default=True)
        self.button.clicked.connect(self._accept)
        self.boxes.changed.connect(lambda ticked: self.button.setEnabled(bool(ticked)))
        self.add(self.boxes, self.button, focus=self.button)

    def _accept(self) -> None:
        regions = self.boxes.regions
        self.close()
        if regions:
            self.accepted.emit(regions)
