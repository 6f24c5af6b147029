"""Pages of the inspector that show no single item: many items at once, a marker, and the project itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.model import (
    ContactClip,
    Document,
    Item,
    LockClip,
    Marker,
    MusicClip,
    PoseKey,
    TempoScale,
    TextClip,
    Track,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import MAX_FRAMES, item_span
from genmo_studio.ui.panels.fields import Bursts, name_rows, number
from genmo_studio.ui.panels.item_forms import TEMPO_TEXT, dim, seconds_text

N = TypeVar("N", int, float)

_MIXED = "mixed"
_NOUNS: dict[type, tuple[str, str]] = {
    VideoClip: ("video clip", "video clips"),
    TextClip: ("text", "texts"),
    MusicClip: ("music clip", "music clips"),
    PoseKey: ("pose key", "pose keys"),
    Waypoint: ("waypoint", "waypoints"),
    ContactClip: ("contact", "contacts"),
    Tweak: ("tweak", "tweaks"),
    LockClip: ("lock", "locks"),
}
_TRACK_NOUNS: dict[TrackKind, tuple[str, str]] = {
    TrackKind.VIDEO: _NOUNS[VideoClip],
    TrackKind.TEXT: _NOUNS[TextClip],
    TrackKind.MUSIC: _NOUNS[MusicClip],
    TrackKind.FULL_KEYS: _NOUNS[PoseKey],
    TrackKind.PARTIAL_KEYS: ("limb key", "limb keys"),
    TrackKind.PATH: _NOUNS[Waypoint],
    TrackKind.CONTACTS: _NOUNS[ContactClip],
    TrackKind.TWEAKS: _NOUNS[Tweak],
    TrackKind.LOCKS: _NOUNS[LockClip],
}
_KEY_TRACKS = frozenset({TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS, TrackKind.PATH})
MARKER_COLOURS: dict[str, str] = {
    "Amber": "#e0b040",
    "Red": "#e0605c",
    "Green": "#62b56f",
    "Blue": "#5a9ae6",
    "Violet": "#a583e0",
    "Grey": "#9aa1ab",
}
_BELOW = -0.01
"""One step below the least weight: shown as "mixed" while the selected items differ."""


class Page(QWidget):
    """A form whose changes are undo steps."""

    edited = Signal(str, object, str)  # label, Edit, name of the run of changes it belongs to

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bursts = Bursts()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(7)
        column.addLayout(self.form)
        column.addStretch(1)

    def emit_edit(self, label: str, edit: Edit, *, about: str) -> None:
        """Ask for an undo step; a quick run of the same change of the same thing is one."""
        self.edited.emit(label, edit, self._bursts.name(f"{label}/{about}"))

    def fill(self, load: Callable[[], None]) -> None:
        """Set fields without asking for edits."""
        blockers = [QSignalBlocker(child) for child in self.findChildren(QWidget)]
        load()
        del blockers


class ManyPage(Page):
    """Several items: what they have in common is changed for all of them in one step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Item, ...] = ()
        self._what = dim()
        self.form.addRow(self._what)
        self._start = number(QSpinBox(minimum=0, maximum=MAX_FRAMES, suffix=" f"))
        self._start.setToolTip("First frame of the earliest; all move together")
        self._start.valueChanged.connect(self._start_typed)
        self.form.addRow("Start", self._start)
        self._length = number(QSpinBox(minimum=0, maximum=MAX_FRAMES, suffix=" f"), special=_MIXED)
        self._length.setToolTip("Trims the end of every selected clip to this length")
        self._length.valueChanged.connect(self._length_typed)
        self.form.addRow("Length", self._length)
        self._weight = number(QDoubleSpinBox(minimum=_BELOW, maximum=10.0, singleStep=0.05, decimals=2), special=_MIXED)
        self._weight.setToolTip("How strongly these steer the motion: 1 as trained, 0 not at all")
        self._weight.valueChanged.connect(self._weight_typed)
        self.form.addRow("Weight", self._weight)
        self._muted = QCheckBox("Leave out of the next take")
        self._muted.clicked.connect(self._muted_clicked)
        self.form.addRow("Mute", self._muted)
        self._tempo = QComboBox()
        for scale, text in TEMPO_TEXT.items():
            self._tempo.addItem(text, scale)
        self._tempo.activated.connect(self._tempo_chosen)
        self.form.addRow("Tempo", self._tempo)
        self._gain = number(QDoubleSpinBox(minimum=_BELOW, maximum=4.0, singleStep=0.05, decimals=2), special=_MIXED)
        self._gain.setSuffix(" ×")
        self._gain.valueChanged.connect(self._gain_typed)
        self.form.addRow("Loudness", self._gain)
        name_rows(self.form)

    def show_items(self, items: Sequence[Item]) -> None:
        """Show what the items share."""
        self._items = tuple(items)
        kinds = Counter(type(item) for item in items)
        self._what.setText(", ".join(f"{n} {_NOUNS[kind][n > 1]}" for kind, n in kinds.most_common()))
        clips = not any(isinstance(item, PoseKey | Waypoint) for item in items)
        music = [item for item in items if isinstance(item, MusicClip)]
        self.form.setRowVisible(self._length, clips)
        for field in (self._tempo, self._gain):
            self.form.setRowVisible(field, len(music) == len(items))
        on_top = {Tweak, LockClip} & set(kinds)  # these are about the result, not about what is generated next
        self._muted.setText("Leave out of the next take" if not on_top else "Mute all of them")
        self.fill(lambda: self._load(music))

    def _load(self, music: Sequence[MusicClip]) -> None:
        spans = [item_span(item) for item in self._items]
        self._start.setValue(min(span.start for span in spans))
        self._length.setValue(_common([span.length for span in spans], otherwise=0))
        self._weight.setValue(_common([item.weight for item in self._items], otherwise=_BELOW))
        muted = {item.muted for item in self._items}
        self._muted.setTristate(len(muted) > 1)
        state = Qt.CheckState.PartiallyChecked if len(muted) > 1 else _checked(on=muted == {True})
        self._muted.setCheckState(state)
        if music:
            tempos = {item.tempo for item in music}
            self._tempo.setCurrentIndex(list(TEMPO_TEXT).index(tempos.pop()) if len(tempos) == 1 else -1)
            self._tempo.setPlaceholderText(_MIXED)
            self._gain.setValue(_common([item.gain for item in music], otherwise=_BELOW))

    @property
    def _ids(self) -> tuple[str, ...]:
        return tuple(item.id for item in self._items)

    def _ask(self, label: str, edit: Edit) -> None:
        self.emit_edit(label, edit, about=",".join(self._ids))

    def _start_typed(self, value: int) -> None:
        by = value - min(item_span(item).start for item in self._items)
        if by:
            self._ask("Move Items", edits.move_items(self._ids, by=by))

    def _length_typed(self, value: int) -> None:
        if value > 0:
            ends = [edits.trim_end(item.id, item_span(item).start + value) for item in self._items]
            self._ask("Trim Items", edits.compose(*ends))

    def _weight_typed(self, value: float) -> None:
        if value >= 0:
            self._ask("Set Weight of Items", edits.set_weight(self._ids, round(value, 2)))

    def _muted_clicked(self) -> None:
        muted = self._muted.checkState() is not Qt.CheckState.Unchecked
        self._ask("Mute Items" if muted else "Unmute Items", edits.set_muted(self._ids, muted=muted))

    def _tempo_chosen(self, index: int) -> None:
        tempo: TempoScale = list(TEMPO_TEXT)[index]
        self._ask("Correct Tempo", edits.compose(*(edits.set_tempo(i, tempo) for i in self._ids)))

    def _gain_typed(self, value: float) -> None:
        if value >= 0:
            self._ask("Set Loudness", edits.compose(*(edits.set_gain(i, round(value, 2)) for i in self._ids)))


