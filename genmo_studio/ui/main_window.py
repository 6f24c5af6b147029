"""The window: puts the parts together and connects them. What the parts do is theirs; here is only who hears whom.

Views follow ``Editor.changed(old, new)`` and skip what is identical; the transport alone moves the playhead; errors end
in the message bar. Heavy things (curves, the engine) are begun after the first paint.
"""

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from genmo_studio.document.editor import Step, StepKind
from genmo_studio.document.model import Document
from genmo_studio.document.queries import differ_in_takes_alone
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.service import GenerationService
from genmo_studio.media.files import locate
from genmo_studio.media.output import AudioOut
from genmo_studio.motion.body import Body, load_body
from genmo_studio.ui import layout
from genmo_studio.ui.actions import ACTIONS, MENUS, Scope, build_actions, fill_menus
from genmo_studio.ui.control import Controls
from genmo_studio.ui.control.media import MediaControl
from genmo_studio.ui.files import NOT_SAVED, DialogPrompts, FileCommands, Prompts
from genmo_studio.ui.jobs import JobController
from genmo_studio.ui.listening import Listening
from genmo_studio.ui.live import Live
from genmo_studio.ui.media_facts import MediaFacts
from genmo_studio.ui.panels.counter import TimeCounter
from genmo_studio.ui.panels.curves import CurvePanel
from genmo_studio.ui.panels.generation import GenerationPanel
from genmo_studio.ui.panels.inspector import Inspector
from genmo_studio.ui.panels.job_strip import JobStrip
from genmo_studio.ui.panels.message_bar import Message, MessageBar, Severity
from genmo_studio.ui.panels.model_choices import model_choices
from genmo_studio.ui.panels.takes import TakesPanel
from genmo_studio.ui.panels.toolbar import MainToolbar
from genmo_studio.ui.playback import Transport
from genmo_studio.ui.project import Project
from genmo_studio.ui.stage import Stage
from genmo_studio.ui.style import window_style
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.thumbnail import thumbnail
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.widget import TimelineWidget
from genmo_studio.ui.typing_guard import TypingGuard
from genmo_studio.ui.viewport.panel import ViewportPanel
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.probe import GlSupport
from genmo_studio.values import replace

MESSAGES_TOP = 44
"""Pixels below the upper edge of the middle: messages lie over the picture, not over the viewport's tool row."""
SETTLED_MS = 400
"""After it is shown; pictures and waveforms are made from then on."""
WARM_UP_MS = 600
"""After the first paint, so that starting the engine does not compete with it for the processor."""


class Parts(msgspec.Struct, frozen=True):
    """What the composition root makes for the window."""

    app: QApplication
    project: Project
    facts: MediaFacts
    client: EngineClient
    service: GenerationService
    audio: AudioOut
    body: Body
    support: GlSupport
    theme: Theme
    settings: QSettings
    warm_up: bool = True
    """Start the engine in the background before it is first needed."""


