"""The shortcut sheet: every key on one page, made from the table of commands and the keys that hold now."""

from collections import defaultdict
from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
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

from genmo_studio.ui.actions import ActionSpec, Scope, native

MOUSE: tuple[tuple[str, str], ...] = (
    ("Orbit", "Drag, or Alt + drag"),
    ("Pan", "Middle drag, or Shift + drag"),
    ("Zoom", "Wheel, or Alt + right drag"),
)
"""Viewport gestures, for the sheet."""


class ShortcutSheet(QDialog):
    """A searchable sheet in two columns: what holds everywhere at the left, the panels at the right."""

    customise_wanted = Signal()

    def __init__(
        self,
        table: tuple[ActionSpec, ...],
        *,
        keys: Mapping[str, tuple[str, ...]],
        preset: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._table, self._keys = table, keys
        self.setWindowTitle(f"Keyboard Shortcuts ({preset})")
        self._search = QLineEdit(placeholderText="Search commands and keys", clearButtonEnabled=True)
        self._search.setAccessibleName("Search commands and keys")
        self._search.textChanged.connect(self._rebuild)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        change = QPushButton("Customise…")
        change.setToolTip("Change keys, or choose another preset")
        change.clicked.connect(self.customise_wanted)
        for button in (close, change):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.addWidget(change)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        self._rebuild("")
        self._fit()

    def _fit(self) -> None:
        """As wide as its two columns, where the screen is: no key is cut."""
        page, layout = self._area.widget(), self.layout()
        if page is None or layout is None:
            return
        margins = layout.contentsMargins()
        edges = self._area.verticalScrollBar().sizeHint().width() + margins.left() + margins.right() + 2
        wide = page.sizeHint().width() + edges
        room = self.screen().availableGeometry()
        self.resize(min(wide, room.width()), min(640, room.height()))

    def _rebuild(self, needle: str) -> None:
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(8, 8, 8, 8)
        columns.setSpacing(32)
        left, right = QVBoxLayout(), QVBoxLayout()
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for entry in self._table:
            keys = self._keys.get(entry.id, ())
            if keys:
                text = " or ".join(native(key) for key in keys)
                sections[section_of(entry)].append((entry.text.rstrip("…"), text))
        sections["Viewport mouse"] = list(MOUSE)
        for name, rows in sections.items():
            shown = [row for row in rows if needle.casefold() in f"{row[0]} {row[1]}".casefold()]
            if shown:
                (left if name in _LEFT else right).addLayout(_section(name, shown))
        left.addStretch(1)
        right.addStretch(1)
        self._area.setWidget(page)


_AREAS = {"file": "Project", "play": "Playback", "generate": "Generate", "help": "Help", "takes": "Takes"}
_LEFT = frozenset({*_AREAS.values(), "Everywhere"})


def section_of(entry: ActionSpec) -> str:
    """The heading under which a command stands: its area, or the panel that hears its keys."""
    if entry.scope is not Scope.GLOBAL:
        return f"In the {entry.scope.value} panel"
    return _AREAS.get(entry.id.split(".")[0], "Everywhere")


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
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(value, row, 1)
    grid.setColumnStretch(0, 1)
    return grid
