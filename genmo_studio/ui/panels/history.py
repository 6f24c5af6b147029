"""The History panel: every step by name, the present one marked, a click goes there. Undone steps stay, greyed."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from genmo_studio.document.editor import Editor
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.theme import Theme, mix

STATE_ROLE, SAVED_ROLE = int(Qt.ItemDataRole.UserRole), int(Qt.ItemDataRole.UserRole) + 1
DONE, CURRENT, UNDONE = "done", "current", "undone"
_ROW = 28
_Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractListModel):
    """Row 0 is the project as it was opened; row n is the project after n steps."""

    def __init__(self, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._labels: tuple[str, ...] = ()
        self._position = 0
        self._saved: int | None = 0

    def follow(self) -> None:
        """Show the history as it is now."""
        labels = self._editor.history
        if labels != self._labels:
            same = len(labels) == len(self._labels) + 1 and labels[:-1] == self._labels
            if same:  # one more step, which is what usually happens
                self.beginInsertRows(QModelIndex(), len(labels), len(labels))
                self._labels = labels
                self.endInsertRows()
            else:
                self.beginResetModel()
                self._labels = labels
                self.endResetModel()
        self._position, self._saved = self._editor.position, self._editor.saved_position
        self.dataChanged.emit(self.index(0), self.index(len(labels)))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Number of places that one can go to."""
        return 0 if parent.isValid() else len(self._labels) + 1

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Label, state, and whether it is the saved project."""
        row = index.row()
        if not index.isValid() or row > len(self._labels):
            return None
        state = CURRENT if row == self._position else DONE if row < self._position else UNDONE
        words = {CURRENT: "present state", DONE: "done", UNDONE: "undone"}[state]
        saved = row == self._saved
        values: dict[int, object] = {
            int(Qt.ItemDataRole.DisplayRole): self._labels[row - 1] if row else "Opened",
            int(Qt.ItemDataRole.ToolTipRole): "Now" if state == CURRENT else "Click to go to this state",
            int(Qt.ItemDataRole.AccessibleDescriptionRole): f"{words}, saved" if saved else words,
            STATE_ROLE: state,
            SAVED_ROLE: saved,
        }
        return values.get(int(role))


class _Row(QStyledItemDelegate):
    """Paints a step: mark of the present one, its words, a disk where the project was saved."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802, ARG002 (Qt's)
        return QSize(120, max(_ROW, option.fontMetrics.height() + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, rect, state = self.theme, QRect(option.rect), index.data(STATE_ROLE)
        painter.save()
        if state == CURRENT:
            painter.fillRect(rect, QColor(mix(theme.accent, theme.row, 0.28)))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.accent))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.row_current))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        font = painter.font()
        font.setBold(state == CURRENT)
        font.setItalic(state == UNDONE)
        painter.setFont(font)
        painter.setPen(QColor(theme.text_disabled if state == UNDONE else theme.text))
        room = rect.adjusted(14, 0, -32, 0)
        words = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)
        if index.data(SAVED_ROLE):
            place = QRectF(rect.right() - 26, rect.center().y() - 8, 16, 16)
            paint_icon(painter, "save", place, QColor(theme.text_dim))
        painter.restore()


class HistoryPanel(QWidget):
    """The list of steps."""

    jump_requested = Signal(int)
    """Position in the history."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = HistoryModel(editor, self)
        self.view = QListView()
        self.view.setModel(self.model)
        self._row = _Row(theme, self.view)
        self.view.setItemDelegate(self._row)
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setFrameShape(QListView.Shape.NoFrame)
        self.view.setAccessibleName("History")
        self.view.clicked.connect(lambda index: self.jump_requested.emit(index.row()))
        self.view.activated.connect(lambda index: self.jump_requested.emit(index.row()))
        self.setFocusProxy(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._row.theme = theme
        self.view.viewport().update()

    def follow(self, position: int) -> None:
        """Show the history as it is now, with the present state in sight."""
        self.model.follow()
        index = self.model.index(position)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)
