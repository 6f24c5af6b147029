"""The body picker: a figure whose parts are clicked, buttons for regions, and sets of joints that are kept (SE2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.ui.body_figure import HEIGHT, PARTS, REGION_NAMES, WIDTH, part_at, parts_in, words
from genmo_studio.ui.icons import icon
from genmo_studio.ui.joint_selection import JointSelection, region
from genmo_studio.ui.panels.item_forms import dim
from genmo_studio.ui.theme import Theme, mix

_FAR = 4.0
"""Pixels that a press must move to become a box."""


@dataclass(frozen=True)
class Marks:
    """What there is to know about the joints of the pose that is shown."""

    pinned: frozenset[str] = frozenset()
    keyed: frozenset[str] = frozenset()
    active: frozenset[str] = frozenset()
    stress: Mapping[str, float] = field(default_factory=dict)
    """0..1 and more: how far beyond what is comfortable"""

    def said(self, joint: str) -> str:
        """For tool tips."""
        facts = [name for name, known in (("pinned", self.pinned), ("keyed", self.keyed), ("put here", self.active))
                 if joint in known]  # fmt: skip
        if self.stress.get(joint, 0.0) >= 1.0:
            facts.append("beyond its limit")
        elif self.stress.get(joint, 0.0) > 0.3:
            facts.append("near its limit")
        return ", ".join(facts)


class Figure(QWidget):
    """The painted figure. Click selects, Shift adds, Ctrl takes in or out, a drag selects what it surrounds."""

    hovered = Signal(str)

    def __init__(self, selection: JointSelection, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection, self._theme = selection, theme
        self._hover: str | None = None
        self._pressed: QPointF | None = None
        self._band: QRectF | None = None
        self._before: frozenset[str] = frozenset()
        self.marks = Marks()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Body parts")
        self.setMinimumSize(120, 200)
        selection.changed.connect(self._changed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._theme = theme
        self.update()

    def set_marks(self, marks: Marks) -> None:
        """Show what is pinned, keyed, touched and strained."""
        if marks != self.marks:
            self.marks = marks
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for a figure in the right column."""
        return QSize(200, 300)

    def _changed(self, joints: frozenset[str]) -> None:
        self.setAccessibleDescription(", ".join(words(name) for name in JOINTS if name in joints) or "nothing selected")
        self.update()

    # -- geometry ------------------------------------------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return min(self.width() / WIDTH, self.height() / HEIGHT)

    def _place(self, x: float, y: float) -> QPointF:
        """Place of the figure -> pixel."""
        scale = self._scale
        return QPointF((self.width() - WIDTH * scale) / 2 + x * scale, (self.height() - HEIGHT * scale) / 2 + y * scale)

    def _at(self, point: QPointF) -> tuple[float, float]:
        """Pixel -> place of the figure."""
        origin, scale = self._place(0, 0), self._scale
        return (point.x() - origin.x()) / scale, (point.y() - origin.y()) / scale

    # -- painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Parts, letters for the sides, and the box."""
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(theme.row))
            for part in PARTS:
                chosen, hot = part.joint in self._selection.joints, part.joint == self._hover
                plain = mix(theme.kind("partial_keys"), theme.row, 0.30 if hot else 0.16)
                strain = min(self.marks.stress.get(part.joint, 0.0), 1.0)
                fill = theme.accent if chosen else mix(theme.error, plain, 0.75 * strain)
                line = theme.selection if chosen else (theme.text if hot else theme.text_disabled)
                self._capsule(painter, part.a, part.b, part.radius, fill=fill, line=line, wide=2.0 if chosen else 1.2)
            for part in PARTS:
                self._mark(painter, part.joint, self._place(*part.middle))
            painter.setPen(QColor(theme.text_dim))
            for letter, x in (("R", 8.0), ("L", WIDTH - 8.0)):
                at = self._place(x, 24)
                painter.drawText(QRectF(at.x() - 10, at.y() - 10, 20, 20), Qt.AlignmentFlag.AlignCenter, letter)
            if self.hasFocus():
                painter.setPen(QPen(QColor(theme.accent), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
            if self._band is not None:
                painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self._band)

    def _mark(self, painter: QPainter, joint: str, at: QPointF) -> None:
        """A diamond for a key, a ring where the user put the joint, a pin."""
        theme, marks = self._theme, self.marks
        if joint in marks.keyed:
            size = 3.6
            painter.setPen(QPen(QColor(theme.row), 1.0))
            painter.setBrush(QColor(theme.kind("full_keys")))
            corners = ((0, -size), (size, 0), (0, size), (-size, 0))
            painter.drawPolygon([QPointF(at.x() + x, at.y() + y) for x, y in corners])
        if joint in marks.active:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.warning), 2.0))
            painter.drawEllipse(at, 6.0, 6.0)
        if joint in marks.pinned:
            painter.setPen(QPen(QColor(theme.text), 1.4))
            painter.setBrush(QColor(theme.text))
            head = at + QPointF(7.0, -6.0)
            painter.drawEllipse(head, 2.6, 2.6)
            painter.drawLine(head + QPointF(0, 2.6), head + QPointF(0, 7.0))

    def _capsule(
        self,
        painter: QPainter,
        a: tuple[float, float],
        b: tuple[float, float],
        radius: float,
        *,
        fill: str,
        line: str,
        wide: float,
    ) -> None:
        """A round stroke in the line's colour with a thinner one in the fill's on top."""
        first, last = self._place(*a), self._place(*b)
        if first == last:
            last += QPointF(0.01, 0.0)
        thick = 2 * radius * self._scale
        for colour, width in ((line, thick), (fill, thick - 2 * wide)):
            pen = QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(first, last)

    # -- pointer and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Select, add or toggle; on nothing, begin a box."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        held = event.modifiers()
        adds = bool(held & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        self._pressed, self._before = event.position(), self._selection.joints if adds else frozenset()
        part = part_at(*self._at(event.position()))
        if part is None:
            self._selection.select(self._before)
        elif held & Qt.KeyboardModifier.ControlModifier:
            self._selection.toggle({part.joint})
        elif held & Qt.KeyboardModifier.ShiftModifier:
            self._selection.add({part.joint})
        else:
            self._selection.select({part.joint})

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box, or show what is under the pointer."""
        if self._pressed is not None:
            moved = event.position() - self._pressed
            if self._band is not None or max(abs(moved.x()), abs(moved.y())) > _FAR:
                self._band = QRectF(self._pressed, event.position()).normalized()
                left, top = self._at(self._band.topLeft())
                right, bottom = self._at(self._band.bottomRight())
                self._selection.select(self._before | parts_in(left, top, right, bottom))
                self.update()
            return
        part = part_at(*self._at(event.position()))
        name = None if part is None else part.joint
        if name != self._hover:
            self._hover = name
            self.hovered.emit("" if name is None else words(name))
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """End the box."""
        self._pressed = self._band = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tool tips name the part; the pointer that leaves takes the highlight with it."""
        if isinstance(event, QHelpEvent):
            part = part_at(*self._at(QPointF(event.pos())))
            said = "" if part is None else self.marks.said(part.joint)
            text = "" if part is None else words(part.joint) + (f" ({said})" if said else "")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if event.type() is QEvent.Type.Leave and self._hover is not None:
            self._hover = None
            self.hovered.emit("")
            self.update()
        return super().event(event)


class BodyPicker(QWidget):
    """Figure, regions and sets."""

    def __init__(self, selection: JointSelection, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self.figure = Figure(selection, theme)
        self._name = dim()
        self._name.setWordWrap(False)
        self._name.setMinimumHeight(self._name.sizeHint().height() + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.figure, 1)
        column.addWidget(self._name)
        column.addLayout(self._regions())
        column.addLayout(self._kept())
        self._link = QCheckBox("Selecting a limb key selects its joints")
        self._link.setToolTip("Links the selection of the timeline with that of the body")
        self._link.setChecked(selection.linked)
        self._link.toggled.connect(selection.set_linked)
        column.addWidget(self._link)
        self.figure.hovered.connect(self._write)
        selection.changed.connect(lambda _: self._write(""))
        selection.sets_changed.connect(self._fill_sets)
        self._fill_sets()
        self._write("")

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.figure.set_theme(theme)

    def _regions(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        entries = [*REGION_NAMES.items()]
        for index, (name, text) in enumerate(entries):
            button = QPushButton(text)
            button.setToolTip(f"Select the {text.lower()} (Shift adds)")
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            grid.addWidget(button, index // 2, index % 2)
        row = len(entries) // 2
        for column, (text, tip, slot) in enumerate(
            (
                ("Mirror", "Select the other side instead", self._selection.mirror),
                ("Invert", "Select everything else instead", self._selection.invert),
            )
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            grid.addWidget(button, row, column)
        return grid

    def _kept(self) -> QHBoxLayout:
        self._sets = QComboBox()
        self._sets.setEditable(True)
        self._sets.setAccessibleName("Set of joints")
        field = self._sets.lineEdit()
        assert isinstance(field, QLineEdit), "an editable list has a field"
        field.setPlaceholderText("Name a set to keep it")
        field.returnPressed.connect(self._keep)
        self._sets.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._sets.activated.connect(self._recall)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(QLabel("Sets"))
        row.addWidget(self._sets, 1)
        for name, tip, slot in (
            ("star", "Keep the selected joints under this name", self._keep),
            ("delete", "Forget this set", self._forget),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setAutoRaise(True)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            row.addWidget(button)
        return row

    def _choose(self, name: str) -> None:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - for what is held, which a click does not say

        if QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._selection.add(region(name))
        else:
            self._selection.select(region(name))

    def _keep(self) -> None:
        if self._selection.keep(self._sets.currentText()):
            self._write("")

    def _recall(self, index: int) -> None:
        self._selection.select(self._selection.sets.get(self._sets.itemText(index), ()))

    def _forget(self) -> None:
        self._selection.forget(self._sets.currentText())

    def _fill_sets(self) -> None:
        text = self._sets.currentText()
        self._sets.clear()
        self._sets.addItems(list(self._selection.sets))
        self._sets.setCurrentText(text if text in self._selection.sets else "")

    def _write(self, hovered: str) -> None:
        joints = self._selection.joints
        chosen = [words(name) for name in JOINTS if name in joints]
        text = ", ".join(chosen) if len(chosen) <= 3 else f"{len(chosen)} joints"
        self._name.setText(hovered or text or "Click a part of the body")
