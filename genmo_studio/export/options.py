"""What an exporter is told, and how it answers."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion

if TYPE_CHECKING:
    from genmo_studio.render.film import CameraPath
    from genmo_studio.render.offscreen import GLContext

MAX_FRAMES = 200_000


class ExportError(ValueError):
    """The export cannot be made; the message is one sentence for the user. Nothing half-written is left behind."""


class Existing(Enum):
    """What happens to a file that is already there."""

    REFUSE = "refuse"
    REPLACE = "replace"


class UpAxis(Enum):
    """Vertical axis of an .npz file. BVH and glTF are y-up always."""

    Z = "z"
    """AMASS: (x, y, z) becomes (x, -z, y); the body at rest faces -y, as Blender's front view expects."""
    Y = "y"


class Frames(Enum):
    """What a .png export writes."""

    SEQUENCE = "sequence"
    """``name_00000.png``, ``name_00001.png``, ..."""
    SINGLE = "single"
    """one picture of ``ExportOptions.frame`` under the name given"""


class Sound(msgspec.Struct, frozen=True, eq=False):
    """Sound that starts with the motion's first frame; cut or padded with silence to the motion's length."""

    samples: NDArray[np.float32]
    """(N, 1 or 2) in -1..1"""
    rate: int
    """Hz"""


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Choices of all formats; each exporter reads those that concern it."""

    name: str = "take"
    """of the take: the animation's name in .glb, noted in the other formats"""
    existing: Existing = Existing.REFUSE
    up: UpAxis = UpAxis.Z
    gender: str = "neutral"
    """noted in .npz: of the SMPL body that the betas belong to"""
    size: tuple[int, int] = (1280, 720)
    """pixels of .mp4 (rounded up to even) and .png"""
    camera: "CameraPath | None" = None
    """of .mp4 and .png; None holds or follows the body"""
    frames: Frames = Frames.SEQUENCE
    frame: int = 0
    """the single picture's frame"""
    sound: Sound | None = None
    """of .mp4"""
    make_context: "Callable[[], GLContext] | None" = None
    """for .mp4 and .png on systems without EGL (Windows, macOS): makes a GL 3.3 context through the window system"""
    notes: dict[str, str] = field(default_factory=dict)
    """written into the file where the format has a place (model, seed, licence)"""


Exporter = Callable[[Motion, Body, Path, ExportOptions], Iterator[Progress | Path]]
"""Yields Progress while it works and, at the end, each path that it has written. Closing it early leaves no file,
but for the finished pictures of a sequence."""


def require_exportable(motion: Motion, *, format_name: str) -> None:
    """Raise ExportError for a motion that no file could hold faithfully: empty, endless or not finite."""
    if len(motion) == 0:
        raise ExportError(f"There is nothing to export as {format_name}: the motion has no frames.")
    if len(motion) > MAX_FRAMES:
        raise ExportError(
            f"The motion has {len(motion):,} frames and {format_name} is written up to {MAX_FRAMES:,}; export a part."
        )
    arrays = (motion.rotations, motion.translation, motion.betas)
    if not all(bool(np.isfinite(array).all()) for array in arrays):
        raise ExportError(f"The motion holds values that are not numbers, so {format_name} was not written.")
    if not (math.isfinite(motion.fps) and 0.1 <= motion.fps <= 1000.0):
        raise ExportError(f"The motion's rate of {motion.fps} frames a second is outside 0.1 to 1,000.")
