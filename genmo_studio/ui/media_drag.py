"""Drags from the system, from a browser and from the Media panel, and what the timeline shows of them.

Whatever the other program proposes, a drop copies: a move would let a file manager delete the original.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from genmo_studio.document.model import Document, MediaKind
from genmo_studio.document.queries import find_media
from genmo_studio.ui.media_import import FileKind, Incoming, Landing, Place, kind_of, landing, link_refusal
from genmo_studio.ui.media_import_job import FileReading
from genmo_studio.ui.media_import_read import collect
from genmo_studio.ui.timeline.drop import Hover, hover
from genmo_studio.ui.timeline.drop_overlay import DropOverlay, DropPicture
from genmo_studio.ui.timeline.effects import Modifier, Pointer
from genmo_studio.ui.timeline.snap import SnapTargets
from genmo_studio.ui.timeline.widget import TimelineWidget

MEDIA_MIME = "application/x-genmo-studio-media"
"""JSON list of media ids of the open project."""


class Dragged(msgspec.Struct, frozen=True):
    """What a drag carries."""

    paths: tuple[Path, ...] = ()
    """files that can be imported, folders opened"""
    refused: tuple[str, ...] = ()
    """sentences about the rest"""
    media: tuple[str, ...] = ()
    """ids of media of the bin"""

    @property
    def empty(self) -> bool:
        """True when the drag is none of ours."""
        return not (self.paths or self.refused or self.media)

    @property
    def project(self) -> Path | None:
        """The one project that is to be opened."""
        return self.paths[0] if len(self.paths) == 1 and kind_of(self.paths[0]) is FileKind.PROJECT else None


def dragged(data: QMimeData, document: Document) -> Dragged:
    """Understand a drag."""
    if data.hasFormat(MEDIA_MIME):
        return Dragged(media=tuple(one for one in media_ids(data) if find_media(document, one) is not None))
    local = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile()]
    links = [link_refusal(url.toDisplayString()) for url in data.urls() if not url.isLocalFile()]
    found = collect(local)
    return Dragged(found.files, (*found.refused, *links))


def media_data(ids: Iterable[str]) -> QMimeData:
    """What a drag from the Media panel carries."""
    data = QMimeData()
    data.setData(MEDIA_MIME, json.dumps(list(ids)).encode())
    return data


def media_ids(data: QMimeData) -> tuple[str, ...]:
    """The media ids of a drag; anything else in it is nothing."""
    try:
        found = json.loads(bytes(data.data(MEDIA_MIME).data()))
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def from_bin(document: Document, ids: Sequence[str]) -> list[Incoming]:
    """Media of the project, to be put on the timeline."""
    found = [media for one in ids if (media := find_media(document, one)) is not None]
    return [
        Incoming(
            media.name,
            FileKind.VIDEO if media.kind is MediaKind.VIDEO else FileKind.SOUND,
            media=media.id,
            frames=media.frames,
        )
        for media in found
    ]


def copies(event: QDropEvent) -> None:
    """Take what is dragged as a copy."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


class TimelineDrops(QObject):
    """Hears the drags over the timeline, shows ghosts, and hands over what is dropped."""

    def __init__(
        self,
        timeline: TimelineWidget,
        overlay: DropOverlay,
        reading: FileReading,
        *,
        document: Callable[[], Document],
        drop: Callable[[Dragged, Place], None],
    ) -> None:
        super().__init__(timeline)
        self._timeline, self._overlay, self._reading = timeline, overlay, reading
        self._document, self._drop = document, drop
        self._dragged = Dragged()
        self._last: Pointer | None = None
        self._targets: tuple[Document, SnapTargets] | None = None
        area = timeline.viewport()
        area.setAcceptDrops(True)
        area.installEventFilter(self)
        reading.looked.connect(self._known)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """The drag events of the timeline's area."""
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove) and isinstance(event, QDragMoveEvent):
            if kind is QEvent.Type.DragEnter:
                self._dragged, self._targets = dragged(event.mimeData(), self._document()), None
            if self._dragged.empty:
                return False
            self._over(event)
            return True
        if kind is QEvent.Type.DragLeave and not self._dragged.empty:
            self._end()
            return True
        if kind is QEvent.Type.Drop and isinstance(event, QDropEvent) and not self._dragged.empty:
            self._dropped(event)
            return True
        return super().eventFilter(watched, event)

    def _over(self, event: QDragMoveEvent) -> None:
        self._last = _pointer(event)
        shown = self._hover(self._last)
        self._show(shown)
        if shown.legal or event.type() is QEvent.Type.DragEnter:
            copies(event)  # the answer to entering only means that the rest of the drag is of interest
        else:
            event.ignore()

    def _dropped(self, event: QDropEvent) -> None:
        shown, what = self._hover(_pointer(event)), self._dragged
        self._end()
        if shown.legal:
            copies(event)
            self._drop(what, shown.place)
        else:
            event.ignore()

    def _hover(self, pointer: Pointer) -> Hover:
        what, document = self._dragged, self._document()
        if what.project is not None:
            return Hover(Place(), Landing(), words=f"Open the project “{what.project.stem}”", opens=True)
        if not what.paths and not what.media:
            return Hover(Place(), Landing(problem=what.refused[0]), words=what.refused[0])
        files, problem = self._files(document)
        if not files:
            return Hover(Place(), Landing(problem=problem), words=problem)
        if self._targets is None or self._targets[0] is not document:
            self._targets = document, self._timeline.scene().targets()
        scene = self._timeline.scene()
        return hover(pointer, scene, lambda place: landing(document, files, place), targets=self._targets[1])

    def _files(self, document: Document) -> tuple[list[Incoming], str]:
        """What can land, and why the first of the rest cannot."""
        if self._dragged.media:
            return from_bin(document, self._dragged.media), ""
        problems = {path: self._reading.problem(path, fps=document.fps) for path in self._dragged.paths}
        good = [path for path, problem in problems.items() if not problem]
        return self._reading.incoming(good, fps=document.fps), next((p for p in problems.values() if p), "")

    def _known(self) -> None:
        """More is known about a file: the ghost gets its length while the pointer rests."""
        if self._last is not None and not self._dragged.empty:
            self._show(self._hover(self._last))

    def _show(self, shown: Hover) -> None:
        assert self._last is not None, "a drag has a pointer"
        at = (self._last.x, self._last.y)
        self._overlay.show_picture(DropPicture(shown, at, self._overlay.shown.pending))

    def _end(self) -> None:
        self._dragged, self._last, self._targets = Dragged(), None, None
        self._overlay.show_picture(DropPicture(pending=self._overlay.shown.pending))


def _pointer(event: QDropEvent) -> Pointer:
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return Pointer(event.position().x(), event.position().y(), modifiers=Modifier.SHIFT if shift else Modifier.NONE)
