"""Where the parts of the window are: docks, their first sizes, and keeping the layout from one start to the next."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QStyle, QTabWidget, QWidget

from genmo_studio.ui.control.base import DockSpec

LAYOUT_VERSION = 4
RIGHT_WIDTH = 372
FIRST_SIZE = QSize(1280, 800)
SCREEN_SHARE = 0.86
"""Of the screen that the window takes at the first start, where there is more room than FIRST_SIZE."""
BOTTOM_SHARE = 0.485
"""Of the window's height, for the timeline."""


def add_dock(window: QMainWindow, title: str, widget: QWidget, *, name: str, area: Qt.DockWidgetArea) -> QDockWidget:
    """A dock that can be moved, floated and closed."""
    dock = QDockWidget(title, window)
    dock.setObjectName(name)  # names the dock in the saved layout
    dock.setWidget(widget)
    window.addDockWidget(area, dock)
    return dock


def prepare(window: QMainWindow) -> None:
    """What holds for every layout: corners, tabs on top, tabs that can be torn off."""
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
    window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
    option = QMainWindow.DockOption
    window.setDockOptions(option.AllowNestedDocks | option.AllowTabbedDocks | option.GroupedDragging)


def first_size(window: QMainWindow) -> None:
    """Large enough to see every track, and no larger than the screen."""
    room = window.screen().availableGeometry().size()
    window.resize((room * SCREEN_SHARE).expandedTo(FIRST_SIZE).boundedTo(room))


def arrange(window: QMainWindow, docks: Mapping[str, QDockWidget], extras: Iterable[DockSpec]) -> None:
    """The layout of the first start: timeline below the viewport, at the right a column of two stacks of tabs.

    Panels that say nothing about their neighbour join the lower stack, so that more panels never make the window
    taller. All docks are taken out first: stacked one above the other, they would ask for more than the screen has.
    """
    extras = tuple(extras)
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
    for name, area in (("timeline", bottom), ("generation", right)):
        window.addDockWidget(area, docks[name])
    window.splitDockWidget(docks["generation"], docks["takes"], Qt.Orientation.Vertical)
    window.tabifyDockWidget(docks["generation"], docks["inspector"])
    window.tabifyDockWidget(docks["timeline"], docks["curves"])
    for extra in extras:
        beside = extra.beside or ("timeline" if extra.area is bottom else "takes")
        window.tabifyDockWidget(docks[beside], docks[extra.name])
    hidden = {extra.name for extra in extras if not extra.shown}
    for name, dock in docks.items():
        dock.setVisible(name not in hidden)
    for name in ("timeline", "generation", "takes"):
        docks[name].raise_()
    window.resizeDocks([docks["generation"]], [RIGHT_WIDTH], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["timeline"]], [round(BOTTOM_SHARE * window.height())], Qt.Orientation.Vertical)
    window.resizeDocks([docks["generation"], docks["takes"]], [430, 250], Qt.Orientation.Vertical)


def restore(window: QMainWindow, settings: QSettings) -> bool:
    """Bring back size, place and docks of the last time; False when there is nothing (usable) to bring back."""
    geometry, state = settings.value("window/geometry"), settings.value("window/state")
    if geometry is None or state is None or not window.restoreGeometry(geometry):
        return False
    return bool(window.restoreState(state, LAYOUT_VERSION))


def keep(window: QMainWindow, settings: QSettings) -> None:
    """Remember size, place and docks."""
    settings.setValue("window/geometry", window.saveGeometry())
    settings.setValue("window/state", window.saveState(LAYOUT_VERSION))


class Shares(QObject):
    """Shares a change of the window's height between the viewport and what is docked below it.

    Qt gives all of it to the middle: a window that is made half as tall would keep its timeline whole and leave the
    viewport nothing. The share below is BOTTOM_SHARE until somebody drags the line between the two.
    """

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget], *, kept: bool) -> None:
        """``kept``: the layout of the last time came back, and with it the share."""
        super().__init__(window)
        self._window, self._docks = window, docks
        self._share: float | None = None if kept else BOTTOM_SHARE
        self._shown = QTimer(self)
        self._shown.setSingleShot(True)
        self._shown.timeout.connect(self._give)
        self._dragged = QTimer(self)
        self._dragged.setSingleShot(True)
        self._dragged.timeout.connect(self._read)
        window.installEventFilter(self)
        for dock in docks.values():
            dock.installEventFilter(self)

    def reset(self) -> None:
        """The layout is that of the first start again."""
        self._share = BOTTOM_SHARE

    def _below(self) -> QDockWidget | None:
        """What is seen below the viewport."""
        area = Qt.DockWidgetArea.BottomDockWidgetArea
        return next(
            (
                dock
                for dock in self._docks.values()
                if dock.isVisible() and not dock.isFloating() and self._window.dockWidgetArea(dock) == area
                if not dock.visibleRegion().isEmpty()
            ),
            None,
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """The window has another size; or the line was dragged."""
        if watched is self._window:
            if event.type() == QEvent.Type.Show:
                self._shown.start()
            elif isinstance(event, QResizeEvent) and event.oldSize().height() != event.size().height():
                self._give(before=event.oldSize().height())
        elif isinstance(event, QResizeEvent) and self._held() and watched is self._below():
            self._dragged.start()  # everything has its place when it ends
        return False

    @staticmethod
    def _held() -> bool:
        """Whether somebody drags: a line between docks, or a dock."""
        return bool(QApplication.mouseButtons() & Qt.MouseButton.LeftButton)

    def _height(self, below: QDockWidget) -> int:
        """Pixels of what is docked below, with its tabs."""
        window, middle = self._window, self._window.centralWidget()
        if middle is None:
            return below.height()
        line = window.style().pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent, None, window)
        return below.geometry().bottom() - middle.geometry().bottom() - line

    def _read(self) -> None:
        """The line was dragged: its place is the share from now on."""
        below = self._below()
        if below is not None:
            self._share = self._height(below) / max(self._window.height(), 1)

    def _give(self, *, before: int = 0) -> None:
        """Set the height below; ``before`` (pixels) is what the window had while the docks got theirs."""
        below = self._below()
        if below is None:
            return
        if self._share is None:
            self._share = self._height(below) / (before if before > 0 else self._window.height())
        wanted = round(self._share * self._window.height())
        if abs(wanted - self._height(below)) > 1:
            self._window.resizeDocks([below], [wanted], Qt.Orientation.Vertical)

    def close(self) -> None:
        """Stop what is pending."""
        self._shown.stop()
        self._dragged.stop()


class DockTitles(QObject):
    """Leaves out the title of a dock whose tab already says it; a dock on its own keeps its title."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._blank: dict[str, QWidget] = {}
        self._closed = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.refresh)
        for dock in docks.values():
            dock.dockLocationChanged.connect(self._soon)
            dock.topLevelChanged.connect(self._soon)
            dock.visibilityChanged.connect(self._soon)

    def _soon(self, *_: object) -> None:
        """A dock says so before its neighbours know, and also while the window closes."""
        if not self._closed:
            self._later.start()

    def refresh(self) -> None:
        """Look at all docks."""
        for name, dock in self._docks.items():
            tabbed = bool(self._window.tabifiedDockWidgets(dock)) and not dock.isFloating()
            blank = self._blank.get(name)
            if tabbed and blank is None:
                self._blank[name] = QWidget(dock)
                dock.setTitleBarWidget(self._blank[name])
            elif not tabbed and blank is not None:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]  # Qt takes null for its own title bar
                self._blank.pop(name).deleteLater()

    def close(self) -> None:
        """Stop what is pending."""
        self._closed = True
        self._later.stop()
