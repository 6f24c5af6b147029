"""What the variables of a full-body solve are, and what turns or carries what in the tree of joints."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik import LIMBS
from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS
from genmo_studio.shapes import Bool, Int

START = np.array([limb.start for limb in LIMBS.values()])
MIDDLE = np.array([limb.middle for limb in LIMBS.values()])
END = np.array([limb.end for limb in LIMBS.values()])
TIP = np.array([PARENTS.index(limb.end) for limb in LIMBS.values()])
LIMB_JOINTS = np.stack([MIDDLE, END, TIP])
"""(3, 4): the joints that move when a limb's length changes"""
LOCKABLE = frozenset({0, *END.tolist(), *TIP.tolist()})
"""Joints that can keep their turn in the world on their own."""
VARIABLES = 3 + JOINT_COUNT * 3 + len(START)
"""Columns of a Jacobian: root m (3), turns of the joints in their parents' frames rad (24 x 3), limb lengths m (4)."""
LENGTHS = slice(VARIABLES - len(START), VARIABLES)
TURNS = slice(3, LENGTHS.start)


@cache
def trunk_levels() -> tuple[tuple[slice, Int[NDArray[np.int64], " n"]], ...]:
    """The levels of the tree below the root without what limbs carry: each a slice of joints, with their parents."""
    carried = set(LIMB_JOINTS.ravel().tolist())
    levels, above = [], {0}
    while above:
        level = [j for j in range(JOINT_COUNT) if PARENTS[j] in above and j not in carried]
        above = set(level)
        if level:
            assert level == list(range(level[0], level[-1] + 1)), "the joints of a level stand together"
            levels.append((slice(level[0], level[-1] + 1), np.array([PARENTS[j] for j in level])))
    return tuple(levels)


@cache
def ancestors() -> Bool[NDArray[np.bool_], "24 24"]:
    """[joint, above]: whether turning ``above`` moves ``joint``."""
    result = np.zeros((JOINT_COUNT, JOINT_COUNT), bool)
    for joint in range(JOINT_COUNT):
        above = joint
        while (above := PARENTS[above]) >= 0:
            result[joint, above] = True
    return result


@cache
def turning_joints(locked: tuple[int, ...]) -> Bool[NDArray[np.bool_], "24 24"]:
    """[joint, other]: whether turning ``other`` turns ``joint`` in the world."""
    turning = ancestors() | np.eye(JOINT_COUNT, dtype=bool)
    for lock in locked:
        turning[np.ix_(ancestors()[:, lock] | (np.arange(JOINT_COUNT) == lock), ancestors()[lock])] = False
        turning[lock, lock] = False
    return turning


@cache
def lever_joints(locked: tuple[int, ...]) -> Int[NDArray[np.int64], "24 24"]:
    """[joint, above]: the joint that turning ``above`` carries along when ``joint`` is asked for.

    Below a locked joint nothing is turned by what is above it, only carried.
    """
    result = np.tile(np.arange(JOINT_COUNT)[:, None], (1, JOINT_COUNT))
    for lock in sorted(locked, reverse=True):
        result[np.ix_(ancestors()[:, lock], ancestors()[lock])] = lock
    return result
