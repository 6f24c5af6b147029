"""The report of an import: what each file turned out to be, and the choices that are still open. Never modal."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.model import Document
from genmo_studio.importers.placing import FileUp, Travel, Unit
from genmo_studio.ui.icons import icon
from genmo_studio.ui.media_import import FileKind
from genmo_studio.ui.media_import_read import Fixes
from genmo_studio.ui.media_import_report import (
    Entry,
    ImportReport,
    facts,
    present_up,
    sound_offered,
    up_choices,
)
from genmo_studio.ui.theme import Theme
from genmo_studio.values import replace

_ICONS = {FileKind.VIDEO: "video", FileKind.SOUND: "music", FileKind.LINES: "text", FileKind.SUBTITLES: "text"}


class ImportReportPanel(QWidget):
    """Shows one report."""

    closed = Signal()
    undo_requested = Signal()
    fix_requested = Signal(int, object)
    """index of the entry, Fixes"""
    start_requested = Signal(int, bool)
    """index of the entry; True: begin where the result stands"""
    sound_requested = Signal(int)
    """index of the entry"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[ImportReport, Document, bool] | None = None
        self._title = QLabel(wordWrap=True)
        self._undo = QPushButton(icon("undo"), "Undo Import")
        self._undo.clicked.connect(self.undo_requested)
        close = QToolButton(autoRaise=True)
        close.setIcon(icon("close"))
        close.setIconSize(QSize(14, 14))
        close.setToolTip("Back to the media list")
        close.setAccessibleName("Close the import report")
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 6, 4)
        head.addWidget(self._title, 1)
        head.addWidget(self._undo)
        head.addWidget(close)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.setAccessibleName("Import report")

    def show_report(self, report: ImportReport, document: Document, *, can_undo: bool) -> None:
        """Show what an import found."""
        self._shown = report, document, can_undo
        self._title.setText(f"<b>{report.summary}</b>")
        self._undo.setVisible(report.imported > 0)
        self.set_can_undo(can_undo=can_undo)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(10, 2, 10, 10)
        column.setSpacing(10)
        for index, entry in enumerate(report.entries):
            column.addWidget(self._entry(index, entry, document))
        for sentence in report.refused:
            column.addWidget(self._line("warning", sentence))
        column.addStretch(1)
        self._scroll.setWidget(content)

    def forget(self) -> None:
        """Another project was opened."""
        self._shown = None
        self._scroll.setWidget(QWidget())

    def set_theme(self, _theme: Theme) -> None:
        """Draw the icons anew; everything else follows by itself."""
        if self._shown is not None:
            report, document, can_undo = self._shown
            self.show_report(report, document, can_undo=can_undo)

    def set_can_undo(self, *, can_undo: bool) -> None:
        """The import is (not) the newest step of the history."""
        if self._shown is not None:
            self._shown = *self._shown[:2], can_undo
        self._undo.setEnabled(can_undo)
        self._undo.setToolTip("" if can_undo else "Other steps came after it: use the history")

    def _line(self, name: str, text: str, *, strong: bool = False) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        mark = QLabel()
        mark.setPixmap(icon(name).pixmap(QSize(16, 16), self.devicePixelRatioF()))
        words = QLabel(text, wordWrap=True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if strong:
            font = words.font()
            font.setBold(True)
            words.setFont(font)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        return line

    def _entry(self, index: int, entry: Entry, document: Document) -> QWidget:
        if entry.problem:
            return self._line("warning", entry.problem)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        kind = entry.kind
        name = _ICONS.get(kind, "take") if kind is not None else "take"
        column.addWidget(self._line(name, entry.path.name, strong=True))
        for fact in facts(entry, document):
            words = QLabel(fact, wordWrap=True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setContentsMargins(24, 0, 0, 0)
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(words)
        if entry.can_fix:
            column.addLayout(self._fixes(index, entry))
        if sound_offered(entry, document) is not None:
            add = QPushButton(icon("sound"), "Add Its Sound to a Music Track")
            add.setToolTip("The video alone gives no music to dance to; this puts its sound on a music track")
            add.clicked.connect(lambda: self.sound_requested.emit(index))
            row = QHBoxLayout()
            row.setContentsMargins(24, 2, 0, 0)
            row.addWidget(add)
            row.addStretch(1)
            column.addLayout(row)
        return box

    def _fixes(self, index: int, entry: Entry) -> QFormLayout:
        """What can be overruled about a motion."""
        form = QFormLayout()
        form.setContentsMargins(24, 4, 0, 0)
        form.setSpacing(6)
        up = QComboBox()
        for axis in up_choices(entry):
            up.addItem(f"{axis.value} up", axis)
        up.setCurrentIndex(up_choices(entry).index(present_up(entry)))
        up.setAccessibleName("Up axis of the file")
        up.activated.connect(lambda at: self._fix(index, replace(entry.fixes, up=FileUp(up_choices(entry)[at]))))
        form.addRow("Up axis", up)
        if entry.read is not None and entry.read.guess is not None:
            form.addRow("Travel", self._travel(index, entry))
        begins = QComboBox()
        begins.addItems(["Where the file says", "Where the result stands"])
        begins.setCurrentIndex(int(entry.fixes.anchor is not None))
        begins.setToolTip("Turn and move the motion so that it goes on from the frame before it")
        begins.setAccessibleName("Where the motion begins")
        begins.activated.connect(lambda at: self.start_requested.emit(index, at == 1))
        form.addRow("Begins", begins)
        return form

    def _travel(self, index: int, entry: Entry) -> QComboBox:
        """How far the body goes: fitted, or measured in one of the units."""
        box = QComboBox()
        box.addItem("Fitted to the body's legs")
        units = list(Unit)
        for unit in units:
            box.addItem(f"As in the file, in {unit.words}")
        now = entry.fixes.bvh
        guessed = entry.read.guess.unit if entry.read is not None and entry.read.guess is not None else Unit.CENTIMETRE
        box.setCurrentIndex(0 if now.travel is Travel.FITTED else 1 + units.index(now.unit or guessed))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(14)
        box.setAccessibleName("How far the body travels")

        def chosen(at: int) -> None:
            if at == 0:
                bvh = replace(now, travel=Travel.FITTED, unit=None)
            else:
                bvh = replace(now, travel=Travel.MEASURED, unit=units[at - 1])
            self._fix(index, replace(entry.fixes, bvh=bvh))

        box.activated.connect(chosen)
        return box

    def _fix(self, index: int, fixes: Fixes) -> None:
        self.fix_requested.emit(index, fixes)
