"""Painting what posing shows over the picture: gizmo, pins, marks of active joints, values. Logical pixels.

Every line lies on a dark one that is wider, so that it can be read over skin, floor and sky in every theme.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from genmo_studio.render.camera import Size
from genmo_studio.ui.posing_solver import Pin
from genmo_studio.ui.theme import Theme, ui_font
from genmo_studio.ui.viewport.hud import joint_title
from genmo_studio.ui.viewport.pose_gizmo import CENTRE, Handle, PoseGizmo, Shape, Tool

Floats = NDArray[np.float64]
AXIS_COLOURS = ("#f0605c", "#86d05a", "#5f9bf5")
"""x, y, z, as in the corner's gizmo but brighter: these lie on the body."""
HOT = "#ffe14d"
HALO = QColor(0, 0, 0, 150)
PIN_AT = (17.0, -17.0)
"""Where a pin's mark stands, from its joint."""
PIN_SIZE = 15.0
NAME_BELOW = 20.0
AUTO_KEY = "#e5484d"


class PinMark(msgspec.Struct, frozen=True):
    """The mark of a joint that can be pinned."""

    joint: str
    x: float
    y: float
    pin: Pin | None
    """None: it is free"""
    chosen: bool = False
    """pinned by the user; otherwise because the foot stands"""

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the mark."""
        return self.x + PIN_AT[0], self.y + PIN_AT[1]

    def hit(self, x: float, y: float) -> bool:
        """Whether a point lies on it."""
        middle = self.centre
        return math.hypot(x - middle[0], y - middle[1]) <= PIN_SIZE / 2 + 3.0


class Overlay(msgspec.Struct, frozen=True, eq=False):
    """A moment of posing."""

    gizmo: PoseGizmo | None
    hot: Handle | None
    dragging: bool
    joints: Floats
    """(22, 2) logical pixels"""
    active: tuple[int, ...]
    hot_joint: int | None
    pins: tuple[PinMark, ...]
    words: str
    pointer: tuple[float, float]
    goal: tuple[float, float] | None
    """where the moved joint should be, when it cannot"""
    missing: float
    """m from there"""
    primary: int | None
    """the joint at which the gizmo stands"""
    auto_key: bool
    others: int = 0
    """joints that go with it: all that are selected"""

    @property
    def name(self) -> str:
        """What a drag takes hold of, such as "Right wrist and 12 more"."""
        more = f" and {self.others} more" if self.others else ""
        return "" if self.primary is None else joint_title(self.primary) + more


def paint_overlay(painter: QPainter, overlay: Overlay, *, size: Size, theme: Theme) -> None:
    """Paint it all."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if overlay.auto_key:
        _frame(painter, size)
    for joint in overlay.active:
        _active(painter, overlay.joints[joint])
    for mark in overlay.pins:
        _pin(painter, mark, theme=theme)
    if overlay.hot_joint is not None:
        _hovered(painter, overlay)
    if overlay.gizmo is not None:
        _gizmo(painter, overlay)
        if overlay.primary is not None and not overlay.dragging:
            x, y = overlay.gizmo.centre
            plate(painter, overlay.name, QPointF(x + 14.0, y + NAME_BELOW), theme=theme, size=size)
    if overlay.goal is not None and overlay.primary is not None:
        _unreached(painter, overlay, theme=theme)
    if overlay.words:
        at = QPointF(overlay.pointer[0] + 18.0, overlay.pointer[1] + 14.0)
        plate(painter, overlay.words, at, theme=theme, size=size)
    painter.restore()


