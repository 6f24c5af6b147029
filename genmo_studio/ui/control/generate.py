"""Making motion: settings, problems, generate, draft, cancel."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from genmo_studio.conditions.checks import check_conditions
from genmo_studio.conditions.problem import Problem
from genmo_studio.document import edits
from genmo_studio.document.model import Document, GenerationSettings, TakeMode
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.staleness import Staleness

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

CHECK_DELAY_MS = 250


class GenerateControl(Control):
    """The Generate panel and what it asks for."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._staleness = Staleness()
        self._check_later = QTimer(window)
        self._check_later.setSingleShot(True)
        self._check_later.setInterval(CHECK_DELAY_MS)
        self._check_later.timeout.connect(self._check)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "generate.full": lambda: self.generate(TakeMode.FULL),
            "generate.draft": lambda: self.generate(TakeMode.DRAFT),
            "generate.cancel": self.window.jobs.cancel,
            "generate.new_seed": self.window.generation.new_seed,
        }

    def connect(self) -> None:
        """See Control."""
        w = self.window
        w.generation.edited.connect(self._settings)
        w.generation.checkpoint_wanted.connect(self._choose_checkpoint)
        w.generation.problem_chosen.connect(self._go_to_problem)
        w.parts.facts.arrived.connect(self._check_later.start)
        self._scope()
        self.job_changed(running=False)

    def generate(self, mode: TakeMode) -> None:
        """A take of the marked range, or of everything."""
        w = self.window
        w.jobs.generate(mode=mode, span=w.editor.document.in_out)
        self.job_changed(running=w.jobs.running)

    def document_changed(self, old: Document, new: Document) -> None:
        """Look at the conditions a moment after the last change."""
        if old is new or old.in_out != new.in_out or old.length != new.length:
            self._scope()
        watched = ("tracks", "length", "media", "takes", "result", "body")
        if old is new or any(getattr(old, name) is not getattr(new, name) for name in watched):
            self._check_later.start()

    def job_changed(self, *, running: bool) -> None:
        """Cancel is of use only while something runs."""
        self.window.actions_by_id["generate.cancel"].setEnabled(running)

    def close(self) -> None:
        """See Control."""
        self._check_later.stop()

    def _check(self) -> None:
        document = self.window.editor.document
        self.window.generation.set_problems(check_conditions(document, span=document.in_out))
        facts = self.window.parts.facts
        if facts.ready:  # before that it cannot be told
            self.window.timeline.set_stale(self._staleness.stale(document, locate=facts.as_authored))

    def _scope(self) -> None:
        document = self.window.editor.document
        span = document.in_out
        if span is None:
            text = f"The next take covers the whole timeline: {document.length} frames."
        else:
            text = f"The next take covers frames {span.start} to {span.stop - 1}, between in and out."
        self.window.generation.set_scope(text)

    def _settings(self, label: str, settings: object) -> None:
        if isinstance(settings, GenerationSettings):
            self.window.commands.edit(label, edits.change_generation(**asdict(settings)))

    def _choose_checkpoint(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self.window, "Choose a Checkpoint", str(Path.home()), "Checkpoints (*.safetensors *.ckpt *.pt *.pth)"
        )
        if name:
            self.window.commands.edit("Choose model", edits.change_generation(model=name))

    def _go_to_problem(self, problem: object) -> None:
        if isinstance(problem, Problem):
            self.window.transport.seek(problem.span.start)
            self.window.session.select(problem.items)
