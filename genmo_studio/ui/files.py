"""New, open, save: the questions to the user around a Project, and what is said when something goes wrong."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

from genmo_studio.document.edits import EditError
from genmo_studio.document.storage import SUFFIX, StorageError
from genmo_studio.ui.panels.message_bar import Message, Severity, refusal
from genmo_studio.ui.project import Project, SaveJob, Thumb, sample_path
from genmo_studio.ui.saver import Saver, as_storage_error

FILTER = f"GENMO Studio project (*{SUFFIX});;Project as text (project.json *.json)"
NOT_SAVED = "save"
"""Topic of what is said about a file that could not be written."""
MOST_FRAMES = 4
"""More unkeyed poses than this are not listed one by one."""
SAVE_FILTER = f"GENMO Studio project (*{SUFFIX})"


class Answer(Enum):
    """What to do with unsaved changes."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class PoseAnswer(Enum):
    """What to do with poses that were changed and not keyed."""

    KEY = "key"
    DISCARD = "discard"
    CANCEL = "cancel"


class Pending(Protocol):
    """Poses that belong to the session and not to the project: leaving it would drop them (KF3)."""

    @property
    def pending(self) -> tuple[int, ...]:
        """Frames of the poses, in order; a drag that goes on is ended first."""
        ...

    def key_all(self) -> None:
        """Key all of them in one step. EditError when it cannot be done; all are kept then."""
        ...

    def discard_all(self) -> None:
        """Let all of them go."""
        ...


class Prompts(Protocol):
    """Questions that stop everything until they are answered; there are only these."""

    def unkeyed(self, frames: tuple[int, ...]) -> PoseAnswer:
        """Ask what to do with the poses at these frames, which are not keyed."""
        ...

    def unsaved(self, name: str) -> Answer:
        """Ask what to do with the changes of project ``name``."""
        ...

    def open_path(self, folder: Path) -> Path | None:
        """Ask which project to open; None = cancelled."""
        ...

    def save_path(self, suggestion: Path) -> Path | None:
        """Ask where to save; None = cancelled."""
        ...


class DialogPrompts:
    """The questions as dialogs over a window."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def unkeyed(self, frames: tuple[int, ...]) -> PoseAnswer:
        """Key, discard or cancel."""
        box = QMessageBox(self._parent)
        box.setWindowTitle("Unkeyed poses")
        box.setText(f"Key {unkeyed_words(frames)}?")
        box.setInformativeText("Only keys are kept in the project. Without a key, what you changed is lost.")
        key = box.addButton("&Key Them" if len(frames) > 1 else "&Key It", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton(QMessageBox.StandardButton.Discard)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(key)
        box.exec()
        chosen = box.clickedButton()
        box.deleteLater()
        return PoseAnswer.KEY if chosen is key else PoseAnswer.DISCARD if chosen is discard else PoseAnswer.CANCEL

    def unsaved(self, name: str) -> Answer:
        """Save, discard or cancel."""
        button = QMessageBox.StandardButton
        box = QMessageBox(self._parent)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to “{name}”?")
        box.setInformativeText("Without saving, everything since the last save is lost.")
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        chosen = box.exec()
        box.deleteLater()
        return {button.Save: Answer.SAVE, button.Discard: Answer.DISCARD}.get(button(chosen), Answer.CANCEL)

    def open_path(self, folder: Path) -> Path | None:
        """The system's open dialog."""
        name, _ = QFileDialog.getOpenFileName(self._parent, "Open Project", str(folder), FILTER)
        return Path(name) if name else None

    def save_path(self, suggestion: Path) -> Path | None:
        """The system's save dialog."""
        name, _ = QFileDialog.getSaveFileName(self._parent, "Save Project", str(suggestion), SAVE_FILTER)
        return Path(name) if name else None


def unkeyed_words(frames: tuple[int, ...]) -> str:
    """Which poses are not keyed: one by its frame, a few by their frames, many by their number."""
    if len(frames) == 1:
        return f"the changed pose at frame {frames[0]}"
    if len(frames) > MOST_FRAMES:
        return f"the {len(frames)} changed poses, the first at frame {frames[0]}"
    return f"the changed poses at frames {', '.join(str(f) for f in frames[:-1])} and {frames[-1]}"


def finish_typing() -> None:
    """Words in a field that has the focus belong to the project; a field gives them away when it is left."""
    field = QApplication.focusWidget()
    if isinstance(field, QLineEdit | QPlainTextEdit | QAbstractSpinBox):
        field.clearFocus()
        if field.isVisible():
            field.setFocus()


