"""Forms of the inspector for contacts, tweaks and locks."""

import math

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QPushButton, QSpinBox, QVBoxLayout

from genmo_studio.document import edits
from genmo_studio.document.model import ContactClip, Document, Foot, LockClip, Tweak, Vec3
from genmo_studio.document.queries import MAX_FRAMES
from genmo_studio.document.under import is_unchecked
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.panels.fields import number
from genmo_studio.ui.panels.item_forms import ClipForm, dim
from genmo_studio.ui.panels.region_boxes import RegionBoxes

_FEET = {Foot.LEFT: "Left", Foot.RIGHT: "Right"}
_STATES = {True: "Planted: rests on the ground", False: "Free: does not rest"}
_NOTHING: Vec3 = (0.0, 0.0, 0.0)
_SHIFT = ""
"""Data of the entry for the root's place among the joints."""


class ContactForm(ClipForm[ContactClip]):
    """A foot that rests or may not."""

    _noun = "Contact"

    def add_own_rows(self) -> None:
        """Foot and state, then when."""
        self._foot, self._state = QComboBox(), QComboBox()
        for foot, words in _FEET.items():
            self._foot.addItem(words, foot)
        for planted, words in _STATES.items():
            self._state.addItem(words, planted)
        self._foot.activated.connect(self._foot_chosen)
        self._state.activated.connect(self._state_chosen)
        self.form.addRow("Foot", self._foot)
        self.form.addRow("State", self._state)
        super().add_own_rows()

    def load(self, item: ContactClip, document: Document) -> None:
        """Fill the rows."""
        self._foot.setCurrentIndex(list(_FEET).index(item.foot))
        self._state.setCurrentIndex(list(_STATES).index(item.planted))
        self._frames.load(item, document)

    def _foot_chosen(self, index: int) -> None:
        foot = list(_FEET)[index]
        if foot is not self.item.foot:
            self.emit_edit("Change Foot", edits.set_contact(self.item.id, foot=foot))

    def _state_chosen(self, index: int) -> None:
        planted = list(_STATES)[index]
        if planted is not self.item.planted:
            label = "Plant Foot" if planted else "Free Foot"
            self.emit_edit(label, edits.set_contact(self.item.id, planted=planted))


class LockForm(ClipForm[LockClip]):
    """What no generation changes."""

    _noun = "Lock"
    _mute_words = "Let generations change it"

    def add_own_rows(self) -> None:
        """Regions, then when."""
        self.regions = RegionBoxes()
        self.regions.changed.connect(self._regions_chosen)
        self.form.addRow(dim("No generation changes the result here:"))
        self.form.addRow(self.regions)
        super().add_own_rows()

    def load(self, item: LockClip, document: Document) -> None:
        """Fill the rows."""
        self.regions.show_regions(item.regions)
        self._frames.load(item, document)

    def _regions_chosen(self, regions: tuple[str, ...]) -> None:
        if set(regions) != set(self.item.regions):
            self.emit_edit("Change Locked Regions", edits.set_regions(self.item.id, regions))


class TweakForm(ClipForm[Tweak]):
    """A change on top of the result: how it grows and fades, and what it does to one joint at a time."""

    _noun = "Tweak"
    _mute_words = "Show the result without it"
    _weight_tip = "How much of the change is applied: 1 all of it, 0 none"

    def add_own_rows(self) -> None:
        """When, rise and fall, then joint and turn."""
        super().add_own_rows()
        self._rise, self._fall = (number(QSpinBox(minimum=0, maximum=MAX_FRAMES, suffix=" f")) for _ in range(2))
        self._rise.setToolTip("Frames over which it grows from nothing")
        self._fall.setToolTip("Frames over which it fades to nothing")
        self._rise.valueChanged.connect(self._rise_typed)
        self._fall.valueChanged.connect(self._fall_typed)
        self.form.addRow("Rise", self._rise)
        self.form.addRow("Fall", self._fall)
        self._joint = QComboBox()
        self._joint.activated.connect(lambda _: self._show_joint())
        self.form.addRow("Joint", self._joint)
        self._axes = tuple(
            number(QDoubleSpinBox(minimum=-1000.0, maximum=1000.0, decimals=2, prefix=f"{axis}  ")) for axis in "xyz"
        )
        row = QVBoxLayout()  # side by side they are wider than the panel
        row.setSpacing(4)
        for axis, field in zip("xyz", self._axes, strict=True):
            field.setAccessibleName(f"Change about {axis}")
            field.valueChanged.connect(self._turn_typed)
            row.addWidget(field)
        self.form.addRow("Change", row)
        self._free = QPushButton("Leave This Joint as It Is")
        self._free.clicked.connect(self._freed)
        self.form.addRow("", self._free)
        self._under = dim()
        self.form.addRow("Made for", self._under)
        self._accept = QPushButton("Accept Tweak")
        self._accept.setToolTip("It is right on the result below it as it is now")
        self._accept.clicked.connect(lambda: self.emit_edit("Accept Tweak", edits.accept_tweaks((self.item.id,))))
        self.form.addRow("", self._accept)

    def load(self, item: Tweak, document: Document) -> None:
        """Fill the rows; the joint that was looked at stays."""
        self._frames.load(item, document)
        self._rise.setValue(item.rise)
        self._fall.setValue(item.fall)
        shown = self._joint.currentData()
        self._joint.clear()
        self._joint.addItem(f"{'• ' if item.shift is not None else ''}Place of the root", _SHIFT)
        for name in JOINTS[:BODY_JOINT_COUNT]:
            self._joint.addItem(f"{'• ' if name in item.rotations else ''}{spoken(name).capitalize()}", name)
        if shown is None or not (shown in item.rotations or shown == _SHIFT):
            shown = next(iter(item.rotations), _SHIFT)
        self._joint.setCurrentIndex(max(0, self._joint.findData(shown)))
        self._show_joint()
        changed = is_unchecked(document, item)
        self._under.setText("another result than the one below it now" if changed else "the result below it")
        self.form.setRowVisible(self._accept, changed)

    def _show_joint(self) -> None:
        name = self._joint.currentData()
        value = self.item.shift if name == _SHIFT else self.item.rotations.get(name)
        for field, part in zip(self._axes, value or (0.0, 0.0, 0.0), strict=True):
            field.blockSignals(True)
            field.setSuffix(" m" if name == _SHIFT else " °")
            field.setSingleStep(0.05 if name == _SHIFT else 5.0)
            field.setValue(part if name == _SHIFT else math.degrees(part))
            field.blockSignals(False)
        self._free.setEnabled(value is not None)

    def _rise_typed(self, value: int) -> None:
        if value != self.item.rise:
            self.emit_edit("Change Rise", edits.change_tweak(self.item.id, rise=value))

    def _fall_typed(self, value: int) -> None:
        if value != self.item.fall:
            self.emit_edit("Change Fall", edits.change_tweak(self.item.id, fall=value))

    def _turn_typed(self) -> None:
        x, y, z = (field.value() for field in self._axes)
        name = self._joint.currentData()
        if name == _SHIFT:
            self.emit_edit("Shift Root", edits.change_tweak(self.item.id, shift=(x, y, z)))
            return
        turn: Vec3 = (math.radians(x), math.radians(y), math.radians(z))
        self.emit_edit(f"Tweak {spoken(name).title()}", edits.change_tweak(self.item.id, rotations={name: turn}))

    def _freed(self) -> None:
        name = self._joint.currentData()
        edit = edits.change_tweak(
            self.item.id, rotations={name: _NOTHING} if name else {}, shift=None if name else _NOTHING
        )
        self.emit_edit("Leave Joint as It Is", edit)
