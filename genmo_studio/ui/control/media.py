"""Media: importing by menu, drop and panel; the Media panel; files that are missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QRunnable, Qt, QThreadPool, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog

from genmo_studio.document import edits
from genmo_studio.document.edits.project import relative_posix
from genmo_studio.document.model import Document, MediaKind, MediaRef
from genmo_studio.document.queries import find_media
from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.media_anchor import anchor_before
from genmo_studio.ui.media_drag import Dragged, TimelineDrops, copies, dragged, from_bin
from genmo_studio.ui.media_import import SUFFIXES, Arrived, FileKind, Place, landing, landing_edit
from genmo_studio.ui.media_import_job import FileReading
from genmo_studio.ui.media_import_read import collect
from genmo_studio.ui.media_import_report import ImportReport, facts
from genmo_studio.ui.media_importer import Importer
from genmo_studio.ui.media_search import relinked, search, unused, uses
from genmo_studio.ui.panels.media_bin import MediaPanel
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.timeline.drop_overlay import DropOverlay, DropPicture

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

PICTURE_ROWS = 48
_MISSING = "missing media"
FOLDER_KEY = "media/folder"


class _Found(QObject):
    """Brings what the searching thread found to the window's thread."""

    came = Signal(object)


class _Task(QRunnable):
    def __init__(self, work: Slot) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class MediaControl(Control):
    """Everything that brings files into the project. Other areas call ``import_mime`` and ``import_paths``."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        theme = window.parts.theme
        self.reading = FileReading(window)
        self.importer = Importer(window.project, self.reading, window)
        self.overlay = DropOverlay(window.timeline, theme)
        self.drops = TimelineDrops(
            window.timeline, self.overlay, self.reading, document=lambda: window.editor.document, drop=self._dropped
        )
        self.panel = MediaPanel(theme, self._picture, lambda data: not dragged(data, window.editor.document).empty)
        self._told: str | None = None  # id of the project whose missing files were told
        self._closing = False
        self._pool = QThreadPool(window)
        self._pool.setMaxThreadCount(1)
        self._found = _Found(window)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "media.import": self.choose,
            "media.find_missing": self.find_missing,
            "media.remove_unused": self.remove_unused,
            "media.report": self.show_report,
        }

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("media", "Media", self.panel, beside="takes"),)

    def connect(self) -> None:
        """See Control."""
        w, panel = self.window, self.panel
        panel.set_actions(
            *(w.actions_by_id[name] for name in ("media.import", "media.find_missing", "media.remove_unused"))
        )
        panel.dropped.connect(self._dropped_on_bin)
        panel.locate_requested.connect(self.locate)
        panel.reveal_requested.connect(self.reveal)
        panel.use_requested.connect(self.select_uses)
        panel.add_requested.connect(lambda ids: self._add_from_bin(ids, Place(w.session.playhead)))
        panel.remove_requested.connect(self._remove)
        panel.cancel_requested.connect(self._cancel)
        panel.report.undo_requested.connect(self.importer.undo)
        panel.report.fix_requested.connect(self.importer.fix)
        panel.report.sound_requested.connect(self.importer.add_sound)
        panel.report.start_requested.connect(self._begin_at_result)
        self.importer.pending_changed.connect(self._show_pending)
        self.importer.reported.connect(self._report)
        self.importer.report_changed.connect(lambda _: self._fill_report())
        self.importer.failed.connect(w.note)
        self._found.came.connect(self._relink)
        w.parts.facts.arrived.connect(self._refresh)
        w.parts.app.applicationStateChanged.connect(self._came_back)
        w.art.arrived.connect(lambda _: panel.view.viewport().update())
        self._refresh()

    # -- following -----------------------------------------------------------------------------------------------------

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        if old.id != new.id:
            self.importer.cancel()
            self.importer.forget()
            self.panel.show_list()
            self.panel.report.forget()
        if not self.window.editor.history:  # just opened: files may have come or gone since they were looked for
            self.window.parts.facts.follow(again=True)
        if old is new or old.id != new.id or old.media is not new.media or old.tracks is not new.tracks:
            self._refresh()

    def history_changed(self) -> None:
        """See Control."""
        self.panel.report.set_can_undo(can_undo=self.importer.can_undo)

    def close(self) -> None:
        """See Control."""
        self._closing = True
        self.window.parts.app.applicationStateChanged.disconnect(self._came_back)
        self.reading.close()
        self._pool.clear()
        self._pool.waitForDone()

    def _came_back(self, state: Qt.ApplicationState) -> None:
        """The user was elsewhere, perhaps in the file manager: look for the files anew."""
        if state is Qt.ApplicationState.ApplicationActive and not self._closing:
            self.window.parts.facts.follow(again=True)

    def missing(self) -> frozenset[str]:
        """Ids of the media whose file was looked for in vain."""
        facts_of = self.window.parts.facts.fact
        found = {media.id: facts_of(media.id) for media in self.window.editor.document.media}
        return frozenset(one for one, fact in found.items() if fact is not None and fact.path is None)

    def _refresh(self) -> None:
        w, document, missing = self.window, self.window.editor.document, self.missing()
        self.panel.show_document(document, missing=missing)
        w.actions_by_id["media.find_missing"].setEnabled(bool(missing))
        w.actions_by_id["media.remove_unused"].setEnabled(bool(unused(document)))
        w.actions_by_id["media.report"].setEnabled(self.importer.report is not None)
        if missing and w.parts.facts.ready and self._told != document.id:
            self._told = document.id
            names = ", ".join(media.name for media in document.media if media.id in missing)
            what = "A media file is missing" if len(missing) == 1 else f"{len(missing)} media files are missing"
            advice = "Takes, texts and keys are all there; clips of missing files keep their place and length."
            button = ("Find in a Folder…", self.find_missing)
            said = Message(f"{what}: {names[:120]}.", advice, severity=Severity.WARNING, action=button, topic=_MISSING)
            w.post(said)
        elif not missing:
            w.messages.withdraw(_MISSING)

    def _picture(self, media: MediaRef) -> QImage | None:
        return self.window.art.thumbnail(media.id, 0, height=PICTURE_ROWS)

    # -- importing -----------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for files and import them at the playhead."""
        settings = self.window.parts.settings
        known = " ".join(f"*{suffix}" for suffix, kind in SUFFIXES.items() if kind is not FileKind.PROJECT)
        names, _ = QFileDialog.getOpenFileNames(
            self.window,
            "Import Media",
            str(settings.value(FOLDER_KEY) or Path.home()),
            f"Video, sound, motion, text ({known});;All files (*)",
        )
        if names:
            settings.setValue(FOLDER_KEY, str(Path(names[0]).parent))
            self.import_paths([Path(name) for name in names])

    def import_paths(self, paths: Sequence[Path], place: Place | None = None) -> None:
        """Import files and folders; without a place at the playhead. A project alone is opened."""
        found = collect(paths)
        self._dropped(Dragged(found.files, found.refused), place or Place(self.window.session.playhead))

    def import_mime(self, data: QMimeData) -> bool:
        """Import what was dropped outside the timeline; False when it is nothing that can be used."""
        what = dragged(data, self.window.editor.document)
        if what.empty:
            return False
        self._dropped(what, Place(self.window.session.playhead))
        return True

    def drag_entered(self, event: QDropEvent) -> None:
        """A drag over the window beside the timeline: anything of ours is taken, as a copy."""
        what = dragged(event.mimeData(), self.window.editor.document)
        if what.empty:
            return
        copies(event)
        if what.project is not None:
            words = f"Drop to open the project “{what.project.stem}”"
        else:
            words = "Drop to import at the playhead" if what.paths or what.media else what.refused[0]
        self.window.statusBar().showMessage(words, 4000)

    def dropped(self, event: QDropEvent) -> None:
        """A drop on the window beside the timeline."""
        if self.import_mime(event.mimeData()):
            copies(event)

    def _dropped(self, what: Dragged, place: Place) -> None:
        w, project = self.window, what.project
        if project is not None:
            QTimer.singleShot(0, w, lambda: w.open_document(project))
        elif what.media:
            self._add_from_bin(what.media, place)
        elif what.paths:
            self.importer.begin(what.paths, place, refused=what.refused)
        elif what.refused:
            w.post(Message(what.refused[0], "Nothing was changed.", "\n".join(what.refused), Severity.WARNING))

    def _dropped_on_bin(self, data: QMimeData) -> None:
        what = dragged(data, self.window.editor.document)
        if what.paths and what.project is None:
            self.importer.begin(what.paths, Place(), refused=what.refused, to_bin=True)
        elif not what.media:
            self._dropped(what, Place())

    def _add_from_bin(self, ids: Sequence[str], place: Place) -> None:
        document = self.window.editor.document
        files = from_bin(document, ids)
        found = landing(document, files, place)
        if found.problem:
            self.window.note(found.problem)
            return
        arrived = {at: Arrived(find_media(document, file.media or "")) for at, file in enumerate(files)}
        made = landing_edit(document, found.ghosts, arrived)
        label = f"Add {files[0].name}" if len(files) == 1 else f"Add {len(files)} Clips"
        if self.window.commands.edit(label, made.edit):
            self.window.session.select(made.ids)

    def _cancel(self) -> None:
        given_up = self.importer.cancel()
        self.window.note(f"Import of {given_up} files cancelled; the project is as it was.")

    def _show_pending(self) -> None:
        self.overlay.show_picture(DropPicture(self.overlay.shown.hover, self.overlay.shown.at, self.importer.pending()))
        self.panel.show_reading(self.importer.reading_files)

    # -- the report ----------------------------------------------------------------------------------------------------

    def show_report(self) -> None:
        """The report of the last import, in the Media panel."""
        if self.importer.report is not None:
            self.panel.show_report()
            self.window.docks["media"].show()
            self.window.docks["media"].raise_()

    def _report(self, report: ImportReport) -> None:
        self._fill_report()
        self.window.actions_by_id["media.report"].setEnabled(True)
        problems = report.problems
        first = next((entry for entry in report.entries if not entry.problem), None)
        said = list(problems[:1])
        if first is not None:
            document = self.window.editor.document
            said = [*report.longer(document.fps), *facts(first, document)[:2], *said]
        self.window.post(
            Message(
                report.summary,
                " · ".join(line.rstrip(".") for line in said) + ".",
                "\n".join(problems),
                Severity.WARNING if problems else Severity.INFO,
                ("Show Report", self.show_report),
            )
        )
        made = [one for entry in report.entries for one in entry.made]
        last = self.window.editor.document.tracks[-1:]
        if any(item.id in made for track in last for item in track.items):  # a new track may be out of sight
            bar = self.window.timeline.verticalScrollBar()
            bar.setValue(bar.maximum())
        if report.needs_a_look:
            self.show_report()

    def _begin_at_result(self, index: int, wanted: bool) -> None:
        stage, body = self.window.stage, self.window.parts.body
        self.importer.begin_at_result(
            index, wanted=wanted, anchor=lambda frame: anchor_before(stage.shown, frame, body)
        )

    def _fill_report(self) -> None:
        if self.importer.report is not None:
            self.panel.report.show_report(
                self.importer.report, self.window.editor.document, can_undo=self.importer.can_undo
            )

    # -- looking after the files ---------------------------------------------------------------------------------------

    def select_uses(self, media: str) -> None:
        """Select the clips that show a medium and go to the first."""
        where = uses(self.window.editor.document).get(media, ())
        if where:
            self.window.session.select({use.item for use in where})
            self.window.transport.seek(where[0].frame)

    def reveal(self, media: str) -> None:
        """Show the folder of a medium's file."""
        fact = self.window.parts.facts.fact(media)
        if fact is not None and fact.path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(fact.path.parent)))

    def remove_unused(self) -> None:
        """Forget the media that no clip shows."""
        self._remove(unused(self.window.editor.document))

    def _remove(self, ids: Sequence[str]) -> None:
        if ids:
            self.window.commands.edit("Remove Media", edits.compose(*(edits.remove_media(one) for one in ids)))

    def locate(self, media: str) -> None:
        """Ask for the file of a medium; another file takes the place of the present one."""
        ref = find_media(self.window.editor.document, media)
        if ref is None:
            return
        start = Path(ref.absolute_path).parent if ref.absolute_path else Path.home()
        name, _ = QFileDialog.getOpenFileName(
            self.window, f"Locate {ref.name}", str(start if start.is_dir() else Path.home())
        )
        if name:
            self.relink({media: Path(name)})

    def find_missing(self) -> None:
        """Ask for a folder and look for all missing media in it."""
        name = QFileDialog.getExistingDirectory(self.window, "Find Missing Media In", str(Path.home()))
        if name:
            self.search(Path(name))

    def search(self, folder: Path) -> None:
        """Look for all missing media in a folder, by content and then by name."""
        missing = [media for media in self.window.editor.document.media if media.id in self.missing()]
        self.window.statusBar().showMessage(f"Looking for {len(missing)} files in {folder}", 4000)
        self._later(lambda: search(missing, folder, stop=lambda: self._closing), len(missing))

    def relink(self, files: dict[str, Path]) -> None:
        """Point media to other files."""
        self._later(lambda: files, len(files))

    def _later(self, look: "Slot", wanted: int) -> None:
        """Find and read the files on another thread; ``_relink`` gets what there is."""
        document, fps = self.window.editor.document, self.window.editor.document.fps

        def work() -> None:
            found = look()
            read = {media: relinked(path, fps=fps) for media, path in found.items()} if isinstance(found, dict) else {}
            if not self._closing:
                self._found.came.emit((document.id, wanted, read))

        self._pool.start(_Task(work))

    def _relink(self, result: tuple[str, int, dict[str, "MediaRef | str"]]) -> None:
        """On the window's thread: one undo step for all files that were found."""
        w, (owner, wanted, read) = self.window, result
        if owner != w.editor.document.id:
            return
        steps = []
        for media, fact in read.items():
            old = find_media(w.editor.document, media)
            if isinstance(fact, str) or old is None:
                w.note(str(fact))
                continue
            if old.kind is MediaKind.VIDEO and fact.kind is not MediaKind.VIDEO:
                w.note(f"“{fact.name}” has no picture, so it cannot take the place of “{old.name}”.")
                continue
            place = Path(fact.absolute_path or "")
            folder = w.project.media_folder
            steps.append(
                edits.relink_media(
                    media,
                    relative_path=None if folder is None else relative_posix(place, folder),
                    absolute_path=str(place),
                    sha256=fact.sha256,
                    size=fact.size,
                    frames=fact.frames,
                )
            )
        if steps and w.commands.edit("Relink Media", edits.compose(*steps)) and len(steps) < wanted:
            w.note(f"{len(steps)} of {wanted} missing files were found; the others keep their place on the timeline.")
        elif not steps and not read:
            w.note("None of the missing files is in this folder; the project is as it was.")
