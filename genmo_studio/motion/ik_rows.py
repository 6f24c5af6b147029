"""Derivatives of the joints that a full-body solve asks for, as few large array operations.

What does not change while a pointer drags (which joint is above which, what a lock shields) is worked out once for a
set of joints and kept; an iteration only multiplies with it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik_limbs import (
    CROSS,
    LENGTHS,
    LIMB_JOINTS,
    TURNS,
    VARIABLES,
    Limbs,
    Placed,
    ancestors,
    lever_joints,
    turning_joints,
)
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT, PARENTS
from genmo_studio.shapes import Float, Int

Floats = NDArray[np.float64]
_EYE = np.eye(3)


def _mass_shares() -> Floats:
    """(24,) shares of the body's mass at its joints: de Leva 1996, half of a segment at each of its ends."""
    segments = {
        ("neck", "head"): 0.0694, ("pelvis", "spine1"): 0.1117, ("spine1", "spine2"): 0.1000,
        ("spine2", "spine3"): 0.11, ("spine3", "neck"): 0.1129,
        ("left_shoulder", "left_elbow"): 0.0271, ("right_shoulder", "right_elbow"): 0.0271,
        ("left_elbow", "left_wrist"): 0.0162, ("right_elbow", "right_wrist"): 0.0162,
        ("left_wrist", "left_hand"): 0.0061, ("right_wrist", "right_hand"): 0.0061,
        ("left_hip", "left_knee"): 0.1416, ("right_hip", "right_knee"): 0.1416,
        ("left_knee", "left_ankle"): 0.0433, ("right_knee", "right_ankle"): 0.0433,
        ("left_ankle", "left_foot"): 0.0137, ("right_ankle", "right_foot"): 0.0137,
    }  # fmt: skip
    shares = np.zeros(JOINT_COUNT)
    for ends, mass in segments.items():
        for end in ends:
            shares[INDEX[end]] += mass / 2
    return np.asarray(shares / shares.sum())


MASS = _mass_shares()
"""(24,) shares of the body's mass at its joints."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The positions of some joints, and last the centre of mass, as functions of a placed body."""

    points: Float[Floats, "n 24"]
    """shares of the joints in each point"""
    levers: Float[Floats, "n*24 24"]
    """times positions: the lever of each point about each joint"""
    lengthening: Float[Floats, "n 4 1 3"]
    """shares of a limb's middle, end and tip in each point"""
    bones: Int[NDArray[np.int64], "3 bones"]
    """joint above, joint below and number of the point, for all bones that lead to one of the joints"""
    chains: Float[Floats, "joints*24 bones"]
    """whether a bone on the way to a joint is turned by another joint"""

    @staticmethod
    @lru_cache(maxsize=64)
    def of(joints: tuple[int, ...], locked: tuple[int, ...]) -> "Rows":
        """The rows of these joints where those are locked."""
        points = np.concatenate([np.eye(JOINT_COUNT)[list(joints)], MASS[None]])
        carried = np.zeros((JOINT_COUNT, JOINT_COUNT, JOINT_COUNT))  # [joint, above] -> shares of positions
        every = np.arange(JOINT_COUNT)
        for joint in every:
            carried[joint, every, lever_joints(locked)[joint]] += 1
            carried[joint, every, every] -= 1
        carried *= ancestors()[:, :, None]
        bones = _bones(joints)
        turned = turning_joints(locked)[bones[0]]  # (bones, 24)
        chains = np.zeros((len(joints), JOINT_COUNT, bones.shape[1]))
        chains[bones[2], :, np.arange(bones.shape[1])] = turned
        return Rows(
            points=points,
            levers=np.tensordot(points, carried, 1).reshape(-1, JOINT_COUNT),
            lengthening=points[:, LIMB_JOINTS].transpose(0, 2, 1)[:, :, None],
            bones=bones,
            chains=chains.reshape(len(joints) * JOINT_COUNT, bones.shape[1]),
        )

    def jacobian(self, limbs: Limbs, placed: Placed) -> Float[Floats, "n 3 79"]:
        """How the points move with the variables."""
        count = len(self.points)
        result = np.empty((count, 3, VARIABLES))
        result[:, :, :3] = _EYE
        levers = (self.levers @ placed.positions) @ CROSS
        turned = levers.reshape(count, JOINT_COUNT, 3, 3) @ placed.frames
        result[:, :, TURNS] = turned.transpose(0, 2, 1, 3).reshape(count, 3, -1)
        result[:, :, LENGTHS] = (self.lengthening @ limbs.lengthening(placed))[:, :, 0].transpose(0, 2, 1)
        return result

    def tension(self, placed: Placed, pulls: Float[Floats, "joints 3"], *, most: float) -> Float[Floats, "72 72"]:
        """What chains that are pulled tight resist to being bent, as ropes do: the springs alone don't tell.

        A bone l under a force f that turns by w changes the work by (f.l |w|^2 - (f.w)(l.w)) / 2. What is negative of
        it (a bone that is pushed) is left out, and a force counts for no more than ``most``.
        """
        upper, lower, point = self.bones
        strength = np.sqrt((pulls * pulls).sum(-1))
        line = pulls / np.maximum(strength, 1e-12)[:, None]
        along = ((placed.positions[lower] - placed.positions[upper]) * line[point]).sum(-1)
        tight = np.maximum(np.minimum(strength, most)[point] * along, 0)
        below = (self.chains @ tight).reshape(len(pulls), JOINT_COUNT)  # how tight all that a joint turns is
        shared = np.minimum(below[:, :, None], below[:, None, :]).reshape(len(pulls), -1)
        across = (_EYE - line[:, :, None] * line[:, None, :]).reshape(-1, 9)
        blocks = (shared.T @ across).reshape(JOINT_COUNT, JOINT_COUNT, 3, 3)
        # frames^T blocks frames, as two products of wide matrices
        right = (blocks @ placed.frames).transpose(0, 2, 1, 3).reshape(JOINT_COUNT, 3, -1)
        return np.asarray((placed.frames.transpose(0, 2, 1) @ right).reshape(JOINT_COUNT * 3, -1))


def _bones(joints: tuple[int, ...]) -> Int[NDArray[np.int64], "3 bones"]:
    found = []
    for number, joint in enumerate(joints):
        below = joint
        while (above := PARENTS[below]) >= 0:
            found.append((above, below, number))
            below = above
    return np.array(found, np.int64).reshape(-1, 3).T
