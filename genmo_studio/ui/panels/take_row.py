"""Paints a take as a row: eye, name, star and badges, a strip of poses, and one line of figures."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from genmo_studio.document.model import Take, TakeMode
from genmo_studio.ui.icons import paint_icon
from genmo_studio.ui.panels.take_model import GHOST_ROLE, SHOWN_ROLE, SIDE_ROLE, STALE_ROLE, TAKE_ROLE, Index, summary
from genmo_studio.ui.panels.take_pictures import TILE_HEIGHT, TILE_WIDTH, TakePictures
from genmo_studio.ui.theme import Theme, mix, ui_font

ROW_HEIGHT = 116
_STEP = 38
"""Logical pixels from one pose to the next."""
_LINE = 22
_INSET = 10


class _NameField(QLineEdit):
    """Enter and Escape end the editing; they are no shortcuts meanwhile."""

    def event(self, event: QEvent) -> bool:
        """Claim both keys before a shortcut takes them."""
        own = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in own:
            event.accept()
            return True
        return super().event(event)


class TakeDelegate(QStyledItemDelegate):
    """Paints rows; clicks on eye and star are signals."""

    eye_clicked = Signal(str)
    """take id"""
    star_clicked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.pictures: TakePictures | None = None

    # -- where things are ----------------------------------------------------------------------------------------------

    def eye_rect(self, row: QRect) -> QRect:
        """The eye: press it to show the take."""
        return QRect(row.left() + _INSET - 3, row.top() + 4, _LINE, _LINE)

    def star_rect(self, row: QRect) -> QRect:
        """The star of favourites."""
        return QRect(row.right() - _INSET - _LINE + 4, row.top() + 4, _LINE, _LINE)

    def name_rect(self, row: QRect) -> QRect:
        """The name, up to the star; badges take some of it."""
        left = self.eye_rect(row).right() + 6
        return QRect(left, row.top() + 4, self.star_rect(row).left() - left - 4, _LINE)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, ARG002 (Qt's)
        """All rows are of one height."""
        return QSize(200, ROW_HEIGHT)

    # -- painting ------------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        theme, take = self.theme, index.data(TAKE_ROLE)
        rect: QRect = option.rect
        shown = bool(index.data(SHOWN_ROLE))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option, shown=shown)
        eye = QRectF(self.eye_rect(rect)).adjusted(2, 2, -2, -2)
        paint_icon(painter, "eye", eye, QColor(theme.kind("result") if shown else theme.text_disabled))
        star = QRectF(self.star_rect(rect)).adjusted(2, 2, -2, -2)
        starred = QColor(theme.marker if take.favourite else theme.text_disabled)
        paint_icon(painter, "star-filled" if take.favourite else "star", star, starred)
        name = self.name_rect(rect)
        right = self._badges(painter, take, index, name)
        painter.setFont(ui_font(points=9.0, bold=True))
        painter.setPen(QColor(theme.text))
        metrics = painter.fontMetrics()
        written = metrics.elidedText(take.name, Qt.TextElideMode.ElideRight, right - name.left() - 4)
        painter.drawText(name, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), written)
        self._strip(painter, take, QRect(rect.left() + 4, rect.top() + 25, rect.width() - 8, TILE_HEIGHT))
        painter.setFont(ui_font(points=8.0))
        metrics = painter.fontMetrics()
        for number, (text, ink) in enumerate(zip(summary(take), (theme.text, theme.text_dim), strict=True)):
            painter.setPen(QColor(ink))
            foot = QRect(rect.left() + _INSET, rect.bottom() - 37 + 17 * number, rect.width() - 2 * _INSET, 16)
            line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, foot.width())
            painter.drawText(foot, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), line)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, *, shown: bool) -> None:
        theme, rect, state = self.theme, option.rect, option.state
        flag = QStyle.StateFlag
        fill = mix(theme.kind("result"), theme.row, 0.16) if shown else theme.row
        if state & flag.State_Selected:
            fill = mix(theme.accent, fill, 0.22)
        elif state & flag.State_MouseOver:
            fill = mix(theme.text, fill, 0.05)
        painter.fillRect(rect, QColor(fill))
        if shown:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.kind("result")))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.line))
        if state & flag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -1.5))

    def _badges(self, painter: QPainter, take: Take, index: Index, room: QRect) -> int:
        """Badges from right to left; returns where the name must end."""
        theme, right = self.theme, room.right()
        badges: list[tuple[str, str, bool]] = []
        if take.mode is TakeMode.DRAFT:
            badges.append(("draft", theme.warning, False))
        if index.data(STALE_ROLE):
            badges.append(("stale", theme.warning, True))
        if index.data(GHOST_ROLE):
            badges.append(("ghost", theme.kind("result"), False))
        if index.data(SHOWN_ROLE):
            badges.append(("in result", theme.kind("result"), False))
        side = index.data(SIDE_ROLE)
        if side is not None:
            badges.append((side[0], theme.accent, bool(side[1])))
        painter.setFont(ui_font(points=7.5, bold=True))
        metrics = painter.fontMetrics()
        for word, tint, solid in badges:
            width = metrics.horizontalAdvance(word) + 12
            if right - width < room.left() + 40:
                break
            box = QRectF(right - width, room.center().y() - 8, width, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tint if solid else mix(tint, theme.row, 0.2)))
            painter.drawRoundedRect(box, 8, 8)
            painter.setPen(QColor(theme.accent_text if solid else mix(tint, theme.text, 0.75)))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), word)
            right -= width + 4
        return right

    def _strip(self, painter: QPainter, take: Take, area: QRect) -> None:
        if self.pictures is None:
            return
        images = self.pictures.strip(take.blob, ratio=painter.device().devicePixelRatio())
        if not images:
            return
        painter.save()
        painter.setClipRect(area)
        for image, at in spread(images, area):
            painter.drawImage(at, image)
        painter.restore()

    # -- pointer and editing -------------------------------------------------------------------------------------------

    def editorEvent(  # noqa: N802 (Qt's)
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Clicks on eye and star."""
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            spot = event.position().toPoint()
            for rect, signal in (
                (self.eye_rect(option.rect), self.eye_clicked),
                (self.star_rect(option.rect), self.star_clicked),
            ):
                if rect.contains(spot):
                    if event.type() == QEvent.Type.MouseButtonRelease:
                        signal.emit(index.data(TAKE_ROLE).id)
                    return True
        return super().editorEvent(event, model, option, index)

    def helpEvent(  # noqa: N802 (Qt's)
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Eye and star have tips of their own."""
        if event.type() == QEvent.Type.ToolTip and index.isValid():
            for rect, tip in (
                (self.eye_rect(option.rect), "Show this take in the result (Enter, or double-click the row)"),
                (self.star_rect(option.rect), "Favourite: kept when unused takes are deleted"),
            ):
                if rect.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), tip, view)
                    return True
        return super().helpEvent(event, view, option, index)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802, ARG002
        """A field for the name."""
        field = _NameField(parent)
        field.setAccessibleName("Name of the take")
        field.setMaxLength(200)
        return field

    def updateEditorGeometry(  # noqa: N802 (Qt's)
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: Index,  # noqa: ARG002
    ) -> None:
        """Where the name is."""
        editor.setGeometry(self.name_rect(option.rect).adjusted(-6, -2, 0, 2))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | Index) -> None:  # noqa: N802
        """The typed name."""
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), int(Qt.ItemDataRole.EditRole))


def spread(images: tuple[QImage, ...], area: QRect) -> list[tuple[QImage, QPointF]]:
    """As many of the pictures as fit, spread evenly from the first to the last, and where each is painted."""
    count = max(1, min(len(images), area.width() // _STEP))
    step = area.width() / count
    chosen = [round(i * (len(images) - 1) / max(count - 1, 1)) for i in range(count)]
    top = float(QPoint(0, area.top()).y())
    return [
        (images[number], QPointF(area.left() + (i + 0.5) * step - TILE_WIDTH / 2, top))
        for i, number in enumerate(chosen)
    ]
