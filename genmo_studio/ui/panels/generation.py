"""The Generate panel: how the next take is made. Shows ``Document.generation`` and edits it, one undo step a change."""

import random
from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.conditions.problem import Problem
from genmo_studio.document.model import GenerationSettings
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.fields import number
from genmo_studio.ui.panels.model_choices import DEFAULT_MODEL, ModelChoice
from genmo_studio.ui.panels.problems import ProblemList
from genmo_studio.ui.theme import Theme

MAX_SEED = 2**31 - 1


class GenerationPanel(QWidget):
    """Seed, steps, guidance, model, foot lock, and what may go wrong."""

    edited = Signal(str, object)  # label, GenerationSettings
    checkpoint_wanted = Signal()
    problem_chosen = Signal(object)  # Problem

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems = ProblemList(theme)
        self._problems.chosen.connect(self.problem_chosen)
        self._settings = GenerationSettings()
        self._models: tuple[ModelChoice, ...] = (DEFAULT_MODEL,)
        self._make_fields()
        self._scope = QLabel(wordWrap=True)
        self._scope.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self._scope)
        layout.addLayout(self._form())
        layout.addWidget(self._note)
        layout.addWidget(self._problems)
        layout.addStretch(1)
        self.show_settings(self._settings)

    def show_settings(self, settings: GenerationSettings) -> None:
        """Show what the document says."""
        self._settings = settings
        fields = (self._seed, self._steps, self._guidance, self._lock, self._model)
        blockers = [QSignalBlocker(field) for field in fields]
        self._seed.setValue(settings.seed)
        self._steps.setValue(settings.steps)
        self._guidance.setValue(settings.guidance)
        self._lock.setValue(round(100 * settings.foot_lock))
        self._show_lock(self._lock.value())
        self._show_model(settings.model)
        del blockers

    def set_models(self, models: tuple[ModelChoice, ...]) -> None:
        """Offer these checkpoints."""
        self._models = models
        self.show_settings(self._settings)

    def set_scope(self, text: str) -> None:
        """What the next take will cover, in words."""
        self._scope.setText(text)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong with the conditions, before anything is generated."""
        self._problems.show_problems(problems)

    def new_seed(self) -> None:
        """Another random seed."""
        self._seed.setValue(random.randrange(1_000_000))

    def _make_fields(self) -> None:
        self._seed = number(QSpinBox())
        self._seed.setRange(0, MAX_SEED)
        self._seed.setToolTip("Same seed, same settings, same timeline: the same motion")
        self._seed.valueChanged.connect(lambda value: self._change("Set seed", seed=value))
        self._steps = number(QSpinBox())
        self._steps.setRange(1, 1000)
        self._steps.setSuffix(" steps")
        self._steps.setToolTip("Denoising steps: more is finer and slower; 50 is a good value")
        self._steps.valueChanged.connect(lambda value: self._change("Set steps", steps=value))
        self._guidance = number(QDoubleSpinBox())
        self._guidance.setRange(0.0, 20.0)
        self._guidance.setSingleStep(0.1)
        self._guidance.setDecimals(1)
        self._guidance.setToolTip("How strongly text and music steer: 1 is free, 2.5 follows, more than 6 exaggerates")
        self._guidance.valueChanged.connect(lambda value: self._change("Set guidance", guidance=value))
        self._lock = QSlider(Qt.Orientation.Horizontal)
        self._lock.setRange(0, 100)
        self._lock.setToolTip("How firmly feet on the ground are held in place; 0 % leaves them as generated")
        self._lock.setAccessibleName("Foot lock")
        self._lock.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a drag leaves the arrow keys to the playhead
        self._lock_text = QLabel()
        self._lock_text.setMinimumWidth(self._lock_text.fontMetrics().horizontalAdvance("100 %"))
        self._lock_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lock.valueChanged.connect(self._lock_moved)
        self._lock.sliderReleased.connect(self._lock_released)
        self._model = QComboBox()
        self._model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._model.setMinimumContentsLength(12)
        self._model.setToolTip("Which checkpoint makes the motion")
        self._model.activated.connect(self._model_chosen)
        self._note = QLabel(wordWrap=True)
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        font = self._note.font()
        font.setPointSizeF(font.pointSizeF() - 0.5)
        self._note.setFont(font)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(7)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        dice = QToolButton(autoRaise=True)
        dice.setIcon(icon("dice"))
        dice.setToolTip("Another random seed (Ctrl+R)")
        dice.setAccessibleName("New seed")
        dice.clicked.connect(self.new_seed)
        seed = QHBoxLayout()
        seed.setSpacing(4)
        seed.addWidget(self._seed, 1)
        seed.addWidget(dice)
        lock = QHBoxLayout()
        lock.setSpacing(10)
        lock.addWidget(self._lock, 1)
        lock.addWidget(self._lock_text)
        form.addRow("Seed", seed)
        form.addRow("Quality", self._steps)
        form.addRow("Guidance", self._guidance)
        form.addRow("Foot lock", lock)
        form.addRow("Model", self._model)
        return form

    def _change(self, label: str, **values: int | float | str) -> None:
        settings = replace(self._settings, **values)
        if settings != self._settings:
            self._settings = settings
            self.edited.emit(label, settings)

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
