"""Colours and dashes of the curves: an axis has a colour and a joint a pattern, so that colour never stands alone."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from genmo_studio.ui.panels.curve_channels import Channel, Part
from genmo_studio.ui.theme import Theme

_ON_DARK = ("#f0806a", "#56c596", "#74a9ff")
_ON_LIGHT = ("#b3361f", "#0d6f4b", "#2257b8")
_SPEED = ("#d9b44a", "#7d5c00")
"""x, y, z as vermilion, bluish green and blue: apart for the common kinds of colour vision, and 3:1 on the plot."""

PATTERNS: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 3), (8, 3, 2, 3), (12, 4), (5, 2, 1, 2, 1, 2))
"""Dashes by the joint's place among those that are drawn; the first is a whole line."""


def colour(channel: Channel, theme: Theme) -> QColor:
    """Of a channel's curve."""
    light = QColor(theme.row).lightnessF() > 0.5
    if channel.part is Part.SPEED:
        return QColor(_SPEED[light])
    return QColor((_ON_LIGHT if light else _ON_DARK)[channel.axis])


def pen(channel: Channel, theme: Theme, *, place: int, width: float = 1.6) -> QPen:
    """Of a channel's curve; ``place``: of its joint among those that are drawn."""
    made = QPen(colour(channel, theme), width)
    made.setCosmetic(True)
    pattern = PATTERNS[place % len(PATTERNS)]
    if pattern:
        made.setDashPattern(list(pattern))
        made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def under_pen(channel: Channel, theme: Theme) -> QPen:
    """Of the generated curve under the edited one: thin, pale and dotted."""
    ink = colour(channel, theme)
    ink.setAlphaF(0.9)
    made = QPen(ink, 1.4)
    made.setCosmetic(True)
    made.setDashPattern([1.5, 2.5])
    return made
