"""A motion without its travel: the body goes on as it does, over one place of the ground."""

import numpy as np

from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion
from genmo_studio.values import replace


def in_place(motion: Motion, span: Span) -> Motion:
    """The motion with the root over one place in the frames of ``span``: the ground place of the span's first frame.

    Heights, turns and the body stay as they are. What follows is moved by what was taken away, so that it goes on from
    there instead of jumping. Contacts stay: they say which foot bears, also of a foot that now slides below the body.
    Raises ValueError for a span that is empty or reaches outside the motion.
    """
    if not 0 <= span.start < span.stop <= len(motion):
        raise ValueError(f"the frames {span.start}:{span.stop} are not in a motion of {len(motion)} frames")
    ground = [0, 2]
    translation = motion.translation.copy()
    place = motion.translation[span.start, ground]
    travelled = motion.translation[span.stop - 1, ground] - place
    translation[span.start : span.stop, ground] = place
    translation[span.stop :, ground] -= travelled
    return replace(motion, translation=np.ascontiguousarray(translation))
