"""What the user chose about the looks: theme, size of the text, less motion. Kept in the settings."""

import msgspec
from PySide6.QtCore import QSettings

from genmo_studio.ui.theme import DARK, THEMES, Theme

SCALES = (90, 100, 110, 125, 150)
"""Sizes of the interface's text that are offered, in percent."""
_THEME, _SCALE, _STILL = "appearance/theme", "appearance/text_percent", "appearance/reduced_motion"


class Appearance(msgspec.Struct, frozen=True):
    """The looks of the window."""

    theme: Theme = DARK
    percent: int = 100
    """Size of the text."""
    reduced_motion: bool = False
    """Nothing moves by itself: no camera flights, and the sample does not play at once."""

    @property
    def scale(self) -> float:
        """Size of the text, 1 = as designed."""
        return self.percent / 100


def stored(settings: QSettings) -> Appearance:
    """What was chosen last; whatever cannot be understood is as at the first start."""
    named = {theme.name: theme for theme in THEMES}
    try:
        percent = int(str(settings.value(_SCALE, 100)))
    except ValueError:
        percent = 100
    return Appearance(
        theme=named.get(str(settings.value(_THEME, DARK.name)), DARK),
        percent=min(max(percent, SCALES[0]), SCALES[-1]),
        reduced_motion=str(settings.value(_STILL, "false")).lower() == "true",
    )


def keep(settings: QSettings, chosen: Appearance) -> None:
    """Remember for the next start."""
    settings.setValue(_THEME, chosen.theme.name)
    settings.setValue(_SCALE, chosen.percent)
    settings.setValue(_STILL, chosen.reduced_motion)
