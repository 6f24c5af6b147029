"""Zoom and scroll of the timeline: keeps the session's view, the scroll bars and the document's length in step."""

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar

from genmo_studio.document.editor import Editor
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline import commands
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.view import View
from genmo_studio.ui.timeline.wheel import Turn
from genmo_studio.values import replace

ZOOM_STEP = 1.25
WHEEL_NOTCH = 120
"""Qt's unit of turning: eighths of a degree."""


class Navigator(QObject):
    """The only one that changes the view of a timeline."""

    def __init__(
        self, editor: Editor, session: Session, cache: IndexCache, *, across: QScrollBar, down: QScrollBar
    ) -> None:
        super().__init__(across)
        self._cache = cache
        self._editor, self._session, self._across, self._down = editor, session, across, down
        self._fitted = False
        across.valueChanged.connect(self._scrolled)
        down.valueChanged.connect(self._scrolled)

    @property
    def view(self) -> View:
        """Zoom and scroll now."""
        return self._session.view

    def go(self, view: View) -> None:
        """Show a view, held inside the project, what lies behind its end, and its tracks."""
        document = self._editor.document
        room = max(0.0, view.height - view.tracks_top)
        lowest = commands.tracks_height(document, view) - room
        held = view.held_to(self._end())
        self._session.set_view(replace(held, scroll_y=max(0.0, min(view.scroll_y, lowest))))

    def _end(self) -> int:
        """The first frame behind the project and all that is on its tracks: a project made shorter keeps its items."""
        document = self._editor.document
        reach = (self._cache.of(track).reach for track in document.tracks)
        return max(document.length, *(stops[-1] for stops in reach if stops), 0)

    def zoom(self, factor: float) -> None:
        """Zoom about the playhead when it is visible, else about the middle."""
        view = self.view
        x = view.x_of(self._session.playhead)
        visible = view.metrics.header_width <= x <= view.width
        self.go(view.zoomed(factor, about_x=x if visible else view.metrics.header_width + view.content_width / 2))

    def zoom_about(self, factor: float, x: float) -> None:
        """Zoom with the time under x held in place."""
        self.go(self.view.zoomed(factor, about_x=x))

    def fit(self, span: Span | None = None) -> None:
        """Fill the width with a span, or with the whole project."""
        self.go(self.view.fitted(span or Span(0, max(1, self._editor.document.length))))

    def pan(self, dx: float, dy: float) -> None:
        """Move the content by pixels."""
        self.go(self.view.panned(dx, dy=dy))

    def unfold(self, key: str) -> None:
        """Unfold or fold the rows below a row."""
        self.go(replace(self.view, unfolded=self.view.unfolded ^ {key}))

    def reveal(self, frame: int) -> None:
        """Turn the page when a frame is not on screen."""
        self.go(self.view.revealing(frame))

    def resize(self, size: QSize) -> None:
        """Show more or less at the same zoom; the first time, the whole project."""
        self.go(replace(self.view, width=float(size.width()), height=float(size.height())))
        self.fit_once()

    def fit_once(self, *, again: bool = False) -> None:
        """Show the whole project if that has not been done; ``again`` for another project."""
        self._fitted = self._fitted and not again
        if not self._fitted and self.view.content_width > 100:
            self._fitted = True
            self.fit()

    def turn(self, turn: Turn, event: QWheelEvent) -> None:
        """Carry out what turning the wheel means for the view."""
        turned = event.angleDelta()
        if turn is Turn.ZOOM:
            along = turned.y() or turned.x()
            self.zoom_about(ZOOM_STEP ** (along / WHEEL_NOTCH), event.position().x())
        elif turn is Turn.TRACKS:
            self.pan(0.0, _pixels(event.pixelDelta().y(), turned.y()))
        else:
            sideways = abs(turned.x()) > abs(turned.y())
            pixels = event.pixelDelta()
            self.pan(_pixels(*((pixels.x(), turned.x()) if sideways else (pixels.y(), turned.y()))), 0.0)

    def sync_bars(self) -> None:
        """Bring the scroll bars in line with the view."""
        view, document = self.view, self._editor.document
        page, room = max(1, int(view.content_width)), max(0, int(view.height - view.tracks_top))
        end = int(self._end() * view.scale + 2 * view.metrics.lead)
        tracks = int(commands.tracks_height(document, view))
        _set_bar(
            self._across, most=max(end - page, int(view.scroll * view.scale)), page=page, at=view.scroll * view.scale
        )
        _set_bar(self._down, most=tracks - room, page=max(1, room), at=view.scroll_y)

    def _scrolled(self, _value: int) -> None:
        self.go(replace(self.view, scroll=self._across.value() / self.view.scale, scroll_y=float(self._down.value())))


def _pixels(pixels: int, turned: int) -> float:
    """How far the content moves: as far as the fingers on a touchpad, or half of what a wheel reports."""
    return float(pixels) if pixels else turned / 2


def _set_bar(bar: QScrollBar, *, most: int, page: int, at: float) -> None:
    bar.blockSignals(True)
    bar.setRange(0, max(0, most))
    bar.setPageStep(page)
    bar.setSingleStep(40)
    bar.setValue(round(at))
    bar.blockSignals(False)
