"""Small triangles on items whose conditions have a problem, and the words for their tool tips."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.timeline.layout import Layout
from genmo_studio.ui.timeline.view import Rect

SIDE = 12.0  # logical pixels
_LEAST = 18.0  # a clip narrower than this has its badge above its middle, so that its words stay readable


def badge_places(layout: Layout, problems: Mapping[str, tuple[Problem, ...]]) -> tuple[tuple[Rect, Severity], ...]:
    """Where badges go: the top right corner of a clip, above a key at its right. Pure."""
    if not problems:
        return ()
    found = []
    for row in layout.rows:
        if row.sub is not None:  # the summary row has it
            continue
        top, bottom = row.rect.y, row.rect.bottom
        for clip in row.clips:
            if clip.item.id in problems:
                x = clip.rect.right - SIDE - 3 if clip.rect.width >= _LEAST else clip.rect.x
                spot = Rect(max(x, layout.view.metrics.header_width), max(clip.rect.y + 2, top), SIDE, SIDE)
                found.append((spot, problems[clip.item.id][0].severity))
        for key in row.keys:
            if key.item.id in problems:
                middle = key.rect.x + key.rect.width / 2
                spot = Rect(middle + 3, max(min(key.rect.y - 6, bottom - SIDE), top), SIDE, SIDE)
                found.append((spot, problems[key.item.id][0].severity))
    return tuple(found)


class Badges:
    """What the timeline draws over its picture."""

    def __init__(self, theme: Theme, *, repaint: Callable[[], None]) -> None:
        self.theme = theme
        self._repaint = repaint
        self._problems: Mapping[str, tuple[Problem, ...]] = {}
        self._placed: tuple[Layout, tuple[tuple[Rect, Severity], ...]] | None = None

    @property
    def problems(self) -> Mapping[str, tuple[Problem, ...]]:
        """Item id -> its problems, the most serious first."""
        return self._problems

    def show(self, problems: Mapping[str, tuple[Problem, ...]]) -> None:
        """Mark these items."""
        if problems is not self._problems and problems != self._problems:
            self._problems, self._placed = problems, None
            self._repaint()

    def tip(self, item: str | None) -> str:
        """What is wrong with an item, to follow its tool tip; empty when nothing is."""
        return "".join(f"\n\n⚠ {problem.words}" for problem in self._problems.get(item or "", ()))

    def draw(self, painter: QPainter, layout: Layout) -> None:
        """Draw the triangles that are on screen."""
        if self._placed is None or self._placed[0] is not layout:
            self._placed = layout, badge_places(layout, self._problems)
        if not self._placed[1]:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect, severity in self._placed[1]:
            ink = QColor(self.theme.error if severity is Severity.ERROR else self.theme.warning)
            self._triangle(painter, rect, ink)
        painter.restore()

    def _triangle(self, painter: QPainter, rect: Rect, ink: QColor) -> None:
        middle = rect.x + rect.width / 2
        painter.setPen(QPen(QColor(self.theme.window), 1.5, j=Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(ink)
        painter.drawPolygon(
            QPolygonF([QPointF(middle, rect.y), QPointF(rect.right, rect.bottom), QPointF(rect.x, rect.bottom)])
        )
        painter.setPen(QPen(QColor(self.theme.window), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(middle, rect.y + 4.5), QPointF(middle, rect.y + 7.0))
        painter.drawPoint(QPointF(middle, rect.y + 9.8))