class MainWindow(QMainWindow):
    """The studio."""

    def __init__(self, parts: Parts, *, prompts: Prompts | None = None) -> None:
        super().__init__()
        self._parts = parts
        self.setObjectName("studio")
        self.setAcceptDrops(True)
        self.setStyleSheet(window_style(parts.theme))
        layout.prepare(self)
        self.project, self.editor = parts.project, parts.project.editor
        self.session = Session(self)
        self.transport = Transport(self.editor, session=self.session, out=parts.audio, locate=self._locate, parent=self)
        self.jobs = JobController(parts.service, parts.client, facts=parts.facts, parent=self)
        self.files = FileCommands(
            self.project,
            prompts or DialogPrompts(self),
            report=self.post,
            thumbnail=lambda: thumbnail(self.viewport.viewport),
            begun=lambda path: self.statusBar().showMessage(f"Saving {path.name}"),
            written=self._written,
        )
        self._closed = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLED_MS)
        self._settle.timeout.connect(self._begin_pictures)
        self._warm_later = QTimer(self)
        self._warm_later.setSingleShot(True)
        self._warm_later.setInterval(WARM_UP_MS)
        self._warm_later.timeout.connect(self._warm_up)
        self._make_views()
        self.actions_by_id = build_actions(
            self,
            ACTIONS,
            scopes={Scope.GLOBAL: self, Scope.VIEWPORT: self.viewport, Scope.TIMELINE: self.timeline},
        )
        self._make_bars()
        self.commands = Controls(self)
        self.docks = self._make_docks()
        self._titles = layout.DockTitles(self, self.docks)
        self._guard = TypingGuard(parts.app, self)
        self.stage = Stage(
            self.project,
            session=self.session,
            transport=self.transport,
            panel=self.viewport,
            picture=self.picture,
            curves=self.curves,
            parent=self,
        )
        self.live = Live(
            self.editor,
            parts.service.live,
            jobs=self.jobs,
            stage=self.stage,
            playhead=lambda: self.session.playhead,
            parent=self,
        )
        self._connect()
        self.commands.connect()
        self._unsubscribe = self.editor.subscribe(changed=self._changed, committed=self._committed)
        kept = layout.restore(self, parts.settings)
        self.shares = layout.Shares(self, self.docks, kept=kept)
        if not kept:
            layout.first_size(self)
            layout.arrange(self, self.docks, self.commands.docks())
        self._changed(self.editor.document, self.editor.document)
        self._committed(None)
        if parts.audio.problem:
            self._sound.setText("No sound")
            self._sound.setToolTip(parts.audio.problem)

    # -- building ------------------------------------------------------------------------------------------------------

    def _make_views(self) -> None:
        theme = self._parts.theme
        self.messages = MessageBar(theme)
        self.picture = Picture(self._parts.body, theme)
        self.viewport = ViewportPanel(self.picture, theme, self._parts.support)
        self.art = MediaArt(self.editor.document, locate=self._locate, waits=True, parent=self)
        self.listening = Listening(self.project, facts=self._parts.facts, jobs=self.jobs, art=self.art, parent=self)
        self.timeline = TimelineWidget(self.editor, session=self.session, art=self.art, theme=theme)
        self.curves = CurvePanel(theme)
        self.generation = GenerationPanel(theme)
        self.generation.set_models(model_choices())
        self.inspector = Inspector(theme)
        self.takes = TakesPanel(theme)
        self.counter = TimeCounter(self.session, fps=self.editor.document.fps)
        self.strip = JobStrip()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.middle = QHBoxLayout()
        """The row of the viewport; the welcome view stands beside it."""
        self.middle.setSpacing(0)
        self.middle.addWidget(self.viewport, 1)
        column.addLayout(self.middle, 1)
        self.messages.lie_over(middle, top=MESSAGES_TOP)
        self.setCentralWidget(middle)

    def _make_bars(self) -> None:
        self._menus = fill_menus(self.menuBar(), MENUS, self.actions_by_id)
        self.viewport.set_actions(self.actions_by_id)
        self.toolbar = MainToolbar(
            self.actions_by_id, counter=self.counter, strip=self.strip, theme=self._parts.theme, parent=self
        )
        self.addToolBar(self.toolbar)
        self._facts, self._device, self._sound = QLabel(), QLabel("Engine not started"), QLabel()
        self._ear = QLabel()
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._facts, 1)
        for label in (self._ear, self._sound, self._device):
            label.setContentsMargins(8, 0, 8, 0)
            bar.addPermanentWidget(label)

    def _make_docks(self) -> dict[str, QDockWidget]:
        right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        docks = {
            "timeline": layout.add_dock(self, "Timeline", self.timeline, name="timeline", area=bottom),
            "curves": layout.add_dock(self, "Curves", self.curves, name="curves", area=bottom),
            "generation": layout.add_dock(self, "Generate", self.generation, name="generation", area=right),
            "inspector": layout.add_dock(self, "Inspector", self.inspector, name="inspector", area=right),
            "takes": layout.add_dock(self, "Takes", self.takes, name="takes", area=right),
        }
        for extra in self.commands.docks():
            docks[extra.name] = layout.add_dock(self, extra.title, extra.widget, name=extra.name, area=extra.area)
        self._menus["&Window"].addSeparator()
        for dock in docks.values():
            self._menus["&Window"].addAction(dock.toggleViewAction())
        return docks

    def _connect(self) -> None:
        self.timeline.playhead_requested.connect(self.transport.scrub)
        self.timeline.scrub_started.connect(self.transport.pause)
        self.timeline.message.connect(self.note)
        self.counter.seek_requested.connect(self.transport.seek)
        self.curves.seek_requested.connect(self.transport.scrub)
        self.transport.message.connect(self.note)
        self.session.selection_changed.connect(self._selected)
        self.jobs.state_changed.connect(self._job_changed)
        self.jobs.preview_changed.connect(self.stage.show_preview)
        for part in (self.jobs, self.live):
            part.message.connect(self.post)
            part.solved.connect(self.messages.withdraw)
        self.jobs.device_changed.connect(self._device_known)
        self.listening.status_changed.connect(self._ear.setText)
        self.listening.message.connect(self.post)
        self.viewport.failed.connect(
            lambda what, details: self.post(
                Message(what, "Editing, generating and exporting go on. Restart to see the 3D view again.", details)
            )
        )

    # -- what happens --------------------------------------------------------------------------------------------------

    def wear(self, theme: Theme) -> None:
        """Give another theme to everything that paints itself; the application has it already."""
        self._parts = replace(self._parts, theme=theme)
        self.setStyleSheet(window_style(theme))
        for part in (self.picture, *self.findChildren(QObject)):
            change = getattr(part, "set_theme", None)
            if change is not None:
                change(theme)

    def post(self, message: Message) -> None:
        """Show a message in the message bar."""
        self.messages.post(message)

    def note(self, sentence: str) -> None:
        """Show one sentence that needs no answer; it leaves by itself."""
        self.post(Message(sentence, severity=Severity.INFO))

    def open_document(self, path: Path) -> bool:
        """Open a project, for the composition root and for dropped files."""
        opened = self.files.open_file(path)
        self.saved()
        return opened

    def _changed(self, old: Document, new: Document) -> None:
        if old.id != new.id:
            self.messages.clear()  # they were about the other project
        if old.fps != new.fps:
            self.counter.set_fps(new.fps)
        if old.generation is not new.generation or old is new:
            self.generation.show_settings(new.generation)
        if old.takes is not new.takes or old.result is not new.result or old is new:
            self.takes.show_document(new)
        self.inspector.show_document(new, soon=self.editor.in_gesture)
        if old.body.model != new.body.model:
            self._change_body(new.body.model)
        self.stage.document_changed(old, new)
        if old is new or old.id != new.id or old.media is not new.media or old.tracks is not new.tracks:
            self._parts.facts.follow()
            self.listening.follow()
        self.commands.document_changed(old, new)
        self._facts.setText(f"{new.length} frames at {new.fps} fps ({new.length / new.fps:.1f} s)")
        if old.id != new.id and self.isVisible():  # before that, showing the window does it
            QTimer.singleShot(0, self, self.viewport.first_look)

    def _change_body(self, name: str) -> None:
        """Show the project's body; one that cannot be read leaves the present one on show."""
        try:
            self.picture.set_body(load_body(name))
        except (ValueError, OSError) as error:
            advice = "The motion is shown on the present body; choose another body for this project."
            self.post(Message(f"The body “{name}” cannot be shown: {error}", advice, repr(error), Severity.WARNING))

    def _committed(self, step: Step | None) -> None:
        if step is not None and not differ_in_takes_alone(step.old, step.new):  # a take that lands is nobody's answer
            self.messages.step_made()
        if step is not None and step.kind is StepKind.DONE:  # a key that was meant for another panel does not go unseen
            self.statusBar().showMessage(step.label, 4000)
        self.setWindowTitle(self.project.title)
        self.setWindowModified(not self.project.is_saved)
        self.commands.history_changed()

    def _written(self, path: Path) -> None:
        self.messages.withdraw(NOT_SAVED)
        self._parts.facts.follow()  # the folder that media are looked for from may be another one
        self.saved()
        apart = self.files.unkeyed_said
        self.statusBar().showMessage(f"Saved {path}{apart}", 10_000 if apart else 4000)

    def saved(self) -> None:
        """The file on disk is the document now."""
        self._committed(None)

    def _selected(self, selection: frozenset[str]) -> None:
        self.inspector.show_selection(selection)
        self.stage.selection_changed(selection)
        self.commands.selection_changed(selection)
        if selection:
            self.docks["inspector"].raise_()

    def _job_changed(self, state: object) -> None:
        self.strip.set_state(state)  # type: ignore[arg-type]  # a Qt signal carries objects
        self.stage.show_job(self.strip.state)
        self.commands.job_changed(running=self.jobs.running)

    def _device_known(self, device: object) -> None:
        name, advice = getattr(device, "name", ""), getattr(device, "advice", "")
        self._device.setText(f"Engine: {name}")
        self._device.setToolTip(advice or f"PyTorch {getattr(device, 'torch', '')}")

    @property
    def device_text(self) -> str:
        """What the model runs on, as the status bar says it."""
        return self._device.text().removeprefix("Engine: ")

    @property
    def parts(self) -> Parts:
        """What the window was made of."""
        return self._parts

    # -- Qt ------------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """After the first paint, warm the engine up in the background."""
        super().showEvent(event)
        self.viewport.setFocus()
        QTimer.singleShot(0, self, self._first_look)
        self._settle.start()
        if self._parts.warm_up:
            self._warm_later.start()

    def _first_look(self) -> None:
        """The docks have their sizes now."""
        self.viewport.first_look()
        self.timeline.zoom_fit()

    def _begin_pictures(self) -> None:
        self.art.begin()

    def _warm_up(self) -> None:
        self._device.setText("Engine: starting")
        self.jobs.warm_up()
        self.listening.begin()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Ask for unsaved changes, then stop everything that runs."""
        if self._closed:
            event.accept()
            return
        if not self.files.may_leave():
            event.ignore()
            return
        self._closed = True
        self._settle.stop()
        self._warm_later.stop()
        layout.keep(self, self._parts.settings)
        self.commands.close()
        self._titles.close()
        self.shares.close()
        self._guard.close()
        self.stage.close()
        self.viewport.close_view()
        self._unsubscribe()
        self.live.close()
        self.jobs.close()
        self._parts.facts.close()
        self.transport.close()
        self.timeline.detach()
        self.art.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Files may be dropped anywhere."""
        self.commands.of(MediaControl).drag_entered(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Import what was dropped, or open it."""
        self.commands.of(MediaControl).dropped(event)

    def _locate(self, media: object) -> Path | None:
        return locate(media, self.project.media_folder)  # type: ignore[arg-type]
