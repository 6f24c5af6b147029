"""Derivatives of the joints that a full-body solve asks for, as few large array operations.

What does not change while a pointer drags (which joint is above which, what a lock shields) is worked out once for a
set of joints and kept; an iteration only multiplies with it.
"""

from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik_balance import mass_with_hanging
from genmo_studio.motion.ik_layout import (
    LENGTHS,
    LIMB_JOINTS,
    TURNS,
    VARIABLES,
    ancestors,
    lever_joints,
    turning_joints,
)
from genmo_studio.motion.ik_limbs import Limbs
from genmo_studio.motion.ik_state import CROSS, Placed
from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS
from genmo_studio.shapes import Float, Int

Floats = NDArray[np.float64]
_EYE = np.eye(3)


class Rows(msgspec.Struct, frozen=True, eq=False):
    """The positions of some joints, and last the centre of mass, as functions of a placed body."""

    turning: Int[NDArray[np.int64], " turning"]
    """joints by whose turns the points are told"""
    columns: Int[NDArray[np.int64], " m"]
    """variables of the Jacobian: the root, the turning joints and the lengths"""
    points: Float[Floats, "n 24"]
    """shares of the joints in each point"""
    levers: Float[Floats, "n*turning 24"]
    """times positions: the lever of each point about each turning joint"""
    lengthening: Float[Floats, "n 4 1 3"]
    """shares of a limb's middle, end and tip in each point"""
    bones: Int[NDArray[np.int64], "3 bones"]
    """joint above, joint below and number of the point, for all bones that lead to one of the joints"""
    chains: Float[Floats, "joints*turning bones"]
    """whether a bone on the way to a joint is turned by a turning joint"""

    @staticmethod
    @lru_cache(maxsize=64)
    def of(
        joints: tuple[int, ...], locked: tuple[int, ...], turning: tuple[int, ...], hanging: tuple[int, ...]
    ) -> "Rows":
        """The rows of these joints where others are locked or turning; ``hanging`` limbs weigh where they start."""
        moving = np.array(turning, np.int64)
        points = np.concatenate([np.eye(JOINT_COUNT)[list(joints)], mass_with_hanging(hanging)[None]])
        carried = np.zeros((JOINT_COUNT, JOINT_COUNT, JOINT_COUNT))  # [joint, above] -> shares of positions
        every = np.arange(JOINT_COUNT)
        for joint in every:
            carried[joint, every, lever_joints(locked)[joint]] += 1
            carried[joint, every, every] -= 1
        carried *= ancestors()[:, :, None]
        bones = _bones(joints)
        turned = turning_joints(locked)[bones[0]][:, moving]
        chains = np.zeros((len(joints), len(moving), bones.shape[1]))
        chains[bones[2], :, np.arange(bones.shape[1])] = turned
        return Rows(
            turning=moving,
            columns=np.concatenate(
                [
                    np.arange(3),
                    np.arange(VARIABLES)[TURNS].reshape(-1, 3)[moving].ravel(),
                    np.arange(VARIABLES)[LENGTHS],
                ]
            ),
            points=points,
            levers=np.tensordot(points, carried[:, moving], 1).reshape(-1, JOINT_COUNT),
            lengthening=points[:, LIMB_JOINTS].transpose(0, 2, 1)[:, :, None],
            bones=bones,
            chains=chains.reshape(len(joints) * len(moving), bones.shape[1]),
        )

    def jacobian(self, limbs: Limbs, placed: Placed) -> Float[Floats, "n 3 m"]:
        """How the points move with the variables ``columns``."""
        count, turning = len(self.points), len(self.turning)
        result = np.empty((count, 3, len(self.columns)))
        result[:, :, :3] = _EYE
        levers = (self.levers @ placed.positions) @ CROSS
        turned = levers.reshape(count, turning, 3, 3) @ placed.frames[self.turning]
        result[:, :, 3:-4] = turned.transpose(0, 2, 1, 3).reshape(count, 3, -1)
        result[:, :, -4:] = (self.lengthening @ limbs.lengthening(placed))[:, :, 0].transpose(0, 2, 1)
        return result

    def tension(self, placed: Placed, pulls: Float[Floats, "joints 3"], *, most: float) -> Float[Floats, "m m"]:
        """What chains that are pulled tight resist to being bent, as ropes do: the springs alone don't tell.

        (3 turning, 3 turning), by the turns of the turning joints.

        A bone l under a force f that turns by w changes the work by (f.l |w|^2 - (f.w)(l.w)) / 2. What is negative of
        it (a bone that is pushed) is left out, and a force counts for no more than ``most``.
        """
        upper, lower, point = self.bones
        strength = np.sqrt((pulls * pulls).sum(-1))
        line = pulls / np.maximum(strength, 1e-12)[:, None]
        along = ((placed.positions[lower] - placed.positions[upper]) * line[point]).sum(-1)
        tight = np.maximum(np.minimum(strength, most)[point] * along, 0)
        turning = len(self.turning)
        below = (self.chains @ tight).reshape(len(pulls), turning)  # how tight all that a joint turns is
        shared = np.minimum(below[:, :, None], below[:, None, :]).reshape(len(pulls), -1)
        across = (_EYE - line[:, :, None] * line[:, None, :]).reshape(-1, 9)
        blocks = (shared.T @ across).reshape(turning, turning, 3, 3)
        # frames^T blocks frames, as two products of wide matrices
        frames = placed.frames[self.turning]
        right = (blocks @ frames).transpose(0, 2, 1, 3).reshape(turning, 3, -1)
        return np.asarray((frames.transpose(0, 2, 1) @ right).reshape(turning * 3, -1))


def _bones(joints: tuple[int, ...]) -> Int[NDArray[np.int64], "3 bones"]:
    found = []
    for number, joint in enumerate(joints):
        below = joint
        while (above := PARENTS[below]) >= 0:
            found.append((above, below, number))
            below = above
    return np.array(found, np.int64).reshape(-1, 3).T
