"""Fields that look and behave alike: numbers with room before them, a reset beside a value that is not the usual one,
and one undo step for a burst of changes."""

import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayoutItem,
    QSlider,
    QToolButton,
    QWidget,
)

from genmo_studio.ui.icons import icon

SpinT = TypeVar("SpinT", bound=QAbstractSpinBox)

LABEL_HEIGHT = 16
"""Logical pixels; Qt centres a label beside its field as long as the field is at most 7/4 as high."""
BURST_SECONDS = 1.0
"""Changes of one field that follow each other within this time are one undo step (UN3)."""


def number(field: SpinT, *, special: str = "") -> SpinT:
    """Set up a spin box and return it; ``special`` is written instead of the least value."""
    field.setSpecialValueText(special)
    field.setKeyboardTracking(False)  # typing is one change, not one a digit
    line = field.lineEdit()
    line.setTextMargins(6, 0, 0, 0)  # a style sheet that styles the arrows cannot pad the text
    return field


def name_rows(form: QFormLayout) -> None:
    """Give the fields of every row the row's name: assistive technology finds a label only beside its own field.

    The labels stand at the height of the words in the fields.
    """
    for row in range(form.rowCount()):
        label, field = (form.itemAt(row, role) for role in (QFormLayout.ItemRole.LabelRole, form.ItemRole.FieldRole))
        words = label.widget() if label is not None else None
        if not isinstance(words, QLabel):
            continue
        words.setMinimumHeight(LABEL_HEIGHT)
        for widget in _widgets(field):
            wordless = isinstance(widget, QCheckBox) and not widget.text()
            field_kind = wordless or isinstance(widget, QAbstractSpinBox | QComboBox | QSlider)
            if field_kind and not widget.accessibleName():
                widget.setAccessibleName(words.text())


def _widgets(item: QLayoutItem | None) -> list[QWidget]:
    """What stands in one place of a layout."""
    if item is None:
        return []
    widget, layout = item.widget(), item.layout()
    if widget is not None:
        return [widget, *widget.findChildren(QWidget)]
    if layout is None:
        return []
    return [found for at in range(layout.count()) for found in _widgets(layout.itemAt(at))]


class ElidedLabel(QLabel):
    """A line that ends in an ellipsis where it does not fit; its tool tip has all of it."""

    def setText(self, text: str) -> None:  # noqa: N802 (Qt's name)
        """Another line."""
        super().setText(text)
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """More or less of it fits."""
        super().resizeEvent(event)
        self._tell()

    @property
    def shown(self) -> str:
        """What fits."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def _tell(self) -> None:
        self.setToolTip("" if self.shown == self.text() else self.text())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 (Qt's)
        """The line, as much as fits."""
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.contentsRect(), int(self.alignment()), self.shown)


class Bursts:
    """Names for runs of changes: ``Editor.edit(merge=...)`` makes one step of those that share a name."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._numbers = count()
        self._last: tuple[str, float, str] | None = None

    def name(self, what: str, *, held: bool = False) -> str:
        """The name for a change of ``what`` at this moment; a slider that is still held never ends its run."""
        moment = self._now()
        last = self._last
        if last is not None and last[0] == what and (held or moment - last[1] < BURST_SECONDS):
            name = last[2]
        else:
            name = f"{what}/{next(self._numbers)}"
        self._last = what, moment, name
        return name


class Resettable(QWidget):
    """A field with a button that brings its usual value back; the button is there only while the value differs."""

    def __init__(self, field: QWidget, *, reset: Callable[[], object], usual: str) -> None:
        """``usual`` names the value for the tool tip, for example ``1.00``."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(field, 1)
        self.button = QToolButton()
        self.button.setIcon(icon("reset"))
        self.button.setIconSize(QSize(14, 14))
        self.button.setAutoRaise(True)
        self.button.setToolTip(f"Back to {usual}")
        self.button.setAccessibleName(f"Back to {usual}")
        policy = self.button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # fields stay in line
        self.button.setSizePolicy(policy)
        self.button.clicked.connect(lambda _=False: reset())
        row.addWidget(self.button)
        self.show_reset(on=False)

    def show_reset(self, *, on: bool) -> None:
        """Offer the reset, or not."""
        self.button.setVisible(on)
