"""The channels beside the graph: what each curve is, its value at the playhead, and switches to hide and lock it."""

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.curve_channels import Channel, group_name
from genmo_studio.ui.panels.curve_ink import pen
from genmo_studio.ui.panels.curve_tools import spoken
from genmo_studio.ui.panels.curve_view import Shown
from genmo_studio.ui.theme import Theme

NAME, VALUE, EYE, LOCK = range(4)
_SAMPLE = QSize(26, 14)


class _Row(NamedTuple):
    item: QTreeWidgetItem
    channel: Channel


class ChannelList(QTreeWidget):
    """One row a channel, under the name of its joint."""

    hidden_changed = Signal(object)  # frozenset[Channel]
    locked_changed = Signal(object)  # frozenset[Channel]

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[Channel, _Row] = {}
        self._groups: dict[str, tuple[QTreeWidgetItem, tuple[Channel, ...]]] = {}
        self._hidden: frozenset[Channel] = frozenset()
        self._locked: frozenset[Channel] = frozenset()
        self.setAccessibleName("Channels")
        self.setColumnCount(4)
        self.setHeaderHidden(True)
        self.setIndentation(12)
        self.setIconSize(_SAMPLE)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(200)
        head = self.header()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(22)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((VALUE, self.fontMetrics().horizontalAdvance("-0000.0 cm ")), (EYE, 26), (LOCK, 26)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(column, width)
        self.itemClicked.connect(self._clicked)
        self.itemActivated.connect(self._activated)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self._mark()

    def show_channels(self, shown: Shown) -> None:
        """List the channels of these curves."""
        channels = tuple(curve.channel for curve in shown.curves.curves)
        same = (self._hidden, self._locked) == (shown.hidden, shown.locked)
        self._hidden, self._locked = shown.hidden, shown.locked
        if channels != tuple(self._rows):
            self._build(channels)
            same = False
        if not same:
            self._mark()

    def show_values(self, shown: Shown, frame: int) -> None:
        """Write the value of each channel at a frame."""
        row = frame - shown.curves.start
        for curve in shown.curves.curves:
            text = spoken(curve.channel, curve.edited[row]) if 0 <= row < len(curve.edited) else ""
            item = self._rows[curve.channel].item
            if item.text(VALUE) != text:
                item.setText(VALUE, text)

    def _build(self, channels: Iterable[Channel]) -> None:
        self.clear()
        self._rows.clear()
        self._groups.clear()
        grouped: dict[str, list[Channel]] = {}
        for channel in channels:
            grouped.setdefault(group_name(channel), []).append(channel)
        for name, mine in grouped.items():
            group = QTreeWidgetItem(self, [name])
            group.setExpanded(True)
            font = group.font(NAME)
            font.setBold(True)
            group.setFont(NAME, font)
            self._groups[name] = group, tuple(mine)
            for channel in mine:
                item = QTreeWidgetItem(group, [channel.short])
                item.setTextAlignment(VALUE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(NAME, channel.tip)
                self._rows[channel] = _Row(item, channel)

    def _mark(self) -> None:
        """Samples of the lines, eyes and locks."""
        joints = list(dict.fromkeys(channel.joint for channel in self._rows))
        dim = self._theme.line_strong
        for channel, (item, _) in self._rows.items():
            item.setIcon(NAME, self._sample(channel, joints.index(channel.joint)))
            gone, fixed = channel in self._hidden, channel in self._locked
            item.setIcon(EYE, icon("eye", colour=dim if gone else self._theme.text))
            item.setToolTip(EYE, f"Show {channel.name}" if gone else f"Hide {channel.name}")
            item.setForeground(NAME, QColor(self._theme.text_disabled if gone else self._theme.text))
            if channel.editable:
                item.setIcon(LOCK, icon("lock" if fixed else "unlock", colour=self._theme.text if fixed else dim))
                item.setToolTip(LOCK, f"Unlock {channel.name}" if fixed else f"Lock {channel.name}")
            item.setData(NAME, Qt.ItemDataRole.AccessibleDescriptionRole, _state(hidden=gone, locked=fixed))
        for name, (item, channels) in self._groups.items():
            gone = self._hidden.issuperset(channels)
            item.setIcon(EYE, icon("eye", colour=dim if gone else self._theme.text))
            item.setToolTip(EYE, f"{'Show' if gone else 'Hide'} all of {name}")
            able = [channel for channel in channels if channel.editable]
            fixed = self._locked.issuperset(able)
            item.setIcon(LOCK, icon("lock" if fixed else "unlock", colour=self._theme.text if fixed else dim))
            item.setToolTip(LOCK, f"{'Unlock' if fixed else 'Lock'} all of {name}")

    def _sample(self, channel: Channel, place: int) -> QIcon:
        ratio = self.devicePixelRatioF()
        picture = QPixmap((_SAMPLE.toSizeF() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(0.35 if channel in self._hidden else 1.0)
            line = pen(channel, self._theme, place=place, width=2.0)
            painter.setPen(line)
            box = QRectF(0, 0, _SAMPLE.width(), _SAMPLE.height())
            painter.drawLine(QPointF(1, box.center().y()), QPointF(box.right() - 1, box.center().y()))
        return QIcon(picture)

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column in (EYE, LOCK):
            self._toggle(item, column)

    def _activated(self, item: QTreeWidgetItem, column: int) -> None:
        """Return on a row shows or hides it."""
        if column not in (EYE, LOCK):
            self._toggle(item, EYE)

    def _toggle(self, item: QTreeWidgetItem, column: int) -> None:
        group = next((channels for other, channels in self._groups.values() if other is item), None)
        chosen = group or tuple(row.channel for row in self._rows.values() if row.item is item)
        if column == EYE:
            self.hidden_changed.emit(_switched(self._hidden, frozenset(chosen)))
        else:
            able = frozenset(channel for channel in chosen if channel.editable)
            self.locked_changed.emit(_switched(self._locked, able))


def _switched(now: frozenset[Channel], chosen: frozenset[Channel]) -> frozenset[Channel]:
    """All of the chosen in, or out when all are in."""
    return now - chosen if chosen <= now else now | chosen


def _state(*, hidden: bool, locked: bool) -> str:
    return ", ".join(word for word, on in (("hidden", hidden), ("locked", locked)) if on)