def _frame(painter: QPainter, size: Size) -> None:
    """Changes are keyed by themselves: a red frame (KF2)."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(AUTO_KEY), 3.0))
    painter.drawRect(QRectF(1.5, 1.5, size[0] - 3.0, size[1] - 3.0))


def _active(painter: QPainter, at: Floats) -> None:
    """A joint that the user put there: a filled diamond."""
    if not np.isfinite(at).all():
        return
    x, y, reach = float(at[0]), float(at[1]), 6.5
    diamond = QPolygonF([QPointF(x, y - reach), QPointF(x + reach, y), QPointF(x, y + reach), QPointF(x - reach, y)])
    painter.setPen(QPen(HALO, 3.0))
    painter.setBrush(QColor(HOT))
    painter.drawPolygon(diamond)
    painter.setPen(QPen(QColor("#ffffff"), 1.0))
    painter.drawPolygon(diamond)


def _hovered(painter: QPainter, overlay: Overlay) -> None:
    assert overlay.hot_joint is not None, "asked before"
    joint = min(overlay.hot_joint, len(overlay.joints) - 1)
    x, y = overlay.joints[joint]
    if not (math.isfinite(x) and math.isfinite(y)):
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, wide in ((HALO, 4.0), (QColor("#ffffff"), 1.6)):
        painter.setPen(QPen(colour, wide))
        painter.drawEllipse(QPointF(x, y), 9.0, 9.0)


# -- gizmo -------------------------------------------------------------------------------------------------------------


def _gizmo(painter: QPainter, overlay: Overlay) -> None:
    gizmo = overlay.gizmo
    assert gizmo is not None, "asked before"
    shapes = gizmo.shapes
    if overlay.dragging and overlay.hot is not None:  # only what is dragged
        shapes = tuple(shape for shape in shapes if shape.handle is overlay.hot)
    for shape in shapes:
        _shape(painter, gizmo, shape, hot=shape.handle is overlay.hot)


def _ink(shape: Shape, *, hot: bool) -> QColor:
    if hot:
        return QColor(HOT)
    axis = shape.handle.axis if shape.handle.axis is not None else shape.handle.normal
    colour = QColor(AXIS_COLOURS[axis]) if axis is not None else QColor("#f4f4f4")
    colour.setAlphaF(0.35 + 0.65 * shape.strength)
    return colour


def _shape(painter: QPainter, gizmo: PoseGizmo, shape: Shape, *, hot: bool) -> None:
    points = [QPointF(float(x), float(y)) for x, y in shape.points]
    ink = _ink(shape, hot=hot)
    if shape.handle is Handle.TURN_FREE:
        fill = QColor(255, 255, 255, 34 if hot else 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(points))
        return
    if shape.handle.normal is not None:
        fill = QColor(ink)
        fill.setAlphaF(0.75 if hot else 0.38)
        painter.setPen(QPen(ink, 1.4))
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(points))
        return
    if shape.handle is Handle.MOVE_FREE:
        middle = QPointF(*gizmo.centre)
        painter.setBrush(QColor(255, 255, 255, 90 if hot else 40))
        for colour, wide in ((HALO, 4.0), (ink, 2.0)):
            painter.setPen(QPen(colour, wide))
            painter.drawEllipse(middle, CENTRE, CENTRE)
        return
    wide = 3.4 if hot else 2.4
    if shape.handle is Handle.TURN_VIEW:
        wide = 2.4 if hot else 1.4
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, thick in ((HALO, wide + 2.2), (ink, wide)):
        pen = QPen(colour, thick)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if shape.closed:
            painter.drawPolygon(QPolygonF(points))
        else:
            painter.drawPolyline(points)
    if gizmo.tool is Tool.MOVE:
        _arrow_head(painter, shape.points, ink)


def _arrow_head(painter: QPainter, points: Floats, ink: QColor) -> None:
    along = points[-1] - points[0]
    length = float(np.linalg.norm(along))
    if length < 1.0:
        return
    along = along / length
    aside = np.array([-along[1], along[0]])
    tip, base = points[-1] + along * 9.0, points[-1] - along * 5.0
    corners = (tip, base + aside * 6.0, base - aside * 6.0)
    painter.setPen(QPen(HALO, 1.6))
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(float(x), float(y)) for x, y in corners]))


# -- pins and words ----------------------------------------------------------------------------------------------------


def _pin(painter: QPainter, mark: PinMark, *, theme: Theme) -> None:
    x, y = mark.centre
    middle, held = QPointF(x, y), mark.pin is not None
    painter.setPen(QPen(QColor(0, 0, 0, 90 if not held else 150), 1.0))
    painter.drawLine(QPointF(mark.x, mark.y), middle)
    plate_colour = QColor(theme.outside)
    plate_colour.setAlphaF(0.75 if held else 0.35)
    painter.setBrush(plate_colour)
    painter.setPen(QPen(QColor(theme.accent if held else theme.text_dim), 1.4 if held else 0.8))
    painter.drawEllipse(middle, PIN_SIZE / 2 + 1.0, PIN_SIZE / 2 + 1.0)
    ink = QColor(theme.accent if mark.chosen else theme.text if held else theme.text_dim)
    if not held:
        ink.setAlphaF(0.65)
    paint_pin(painter, middle, ink=ink, pin=mark.pin)


def paint_pin(painter: QPainter, middle: QPointF, *, ink: QColor, pin: Pin | None) -> None:
    """A drawing pin; filled when it holds the place, with an arc when it holds the orientation."""
    painter.setPen(QPen(ink, 1.5))
    painter.setBrush(ink if pin is not None and pin.place else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(middle.x(), middle.y() - 2.2), 2.8, 2.8)
    painter.drawLine(QPointF(middle.x(), middle.y() + 0.8), QPointF(middle.x(), middle.y() + 5.0))
    if pin is not None and pin.turn:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(middle.x() - 5.4, middle.y() - 5.4, 10.8, 10.8), -50 * 16, 100 * 16)
        painter.drawArc(QRectF(middle.x() - 5.4, middle.y() - 5.4, 10.8, 10.8), 130 * 16, 100 * 16)


def _unreached(painter: QPainter, overlay: Overlay, *, theme: Theme) -> None:
    """What is missing between a joint and where it was to be."""
    assert overlay.goal is not None, "asked before"
    assert overlay.primary is not None, "asked before"
    start, goal = overlay.joints[min(overlay.primary, len(overlay.joints) - 1)], overlay.goal
    if not (np.isfinite(start).all() and math.isfinite(goal[0])):
        return
    for colour, wide, style in (
        (HALO, 4.0, Qt.PenStyle.SolidLine),
        (QColor(theme.warning), 1.8, Qt.PenStyle.DashLine),
    ):
        painter.setPen(QPen(colour, wide, style))
        painter.drawLine(QPointF(float(start[0]), float(start[1])), QPointF(*goal))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.warning), 1.8))
    painter.drawEllipse(QPointF(*goal), 5.0, 5.0)
    text = f"{overlay.missing * 100:.0f} cm out of reach"
    plate(painter, text, QPointF(goal[0] + 12.0, goal[1] - 26.0), theme=theme, colour=theme.warning)


def plate(
    painter: QPainter, text: str, at: QPointF, *, theme: Theme, colour: str | None = None, size: Size | None = None
) -> QRectF:
    """Words on a dark plate; kept inside of a view of ``size``."""
    painter.setFont(ui_font(points=9.5))
    metrics = QFontMetricsF(painter.font())
    box = QRectF(at.x(), at.y(), metrics.horizontalAdvance(text) + 14.0, metrics.height() + 6.0)
    if size is not None:
        box.moveLeft(min(box.left(), size[0] - box.width() - 4.0))
        box.moveTop(min(box.top(), size[1] - box.height() - 4.0))
    back = QColor(theme.outside)
    back.setAlphaF(0.82)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(back)
    painter.drawRoundedRect(box, 5.0, 5.0)
    painter.setPen(QColor(colour or theme.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    return box
