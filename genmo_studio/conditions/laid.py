"""A motion laid over the result: what a draft or a preview of some frames looks like among all the others. Pure."""

import numpy as np

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion
from genmo_studio.values import replace


def laid_over(result: ShownMotion | None, motion: Motion, start: int) -> ShownMotion:
    """The result with ``motion`` from timeline frame ``start`` on; what it leaves free of a longer time is held.

    Where the result was made for another body, or there is none, the motion stands alone.
    """
    alone = ShownMotion(motion, start, (Span(start, start + len(motion)),))
    if result is None or not len(motion):
        return alone
    old = result.motion
    if old.body != motion.body or old.fps != motion.fps or not np.array_equal(old.betas, motion.betas):
        return alone
    first, last = min(result.span.start, start), max(result.span.stop, start + len(motion))
    frames = np.clip(np.arange(first, last) - result.start, 0, len(old) - 1)
    mine = slice(start - first, start - first + len(motion))
    rotations, translation = old.rotations[frames], old.translation[frames]
    rotations[mine], translation[mine] = motion.rotations, motion.translation
    contacts = None
    if old.contacts is not None and motion.contacts is not None:
        contacts = old.contacts[frames]
        contacts[mine] = motion.contacts
    laid = replace(old, rotations=rotations, translation=translation, contacts=contacts)
    return ShownMotion(laid, first, result.covered)
