"""What every painting function of the timeline is given: the painter, the look, and pictures of media."""

from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from PySide6.QtGui import QImage, QPainter

from genmo_studio.shapes import Float32
from genmo_studio.ui.timeline.ink import Ink
from genmo_studio.ui.timeline.paint_rows import Look
from genmo_studio.ui.timeline.view import View


class ClipArt(Protocol):
    """Pictures of media for the painter: what is ready now, or None while it is being made."""

    def thumbnail(self, media: str, frame: int, *, height: int) -> QImage | None:
        """The picture of a source frame at a height in device pixels, or the nearest one that is ready."""

    def aspect(self, media: str) -> float:
        """Width over height of a video's picture."""

    def peaks(self, media: str, first: float, last: float, columns: int) -> Float32[np.ndarray, "columns 2"] | None:
        """Lowest and highest sample (-1..1) in each of ``columns`` equal parts of a stretch of source frames."""

    def beats(self, media: str) -> Sequence[float]:
        """Beats of a music file in source frames; empty until they are known."""

    def name(self, media: str) -> str:
        """What to call the medium."""

    def missing(self, media: str) -> bool:
        """True when the file cannot be found."""


class Paint(msgspec.Struct, frozen=True):
    """What every painting function needs."""

    painter: QPainter
    view: View
    look: Look
    ink: Ink
    art: ClipArt
