"""Undo and redo."""

from collections.abc import Callable
from typing import Protocol

from genmo_studio.document.editor import Step, StepKind
from genmo_studio.document.queries import item_span
from genmo_studio.ui import commands
from genmo_studio.ui.actions import native, spec
from genmo_studio.ui.control.base import Control, Slot

SAID_MS = 4000
_SAID = {StepKind.UNDONE: "Undid", StepKind.REDONE: "Redid", StepKind.JUMPED: "Went to"}


class Steps(Protocol):
    """Changes that are no steps of the document, but can be taken back like those."""

    @property
    def can_step_back(self) -> bool:
        """Whether there is one to take back."""
        ...

    @property
    def can_step_forward(self) -> bool:
        """Whether there is one to make again."""
        ...

    def step_back(self) -> bool:
        """Take the newest back; False when there is none."""
        ...

    def step_forward(self) -> bool:
        """Make it again; False when there is none."""
        ...


class EditControl(Control):
    """Undo and redo, which say what they would do and show what they did."""

    _unsubscribe: Callable[[], None] | None = None
    nearer: Steps | None = None
    """What is taken back before the steps of the document."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"edit.undo": self.undo, "edit.redo": self.redo}

    def undo(self) -> None:
        """Take back the newest change: of a pose that is not keyed yet, else of the document."""
        if self.nearer is None or not self.nearer.step_back():
            self.window.editor.undo()

    def redo(self) -> None:
        """Make what was taken back again."""
        if self.nearer is None or not self.nearer.step_forward():
            self.window.editor.redo()

    def connect(self) -> None:
        """See Control."""
        self._unsubscribe = self.window.editor.subscribe(committed=self._committed)

    def close(self) -> None:
        """See Control."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def history_changed(self) -> None:
        """Write the label of the step into menu and tooltip."""
        editor = self.window.editor
        for action_id, label in (("edit.undo", editor.undo_label), ("edit.redo", editor.redo_label)):
            action = self.window.actions_by_id[action_id]
            word = spec(action_id).text
            action.setText(f"{word} {label}" if label else word)
            key = native(action.shortcut().toString())
            action.setToolTip(f"{action.text()} ({key})" if key else action.text())
            action.setEnabled(label is not None)
        if self.nearer is not None and self.nearer.can_step_back:
            self.window.actions_by_id["edit.undo"].setEnabled(True)
            self.window.actions_by_id["edit.undo"].setText("Undo Pose Change")
        if self.nearer is not None and self.nearer.can_step_forward:
            self.window.actions_by_id["edit.redo"].setEnabled(True)
            self.window.actions_by_id["edit.redo"].setText("Redo Pose Change")

    def _committed(self, step: Step) -> None:
        """Bring what undo, redo or a jump changed into sight (UN4); the view itself is no step."""
        if step.kind is StepKind.DONE:
            return
        w = self.window
        w.statusBar().showMessage(f"{_SAID[step.kind]}: {step.label}", SAID_MS)
        spans = [item_span(item) for item in commands.items_of(w.editor.document, w.editor.selection)]
        view = w.session.view
        first, last = view.visible()
        if spans and not any(first < span.stop and span.start < last for span in spans):
            w.session.set_view(view.revealing(min(span.start for span in spans)))
