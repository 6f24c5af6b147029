"""Letting an imported motion go on where the result stands: turned and moved over the ground, nothing else. No Qt."""

import msgspec
import numpy as np

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.values import replace


class Anchor(msgspec.Struct, frozen=True):
    """Where a body stands and faces."""

    x: float
    z: float
    """of the pelvis over the ground, m"""
    heading: float
    """rad about +y, 0 = facing +z"""


def anchor_before(shown: ShownMotion | None, frame: int, body: Body) -> Anchor | None:
    """Where the result stands in the frame before ``frame``; None where no take is shown there."""
    if shown is None or not any(frame - 1 in span for span in shown.covered):
        return None
    return _anchor(shown.motion, round(shown.local(frame - 1)), body)


def moved_to(motion: Motion, anchor: Anchor, body: Body) -> Motion:
    """The motion turned about the vertical and moved over the ground so that it begins at ``anchor``."""
    here = _anchor(motion, 0, body)
    turn = anchor.heading - here.heading
    sine, cosine = np.sin(turn), np.cos(turn)
    about_y = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    rest = np.asarray(body.rest_joints(motion.betas), np.float64)[0]
    pelvis = motion.translation.astype(np.float64) + rest - (here.x, 0, here.z)
    rotations = motion.rotations.copy()
    turned = about_y @ matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64))
    rotations[:, 0] = rotvec_from_matrix(turned).astype(np.float32)
    translation = pelvis @ about_y.T + (anchor.x, 0, anchor.z) - rest
    return replace(motion, rotations=rotations, translation=np.ascontiguousarray(translation, np.float32))


def _anchor(motion: Motion, frame: int, body: Body) -> Anchor:
    rest = np.asarray(body.rest_joints(motion.betas), np.float64)[0]
    x, _, z = motion.translation[frame] + rest
    forward = matrix_from_rotvec(motion.rotations[frame, 0].astype(np.float64))[:, 2]
    return Anchor(float(x), float(z), float(np.arctan2(forward[0], forward[2])))
