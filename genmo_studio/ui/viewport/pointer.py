"""What the pointer does in the viewport besides moving the camera: tools that take presses, drags, hovers and keys.

A tool is a small state machine over plain values. The viewport asks its tools in order; the first that takes a press
has the pointer until it is released, or until the tool says that it no longer runs.
"""

from typing import Protocol

import msgspec
from PySide6.QtGui import QPainter

from genmo_studio.render.camera import Size, View
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport.navigation import Button


class Pointer(msgspec.Struct, frozen=True):
    """The pointer at a moment; logical pixels of the view."""

    x: float
    y: float
    button: Button | None = None
    shift: bool = False
    control: bool = False
    alt: bool = False

    @property
    def at(self) -> tuple[float, float]:
        """Where it is."""
        return self.x, self.y


class PointerTool(Protocol):
    """Something that can be done in the picture."""

    @property
    def running(self) -> bool:
        """It has the pointer now, also without a button (a drag that was begun by a key)."""
        ...

    def press(self, pointer: Pointer) -> bool:
        """A button goes down; True when the tool takes it."""
        ...

    def drag(self, pointer: Pointer) -> None:
        """The pointer moves while the tool runs."""
        ...

    def release(self, pointer: Pointer) -> bool:
        """The button goes up; True when it was only a click, which then means what clicks mean."""
        ...

    def hover(self, pointer: Pointer | None) -> bool:
        """The pointer passes by (None: it left); True when it is over something of the tool."""
        ...

    def wants(self, key: str) -> bool:
        """Whether a key (as in a key string: "Esc", "X", "5") is for the tool now, before any shortcut."""
        ...

    def key(self, key: str) -> None:
        """A key that it wants."""
        ...

    def cancel(self) -> None:
        """End what runs and bring back how it was."""
        ...

    def paint(self, painter: QPainter, camera: View, size: Size, theme: Theme, /) -> None:
        """Paint over the picture, in logical pixels."""
        ...
