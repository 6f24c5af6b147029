"""First start: the welcome view, new projects from a first thing, and the recent projects."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from genmo_studio.document.model import Document
from genmo_studio.ui.appearance import stored
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.panels.welcome import WelcomePanel
from genmo_studio.ui.project import sample_path
from genmo_studio.ui.recent import RecentProjects

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_AT_START, _LAST = "start/welcome", "start/last_project"
_SHOWN = 6


class WelcomeControl(Control):
    """What a new user meets first."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.recents = RecentProjects(window.parts.settings)
        self.panel = WelcomePanel(window.actions_by_id, window.parts.theme)
        self.panel.hide()
        self._menu = QMenu(window)
        self._shown_for: str | None = None

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "file.welcome": self.show,
            "file.new_text": self.new_from_text,
            "file.new_video": lambda: self.new_from_file("a video"),
            "file.new_music": lambda: self.new_from_file("a song"),
            "file.recent": self.show,
            "file.last_at_start": self._keep_last,
        }

    def connect(self) -> None:
        """See Control."""
        w, panel = self.window, self.panel
        w.middle.insertWidget(0, panel)
        panel.closed.connect(self.hide)
        panel.open_requested.connect(self.open_recent)
        panel.remove_requested.connect(self._remove)
        panel.at_start.setChecked(self.wanted_at_start)
        panel.at_start_changed.connect(lambda on: w.parts.settings.setValue(_AT_START, on))
        w.actions_by_id["file.recent"].setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill_menu)
        w.actions_by_id["file.last_at_start"].setChecked(self._is_on(_LAST, default=False))

    def begin(self, path: Path | None) -> None:
        """What the window shows first: a given project, else the last one if wanted, else the sample, playing.

        Over the sample the first start is a welcome, which stands beside the motion and not in front of it.
        """
        w, first = self.window, path or self._last()
        if first is not None:
            w.open_document(first)
            return
        if sample_path().is_file() and w.open_document(sample_path()):
            w.transport.set_loop(True)
            if not stored(w.parts.settings).reduced_motion:
                w.transport.play()
        if self.wanted_at_start:
            self.show()

    def _last(self) -> Path | None:
        """The project that was open last, when the user wants it back and it is still there."""
        if not self._is_on(_LAST, default=False):
            return None
        newest = self.recents.projects(most=1)
        return newest[0].path if newest and not newest[0].missing else None

    def _is_on(self, key: str, *, default: bool) -> bool:
        return str(self.window.parts.settings.value(key, default)).lower() == "true"

    @property
    def wanted_at_start(self) -> bool:
        """False once the user switched it off."""
        return self._is_on(_AT_START, default=True)

    def show(self) -> None:
        """Show the welcome view beside what is open."""
        self._shown_for = self.window.editor.document.id
        self.panel.show_recents(self.recents.projects(most=_SHOWN))
        self.panel.show()
        self.panel.choices[0].setFocus()

    def hide(self) -> None:
        """Close the welcome view; the keys go to the viewport again."""
        had_focus = self.panel.isAncestorOf(self.window.focusWidget() or self.window)
        self.panel.hide()
        if had_focus:
            self.window.viewport.setFocus()

    def new_from_text(self) -> None:
        """An empty project with a text segment, its field open for typing."""
        if self._new():
            self.window.session.set_playhead(0)
            self.window.actions_by_id["edit.add_text"].trigger()

    def new_from_file(self, what: str) -> None:
        """An empty project that begins with a file."""
        if self._new():
            self.window.statusBar().showMessage(f"Choose {what}, or drop one on the window.", 8000)
            self.window.actions_by_id["media.import"].trigger()

    def open_recent(self, path: object) -> None:
        """Open a project of the list."""
        if isinstance(path, Path):
            self.window.open_document(path)

    def document_changed(self, old: Document, new: Document) -> None:
        """Another project was opened: the choice is made."""
        if self.panel.isVisible() and new.id not in (old.id, self._shown_for):
            self.hide()

    def history_changed(self) -> None:
        """Also called when a project was opened or saved."""
        path = self.window.project.path
        if path is not None and self.recents.paths()[:1] != (path,):
            self.recents.add(path)

    def _new(self) -> bool:
        if not self.window.files.new():
            return False
        self.window.saved()
        self.window.transport.pause()  # nobody types to a motion that runs
        self.hide()
        return True

    def _remove(self, path: object) -> None:
        if isinstance(path, Path):
            self.recents.remove(path)
            self.panel.show_recents(self.recents.projects(most=_SHOWN))

    def _fill_menu(self) -> None:
        self._menu.clear()
        projects = self.recents.projects()
        for project in projects:
            entry = self._menu.addAction(f"{project.name.replace('&', '&&')}    {project.folder}")
            entry.setEnabled(not project.missing)
            entry.triggered.connect(lambda _=False, path=project.path: self.open_recent(path))
        if projects:
            self._menu.addSeparator()
            self._menu.addAction("Forget All", self.recents.clear)
        else:
            self._menu.addAction("No recent projects").setEnabled(False)

    def _keep_last(self) -> None:
        on = self.window.actions_by_id["file.last_at_start"].isChecked()
        self.window.parts.settings.setValue(_LAST, on)
        if on:
            said = "The project that was open last is opened at the next start."
            self.window.post(Message(said, severity=Severity.INFO))
