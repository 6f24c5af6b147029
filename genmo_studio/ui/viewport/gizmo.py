"""The axis gizmo in the corner: six sides to look from, the lens in the middle, the lock. Layout and hits are pure.

A press on a side looks from there; a second press on the same side changes between perspective and orthographic, as the
middle does. Left alone, it shows how the view is turned. Sizes are logical pixels.
"""

from enum import Enum

import msgspec
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from genmo_studio.render.camera import Camera, Lens, ViewPreset
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.theme import Theme, ui_font

RADIUS = 40.0
KNOB = 10.0
CENTRE = 9.0
TOP = 68.0
"""Of the whole gizmo, under the time and the frame rate."""
EDGE = 12.0
LOCK_SIZE = 22.0
NEEDED = 220
"""Height of a view that has room for it."""


class Extra(Enum):
    """Parts that are no side."""

    LENS = "lens"
    LOCK = "lock"


Part = ViewPreset | Extra

_AXES: tuple[tuple[ViewPreset, tuple[int, int, int], str, str], ...] = (
    (ViewPreset.LEFT, (1, 0, 0), "X", "#e0605f"),
    (ViewPreset.TOP, (0, 1, 0), "Y", "#7fc257"),
    (ViewPreset.FRONT, (0, 0, 1), "Z", "#5f95ea"),
    (ViewPreset.RIGHT, (-1, 0, 0), "", "#e0605f"),
    (ViewPreset.BOTTOM, (0, -1, 0), "", "#7fc257"),
    (ViewPreset.BACK, (0, 0, -1), "", "#5f95ea"),
)
_WORDS = {
    ViewPreset.LEFT: "Left side (+X)",
    ViewPreset.RIGHT: "Right side (-X)",
    ViewPreset.FRONT: "Front (+Z)",
    ViewPreset.BACK: "Back (-Z)",
    ViewPreset.TOP: "Top (+Y)",
    ViewPreset.BOTTOM: "From below (-Y)",
    Extra.LENS: "Perspective or orthographic",
    Extra.LOCK: "Lock the direction: dragging pans instead of turning",
}


class Knob(msgspec.Struct, frozen=True):
    """One side, where it is on screen."""

    side: ViewPreset
    x: float
    y: float
    depth: float
    """-1 far to 1 near"""
    letter: str
    colour: str


def centre(width: float) -> tuple[float, float]:
    """Middle of the gizmo in a view of this width."""
    return width - EDGE - RADIUS - KNOB, TOP + RADIUS + KNOB


def knobs(camera: Camera, *, width: float) -> tuple[Knob, ...]:
    """All sides, the farthest first."""
    middle_x, middle_y = centre(width)
    found = []
    for side, axis, letter, colour in _AXES:
        right, up, near = camera.axes() @ np.asarray(axis, np.float64)
        found.append(Knob(side, middle_x + right * RADIUS, middle_y - up * RADIUS, float(near), letter, colour))
    return tuple(sorted(found, key=lambda knob: knob.depth))


def bounds(width: float) -> QRectF:
    """Where everything of the gizmo lies."""
    middle_x, middle_y = centre(width)
    reach = RADIUS + KNOB + 5.0
    return QRectF(middle_x - reach, middle_y - reach, 2 * reach, 2 * reach + LOCK_SIZE + 8.0)


def lock_place(width: float) -> tuple[float, float, float, float]:
    """Left, top, width and height of the lock."""
    middle_x, middle_y = centre(width)
    return middle_x - LOCK_SIZE / 2, middle_y + RADIUS + KNOB + 6.0, LOCK_SIZE, LOCK_SIZE


def hit(camera: Camera, x: float, y: float, *, width: float) -> Part | None:
    """What lies under a point of the view."""
    middle_x, middle_y = centre(width)
    for knob in reversed(knobs(camera, width=width)):
        if knob.depth > -0.98 and np.hypot(x - knob.x, y - knob.y) <= KNOB + 1.0:
            return knob.side
    if np.hypot(x - middle_x, y - middle_y) <= CENTRE + 3.0:
        return Extra.LENS
    left, top, wide, high = lock_place(width)
    return Extra.LOCK if left <= x <= left + wide and top <= y <= top + high else None


