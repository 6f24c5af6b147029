"""The pointer over the timeline: runs the pure tool with Qt's events, shows what is under the pointer, scrolls on."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from genmo_studio.ui.timeline.drags import Scene
from genmo_studio.ui.timeline.edge_scroll import EdgeScroll
from genmo_studio.ui.timeline.effects import Button, Effect, Pointer
from genmo_studio.ui.timeline.hit import OF_ITEM, Hit, HitKind, hit_test
from genmo_studio.ui.timeline.navigation import Navigator
from genmo_studio.ui.timeline.qt_pointer import cursor_of, moved, pressed
from genmo_studio.ui.timeline.runner import EffectRunner
from genmo_studio.ui.timeline.tools import SCRUBS, PointerTool, carries
from genmo_studio.values import replace

_HOVERED = OF_ITEM | {HitKind.RESULT}


class Pointing(QObject):
    """Pointer events in, effects out to the runner."""

    changed = Signal()  # something is to be painted anew
    scrub_started = Signal()
    heat_menu_requested = Signal(object)  # QPoint in global coordinates

    def __init__(
        self, area: QWidget, runner: EffectRunner, navigator: Navigator, *, scene: Callable[[], Scene], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._area, self._runner, self._navigator, self._scene = area, runner, navigator, scene
        self._tool = PointerTool()
        self._edges = EdgeScroll(pan=navigator.pan, again=self._go_on, parent=self)

    @property
    def dragging(self) -> bool:
        """True between press and release."""
        return self._tool.dragging

    def hit(self, x: float, y: float) -> Hit:
        """What is at a point of the area."""
        scene = self._scene()
        return hit_test(scene.layout, x, y, cache=scene.cache, selection=scene.selection)

    def press(self, event: QMouseEvent) -> None:
        """Begin what the place under the pointer is for."""
        pointer = pressed(event)
        if pointer is None:
            return
        kind = self.hit(pointer.x, pointer.y).kind
        if kind is HitKind.HEAT_HEADER:
            self.heat_menu_requested.emit(event.globalPosition().toPoint())
            return
        if (pointer.button is Button.LEFT and kind in SCRUBS) or carries(pointer, kind):
            self.scrub_started.emit()
        self._runner.overlay = replace(self._runner.overlay, hover=None)
        self._carry_out(self._tool.press(pointer, self._scene()), pointer)

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag, or show what is under the pointer."""
        if not self._tool.dragging:
            self._hover(event)
            return
        pointer = moved(event)
        self._go_on(pointer)
        along, down = self._tool.edges
        self._edges.follow(pointer, self._navigator.view, along=along, down=down)

    def release(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._edges.stop()
        self._carry_out(self._tool.release(), moved(event))
        self._hover(event)

    def double_click(self, event: QMouseEvent) -> None:
        """Edit words in place; elsewhere the second press counts like the first."""
        pointer = pressed(event)
        effects = [] if pointer is None else self._tool.double_click(pointer, self._scene())
        if pointer is not None and effects:
            self._carry_out(effects, pointer)
        else:
            self.press(event)

    def give_up(self) -> bool:
        """Everything as before the press; False when nothing is dragged."""
        if not self._tool.dragging:
            return False
        self._edges.stop()
        self._carry_out(self._tool.cancel(), Pointer(0.0, 0.0))
        return True

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self._runner.overlay = replace(self._runner.overlay, hover=None)
        self.changed.emit()

    def stop(self) -> None:
        """The timeline goes away."""
        self._edges.stop()

    def _go_on(self, pointer: Pointer) -> None:
        self._carry_out(self._tool.move(pointer, self._scene()), pointer)

    def _hover(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position().x(), event.position().y())
        self._area.setCursor(cursor_of(hit.kind))
        rect = hit.rect if hit.kind in _HOVERED else None
        if rect != self._runner.overlay.hover:
            self._runner.overlay = replace(self._runner.overlay, hover=rect)
            self.changed.emit()

    def _carry_out(self, effects: list[Effect], pointer: Pointer) -> None:
        self._runner.run(effects, pointer)
        if effects:
            self.changed.emit()
