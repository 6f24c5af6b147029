"""What goes into the tools (pointer events) and what comes out of them (effects). Pure values.

A tool never touches editor, session or widget: it returns effects, and whoever runs it carries them out.
"""

from enum import Enum, Flag, auto

import msgspec

from genmo_studio.document.edits import Edit
from genmo_studio.ui.timeline.headers import HeaderButton
from genmo_studio.ui.timeline.view import Rect


class Button(Enum):
    """Pointer buttons."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Modifier(Flag):
    """Keys held with the pointer."""

    NONE = 0
    SHIFT = auto()
    CTRL = auto()
    ALT = auto()


class Pointer(msgspec.Struct, frozen=True):
    """A pointer event in logical pixels of the timeline's area."""

    x: float
    y: float
    button: Button = Button.LEFT
    modifiers: Modifier = Modifier.NONE


class Seek(msgspec.Struct, frozen=True):
    """Ask the transport for a frame."""

    frame: int


class Carry(msgspec.Struct, frozen=True):
    """Take the pose that is shown along with the playhead from now on, or no longer (KF7)."""

    on: bool


class Choose(msgspec.Struct, frozen=True):
    """Make this the selection."""

    ids: frozenset[str]


class ChooseParts(msgspec.Struct, frozen=True):
    """Mean only these joints of the selected keys (holds.ROOT: the place of the pelvis); None: the keys as a whole."""

    parts: frozenset[str] | None


class Unfold(msgspec.Struct, frozen=True):
    """Unfold or fold the rows below a row."""

    key: str


class Begin(msgspec.Struct, frozen=True):
    """Start a gesture: one undo step with this label."""

    label: str


class Preview(msgspec.Struct, frozen=True):
    """Show the document with this edit applied to where the gesture began; None shows it as it was."""

    edit: Edit | None


class Finish(msgspec.Struct, frozen=True):
    """Keep what the gesture shows."""

    select: frozenset[str] | None = None
    """What is selected afterwards; None leaves the selection as it is."""


class Restore(msgspec.Struct, frozen=True):
    """Give the gesture up."""


class Apply(msgspec.Struct, frozen=True):
    """One edit without a gesture."""

    label: str
    edit: Edit
    select: frozenset[str] | None = None
    """What is selected afterwards; None leaves the selection as it is."""


class Band(msgspec.Struct, frozen=True):
    """The rubber band to show, or None."""

    rect: Rect | None


class Guide(msgspec.Struct, frozen=True):
    """The snap line (frame) and the words beside the pointer, or None for each."""

    line: int | None = None
    readout: str | None = None


class Pan(msgspec.Struct, frozen=True):
    """Move the content by pixels."""

    dx: float
    dy: float


class Zoom(msgspec.Struct, frozen=True):
    """Scale the time axis by a factor about an x in pixels."""

    factor: float
    about_x: float


class PressButton(msgspec.Struct, frozen=True):
    """A header button was clicked."""

    track: str
    button: HeaderButton


class ToggleSnapping(msgspec.Struct, frozen=True):
    """The magnet was clicked."""


class EditText(msgspec.Struct, frozen=True):
    """Open the field that edits a text segment, a marker's name or a track's name in place."""

    item: str


class UseTrack(msgspec.Struct, frozen=True):
    """Make a track the current one: commands about tracks act on it."""

    track: str


Effect = (
    Seek
    | Carry
    | Choose
    | ChooseParts
    | Unfold
    | Begin
    | Preview
    | Finish
    | Restore
    | Apply
    | Band
    | Guide
    | Pan
    | PressButton
    | ToggleSnapping
    | EditText
    | UseTrack
    | Zoom
)
