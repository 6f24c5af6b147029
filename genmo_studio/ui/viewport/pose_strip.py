"""The column of posing tools at the left of the viewport, and the bar that says that a pose is not keyed."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolBar, QWidget

from genmo_studio.ui.theme import Theme

SEPARATOR = "-"
ABOVE_EDGE, LOW_EDGE, LOW = 48, 8, 420
"""Logical pixels from the bar's lower edge to the viewport's: above the marks of the feet, or in a view lower than LOW
as near to its edge as can be, off the body."""


class PoseStrip(QToolBar):
    """Buttons of the actions, in groups; what has no room in a low window is behind the arrow at the end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Posing", parent)
        self.setObjectName("viewportStrip")
        self.setAccessibleName("Posing tools")
        self.setOrientation(Qt.Orientation.Vertical)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setIconSize(QSize(19, 19))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def set_actions(self, ids: Iterable[str], actions: Mapping[str, QAction]) -> None:
        """Fill it."""
        for action_id in ids:
            if action_id == SEPARATOR:
                self.addSeparator()
            else:
                self.addAction(actions[action_id])


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

    def show_state(self, text: str, *, here: bool, key: str, key_tip: str) -> None:
        """Say something: ``here`` is False for a pose at another frame. ``key`` is the key of Set Pose Key."""
        if not text:
            self.hide()
            return
        self._text.setText(text)
        self.key.setText(f"Key ({key})" if key and here else "Key")
        self.key.setToolTip(key_tip)
        self.discard.setText("Discard (Esc)" if here else "Discard")
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
