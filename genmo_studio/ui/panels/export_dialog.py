"""The export dialog: where to, which frames, which options; runs beside the window and says what was written."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.time import Span
from genmo_studio.media.files import locate
from genmo_studio.render.camera import Camera
from genmo_studio.ui.icons import icon
from genmo_studio.ui.mix import sounding_clips
from genmo_studio.ui.panels.export_worker import ExportDone, ExportFailed, ExportProcess, ExportProgress, ExportTask
from genmo_studio.ui.panels.fields import number
from genmo_studio.ui.panels.model_choices import DEFAULT_MODEL
from genmo_studio.ui.project import Project
from genmo_studio.ui.theme import Theme

POLL_MS = 40
DEFAULT_LICENCE = "CC BY-NC 4.0 (made with the default model)"


@dataclass(frozen=True)
class Format:
    """One choice."""

    suffix: str
    title: str
    use: str
    icon: str


FORMATS: tuple[Format, ...] = (
    Format(".glb", "glTF", "The animated body, for Blender, Unity, Godot and the web.", "people"),
    Format(".bvh", "BVH", "The skeleton alone, for Blender, MotionBuilder and Maya.", "skeleton"),
    Format(".npz", "AMASS npz", "SMPL parameters without loss, for research and training.", "curves"),
    Format(".mp4", "Video", "A film, with the project's music.", "video"),
    Format(".png", "Pictures", "One picture for each frame, or only the present one.", "grid"),
)
_PICTURES = (".mp4", ".png")
_SIZES = {"1280 × 720": (1280, 720), "1920 × 1080": (1920, 1080), "1080 × 1920": (1080, 1920), "960 × 540": (960, 540)}


class ExportDialog(QDialog):
    """Not modal: the window stays usable while it runs."""

    def __init__(
        self, shown: ShownMotion, *, project: Project, camera: Camera | None, frame: int, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle("Export Motion")
        self._shown, self._project, self._camera, self._theme = shown, project, camera, theme
        self._process: ExportProcess | None = None
        self._written: tuple[Path, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._make_fields(frame)
        self._make_layout()
        self.formats.setCurrentRow(0)
        self._format_chosen()
        self._take(self._marked())

    # -- building ------------------------------------------------------------------------------------------------------

    def _make_fields(self, frame: int) -> None:
        self.formats = QListWidget()
        self.formats.setAccessibleName("Format")
        self.formats.setIconSize(QSize(22, 22))
        self.formats.setSpacing(1)
        self.formats.setFixedWidth(168)
        for entry in FORMATS:
            row = QListWidgetItem(icon(entry.icon), f"{entry.title}  ({entry.suffix})")
            row.setToolTip(entry.use)
            row.setSizeHint(QSize(150, 38))
            self.formats.addItem(row)
        self.formats.currentRowChanged.connect(self._format_chosen)
        self._use = QLabel(wordWrap=True)
        self._use.setEnabled(False)
        folder = self._project.path.parent if self._project.path is not None else Path.home()
        self.path = QLineEdit(str(folder / f"{_safe(self._project.name)}.glb"))
        self.path.setAccessibleName("File")
        self.path.textChanged.connect(self._check)
        self._browse = QPushButton("Browse…")
        self._browse.clicked.connect(self._choose_path)
        self.replace = QCheckBox("Replace the file that is there")
        self.replace.toggled.connect(self._check)
        span = self._shown.span
        self.first, self.last = number(QSpinBox()), number(QSpinBox())
        self.first.setAccessibleName("First frame")
        self.last.setAccessibleName("Last frame")
        for field, value in ((self.first, span.start), (self.last, span.stop - 1)):
            field.setRange(span.start, span.stop - 1)
            field.setValue(value)
            field.valueChanged.connect(self._check)
        self._marks, self._whole = QPushButton("In to out"), QPushButton("All")
        self._marks.setEnabled(self._marked() is not None)
        self._marks.clicked.connect(lambda: self._take(self._marked()))
        self._whole.clicked.connect(lambda: self._take(span))
        self.size_choice = QComboBox()
        self.size_choice.addItems(list(_SIZES))
        self.view_choice = QComboBox()
        self.view_choice.addItems(["Follow the character", "As in the viewport"])
        self.view_choice.setEnabled(self._camera is not None)
        self.sound = QCheckBox("With the project's music")
        self.sound.setChecked(True)
        self.single = QCheckBox(f"Only frame {frame}, where the playhead is")
        self._frame = frame
        self.up = QComboBox()
        self.up.addItems(["Z up (as AMASS)", "Y up (as SMPL)"])
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._bar.setMaximumHeight(8)
        self.report = QLabel(wordWrap=True)
        self.report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report.setMinimumHeight(40)
        self.report.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _make_layout(self) -> None:
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(8)
        self._form.addRow(self._use)
        self._form.addRow("File", _row(self.path, self._browse, stretch=0))
        self._form.addRow("", self.replace)
        self._form.addRow("Frames", _row(self.first, QLabel("to"), self.last, self._marks, self._whole))
        self._form.addRow("Size", self.size_choice)
        self._form.addRow("Camera", self.view_choice)
        self._form.addRow("", self.sound)
        self._form.addRow("", self.single)
        self._form.addRow("Axes", self.up)
        self._export = QPushButton(icon("export", colour=self._theme.accent_text), "Export")
        self._export.setDefault(True)
        self._export.clicked.connect(self.start)
        self._reveal = QPushButton("Show in Folder")
        self._reveal.clicked.connect(self._show_folder)
        self._reveal.hide()
        self._close = QPushButton("Close")
        self._close.clicked.connect(self._close_or_cancel)
        buttons = QHBoxLayout()
        buttons.addWidget(self._reveal)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._export)
        right = QVBoxLayout()
        right.addLayout(self._form)
        right.addStretch(1)
        right.addWidget(self._bar)
        right.addWidget(self.report)
        right.addLayout(buttons)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(14, 14, 14, 14)
        whole.setSpacing(16)
        whole.addWidget(self.formats)
        whole.addLayout(right, 1)
        self.resize(660, 420)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._bar.hide()

    # -- choices -------------------------------------------------------------------------------------------------------

    @property
    def format(self) -> Format:
        """The chosen format."""
        return FORMATS[max(self.formats.currentRow(), 0)]

    def choose(self, suffix: str) -> None:
        """Choose a format by its suffix."""
        self.formats.setCurrentRow([entry.suffix for entry in FORMATS].index(suffix))

    def _format_chosen(self, *_: object) -> None:
        chosen = self.format
        self._use.setText(chosen.use)
        path = Path(self.path.text().strip() or "motion")
        known = path.suffix.lower() in {entry.suffix for entry in FORMATS}
        self.path.setText(str(path.with_suffix(chosen.suffix) if known else Path(f"{path}{chosen.suffix}")))
        has_music = bool(sounding_clips(self._project.editor.document))
        for field, wanted in (
            (self.size_choice, chosen.suffix in _PICTURES),
            (self.view_choice, chosen.suffix in _PICTURES),
            (self.sound, chosen.suffix == ".mp4" and has_music),
            (self.single, chosen.suffix == ".png"),
            (self.up, chosen.suffix == ".npz"),
        ):
            self._form.setRowVisible(field, wanted)
        self._check()

    def _choose_path(self) -> None:
        chosen = self.format
        name, _ = QFileDialog.getSaveFileName(self, "Export To", self.path.text(), f"{chosen.title} (*{chosen.suffix})")
        if name:
            path = Path(name)
            self.path.setText(str(path if path.suffix.lower() == chosen.suffix else Path(f"{path}{chosen.suffix}")))
            self.replace.setChecked(path.exists())  # the file dialog has asked

    def _marked(self) -> Span | None:
        """The frames between in and out that the motion has."""
        marked = self._project.editor.document.in_out
        return None if marked is None else marked.intersection(self._shown.span)

    def _take(self, part: Span | None) -> None:
        if part is not None:
            self.first.setValue(part.start)
            self.last.setValue(part.stop - 1)

    def _check(self, *_: object) -> None:
        """Say what stands in the way before anything is started."""
        path = Path(self.path.text().strip())
        exists = bool(self.path.text().strip()) and path.is_file()
        self._form.setRowVisible(self.replace, exists)
        problem = ""
        if path.suffix.lower() != self.format.suffix:
            problem = f"The name must end in {self.format.suffix}."
        elif not path.parent.is_dir():
            problem = f"There is no folder {path.parent}."
        elif exists and not self.replace.isChecked():
            problem = "There is already a file of this name."
        elif self.first.value() > self.last.value():
            problem = "The first frame comes after the last."
        self._export.setEnabled(not problem and self._process is None)
        if self._process is None:
            self._say(problem, self._theme.warning)

    # -- running -------------------------------------------------------------------------------------------------------

    def task(self) -> ExportTask:
        """What the fields say."""
        document = self._project.editor.document
        span = Span(self.first.value(), self.last.value() + 1)
        start = self._shown.start
        motion = self._shown.motion.sliced(span.start - start, span.stop - start)
        wants_sound = self.format.suffix == ".mp4" and self.sound.isChecked() and bool(sounding_clips(document))
        media = {ref.id: str(path) for ref in document.media if (path := locate(ref, self._project.media_folder))}
        single = self.single.isChecked() and self.format.suffix == ".png"
        inside = min(max(self._frame, span.start), span.stop - 1) - span.start
        return ExportTask(
            motion=motion.to_bytes(),
            body=document.body.model,
            path=Path(self.path.text().strip()),
            name=self._project.name,
            replace=self.replace.isChecked(),
            up_z=self.up.currentIndex() == 0,
            size=_SIZES[self.size_choice.currentText()],
            camera=self._camera if self.view_choice.currentIndex() == 1 else None,
            single_frame=inside if single else None,
            document=msgspec.json.encode(document) if wants_sound else b"",
            media=media if wants_sound else {},
            span=span,
            notes=self._notes(span),
        )

    def _notes(self, span: Span) -> dict[str, str]:
        """Where the motion comes from, for formats that have a place for it."""
        document = self._project.editor.document
        shown = {piece.take for piece in document.result if piece.span.overlaps(span)}
        takes = [take for take in document.takes if take.id in shown]
        notes = {
            "model": ", ".join(sorted({take.model for take in takes})),
            "seed": ", ".join(sorted({str(take.seed) for take in takes})),
        }
        if any(take.model == DEFAULT_MODEL.name for take in takes):
            notes["licence"] = DEFAULT_LICENCE
        return notes

    def start(self) -> None:
        """Begin."""
        self._written = ()
        self._reveal.hide()
        self._process = ExportProcess(self.task())
        self._bar.setValue(0)
        self._bar.show()
        self._export.setEnabled(False)
        self._close.setText("Cancel")
        self._say("Starting…", self._theme.text_dim)
        self._timer.start()

    def _poll(self) -> None:
        for message in self._process.poll() if self._process is not None else ():
            if isinstance(message, ExportProgress):
                self._bar.setValue(round(1000 * message.fraction))
                detail = f" · {message.detail}" if message.detail else ""
                self._say(f"{message.stage[:1].upper()}{message.stage[1:]}{detail}", self._theme.text_dim)
            elif isinstance(message, ExportDone):
                self._end()
                self._written = message.paths
                self._reveal.show()
                self._say(f"Written and checked: {message.report}", self._theme.success)
            elif isinstance(message, ExportFailed):
                self._end()
                self._say(message.sentence, self._theme.error)
                self.report.setToolTip(message.details)

    def _end(self) -> None:
        self._timer.stop()
        if self._process is not None:
            self._process.close()
            self._process = None
        self._bar.hide()
        self._close.setText("Close")
        self._check()

    @property
    def running(self) -> bool:
        """True while it exports."""
        return self._process is not None

    @property
    def written(self) -> tuple[Path, ...]:
        """Files of the last export."""
        return self._written

    def _close_or_cancel(self) -> None:
        if self._process is None:
            self.reject()
            return
        self._end()
        self._say("Cancelled; no file was left behind.", self._theme.text_dim)

    def done(self, result: int) -> None:
        """A running export ends with its dialog, by whatever key or button that is closed."""
        self._end()
        super().done(result)

    def _show_folder(self) -> None:
        if self._written:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written[0].parent)))

    def _say(self, text: str, colour: str) -> None:
        self.report.setStyleSheet(f"color: {colour};")
        self.report.setText(text)


def _row(*widgets: QWidget, stretch: int | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for index, widget in enumerate(widgets):
        row.addWidget(widget, 1 if index == stretch else 0)
    if stretch is None:
        row.addStretch(1)
    return row


def _safe(name: str) -> str:
    """A name that every file system takes."""
    return "".join(c if c.isalnum() or c in " -_." else "_" for c in name).strip(" .")[:80] or "motion"