class FileCommands:
    """What the File menu does."""

    def __init__(
        self,
        project: Project,
        prompts: Prompts,
        *,
        report: Callable[[Message], None],
        thumbnail: Callable[[], Thumb | None],
        begun: Callable[[Path], None] | None = None,
        written: Callable[[Path], None] | None = None,
    ) -> None:
        """``begun`` and ``written`` hear of files that are being saved and of those that are on disk."""
        self._project, self._prompts = project, prompts
        self._report, self._thumbnail = report, thumbnail
        self._folder = Path.home()
        self._begun = begun or (lambda _path: None)
        self._written = written or (lambda _path: None)
        self.pending: Pending | None = None
        """Poses that are not keyed; none where nothing is posed."""
        self._saver = Saver()
        self._saver.finished.connect(self._ended)

    def may_leave(self) -> bool:
        """True when the open project may be closed: posed and keyed, saved, or the user said so.

        Poses that may be lost are still there: they go when the next project comes.
        """
        finish_typing()
        self._saver.wait()
        if not self._poses_may_go():
            return False
        if self._project.is_saved:
            return True
        answer = self._prompts.unsaved(self._project.name)
        if answer is Answer.SAVE and self.save():
            self._saver.wait()
            return self._project.is_saved
        return answer is Answer.DISCARD

    def _poses_may_go(self) -> bool:
        frames = () if self.pending is None else self.pending.pending
        if self.pending is None or not frames:
            return True
        answer = self._prompts.unkeyed(frames)
        if answer is PoseAnswer.KEY:
            try:
                self.pending.key_all()
            except EditError as error:
                kept = "The poses are still there and the project stays open."
                self._report(refusal(str(error), kept))
                return False
        return answer is not PoseAnswer.CANCEL

    def _left(self) -> None:
        """Another project is open, or the same one anew from its file."""
        if self.pending is not None:
            self.pending.discard_all()

    def new(self) -> bool:
        """Start an empty project."""
        if not self.may_leave():
            return False
        self._project.new()
        self._left()
        return True

    def open(self) -> bool:
        """Ask for a file and open it."""
        path = self._prompts.open_path(self._folder)
        return path is not None and self.open_file(path)

    def open_sample(self) -> bool:
        """Open the project that ships with the program."""
        return self.open_file(sample_path())

    def open_file(self, path: Path) -> bool:
        """Open a file; says what was repaired, or why it cannot be opened."""
        if not self.may_leave():
            return False
        try:
            report = self._project.open(path)
        except StorageError as error:
            self._report(Message(str(error), "The open project is as it was.", repr(error)))
            return False
        self._left()
        if path != sample_path():
            self._folder = path.parent
        if report:
            more = "\n".join(report)
            self._report(Message(report[0], "Everything else was opened.", more, Severity.WARNING))
        return True

    def save(self) -> bool:
        """Begin to save to the project's file; asks where when it has none. False when that was cancelled."""
        finish_typing()
        if self._project.path is None:
            return self.save_as()
        return self._save(self._project.path)

    def save_as(self) -> bool:
        """Ask where and begin to save. False when that was cancelled."""
        finish_typing()
        suggestion = self._project.path or self._folder / f"{self._project.name}{SUFFIX}"
        path = self._prompts.save_path(suggestion)
        return path is not None and self._save(path)

    def _save(self, path: Path) -> bool:
        """Written on another thread, from values that do not change: editing goes on meanwhile."""
        self._saver.wait()
        job = self._project.begin_save(path, thumb=self._thumbnail())
        self._begun(job.target)
        self._saver.begin(job)
        return True

    @property
    def unkeyed_said(self) -> str:
        """What of the work is not in a file that was just written; empty when it is all there."""
        frames = () if self.pending is None else self.pending.pending
        if not frames:
            return ""
        verb = "is" if len(frames) == 1 else "are"
        return f" – {unkeyed_words(frames)} {verb} not keyed and not in the file; nothing is lost here"

    @property
    def saving(self) -> bool:
        """True while a file is being written."""
        return self._saver.busy

    def _ended(self, job: SaveJob, error: Exception | None) -> None:
        if error is not None:
            told = as_storage_error(error, job)
            kept, again = "Nothing is lost. Save it elsewhere.", ("Save As…", self.save_as)
            self._report(Message(str(told), kept, repr(error), action=again, topic=NOT_SAVED))
            return
        self._project.end_save(job)
        self._folder = job.target.parent
        self._written(job.target)
