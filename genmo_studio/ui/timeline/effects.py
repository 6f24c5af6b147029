"""What goes into the tools (pointer events) and what comes out of them (effects). Pure values.

A tool never touches editor, session or widget: it returns effects, and whoever runs it carries them out.
"""

from dataclasses import dataclass
from enum import Enum, Flag, auto

from genmo_studio.document.edits import Edit
from genmo_studio.ui.timeline.layout import HeaderButton
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


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer event in logical pixels of the timeline's area."""

    x: float
    y: float
    button: Button = Button.LEFT
    modifiers: Modifier = Modifier.NONE


@dataclass(frozen=True, slots=True)
class Seek:
    """Ask the transport for a frame."""

    frame: int


@dataclass(frozen=True, slots=True)
class Carry:
    """Take the pose that is shown along with the playhead from now on, or no longer (KF7)."""

    on: bool


@dataclass(frozen=True, slots=True)
class Choose:
    """Make this the selection."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChooseParts:
    """Mean only these joints of the selected keys (holds.ROOT: the place of the pelvis); None: the keys as a whole."""

    parts: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Unfold:
    """Unfold or fold the rows below a row."""

    key: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a gesture: one undo step with this label."""

    label: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Show the document with this edit applied to where the gesture began; None shows it as it was."""

    edit: Edit | None


@dataclass(frozen=True, slots=True)
class Finish:
    """Keep what the gesture shows."""

    select: frozenset[str] | None = None
    """What is selected afterwards; None leaves the selection as it is."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Give the gesture up."""


@dataclass(frozen=True, slots=True)
class Apply:
    """One edit without a gesture."""

    label: str
    edit: Edit
    select: frozenset[str] | None = None
    """What is selected afterwards; None leaves the selection as it is."""


@dataclass(frozen=True, slots=True)
class Band:
    """The rubber band to show, or None."""

    rect: Rect | None


@dataclass(frozen=True, slots=True)
class Guide:
    """The snap line (frame) and the words beside the pointer, or None for each."""

    line: int | None = None
    readout: str | None = None


@dataclass(frozen=True, slots=True)
class Pan:
    """Move the content by pixels."""

    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Zoom:
    """Scale the time axis by a factor about an x in pixels."""

    factor: float
    about_x: float


@dataclass(frozen=True, slots=True)
class PressButton:
    """A header button was clicked."""

    track: str
    button: HeaderButton


@dataclass(frozen=True, slots=True)
class ToggleSnapping:
    """The magnet was clicked."""


@dataclass(frozen=True, slots=True)
class EditText:
    """Open the field that edits a text segment, a marker's name or a track's name in place."""

    item: str


@dataclass(frozen=True, slots=True)
class UseTrack:
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
