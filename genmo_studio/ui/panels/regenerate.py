"""The part of the Generate panel that makes a part of the result anew: which frames, which part of the body.

It shows what the control tells it and says what the user chooses; it knows neither document nor engine.
"""

from enum import Enum

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.time import Span
from genmo_studio.motion.regions import REGION_WORDS
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.fields import name_rows, number

MAX_BLEND = 60


class Frames(Enum):
    """Where the frames that are made anew come from; the value is shown."""

    KEYS = "Between the keys here"
    MARKS = "In to out"
    SELECTION = "What is selected"
    TYPED = "Typed"


_TIPS = {
    Frames.KEYS: "The frames between the keys on both sides of the playhead",
    Frames.MARKS: "The frames from the in mark to the out mark (I and O)",
    Frames.SELECTION: "The frames from the first selected clip or key to the last",
    Frames.TYPED: "The frames that you type below",
}


class RegeneratePanel(QWidget):
    """Frames, part of the body, blend, what stands against it, and the buttons."""

    opened = Signal(bool)
    """Whether the section is open."""
    frames_chosen = Signal(object)  # Frames
    span_typed = Signal(object)  # Span
    region_chosen = Signal(str)
    blend_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_open = False
        self._head = QToolButton(autoRaise=True)
        self._head.setText("Regenerate a part")
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setArrowType(Qt.ArrowType.RightArrow)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._head.setToolTip("Make some frames of some part of the body anew; all the rest stays as it is")
        font = self._head.font()
        font.setBold(True)
        self._head.setFont(font)
        self._head.clicked.connect(lambda: self.set_open(not self._is_open))
        self._inner = QWidget()
        self._inner.setVisible(False)
        self._make_fields()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._more = QHBoxLayout()
        self._more.setSpacing(8)
        self._live = QVBoxLayout()
        self._live.setSpacing(4)
        self._said = QLabel(wordWrap=True)
        self._said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        inside = QVBoxLayout(self._inner)
        inside.setContentsMargins(0, 2, 0, 0)
        inside.setSpacing(8)
        inside.addLayout(self._form())
        inside.addWidget(self._said)
        inside.addLayout(self._buttons)
        inside.addLayout(self._more)
        inside.addLayout(self._live)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._head)
        column.addWidget(self._inner)

    # -- what others say -----------------------------------------------------------------------------------------------

    def set_actions(
        self, run: QAction, draft: QAction, *, loops: tuple[QAction, ...], more: tuple[QAction, ...]
    ) -> None:
        """The buttons."""
        self._buttons.addWidget(_button(run, primary=True), 3)
        self._buttons.addWidget(_button(draft, text="Draft"), 2)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions(loops)
        loop = QPushButton(icon("loop"), "Make Loop")
        loop.setToolTip("Make the chosen frames repeat without a seam")
        loop.setMenu(menu)
        self._loop = loop
        self._more.addWidget(loop, 1)
        for action in more:
            self._more.addWidget(_button(action), 1)

    def set_live_actions(self, drafts: QAction, refine: QAction) -> None:
        """The switches of what happens while something is dragged and when it is let go."""
        for action, words in ((drafts, "Draft while I drag"), (refine, "Refine when I let go")):
            box = QCheckBox(words)
            box.setToolTip(action.toolTip())
            box.setChecked(action.isChecked())
            box.toggled.connect(action.setChecked)
            action.toggled.connect(box.setChecked)
            self._live.addWidget(box)

    @property
    def is_open(self) -> bool:
        """Whether the section is open."""
        return self._is_open

    def set_open(self, on: bool) -> None:
        """Open or close the section."""
        if on != self._is_open:
            self._is_open = on
            self._head.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
            self._inner.setVisible(on)
            self.opened.emit(on)

    def show_span(self, frames: Frames, span: Span | None) -> None:
        """Which frames are chosen, and by what; None: there are none by that."""
        blockers = [QSignalBlocker(field) for field in (self._frames, self._first, self._last)]
        self._frames.setCurrentIndex(list(Frames).index(frames))
        self._frames.setToolTip(_TIPS[frames])
        if span is not None:
            self._first.setValue(span.start)
            self._last.setValue(span.stop - 1)
        for field in (self._first, self._last):
            field.setEnabled(span is not None or frames is Frames.TYPED)
        del blockers

    def set_length(self, length: int) -> None:
        """The project has so many frames."""
        blockers = [QSignalBlocker(field) for field in (self._first, self._last)]
        for field in (self._first, self._last):
            field.setRange(0, max(0, length - 1))
        del blockers

    def show_region(self, region: str) -> None:
        """Which part of the body is chosen."""
        blocker = QSignalBlocker(self._region)
        self._region.setCurrentIndex(self._region.findData(region))
        del blocker

    def show_blend(self, blend: int) -> None:
        """How many frames lead in and out."""
        blocker = QSignalBlocker(self._blend)
        self._blend.setValue(blend)
        del blocker

    def say(self, text: str) -> None:
        """What will be made anew, or why nothing can be."""
        self._said.setText(text)

    def enable_loop(self, on: bool) -> None:
        """Whether a loop can be made."""
        self._loop.setEnabled(on)

    @property
    def said(self) -> str:
        """What is said about the choice."""
        return self._said.text()

    # -- fields --------------------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self._frames = QComboBox()
        for frames in Frames:
            self._frames.addItem(frames.value)
            self._frames.setItemData(self._frames.count() - 1, _TIPS[frames], Qt.ItemDataRole.ToolTipRole)
        self._frames.activated.connect(lambda index: self.frames_chosen.emit(list(Frames)[index]))
        self._first, self._last = number(QSpinBox()), number(QSpinBox())
        self._first.setToolTip("The first frame that is made anew")
        self._last.setToolTip("The last frame that is made anew")
        self._first.setAccessibleName("First frame")
        self._last.setAccessibleName("Last frame")
        for field in (self._first, self._last):
            field.setMinimumWidth(64)
            field.valueChanged.connect(self._typed)
        self._region = QComboBox()
        for name, words in REGION_WORDS.items():
            self._region.addItem(words[:1].upper() + words[1:], name)
        self._region.setToolTip("The part of the body that is made anew; it follows the joints that you select")
        self._region.activated.connect(lambda _: self.region_chosen.emit(self._region.currentData()))
        self._blend = number(QSpinBox())
        self._blend.setRange(0, MAX_BLEND)
        self._blend.setSuffix(" frames")
        self._blend.setToolTip("Frames at each end, inside of the range, that lead from the old into the new motion")
        self._blend.valueChanged.connect(self.blend_changed)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(7)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        span = QWidget()
        row = QHBoxLayout(span)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._first, 1)
        row.addWidget(QLabel("to"))
        row.addWidget(self._last, 1)
        form.addRow("Range", self._frames)
        form.addRow("Frames", span)
        form.addRow("Body", self._region)
        form.addRow("Blend", self._blend)
        for name, field in (("Range", self._frames), ("Body", self._region), ("Blend", self._blend)):
            field.setAccessibleName(name)
        name_rows(form)
        return form

    def _typed(self) -> None:
        first, last = sorted((self._first.value(), self._last.value()))
        self.span_typed.emit(Span(first, last + 1))


def _button(action: QAction, *, text: str = "", primary: bool = False) -> QPushButton:
    """A button that does what an action does, and is on while it is."""
    button = QPushButton(action.icon(), text or action.text())
    button.setIconSize(QSize(16, 16))
    button.setMinimumHeight(30 if primary or text else 0)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())

    action.changed.connect(follow)
    follow()
    button.clicked.connect(action.trigger)
    return button
