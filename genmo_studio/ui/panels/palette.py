"""The command palette: type a few letters of a command, Enter does it. Also ``go to frame 120`` and other times."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from genmo_studio.ui.fuzzy import ranked
from genmo_studio.ui.theme import Theme

WIDTH, ROWS, ROW_HEIGHT = 560, 10, 34
_ENTRY = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex


class PaletteEntry(msgspec.Struct, frozen=True):
    """One line of the palette."""

    id: str
    title: str
    place: str
    """Where the command is found otherwise: the menu."""
    keys: str
    run: Callable[[], object]
    icon: QIcon | None = None
    enabled: bool = True


class _Model(QAbstractListModel):
    """The entries that fit what was typed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[PaletteEntry] = []

    def show(self, entries: Sequence[PaletteEntry]) -> None:
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return f"{entry.place} {entry.keys}".strip()
        return entry if role == _ENTRY else None


class _Row(QStyledItemDelegate):
    """Paints icon, title, menu and keys of an entry."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802, ARG002 (Qt's)
        return QSize(WIDTH - 20, max(ROW_HEIGHT, option.fontMetrics.height() + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: PaletteEntry = index.data(_ENTRY)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        theme, rect = self.theme, QRect(option.rect)
        painter.save()
        if chosen:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(rect.adjusted(2, 1, -2, -1), 4, 4)
        ink = theme.accent_text if chosen else theme.text
        dim = theme.accent_text if chosen else theme.text_dim
        if entry.icon is not None and not chosen:
            entry.icon.paint(painter, QRect(rect.left() + 10, rect.center().y() - 8, 17, 17))
        metrics = painter.fontMetrics()
        keys_width = metrics.horizontalAdvance(entry.keys)
        line = QRect(rect.left() + 38, rect.top(), rect.width() - 52, rect.height())
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(QColor(dim))
        painter.drawText(line, middle | int(Qt.AlignmentFlag.AlignRight), entry.keys)
        room = line.width() - keys_width - 24
        title = metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(ink))
        painter.drawText(line, middle, title)
        used = metrics.horizontalAdvance(title) + 12
        if room - used > 60:
            painter.setPen(QColor(dim))
            place = metrics.elidedText(entry.place, Qt.TextElideMode.ElideRight, room - used)
            painter.drawText(line.adjusted(used, 0, 0, 0), middle, place)
        painter.restore()


class CommandPalette(QFrame):
    """Lies over the window; one is made each time it is asked for, and deletes itself."""

    chosen = Signal(str)
    """Id of the entry that is done next."""

    def __init__(
        self,
        entries: Sequence[PaletteEntry],
        *,
        typed: Callable[[str], PaletteEntry | None],
        theme: Theme,
        parent: QWidget,
    ) -> None:
        """``typed`` makes an entry of text that is itself a command, such as ``120`` or ``go to frame 120``."""
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAccessibleName("Command palette")
        self._entries, self._typed = tuple(entries), typed
        self._over, self._back = parent, parent.focusWidget()
        self.setStyleSheet(
            f"#palette {{ background: {theme.raised}; border: 1px solid {theme.accent}; border-radius: 6px; }}"
            f"#palette QListView {{ background: {theme.raised}; border: none; }}"
        )
        self.field = QLineEdit(placeholderText="Type a command, or a frame to go to")
        self.field.setAccessibleName("Command")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self._run)
        self._model = _Model(self)
        self.list = QListView()
        self.list.setAccessibleName("Commands that fit")
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Row(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._run)
        self._none = QLabel("No command fits. Try fewer letters.")
        self._none.setEnabled(False)
        self._none.setContentsMargins(10, 8, 0, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        for part in (self.field, self.list, self._none):
            layout.addWidget(part)
        self._search("")

    @property
    def shown(self) -> tuple[PaletteEntry, ...]:
        """What fits now, best first."""
        return tuple(self._model.entries)

    def open(self) -> None:
        """Show it at the top of the window, ready for typing."""
        window = self._over
        row = max(ROW_HEIGHT, self.fontMetrics().height() + 14)
        size = QSize(min(WIDTH, window.width() - 40), min(ROWS * row + 62, window.height() - 100))
        self.setGeometry(QRect(QPoint((window.width() - size.width()) // 2, 64), size))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """The arrows move in the list while the field keeps the focus; leaving the field closes the palette."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and watched is self.field:
            self._leave(give_focus_back=False)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
            if event.key() == Qt.Key.Key_Escape:
                self._leave(give_focus_back=True)
                return True
            if event.key() in steps:
                self._select(self.list.currentIndex().row() + steps[Qt.Key(event.key())])
                return True
        return super().eventFilter(watched, event)

    def _search(self, text: str) -> None:
        own = self._typed(text)
        found = ranked(text, self._entries, title=lambda entry: f"{entry.title} {entry.place}")
        self._model.show([*([own] if own is not None else []), *found])
        self.list.setVisible(bool(self._model.entries))
        self._none.setVisible(not self._model.entries)
        self._select(0)

    def _select(self, row: int) -> None:
        count = self._model.rowCount()
        if count:
            index = self._model.index(min(max(row, 0), count - 1))
            self.list.setCurrentIndex(index)
            self.setAccessibleDescription(str(index.data()))

    def _run(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            entry: PaletteEntry = index.data(_ENTRY)
            self._leave(give_focus_back=True)
            self.chosen.emit(entry.id)
            entry.run()

    def _leave(self, *, give_focus_back: bool) -> None:
        if self.isHidden():
            return
        self.hide()
        if give_focus_back and self._back is not None and isValid(self._back) and self._back.isVisible():
            self._back.setFocus(Qt.FocusReason.PopupFocusReason)
        self.deleteLater()
