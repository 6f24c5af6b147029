"""Theme, size of the text and less motion, changed while the window is open."""

from functools import partial
from typing import TYPE_CHECKING

from genmo_studio.ui import appearance
from genmo_studio.ui.appearance import SCALES
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.theme import CONTRAST, DARK, LIGHT, Theme, apply_theme
from genmo_studio.values import replace

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_THEMES = {"view.theme_dark": DARK, "view.theme_light": LIGHT, "view.theme_contrast": CONTRAST}


class AppearanceControl(Control):
    """The looks of the window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._chosen = appearance.stored(window.parts.settings)

    @property
    def chosen(self) -> appearance.Appearance:
        """The looks that hold now."""
        return self._chosen

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        themes: dict[str, Slot] = {name: partial(self.use_theme, theme) for name, theme in _THEMES.items()}
        return {
            **themes,
            "view.text_larger": lambda: self._step(1),
            "view.text_smaller": lambda: self._step(-1),
            "view.text_normal": lambda: self.use_text_size(100),
            "view.reduced_motion": self._still,
        }

    def connect(self) -> None:
        """See Control."""
        self._show()

    def use_theme(self, theme: Theme) -> None:
        """Change the colours of everything that is open."""
        self._change(replace(self._chosen, theme=theme))

    def use_text_size(self, percent: int) -> None:
        """Change the size of the interface's text; what was drawn with a size of its own follows at the next start."""
        if percent == self._chosen.percent:
            return
        self._change(replace(self._chosen, percent=percent))
        said = Message(
            f"Text is shown at {percent} % now.",
            "A few parts take the new size at the next start.",
            severity=Severity.INFO,
        )
        self.window.post(said)

    def _change(self, chosen: appearance.Appearance) -> None:
        self._chosen = chosen
        w = self.window
        appearance.keep(w.parts.settings, chosen)
        apply_theme(w.parts.app, chosen.theme, scale=chosen.scale)
        w.wear(chosen.theme)
        self._show()

    def _step(self, by: int) -> None:
        larger = [size for size in SCALES if size > self._chosen.percent]
        smaller = [size for size in SCALES if size < self._chosen.percent]
        if larger if by > 0 else smaller:
            self.use_text_size(larger[0] if by > 0 else smaller[-1])

    def _still(self) -> None:
        on = self.window.actions_by_id["view.reduced_motion"].isChecked()
        self._chosen = replace(self._chosen, reduced_motion=on)
        appearance.keep(self.window.parts.settings, self._chosen)

    def _show(self) -> None:
        actions = self.window.actions_by_id
        for action_id, theme in _THEMES.items():
            actions[action_id].setChecked(theme.name == self._chosen.theme.name)
        actions["view.text_larger"].setEnabled(self._chosen.percent < SCALES[-1])
        actions["view.text_smaller"].setEnabled(self._chosen.percent > SCALES[0])
        actions["view.text_normal"].setEnabled(self._chosen.percent != 100)
        actions["view.reduced_motion"].setChecked(self._chosen.reduced_motion)
