"""How far, in centimetres, a motion is from its keys: every joint of full-body keys, every target, every path point."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from genmo_studio.motion.body import Body, forward_kinematics, joint_positions
from genmo_studio.motion.correction import PoseTarget, WaypointTarget
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINT_COUNT
from genmo_studio.motion.suddenness import joint_accelerations, turn_accelerations
from genmo_studio.motion.usual import USUAL_ACCELERATION, USUAL_TURN
from genmo_studio.training.options import Figures

KIMODO_RAW_CM = {"full_body": 2.93, "end_effector": 3.03, "waypoint": 4.58, "p95": 7.77}
"""What Kimodo publishes for its model before any correction, on its own data: means of three kinds of keys, and P95."""
AROUND = 5
"""Frames on either side of a key in which suddenness is measured."""


@dataclass
class KeyDistances:
    """Distances (cm) by kind; collected over many motions."""

    full_body: list[float] = field(default_factory=list)
    """a key that fixes all 22 rotations and the pelvis: mean over its joints"""
    end_effector: list[float] = field(default_factory=list)
    """a joint that a key puts somewhere"""
    waypoint: list[float] = field(default_factory=list)
    """the pelvis on the ground"""

    def add(self, motion: Motion, body: Body, poses: Sequence[PoseTarget], points: Sequence[WaypointTarget]) -> None:
        """Measure one motion."""
        placed = joint_positions(motion, body).astype(np.float64)
        rest = body.rest_joints(motion.betas.astype(np.float64))
        for pose in poses:
            if pose.root_position is not None and set(range(BODY_JOINT_COUNT)) <= pose.rotations.keys():
                turns = np.zeros((1, JOINT_COUNT, 3))
                turns[0, list(pose.rotations)] = list(pose.rotations.values())
                root = np.array(pose.root_position)[None] - rest[0]
                _, wanted = forward_kinematics(matrix_from_rotvec(turns), rest, root)
                off = np.linalg.norm(np.asarray(wanted)[0] - placed[pose.frame], axis=-1)[:BODY_JOINT_COUNT]
                self.full_body.append(100 * float(off.mean()))
            for joint, place in pose.positions.items():
                self.end_effector.append(100 * float(np.linalg.norm(placed[pose.frame, joint] - place)))
        for point in points:
            if point.position is not None:
                off_ground = placed[point.frame, 0, [0, 2]] - point.position
                self.waypoint.append(100 * float(np.linalg.norm(off_ground)))

    def figures(self) -> Figures:
        """Mean and 95th percentile of each kind that there is, cm."""
        kinds = {"full_body": self.full_body, "end_effector": self.end_effector, "waypoint": self.waypoint}
        return {
            kind: {
                "mean_cm": round(float(np.mean(values)), 4),
                "p95_cm": round(float(np.percentile(values, 95)), 4),
                "keys": len(values),
            }
            for kind, values in kinds.items()
            if values
        }


def sudden_share(motion: Motion, body: Body, frames: Sequence[int]) -> tuple[float, float]:
    """Share of (joint, frame) around keys that is more sudden than 99 % of recordings: in the world, and in turning.

    Of recordings themselves it is 0.01 on the average of all frames.
    """
    near = np.zeros(len(motion), np.bool_)
    for frame in frames:
        near[max(0, frame - AROUND) : frame + AROUND + 1] = True
    moved = joint_accelerations(motion, body)[near] > np.array(USUAL_ACCELERATION)
    turned = turn_accelerations(motion)[near] > np.array(USUAL_TURN[:BODY_JOINT_COUNT])
    return float(moved.mean()), float(turned.mean())
