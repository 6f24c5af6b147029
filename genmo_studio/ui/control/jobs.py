"""The Jobs panel and its commands."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from genmo_studio.document.queries import find_take
from genmo_studio.engine.service import Finished
from genmo_studio.ui.actions.generate import JOB_BUTTONS
from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.control.takes import TakesControl
from genmo_studio.ui.panels.job_model import full_words
from genmo_studio.ui.panels.job_queue import JobPanel

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class JobsControl(Control):
    """What is being made, what waits, and how it ended."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.panel = JobPanel(window.parts.theme)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        jobs = self.window.jobs
        return {
            "generate.cancel_all": jobs.cancel_all,
            "jobs.cancel": self._cancel,
            "jobs.up": lambda: self._move(-1),
            "jobs.down": lambda: self._move(1),
            "jobs.show": self._show,
            "jobs.details": self._copy,
            "jobs.clear": jobs.clear_ended,
        }

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("jobs", "Jobs", self.panel, beside="takes"),)

    def connect(self) -> None:
        """See Control."""
        jobs = self.window.jobs
        self.panel.set_actions(self.window.actions_by_id, JOB_BUTTONS)
        self.panel.selected.connect(self._enable)
        self.panel.cancel_wanted.connect(jobs.cancel)
        self.panel.opened.connect(lambda _: self._show())
        jobs.listed.connect(self._follow)
        jobs.device_changed.connect(lambda device: self.panel.set_device(device.name))
        jobs.finished.connect(self._device_used)
        jobs.show_wanted.connect(self._show_take)
        self._follow()

    def job_changed(self, *, running: bool) -> None:
        """See Control."""
        self.window.actions_by_id["generate.cancel_all"].setEnabled(running)

    def _follow(self) -> None:
        jobs = self.window.jobs
        self.panel.show_jobs(jobs.log.records, reading=jobs.reading, freeing=jobs.freeing)

    def _enable(self) -> None:
        record, actions = self.panel.current, self.window.actions_by_id
        records = self.window.jobs.log.records
        waiting = sum(other.place > 0 for other in records)
        actions["jobs.cancel"].setEnabled(record is not None and record.phase.open)
        actions["jobs.up"].setEnabled(record is not None and record.place > 1)
        actions["jobs.down"].setEnabled(record is not None and 0 < record.place < waiting)
        actions["jobs.show"].setEnabled(record is not None and self._exists(record.take))
        actions["jobs.details"].setEnabled(record is not None)
        actions["jobs.clear"].setEnabled(any(not other.phase.open for other in records))
        actions["generate.cancel_all"].setEnabled(self.window.jobs.running)

    def _device_used(self, event: object) -> None:
        """Where nobody asked the engine what it computes on, a take says it."""
        if isinstance(event, Finished) and not self.panel.model.device:
            self.panel.set_device(event.take.device)
            self.window.generation.set_device(event.take.device)

    def _exists(self, take: str | None) -> bool:
        return take is not None and find_take(self.window.editor.document, take) is not None

    def _cancel(self) -> None:
        record = self.panel.current
        if record is not None and record.phase.open:
            self.window.jobs.cancel(record.job)

    def _move(self, by: int) -> None:
        record = self.panel.current
        if record is not None:
            self.window.jobs.move(record.job, by)

    def _show(self) -> None:
        record = self.panel.current
        if record is not None and record.take is not None:
            self._show_take(record.take)

    def _show_take(self, take: str) -> None:
        if self._exists(take):
            self.window.commands.of(TakesControl).show_take(take)

    def _copy(self) -> None:
        record = self.panel.current
        if record is not None:
            words = full_words(record, device=self.panel.model.device)
            QGuiApplication.clipboard().setText(f"{words}\n\n{record.report}".rstrip() + "\n")
