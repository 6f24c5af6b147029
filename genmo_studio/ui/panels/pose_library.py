"""The Poses panel: pictures of the kept poses; a double click poses the body, or the selected joints."""

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.pose import Pose
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.take_pictures import TILE_HEIGHT, TILE_WIDTH, paint_poses
from genmo_studio.ui.pose_library import KeptPose
from genmo_studio.ui.theme import Theme, mix

LARGER = 1.6
"""Than the pictures of takes."""
_EMPTY = "No poses yet.\nPose the body or go to a frame you like, then press Add."


def pose_picture(pose: Pose, body: Body, theme: Theme, *, ratio: float) -> QPixmap:
    """A small picture of a pose, at a device pixel ratio."""
    rotations, translation = pose.rotations[None].astype(np.float32), pose.translation[None].astype(np.float32)
    motion = Motion(rotations, translation, body=body.name)
    front, back = mix(theme.text, theme.panel, 0.80), mix(theme.text, theme.panel, 0.42)
    (image,) = paint_poses(motion, body, front=front, back=back, ratio=ratio * LARGER)
    image.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(image)


class PosesPanel(QWidget):
    """Shows a library; what is to be done is told by signals."""

    add_wanted = Signal()
    apply_wanted = Signal(str, bool)
    """Id, and whether left and right change places."""
    rename_wanted = Signal(str, str)
    remove_wanted = Signal(str)

    def __init__(self, body: Callable[[], Body], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body, self._theme = body, theme
        self._kept: tuple[KeptPose, ...] = ()
        self.list = QListWidget()
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setIconSize(QSize(round(TILE_WIDTH * LARGER), round(TILE_HEIGHT * LARGER)))
        self.list.setGridSize(QSize(round(TILE_WIDTH * LARGER) + 8, round(TILE_HEIGHT * LARGER) + 30))
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setAccessibleName("Kept poses")
        self.list.itemActivated.connect(lambda _: self._apply(flipped=False))
        self.list.itemChanged.connect(self._renamed)
        self.list.itemSelectionChanged.connect(self._enable)
        self._empty = QLabel(_EMPTY, alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.add = self._button("Add", "Keep the pose at the playhead", self.add_wanted.emit)
        self.apply = self._button("Apply", "Pose the body, or the selected joints (double click)", self._apply)
        self.flip = self._button("Flipped", "With left and right exchanged", lambda: self._apply(flipped=True))
        self.remove = self._button("", "Remove this pose from the library", self._remove)
        self.remove.setIcon(icon("delete"))
        self.remove.setAccessibleName("Remove this pose")
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.add, self.apply, self.flip):
            row.addWidget(button, 1)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.list, 1)
        column.addWidget(self._empty, 1)
        column.addLayout(row)
        rename = QAction("Rename", self.list)
        rename.setShortcut(QKeySequence("F2"))
        rename.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        rename.triggered.connect(self._edit_name)
        self.list.addAction(rename)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.show_poses(())

    @staticmethod
    def _button(text: str, tip: str, slot: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda _=False: slot())
        return button

    def set_theme(self, theme: Theme) -> None:
        """Paint the pictures in another theme's colours."""
        self._theme = theme
        self.show_poses(self._kept)

    def choose_last(self) -> None:
        """Select the newest pose."""
        if self.list.count():
            self.list.setCurrentRow(self.list.count() - 1)

    def show_poses(self, kept: Iterable[KeptPose]) -> None:
        """Show poses; the selected one stays selected."""
        self._kept = tuple(kept)
        chosen = self.chosen
        self.list.blockSignals(True)
        self.list.clear()
        for entry in self._kept:
            picture = pose_picture(entry.pose, self._body(), self._theme, ratio=self.devicePixelRatioF())
            item = QListWidgetItem(QIcon(picture), entry.name)
            item.setData(Qt.ItemDataRole.UserRole, entry.id)
            item.setToolTip(entry.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
            if entry.id == chosen:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        self.list.setVisible(bool(self._kept))
        self._empty.setVisible(not self._kept)
        self._enable()

    @property
    def chosen(self) -> str | None:
        """Id of the selected pose."""
        items = self.list.selectedItems()
        return str(items[0].data(Qt.ItemDataRole.UserRole)) if items else None

    def _enable(self) -> None:
        for button in (self.apply, self.flip, self.remove):
            button.setEnabled(self.chosen is not None)

    def _apply(self, *, flipped: bool = False) -> None:
        if self.chosen is not None:
            self.apply_wanted.emit(self.chosen, flipped)

    def _remove(self) -> None:
        if self.chosen is not None:
            self.remove_wanted.emit(self.chosen)

    def _edit_name(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item)

    def _renamed(self, item: QListWidgetItem) -> None:
        self.rename_wanted.emit(str(item.data(Qt.ItemDataRole.UserRole)), item.text())
