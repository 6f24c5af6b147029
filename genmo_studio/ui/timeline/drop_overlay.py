"""Ghosts over the timeline: what a drag would make, and what is being read after the drop.

A transparent child of the timeline's area; it exists on screen only while there is something to show.
"""

import msgspec
from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from genmo_studio.document.edits.tracks import NAMES
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.media_import import Ghost
from genmo_studio.ui.theme import RESULT, Theme, mix
from genmo_studio.ui.timeline.drop import Hover, new_rows, placed_ghosts
from genmo_studio.ui.timeline.ink import Ink, colour, hatch, qrect, rounded, text_in
from genmo_studio.ui.timeline.layout import Layout
from genmo_studio.ui.timeline.widget import TimelineWidget

WORDS_WIDTH = 420.0
"""logical pixels; longer sentences are broken into lines"""
_ICONS = {"video": "video", "text": "text", "music": "music", RESULT: "take"}


class DropPicture(msgspec.Struct, frozen=True):
    """What is shown."""

    hover: Hover | None = None
    at: tuple[float, float] = (0.0, 0.0)
    pending: tuple[Ghost, ...] = ()
    """placeholders of files that are being read"""


class DropOverlay(QWidget):
    """Paints a ``DropPicture`` over the timeline."""

    def __init__(self, timeline: TimelineWidget, theme: Theme) -> None:
        super().__init__(timeline.viewport())
        self._timeline, self._theme = timeline, theme
        self._ink = Ink(theme, ratio=1.0)
        self._shown = DropPicture()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Where the drop lands")
        self.hide()
        timeline.viewport().installEventFilter(self)

    @property
    def shown(self) -> DropPicture:
        """What is on show."""
        return self._shown

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._theme, self._ink = theme, Ink(theme, ratio=self._ink.ratio)
        self.update()

    def show_picture(self, picture: DropPicture) -> None:
        """Show something else; nothing to show hides the overlay."""
        self._shown = picture
        words = picture.hover.words if picture.hover is not None else ""
        self.setAccessibleDescription(words or f"{len(picture.pending)} files are being read")
        visible = picture.hover is not None or bool(picture.pending)
        if visible:
            self.setGeometry(self._timeline.viewport().rect())
            self.raise_()
        self.setVisible(visible)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Stay as large as the timeline's area."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._timeline.viewport().rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 (Qt's)
        """Ghosts, snap line, words."""
        layout = self._timeline.picture.layout
        ratio = self.devicePixelRatioF()
        if self._ink.ratio != ratio:
            self._ink = Ink(self._theme, ratio=ratio)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            view = layout.view
            content = QRectF(view.metrics.header_width, 0, view.content_width, view.height)
            painter.save()
            hover = self._shown.hover
            ghosts = hover.landing.ghosts if hover is not None else ()
            self._paint_new_rows(painter, layout, (*self._shown.pending, *ghosts))
            painter.setClipRect(content)
            for placed in placed_ghosts(layout, self._shown.pending):
                self._paint_ghost(painter, placed.ghost, qrect(placed.rect), reading=True)
            for placed in placed_ghosts(layout, ghosts):
                self._paint_ghost(painter, placed.ghost, qrect(placed.rect), reading=False)
            if hover is not None and hover.line is not None and hover.legal:
                x = self._ink.crisp(view.x_of(hover.line))
                painter.setPen(QPen(colour(self._theme.warning), 1.5, Qt.PenStyle.DashLine))
                painter.drawLine(int(x), int(view.metrics.ruler_height), int(x), int(view.height))
            painter.restore()
            if hover is not None and hover.words:
                self._paint_words(painter, hover, layout)

    def _paint_new_rows(self, painter: QPainter, layout: Layout, ghosts: tuple[Ghost, ...]) -> None:
        theme, ink, view = self._theme, self._ink, layout.view
        for row in new_rows(layout, ghosts):
            rect = qrect(row.rect)
            painter.fillRect(rect, colour(theme.row_current))
            painter.fillRect(QRectF(0, rect.y(), view.metrics.header_width, rect.height()), colour(theme.panel))
            tint = theme.kind(row.kind.value)
            painter.setPen(QPen(colour(tint), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(0, int(rect.y()), int(rect.right()), int(rect.y()))
            painter.fillRect(QRectF(0, rect.y(), 4, rect.height()), colour(tint))
            paint_icon(painter, _ICONS[row.kind.value], QRectF(14, rect.center().y() - 8, 16, 16), colour(tint))
            label = QRectF(38, rect.y(), view.metrics.header_width - 46, rect.height())
            text_in(painter, label, f"New track: {NAMES[row.kind]}", font=ink.label, name=theme.text, ink=ink)

    def _paint_ghost(self, painter: QPainter, ghost: Ghost, rect: QRectF, *, reading: bool) -> None:
        theme, ink = self._theme, self._ink
        kind = RESULT if ghost.kind is None else ghost.kind.value
        tint = theme.kind(kind)
        fill = colour(mix(tint, theme.row, 0.45), 225)
        rounded(painter, rect, fill=fill)
        if reading or not ghost.known:
            hatch(painter, rect, tint, alpha=90, ratio=ink.ratio)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(mix(tint, theme.text, 0.4)), 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
        left = max(rect.x(), self._timeline.view.metrics.header_width)
        if rect.right() - left < 24:
            return
        paint_icon(painter, _ICONS[kind], QRectF(left + 7, rect.center().y() - 7, 14, 14), colour(theme.text))
        words = f"Reading {ghost.name}…" if reading else ghost.name
        label = QRectF(left + 27, rect.y(), rect.right() - left - 33, rect.height())
        text_in(painter, label, words, font=ink.label, name=theme.text, ink=ink)

    def _paint_words(self, painter: QPainter, hover: Hover, layout: Layout) -> None:
        theme, ink, view = self._theme, self._ink, layout.view
        tint = theme.accent if hover.legal else theme.error
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        room = QRectF(0, 0, min(WORDS_WIDTH, max(120.0, view.width - 52)), 400)
        size = ink.metrics(ink.label).boundingRect(room, int(wrap), hover.words)
        width, height = size.width() + 46, max(26.0, size.height() + 10)
        x = max(4.0, min(self._shown.at[0] + 18, view.width - width - 4))
        below = self._shown.at[1] + 22
        tops = [row.rect.y for row in new_rows(layout, hover.landing.ghosts)]
        above = min([self._shown.at[1] - 14, *(top - 6 for top in tops)]) - height
        y = below if below + height < view.height and not tops else above
        box = QRectF(x, max(2.0, y), width, height)
        rounded(painter, box, fill=colour(theme.raised, 250), outline=colour(tint), radius=4)
        icon = "info" if hover.legal else "warning"
        paint_icon(painter, icon, QRectF(box.x() + 8, box.y() + 6, 14, 14), colour(tint))
        painter.setFont(ink.label)
        painter.setPen(colour(theme.text))
        inside = QRectF(box.x() + 30, box.y() + (height - size.height()) / 2, size.width() + 2, size.height())
        painter.drawText(inside, int(wrap), hover.words)
