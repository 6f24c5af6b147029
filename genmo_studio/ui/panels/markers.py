"""The list of markers: name, time, length; a click goes there (TL12)."""

from collections.abc import Mapping

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.model import Document, Marker
from genmo_studio.ui.panels.swatches import swatch
from genmo_studio.ui.timeline.timecode import TimeFormat, format_duration, format_time

TOOLS = ("marker.add", "marker.previous", "marker.next", "marker.delete")
"""The buttons above the list."""
_HINT = "No markers yet.\n\nPress M to mark the frame under the playhead; press M again to give the marker a name."
_COLUMNS = ("Name", "Time", "Length")
_ROW_HEIGHT = 24
_Index = QModelIndex | QPersistentModelIndex


class MarkerModel(QAbstractTableModel):
    """Markers of a document as rows, in order of time."""

    renamed = Signal(str, str)  # id, name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.markers: tuple[Marker, ...] = ()
        self._fps, self._style = 30, TimeFormat.TIMECODE

    def show_markers(self, markers: tuple[Marker, ...], *, fps: int, style: TimeFormat) -> bool:
        """Follow the document; True when the rows are other ones."""
        if (markers, fps, style) == (self.markers, self._fps, self._style):
            return False
        self.beginResetModel()
        self.markers, self._fps, self._style = markers, fps, style
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Number of markers."""
        return 0 if parent.isValid() else len(self.markers)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Name, time, length."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        """Titles of the columns."""
        if way is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Names can be typed over."""
        editable = Qt.ItemFlag.ItemIsEditable if index.column() == 0 else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | editable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words and the colour."""
        if not index.isValid() or index.row() >= len(self.markers):
            return None
        marker, column = self.markers[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._words(marker)[column]
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(word for word in self._words(marker) if word)
        return self._name(marker, role) if column == 0 else None

    @staticmethod
    def _name(marker: Marker, role: int) -> object:
        if role == Qt.ItemDataRole.DecorationRole:
            return swatch(marker.colour, size=12)
        return marker.name if role == Qt.ItemDataRole.EditRole else None

    def _words(self, marker: Marker) -> tuple[str, str, str]:
        time = format_time(marker.frame, fps=self._fps, style=self._style)
        length = format_duration(marker.length, fps=self._fps, style=self._style) if marker.length else ""
        return marker.name or "Marker", time, length

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """A name was typed; the document decides what becomes of it."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self.renamed.emit(self.markers[index.row()].id, str(value))
        return True


class _Rows(QStyledItemDelegate):
    """Rows that are high enough to be hit with ease."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 (Qt's)
        """As usual, with room."""
        size = super().sizeHint(option, index)
        return QSize(size.width() + 8, max(size.height(), _ROW_HEIGHT))


class MarkersPanel(QWidget):
    """List and buttons; what is wanted goes out as signals."""

    chosen = Signal(object)  # frozenset[str] of marker ids
    seek_requested = Signal(int)
    renamed = Signal(str, str)  # id, name
    menu_requested = Signal(object)  # QPoint on the screen

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.model = MarkerModel(self)
        self.list = QTreeView()
        self._build_list()
        hint = QLabel(_HINT)
        hint.setWordWrap(True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        hint.setContentsMargins(24, 12, 24, 12)
        hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # or it would make the window tall
        self._pages = QStackedWidget()
        self._pages.addWidget(hint)
        self._pages.addWidget(self.list)
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 4, 6, 2)
        bar.setSpacing(2)
        for action_id in TOOLS:
            button = QToolButton()
            button.setDefaultAction(actions[action_id])
            button.setAutoRaise(True)
            bar.addWidget(button)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._pages, 1)
        self.model.renamed.connect(self.renamed)
        self._following = False

    def _build_list(self) -> None:
        view = self.list
        view.setModel(self.model)
        view.setItemDelegate(_Rows(view))
        view.setRootIsDecorated(False)
        view.setUniformRowHeights(True)
        view.setAccessibleName("Markers")
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        view.header().setStretchLastSection(False)
        view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            view.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        view.selectionModel().selectionChanged.connect(self._selected)
        view.clicked.connect(lambda index: self._go(index.row()))
        view.activated.connect(lambda index: self._go(index.row()))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu)

    def show_document(self, document: Document, *, style: TimeFormat, selection: frozenset[str]) -> None:
        """Follow the document and the selection."""
        if self.model.show_markers(document.markers, fps=document.fps, style=style):
            self.show_selection(selection)
        self._pages.setCurrentIndex(1 if document.markers else 0)

    def show_selection(self, selection: frozenset[str]) -> None:
        """Follow the selection."""
        chosen = self.list.selectionModel()
        self._following = True
        chosen.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row, marker in enumerate(self.model.markers):
            if marker.id in selection:
                chosen.select(self.model.index(row, 0), flags)
                self.list.scrollTo(self.model.index(row, 0))
        self._following = False

    def _selected(self, *_: object) -> None:
        if not self._following:
            rows = {index.row() for index in self.list.selectionModel().selectedRows()}
            self.chosen.emit(frozenset(self.model.markers[row].id for row in rows))

    def _go(self, row: int) -> None:
        if 0 <= row < len(self.model.markers):
            self.seek_requested.emit(self.model.markers[row].frame)

    def _menu(self, place: object) -> None:
        self.menu_requested.emit(self.list.viewport().mapToGlobal(place))  # type: ignore[call-overload]
