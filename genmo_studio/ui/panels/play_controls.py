"""Two small parts of the transport bar: how fast it plays and how loud."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget, QWidgetAction

from genmo_studio.ui.actions.playback import SPEEDS
from genmo_studio.ui.icons import icon

_STEPS = 20
"""Of the volume slider."""


class SpeedButton(QToolButton):
    """Shows the speed of play; its menu offers others. In italics and with a sign while shuttling."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setObjectName("speed")
        self.setAccessibleName("Speed of play")
        menu = QMenu(self)
        for action_id in ("play.slower", "play.faster"):
            menu.addAction(actions[action_id])
        menu.addSeparator()
        for action_id in SPEEDS:
            menu.addAction(actions[action_id])
        menu.addSeparator()
        for action_id in ("play.every_frame", "play.return"):
            menu.addAction(actions[action_id])
        self.setMenu(menu)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.75×") + 26)
        self.show_speed(1.0, silence="")

    def show_speed(self, speed: float, *, silence: str) -> None:
        """``silence`` says in a few words why the music is not heard; empty when it is."""
        self.setText(f"{speed:g}×".replace("-", "\N{MINUS SIGN}"))
        sound = silence or ("the sound keeps its pitch" if speed != 1 else "with sound")
        self.setToolTip(f"Speed of play: {self.text()}, {sound}")
        self.setAccessibleDescription(f"{speed:g} times, {sound}")


class VolumeButton(QToolButton):
    """Whether there is sound; its menu holds volume and mute."""

    volume_changed = Signal(float)
    """0 to 1."""

    def __init__(self, mute: QAction, scrub: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setIconSize(QSize(20, 20))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Sound")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(4)
        self.slider.setFixedWidth(150)
        self.slider.setAccessibleName("Volume")
        self.slider.valueChanged.connect(self._moved)
        self._figure = QLabel()
        self._figure.setMinimumWidth(self._figure.fontMetrics().horizontalAdvance("100 %"))
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(12, 8, 12, 8)
        line.addWidget(QLabel("Volume"))
        line.addWidget(self.slider)
        line.addWidget(self._figure)
        holder = QWidgetAction(self)
        holder.setDefaultWidget(row)
        menu = QMenu(self)
        menu.addAction(holder)
        menu.addSeparator()
        menu.addAction(mute)
        menu.addAction(scrub)
        self.setMenu(menu)
        self.show_sound(1.0, silence="", problem=None)

    def show_sound(self, volume: float, *, silence: str, problem: str | None) -> None:
        """Why there is silence stands in the tool tip; the icon is crossed out then."""
        silent = bool(silence or problem or volume == 0)
        self.setIcon(icon("sound-off" if silent else "sound"))
        said = problem or (f"Sound is {silence}" if silence else f"Sound at {volume:.0%}")
        self.setToolTip(f"{said}")
        self.setAccessibleDescription(said)
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(volume * _STEPS))
            self.slider.blockSignals(False)
        self._figure.setText(f"{volume:.0%}")

    def _moved(self, value: int) -> None:
        self.volume_changed.emit(value / _STEPS)
