"""The timeline's content as one cached picture, repainted row by row, and the overlays drawn over it.

Scrubbing, playing and rubber bands only copy from the picture. An edit repaints the rows of the tracks whose value is
another one; a change of view repaints all of it.
"""

import math

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPixmap, QPolygonF

from genmo_studio.document.model import Document
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.ink import Ink, colour, qrect, rounded, text_in
from genmo_studio.ui.timeline.layout import RESULT_ROW, Layout, Row, exposed, lay_out, scrolled
from genmo_studio.ui.timeline.paint_base import ClipArt, Paint
from genmo_studio.ui.timeline.paint_heat import HeatPainter
from genmo_studio.ui.timeline.paint_items import paint_items
from genmo_studio.ui.timeline.paint_rows import Look, paint_gaps, paint_header, paint_row_back, paint_ruler
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.values import replace


class Overlay(msgspec.Struct, frozen=True):
    """What is drawn over the picture: the playhead and the traces of a drag."""

    playhead: int = 0
    band: Rect | None = None
    snap_line: int | None = None
    readout: str | None = None
    pointer: tuple[float, float] = (0.0, 0.0)
    hover: Rect | None = None
    focus: bool = False
    cursor: Rect | None = None  # the item that the keyboard is at


class Picture:
    """Cached picture of a document under a view; ``layout`` is what it shows."""

    def __init__(self, theme: Theme, art: ClipArt, cache: IndexCache) -> None:
        self._theme, self._art, self._cache = theme, art, cache
        self._ink = Ink(theme, ratio=1.0)
        self._pixmap = QPixmap()
        self._layout: Layout | None = None
        self._look = Look()
        self._heat = HeatPainter()
        self._dirty: set[str] | None = None  # rows to repaint although their value is the same; None = all
        self.rows_painted = 0  # since the beginning; for tests and the benchmark

    @property
    def layout(self) -> Layout:
        """Placement of the last refresh."""
        assert self._layout is not None, "refresh() comes first"
        return self._layout

    def image(self) -> QImage:
        """A copy of the picture without overlays, in device pixels."""
        return self._pixmap.toImage()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme from the next refresh on."""
        self._theme = theme
        self._ink = Ink(theme, ratio=self._ink.ratio)
        self._dirty = None

    def invalidate(self, track: str | None = None) -> None:
        """Repaint a row (None = all) at the next refresh, because its pictures or waveforms have arrived."""
        if track is None:
            self._dirty = None
        elif self._dirty is not None:
            self._dirty.add(track)

    def refresh(self, document: Document, view: View, look: Look, *, ratio: float) -> None:
        """Bring the picture up to date, painting only what differs."""
        old, old_look = self._layout, self._look
        pixels = math.ceil(view.width * ratio), math.ceil(view.height * ratio)
        if (self._pixmap.width(), self._pixmap.height()) != pixels or self._ink.ratio != ratio:
            self._pixmap = QPixmap(max(1, pixels[0]), max(1, pixels[1]))
            self._pixmap.setDevicePixelRatio(ratio)
            self._ink = Ink(self._theme, ratio=ratio)
            self._dirty = None
        same = old is not None and old.document is document and old.view == view and old_look == look
        if same and self._dirty == set():
            return
        layout = lay_out(document, view, self._cache, old=old)
        slide = scrolled(old, layout, ratio=ratio) if old is not None and old_look == look and not self._dirty else None
        if old is not None and slide is not None:
            self._slide(old, layout, look, slide)
            return
        names = self._changed_rows(old, layout, old_look, look)
        self._layout, self._look, self._dirty = layout, look, set()
        with QPainter(self._pixmap) as painter:
            if names is None:
                painter.fillRect(QRectF(0, 0, view.width, view.height), colour(self._theme.outside))
            for row in sorted(layout.rows, key=lambda row: row.track is None):
                if names is None or row.key in names:
                    self._paint_row(painter, row, layout, look)
            if names is None or RESULT_ROW in names:
                self._paint_top(painter, layout, look)

    def _paint_top(self, painter: QPainter, layout: Layout, look: Look) -> None:
        if look.heat is not None and layout.view.metrics.heat_height:
            self._heat.paint(painter, layout, look.heat, self._ink)
        paint_ruler(painter, layout, look, self._ink)

    def _slide(self, old: Layout, layout: Layout, look: Look, pixels: int) -> None:
        """Move what is painted by device pixels along the time, and paint what that leaves open."""
        self._layout = layout
        view, ratio = layout.view, self._ink.ratio
        left = round(view.metrics.header_width * ratio)
        area = QRect(left, 0, self._pixmap.width() - left, self._pixmap.height())
        self._pixmap.scroll(pixels, 0, area)
        with QPainter(self._pixmap) as painter:
            for before, after in zip(old.rows, layout.rows, strict=True):
                for part in exposed(before, after, view, by=pixels / ratio):
                    self._paint_row(painter, after, layout, look, part=part)
            result = next(row for row in layout.rows if row.track is None)
            self._paint_row(painter, result, layout, look)  # over tracks that are scrolled behind it
            self._paint_top(painter, layout, look)

    def _changed_rows(self, old: Layout | None, new: Layout, old_look: Look, look: Look) -> set[str] | None:
        if old is None or self._dirty is None or old.view != new.view:
            return None
        if [(row.key, row.rect) for row in old.rows] != [(row.key, row.rect) for row in new.rows]:
            return None
        if old.document.length != new.document.length or old.document.fps != new.document.fps:
            return None
        if look.time_format is not old_look.time_format:
            return None
        chosen_changed = look.selection != old_look.selection
        names = set(self._dirty) | (look.silent ^ old_look.silent)
        if look != old_look or _top_differs(old.document, new.document):
            names.add(RESULT_ROW)
        chosen_changed = chosen_changed or look.parts != old_look.parts
        if look.fills != old_look.fills:
            names |= {row.key for row in new.rows if row.keys}
        if look.current != old_look.current:
            names |= {key for key in (look.current, old_look.current) if key is not None}
        for before, after in zip(old.rows, new.rows, strict=True):
            if before.track is not after.track or (chosen_changed and after.track is not None):
                names.add(after.key)
        return names

    def _paint_row(
        self, painter: QPainter, row: Row, layout: Layout, look: Look, *, part: tuple[float, float] | None = None
    ) -> None:
        """A whole row, or its time between two x."""
        self.rows_painted += part is None
        top = 0.0 if row.track is None else layout.view.tracks_top
        painter.save()
        if part is None:
            painter.setClipRect(QRectF(0, top, layout.view.width, layout.view.height - top))
        else:
            painter.setClipRect(QRectF(part[0], top, part[1] - part[0], layout.view.height - top))
            seen = tuple(clip for clip in row.clips if clip.rect.x < part[1] and clip.rect.right > part[0])
            row = replace(row, clips=seen)
        paint_row_back(painter, row, layout, look, self._ink)
        paint_items(Paint(painter, layout.view, look, self._ink, self._art), row)
        if row.track is None:
            paint_gaps(painter, row, layout, look, self._ink, alpha=70)  # over takes: nothing led them here
        if part is None:
            paint_header(painter, row, layout, look, self._ink)
        if row.track is None:
            edge = row.rect.bottom
            painter.fillRect(QRectF(0, edge, layout.view.width, 1), colour(self._theme.line_strong))
        painter.restore()

    def draw(self, painter: QPainter, overlay: Overlay) -> None:
        """Copy the picture (the painter's clip says how much of it) and draw the overlays on it."""
        painter.drawPixmap(QPointF(0, 0), self._pixmap)
        view = self.layout.view
        painter.save()
        painter.setClipRect(
            QRectF(view.metrics.header_width, 0, view.content_width, view.height), Qt.ClipOperation.IntersectClip
        )
        self._markers(painter)
        self._in_out(painter)
        self._playhead(painter, overlay)
        self._drag(painter, overlay)
        painter.restore()
        if overlay.focus and overlay.cursor is not None:
            self._cursor(painter, overlay.cursor)
        if overlay.focus:
            painter.setPen(QPen(colour(self._theme.accent), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0.5, 0.5, view.width - 1.0, view.height - 1.0))

    @staticmethod
    def playhead_strip(frame: int, view: View) -> QRectF:
        """The part of the widget that the playhead covers at a frame."""
        x = view.x_of(frame)
        return QRectF(x - 9.0, 0.0, 18.0 + max(0.0, view.scale), view.height)

    def _markers(self, painter: QPainter) -> None:
        """A fine line for every marker, and a band for the range of one."""
        view = self.layout.view
        top, height = view.metrics.ruler_height, view.height - view.metrics.ruler_height
        for marker, _ in self.layout.markers:
            x = self._ink.crisp(view.x_of(marker.frame))
            if marker.length:
                painter.fillRect(QRectF(x, top, marker.length * view.scale, height), colour(marker.colour, 22))
                x1 = self._ink.crisp(view.x_of(marker.frame + marker.length))
                painter.fillRect(QRectF(x1, top, self._ink.hairline, height), colour(marker.colour, 90))
            painter.fillRect(QRectF(x, top, self._ink.hairline, height), colour(marker.colour, 130))

    def _in_out(self, painter: QPainter) -> None:
        span = self.layout.document.in_out
        if span is None:
            return
        view, left = self.layout.view, self.layout.view.metrics.header_width
        top, height = view.metrics.ruler_height, view.height - view.metrics.ruler_height
        shade = colour(self._theme.outside, 62)  # what lies outside can still be read
        begin, end = view.x_of(span.start), view.x_of(span.stop)
        if begin > left:
            painter.fillRect(QRectF(left, top, begin - left, height), shade)
        if end < view.width:
            painter.fillRect(QRectF(max(left, end), top, view.width - max(left, end), height), shade)

    def _playhead(self, painter: QPainter, overlay: Overlay) -> None:
        view, ink = self.layout.view, self._ink
        x = ink.crisp(view.x_of(overlay.playhead))
        top = view.metrics.ruler_height
        tint = colour(self._theme.playhead)
        if view.scale >= 6:
            painter.fillRect(QRectF(x, top, view.scale, view.height - top), colour(self._theme.playhead, 38))
        painter.fillRect(QRectF(x - ink.hairline / 2, top - 8, max(ink.hairline, 1.5), view.height - top + 8), tint)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(self._theme.outside), 1))
        painter.setBrush(tint)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x - 7, top - 17),
                    QPointF(x + 7, top - 17),
                    QPointF(x + 7, top - 9),
                    QPointF(x, top - 1),
                    QPointF(x - 7, top - 9),
                ]
            )
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _drag(self, painter: QPainter, overlay: Overlay) -> None:
        view, theme = self.layout.view, self._theme
        if overlay.hover is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            top = view.metrics.ruler_height
            painter.save()
            painter.setClipRect(QRectF(0, top, view.width, view.height - top), Qt.ClipOperation.IntersectClip)
            rounded(painter, qrect(overlay.hover), fill=colour(theme.text, 18), outline=colour(theme.text, 150))
            painter.restore()
        if overlay.snap_line is not None:
            x = self._ink.crisp(view.x_of(overlay.snap_line))
            painter.setPen(QPen(colour(theme.warning), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, view.metrics.ruler_height), QPointF(x, view.height))
        if overlay.band is not None:
            painter.setPen(QPen(colour(theme.accent), 1))
            painter.setBrush(colour(theme.accent, 40))
            painter.drawRect(qrect(overlay.band))
        if overlay.readout:
            self._readout(painter, overlay.readout, overlay.pointer)

    def _cursor(self, painter: QPainter, rect: Rect) -> None:
        """Around the item that the keyboard is at: two frames, so that it is seen on every colour."""
        view = self.layout.view
        painter.save()
        top = view.metrics.ruler_height if rect.y < view.tracks_top else view.tracks_top
        painter.setClipRect(QRectF(0, top, view.width, view.height - top))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = qrect(rect).adjusted(-2, -2, 2, 2)
        for width, name in ((4.0, self._theme.outside), (2.0, self._theme.accent)):
            painter.setPen(QPen(colour(name), width))
            painter.drawRoundedRect(box, 4, 4)
        painter.restore()

    def _readout(self, painter: QPainter, text: str, pointer: tuple[float, float]) -> None:
        view, ink = self.layout.view, self._ink
        width = ink.metrics(ink.label).horizontalAdvance(text) + 18
        x = min(pointer[0] + 16, view.width - width - 4)
        y = min(max(pointer[1] - 34, view.metrics.ruler_height + 2), view.height - 26)
        box = QRectF(x, y, width, 24)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, box, fill=colour(self._theme.raised, 245), outline=colour(self._theme.line_strong), radius=4)
        text_in(painter, box.adjusted(9, 0, -5, 0), text, font=ink.label, name=self._theme.text, ink=ink)


def _top_differs(old: Document, new: Document) -> bool:
    """Whether ruler, heat strip or result may look different; what lies on the tracks is not seen there."""
    names = ("length", "fps", "in_out", "markers", "takes", "result", "media")
    return any(getattr(old, name) is not getattr(new, name) for name in names) or (
        old.tracks is not new.tracks
        and sum(track.hidden for track in old.tracks) != sum(track.hidden for track in new.tracks)
    )