def within(x: float, y: float, *, width: float) -> bool:
    """Whether a drag that begins here turns the view by the gizmo: pens and touchpads need no other button."""
    middle_x, middle_y = centre(width)
    return bool(np.hypot(x - middle_x, y - middle_y) <= RADIUS + KNOB)


def words(part: Part) -> str:
    """The tool tip."""
    return _WORDS[part]


def pressed(camera: Camera, part: ViewPreset | None) -> Camera:
    """The camera after a press on a side; where one looks from already, and in the middle (None), the lens changes."""
    if part is None or camera.shows(part):
        return camera.with_other_lens()
    return camera.preset(part)


def paint_gizmo(
    painter: QPainter, camera: Camera, *, width: float, locked: bool, hovered: Part | None, active: bool, theme: Theme
) -> None:
    """Paint it; ``active`` while the pointer is near gives it a plate."""
    middle = QPointF(*centre(width))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    plate = QColor(theme.outside)
    plate.setAlphaF(0.55 if active else 0.28)
    painter.setBrush(plate)
    painter.drawEllipse(middle, RADIUS + KNOB + 3, RADIUS + KNOB + 3)
    lens_drawn = False
    for knob in knobs(camera, width=width):
        if knob.depth > 0 and not lens_drawn:
            _lens(painter, middle, camera, hovered=hovered is Extra.LENS, theme=theme)
            lens_drawn = True
        _knob(painter, knob, middle, hovered=hovered is knob.side, theme=theme)
    if not lens_drawn:
        _lens(painter, middle, camera, hovered=hovered is Extra.LENS, theme=theme)
    if active or locked:
        rect = QRectF(*lock_place(width))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.hover) if hovered is Extra.LOCK else plate)
        painter.drawRoundedRect(rect, 5, 5)
        ink = QColor(theme.accent if locked else theme.text)
        paint_icon(painter, "lock" if locked else "unlock", rect.adjusted(3, 3, -3, -3), ink)


def _knob(painter: QPainter, knob: Knob, middle: QPointF, *, hovered: bool, theme: Theme) -> None:
    place = QPointF(knob.x, knob.y)
    colour = QColor(knob.colour)
    colour.setAlphaF(0.62 + 0.38 * (knob.depth + 1) / 2)
    if knob.letter:
        painter.setPen(QPen(colour, 2.0))
        painter.drawLine(middle, place)
        painter.setBrush(colour)
    else:
        fill = QColor(theme.outside)
        fill.setAlphaF(0.75)
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(fill)
    if hovered:
        painter.setPen(QPen(QColor(theme.selection), 1.8))
    size = KNOB if knob.letter else KNOB - 2.0
    painter.drawEllipse(place, size, size)
    if knob.letter:
        painter.setPen(QColor(theme.accent_text))
        painter.setFont(ui_font(points=8.0, bold=True))
        box = QRectF(place.x() - KNOB, place.y() - KNOB, 2 * KNOB, 2 * KNOB)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), knob.letter)


def _lens(painter: QPainter, middle: QPointF, camera: Camera, *, hovered: bool, theme: Theme) -> None:
    """A cube in perspective, or a square when lines stay parallel."""
    painter.setBrush(QColor(theme.raised))
    painter.setPen(QPen(QColor(theme.selection if hovered else theme.text_dim), 1.4))
    if camera.lens is Lens.ORTHOGRAPHIC:
        painter.drawRect(QRectF(middle.x() - 6, middle.y() - 6, 12, 12))
        return
    corners = ((-7.0, 6.0), (7.0, 6.0), (4.0, -6.0), (-4.0, -6.0))
    painter.drawPolygon([QPointF(middle.x() + x, middle.y() + y) for x, y in corners])