class MarkerPage(Page):
    """A marker or a marked range."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marker = Marker(id="", frame=0)
        self._name = QLineEdit(placeholderText="Name")
        self._name.editingFinished.connect(self._renamed)
        self.form.addRow("Name", self._name)
        self._frame = number(QSpinBox(minimum=0, maximum=MAX_FRAMES, suffix=" f"))
        self._frame.valueChanged.connect(lambda value: self._change("Move Marker", frame=value))
        self.form.addRow("Frame", self._frame)
        self._length = number(QSpinBox(minimum=0, maximum=MAX_FRAMES, suffix=" f"), special="a point")
        self._length.setToolTip("0 is a point in time, more is a range")
        self._length.valueChanged.connect(lambda value: self._change("Change Marker Range", length=value))
        self.form.addRow("Range", self._length)
        self._colour = QComboBox()
        for name, colour in MARKER_COLOURS.items():
            self._colour.addItem(_swatch(colour), name, colour)
        self._colour.activated.connect(
            lambda index: self._change("Colour Marker", colour=list(MARKER_COLOURS.values())[index])
        )
        self.form.addRow("Colour", self._colour)
        name_rows(self.form)

    def show_marker(self, marker: Marker) -> None:
        """Show a marker as it is now."""
        self._marker = marker
        self.fill(self._load)

    def _load(self) -> None:
        marker = self._marker
        self._name.setText(marker.name)
        self._frame.setValue(marker.frame)
        self._length.setValue(marker.length)
        colours = list(MARKER_COLOURS.values())
        self._colour.setCurrentIndex(colours.index(marker.colour) if marker.colour in colours else -1)
        self._colour.setPlaceholderText(marker.colour)

    def _renamed(self) -> None:
        if self._name.text() != self._marker.name:
            self._change("Rename Marker", name=self._name.text())

    def _change(
        self,
        label: str,
        *,
        name: str | None = None,
        frame: int | None = None,
        length: int | None = None,
        colour: str | None = None,
    ) -> None:
        edit = edits.change_marker(self._marker.id, name=name, frame=frame, length=length, colour=colour)
        self.emit_edit(label, edit, about=self._marker.id)


class ProjectPage(Page):
    """The project, while nothing is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._ends: dict[str, tuple[tuple[Item, ...], int]] = {}
        hint = dim("Select something on the timeline to change it here. This is the project itself.")
        self.form.addRow(hint)
        self._name = QLineEdit()
        self._name.setAccessibleName("Project name")
        self._name.editingFinished.connect(self._renamed)
        self.form.addRow("Project", self._name)
        self._length = number(QSpinBox(minimum=1, maximum=MAX_FRAMES, suffix=" f"))
        self._length.setToolTip("Frames that are played, generated and exported")
        self._length.valueChanged.connect(self._length_typed)
        self.form.addRow("Length", self._length)
        self._seconds = dim()
        self._fit = QPushButton("End at the Last Item")
        self._fit.setToolTip("Make the project as long as what lies on the timeline")
        self._fit.clicked.connect(self._fit_length)
        self.form.addRow("", self._seconds)
        self.form.addRow("", self._fit)
        self._holds = dim()
        self.form.addRow("Holds", self._holds)
        name_rows(self.form)

    def show_document(self, document: Document) -> None:
        """Follow the document."""
        self._document = document
        self.fill(self._load)

    def _load(self) -> None:
        document = self._document
        if document is None:
            return
        if not self._name.hasFocus():
            self._name.setText(document.name)
        self._length.setValue(document.length)
        self._seconds.setText(f"{seconds_text(document.length, document.fps)} at {document.fps} frames a second")
        counts: Counter[TrackKind] = Counter()
        for track in document.tracks:
            counts[track.kind] += len(track.items)
        parts = [f"{n} {_TRACK_NOUNS[kind][n > 1]}" for kind, n in counts.items() if n]
        takes = len(document.takes)
        parts.append("no take yet" if not takes else f"{takes} take{'s' if takes > 1 else ''}")
        self._holds.setText(", ".join(parts))
        self._fit.setEnabled(self._end() not in {0, document.length})

    def _end(self) -> int:
        if self._document is None:
            return 0
        return max((self._track_end(track) for track in self._document.tracks if track.items), default=0)

    def _track_end(self, track: Track) -> int:
        """Where the last item of a track ends; remembered, because every edit asks and few tracks have changed."""
        known = self._ends.get(track.id)
        if known is None or known[0] is not track.items:
            # Items are in order of their start, and keys have no length.
            last = track.items[-1:] if track.kind in _KEY_TRACKS else track.items
            known = self._ends[track.id] = (track.items, max(item_span(item).stop for item in last))
        return known[1]

    def _renamed(self) -> None:
        if self._document is not None and self._name.text().strip() not in {"", self._document.name}:
            self.emit_edit("Rename Project", edits.rename_project(self._name.text().strip()), about="project")

    def _length_typed(self, value: int) -> None:
        self.emit_edit("Set Project Length", edits.set_length(value), about="project")

    def _fit_length(self) -> None:
        self.emit_edit("Set Project Length", edits.set_length(self._end()), about="fit")


def _common(values: Sequence[N], *, otherwise: N) -> N:
    return values[0] if len(set(values)) == 1 else otherwise


def _checked(*, on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked


def _swatch(colour: str) -> QIcon:
    picture = QPixmap(14, 14)
    picture.fill(QColor(colour))
    return QIcon(picture)
