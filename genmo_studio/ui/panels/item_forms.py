"""Forms of the inspector: one a kind of item. Each shows an item and emits (label, Edit) when a field is changed."""

from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.model import (
    Clip,
    Document,
    Item,
    MusicClip,
    TempoScale,
    TextClip,
    VideoClip,
)
from genmo_studio.document.queries import MAX_FRAMES, find_media, item_span
from genmo_studio.ui.panels.fields import Bursts, Resettable, name_rows, number

ItemT = TypeVar("ItemT", bound=Item)
MAX_SHOWN_WEIGHT = 3.0
TEMPO_TEXT = {TempoScale.HALF: "Half (÷2)", TempoScale.NORMAL: "As detected", TempoScale.DOUBLE: "Double (×2)"}


def dim(text: str = "") -> QLabel:
    """A quiet label that wraps."""
    label = QLabel(text, wordWrap=True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def seconds_text(frames: int, fps: int) -> str:
    """``2.40 s``."""
    return f"{frames / fps:.2f} s"


class ItemForm(QWidget, Generic[ItemT]):
    """What all items share: when, weight, muted."""

    edited = Signal(str, object, str)  # label, Edit, name of the run of changes it belongs to
    _noun = "item"
    _mute_words = "Leave out of the next take"
    _weight_tip = "How strongly this steers the motion: 1 as trained, 0 not at all"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: ItemT | None = None
        self._bursts = Bursts()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        column.addLayout(self.form)
        column.addStretch(1)
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(7)
        self.add_own_rows()
        self._weight = number(QDoubleSpinBox(minimum=0.0, maximum=10.0, singleStep=0.05, decimals=2))
        self._weight.setToolTip(self._weight_tip)
        self._weight.valueChanged.connect(self._weight_typed)
        self._weight_slider = QSlider(Qt.Orientation.Horizontal)
        self._weight_slider.setRange(0, round(100 * MAX_SHOWN_WEIGHT))
        self._weight_slider.setAccessibleName("Weight")
        self._weight_slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._weight_slider.valueChanged.connect(self._weight_dragged)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._weight_slider, 1)
        row.addWidget(self._weight)
        both = QWidget()
        both.setLayout(row)
        self._weight_row = Resettable(both, reset=lambda: self._weight_typed(1.0), usual="1.00, as trained")
        self.form.addRow("Weight", self._weight_row)
        self._muted = QCheckBox(self._mute_words)
        self._muted.toggled.connect(self._muted_toggled)
        self.form.addRow("Mute", self._muted)
        name_rows(self.form)

    def add_own_rows(self) -> None:
        """The rows of this kind, above weight and mute."""

    def show_item(self, item: ItemT, document: Document) -> None:
        """Show an item as it is now."""
        self._item = item
        children = self.findChildren(QWidget)
        blockers = [QSignalBlocker(child) for child in children]
        self._weight.setValue(item.weight)
        self._weight_slider.setValue(round(100 * item.weight))
        self._weight_row.show_reset(on=item.weight != 1.0)
        self._muted.setChecked(item.muted)
        self.load(item, document)
        del blockers

    def load(self, item: ItemT, document: Document) -> None:
        """Fill the own rows; signals are blocked."""

    def emit_edit(self, label: str, edit: Edit) -> None:
        """Ask for an undo step; a quick run of the same change is one."""
        held = self._weight_slider.isSliderDown()
        self.edited.emit(label, edit, self._bursts.name(f"{label}/{self.item.id}", held=held))

    @property
    def item(self) -> ItemT:
        """The shown item."""
        if self._item is None:
            raise RuntimeError("the form shows no item")
        return self._item

    def _weight_typed(self, value: float) -> None:
        if value != self.item.weight:
            self.emit_edit(f"Set Weight of {self._noun}", edits.set_weight((self.item.id,), round(value, 2)))

    def _weight_dragged(self, value: int) -> None:
        self._weight_typed(value / 100)

    def _muted_toggled(self, muted: bool) -> None:
        label = f"{'Mute' if muted else 'Unmute'} {self._noun}"
        self.emit_edit(label, edits.set_muted((self.item.id,), muted=muted))


class _Frames:
    """Start and length of a clip as two number fields."""

    def __init__(self, form: "ItemForm[ItemT]", *, start: str = "Start") -> None:
        self.start = frame_field()
        self.length = frame_field()
        self.length.setMinimum(1)
        self.seconds = dim()
        self.seconds.setWordWrap(False)
        form.form.addRow(start, self.start)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.length, 1)
        row.addWidget(self.seconds)
        form.form.addRow("Length", row)

    def load(self, item: Clip, document: Document) -> None:
        self.start.setValue(item.span.start)
        self.length.setValue(item.span.length)
        self.seconds.setText(seconds_text(item.span.length, document.fps))


def frame_field() -> QSpinBox:
    """A number of frames."""
    field = number(QSpinBox(minimum=0, maximum=MAX_FRAMES, suffix=" f"))
    field.setToolTip("Frames at the project's rate")
    return field


