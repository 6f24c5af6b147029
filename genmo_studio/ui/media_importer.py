"""Imports: from a drop or a choice of files to one undo step and a report.

While the files are read nothing is in the document; the timeline shows placeholders meanwhile. When all have been read
one edit puts everything in place, so undo takes a whole import back and a file that fails leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import Document, MediaRef
from genmo_studio.document.queries import find_take
from genmo_studio.motion.body import load_body
from genmo_studio.ui.media_anchor import Anchor
from genmo_studio.ui.media_import import (
    Arrived,
    FileKind,
    Ghost,
    ImportEdit,
    Place,
    Target,
    kind_of,
    landing,
    landing_edit,
    sound_edit,
)
from genmo_studio.ui.media_import_job import Batch, FileReading
from genmo_studio.ui.media_import_read import Fixes, Read, Reader, incoming
from genmo_studio.ui.media_import_report import Entry, ImportReport, sound_offered
from genmo_studio.ui.project import Project
from genmo_studio.values import replace


class Importer(QObject):
    """Imports files into the open project."""

    reported = Signal(object)
    """ImportReport of an import that has ended."""
    report_changed = Signal(object)
    """The last report, after a fix."""
    pending_changed = Signal()
    failed = Signal(str)
    """One sentence."""

    def __init__(self, project: Project, reading: FileReading, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._reading = project, reading
        self._numbers = count(1)
        self._bins: set[int] = set()
        self.report: ImportReport | None = None
        """Of the last import."""
        self._step = ""
        reading.finished.connect(self._finish)
        reading.fixed.connect(self._fixed)
        reading.advanced.connect(self._advanced)
        reading.looked.connect(self.pending_changed)

    # -- beginning -----------------------------------------------------------------------------------------------------

    def begin(self, paths: Sequence[Path], place: Place, *, refused: Sequence[str] = (), to_bin: bool = False) -> None:
        """Read files and put them at a place; ``to_bin``: only make them known, on no track."""
        projects = [path for path in paths if kind_of(path) is FileKind.PROJECT]
        files = tuple(path for path in paths if path not in projects)
        said = [f"“{path.name}” is a project: drop it on its own to open it." for path in projects]
        batch = Batch(files, place, self._project.editor.document.id, refused=(*refused, *said))
        if to_bin:
            self._bins.add(id(batch))
        self._reading.begin(batch, self._reader())
        self.pending_changed.emit()

    def cancel(self) -> int:
        """Give up what is being read; returns how many files that were."""
        given_up = self._reading.give_up()
        self._bins.clear()
        self.pending_changed.emit()
        return given_up

    @property
    def reading_files(self) -> int:
        """How many files are still being read."""
        return sum(len(b.paths) - len(b.read) - len(b.problems) for b in self._reading.batches)

    def pending(self) -> tuple[Ghost, ...]:
        """Placeholders of the files that are being read."""
        document = self._project.editor.document
        ghosts: list[Ghost] = []
        for batch in self._reading.batches:
            if batch.document == document.id and id(batch) not in self._bins:
                files = self._reading.incoming(batch.paths, fps=document.fps)
                ghosts += landing(document, files, batch.place).ghosts
        return tuple(ghosts)

    def _reader(self) -> Reader:
        document = self._project.editor.document
        return Reader(
            fps=document.fps,
            folder=self._project.media_folder,
            body=lambda: load_body(document.body.model),
            stop=lambda: self._reading.stopped,
        )

    # -- ending --------------------------------------------------------------------------------------------------------

    def _advanced(self, _batch: object) -> None:
        self.pending_changed.emit()

    def _finish(self, batch: Batch) -> None:
        """All files of an import were read: one undo step."""
        to_bin = id(batch) in self._bins
        self._bins.discard(id(batch))
        self.pending_changed.emit()
        document = self._project.editor.settled
        if document.id != batch.document:
            self.failed.emit("The files were read for another project and were left out; drop them again.")
            return
        number = next(self._numbers)
        good = [index for index in range(len(batch.paths)) if index in batch.read]
        refused = batch.refused
        made: dict[int, tuple[str, ...]] = {}
        if good:
            try:
                result = self._bin_edit(batch, good, document) if to_bin else self._edit(batch, good, document)
                made = {good[at]: ids for at, ids in result.made.items()}
                self._store(batch.read[index] for index in good)
                label = f"Import {batch.paths[good[0]].name}" if len(good) == 1 else f"Import {len(good)} Files"
                self._project.editor.edit(label, result.edit, select=result.ids or None, merge=_merge(number))
                self._step = label
            except EditError as error:
                refused = (*refused, str(error))
                good = []
        entries = [self._entry(batch, index, made, good) for index in range(len(batch.paths))]
        lengths = document.length, self._project.editor.settled.length
        self.report = ImportReport(tuple(entries), refused, number, lengths)
        self.reported.emit(self.report)

    def _entry(self, batch: Batch, index: int, made: dict[int, tuple[str, ...]], good: Sequence[int]) -> Entry:
        path = batch.paths[index]
        if index in batch.problems:
            return Entry(path, problem=batch.problems[index])
        if index not in good:
            return Entry(path, problem=f"“{path.name}” was not imported.")
        return Entry(path, read=batch.read[index], made=made.get(index, ()))

    def _store(self, reads: Iterable[Read]) -> None:
        for read in reads:
            if read.take is not None and read.blob is not None:
                self._project.store[read.take.blob] = read.blob

    def _edit(self, batch: Batch, good: Sequence[int], document: Document) -> ImportEdit:
        reads = [batch.read[index] for index in good]
        files = [incoming(read.path, read.seen) for read in reads]
        found = landing(document, files, batch.place)
        if found.problem:  # the track was locked or removed meanwhile
            found = landing(document, files, Place(batch.place.frame, Target.AUTO))
        media = _known(document, reads)
        arrived = {at: Arrived(media.get(at), read.take) for at, read in enumerate(reads)}
        return landing_edit(document, found.ghosts, arrived)

    def _bin_edit(self, batch: Batch, good: Sequence[int], document: Document) -> ImportEdit:
        """Media become known, motions become takes that are not shown; text has no place in a list of files."""
        steps: list[Edit] = []
        present = {media.id for media in document.media}
        reads = [batch.read[index] for index in good]
        for media in _known(document, reads).values():
            if media.id not in present:
                present.add(media.id)
                steps.append(edits.add_media(media))
        for read in reads:
            if read.take is not None:
                steps.append(edits.add_take(read.take, place=False))
            elif read.media is None:
                raise EditError(f"“{read.path.name}” is text; drop it on the timeline, where it has a time.")
        return ImportEdit(edits.compose(*steps), {})

    # -- afterwards ----------------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """True while the last import is the newest step."""
        return self.report is not None and bool(self._step) and self._project.editor.undo_label == self._step

    def undo(self) -> None:
        """Take the last import back."""
        if self.can_undo:
            self._project.editor.undo()

    def fix(self, index: int, fixes: Fixes) -> None:
        """Read a motion of the last report again with other choices."""
        if self.report is not None:
            entry = self.report.entries[index]
            self._reading.read_again((self.report.number, index, fixes), entry.path, self._reader(), fixes)

    def begin_at_result(self, index: int, *, wanted: bool, anchor: Callable[[int], Anchor | None]) -> None:
        """Let a motion of the last report go on where the result stands before it, or begin where the file says."""
        if self.report is None:
            return
        entry = self.report.entries[index]
        take = find_take(self._project.editor.settled, entry.made[0]) if entry.made else None
        found = anchor(take.span.start) if wanted and take is not None else None
        if wanted and found is None:
            self.failed.emit("No motion is shown in the frame before it, so it begins where the file says.")
            self.report_changed.emit(self.report)
            return
        self.fix(index, replace(entry.fixes, anchor=found))

    def _fixed(self, token: tuple[object, ...], result: object) -> None:
        """The motion came back: the take that was made gives way to a new one at its place."""
        if self.report is None or token[0] != self.report.number or not isinstance(token[1], int):
            return
        index, fixes = token[1], token[2]
        if not isinstance(result, Read) or result.take is None or not isinstance(fixes, Fixes):
            self.failed.emit(str(result))
            self.report_changed.emit(self.report)
            return
        entry, editor = self.report.entries[index], self._project.editor
        old = find_take(editor.settled, entry.made[0]) if entry.made else None
        if old is None:
            self.failed.emit("The imported take is no longer in the project, so nothing was changed.")
            return
        new = msgspec.structs.replace(result.take, span=old.span)
        shown = any(piece.take == old.id for piece in editor.settled.result)
        change = edits.compose(edits.delete_take(old.id), edits.add_take(new, place=shown))
        self._store([result])
        if self._change(change, select=(new.id,)):
            changed = replace(entry, read=result, made=(new.id,), fixes=fixes)
            self._replace(index, changed)

    def add_sound(self, index: int) -> None:
        """Put the sound of an imported video on a music track."""
        if self.report is None:
            return
        entry, document = self.report.entries[index], self._project.editor.settled
        clip = sound_offered(entry, document)
        if clip is None:
            self.failed.emit("The video clip is no longer on the timeline, so its sound was not added.")
            return
        made = sound_edit(document, clip)
        if self._change(made.edit, select=(clip.id, *made.ids)):
            self._replace(index, replace(entry, sound=made.ids[0]))

    def _change(self, edit: Edit, *, select: Sequence[str]) -> bool:
        """A change of the last import; it shares its undo step while that is the newest one."""
        assert self.report is not None, "only a report can be changed"
        try:
            self._project.editor.edit(
                self._step or "Change Import", edit, select=select, merge=_merge(self.report.number)
            )
        except EditError as error:
            self.failed.emit(str(error))
            return False
        return True

    def _replace(self, index: int, entry: Entry) -> None:
        assert self.report is not None, "only a report can be changed"
        entries = list(self.report.entries)
        entries[index] = entry
        self.report = replace(self.report, entries=tuple(entries))
        self.report_changed.emit(self.report)

    def forget(self) -> None:
        """Another project was opened."""
        self.report, self._step = None, ""


def _merge(number: int) -> str:
    return f"import {number}"


def _known(document: Document, reads: Sequence[Read]) -> dict[int, MediaRef]:
    """The medium of each file: one that the project has already where the content is the same."""
    by_content = {(media.sha256, media.kind): media for media in document.media if media.sha256 is not None}
    found: dict[int, MediaRef] = {}
    for at, read in enumerate(reads):
        if read.media is not None:
            key = (read.media.sha256 or read.media.id, read.media.kind)
            found[at] = by_content.setdefault(key, read.media)
    return found
