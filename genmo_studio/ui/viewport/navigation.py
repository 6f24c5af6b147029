"""Mouse to camera, as plain values: which drag does what (presets are data) and what it does to a camera. No Qt.

Distances are logical pixels; a full turn takes 900 of them, whatever the screen's scale.
"""

import math
from enum import Enum, Flag, auto

import msgspec
from numpy.typing import ArrayLike

from genmo_studio.render.camera import Camera

RADIANS_PER_PIXEL = math.tau / 900.0
ZOOM_PER_PIXEL = 0.006
ZOOM_PER_NOTCH = 1.18


class Button(Enum):
    """A pointer button."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Modifier(Flag):
    """Keys held while dragging."""

    NONE = 0
    ALT = auto()
    SHIFT = auto()
    CONTROL = auto()


class Motive(Enum):
    """What a drag does to the camera."""

    ORBIT = "orbit"
    PAN = "pan"
    ZOOM = "zoom"


class NavigationPreset(msgspec.Struct, frozen=True):
    """The drags of one navigation style."""

    id: str
    name: str
    drags: dict[tuple[Button, Modifier], Motive]
    hint: str
    """One line about the commonest drags."""

    def motive(self, button: Button, modifier: Modifier) -> Motive | None:
        """What a drag with this button and these keys does; None when it is not for the camera."""
        return self.drags.get((button, modifier))


INDUSTRY = NavigationPreset(
    "studio",
    "Studio / Maya",
    {
        (Button.LEFT, Modifier.ALT): Motive.ORBIT,
        (Button.MIDDLE, Modifier.ALT): Motive.PAN,
        (Button.RIGHT, Modifier.ALT): Motive.ZOOM,
        # For newcomers and pens, and where a window manager keeps Alt+drag for itself:
        (Button.LEFT, Modifier.NONE): Motive.ORBIT,
        (Button.LEFT, Modifier.SHIFT): Motive.PAN,
        (Button.LEFT, Modifier.CONTROL): Motive.ZOOM,
        (Button.MIDDLE, Modifier.NONE): Motive.PAN,
    },
    "Drag to orbit · Shift-drag to pan · wheel to zoom",
)
"""Alt + left, middle, right; plain left orbits and middle pans."""

BLENDER = NavigationPreset(
    "blender",
    "Blender",
    {
        (Button.MIDDLE, Modifier.NONE): Motive.ORBIT,
        (Button.MIDDLE, Modifier.SHIFT): Motive.PAN,
        (Button.MIDDLE, Modifier.CONTROL): Motive.ZOOM,
        # Pens and touchpads have no middle button; Blender calls this "emulate 3 button mouse":
        (Button.LEFT, Modifier.ALT): Motive.ORBIT,
        (Button.LEFT, Modifier.ALT | Modifier.SHIFT): Motive.PAN,
        (Button.LEFT, Modifier.ALT | Modifier.CONTROL): Motive.ZOOM,
    },
    "Middle-drag to orbit · Shift+middle to pan · wheel to zoom",
)
"""Middle button, or Alt + left where there is none; plain left only selects."""

PRESETS: dict[str, NavigationPreset] = {preset.id: preset for preset in (INDUSTRY, BLENDER)}
"""All styles by id."""


def drag(
    camera: Camera, motive: Motive, *, dx: float, dy: float, height: int, pivot: ArrayLike | None = None
) -> Camera:
    """The camera after the pointer moved (dx, dy) logical pixels, y down, in a view ``height`` logical pixels high.

    An orbit turns about ``pivot`` (3,), or about the camera's target.
    """
    if motive is Motive.ORBIT:
        about = camera.focus_point() if pivot is None else pivot
        return camera.orbit_about(about, yaw=-dx * RADIANS_PER_PIXEL, pitch=dy * RADIANS_PER_PIXEL)
    if motive is Motive.PAN:
        return camera.pan(dx=dx, dy=dy, height=height)
    return camera.dolly(math.exp((dy - dx) * ZOOM_PER_PIXEL))


def wheel(camera: Camera, *, notches: float) -> Camera:
    """The camera after ``notches`` of the wheel away from the user (nearer)."""
    return camera.dolly(ZOOM_PER_NOTCH ** (-max(min(notches, 20.0), -20.0)))
