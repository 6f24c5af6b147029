"""The Display menu: a small panel under its button with everything the viewport can show. Edits a Display."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.ui.panels.fields import number
from genmo_studio.ui.viewport.display import (
    MAX_GHOSTS_A_SIDE,
    MAX_REACH,
    MAX_STEP,
    PICKED,
    TRAIL_JOINTS,
    Display,
    GhostRule,
    Mode,
    Option,
)

_MODES = ((Mode.SHADED, "Shaded"), (Mode.SKELETON, "Skeleton"), (Mode.XRAY, "X-ray"), (Mode.SILHOUETTE, "Silhouette"))
_OPTIONS = (
    (Option.GRID, "Ground grid"),
    (Option.LABELS, "Metre numbers"),
    (Option.CONTACTS, "Contacts"),
    (Option.GHOSTS, "Key poses"),
    (Option.PATH, "Root path"),
)
_RULES = ((GhostRule.OFF, "None"), (GhostRule.STEP, "Every few frames"), (GhostRule.KEYS, "At pose keys"))


class DisplayMenu(QFrame):
    """A pop-up; ``edited`` carries the new Display."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("displayMenu")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Display")
        self._display = Display()
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(9)
        column.addLayout(self._make_modes())
        column.addLayout(self._make_options())
        column.addWidget(_heading("Ghosts before and after the playhead"))
        column.addLayout(self._make_ghosts())
        column.addWidget(_heading("Trajectories"))
        column.addLayout(self._make_trails())
        reset = QPushButton("Show as at the first start")
        reset.clicked.connect(lambda: self._change(Display()))
        column.addWidget(reset, 0, Qt.AlignmentFlag.AlignRight)
        self.show_display(self._display)

    def open_under(self, button: QWidget) -> None:
        """Show it below a button, inside the screen."""
        self.adjustSize()
        place = button.mapToGlobal(QPoint(0, button.height() + 2))
        room = button.screen().availableGeometry()
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        place.setY(max(room.top(), min(place.y(), room.bottom() - self.height())))
        self.move(place)
        self.show()

    def show_display(self, display: Display) -> None:
        """Show what is set."""
        self._display = display
        fields = (*self._modes.buttons(), *self._options.values(), *self._trails.values(), *self._fields)
        blockers = [QSignalBlocker(field) for field in fields]
        for mode, button in self._mode_buttons.items():
            button.setChecked(mode is display.mode)
        for option, box in self._options.items():
            box.setChecked(option in display.options)
        self._options[Option.LABELS].setEnabled(Option.GRID in display.options)
        self._rule.setCurrentIndex([rule for rule, _ in _RULES].index(display.ghosts))
        self._step.setValue(display.ghost_step)
        self._count.setValue(display.ghost_count)
        self._strength.setValue(round(100 * display.ghost_strength))
        self._limb.setChecked(display.ghost_limb)
        on = display.ghosts is not GhostRule.OFF
        for field in (self._count, self._strength, self._limb):
            field.setEnabled(on)
        self._step.setEnabled(display.ghosts is GhostRule.STEP)
        for name, box in self._trails.items():
            box.setChecked(name in display.trails)
        self._before.setValue(display.trail_before)
        self._after.setValue(display.trail_after)
        for field in (self._before, self._after):
            field.setEnabled(bool(display.trails))
        del blockers

    # -- building ------------------------------------------------------------------------------------------------------

    def _make_modes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._modes = QButtonGroup(self)
        self._mode_buttons: dict[Mode, QToolButton] = {}
        for mode, text in _MODES:
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            self._modes.addButton(button)
            self._mode_buttons[mode] = button
            button.clicked.connect(lambda _=False, mode=mode: self._set(mode=mode))
            row.addWidget(button, 1)
        return row

    def _make_options(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        self._options: dict[Option, QCheckBox] = {}
        for index, (option, text) in enumerate(_OPTIONS):
            box = self._options[option] = QCheckBox(text)
            box.toggled.connect(lambda on, option=option: self._change(self._display.with_option(option, on=on)))
            grid.addWidget(box, index // 2, index % 2)
        return grid

    def _make_ghosts(self) -> QFormLayout:
        self._rule = QComboBox()
        self._rule.addItems([text for _, text in _RULES])
        self._rule.currentIndexChanged.connect(lambda index: self._set(ghosts=_RULES[index][0]))
        self._step = _frames(1, MAX_STEP, lambda value: self._set(ghost_step=value))
        self._count = _frames(1, MAX_GHOSTS_A_SIDE, lambda value: self._set(ghost_count=value))
        self._count.setSuffix("")
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setRange(10, 100)
        self._strength.setToolTip("The nearest ghosts; farther ones fade")
        self._strength.valueChanged.connect(lambda value: self._set(ghost_strength=value / 100))
        self._limb = QCheckBox("Only the picked limb")
        self._limb.setToolTip("Click the body to pick a limb; its ghosts are drawn as bones")
        self._limb.toggled.connect(lambda on: self._set(ghost_limb=on))
        form = _form()
        form.addRow("Ghosts", self._rule)
        form.addRow("Every", self._step)
        form.addRow("On each side", self._count)
        form.addRow("Strength", self._strength)
        form.addRow("", self._limb)
        return form

    def _make_trails(self) -> QVBoxLayout:
        self._trails: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        for index, name in enumerate((*TRAIL_JOINTS, PICKED)):
            box = self._trails[name] = QCheckBox(name)
            box.toggled.connect(lambda on, name=name: self._set_trail(name, on=on))
            grid.addWidget(box, index // 3, index % 3)
        self._trails[PICKED].setToolTip("The joint that was clicked in the viewport")
        self._before = _frames(0, MAX_REACH, lambda value: self._set(trail_before=value))
        self._after = _frames(0, MAX_REACH, lambda value: self._set(trail_after=value))
        form = _form()
        form.addRow("Before", self._before)
        form.addRow("After", self._after)
        column = QVBoxLayout()
        column.addLayout(grid)
        column.addLayout(form)
        return column

    @property
    def _fields(self) -> tuple[QWidget, ...]:
        return self._rule, self._step, self._count, self._strength, self._limb, self._before, self._after

    # -- editing -------------------------------------------------------------------------------------------------------

    def _set_trail(self, name: str, *, on: bool) -> None:
        trails = self._display.trails
        self._set(trails=trails | {name} if on else trails - {name})

    def _set(self, **values: object) -> None:
        self._change(msgspec.structs.replace(self._display, **values))

    def _change(self, display: Display) -> None:
        if display != self._display:
            self.show_display(display)
            self.edited.emit(display)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(12)
    form.setVerticalSpacing(5)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _frames(low: int, high: int, changed: Callable[[int], None]) -> QSpinBox:
    field = number(QSpinBox())
    field.setRange(low, high)
    field.setSuffix(" frames")
    field.valueChanged.connect(changed)
    return field
