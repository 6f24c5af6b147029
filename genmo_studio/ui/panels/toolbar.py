"""The row at the top: file and undo on the left, transport in the middle, generating on the right."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from genmo_studio.ui.actions import spec
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.counter import TimeCounter
from genmo_studio.ui.panels.job_strip import JobStrip
from genmo_studio.ui.panels.play_controls import SpeedButton, VolumeButton
from genmo_studio.ui.theme import Theme

_LEFT = ("file.open", "file.save", "file.export", "-", "edit.undo", "edit.redo")
_TRANSPORT = ("play.start", "play.step_back", "play.toggle", "play.step_forward", "play.end", "play.loop")


class MainToolbar(QToolBar):
    """Made from actions of the table; holds counter and job strip."""

    def __init__(
        self, actions: Mapping[str, QAction], *, counter: TimeCounter, strip: JobStrip, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__("Main Toolbar", parent)
        self.setObjectName("mainToolbar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(3)
        for action_id in _LEFT:
            if action_id == "-":
                layout.addSpacing(10)
            else:
                layout.addWidget(_button(actions[action_id]))
        layout.addStretch(1)
        for action_id in _TRANSPORT:
            button = _button(actions[action_id])
            if action_id == "play.toggle":
                button.setIconSize(QSize(24, 24))
            layout.addWidget(button)
        self.speed = SpeedButton(actions)
        self.volume = VolumeButton(actions["play.mute"], actions["play.scrub_sound"])
        layout.addWidget(self.speed)
        layout.addWidget(self.volume)
        layout.addSpacing(6)
        layout.addWidget(counter)
        layout.addSpacing(8)
        strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout.addWidget(strip, 3)
        layout.addWidget(_button(actions["generate.cancel"]))
        layout.addSpacing(4)
        draft, self._generate = _push(actions["generate.draft"]), _push(actions["generate.full"])
        self._generate.setObjectName("primary")
        layout.addWidget(draft)
        layout.addWidget(self._generate)
        self.set_theme(theme)
        self.addWidget(row)
        row.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def primary(self) -> QPushButton:
        """The button that makes a take."""
        return self._generate

    def set_theme(self, theme: Theme) -> None:
        """The button that makes motion stands out in every theme."""
        self._generate.setIcon(icon("generate", colour=theme.accent_text))
        self._generate.setStyleSheet(
            f"#primary:enabled {{ background: {theme.accent}; color: {theme.accent_text}; border-color: {theme.accent};"
            f"font-weight: 600; }} #primary:focus {{ border-color: {theme.text}; }}"
        )


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _push(action: QAction) -> QPushButton:
    """A button with text that follows an action."""
    button = QPushButton(icon(spec(action.objectName()).icon or "info"), action.text())
    button.setToolTip(action.toolTip())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action.trigger)
    button.setEnabled(action.isEnabled())
    action.enabledChanged.connect(button.setEnabled)
    action.changed.connect(lambda: button.setToolTip(action.toolTip()))  # the key in it may be changed
    return button
