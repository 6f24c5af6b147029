"""The question before dense motion becomes keys: how close, of which joints, and how many keys that gives."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.motion.reduce import Reduction, Tolerance
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.panels.reduce_keys import WHOLE

PATIENCE_MS = 200


@dataclass(frozen=True)
class Wish:
    """What is to be reduced and how."""

    tolerance: Tolerance
    joints: tuple[str, ...]
    root: bool


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class _Counter(QObject):
    """Reduces on another thread; only the newest wish is answered."""

    counted = Signal(object, object)  # Wish, Reduction

    def __init__(self, count: Callable[[Wish], Reduction], parent: QObject) -> None:
        super().__init__(parent)
        self._count = count
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def ask(self, wish: Wish) -> None:
        self._pool.clear()
        self._pool.start(_Task(lambda: self.counted.emit(wish, self._count(wish))))

    def close(self) -> None:
        self._pool.clear()
        self._pool.waitForDone()


class ReduceDialog(QDialog):
    """Tolerance, joints, and the number of keys while they are chosen."""

    chosen = Signal(object, object)  # Wish, Reduction

    def __init__(
        self, *, frames: str, length: int, joints: tuple[str, ...], count: Callable[[Wish], Reduction], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("reduceDialog")
        self.setWindowTitle("Reduce to Keys")
        self._length, self._joints = length, joints
        self._answer: tuple[Wish, Reduction] | None = None
        self._degrees = _number(" °", 0.1, 45.0, 4.0, "Turn of a joint")
        self._metres = _number(" cm", 0.1, 100.0, 3.0, "Place of the root")
        self._which = QComboBox()
        self._which.addItem("Whole body: full keys", WHOLE)
        if joints and set(joints) != set(WHOLE):
            many = f"{len(joints)} selected joints" if len(joints) > 1 else _words(joints[0])
            self._which.addItem(f"{many}: partial keys", joints)
            self._which.setCurrentIndex(1)
        self._root = QCheckBox("Place of the root")
        self._root.setChecked(self._which.currentIndex() == 0 or "pelvis" in joints)
        self._says = QLabel()
        self._says.setWordWrap(True)
        self._says.setMinimumHeight(self._says.fontMetrics().lineSpacing() * 3)
        form = QFormLayout()
        form.addRow("Frames", QLabel(frames))
        form.addRow("Keys of", self._which)
        form.addRow("", self._root)
        form.addRow("Turns within", self._degrees)
        form.addRow("Root within", self._metres)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._create = QPushButton("Create Keys")
        self._create.setDefault(True)
        self._buttons.addButton(self._create, QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self._says)
        column.addWidget(self._buttons)
        self.setMinimumWidth(380)
        self._counter = _Counter(count, self)
        self._counter.counted.connect(self._counted)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PATIENCE_MS)
        self._later.timeout.connect(self._ask)
        for box in (self._degrees, self._metres):
            box.valueChanged.connect(self._changed)
        self._which.currentIndexChanged.connect(self._changed)
        self._root.toggled.connect(self._changed)
        self._changed()

    @property
    def wish(self) -> Wish:
        """What is chosen now."""
        tolerance = Tolerance(self._degrees.value(), self._metres.value() / 100.0)
        return Wish(tolerance, tuple(self._which.currentData()), self._root.isChecked())

    def _changed(self, *_: object) -> None:
        self._answer = None
        self._metres.setEnabled(self._root.isChecked())
        self._create.setEnabled(False)
        self._says.setText("Counting the keys…")
        self._later.start()

    def _ask(self) -> None:
        self._counter.ask(self.wish)

    def _counted(self, wish: Wish, found: Reduction) -> None:
        if wish != self.wish:
            return
        self._answer = wish, found
        self._create.setEnabled(True)
        count = len(found.frames)
        off = f"{found.worst_degrees:.1f}°"
        if wish.root:
            off += f" and {found.worst_metres * 100:.1f} cm"
        self._says.setText(
            f"{count} keys for {self._length} frames. Interpolation between them is at most {off} off; "
            "what the model makes between them may differ."
        )

    def _accept(self) -> None:
        if self._answer is not None:
            self.chosen.emit(*self._answer)
            self.accept()

    def done(self, result: int) -> None:
        """Wait for the thread."""
        self._later.stop()
        self._counter.close()
        super().done(result)


def _number(unit: str, least: float, most: float, value: float, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(least, most)
    box.setDecimals(1)
    box.setSingleStep(0.5)
    box.setSuffix(unit)
    box.setValue(value)
    box.setAccessibleName(f"{name} within")
    return box


def _words(joint: str) -> str:
    return spoken(joint).capitalize()
