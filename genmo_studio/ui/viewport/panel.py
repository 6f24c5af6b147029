"""The viewport with its tool row, or the placeholder where there is no OpenGL. The rest of the window talks to this."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from genmo_studio.ui.actions import SEPARATOR, VIEWPORT_TOOLS
from genmo_studio.ui.actions.posing import STRIP
from genmo_studio.ui.icons import icon
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport.display_menu import DisplayMenu
from genmo_studio.ui.viewport.hud import HudState
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.placeholder import ViewportPlaceholder
from genmo_studio.ui.viewport.pose_strip import PoseStrip
from genmo_studio.ui.viewport.probe import GlSupport
from genmo_studio.ui.viewport.widget import Viewport

LOOKS = (
    "view.perspective", "view.front", "view.back", "view.side", "view.right", "view.top", "view.bottom",
    "view.ground_level", SEPARATOR, "view.orthographic", "view.lock", SEPARATOR, "view.save_camera",
    "view.recall_camera", SEPARATOR, "video.camera",
)  # fmt: skip
"""Entries of the View button."""


class _Hint(QLabel):
    """A line that is shown whole or not at all."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Only where there is room."""
        if self.width() >= self.sizeHint().width():
            super().paintEvent(event)


class ViewportPanel(QWidget):
    """What the window shows in its middle."""

    failed = Signal(str, str)

    def __init__(self, picture: Picture, theme: Theme, support: GlSupport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._theme, self.support = picture, theme, support
        self.viewport: Viewport | None = None
        self.strip: PoseStrip | None = None
        self._bar = QWidget()
        self._bar.setObjectName("viewportBar")
        self._row = QHBoxLayout(self._bar)
        self._row.setContentsMargins(6, 2, 6, 2)
        self._row.setSpacing(2)
        self.display_menu = DisplayMenu(self)
        self.display_button = QToolButton()
        self.display_button.setIcon(icon("display"))
        self.display_button.setText("Display")
        self.display_button.setToolTip("What is shown: modes, ghosts, trajectories, grid")
        self.display_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.display_button.clicked.connect(lambda: self.display_menu.open_under(self.display_button))
        self._hint = _Hint()
        self._hint.setEnabled(False)
        self._hint.setMinimumWidth(1)  # gives way before the buttons do
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._bar)
        if support.usable:
            self.viewport = Viewport(picture, theme, samples=support.samples)
            self.viewport.failed.connect(self._failed)
            self.strip = PoseStrip(self)
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(0)
            row.addWidget(self.strip)
            row.addWidget(self.viewport, 1)
            self._layout.addLayout(row, 1)
            self.setFocusProxy(self.viewport)
        else:
            self._placeholder(support.reason)

    def set_actions(self, actions: dict[str, QAction]) -> None:
        """Fill the tool row and follow the actions of the table."""
        view = QToolButton()
        view.setIcon(icon("view"))
        view.setText("View")
        view.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        view.setToolTip("Look from a standard side")
        menu = QMenu(view)
        menu.setToolTipsVisible(True)
        for action_id in LOOKS:
            if action_id == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(actions[action_id])
        view.setMenu(menu)
        self._row.addWidget(view)
        self._row.addWidget(self.display_button)
        for action_id in VIEWPORT_TOOLS:
            if action_id == SEPARATOR:
                self._row.addSpacing(10)
                continue
            button = QToolButton()
            button.setDefaultAction(actions[action_id])
            button.setIconSize(QSize(18, 18))
            button.setAutoRaise(True)
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._row.addWidget(self._hint)
        if self.strip is not None:
            self.strip.set_actions(STRIP, actions)

    def set_hint(self, text: str) -> None:
        """How to move the camera, at the right of the tool row."""
        self._hint.setText(text)

    # What the window asks; without OpenGL these do nothing, because there is nothing to see.

    def refresh(self, *, within: int = 0) -> None:
        """Draw again after the picture was changed: at once, or ``within`` ms with what else is drawn by then."""
        if self.viewport is None:
            return
        if within:
            self.viewport.stir_within(within)
        else:
            self.viewport.stir()

    def close_view(self) -> None:
        """Nothing is pending after this; call before the window goes away."""
        self.display_menu.close()
        if self.viewport is not None:
            self.viewport.stop()

    def set_moment(self, frame: float) -> None:
        """Show a timeline moment."""
        if self.viewport is not None:
            self.viewport.set_moment(frame)

    def set_hud(self, state: HudState) -> None:
        """Change the writing over the picture."""
        if self.viewport is not None:
            self.viewport.set_hud(state)

    def first_look(self) -> None:
        """Look at a project that was just opened."""
        if self.viewport is not None:
            self.viewport.first_look()

    def _failed(self, sentence: str, details: str) -> None:
        self.failed.emit(sentence, details)

    def _placeholder(self, reason: str) -> None:
        self._layout.addWidget(ViewportPlaceholder(reason, self._theme), 1)
