"""Writing over the picture: what plays, how fast, which feet stand. Painted with QPainter over the GL picture."""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache, partial

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from genmo_studio.document.model import Foot
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.render.camera import Size, View
from genmo_studio.render.labels import GridLabel, grid_labels
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.theme import Theme, mono_font, ui_font
from genmo_studio.ui.viewport.stamps import Stamps
from genmo_studio.ui.viewport.subject import Contacts

MARGIN = 12.0
PAD = 7.0
LINE = 28.0
"""From one line of writing to the next."""
FOOT_WIDE, FOOT_HIGH, FOOT_STEP = 50.0, 26.0, 56.0
"""Logical pixels of a foot's mark, and from the left one to the right one."""
Entry = tuple[str, tuple[float, ...]]
"""Of a legend: words, and the colour (r, g, b, ...), 0..1."""
STANDS = 0.5
"""Probability of a contact above which a foot is said to stand."""
FAINTEST = 0.3
"""Grid numbers that would be fainter are left out."""


class HudState(msgspec.Struct, frozen=True):
    """One moment of the writing."""

    title: str = ""
    """What is shown: "Take 3 · full · seed 41"."""
    time: str = ""
    running: str = ""
    """What the worker does; empty when idle."""
    fps: float | None = None
    """Pictures a second now; None while nothing plays."""
    target_fps: float = 30.0
    contacts: Contacts | None = None
    notes: tuple[str, ...] = ()
    """What the picture leaves out, or how it differs from what was made."""
    empty: str = ""
    """What to say in the middle when there is no motion."""


