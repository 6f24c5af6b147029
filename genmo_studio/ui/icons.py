"""The program's own icons: one-colour SVG strokes that follow the palette and stay sharp at every scale."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from genmo_studio import paths

BRAND_TEAL = "#4fb3a9"


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    """The SVG text of an icon; a name without a file is a mistake of the program and raises FileNotFoundError."""
    return (paths.assets() / "icons" / f"{name}.svg").read_text("utf-8")


def icon_names() -> tuple[str, ...]:
    """All icons that exist, sorted."""
    return tuple(sorted(path.stem for path in (paths.assets() / "icons").glob("*.svg")))


def paint_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw icon ``name`` into ``rect`` (logical pixels)."""
    svg = _source(name).replace("currentColor", colour.name())
    painter.save()
    painter.setOpacity(painter.opacity() * colour.alphaF())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, rect)
    painter.restore()


class _StrokeEngine(QIconEngine):
    """Draws the SVG at the asked size and device pixel ratio in the palette's text colour of the asked state."""

    def __init__(self, name: str, colour: str | None = None) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def clone(self) -> QIconEngine:
        return _StrokeEngine(self._name, self._colour)

    def _ink(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        palette = QGuiApplication.palette()
        if mode == QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        if self._colour is not None:
            return QColor(self._colour)
        if state == QIcon.State.On:
            return palette.color(QPalette.ColorRole.Highlight).lighter(125)
        return palette.color(QPalette.ColorRole.ButtonText)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        paint_icon(painter, self._name, square, self._ink(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802 (Qt's name)
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        # Qt hands the size in logical pixels (since 6.8) and takes what it gets as it is.
        # It asks for every icon again at each paint of its button: what was drawn is kept, as Qt keeps its own.
        ink = self._ink(mode, state)
        key = f"genmo/{self._name}/{size.width()}x{size.height()}@{scale}/{ink.name(QColor.NameFormat.HexArgb)}"
        known = QPixmap()
        if QPixmapCache.find(key, known):
            return known
        pixmap = QPixmap((QSizeF(size) * scale).toSize())
        if pixmap.isNull():
            return pixmap  # a button without room asks for an icon without size
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        QPixmapCache.insert(key, pixmap)
        return pixmap


def icon(name: str, *, colour: str | None = None) -> QIcon:
    """A QIcon of ``assets/icons/<name>.svg``; ``colour`` ("#rrggbb") overrides the palette's text colour."""
    return QIcon(_StrokeEngine(name, colour))


def pixmap(name: str, *, size: int, colour: QColor, scale: float = 1.0) -> QPixmap:
    """A pixmap of ``size`` logical pixels at device pixel ratio ``scale``."""
    out = QPixmap(round(size * scale), round(size * scale))
    out.fill(Qt.GlobalColor.transparent)
    with QPainter(out) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(painter, name, QRectF(0, 0, size * scale, size * scale), colour)
    out.setDevicePixelRatio(scale)
    return out


def app_icon() -> QIcon:
    """The program's mark: a walking figure on a rounded square."""
    out = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("#1d2b33"))
            painter.drawRoundedRect(QRectF(0, 0, side, side), side * 0.22, side * 0.22)
            paint_icon(painter, "skeleton", QRectF(side * 0.1, side * 0.1, side * 0.8, side * 0.8), QColor(BRAND_TEAL))
        out.addPixmap(picture)
    return out
