"""The takes panel: every motion that was generated; compare two, lay one over the other, splice a range of one.

The panel knows no editor: it shows what it is given and says what is wanted.
"""

from collections.abc import Mapping

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QSpinBox,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.model import Document, Take
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.fields import number
from genmo_studio.ui.panels.take_compare import CompareBar
from genmo_studio.ui.panels.take_model import TAKE_ROLE, Order, TakeModel
from genmo_studio.ui.panels.take_pictures import TakePictures
from genmo_studio.ui.panels.take_row import TakeDelegate
from genmo_studio.ui.splice import DEFAULT_BLEND, Align
from genmo_studio.ui.theme import Theme

AGES_MS = 60_000
"""Between two looks at how old takes are, while the panel can be seen."""
MAX_BLEND = 300
_TOOLS = ("takes.compare", "takes.ghost")
_MENU = (
    "takes.show", "takes.compare", "takes.ghost", "takes.splice", "-",
    "takes.rename", "takes.favourite", "-",
    "takes.settings", "takes.regenerate", "takes.inspect", "-",
    "takes.delete", "takes.delete_unused",
)  # fmt: skip
_MAKING = "The first take is being made.\nIt comes here when it is done."
_NONE = "No takes yet.\nDescribe a motion on the timeline, then press Generate (Ctrl+Enter)."
_FILTERED = "No favourites yet.\nPress the star of a take, or switch the filter off."


