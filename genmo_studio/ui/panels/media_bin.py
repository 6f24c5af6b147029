"""The Media panel: every file that the project refers to, with a picture, where it is used, and whether it is there."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.model import Document, MediaKind, MediaRef
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.media_drag import MEDIA_MIME, media_data
from genmo_studio.ui.media_search import Use, uses
from genmo_studio.ui.panels.import_report import ImportReportPanel
from genmo_studio.ui.theme import Theme, mix
from genmo_studio.ui.timeline.timecode import TimeFormat, format_time

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
ROW_HEIGHT = 50
THUMB = QSize(64, 36)
_Index = QModelIndex | QPersistentModelIndex

Picture = Callable[[MediaRef], QImage | None]


class MediaRow(msgspec.Struct, frozen=True):
    """One medium as it is shown."""

    media: MediaRef
    uses: tuple[Use, ...]
    missing: bool
    fps: int

    @property
    def summary(self) -> str:
        """The second line: kind, length, use."""
        media = self.media
        kind = "video" if media.kind is MediaKind.VIDEO else "sound"
        length = "length unknown" if media.frames is None else f"{media.frames / self.fps:.1f} s"
        if self.missing:
            return f"missing · {kind} · {length}"
        if not self.uses:
            return f"{kind} · {length} · not used"
        first = format_time(self.uses[0].frame, fps=self.fps, style=TimeFormat.TIMECODE)
        times = f"at {first}" if len(self.uses) == 1 else f"{len(self.uses)} clips, first at {first}"
        return f"{kind} · {length} · {times}"

    @property
    def tip(self) -> str:
        """Everything."""
        media = self.media
        lines = [media.name, self.summary]
        if self.missing:
            lines.append("The file is not where it was. Locate it, or look for it in a folder.")
        lines.append(media.absolute_path or media.relative_path or "")
        return "\n".join(line for line in lines if line)


class MediaModel(QAbstractListModel):
    """Media of a document as rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[MediaRow, ...] = ()

    @property
    def rows(self) -> tuple[MediaRow, ...]:
        """All rows, in the order of the project."""
        return self._rows

    def show_document(self, document: Document, *, missing: frozenset[str]) -> None:
        """Follow the document; a list of the same media keeps its selection."""
        used = uses(document)
        rows = tuple(
            MediaRow(media, used.get(media.id, ()), media.id in missing, document.fps) for media in document.media
        )
        if rows == self._rows:
            return
        if [row.media.id for row in rows] == [row.media.id for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Number of media."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Name, tooltip, and the row itself."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.media.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.summary
        return row if role == ROW_ROLE else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Rows can be dragged to the timeline."""
        return super().flags(index) | (Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags)

    def mimeTypes(self) -> list[str]:  # noqa: N802 (Qt's)
        """The studio's own."""
        return [MEDIA_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 (Qt's)
        """The ids of the dragged media."""
        return media_data(self._rows[index.row()].media.id for index in indexes if index.isValid())

    def supportedDragActions(self) -> Qt.DropAction:  # noqa: N802 (Qt's)
        """Only copies leave the list."""
        return Qt.DropAction.CopyAction


class _MediaDelegate(QStyledItemDelegate):
    """Paints a row: picture, name, kind and use."""

    def __init__(self, theme: Theme, picture: Picture, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self._picture = picture

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802, ARG002 (Qt's)
        return QSize(160, max(ROW_HEIGHT, 2 * option.fontMetrics.height() + 12))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, row = self.theme, index.data(ROW_ROLE)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(mix(theme.accent, theme.row, 0.28)))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.row_current))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        self._paint_picture(
            painter,
            row,
            QRectF(rect.left() + 8, rect.center().y() - THUMB.height() // 2, THUMB.width(), THUMB.height()),
        )
        left, width = rect.left() + 8 + THUMB.width() + 10, rect.width() - THUMB.width() - 28
        metrics = painter.fontMetrics()
        painter.setPen(QColor(theme.text))
        name = metrics.elidedText(row.media.name, Qt.TextElideMode.ElideMiddle, width)
        middle = rect.center().y()
        painter.drawText(QPoint(left, middle - 1 - metrics.descent()), name)
        painter.setPen(QColor(theme.error if row.missing else theme.text_dim))
        second = metrics.elidedText(row.summary, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QPoint(left, middle + 1 + metrics.ascent()), second)
        painter.restore()

    def _paint_picture(self, painter: QPainter, row: MediaRow, place: QRectF) -> None:
        theme = self.theme
        kind = "video" if row.media.kind is MediaKind.VIDEO else "music"
        tint = theme.error if row.missing else theme.kind(kind)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(tint, theme.row, 0.22)))
        painter.drawRoundedRect(place, 3, 3)
        image = None if row.missing or kind == "music" else self._picture(row.media)
        if image is not None and not image.isNull():
            scale = min(place.width() / image.width(), place.height() / image.height())
            size = QRectF(0, 0, image.width() * scale, image.height() * scale)
            size.moveCenter(place.center())
            painter.drawImage(size, image)
            badge = QRectF(place.left() + 2, place.bottom() - 16, 14, 14)
            painter.setBrush(QColor(theme.outside))
            painter.drawRoundedRect(badge, 3, 3)
            paint_icon(painter, kind, badge.adjusted(2, 2, -2, -2), QColor(tint))
        else:
            middle = QRectF(0, 0, 18, 18)
            middle.moveCenter(place.center())
            paint_icon(painter, "warning" if row.missing else kind, middle, QColor(tint))


class MediaPanel(QWidget):
    """The list with its buttons, or the report of the last import."""

    dropped = Signal(object)  # QMimeData
    locate_requested = Signal(str)  # media id
    reveal_requested = Signal(str)
    use_requested = Signal(str)  # select the clips that show it
    add_requested = Signal(object)  # tuple of media ids, to the playhead
    remove_requested = Signal(object)  # tuple of media ids
    cancel_requested = Signal()

    def __init__(
        self, theme: Theme, picture: Picture, accepts: Callable[[QMimeData], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._accepts = accepts
        self.setAcceptDrops(True)
        self.model = MediaModel(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self._delegate = _MediaDelegate(theme, picture, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setMouseTracking(True)
        self.view.setFrameShape(QListView.Shape.NoFrame)
        self.view.setUniformItemSizes(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setDragEnabled(True)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.view.setAccessibleName("Media")
        self.view.activated.connect(lambda index: self.use_requested.emit(index.data(ROW_ROLE).media.id))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu)
        self._empty = QLabel("No media yet.\nDrop video, sound, BVH, npz or text here\nor on the timeline.")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setEnabled(False)
        self.report = ImportReportPanel()
        self.report.closed.connect(self.show_list)
        self._commands: tuple[QAction, ...] = ()
        self._build()

    def _build(self) -> None:
        self._lists = QStackedLayout()
        self._lists.addWidget(self._empty)
        self._lists.addWidget(self.view)
        self._reading = QLabel()
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(self.cancel_requested)
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(10, 4, 8, 4)
        row.addWidget(self._reading, 1)
        row.addWidget(self._cancel)
        self._progress.hide()
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(8, 6, 8, 8)
        self._buttons.setSpacing(6)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._lists, 1)
        column.addWidget(self._progress)
        column.addLayout(self._buttons)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(page)
        self._pages.addWidget(self.report)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._delegate.theme = theme
        self.view.viewport().update()

    def set_actions(self, *actions: QAction) -> None:
        """The buttons under the list, and the end of its menu."""
        self._commands = actions
        for action in actions:
            button = QPushButton(action.icon(), action.text().rstrip("…").replace(" Media", ""))
            button.setToolTip(action.toolTip())
            button.setAccessibleName(action.text())
            button.clicked.connect(action.trigger)
            button.setEnabled(action.isEnabled())
            action.enabledChanged.connect(button.setEnabled)
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)

    def show_document(self, document: Document, *, missing: frozenset[str]) -> None:
        """Follow the document."""
        self.model.show_document(document, missing=missing)
        self._lists.setCurrentWidget(self.view if document.media else self._empty)

    def show_reading(self, files: int) -> None:
        """How many files are being read; 0 takes the line away."""
        self._reading.setText("Reading a file…" if files == 1 else f"Reading {files} files…")
        self._progress.setVisible(files > 0)

    def show_list(self) -> None:
        """The media."""
        self._pages.setCurrentIndex(0)

    def show_report(self) -> None:
        """What the last import found."""
        self._pages.setCurrentIndex(1)

    @property
    def selected(self) -> tuple[str, ...]:
        """Ids of the selected media."""
        return tuple(index.data(ROW_ROLE).media.id for index in self.view.selectionModel().selectedIndexes())

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        index = self.view.indexAt(at)
        if index.isValid():
            row: MediaRow = index.data(ROW_ROLE)
            media, chosen = row.media.id, self.selected or (row.media.id,)
            menu.addAction("Add at Playhead", lambda: self.add_requested.emit(chosen))
            used = menu.addAction("Select Its Clips", lambda: self.use_requested.emit(media))
            used.setEnabled(bool(row.uses))
            menu.addSeparator()
            menu.addAction(
                "Locate File…" if row.missing else "Replace File…", lambda: self.locate_requested.emit(media)
            )
            shown = menu.addAction("Show in File Manager", lambda: self.reveal_requested.emit(media))
            shown.setEnabled(not row.missing)
            gone = menu.addAction("Remove from Project", lambda: self.remove_requested.emit(chosen))
            gone.setEnabled(all(not row.uses for row in self.model.rows if row.media.id in chosen))
            menu.addSeparator()
        menu.addActions(list(self._commands))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(at))

    # -- drops ---------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's)
        """Files may be dropped into the list without being put on the timeline."""
        self._answer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 (Qt's)
        """See dragEnterEvent."""
        self._answer(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's)
        """Hand over what was dropped, as a copy."""
        if self._answer(event):
            self.dropped.emit(event.mimeData())

    def _answer(self, event: QDropEvent) -> bool:
        takes = self._accepts(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction if takes else Qt.DropAction.IgnoreAction)
        event.setAccepted(takes)
        return takes
