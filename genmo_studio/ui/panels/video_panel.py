"""The video panel: the picture of the clip under the playhead, whole and in its own proportions."""

import msgspec
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from genmo_studio.media.video import Image
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.theme import Theme, mono_font, ui_font

_FOOT = 24.0
_PAD = 8.0


class VideoCaption(msgspec.Struct, frozen=True):
    """What stands under the picture."""

    name: str = ""
    moment: str = ""


class VideoPanel(QWidget):
    """Paints a picture, or why there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._array: Image | None = None
        self._image: QImage | None = None
        self._caption = VideoCaption()
        self._head, self._advice = "", ""
        self.setMinimumSize(120, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Video")

    @property
    def image(self) -> Image | None:
        """(height, width, 3) RGB that is shown; None when a sentence is shown instead."""
        return self._array

    @property
    def sentence(self) -> str:
        """What is said instead of a picture; empty when there is one."""
        return self._head

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.update()

    def show_image(self, image: Image, caption: VideoCaption) -> None:
        """Show a picture; the array must not be changed afterwards."""
        if image is not self._array:
            self._array = image
            height, width = image.shape[:2]
            self._image = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        elif caption == self._caption and not self._head:
            return
        self._caption, self._head, self._advice = caption, "", ""
        self.setAccessibleDescription(f"{caption.name}, {caption.moment}")
        self.update()

    def show_sentence(self, head: str, advice: str = "") -> None:
        """Say why there is no picture."""
        if (head, advice) == (self._head, self._advice) and self._array is None:
            return
        self._array = self._image = None
        self._head, self._advice, self._caption = head, advice, VideoCaption()
        self.setAccessibleDescription(f"{head}. {advice}".strip())
        self.update()

    def picture_rectangle(self) -> QRectF:
        """Where the picture is painted, in logical pixels: whole, centred, in its own proportions."""
        room = QRectF(0, 0, self.width(), max(1.0, self.height() - _FOOT))
        if self._image is None:
            return room
        size = QSize(self._image.width(), self._image.height()).scaled(
            max(1, int(room.width())), max(1, int(room.height())), Qt.AspectRatioMode.KeepAspectRatio
        )
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(room.center())
        return QRectF(box.toAlignedRect())

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A film's proportions."""
        return QSize(316, 202)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint in logical pixels; the picture is scaled once, to the screen's own."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), QColor(self._theme.outside))
            if self._image is None:
                self._paint_sentence(painter)
            else:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(self.picture_rectangle(), self._image)
                self._paint_caption(painter)

    def _paint_caption(self, painter: QPainter) -> None:
        foot = QRectF(0, self.height() - _FOOT, self.width(), _FOOT)
        painter.fillRect(foot, QColor(self._theme.panel))
        row = foot.adjusted(_PAD, 0, -_PAD, 0)
        painter.setPen(QColor(self._theme.text_dim))
        painter.setFont(mono_font(points=8.5))
        width = QFontMetricsF(painter.font()).horizontalAdvance(self._caption.moment)
        painter.drawText(row, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._caption.moment)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(ui_font(points=9.0))
        room = max(0.0, row.width() - width - 12)
        name = QFontMetricsF(painter.font()).elidedText(self._caption.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(row, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)

    def _paint_sentence(self, painter: QPainter) -> None:
        middle = self.height() / 2.0
        side = 28.0
        colour = QColor(self._theme.text_disabled)
        if middle > 60:
            paint_icon(painter, "video", QRectF((self.width() - side) / 2, middle - 52, side, side), colour)
        inner = QRectF(14, middle - 18, self.width() - 28, 24)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(ui_font(points=10.0))
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
        below = painter.boundingRect(inner.adjusted(0, 0, 0, 60), flags, self._head)
        painter.drawText(inner.adjusted(0, 0, 0, 60), flags, self._head)
        painter.setPen(QColor(self._theme.text_dim))
        painter.setFont(ui_font(points=9.0))
        painter.drawText(QRectF(14, below.bottom() + 6, self.width() - 28, 80), flags, self._advice)
