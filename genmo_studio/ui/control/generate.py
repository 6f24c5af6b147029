"""Making motion: settings, problems, generate, draft, cancel."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import asdict
from PySide6.QtWidgets import QFileDialog

from genmo_studio.conditions.checks import Known
from genmo_studio.conditions.problem import Problem
from genmo_studio.document import edits
from genmo_studio.document.model import Document, GenerationSettings, TakeMode
from genmo_studio.ui.condition_watch import Answer, ConditionWatch, Question
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.panels.fields import Bursts
from genmo_studio.ui.panels.message_bar import Message, Severity

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_COUNT, _NEW_SEEDS = "generate/takes", "generate/new_seeds"
CANCELLED_MS = 4000


class GenerateControl(Control):
    """The Generate panel and what it asks for."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._bursts = Bursts()
        self._watch = ConditionWatch(self._question, window)
        self._watch.answered.connect(self._answered)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "generate.full": lambda: self.generate(TakeMode.FULL),
            "generate.draft": lambda: self.generate(TakeMode.DRAFT),
            "generate.cancel": self.cancel,
            "generate.new_seed": self.window.generation.new_seed,
            "generate.next_problem": self.next_problem,
        }

    def connect(self) -> None:
        """See Control."""
        w, panel, settings = self.window, self.window.generation, self.window.parts.settings
        panel.set_actions(w.actions_by_id["generate.full"], w.actions_by_id["generate.draft"])
        panel.set_count(int(str(settings.value(_COUNT, 1))))
        panel.set_new_seeds(settings.value(_NEW_SEEDS, "true") in (True, "true"))
        panel.count_changed.connect(lambda count: settings.setValue(_COUNT, count))
        panel.new_seeds_changed.connect(lambda on: settings.setValue(_NEW_SEEDS, on))
        panel.edited.connect(self._settings)
        panel.checkpoint_wanted.connect(self._choose_checkpoint)
        panel.problem_chosen.connect(self._go_to_problem)
        w.jobs.device_changed.connect(lambda device: panel.set_device(device.name))
        w.parts.facts.arrived.connect(self._watch.soon)
        w.art.arrived.connect(lambda _: self._watch.soon())  # beats, for example
        self._scope()
        self.job_changed(running=False)

    def generate(self, mode: TakeMode) -> None:
        """Takes of the marked range, or of everything; a draft is always one, with the seed of the field."""
        w = self.window
        seeds = w.generation.next_seeds() if mode is TakeMode.FULL else (None,)
        w.jobs.generate(mode=mode, span=w.editor.document.in_out, seeds=seeds)
        self.job_changed(running=w.jobs.running)

    def cancel(self) -> None:
        """Stop what runs, and say so: nothing else in the window changes by it."""
        w = self.window
        running = w.jobs.running
        w.jobs.cancel()
        if running:
            w.statusBar().showMessage("Cancelled. The timeline and all takes are as they were.", CANCELLED_MS)

    def document_changed(self, old: Document, new: Document) -> None:
        """Look at the conditions a moment after the last change."""
        if old.id != new.id:
            self.window.jobs.cancel_all()  # what was asked for belongs to the other project
        elif old.generation.seed != new.generation.seed:
            self.window.generation.set_new_seeds(False)
        if old is new or old.in_out != new.in_out or old.length != new.length:
            self._scope()
        watched = ("tracks", "length", "media", "takes", "result", "body", "in_out")
        if old is new or any(getattr(old, name) is not getattr(new, name) for name in watched):
            self._watch.soon()

    def job_changed(self, *, running: bool) -> None:
        """Cancel is of use only while something runs."""
        self.window.actions_by_id["generate.cancel"].setEnabled(running)

    def close(self) -> None:
        """See Control."""
        self._watch.close()

    def next_problem(self) -> None:
        """Go to the first problem behind the playhead, or to the first of all."""
        problems = sorted(self.window.generation.problems, key=lambda problem: problem.span)
        here = self.window.session.playhead
        behind = [problem for problem in problems if problem.span.start > here]
        if problems:
            self._go_to_problem((behind or problems)[0])
        else:
            said = "The conditions have no problems: nothing contradicts itself."
            self.window.post(Message(said, severity=Severity.INFO))

    def _check(self) -> None:
        self._watch.look()

    def _question(self) -> Question:
        w = self.window
        document, facts = w.editor.document, w.parts.facts
        files: dict[str, tuple[str, str]] = {}
        for media in document.media:
            with contextlib.suppress(LookupError):
                files[media.id] = facts.as_authored(media.id)
        beats = {media.id: w.listening.beats(media.id) for media in document.media}
        rest = w.picture.body.rest_joints(np.asarray((*document.body.betas, *(0.0,) * 10)[:10], np.float32))
        return Question(document, Known(rest=rest, beats=beats.get), files if facts.ready else None)

    def _answered(self, answer: Answer) -> None:
        self.window.generation.set_problems(answer.problems)
        self.window.timeline.badges.show(answer.marks)
        if answer.stale is not None:
            self.window.timeline.set_stale(answer.stale)
            self.window.takes.set_stale(answer.stale)
        self.window.inspector.take_report.refresh()

    def _scope(self) -> None:
        document = self.window.editor.document
        span = document.in_out
        if span is None:
            seconds = document.length / document.fps
            text = f"Covers the whole timeline: {document.length} frames, {seconds:.1f} s. Mark a part with I and O."
        else:
            seconds = span.length / document.fps
            text = f"Covers frames {span.start} to {span.stop - 1}, between in and out: {seconds:.1f} s."
        self.window.generation.set_scope(text)

    def _settings(self, label: str, settings: object) -> None:
        if isinstance(settings, GenerationSettings):
            edit = edits.change_generation(**asdict(settings))
            self.window.commands.edit(label, edit, merge=self._bursts.name(label))

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
