"""The Body panel: which body is animated, and sliders for its shape. Every drag of a slider is one undo step.

The names of the sliders say what the components of the free body were seen to do; those of other body files have none.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.model import BodySettings
from genmo_studio.motion.body import FREE_BODY, Body
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.fields import Bursts, number

COUNT = 10
REACH = 3.0
"""Standard deviations to each side; beyond, bodies stop being likely."""
TICKS = 100
"""Slider steps a standard deviation."""
_FREE = "GENMO free body"
_FREE_LICENCE = "Public domain (CC0): use it for anything."
_FILE_LICENCE = (
    "SMPL bodies have their own licence: research only, unless one was bought. The file stays where it is; "
    "the project only remembers its place."
)


class Part(msgspec.Struct, frozen=True):
    """What one shape number does: its name, and what its low and high ends look like."""

    name: str
    low: str
    high: str


_FREE_PARTS: tuple[Part, ...] = (
    Part("Stature", "small", "tall"),
    Part("Build", "broad shoulders, flat chest", "narrow shoulders, full chest"),
    Part("Chest", "shallow chest, deep waist", "deep chest, flat waist"),
    Part("Waist and hips", "narrow", "wide"),
    Part("Weight", "slender", "heavy"),
    Part("Leanness", "rounder belly and seat", "flatter belly and seat"),
    Part("Shoulders", "narrower, wider waist", "wider, narrower waist"),
)


def part(body: str, index: int) -> Part:
    """Name of a shape number of a body model."""
    if body == FREE_BODY and index < len(_FREE_PARTS):
        return _FREE_PARTS[index]
    return Part(f"Detail {index + 1}" if body == FREE_BODY else f"Shape {index + 1}", "less", "more")


def stature(body: Body, betas: tuple[float, ...]) -> float:
    """Height (m) of the shaped body at rest."""
    heights = body.shaped(np.asarray(betas, np.float32))[:, 1]
    return float(heights.max() - heights.min())


class BodyPanel(QWidget):
    """Body model and shape."""

    edited = Signal(str, object, str)
    """Label, BodySettings, and the name that the changes of one drag share."""
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = BodySettings()
        self._body: Body | None = None
        self._bursts = Bursts()
        self._model = QComboBox()
        self._model.setAccessibleName("Body model")
        self._model.setToolTip("The body that is animated")
        self._model.activated.connect(self._model_chosen)
        self._licence = _small()
        self._stature = QLabel()
        self._reset = QPushButton("Reset Shape")
        self._reset.setToolTip("The average body again")
        self._reset.clicked.connect(lambda: self._change("Reset Body Shape", (0.0,) * COUNT, held=False, what="reset"))
        self._note = _small()
        self._take = QPushButton("Use the Take's Shape")
        self._take.setToolTip("Give the project the body that the shown take was made for")
        self._take_body: BodySettings | None = None
        self._take.clicked.connect(self._use_take)
        self._sliders: list[QSlider] = []
        self._numbers: list[QDoubleSpinBox] = []
        self._names: list[QLabel] = []
        self._lay_out()
        self.show_body(self._settings, None)

    def show_body(self, settings: BodySettings, body: Body | None) -> None:
        """Show what the document says; ``body`` is the loaded model, None when it cannot be read."""
        self._settings, self._body = settings, body
        self._show_model()
        known = body is not None and body.name
        for index, (slider, field, name) in enumerate(zip(self._sliders, self._numbers, self._names, strict=True)):
            words = part(FREE_BODY if settings.model == FREE_BODY else str(known), index)
            value = settings.betas[index] if index < len(settings.betas) else 0.0
            blockers = QSignalBlocker(slider), QSignalBlocker(field)
            slider.setValue(round(value * TICKS))
            field.setValue(value)
            del blockers
            name.setText(words.name)
            slider.setAccessibleName(words.name)
            field.setAccessibleName(f"{words.name}, number")
            slider.setToolTip(f"{words.name}: left {words.low}, right {words.high}")
        self._reset.setEnabled(any(settings.betas))
        self._stature.setText("" if body is None else f"{stature(body, settings.betas):.2f} m tall")

    def show_take(self, made_for: BodySettings | None, sentence: str) -> None:
        """Say that the shown take was made for another body; None when it was made for this one."""
        self._take_body = made_for
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))
        self._take.setVisible(made_for is not None)

    # -- building ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self._model)
        column.addWidget(self._licence)
        head = QHBoxLayout()
        head.addWidget(self._stature, 1)
        head.addWidget(self._reset)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addWidget(self._take, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._make_sliders())
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields take it; the area follows them
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _make_sliders(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for index in range(COUNT):
            name = QLabel()
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(round(-REACH * TICKS), round(REACH * TICKS))
            slider.setSingleStep(TICKS // 10)
            slider.setPageStep(TICKS // 2)
            slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a drag leaves the arrow keys to the playhead
            slider.setMinimumWidth(60)
            slider.valueChanged.connect(self._moved(index, slider))
            field = number(QDoubleSpinBox())
            field.setRange(-100.0, 100.0)
            field.setSingleStep(0.1)
            field.setDecimals(2)
            field.setMaximumWidth(84)
            field.valueChanged.connect(self._typed(index))
            zero = QToolButton()
            zero.setIcon(icon("reset"))
            zero.setAutoRaise(True)
            zero.setToolTip("Back to the average")
            zero.setAccessibleName(f"Shape {index + 1}: back to the average")
            zero.clicked.connect(lambda _=False, field=field: field.setValue(0.0))
            for column, widget in enumerate((name, slider, field, zero)):
                grid.addWidget(widget, index, column)
            self._names.append(name)
            self._sliders.append(slider)
            self._numbers.append(field)
        return grid

    # -- editing -------------------------------------------------------------------------------------------------------

    def _moved(self, index: int, slider: QSlider) -> Callable[[int], None]:
        return lambda value: self._set(index, value / TICKS, held=slider.isSliderDown())

    def _typed(self, index: int) -> Callable[[float], None]:
        return lambda value: self._set(index, value, held=False)

    def _set(self, index: int, value: float, *, held: bool) -> None:
        betas = (*self._settings.betas, *(0.0,) * COUNT)[:COUNT]
        name = self._names[index].text()
        self._change(f"Change {name}", (*betas[:index], value, *betas[index + 1 :]), held=held, what=f"body/{index}")

    def _change(self, label: str, betas: tuple[float, ...], *, held: bool, what: str) -> None:
        settings = replace(self._settings, betas=betas)
        if settings != self._settings:
            self.edited.emit(label, settings, self._bursts.name(what, held=held))

    def _use_take(self) -> None:
        if self._take_body is not None:
            self.edited.emit("Use the Take's Shape", self._take_body, "body/take")

    def _show_model(self) -> None:
        model = self._settings.model
        self._model.clear()
        self._model.addItem(_FREE, FREE_BODY)
        if model != FREE_BODY:
            self._model.addItem(model.replace("\\", "/").rsplit("/", 1)[-1], model)
            self._model.setItemData(1, model, Qt.ItemDataRole.ToolTipRole)
        self._model.insertSeparator(self._model.count())
        self._model.addItem("SMPL file…", None)
        self._model.setCurrentIndex(0 if model == FREE_BODY else 1)
        self._licence.setText(_FREE_LICENCE if model == FREE_BODY else _FILE_LICENCE)

    def _model_chosen(self, index: int) -> None:
        model = self._model.itemData(index)
        if model is None:
            self._show_model()
            self.file_wanted.emit()
        elif model != self._settings.model:  # shape numbers of one body mean nothing to another
            self.edited.emit("Choose Body", BodySettings(model=model), "body/model")


def _small() -> QLabel:
    label = QLabel(wordWrap=True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() - 0.5)
    label.setFont(font)
    return label
