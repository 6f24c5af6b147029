"""The Generate panel: how the next takes are made. Shows ``Document.generation`` and edits it, one undo step a change.

How many takes one press makes and whether each gets a new seed is not part of the document: both say how one works.
"""

import random
from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.conditions.problem import Problem
from genmo_studio.document.model import GenerationSettings
from genmo_studio.engine.service import MOST_AT_ONCE
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.fields import Resettable, name_rows, number
from genmo_studio.ui.panels.model_choices import DEFAULT_MODEL, ModelChoice
from genmo_studio.ui.panels.problems import ProblemList
from genmo_studio.ui.panels.regenerate import RegeneratePanel
from genmo_studio.ui.theme import Theme

MAX_SEED = 2**31 - 1
RANDOM_SEEDS = 1_000_000
NARROWEST = 64
"""Logical pixels to which a field may shrink in a narrow panel."""
QUALITIES: tuple[tuple[str, int, str], ...] = (
    ("Quick", 10, "10 denoising steps: good for timing and ideas"),
    ("Standard", 20, "20 denoising steps: near to what 50 give, in less than half the time"),
    ("Best", 50, "50 denoising steps: what GEM checkpoints are published with"),
)
"""Name, steps and tool tip of each preset."""
_CUSTOM = "Custom"
_USUAL = GenerationSettings()


