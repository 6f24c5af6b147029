"""The shortcut sheet: every key on one page, made from ACTIONS."""

from collections import defaultdict

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.ui.actions import ACTIONS, ActionSpec

SECTIONS = {
    "file": "Project",
    "edit": "Edit",
    "play": "Playback",
    "view": "View",
    "generate": "Generate",
    "help": "Help",
}

MOUSE: tuple[tuple[str, str], ...] = (
    ("Orbit", "Drag, or Alt + drag"),
    ("Pan", "Middle drag, or Shift + drag"),
    ("Zoom", "Wheel, or Alt + right drag"),
)
"""Viewport gestures, for the sheet."""


class ShortcutSheet(QDialog):
    """A searchable sheet in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard Shortcuts")
        self.resize(760, 620)
        self._search = QLineEdit(placeholderText="Search commands and keys", clearButtonEnabled=True)
        self._search.textChanged.connect(self._rebuild)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        self._rebuild("")

    def _rebuild(self, needle: str) -> None:
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(8, 8, 8, 8)
        columns.setSpacing(32)
        left, right = QVBoxLayout(), QVBoxLayout()
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for entry in ACTIONS:
            if entry.keys:
                sections[entry.id.split(".")[0]].append((entry.text.rstrip("…"), _keys(entry)))
        sections["mouse"] = list(MOUSE)
        for name, rows in sections.items():
            shown = [row for row in rows if needle.casefold() in f"{row[0]} {row[1]}".casefold()]
            if shown:
                column = left if name in ("play", "file", "help") else right
                column.addLayout(_section(SECTIONS.get(name, "Viewport mouse"), shown))
        left.addStretch(1)
        right.addStretch(1)
        self._area.setWidget(page)


def _keys(entry: ActionSpec) -> str:
    form = QKeySequence.SequenceFormat.NativeText
    keys = " or ".join(QKeySequence(key).toString(form) for key in entry.keys)
    return keys if entry.scope.value == "Everywhere" else f"{keys}   ({entry.scope.value.lower()})"


def _section(title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    grid.setContentsMargins(0, 0, 0, 14)
    head = QLabel(title)
    font = head.font()
    font.setBold(True)
    head.setFont(font)
    grid.addWidget(head, 0, 0, 1, 2)
    for row, (text, keys) in enumerate(rows, start=1):
        grid.addWidget(QLabel(text), row, 0)
        value = QLabel(keys)
        value.setEnabled(False)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(value, row, 1)
    grid.setColumnStretch(0, 1)
    return grid
