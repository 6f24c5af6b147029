"""Feet out of the floor by their legs alone, for a pelvis that may not move."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import FEET, sole_heights
from genmo_studio.motion.ik import LIMBS, reach_with_limb
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.values import replace

SUNK_FROM = 0.005
"""m below the floor from which a foot is raised."""
REACH = 7
"""Frames over which the raise is widened and faded."""
_FADE = 8
_SIDES = (("left_leg", (0, 1)), ("right_leg", (2, 3)))
"""Leg and the places of its ankle and toe joint in contacts.FEET."""


def raised_feet(
    motion: Motion,
    body: Body,
    *,
    fresh: NDArray[np.bool_],
    depth: float = 0.0,
    protected: Sequence[int] = (),
) -> Motion:
    """Legs bent so far that no sole is more than ``depth`` (m) below the floor.

    Only legs whose hip, knee and ankle are free in a frame of ``fresh`` (T, 24) move there. The raise fades to nothing
    at protected frames; feet keep their orientation.
    """
    heights = joint_positions(motion, body)[:, list(FEET)].astype(np.float64)
    soles = sole_heights(body, motion.betas)
    rest = body.rest_joints(motion.betas.astype(np.float64))
    rotations = motion.rotations
    for leg, parts in _SIDES:
        limb = LIMBS[leg]
        chain = [limb.start, limb.middle, limb.end]
        sunk = np.maximum((soles[list(parts)] - depth - heights[:, parts, 1]).max(axis=1), 0.0)
        free = fresh[:, chain].all(axis=1)
        sunk[~free] = 0
        if sunk.max(initial=0.0) <= SUNK_FROM:
            continue
        lift = gaussian_filter1d(maximum_filter1d(sunk, REACH, mode="nearest"), REACH / 3, mode="nearest")
        for frame in protected:
            lift *= smoothstep(np.abs(np.arange(len(lift)) - frame) / _FADE)
        moved = (lift > 0) & free
        local = matrix_from_rotvec(rotations[moved].astype(np.float64))
        solved = reach_with_limb(
            local,
            rest,
            motion.translation[moved].astype(np.float64),
            limb,
            targets=heights[moved, parts[0]] + lift[moved, None] * [0.0, 1.0, 0.0],
            keep_end_orientation=True,
        )
        rotations = rotations.copy()
        rotations[np.ix_(moved, chain)] = rotvec_from_matrix(solved[:, chain])
    return motion if rotations is motion.rotations else replace(motion, rotations=rotations)
