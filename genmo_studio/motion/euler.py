"""Three readable angles of a joint: what a curve shows of a rotation, and the way back.

The order of the three turns differs from joint to joint, chosen so that the middle one stays far from a quarter turn in
what people do; there the other two would jump against each other. R = R_first(a) R_middle(b) R_last(c), each about the
joint's own axes as the turns before have left them: the trunk turns, leans, tilts; a leg swings, spreads, twists; an
arm is raised, swung, twisted (from the T-pose); an elbow bends first.

The axes are those of the body at rest: x to its left, y up, z ahead. Angles are degrees.
"""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, transpose
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS

Order = tuple[int, int, int]
Floats = NDArray[np.float64]

_TRUNK, _LEG, _ARM, _ELBOW = (1, 0, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0)


def _order(joint: str) -> Order:
    part = joint.rpartition("_")[2]
    if part in ("hip", "knee", "ankle", "foot"):
        return _LEG
    if part in ("collar", "shoulder", "wrist"):
        return _ARM
    return _ELBOW if part == "elbow" else _TRUNK


ORDERS: dict[str, Order] = {joint: _order(joint) for joint in JOINTS[:BODY_JOINT_COUNT]}
"""Joint -> its axes (0 = x, 1 = y, 2 = z), the outermost turn first."""


def order_name(order: Order) -> str:
    """ "Y, X, Z" """
    return ", ".join("XYZ"[axis] for axis in order)


def angles_from_rotvec(rotvec: NDArray[np.floating], order: Order) -> Floats:
    """Angles (..., 3) in degrees by axis (x, y, z) of rotation vectors (..., 3); the middle one lies within +-90.

    Shoemake, "Euler Angle Conversion", Graphics Gems IV (1994), for three different axes.
    """
    matrix = matrix_from_rotvec(np.asarray(rotvec, np.float64))
    first, middle, last = order
    sign = 1.0 if (middle - first) % 3 == 1 else -1.0
    found = np.empty(matrix.shape[:-1])
    found[..., middle] = np.arctan2(
        sign * matrix[..., first, last], np.hypot(matrix[..., first, first], matrix[..., first, middle])
    )
    found[..., first] = np.arctan2(-sign * matrix[..., middle, last], matrix[..., last, last])
    found[..., last] = np.arctan2(-sign * matrix[..., first, middle], matrix[..., first, first])
    return np.degrees(found)


def rotvec_from_angles(angles: NDArray[np.floating], order: Order) -> Floats:
    """Rotation vectors (..., 3) of angles (..., 3) in degrees by axis (x, y, z)."""
    radians = np.radians(np.asarray(angles, np.float64))
    first, middle, last = (matrix_from_rotvec(radians[..., axis, None] * np.eye(3)[axis]) for axis in order)
    turned: Floats = rotvec_from_matrix(first @ middle @ last)
    return turned


def other_angles(angles: Floats, order: Order) -> Floats:
    """The second set of angles (..., 3) that gives the same rotation."""
    found = angles + 180.0
    found[..., order[1]] = 180.0 - angles[..., order[1]]
    return found


def continuous(angles: Floats, order: Order) -> Floats:
    """Angles (T, 3) of a motion as one goes on from the other: each frame takes the set, and the full turns, that are
    nearest to the frame before. The rotations stay the same.
    """
    if not len(angles):
        return angles
    both = np.stack([angles, other_angles(angles, order)], axis=1)  # (T, 2, 3)
    ways = np.abs(_wrapped(both[1:, None, :, :] - both[:-1, :, None, :])).sum(axis=-1)  # (T-1, from, to)
    follows = ways.argmin(axis=-1)  # (T-1, 2): the set that goes on from each of the two
    chosen = np.zeros(len(angles), np.int64)
    flips = np.flatnonzero((follows != [0, 1]).any(axis=1)) + 1
    state, reached = 0, 0
    for frame in flips:
        chosen[reached:frame] = state
        state, reached = int(follows[frame - 1, state]), int(frame)
    chosen[reached:] = state
    found: Floats = np.unwrap(both[np.arange(len(angles)), chosen], period=360.0, axis=0)
    return found


def nearest_angles(angles: Floats, order: Order, *, to: Floats) -> Floats:
    """The angles (..., 3) of the same rotations that lie nearest to ``to`` (..., 3)."""
    both = np.stack([angles, other_angles(angles, order)])
    both = to + _wrapped(both - to)
    nearer = np.abs(both - to).sum(axis=-1).argmin(axis=0)
    found: Floats = np.take_along_axis(both, nearer[None, ..., None], axis=0)[0]
    return found


def _wrapped(angles: Floats) -> Floats:
    """Into -180..180."""
    wrapped: Floats = (angles + 180.0) % 360.0 - 180.0
    return wrapped


def turn_to(now: Floats, wanted: Floats) -> Floats:
    """The rotation vector v with exp(v) exp(now) = exp(wanted), all (3,)."""
    between: Floats = rotvec_from_matrix(matrix_from_rotvec(wanted) @ transpose(matrix_from_rotvec(now)))
    return between
