"""The column of posing tools at the left of the viewport, and the bar that says that a pose is not keyed."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from genmo_studio.ui.theme import Theme

SEPARATOR = "-"
ICON, SIDE, GAP, BETWEEN, MARGIN = 19, 29, 1, 7, 3
"""Logical pixels of the strip: an icon, a button with the gap after it, the gap, between groups, around all."""
ABOVE_EDGE, LOW_EDGE, LOW = 48, 8, 420
"""Logical pixels from the bar's lower edge to the viewport's: above the marks of the feet, or in a view lower than LOW
as near to its edge as can be, off the body."""


def columns_of(groups: Sequence[int], height: int, *, side: int) -> list[list[int]]:
    """Groups of buttons with edges of ``side``, by number, in the fewest columns that fit into a height (pixels).

    A group stays whole, so that no button stands alone, and columns are about equally tall. Where not even a column a
    group is low enough, that is the answer all the same.
    """
    for columns in range(1, len(groups)):
        found = _shared(groups, columns, side=side)
        if max(_tall(groups, column, side=side) for column in found) <= height:
            return found
    return [[number] for number in range(len(groups))]


def _shared(groups: Sequence[int], columns: int, *, side: int) -> list[list[int]]:
    """Groups one after the other in so many columns, the tallest of which is as low as can be."""
    cuts = combinations(range(1, len(groups)), columns - 1)
    ways = [
        [list(range(start, stop)) for start, stop in zip((0, *cut), (*cut, len(groups)), strict=True)] for cut in cuts
    ]
    return min(ways, key=lambda way: max(_tall(groups, column, side=side) for column in way))


def _tall(groups: Sequence[int], column: Sequence[int], *, side: int) -> int:
    return sum(groups[number] for number in column) * side + (len(column) - 1) * BETWEEN + 2 * MARGIN


class PoseStrip(QWidget):
    """Buttons of the actions in groups: one column, or as many as a low window needs to show all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewportStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Posing tools")
        self._groups: list[list[QToolButton]] = []
        self._lines: list[QFrame] = []

    def set_actions(self, ids: Iterable[str], actions: Mapping[str, QAction]) -> None:
        """Fill it."""
        self._groups = [[]]
        for action_id in ids:
            if action_id == SEPARATOR:
                line = QFrame(self)
                line.setObjectName("stripLine")
                self._lines.append(line)
                self._groups.append([])
                continue
            button = QToolButton(self)
            button.setDefaultAction(actions[action_id])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setIconSize(QSize(ICON, ICON))
            button.setAutoRaise(True)
            self._groups[-1].append(button)
        self._arrange()

    @property
    def buttons(self) -> list[QToolButton]:
        """From the first to the last."""
        return [button for group in self._groups for button in group]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """More columns in a lower window."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        sizes = [len(group) for group in self._groups]
        columns = columns_of(sizes, self.height(), side=SIDE)
        most = max((sum(sizes[number] for number in column) for column in columns), default=0)
        over = max((_tall(sizes, column, side=SIDE) for column in columns), default=0) - self.height()
        side = SIDE if over <= 0 or not most else max(SIDE - -(-over // most), ICON)  # closer in the lowest views
        step = SIDE + BETWEEN
        self.setFixedWidth(max(len(columns), 1) * step - BETWEEN + 2 * MARGIN)
        for across, column in enumerate(columns):
            x, y = MARGIN + across * step, MARGIN
            for number in column:
                if number and number == column[0]:
                    self._lines[number - 1].setGeometry(x - BETWEEN // 2 - 1, MARGIN + 3, 1, most * side - 6)
                elif number:
                    self._lines[number - 1].setGeometry(x + 3, y + BETWEEN // 2, SIDE - GAP - 6, 1)
                    y += BETWEEN
                for button in self._groups[number]:
                    button.setGeometry(x, y, SIDE - GAP, side - GAP)
                    y += side


class UnkeyedBar(QFrame):
    """Lies over the lower edge of the viewport while a pose is changed and not keyed (KF3)."""

    key_wanted = Signal()
    discard_wanted = Signal()
    go_wanted = Signal()

    def __init__(self, over: QWidget, theme: Theme) -> None:
        super().__init__(over)
        self._over = over
        self.setObjectName("unkeyedBar")
        self.setAccessibleName("Unkeyed pose")
        self._text = QLabel()
        self.key = QPushButton("Key")
        self.discard = QPushButton("Discard")
        self.go = QPushButton("Go There")
        self.key.clicked.connect(self.key_wanted)
        self.discard.clicked.connect(self.discard_wanted)
        self.go.clicked.connect(self.go_wanted)
        for button in (self.key, self.discard, self.go):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(6)
        for widget in (self._text, self.go, self.key, self.discard):
            row.addWidget(widget)
        self.set_theme(theme)
        over.installEventFilter(self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Colours of another theme."""
        self.setStyleSheet(
            f"#unkeyedBar {{ background: {theme.panel}; border: 1px solid {theme.warning}; border-radius: 6px; }}"
            f"#unkeyedBar QLabel {{ color: {theme.text}; background: transparent; }}"
        )

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_state(self, text: str, *, here: bool, key: str, key_tip: str, heard: bool = True) -> None:
        """Say something: ``here`` is False for a pose at another frame. ``key`` is the key of Set Pose Key.

        ``heard`` is False while the keys of the viewport would go elsewhere.
        """
        if not text:
            self.hide()
            return
        self._text.setText(text)
        self.key.setText(f"Key ({key})" if key and here else "Key")
        self.key.setToolTip(key_tip)
        self.discard.setText("Discard (Esc)" if here and heard else "Discard")
        self.go.setVisible(not here)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        size = self.sizeHint().boundedTo(self._over.size())
        self.resize(size)
        above = ABOVE_EDGE if self._over.height() >= LOW else LOW_EDGE
        self.move((self._over.width() - size.width()) // 2, self._over.height() - size.height() - above)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Stay in the middle of the lower edge."""
        if watched is self._over and event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False