class GenerationPanel(QWidget):
    """Number of takes, quality, seed, guidance, foot lock, model, and what may go wrong."""

    edited = Signal(str, object)  # label, GenerationSettings
    checkpoint_wanted = Signal()
    problem_chosen = Signal(object)  # Problem
    count_changed = Signal(int)
    """How many takes one press makes."""
    new_seeds_changed = Signal(bool)
    """Whether every take gets a new seed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems = ProblemList(theme)
        self._problems.chosen.connect(self.problem_chosen)
        self.regenerate = RegeneratePanel()
        """The section that makes a part of the result anew."""
        self._settings = GenerationSettings()
        self._models: tuple[ModelChoice, ...] = (DEFAULT_MODEL,)
        self._make_fields()
        self._make_choices()
        self._scope = QLabel(wordWrap=True)
        self._device = QLabel(wordWrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(self._buttons)
        layout.addWidget(self._scope)
        layout.addWidget(self._problems)
        layout.addLayout(self._form())
        layout.addWidget(self._note)
        layout.addWidget(self.regenerate)
        layout.addWidget(self._device)
        layout.addStretch(1)
        for label in (self._scope, self._note, self._device):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        scroll = self._scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.set_device("")
        self.show_settings(self._settings)

    # -- what others say -----------------------------------------------------------------------------------------------

    def set_actions(self, generate: QAction, draft: QAction) -> None:
        """The two buttons at the top."""
        self._press = _button(generate, primary=True)
        self._buttons.addWidget(self._press, 3)
        quick = _button(draft, primary=False)
        self._buttons.addWidget(quick, 2)
        QWidget.setTabOrder(self._scroll, self._press)  # they stand on top and were made last
        QWidget.setTabOrder(self._press, quick)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields take it; the area follows them
        self._count.valueChanged.connect(self._name_button)
        self._name_button()

    def show_settings(self, settings: GenerationSettings) -> None:
        """Show what the document says."""
        self._settings = settings
        fields = (self._seed, self._steps, self._guidance, self._lock, self._model, self._quality)
        blockers = [QSignalBlocker(field) for field in fields]
        self._seed.setValue(settings.seed)
        self._steps.setValue(settings.steps)
        self._guidance.setValue(settings.guidance)
        self._lock.setValue(round(100 * settings.foot_lock))
        self._show_lock(self._lock.value())
        self._show_model(settings.model)
        index = next((i for i, (_, steps, _) in enumerate(QUALITIES) if steps == settings.steps), len(QUALITIES))
        self._quality.setCurrentIndex(index)
        self._quality_row.show_reset(on=settings.steps != _USUAL.steps)
        self._guidance_row.show_reset(on=settings.guidance != _USUAL.guidance)
        self._lock_row.show_reset(on=settings.foot_lock != _USUAL.foot_lock)
        self._model_row.show_reset(on=settings.model != _USUAL.model)
        del blockers

    def set_models(self, models: tuple[ModelChoice, ...]) -> None:
        """Offer these checkpoints."""
        self._models = models
        self.show_settings(self._settings)

    def set_scope(self, text: str) -> None:
        """What the next take will cover, in words."""
        self._scope.setText(text)

    def set_device(self, text: str) -> None:
        """What the engine computes on; empty while that is not known."""
        self._device.setText(f"Runs on {text}." if text else "The engine starts with the first take.")

    def look_at(self, part: QWidget) -> None:
        """Bring a part of the panel into sight, once it has been laid out."""
        QTimer.singleShot(0, part, lambda: self._scroll.ensureWidgetVisible(part, 0, 12))

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong with the conditions, before anything is generated."""
        self._problems.show_problems(problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the conditions, the most serious first."""
        return self._problems.problems

    # -- how many, with which seeds ------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Takes that one press makes."""
        return self._count.value()

    def set_count(self, count: int) -> None:
        """Make so many takes with one press."""
        self._count.setValue(count)

    @property
    def new_seeds(self) -> bool:
        """True when every take gets a new seed."""
        return self._fresh.isChecked()

    def set_new_seeds(self, on: bool) -> None:
        """Give every take a new seed, or keep the one in the field."""
        self._fresh.setChecked(on)

    def next_seeds(self) -> tuple[int, ...]:
        """A seed for each take of the next press: new ones, or the field's and those after it."""
        if self.new_seeds:
            return tuple(random.sample(range(RANDOM_SEEDS), self.count))
        return tuple((self._settings.seed + index) % (MAX_SEED + 1) for index in range(self.count))

    def new_seed(self) -> None:
        """Another random seed, which the next takes keep."""
        self._seed.setValue(random.randrange(RANDOM_SEEDS))
        self._fresh.setChecked(False)

    # -- fields --------------------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self._seed = number(QSpinBox())
        self._seed.setRange(0, MAX_SEED)
        self._seed.setToolTip("Same seed, same settings, same timeline: the same motion")
        self._seed.valueChanged.connect(self._seed_typed)
        self._steps = number(QSpinBox())
        self._steps.setRange(1, 1000)
        self._steps.setSuffix(" steps")
        self._steps.setToolTip("Denoising steps: more is finer and slower; 20 is a good value")
        self._steps.setAccessibleName("Denoising steps")
        self._steps.valueChanged.connect(lambda value: self._change("Set steps", steps=value))
        self._guidance = number(QDoubleSpinBox())
        self._guidance.setRange(0.0, 20.0)
        self._guidance.setSingleStep(0.1)
        self._guidance.setDecimals(1)
        self._guidance.setSuffix(" ×")
        self._guidance.setToolTip(
            "How strongly text and music steer: 1 is free, 2.5 follows, more than 6 exaggerates. "
            "Keys and paths are met whatever it is."
        )
        self._guidance.valueChanged.connect(lambda value: self._change("Set guidance", guidance=value))
        self._lock = QSlider(Qt.Orientation.Horizontal)
        self._lock.setRange(0, 100)
        self._lock.setToolTip(
            "How firmly feet on the ground are held in place, and how much of the steps, jumps and weight that are "
            "missing is put in; 0 % leaves them as generated"
        )
        self._lock.setAccessibleName("Foot lock")
        self._lock.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a drag leaves the arrow keys to the playhead
        self._lock_text = QLabel()
        self._lock_text.setMinimumWidth(self._lock_text.fontMetrics().horizontalAdvance("100 %"))
        self._lock_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lock.valueChanged.connect(self._lock_moved)
        self._lock.sliderReleased.connect(self._lock_released)

    def _make_choices(self) -> None:
        self._count = number(QSpinBox())
        self._count.setRange(1, MOST_AT_ONCE)
        self._count.setToolTip(
            f"How many takes one press of Generate makes, each with its own seed (1 to {MOST_AT_ONCE})"
        )
        self._count.valueChanged.connect(self.count_changed)
        self._fresh = QCheckBox("New seed for every take")
        self._fresh.setToolTip(
            "Each press gives another variation. Off: the seed above is kept, and the next ones follow it"
        )
        self._fresh.setChecked(True)
        self._fresh.toggled.connect(self.new_seeds_changed)
        self._quality = QComboBox()
        for name, steps, tip in QUALITIES:
            self._quality.addItem(name, steps)
            self._quality.setItemData(self._quality.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._quality.addItem(_CUSTOM, None)
        self._quality.setToolTip("How many denoising steps are spent on a take")
        self._quality.activated.connect(self._quality_chosen)
        self._model = QComboBox()
        self._model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._model.setMinimumContentsLength(12)
        self._model.setToolTip("Which checkpoint makes the motion")
        self._model.activated.connect(self._model_chosen)
        self._note = QLabel(wordWrap=True)
        font = self._note.font()
        font.setPointSizeF(font.pointSizeF() - 0.5)
        self._note.setFont(font)

    def _form(self) -> QFormLayout:
        for narrow in (self._count, self._seed, self._steps, self._guidance, self._quality, self._model):
            narrow.setMinimumWidth(NARROWEST)
        self._steps.setMaximumWidth(110)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(7)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        dice = QToolButton(autoRaise=True)
        dice.setIcon(icon("dice"))
        dice.setIconSize(QSize(14, 14))  # in line with the resets
        dice.setToolTip("Another random seed, which the next takes keep (Ctrl+R)")
        dice.setAccessibleName("New seed")
        dice.clicked.connect(self.new_seed)
        quality, lock = _row(self._quality, self._steps), _row(self._lock, self._lock_text)
        self._count_row = Resettable(self._count, reset=lambda: self.set_count(1), usual="1 take")
        self._quality_row = Resettable(
            quality, reset=lambda: self._reset("steps"), usual=f"Standard, {_USUAL.steps} steps"
        )
        self._guidance_row = Resettable(
            self._guidance, reset=lambda: self._reset("guidance"), usual=f"{_USUAL.guidance:.1f}"
        )
        self._lock_row = Resettable(lock, reset=lambda: self._reset("foot_lock"), usual="100 %")
        self._model_row = Resettable(self._model, reset=lambda: self._reset("model"), usual="the default model")
        for name, row, field in (
            ("Takes", self._count_row, self._count),
            ("Quality", self._quality_row, self._quality),
            ("Seed", _row(self._seed, dice, spacing=4), self._seed),
            ("", self._fresh, self._fresh),
            ("Guidance", self._guidance_row, self._guidance),
            ("Foot lock", self._lock_row, self._lock),
            ("Model", self._model_row, self._model),
        ):
            form.addRow(name, row)
            if name:
                field.setAccessibleName(name)
        name_rows(form)
        return form

    def _name_button(self) -> None:
        self._count_row.show_reset(on=self.count != 1)
        self._press.setText("Generate" if self.count == 1 else f"Generate {self.count} takes")

    # -- changes -------------------------------------------------------------------------------------------------------

    def _change(self, label: str, **values: int | float | str) -> None:
        settings = replace(self._settings, **values)
        if settings != self._settings:
            self._settings = settings
            self.edited.emit(label, settings)

    def _reset(self, name: str) -> None:
        self._change(f"Reset {name.replace('_', ' ')}", **{name: getattr(_USUAL, name)})
        self.show_settings(self._settings)

    def _seed_typed(self, value: int) -> None:
        self._fresh.setChecked(False)  # who chooses a seed wants it
        self._change("Set seed", seed=value)

    def _quality_chosen(self, index: int) -> None:
        steps = self._quality.itemData(index)
        if steps is None:
            self._steps.setFocus()
            self._steps.selectAll()
        else:
            self._change("Set quality", steps=int(steps))
            self.show_settings(self._settings)

    def _show_lock(self, value: int) -> None:
        self._lock_text.setText(f"{value} %")

    def _lock_moved(self, value: int) -> None:
        self._show_lock(value)
        if not self._lock.isSliderDown():
            self._lock_released()

    def _lock_released(self) -> None:
        self._change("Set foot lock", foot_lock=self._lock.value() / 100)

    def _show_model(self, name: str) -> None:
        self._model.clear()
        choices = list(self._models)
        if name not in {choice.name for choice in choices}:
            choices.append(ModelChoice(name, name.rsplit("/", 1)[-1], f"Checkpoint file {name}."))
        for choice in choices:
            self._model.addItem(choice.title, choice.name)
            self._model.setItemData(self._model.count() - 1, choice.note, Qt.ItemDataRole.ToolTipRole)
        self._model.insertSeparator(self._model.count())
        self._model.addItem("Other checkpoint…", None)
        index = next(i for i, choice in enumerate(choices) if choice.name == name)
        self._model.setCurrentIndex(index)
        self._note.setText(choices[index].note)

    def _model_chosen(self, index: int) -> None:
        name = self._model.itemData(index)
        if name is None:
            self.show_settings(self._settings)
            self.checkpoint_wanted.emit()
        else:
            self._change("Choose model", model=name)
            self.show_settings(self._settings)


def _row(*fields: QWidget, spacing: int = 6) -> QWidget:
    """Fields side by side; the first takes the room."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for index, field in enumerate(fields):
        layout.addWidget(field, 0 if index else 1)
    return row


def _button(action: QAction, *, primary: bool) -> QPushButton:
    """A push button that does what an action does."""
    button = QPushButton(action.text()) if primary else QPushButton(action.icon(), action.text())
    button.setToolTip(action.toolTip())
    button.setDefault(primary)
    button.setMinimumHeight(30)
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