def metre_field() -> QDoubleSpinBox:
    """A place along one axis, m."""
    return number(QDoubleSpinBox(minimum=-1000.0, maximum=1000.0, singleStep=0.1, decimals=3, suffix=" m"))


class ClipForm(ItemForm[ItemT]):
    """Start and length of clips."""

    def add_own_rows(self) -> None:
        """Start and length."""
        self._frames = _Frames(self)
        self._frames.start.valueChanged.connect(self._start_typed)
        self._frames.length.valueChanged.connect(self._length_typed)

    def _start_typed(self, value: int) -> None:
        by = value - item_span(self.item).start
        if by:
            self.emit_edit(f"Move {self._noun}", edits.move_items((self.item.id,), by=by))

    def _length_typed(self, value: int) -> None:
        span = item_span(self.item)
        if value != span.length:
            self.emit_edit(f"Trim {self._noun}", edits.trim_end(self.item.id, span.start + value))


class TextForm(ClipForm[TextClip]):
    """A prompt."""

    _noun = "Text"

    def add_own_rows(self) -> None:
        """The text itself, then when."""
        self._text = QPlainTextEdit(placeholderText="Describe the motion: a person walks forward and waves")
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(72)
        self._text.setMaximumHeight(110)
        self._text.setAccessibleName("Text")
        self._text.setToolTip(
            "One or two actions a segment work best. Ctrl+Enter or leaving the field keeps the change."
        )
        self._text.installEventFilter(self)
        self.form.addRow(self._text)
        super().add_own_rows()

    def load(self, item: TextClip, document: Document) -> None:
        """Fill text, start and length; what is being typed stays."""
        if self._text.toPlainText() != item.text:
            self._text.setPlainText(item.text)
        self._frames.load(item, document)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Keep the text when the field is left."""
        if watched is self._text and event.type() == QEvent.Type.FocusOut:
            self.commit()
        return super().eventFilter(watched, event)

    def commit(self) -> None:
        """Make what was typed an undo step."""
        text = " ".join(self._text.toPlainText().split())
        if self._item is not None and text != self.item.text:
            self.emit_edit("Change Text", edits.set_text(self.item.id, text))


class MediaForm(ClipForm[ItemT]):
    """What video and music share: the file and the part of it that is shown."""

    def add_own_rows(self) -> None:
        """File and source."""
        self._file = dim()
        self._source = dim()
        self.form.addRow("File", self._file)
        super().add_own_rows()
        self.form.addRow("Source", self._source)

    def load_media(self, item: VideoClip | MusicClip, document: Document) -> None:
        """Fill the shared rows."""
        media = find_media(document, item.media)
        self._file.setText(media.name if media else "missing")
        self._frames.load(item, document)
        source = item.source
        speed = source.length / item.span.length
        text = f"{seconds_text(source.start, document.fps)} to {seconds_text(source.stop, document.fps)}"
        self._source.setText(text if abs(speed - 1) < 1e-6 else f"{text}, at {speed:.2f}× speed")


class VideoForm(MediaForm[VideoClip]):
    """A stretch of video."""

    _noun = "Video"

    def load(self, item: VideoClip, document: Document) -> None:
        """Fill the rows."""
        self.load_media(item, document)


class MusicForm(MediaForm[MusicClip]):
    """A stretch of music."""

    _noun = "Music"

    def add_own_rows(self) -> None:
        """Tempo correction and loudness."""
        super().add_own_rows()
        self._tempo = QComboBox()
        for scale, text in TEMPO_TEXT.items():
            self._tempo.addItem(text, scale)
        self._tempo.setToolTip("Beat trackers often hear half or double the tempo")
        self._tempo.activated.connect(self._tempo_chosen)
        self.form.addRow("Tempo", self._tempo)
        self._gain = number(QDoubleSpinBox(minimum=0.0, maximum=4.0, singleStep=0.05, decimals=2, suffix=" ×"))
        self._gain.valueChanged.connect(self._gain_typed)
        self._gain_row = Resettable(self._gain, reset=lambda: self._gain_typed(1.0), usual="1.00 ×")
        self.form.addRow("Loudness", self._gain_row)

    def load(self, item: MusicClip, document: Document) -> None:
        """Fill the rows."""
        self.load_media(item, document)
        self._tempo.setCurrentIndex(list(TEMPO_TEXT).index(item.tempo))
        self._gain.setValue(item.gain)
        self._gain_row.show_reset(on=item.gain != 1.0)

    def _tempo_chosen(self, index: int) -> None:
        tempo = list(TEMPO_TEXT)[index]
        if tempo is not self.item.tempo:
            self.emit_edit("Correct Tempo", edits.set_tempo(self.item.id, tempo))

    def _gain_typed(self, value: float) -> None:
        if value != self.item.gain:
            self.emit_edit("Set Loudness", edits.set_gain(self.item.id, round(value, 2)))
