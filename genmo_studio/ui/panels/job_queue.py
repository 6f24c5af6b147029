"""The Jobs panel: every generation of the session with its state, and what can be done about it."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.engine.job_log import JobRecord, Phase
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.panels.job_model import RECORD_ROLE, JobModel, line_words, state_words
from genmo_studio.ui.theme import Theme

_CROSS = 16
_BAR = 3
_EMPTY = "Nothing is being made.\nEvery take is listed here: its place in the queue, its progress and how it ended."


class _JobDelegate(QStyledItemDelegate):
    """Paints a row: stripe of the state, name, state, what happens now, a bar, and a cross that cancels."""

    cancelled = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:  # noqa: N802, ARG002 (Qt's name)
        """Two lines."""
        return QSize(180, 2 * (option.fontMetrics.height() + 2) + 12)

    def colour(self, phase: Phase) -> QColor:
        """The colour of a state."""
        theme = self.theme
        colours = {Phase.RUNNING: theme.accent, Phase.DONE: theme.success, Phase.FAILED: theme.error}
        return QColor(colours.get(phase, theme.text_dim))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        """Paint one row."""
        record: JobRecord = index.data(RECORD_ROLE)  # type: ignore[attr-defined]
        theme, rect, ink = self.theme, option.rect, self.colour(record.phase)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.row_current))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.hover))
        painter.fillRect(QRect(rect.left(), rect.top() + 6, 3, rect.height() - 12), ink)
        left, right = rect.left() + 12, rect.right() - 8
        if record.phase.open:
            paint_icon(painter, "close", QRectF(self.cross(rect)), QColor(theme.text_dim))
            right -= _CROSS + 8
        line = option.fontMetrics.height() + 2
        words = state_words(record)
        width = option.fontMetrics.horizontalAdvance(words)
        painter.setPen(ink)
        painter.drawText(QRect(right - width, rect.top() + 5, width, line), int(Qt.AlignmentFlag.AlignVCenter), words)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        self._line(painter, record.name, QRect(left, rect.top() + 5, right - width - 10 - left, line))
        painter.setFont(option.font)
        painter.setPen(QColor(theme.text_dim))
        self._line(painter, line_words(record), QRect(left, rect.top() + 5 + line, rect.right() - 8 - left, line))
        if record.phase is Phase.RUNNING:
            self._bar(painter, record, QRect(left, rect.bottom() - _BAR - 2, rect.right() - 8 - left, _BAR), ink)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, words: str, rect: QRect) -> None:
        elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, max(0, rect.width()))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), elided)

    def _bar(self, painter: QPainter, record: JobRecord, rect: QRect, ink: QColor) -> None:
        painter.fillRect(rect, QColor(self.theme.line_strong))
        if record.fraction > 0:
            painter.fillRect(QRect(rect.left(), rect.top(), round(rect.width() * min(record.fraction, 1)), _BAR), ink)

    @staticmethod
    def cross(rect: QRect) -> QRect:
        """Where the cross of a row is."""
        return QRect(rect.right() - 8 - _CROSS, rect.top() + 6, _CROSS, _CROSS)

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: object) -> bool:  # noqa: N802 (Qt's name)
        """A click on the cross cancels."""
        record = index.data(RECORD_ROLE)  # type: ignore[attr-defined]
        if (
            event.type() is QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
            and record.phase.open
            and self.cross(option.rect).adjusted(-4, -4, 4, 4).contains(event.position().toPoint())
        ):
            self.cancelled.emit(record.job)
            return True
        return super().editorEvent(event, model, option, index)  # type: ignore[arg-type]


class JobPanel(QWidget):
    """A list, and the commands of its selected row above it."""

    selected = Signal()
    """Another job is selected, or the selected one has changed its state."""
    cancel_wanted = Signal(int)
    """Number of a job whose cross was clicked."""
    opened = Signal(int)
    """Number of a job that was double-clicked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = JobModel(self)
        self._delegate = _JobDelegate(theme, self)
        self._delegate.cancelled.connect(self.cancel_wanted)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Jobs")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.activated.connect(lambda index: self.opened.emit(index.data(RECORD_ROLE).job))
        self.list.selectionModel().currentChanged.connect(lambda *_: self.selected.emit())
        self._empty = QLabel(_EMPTY, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._empty.setContentsMargins(16, 12, 16, 12)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(8, 6, 8, 4)
        self._buttons.setSpacing(2)
        self._foot = QLabel()
        self._foot.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._foot.setContentsMargins(12, 3, 12, 5)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._buttons)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._foot)
        self._actions: tuple[QAction, ...] = ()
        self.setFocusProxy(self.list)
        self.show_jobs((), reading=0, freeing=False)

    def set_actions(self, actions: Mapping[str, QAction], groups: Sequence[Iterable[str]]) -> None:
        """The commands above the list, a gap between groups; the same come with a right click."""
        chosen: list[QAction] = []
        for index, group in enumerate(groups):
            if index:
                self._buttons.addSpacing(8)
            for name in group:
                button = QToolButton(autoRaise=True)
                button.setDefaultAction(actions[name])
                button.setIconSize(QSize(18, 18))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
                button.setAccessibleName(actions[name].text())
                self._buttons.addWidget(button)
                chosen.append(actions[name])
        self._buttons.addStretch(1)
        self._actions = tuple(chosen)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._delegate.theme = theme
        self.list.viewport().update()

    def set_device(self, words: str) -> None:
        """What the engine computes on."""
        self.model.device = words
        self._foot.setText(f"Engine: {words}" if words else "Engine: not started")

    def show_jobs(self, records: Sequence[JobRecord], *, reading: int, freeing: bool) -> None:
        """Follow the log; the selected job stays selected. ``reading`` takes wait for their media files."""
        current = self.current
        if self.model.show_records(records):
            chosen = current is not None and self.list.hasFocus()  # otherwise the newest is of interest
            row = self.model.row_of(current.job) if chosen and current is not None else 0
            self.list.setCurrentIndex(self.model.index(max(row, 0)))
        self._stack.setCurrentWidget(self.list if records else self._empty)
        words = f"Engine: {self.model.device}" if self.model.device else "Engine: not started"
        if reading:
            words = f"Reading the media files before {reading} more {'is' if reading == 1 else 'are'} queued"
        elif freeing:
            words = "The engine lets go of what was cancelled"
        elif not self.model.device and any(record.phase is Phase.RUNNING for record in records):
            words = "Engine: at work"
        self._foot.setText(words)
        self.selected.emit()

    @property
    def current(self) -> JobRecord | None:
        """The selected job."""
        record = self.list.currentIndex().data(RECORD_ROLE)
        return record if isinstance(record, JobRecord) else None

    def _menu(self, place: QPoint) -> None:
        if not self.list.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions(list(self._actions))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(place))
