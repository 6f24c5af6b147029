"""What a regeneration covers: the window that a request needs, and which joints of which frames are made anew."""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import Regeneration
from genmo_studio.document.time import Span
from genmo_studio.motion.regions import region_joints
from genmo_studio.motion.skeleton import JOINT_COUNT

CONTEXT = 120
"""Frames of the known motion that the model sees on each side: what its attention reaches."""


def regeneration_window(length: int, span: Span, context: int = CONTEXT) -> Span:
    """The frames of a motion of ``length`` frames that a regeneration of ``span`` needs: the span and its context.

    However long the motion is, the window is no longer than the span and twice the context. Raises ValueError when
    the span holds no frame of the motion.
    """
    inside = span.intersection(Span(0, length))
    if inside is None:
        raise ValueError(f"There is no motion in {span.start}:{span.stop} to make anew; it has {length} frames.")
    return Span(max(0, inside.start - context), min(length, inside.stop + context))


def made_anew(regeneration: Regeneration, frames: int) -> NDArray[np.bool_]:
    """(frames, 24) which joints are made anew in which frames; joint 0 stands for the root, its place included.

    Raises ValueError for a name that is no region and for a span that is empty or reaches outside the motion.
    """
    span = regeneration.span
    if not 0 <= span.start < span.stop <= frames:
        raise ValueError(
            f"the span {span.start}:{span.stop} to make anew does not lie in the motion of {frames} frames; "
            "choose at least one frame of it"
        )
    fresh = np.zeros((frames, JOINT_COUNT), np.bool_)
    fresh[span.start : span.stop, sorted(region_joints(regeneration.regions))] = True
    for kept in regeneration.kept:
        fresh[max(kept.span.start, 0) : max(kept.span.stop, 0), sorted(region_joints(kept.regions))] = False
    return fresh