def paint_hud(
    painter: QPainter, state: HudState, *, stamps: Stamps, width: float, height: float, theme: Theme, body: bool = False
) -> None:
    """Paint in logical pixels; ``body``: there is a body in the middle, so words go below it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state.title:
        _label(painter, state.title, QPointF(MARGIN, MARGIN), theme=theme)
    if state.running:
        _label(
            painter, state.running, QPointF(MARGIN, MARGIN + LINE if state.title else MARGIN), theme=theme,
            colour=theme.accent,
        )  # fmt: skip
    taken = _right_column(painter, state, width=width, theme=theme)
    line = bool(state.title) + bool(state.running)
    for note in state.notes:
        while line < len(taken) and not _fits(note, before=taken[line]):
            line += 1
        _label(painter, note, QPointF(MARGIN, MARGIN + LINE * line), theme=theme, colour=theme.warning)
        line += 1
    if state.contacts is not None:
        contacts, at = state.contacts, QPointF(MARGIN, height - MARGIN - FOOT_HIGH)
        key = ("feet", contacts.left > STANDS, contacts.right > STANDS, theme.name)
        stamps.draw(painter, key, QRectF(at.x(), at.y(), 108, 28), lambda p: _feet(p, contacts, at, theme=theme))
    if state.empty:
        _middle(painter, state.empty, width=width, at=height - 96.0 if body else height * 0.42, theme=theme)


def _fits(text: str, *, before: float) -> bool:
    wide = QFontMetricsF(ui_font(points=9.0)).horizontalAdvance(text) + 2 * PAD
    return MARGIN + wide + PAD <= before


def _right_column(painter: QPainter, state: HudState, *, width: float, theme: Theme) -> list[float]:
    """Time and rate; returns where each of the two lines begins, so that nothing is written into them."""
    begins = [width, width]
    if state.time:
        box = _label(painter, state.time, QPointF(width - MARGIN, MARGIN), theme=theme, right=True, mono=True)
        begins[0] = box.left()
    if state.fps is not None:
        late = state.fps < 0.9 * min(state.target_fps, 30.0)
        text = f"{state.fps:.0f} fps" if not late else f"{state.fps:.0f} fps, below {state.target_fps:.0f}"
        colour = theme.error if late else theme.text_dim
        at = QPointF(width - MARGIN, MARGIN + LINE)
        begins[1] = _label(painter, text, at, theme=theme, colour=colour, right=True, mono=True).left()
    return begins


def _label(
    painter: QPainter,
    text: str,
    at: QPointF,
    *,
    theme: Theme,
    colour: str | None = None,
    right: bool = False,
    mono: bool = False,
) -> QRectF:
    """Text on a soft dark plate, so that it can be read over any picture."""
    painter.setFont(mono_font(points=9.0) if mono else ui_font(points=9.0))
    metrics = QFontMetricsF(painter.font())
    size_x, size_y = metrics.horizontalAdvance(text) + 2 * PAD, metrics.height() + 6
    box = QRectF(at.x() - (size_x if right else 0.0), at.y(), size_x, size_y)
    plate = QColor(theme.outside)
    plate.setAlphaF(0.55)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(QColor(colour or theme.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    return box


def _feet(painter: QPainter, contacts: Contacts, at: QPointF, *, theme: Theme) -> None:
    """Left and right foot: filled and named when they stand, so that colour is not the only carrier."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x = at.x()
    for name, amount in (("L", contacts.left), ("R", contacts.right)):
        stands = amount > STANDS
        ink = QColor(theme.success if stands else theme.text_disabled)
        plate = QColor(theme.outside)
        plate.setAlphaF(0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(QRectF(x, at.y(), FOOT_WIDE, FOOT_HIGH), 5, 5)
        paint_icon(painter, "contact", QRectF(x + 6, at.y() + 4, 18, 18), ink)
        painter.setFont(ui_font(points=9.0, bold=stands))
        painter.setPen(ink)
        painter.drawText(QRectF(x + 24, at.y(), 22, FOOT_HIGH), int(Qt.AlignmentFlag.AlignCenter), name)
        x += FOOT_STEP


@lru_cache(maxsize=4)
def _labels(camera: Hashable, size: Size) -> tuple[GridLabel, ...]:
    return grid_labels(camera, size)  # type: ignore[arg-type]  # a View


def resting_labels(camera: View, size: Size) -> tuple[GridLabel, ...]:
    """Numbers of the floor; cameras are values, so those of a camera that rests are worked out once."""
    return _labels(camera, size)  # type: ignore[arg-type]  # every camera can be hashed


def label_boxes(
    labels: Sequence[GridLabel],
    *,
    avoid: tuple[float, float, float, float] | None,
    wide: Callable[[str], float],
    high: float,
) -> Iterator[tuple[GridLabel, QRectF]]:
    """Where each number goes: none over the character, and none over another, where the nearer one stays."""
    height = math.ceil(high) + 1.0
    taken = [] if avoid is None else [QRectF(QPointF(*avoid[:2]), QPointF(*avoid[2:]))]
    for label in sorted(labels, key=lambda label: -label.opacity):
        box = QRectF(round(label.x) + 4.0, round(label.y) - height - 1.0, math.ceil(wide(label.text)) + 2.0, height)
        if label.opacity >= FAINTEST and not any(box.intersects(other) for other in taken):
            taken.append(box)
            yield label, box


def paint_grid_labels(
    painter: QPainter,
    labels: Sequence[GridLabel],
    *,
    avoid: tuple[float, float, float, float] | None,
    stamps: Stamps,
    theme: Theme,
) -> None:
    """Metres along the axes of the floor; none over the character (``avoid``: left, top, right, bottom)."""
    painter.setFont(ui_font(points=8.0))
    metrics = QFontMetricsF(painter.font())
    for label, box in label_boxes(labels, avoid=avoid, wide=metrics.horizontalAdvance, high=metrics.height()):
        painter.setOpacity(0.35 + 0.65 * label.opacity)
        stamps.draw(painter, (label.text, theme.name), box, partial(_number, text=label.text, box=box, theme=theme))
    painter.setOpacity(1.0)


def _number(painter: QPainter, *, text: str, box: QRectF, theme: Theme) -> None:
    """A grid number with a shade that keeps it readable on every floor."""
    painter.setFont(ui_font(points=8.0))
    for ink, offset in ((theme.outside, 1.0), (theme.text, 0.0)):
        painter.setPen(QColor(ink))
        painter.drawText(box.translated(offset, offset), int(Qt.AlignmentFlag.AlignLeft), text)


def paint_joint(painter: QPainter, joint: int, at: QPointF, *, theme: Theme) -> None:
    """The name of the picked joint beside it."""
    if at.x() == at.x() and at.y() == at.y():  # a joint behind the camera has no place
        _label(painter, joint_title(joint), at + QPointF(14.0, -11.0), theme=theme, colour=theme.accent)


def joint_title(joint: int) -> str:
    """Such as Left wrist."""
    return spoken(JOINTS[joint]).capitalize()


def foot_at(at: QPointF, *, height: float) -> Foot | None:
    """The foot whose mark lies under a point."""
    top = height - MARGIN - FOOT_HIGH
    for number, foot in enumerate((Foot.LEFT, Foot.RIGHT)):
        if QRectF(MARGIN + number * FOOT_STEP, top, FOOT_WIDE, FOOT_HIGH).contains(at):
            return foot
    return None


def paint_legend(painter: QPainter, entries: Sequence[Entry], *, width: float, height: float, theme: Theme) -> None:
    """What colours in the picture mean, in its lower right corner."""
    painter.setFont(ui_font(points=9.0))
    wide = [painter.fontMetrics().horizontalAdvance(text) for text, _ in entries]
    room = 12.0 + sum(wide) + 36.0 * len(entries) - 18.0
    box = QRectF(width - MARGIN - room, height - MARGIN - 26, room, 26)
    plate = QColor(theme.outside)
    plate.setAlphaF(0.55)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    painter.drawRoundedRect(box, 5, 5)
    place = box.x() + 14.0
    for (text, colour), length in zip(entries, wide, strict=True):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor.fromRgbF(*colour[:3]))
        painter.drawEllipse(QPointF(place, box.center().y()), 4.5, 4.5)
        painter.setPen(QColor(theme.text))
        where = QRectF(place + 9, box.y(), length + 2.0, box.height())
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), text)
        place += length + 36.0


def middle_box(width: float, height: float) -> tuple[float, float, float, float]:
    """Where the words of an empty picture stand (left, top, right, bottom): no numbers there."""
    middle = height * 0.42
    return width * 0.15, middle - 34.0, width * 0.85, middle + 46.0


def _middle(painter: QPainter, text: str, *, width: float, at: float, theme: Theme) -> None:
    head, _, rest = text.partition("\n")
    painter.setFont(ui_font(points=15.0))
    painter.setPen(QColor(theme.text))
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
    painter.drawText(QRectF(0, 0, width, at), flags, head)
    painter.setFont(ui_font(points=10.0))
    painter.setPen(QColor(theme.text_dim))
    below = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    painter.drawText(QRectF(width * 0.15, at + 8, width * 0.7, 120), below, rest)
