"""Forms of the inspector for keys: pose keys and waypoints."""

import math

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout

from genmo_studio.document import edits
from genmo_studio.document.model import Document, KeyTangent, PoseKey, Waypoint
from genmo_studio.document.queries import MAX_FRAMES, item_span
from genmo_studio.ui.body_words import joint_words
from genmo_studio.ui.panels.fields import number
from genmo_studio.ui.panels.item_forms import ItemForm, ItemT, dim, frame_field, metre_field, seconds_text

TANGENT_WORDS = {
    KeyTangent.AUTO: "Smooth",
    KeyTangent.FLAT: "Flat",
    KeyTangent.LINEAR: "Linear",
    KeyTangent.STEP: "Stepped",
}


class KeyForm(ItemForm[ItemT]):
    """The frame of a key."""

    def add_own_rows(self) -> None:
        """The frame."""
        self._frame = frame_field()
        self._frame.valueChanged.connect(self._frame_typed)
        self.form.addRow("Frame", self._frame)

    def _frame_typed(self, value: int) -> None:
        by = value - item_span(self.item).start
        if by:
            self.emit_edit(f"Move {self._noun}", edits.move_items((self.item.id,), by=by))


class PoseForm(KeyForm[PoseKey]):
    """A pose key."""

    _noun = "Key"

    def add_own_rows(self) -> None:
        """For how long it holds, and what."""
        super().add_own_rows()
        self._hold = frame_field()
        self._hold.setToolTip("Frames after the key for which the same pose is kept; 0 at the key alone")
        self._hold.valueChanged.connect(self._hold_typed)
        self._seconds = dim()
        self._seconds.setWordWrap(False)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._hold, 1)
        row.addWidget(self._seconds)
        self.form.addRow("Hold for", row)
        self._tangent = QComboBox()
        self._tangent.setToolTip(
            "How interpolation alone passes the key, for blocking (Timeline, Interpolate Between Keys). "
            "A generation finds its own way from key to key."
        )
        for tangent, words in TANGENT_WORDS.items():
            self._tangent.addItem(words, tangent)
        self._tangent.activated.connect(self._tangent_chosen)
        self.form.addRow("Tangent", self._tangent)
        self._holds = dim()
        self.form.addRow("Holds", self._holds)

    def _tangent_chosen(self) -> None:
        tangent = self._tangent.currentData()
        if tangent is not self.item.tangent:
            self.emit_edit("Change Tangent", edits.set_tangent((self.item.id,), tangent))

    def _hold_typed(self, value: int) -> None:
        if value != self.item.hold:
            self.emit_edit("Change Hold", edits.set_hold((self.item.id,), value))

    def load(self, item: PoseKey, document: Document) -> None:
        """Fill the rows."""
        self._frame.setValue(item.frame)
        self._hold.setMaximum(MAX_FRAMES - item.frame)
        self._hold.setValue(item.hold)
        self._tangent.setCurrentIndex(list(TANGENT_WORDS).index(item.tangent))
        self._seconds.setText(seconds_text(item.hold, document.fps))
        parts = []
        if item.rotations:
            parts.append(f"the turn of {joint_words(item.rotations, most=5)}")
        if item.positions:
            parts.append(f"the place of {joint_words(item.positions, most=5)}")
        if item.root_position is not None:
            parts.append("the place of the pelvis ({:.2f}, {:.2f}, {:.2f}) m".format(*item.root_position))
        self._holds.setText("; ".join(parts) or "nothing yet")


class WaypointForm(KeyForm[Waypoint]):
    """A waypoint of the root path."""

    _noun = "Waypoint"

    def add_own_rows(self) -> None:
        """Place and heading."""
        super().add_own_rows()
        self._x, self._z = metre_field(), metre_field()
        for field in (self._x, self._z):
            field.valueChanged.connect(self._typed)
        self._heads = QCheckBox()
        self._heads.setToolTip("Also say where the character faces")
        self._heads.toggled.connect(self._typed)
        self._heading = number(QDoubleSpinBox(minimum=-360.0, maximum=360.0, singleStep=5.0, decimals=1, suffix=" °"))
        self._heading.valueChanged.connect(self._typed)
        self.form.addRow("x (left)", self._x)
        self.form.addRow("z (ahead)", self._z)
        row = QHBoxLayout()
        row.addWidget(self._heads)
        row.addWidget(self._heading, 1)
        self.form.addRow("Facing", row)
        self._passes = QCheckBox()
        self._passes.setToolTip("Also say how fast and which way the character passes here")
        self._speed = number(QDoubleSpinBox(minimum=0.0, maximum=100.0, singleStep=0.1, decimals=2, suffix=" m/s"))
        self._way = number(QDoubleSpinBox(minimum=-360.0, maximum=360.0, singleStep=5.0, decimals=1, suffix=" °"))
        self._speed.setToolTip("Speed over the ground; 0 is a stop")
        self._way.setToolTip("Direction over the ground: 0 is ahead (+z), 90 is left (+x)")
        for signal in (self._passes.toggled, self._speed.valueChanged, self._way.valueChanged):
            signal.connect(self._passing_typed)
        row = QHBoxLayout()
        row.addWidget(self._passes)
        row.addWidget(self._speed, 1)
        self.form.addRow("Speed", row)
        self.form.addRow("Direction", self._way)

    def load(self, item: Waypoint, document: Document) -> None:  # noqa: ARG002
        """Fill the rows."""
        self._frame.setValue(item.frame)
        x, z = item.position or (0.0, 0.0)
        self._x.setValue(x)
        self._z.setValue(z)
        self._heads.setChecked(item.heading is not None)
        self._heading.setEnabled(item.heading is not None)
        self._heading.setValue(math.degrees(item.heading or 0.0))
        self._passes.setEnabled(item.position is not None)
        self._passes.setChecked(item.velocity is not None)
        for field in (self._speed, self._way):
            field.setEnabled(item.velocity is not None)
        along, ahead = item.velocity or (0.0, 0.0)
        self._speed.setValue(math.hypot(along, ahead))
        if along or ahead:  # a stop has no direction: what was typed stays for the next speed
            self._way.setValue(math.degrees(math.atan2(along, ahead)))
        elif item.velocity is None:
            self._way.setValue(math.degrees(item.heading or 0.0))

    def _passing_typed(self) -> None:
        velocity = None
        if self._passes.isChecked():
            speed, way = self._speed.value(), math.radians(self._way.value())
            velocity = (speed * math.sin(way), speed * math.cos(way))
        if velocity != self.item.velocity:
            self.emit_edit("Change Speed", edits.set_velocity(self.item.id, velocity))

    def _typed(self) -> None:
        heading = math.radians(self._heading.value()) if self._heads.isChecked() else None
        self._heading.setEnabled(heading is not None)
        position = (self._x.value(), self._z.value())
        self.emit_edit("Change Waypoint", edits.set_waypoint(self.item.id, position=position, heading=heading))
