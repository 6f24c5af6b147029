"""Soft anatomical limits of the joints: how far a joint is turned, as stress, and a push away from what is beyond.

A local rotation is told as a swing of the bone and a twist about it (Grassia 1998; Baerlocher and Boulic 2001): three
angles, one of them about the bone's rest direction. Each has a range. Stress is 0 up to three quarters of the way from
rest to the limit, 1 at the limit and grows on beyond it. Nothing is clamped: stress is shown, and a solver may lean on
``Limits``.

The ranges start from the clinical ones (American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and
Recording, 1965; spine after White and Panjabi 1990, spread over SMPL's three joints and neck and head) and are widened
where a skeleton with ball joints, told from a T-pose, needs more: shoulders share their range with collars, forearm
rotation appears at elbow and wrist, and the direction in which an elbow bends depends on how the upper arm is twisted.
In 30,913 frames of real motion (CMU, retargeted to the free body) 98.39 % lie inside at the right wrist, 98.95 % at the
head and more than 99 % at each other joint; the same frames were looked at while the ranges were chosen, so this is no
test of them.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.rotations import matrix_from_rotvec, quaternion_from_matrix
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT, JOINTS, MIRROR
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Range = tuple[float, float]

_FREE: Range = (-400.0, 400.0)
# Degrees about x, y and z of the left side; the right side mirrors them. The pelvis is free: it is turned in the world.
_RANGES: dict[str, tuple[Range, Range, Range]] = {
    "pelvis": (_FREE, _FREE, _FREE),
    "left_hip": ((-125, 40), (-50, 65), (-50, 75)),
    "spine1": ((-30, 60), (-32, 32), (-28, 28)),
    "spine2": ((-20, 35), (-24, 24), (-20, 20)),
    "spine3": ((-30, 35), (-26, 26), (-24, 24)),
    "neck": ((-45, 50), (-50, 50), (-45, 45)),
    "head": ((-68, 65), (-65, 65), (-55, 55)),
    "left_knee": ((-12, 150), (-25, 35), (-40, 18)),
    "left_ankle": ((-52, 62), (-50, 60), (-38, 34)),
    "left_foot": ((-70, 70), (-15, 15), (-15, 15)),
    "left_collar": ((-30, 30), (-52, 42), (-38, 58)),
    "left_shoulder": ((-115, 100), (-135, 70), (-128, 92)),
    "left_elbow": ((-85, 80), (-150, 75), (-100, 80)),
    "left_wrist": ((-130, 100), (-45, 45), (-80, 80)),
    "left_hand": (_FREE, _FREE, _FREE),
}
_TWIST_ABOUT_X = ("collar", "shoulder", "elbow", "wrist", "hand")
COMFORT = 0.75
"""Share of the way to a limit without any stress."""


def _tables() -> tuple[Floats, Floats, Floats]:
    low, high, axes = (np.zeros((JOINT_COUNT, 3)) for _ in range(3))
    for joint, name in enumerate(JOINTS):
        ranges = _RANGES.get(name)
        if ranges is None:  # turns about y and z are reversed in the mirror
            x, y, z = _RANGES[JOINTS[MIRROR[joint]]]
            ranges = (x, (-y[1], -y[0]), (-z[1], -z[0]))
        low[joint], high[joint] = np.radians(ranges).T
        axes[joint, 0 if name.endswith(_TWIST_ABOUT_X) else 1] = 1
    return low, high, axes


LOW, HIGH, _AXES = _tables()
_ORDER, _REVERSED = [1, 2, 0], [2, 0, 1]


def angles(local: Float[Floats, "*batch 24 3 3"]) -> Float[Floats, "*batch 24 3"]:
    """Swing (two components of its rotation vector) and twist (about the bone's axis) of each joint, rad."""
    return _angles(_quaternions(np.asarray(local, np.float64)), _AXES)


def stress(rotations: Float[Floats, "*batch 24 3"]) -> Float[Floats, "*batch 24"]:
    """How close each joint is to its limit: 0 in the comfortable range, 1 at the limit, more beyond; never negative.

    ``rotations`` are local rotation vectors, rad. The pelvis and the two hands' tips have no limits.
    """
    found = angles(np.asarray(matrix_from_rotvec(np.asarray(rotations, np.float64))))
    limit = np.where(found > 0, HIGH, -LOW)
    over = (np.abs(found) / limit - COMFORT) / (1 - COMFORT)
    return np.asarray(np.maximum(over, 0.0).max(axis=-1))


class Limits(msgspec.Struct, frozen=True, eq=False):
    """The ranges that a solver keeps to: the anatomical ones, widened to what a pose already does.

    So a joint that the user turned beyond its limit is not pulled back, only not pushed further.
    """

    low: Float[Floats, "24 3"]
    high: Float[Floats, "24 3"]

    @staticmethod
    def around(local: Float[Floats, "24 3 3"]) -> "Limits":
        """Limits that leave the given pose in peace."""
        present = angles(local)
        return Limits(np.minimum(LOW, present), np.maximum(HIGH, present))

    def push(
        self, local: Float[Floats, "24 3 3"]
    ) -> tuple[NDArray[np.int64], Float[Floats, "n 3"], Float[Floats, "n 3 3"]]:
        """Joints that are beyond, and slope (n, 3) and curvature (n, 3, 3) of half the squared excess (rad^2).

        The derivatives are by a small turn of the joint in its parent's frame.
        """
        quaternions = _quaternions(local)
        several = _angles((quaternions @ _NUDGES).reshape(-1, 4, 4), _AXES[:, None])  # as it is, nudged about x, y, z
        found = several[:, 0]
        excess = found - np.minimum(np.maximum(found, self.low), self.high)
        beyond = np.flatnonzero((excess * excess).sum(-1) > 1e-10)
        if not len(beyond):
            return beyond, np.zeros((0, 3)), np.zeros((0, 3, 3))
        rates = (several[beyond, 1:] - found[beyond][:, None]) / _NUDGE  # (n, nudge, angle)
        rates *= excess[beyond][:, None] != 0
        slope = (rates @ excess[beyond][..., None])[..., 0]
        return beyond, slope, rates @ rates.transpose(0, 2, 1)


_NUDGE = 1e-6


def _nudges() -> Floats:
    """(4, 16): a quaternion (row) times this is itself and what small turns about x, y and z make of it."""
    result = np.zeros((4, 4, 4))
    for number in range(4):
        result[:, number] = np.eye(4)
    for axis in range(3):
        one, other = (axis + 1) % 3, (axis + 2) % 3  # (1, e h) times (w, v) is (w - h e.v, v + h (w e + e x v))
        result[1 + axis, 1 + axis, 0] -= _NUDGE / 2
        result[0, 1 + axis, 1 + axis] += _NUDGE / 2
        result[1 + one, 1 + axis, 1 + other] += _NUDGE / 2
        result[1 + other, 1 + axis, 1 + one] -= _NUDGE / 2
    return result.reshape(4, 16)


_NUDGES = _nudges()


def _quaternions(local: Floats) -> Floats:
    """Unit quaternions, w >= 0; the short way where no joint is near a half turn."""
    trace = local[..., 0, 0] + local[..., 1, 1] + local[..., 2, 2]
    if trace.min() < -0.9:
        return np.asarray(quaternion_from_matrix(local))
    w = 0.5 * np.sqrt(1 + trace)
    flat = local.reshape(*local.shape[:-2], 9)
    result = np.empty((*local.shape[:-2], 4))
    result[..., 0] = w
    result[..., 1:] = (flat[..., [7, 2, 3]] - flat[..., [5, 6, 1]]) / (4 * w[..., None])
    return result


def _angles(quaternions: Floats, axes: Floats) -> Floats:
    w, v = quaternions[..., :1], quaternions[..., 1:]
    twist = (v * axes).sum(-1, keepdims=True)
    across = v - twist * axes
    rest = np.sqrt(np.maximum(w * w + twist * twist, 1e-12))
    around = across[..., _ORDER] * axes[..., _REVERSED] - across[..., _REVERSED] * axes[..., _ORDER]
    swing = (w * across - twist * around) / rest
    size = np.sqrt((swing * swing).sum(-1, keepdims=True))
    scale = np.where(size < 1e-7, 2.0, 2 * np.arctan2(size, rest) / np.maximum(size, 1e-12))
    return np.asarray(scale * swing + 2 * np.arctan2(twist, w) * axes)


def limits_of(joint: str) -> tuple[Range, Range, Range]:
    """The ranges of a joint about x, y and z, degrees. Raises KeyError for a name that is no joint."""
    index = INDEX[joint]
    low, high = np.degrees(LOW[index]).round(6).tolist(), np.degrees(HIGH[index]).round(6).tolist()
    return (low[0], high[0]), (low[1], high[1]), (low[2], high[2])
