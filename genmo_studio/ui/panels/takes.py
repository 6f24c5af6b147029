"""The takes: every motion that was generated, newest first. A click shows one; nothing is ever thrown away by that."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QListView,
    QMenu,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.panels.take_figures import figure_rows, skate_text
from genmo_studio.ui.theme import Theme, mix

TAKE_ROLE = int(Qt.ItemDataRole.UserRole)
SHOWN_ROLE = TAKE_ROLE + 1
ROW_HEIGHT = 46
_Index = QModelIndex | QPersistentModelIndex


class TakeModel(QAbstractListModel):
    """Takes of a document as rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._takes: tuple[Take, ...] = ()
        self._shown: frozenset[str] = frozenset()

    def show_document(self, document: Document) -> None:
        """Follow the document."""
        takes = tuple(reversed(document.takes))
        shown = frozenset(piece.take for piece in document.result)
        if takes == self._takes and shown == self._shown:
            return
        self.beginResetModel()
        self._takes, self._shown = takes, shown
        self.endResetModel()

    def row_of(self, take_id: str) -> int:
        """The row of a take, -1 when there is none."""
        return next((row for row, take in enumerate(self._takes) if take.id == take_id), -1)

    @property
    def shown(self) -> frozenset[str]:
        """Takes that the result uses."""
        return self._shown

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Number of takes."""
        return 0 if parent.isValid() else len(self._takes)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Name, tooltip, and the take itself."""
        if not index.isValid() or index.row() >= len(self._takes):
            return None
        take = self._takes[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return take.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return describe(take)
        if role == TAKE_ROLE:
            return take
        if role == SHOWN_ROLE:
            return take.id in self._shown
        return None


def summary(take: Take) -> str:
    """One short line: seed, length, foot skate when known."""
    parts = [f"seed {take.seed}", f"{take.span.length} frames"]
    skate = skate_text(take.metrics)
    if skate is not None:
        parts.append(skate)
    return " · ".join(parts)


def describe(take: Take) -> str:
    """Everything about a take, for the tooltip."""
    lines = [
        take.name,
        f"{'Draft (one pass)' if take.mode is TakeMode.DRAFT else 'Full'} · seed {take.seed}",
        f"Model {take.model} on {take.device}",
        f"Frames {take.span.start} to {take.span.stop - 1}",
    ]
    if take.created:
        lines.append(take.created.replace("T", " ")[:19] + " UTC")
    lines += [f"{label}: {value}" for label, value in figure_rows(take.metrics)]
    return "\n".join(lines)


class _TakeDelegate(QStyledItemDelegate):
    """Paints a row: eye of the shown take, name, badge, summary."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802, ARG002 (Qt's)
        return QSize(160, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, take = self._theme, index.data(TAKE_ROLE)
        rect: QRect = option.rect
        state = option.state
        shown = bool(index.data(SHOWN_ROLE))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if shown:
            painter.fillRect(rect, QColor(mix(theme.kind("result"), theme.row, 0.22)))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.kind("result")))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.row_current))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        ink = QColor(theme.kind("result") if shown else theme.text_disabled)
        paint_icon(painter, "take", QRectF(rect.left() + 10, rect.center().y() - 9, 18, 18), ink)
        draft = take.mode is TakeMode.DRAFT
        badge = "draft" if draft else "full"
        metrics = painter.fontMetrics()
        badge_width = metrics.horizontalAdvance(badge) + 14
        badge_rect = QRectF(rect.right() - badge_width - 8, rect.top() + 7, badge_width, metrics.height() + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(badge_rect, 7, 7)
        painter.setPen(QColor(theme.warning if draft else theme.success))
        painter.drawText(badge_rect, int(Qt.AlignmentFlag.AlignCenter), badge)
        left, width = rect.left() + 38, int(badge_rect.left()) - rect.left() - 46
        name = metrics.elidedText(take.name, Qt.TextElideMode.ElideRight, width)
        painter.setPen(QColor(theme.text))
        painter.drawText(QPoint(left, rect.top() + 7 + metrics.ascent()), name)
        painter.setPen(QColor(theme.text_dim))
        second = metrics.elidedText(summary(take), Qt.TextElideMode.ElideRight, rect.right() - left - 8)
        painter.drawText(QPoint(left, rect.bottom() - 7 - metrics.descent()), second)
        painter.restore()


class TakesPanel(QWidget):
    """The list, or a hint while there is none."""

    show_requested = Signal(str)  # take id
    inspect_requested = Signal(str)
    delete_requested = Signal(str)
    seed_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TakeModel(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(_TakeDelegate(theme, self.view))
        self.view.setMouseTracking(True)
        self.view.setFrameShape(QListView.Shape.NoFrame)
        self.view.setUniformItemSizes(True)
        self.view.setAccessibleName("Takes")
        self.view.clicked.connect(self._chosen)
        self.view.activated.connect(self._chosen)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu)
        self._empty = QLabel("No takes yet.\nPress Generate to make the first one.")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setEnabled(False)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)

    def show_document(self, document: Document) -> None:
        """Follow the document."""
        self.model.show_document(document)
        self._stack.setCurrentWidget(self.view if document.takes else self._empty)

    def _chosen(self, index: QModelIndex) -> None:
        take: Take = index.data(TAKE_ROLE)
        self.show_requested.emit(take.id)

    def _menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if not index.isValid():
            return
        take: Take = index.data(TAKE_ROLE)
        menu = QMenu(self)
        menu.addAction("Show This Take", lambda: self.show_requested.emit(take.id))
        menu.addAction("Inspect", lambda: self.inspect_requested.emit(take.id))
        menu.addAction(f"Use Its Seed ({take.seed})", lambda: self.seed_requested.emit(take.seed))
        menu.addSeparator()
        menu.addAction("Delete Take", lambda: self.delete_requested.emit(take.id))
        menu.exec(self.view.viewport().mapToGlobal(at))
        menu.deleteLater()