class TakesPanel(QWidget):
    """The list, or a hint while there is none."""

    show_requested = Signal(str)
    """take id; so below"""
    favourite_requested = Signal(str)
    rename_requested = Signal(str, str)
    chosen_changed = Signal()
    """Other takes are chosen in the list."""
    splice_changed = Signal()
    """Blend or alignment of the next splice."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions: Mapping[str, QAction] = {}
        self._pictures: TakePictures | None = None
        self._splice: QToolButton | None = None
        self.model = TakeModel(self)
        self.view = QListView()
        self.delegate = TakeDelegate(theme, self.view)
        self._make_view()
        self.compare = CompareBar(theme)
        self._making = False
        self._empty = QLabel(_NONE, wordWrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setEnabled(False)
        self._empty.setContentsMargins(16, 16, 16, 16)
        middle = QWidget()
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self._head, self._foot = self._make_head(), self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._head, self.compare):
            column.addWidget(part)
        column.addWidget(middle, 1)
        column.addWidget(self._foot)
        self._ages = QTimer(self)
        self._ages.setInterval(AGES_MS)
        self._ages.timeout.connect(self.view.viewport().update)
        self._arranged()

    def _make_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(self.delegate)
        view.setMouseTracking(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setUniformItemSizes(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setAccessibleName("Takes")
        view.doubleClicked.connect(self._show)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu)
        view.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())
        self.model.modelReset.connect(self._arranged)
        self.model.renamed.connect(self.rename_requested)
        self.delegate.eye_clicked.connect(self.show_requested)
        self.delegate.star_clicked.connect(self.favourite_requested)

    def _make_head(self) -> QWidget:
        head = QWidget()
        row = self._head_row = QHBoxLayout(head)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        self.filter = QToolButton()
        self.filter.setIcon(icon("star"))
        self.filter.setCheckable(True)
        self.filter.setToolTip("Only favourites")
        self.filter.setAccessibleName("Only favourites")
        self.filter.toggled.connect(self._filtered)
        self.order = QComboBox()
        for order in Order:
            self.order.addItem(order.value, order)
        self.order.setToolTip("How takes are sorted")
        self.order.setAccessibleName("Order of takes")
        self.order.currentIndexChanged.connect(self._sorted)
        row.addWidget(self.filter)
        row.addWidget(self.order)
        row.addStretch(1)
        return head

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        row = self._foot_row = QHBoxLayout(foot)
        row.setContentsMargins(8, 4, 6, 4)
        row.setSpacing(6)
        field = QSpinBox(minimum=0, maximum=MAX_BLEND, value=DEFAULT_BLEND, suffix=" f", prefix="Blend ")
        self.blend = number(field)
        self.blend.setToolTip("Frames of cross-fade at both seams, inside the spliced range")
        self.blend.setAccessibleName("Blend")
        self.blend.valueChanged.connect(lambda _: self.splice_changed.emit())
        self.align = QCheckBox("Align")
        self.align.setChecked(True)
        self.align.setToolTip(
            "Stand and face as the result does at the seams, so that nothing jumps; on its own keys the take stays. "
            "Switched off, it stays where it was made everywhere."
        )
        self.align.toggled.connect(lambda _: self.splice_changed.emit())
        row.addWidget(self.blend)
        row.addWidget(self.align)
        row.addStretch(1)
        return foot

    # -- what the window gives -----------------------------------------------------------------------------------------

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Buttons and context menu follow the actions of the table."""
        self._actions = actions
        last: QWidget = self.order
        for action_id in _TOOLS:
            button = QToolButton()
            button.setDefaultAction(actions[action_id])
            button.setIconSize(QSize(18, 18))
            self._head_row.addWidget(button)
            QWidget.setTabOrder(last, button)
            last = button
        splice = self._splice = QToolButton()
        splice.setDefaultAction(actions["takes.splice"])
        splice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        splice.setIconSize(QSize(18, 18))
        self._foot_row.addWidget(splice)
        self.compare.set_actions(actions)

    def set_pictures(self, pictures: TakePictures) -> None:
        """Where strips of poses come from."""
        self._pictures = self.delegate.pictures = pictures
        pictures.arrived.connect(lambda _: self.view.viewport().update())

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.delegate.theme = theme
        self.compare.set_theme(theme)
        if self._pictures is not None:
            self._pictures.set_theme(theme)
        self.view.viewport().update()

    def show_document(self, document: Document) -> None:
        """Follow the document."""
        chosen = {take.id for take in self.chosen}
        current = self.current
        self.model.show_document(document)
        self._choose(chosen, current)
        self._arranged()

    def set_making(self, making: bool) -> None:
        """While one is made, an empty list does not ask for one."""
        if making != self._making:
            self._making = making
            self._arranged()

    def set_stale(self, stale: frozenset[str]) -> None:
        """Takes that no longer answer what the timeline asks for."""
        self.model.set_stale(stale)

    # -- what is chosen ------------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> tuple[Take, ...]:
        """The chosen takes, in the order of the list."""
        rows = sorted(index.row() for index in self.view.selectedIndexes())
        return tuple(self.model.index(row, 0).data(TAKE_ROLE) for row in rows)

    @property
    def current(self) -> Take | None:
        """The chosen take, or the one of several that was chosen last."""
        index = self.view.currentIndex()
        if index.isValid() and self.view.selectionModel().isSelected(index):
            take: Take = index.data(TAKE_ROLE)
            return take
        chosen = self.chosen
        return chosen[0] if chosen else None

    def choose(self, *take_ids: str) -> None:
        """Choose takes in the list and scroll to the last."""
        self._choose(set(take_ids), None)
        row = self.model.row_of(take_ids[-1]) if take_ids else -1
        if row >= 0:
            index = self.model.index(row, 0)
            self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.view.scrollTo(index)

    def _choose(self, take_ids: set[str], current: Take | None) -> None:
        flags = QItemSelectionModel.SelectionFlag
        selection = self.view.selectionModel()
        if {take.id for take in self.chosen} == take_ids:
            return
        blocker = QSignalBlocker(self.view.selectionModel())
        selection.clearSelection()
        for take_id in take_ids:
            row = self.model.row_of(take_id)
            if row >= 0:
                selection.select(self.model.index(row, 0), flags.Select)
        if current is not None and self.model.row_of(current.id) >= 0:
            selection.setCurrentIndex(self.model.index(self.model.row_of(current.id), 0), flags.NoUpdate)
        del blocker
        self.view.viewport().update()
        self.chosen_changed.emit()

    def rename(self, take_id: str) -> None:
        """Begin to edit a name in place."""
        row = self.model.row_of(take_id)
        if row >= 0:
            self.view.scrollTo(self.model.index(row, 0))
            self.view.edit(self.model.index(row, 0))

    # -- splicing ------------------------------------------------------------------------------------------------------

    def say_splice(self, tip: str) -> None:
        """What the splice button would do."""
        if self._splice is not None and self._splice.toolTip() != tip:
            self._splice.setToolTip(tip)

    @property
    def alignment(self) -> Align:
        """Where the next splice stands."""
        return Align.SEAMS if self.align.isChecked() else Align.MADE

    # -- events --------------------------------------------------------------------------------------------------------

    def _show(self, index: QModelIndex) -> None:
        self.show_requested.emit(index.data(TAKE_ROLE).id)

    def _filtered(self, on: bool) -> None:
        self.filter.setIcon(icon("star-filled" if on else "star"))
        self.model.favourites_only = on
        self.model.arrange()
        self._arranged()

    def _sorted(self) -> None:
        self.model.order = self.order.currentData()
        self.model.arrange()

    def _arranged(self) -> None:
        rows = self.model.rowCount()
        self._empty.setText(_FILTERED if self.model.hidden else _MAKING if self._making else _NONE)
        self._stack.setCurrentWidget(self.view if rows else self._empty)
        some = bool(rows or self.model.hidden)
        self._head.setVisible(some)
        self._foot.setVisible(some)

    def _menu(self, at: QPoint) -> None:
        if not self.view.indexAt(at).isValid() or not self._actions:
            return
        menu = QMenu(self)
        for action_id in _MENU:
            menu.addSeparator() if action_id == "-" else menu.addAction(self._actions[action_id])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's)
        """Ages go on while they can be seen."""
        super().showEvent(event)
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's)
        """Nothing ticks out of sight."""
        super().hideEvent(event)
        self._ages.stop()

    def stop(self) -> None:
        """The window goes away."""
        self._ages.stop()
