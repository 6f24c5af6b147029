"""Feet of a body that is low: toes that lie on the ground and are dragged a little while it gets up or down rest there.

A network has seen few people on hands and knees and says of no foot that it rests; the foot lock then leaves the toes
sliding along under the body. Where the pelvis is low and the toes are on the ground and move slowly, for some time and
not far, they rest. Who crawls on drags them further than that, and may.
"""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import sole_heights
from genmo_studio.motion.footpath import cleaned, runs
from genmo_studio.motion.footplan import LEGS
from genmo_studio.motion.motion import Motion
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]

_LOW = 0.7  # part of the standing height of the pelvis
_NEAR = 0.05  # m of the toes over the ground
_SLOW = 0.7  # m/s
_SHORTEST = 8  # frames
_FARTHEST = 0.3  # m that toes are dragged and still rest


def resting_low(
    motion: Motion,
    body: Body,
    *,
    ground: Float[Floats, " frames"],
    strength: float = 1.0,
) -> tuple[Motion, list[tuple[int, int]]]:
    """The motion with contacts of toes that rest under a low body, and the stretches (start, stop) they were put in.

    ``ground`` is the height of the ground, m.
    """
    if motion.contacts is None or len(motion) < _SHORTEST or strength <= 0:
        return motion, []
    standing = body.rest_joints(motion.betas.astype(np.float64))[0, 1] - float(body.shaped(motion.betas)[:, 1].min())
    placed = joint_positions(motion, body).astype(np.float64)
    low = placed[:, 0, 1] - ground < _LOW * standing
    contacts, told = motion.contacts, []
    for side, leg in enumerate(LEGS):
        toes = placed[:, leg.ball]
        near = toes[:, 1] - sole_heights(body, motion.betas)[2 * side + 1] - ground < _NEAR
        speed = np.linalg.norm(np.diff(toes[:, [0, 2]], axis=0, append=toes[-1:, [0, 2]]), axis=1) * motion.fps
        said = motion.contacts[:, leg.labels].max(axis=1)
        for start, stop in runs(cleaned(np.asarray(low & near & (speed < _SLOW)))):
            way = np.linalg.norm(toes[start:stop, [0, 2]] - toes[start, [0, 2]], axis=1).max()
            if stop - start >= _SHORTEST and way < _FARTHEST and said[start:stop].min() < 0.5:
                if contacts is motion.contacts:
                    contacts = contacts.copy()
                part = contacts[start:stop, leg.labels[1]]
                contacts[start:stop, leg.labels[1]] = part + strength * (1.0 - part)
                told.append((start, stop))
    return (motion if contacts is motion.contacts else replace(motion, contacts=contacts)), told
