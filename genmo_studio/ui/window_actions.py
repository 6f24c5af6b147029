"""Connects every action of the table to what it does in the window, and keeps enabled and checked states right."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu

from genmo_studio.conditions.checks import check_conditions
from genmo_studio.conditions.problem import Problem
from genmo_studio.document import edits
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import Document, GenerationSettings, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.ui import commands
from genmo_studio.ui.actions import spec
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.staleness import Staleness
from genmo_studio.ui.timeline.hit import GRABBABLE, Hit, HitKind

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

CHECK_DELAY_MS = 250


class WindowActions:
    """Slots of the action table."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._dialogs: set[QDialog] = set()
        self._staleness = Staleness()
        self._check_later = QTimer(window)
        self._check_later.setSingleShot(True)
        self._check_later.setInterval(CHECK_DELAY_MS)
        self._check_later.timeout.connect(self._check)
        for action_id, slot in self._slots().items():
            window.actions_by_id[action_id].triggered.connect(lambda _=False, slot=slot: slot())
        self._connect_views()
        self._scope()
        self.job_changed(running=False)

    def _slots(self) -> dict[str, Callable[[], object]]:
        """What each action does; those of the viewport are connected by its panel."""
        w = self._window
        transport, timeline = w.transport, w.timeline
        return {
            "file.new": lambda: self._left(w.files.new()),
            "file.open": lambda: self._left(w.files.open()),
            "file.open_sample": lambda: self._left(w.files.open_sample()),
            "file.save": lambda: self._saved(w.files.save()),
            "file.save_as": lambda: self._saved(w.files.save_as()),
            "file.export": self.export,
            "file.quit": w.close,
            "edit.undo": w.editor.undo,
            "edit.redo": w.editor.redo,
            "edit.delete": timeline.delete_selection,
            "edit.split": timeline.split_at_playhead,
            "edit.duplicate": timeline.duplicate_selection,
            "edit.select_all": timeline.select_all,
            "edit.add_text": self.add_text,
            "play.toggle": transport.toggle,
            "play.reverse": lambda: transport.shuttle(forward=False),
            "play.stop": transport.pause,
            "play.forward": lambda: transport.shuttle(forward=True),
            "play.step_back": lambda: transport.step(-1),
            "play.step_forward": lambda: transport.step(1),
            "play.jump_back": lambda: transport.step(-10),
            "play.jump_forward": lambda: transport.step(10),
            "play.start": transport.go_to_start,
            "play.end": transport.go_to_end,
            "play.previous_key": lambda: transport.go_to_edit(forward=False),
            "play.next_key": lambda: transport.go_to_edit(forward=True),
            "play.loop": lambda: transport.set_loop(not transport.looping),
            "play.mark_in": lambda: self._mark(start=w.session.playhead),
            "play.mark_out": lambda: self._mark(stop=w.session.playhead + 1),
            "play.clear_marks": lambda: self.edit("Clear In and Out", edits.set_in_out(None)),
            "view.zoom_in": timeline.zoom_in,
            "view.zoom_out": timeline.zoom_out,
            "view.zoom_fit": timeline.zoom_fit,
            "view.full_screen": self._full_screen,
            "generate.full": lambda: self.generate(TakeMode.FULL),
            "generate.draft": lambda: self.generate(TakeMode.DRAFT),
            "generate.cancel": w.jobs.cancel,
            "generate.new_seed": w.generation.new_seed,
            "help.shortcuts": self.shortcuts,
            "help.about": self.about,
        }

    def _connect_views(self) -> None:
        w = self._window
        w.transport.playing_changed.connect(self._playing)
        w.transport.loop_changed.connect(w.actions_by_id["play.loop"].setChecked)
        w.generation.edited.connect(self._settings)
        w.generation.checkpoint_wanted.connect(self._choose_checkpoint)
        w.generation.problem_chosen.connect(self._go_to_problem)
        w.inspector.edited.connect(self.edit)
        w.timeline.menu_requested.connect(self._menu)
        w.takes.show_requested.connect(self._show_take)
        w.takes.inspect_requested.connect(lambda take: w.session.select({take}))
        w.takes.delete_requested.connect(lambda take: self.edit("Delete Take", edits.delete_take(take)))
        w.takes.seed_requested.connect(lambda seed: self.edit("Set seed", edits.change_generation(seed=seed)))

    # -- editing -------------------------------------------------------------------------------------------------------

    def edit(self, label: str, edit: Edit) -> bool:
        """One undo step; what cannot be done is said in the message bar."""
        try:
            self._window.editor.edit(label, edit)
        except EditError as error:
            self._window.post(Message(str(error), "Nothing was changed.", severity=Severity.WARNING))
            self._window.inspector.show_document(self._window.editor.document, again=True)
            return False
        return True

    def add_text(self) -> None:
        """A text segment at the playhead, selected, with the cursor in its field."""
        w = self._window
        (label, edit), item = commands.add_text(w.editor.document, w.session.playhead)
        if self.edit(label, edit):
            w.session.select({item})
            w.timeline.edit_text(item)

    def _show_take(self, take_id: str) -> None:
        document = self._window.editor.document
        if {piece.take for piece in document.result} == {take_id}:
            return
        command = commands.show_take(document, take_id)
        if command is not None:
            self.edit(*command)

    def _settings(self, label: str, settings: object) -> None:
        if isinstance(settings, GenerationSettings):
            self.edit(label, edits.change_generation(**asdict(settings)))

    def _choose_checkpoint(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Choose a Checkpoint", str(Path.home()), "Checkpoints (*.safetensors *.ckpt *.pt *.pth)"
        )
        if name:
            self.edit("Choose model", edits.change_generation(model=name))

    def _mark(self, *, start: int | None = None, stop: int | None = None) -> None:
        document = self._window.editor.document
        marked = document.in_out or Span(0, document.length)
        first = marked.start if start is None else start
        last = marked.stop if stop is None else stop
        if first >= last:  # the other mark gives way
            first, last = (first, document.length) if start is not None else (0, last)
        self.edit("Mark In" if start is not None else "Mark Out", edits.set_in_out(Span(first, last)))

    def _go_to_problem(self, problem: object) -> None:
        if isinstance(problem, Problem):
            self._window.transport.seek(problem.span.start)
            self._window.session.select(problem.items)

    def _menu(self, hit: object, at: object) -> None:
        """What can be done with the thing under the pointer on the timeline."""
        if not isinstance(hit, Hit) or not isinstance(at, QPoint):
            return
        w = self._window
        menu = QMenu(w)
        ids: list[str] = []
        if hit.kind is HitKind.RESULT and hit.item is not None:
            take = hit.item
            menu.addAction("Inspect Take", lambda: w.session.select({take}))
            ids = ["generate.full", "generate.draft", "-", "file.export"]
        elif hit.kind in GRABBABLE and hit.item is not None:
            if hit.item not in w.session.selection:
                w.session.select({hit.item})
            chosen = tuple(commands.items_of(w.editor.document, w.session.selection))
            muted = any(item.muted for item in chosen)
            change = edits.set_muted([item.id for item in chosen], muted=not muted)
            menu.addAction("Unmute" if muted else "Mute", lambda: self.edit("Unmute" if muted else "Mute", change))
            ids = ["-", "edit.split", "edit.duplicate", "-", "edit.delete"]
        else:
            ids = ["edit.add_text", "edit.select_all", "-", "view.zoom_fit"]
        for action_id in ids:
            menu.addSeparator() if action_id == "-" else menu.addAction(w.actions_by_id[action_id])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # -- generating ----------------------------------------------------------------------------------------------------

    def generate(self, mode: TakeMode) -> None:
        """A take of the marked range, or of everything."""
        w = self._window
        w.jobs.generate(mode=mode, span=w.editor.document.in_out)
        self.job_changed(running=w.jobs.running)

    def job_changed(self, *, running: bool) -> None:
        """Cancel is of use only while something runs."""
        self._window.actions_by_id["generate.cancel"].setEnabled(running)

    # -- following the window ------------------------------------------------------------------------------------------

    def document_changed(self, old: Document, new: Document) -> None:
        """Keep states right and look at the conditions a moment after the last change."""
        if old is new or old.in_out != new.in_out or old.length != new.length:
            self._scope()
        watched = ("tracks", "length", "media", "takes", "result", "body")
        if old is new or any(getattr(old, name) is not getattr(new, name) for name in watched):
            self.check_soon()
        self._window.actions_by_id["file.export"].setEnabled(bool(new.result))

    def check_soon(self) -> None:
        """Look at the conditions a moment from now."""
        self._check_later.start()

    def history_changed(self) -> None:
        """Undo and redo say what they would do."""
        editor = self._window.editor
        for action_id, label in (("edit.undo", editor.undo_label), ("edit.redo", editor.redo_label)):
            action = self._window.actions_by_id[action_id]
            word = spec(action_id).text
            action.setText(f"{word} {label}" if label else word)
            action.setToolTip(f"{action.text()} ({action.shortcut().toString()})")
            action.setEnabled(label is not None)

    def close(self) -> None:
        """Stop what is pending and close dialogs."""
        self._check_later.stop()
        self._window.stage.close()
        for dialog in tuple(self._dialogs):
            dialog.close()

    def _check(self) -> None:
        document = self._window.editor.document
        self._window.generation.set_problems(check_conditions(document, span=document.in_out))
        facts = self._window.parts.facts
        if facts.ready:  # before that it cannot be told
            self._window.timeline.set_stale(self._staleness.stale(document, locate=facts.as_authored))

    def _scope(self) -> None:
        document = self._window.editor.document
        span = document.in_out
        if span is None:
            text = f"The next take covers the whole timeline: {document.length} frames."
        else:
            text = f"The next take covers frames {span.start} to {span.stop - 1}, between in and out."
        self._window.generation.set_scope(text)

    def _playing(self, playing: bool) -> None:
        action = self._window.actions_by_id["play.toggle"]
        action.setChecked(playing)
        action.setIcon(icon("pause" if playing else "play"))
        action.setText("Pause" if playing else "Play")

    def _left(self, done: bool) -> None:
        if done:
            self._window.saved()

    def _saved(self, done: bool) -> None:
        if done:
            self._window.saved()
            self._window.statusBar().showMessage(f"Saved {self._window.project.path}", 4000)

    def _full_screen(self) -> None:
        on = self._window.actions_by_id["view.full_screen"].isChecked()
        self._window.showFullScreen() if on else self._window.showNormal()

    # -- dialogs -------------------------------------------------------------------------------------------------------

    def export(self) -> None:
        """The export dialog, beside the window, not over it."""
        from genmo_studio.ui.panels.export_dialog import ExportDialog  # noqa: PLC0415

        w = self._window
        shown = w.stage.shown
        if shown is None:
            w.note("There is no motion to export yet; generate one first.")
            return
        viewport = w.viewport.viewport
        dialog = ExportDialog(
            shown,
            project=w.project,
            camera=None if viewport is None else viewport.camera,
            frame=w.session.playhead,
            theme=w.parts.theme,
            parent=w,
        )
        self._open(dialog)

    def shortcuts(self) -> None:
        """The shortcut sheet."""
        from genmo_studio.ui.panels.shortcuts import ShortcutSheet  # noqa: PLC0415

        self._open(ShortcutSheet(self._window))

    def about(self) -> None:
        """The About box."""
        from genmo_studio.ui.panels.about import AboutBox  # noqa: PLC0415

        w = self._window
        support = w.parts.support
        graphics = support.renderer or support.reason
        self._open(AboutBox(w.parts.theme, device=w.device_text, graphics=graphics, parent=w))

    def _open(self, dialog: QDialog) -> None:
        self._dialogs.add(dialog)
        dialog.finished.connect(lambda _: self._forget(dialog))
        dialog.show()

    def _forget(self, dialog: QDialog) -> None:
        self._dialogs.discard(dialog)
        dialog.deleteLater()
