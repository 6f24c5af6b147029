"""The viewport with its tool row, or the placeholder where there is no OpenGL. The rest of the window talks to this."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from genmo_studio.render.camera import ViewPreset
from genmo_studio.ui.actions import SEPARATOR, VIEWPORT_TOOLS
from genmo_studio.ui.icons import icon
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport.hud import HudState
from genmo_studio.ui.viewport.picture import Option, Picture
from genmo_studio.ui.viewport.placeholder import ViewportPlaceholder
from genmo_studio.ui.viewport.probe import GlSupport
from genmo_studio.ui.viewport.widget import Viewport

VIEW_ACTIONS: dict[str, ViewPreset] = {
    "view.perspective": ViewPreset.THREE_QUARTER,
    "view.front": ViewPreset.FRONT,
    "view.side": ViewPreset.LEFT,
    "view.top": ViewPreset.TOP,
}
OPTION_ACTIONS: dict[str, Option] = {
    "view.grid": Option.GRID,
    "view.skeleton": Option.SKELETON,
    "view.ghosts": Option.GHOSTS,
    "view.path": Option.PATH,
}


class ViewportPanel(QWidget):
    """What the window shows in its middle."""

    failed = Signal(str, str)

    def __init__(self, picture: Picture, theme: Theme, support: GlSupport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._theme, self.support = picture, theme, support
        self.viewport: Viewport | None = None
        self._bar = QWidget()
        self._bar.setObjectName("viewportBar")
        self._row = QHBoxLayout(self._bar)
        self._row.setContentsMargins(6, 2, 6, 2)
        self._row.setSpacing(2)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._bar)
        if support.usable:
            self.viewport = Viewport(picture, theme, samples=support.samples)
            self.viewport.failed.connect(self._failed)
            self._layout.addWidget(self.viewport, 1)
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
        for action_id in VIEW_ACTIONS:
            menu.addAction(actions[action_id])
        view.setMenu(menu)
        self._row.addWidget(view)
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
        hint = QLabel("Drag to orbit · middle-drag to pan · wheel to zoom")
        hint.setEnabled(False)
        self._row.addWidget(hint)
        self._connect(actions)

    def _connect(self, actions: dict[str, QAction]) -> None:
        for action_id, option in OPTION_ACTIONS.items():
            action = actions[action_id]
            action.setChecked(option in self._picture.options)
            action.toggled.connect(lambda on, option=option: self.set_option(option, on=on))
        for action_id, preset in VIEW_ACTIONS.items():
            actions[action_id].triggered.connect(lambda _=False, preset=preset: self._look(preset))
        actions["view.follow"].toggled.connect(self.set_follow)
        actions["view.frame_all"].triggered.connect(self.frame_all)
        actions["view.frame_selected"].triggered.connect(self.frame_selected)

    # What the window asks; without OpenGL these do nothing, because there is nothing to see.

    def refresh(self) -> None:
        """Draw again after the picture was changed."""
        if self.viewport is not None:
            self.viewport.update()

    def close_view(self) -> None:
        """Nothing is pending after this; call before the window goes away."""
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

    def set_option(self, option: Option, *, on: bool) -> None:
        """Switch something on or off."""
        if self.viewport is not None:
            self.viewport.set_option(option, on=on)

    def set_follow(self, on: bool) -> None:
        """Keep the character in the middle."""
        if self.viewport is not None:
            self.viewport.set_follow(on)

    def frame_all(self) -> None:
        """Look at the whole motion."""
        if self.viewport is not None:
            self.viewport.frame_all()

    def first_look(self) -> None:
        """Look at a project that was just opened."""
        if self.viewport is not None:
            self.viewport.first_look()

    def frame_selected(self) -> None:
        """Look at the selected keys, or the character."""
        if self.viewport is not None:
            self.viewport.frame_selected()

    def _look(self, preset: ViewPreset) -> None:
        if self.viewport is not None:
            self.viewport.look(preset)

    def _failed(self, sentence: str, details: str) -> None:
        self.failed.emit(sentence, details)

    def _placeholder(self, reason: str) -> None:
        self._layout.addWidget(ViewportPlaceholder(reason, self._theme), 1)
