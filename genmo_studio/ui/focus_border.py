"""A border round the panel that has the focus, so that one sees where the keys go (KB3, HD3).

Four thin widgets lie over the panel's edges: nothing has to be painted again, and an OpenGL panel stays as it is.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDockWidget, QWidget

from genmo_studio.ui.theme import Theme

THICKNESS = 2


class FocusBorder(QObject):
    """Follows the focus of the application; ``close`` it with the window."""

    def __init__(self, app: QApplication, panels: Sequence[QWidget], *, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._app = app
        self.panels = tuple(panels)
        self.current: QWidget | None = None
        """The panel whose keys are heard."""
        self._edges: dict[QWidget, list[QWidget]] = {}
        self._colour = QColor(theme.accent)
        app.focusChanged.connect(self._focus_changed)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colour."""
        self._colour = QColor(theme.accent)
        for edges in self._edges.values():
            for edge in edges:
                self._paint(edge)

    def close(self) -> None:
        """Stop listening."""
        self._app.focusChanged.disconnect(self._focus_changed)
        for panel in self._edges:
            panel.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """The border keeps the size and place of its panel, and goes with it behind another tab."""
        if isinstance(watched, QWidget):
            if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
                self._place(watched)
            elif event.type() == QEvent.Type.ParentChange:
                self._forget(watched)
        return super().eventFilter(watched, event)

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None:
            return  # a menu, or another program: the panel hears the keys again afterwards
        panel = next((panel for panel in self.panels if panel is new or panel.isAncestorOf(new)), None)
        if panel is self.current:
            return
        for edge in self._edges.get(self.current, []) if self.current is not None else []:
            edge.hide()
        self.current = panel
        if panel is not None:
            self._show(panel)

    def _show(self, panel: QWidget) -> None:
        if panel not in self._edges:
            self._edges[panel] = [self._edge(panel) for _ in range(4)]
            panel.installEventFilter(self)
        self._place(panel)
        for edge in self._edges[panel]:
            edge.show()
            edge.raise_()

    def _forget(self, panel: QWidget) -> None:
        """The panel lies elsewhere now: the next focus makes a new border."""
        panel.removeEventFilter(self)
        for edge in self._edges.pop(panel, []):
            edge.deleteLater()
        if panel is self.current:
            self.current = None

    def _edge(self, panel: QWidget) -> QWidget:
        edge = QWidget(panel.parentWidget() or panel)  # beside the panel, so that its scroll bars do not cover it
        edge.setObjectName("focusEdge")
        edge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        edge.setAutoFillBackground(True)
        self._paint(edge)
        return edge

    def _paint(self, edge: QWidget) -> None:
        colours = edge.palette()
        colours.setColor(QPalette.ColorRole.Window, self._colour)
        edge.setPalette(colours)

    def _place(self, panel: QWidget) -> None:
        box = panel.geometry() if panel.parentWidget() is not None else panel.rect()
        left, top, width, height = box.x(), box.y(), box.width(), box.height()
        places = (
            QRect(left, top, width, THICKNESS),
            QRect(left, top + height - THICKNESS, width, THICKNESS),
            QRect(left, top, THICKNESS, height),
            QRect(left + width - THICKNESS, top, THICKNESS, height),
        )
        for edge, place in zip(self._edges.get(panel, []), places, strict=False):
            edge.setGeometry(place)


def focus_in(panel: QWidget) -> None:
    """Give the focus to a panel, or to the first thing in it that takes it; its tab comes to the front."""
    dock = panel.parentWidget()
    if isinstance(dock, QDockWidget):
        dock.raise_()
    target = panel.focusProxy() or panel
    if target.focusPolicy() == Qt.FocusPolicy.NoFocus or not target.isVisible():
        inside = [widget for widget in panel.findChildren(QWidget) if widget.isVisible() and widget.isEnabled()]
        takes = [widget for widget in inside if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        lists = [widget for widget in takes if isinstance(widget, QAbstractScrollArea)]
        target = (lists or takes or inside or [target])[0]
        if target.focusPolicy() == Qt.FocusPolicy.NoFocus:  # nothing in it can be used now; its keys are heard
            target.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def panel_name(panel: QWidget) -> str:
    """What the panel is called."""
    above = panel.parentWidget()
    return above.windowTitle() if isinstance(above, QDockWidget) else panel.accessibleName() or "Viewport"
