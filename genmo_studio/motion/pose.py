"""A pose: one frame of a motion as a value that tools turn into other poses.

Arrays are float64 and treated as immutable. The translation is SMPL's ``transl``, as in ``Motion``; keys of the
document hold the pelvis position instead, so the helpers that cross over take the rest joints of the body.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import forward_kinematics
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT, JOINTS
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Vec3 = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Pose:
    """Where every joint of one body is turned and where the body is."""

    rotations: Float[Floats, "24 3"]
    """local rotation vectors, rad; joint 0 is the root's orientation in the world"""
    translation: Float[Floats, "3"]
    """m: what is added to the rest pelvis"""

    def __post_init__(self) -> None:
        if self.rotations.shape != (JOINT_COUNT, 3) or self.translation.shape != (3,):
            raise ValueError(
                f"a pose has rotations ({JOINT_COUNT}, 3) and a translation (3,), "
                f"not {self.rotations.shape} and {self.translation.shape}"
            )

    @staticmethod
    def of(motion: Motion, frame: int) -> "Pose":
        """The pose of a frame."""
        return Pose(motion.rotations[frame].astype(np.float64), motion.translation[frame].astype(np.float64))

    @staticmethod
    def from_matrices(local: Float[Floats, "24 3 3"], translation: Float[Floats, "3"]) -> "Pose":
        """From local rotation matrices."""
        return Pose(np.asarray(rotvec_from_matrix(local)), np.asarray(translation, np.float64))

    def matrices(self) -> Float[Floats, "24 3 3"]:
        """Local rotation matrices."""
        return np.asarray(matrix_from_rotvec(self.rotations))

    def world(self, rest_joints: Float[Floats, "24 3"]) -> tuple[Float[Floats, "24 3 3"], Float[Floats, "24 3"]]:
        """World rotations and joint positions (m)."""
        turned, placed = forward_kinematics(self.matrices(), rest_joints, self.translation)
        return np.asarray(turned), np.asarray(placed)

    def root_position(self, rest_joints: Float[Floats, "24 3"]) -> Vec3:
        """The pelvis in the world, m: what a full key holds."""
        return _vec3(rest_joints[0] + self.translation)

    def named(self, joints: Iterable[int] = range(BODY_JOINT_COUNT)) -> dict[str, Vec3]:
        """Rotations by joint name, as a pose key holds them; of all 22 body joints or of these."""
        return {JOINTS[joint]: _vec3(self.rotations[joint]) for joint in sorted(joints)}

    def with_named(
        self,
        rotations: Mapping[str, Vec3],
        *,
        root_position: Vec3 | None = None,
        rest_joints: Float[Floats, "24 3"] | None = None,
    ) -> "Pose":
        """This pose with what a pose key names put in its place. A root position needs the rest joints."""
        turned = self.rotations.copy()
        for name, rotation in rotations.items():
            turned[INDEX[name]] = rotation
        moved = self.translation
        if root_position is not None:
            if rest_joints is None:
                raise ValueError("the rest joints are needed to place a root")
            moved = np.asarray(root_position, np.float64) - rest_joints[0]
        return Pose(turned, moved)

    def same_as(self, other: "Pose") -> bool:
        """Whether all numbers are equal."""
        return bool(
            np.array_equal(self.rotations, other.rotations) and np.array_equal(self.translation, other.translation)
        )


def _vec3(values: NDArray[np.floating]) -> Vec3:
    x, y, z = (float(value) for value in values)
    return x, y, z
