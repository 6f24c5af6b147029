"""Rotations: conversions between matrices, rotation vectors, quaternions and the 6D form.

Every function takes NumPy or torch arrays with any leading dimensions and answers in the same library, dtype and
device. With torch they are differentiable everywhere, with finite gradients at the identity and at half turns: each
formula that divides by something that vanishes switches to its series, and the branch not taken is fed a harmless
number first (a `where` alone would still let NaN through in the backward pass).

Conventions: matrices act on column vectors; rotation vectors are axis times angle in rad; quaternions are (w, x, y, z)
with w >= 0; the 6D form is the first two rows of the matrix, flattened (Zhou et al. 2019, row convention).
"""

from typing import Any

import numpy as np

from genmo_studio.motion.arrays import namespace
from genmo_studio.shapes import Float

Array = Any
"""A NumPy array or a torch tensor."""

_TINY = 1e-12
_SERIES_BELOW = 1e-6  # on squared angles: there the series is exact to float32 and close to exact in float64


def matrix_from_rotvec(rotvec: Float[Array, "*batch 3"]) -> Float[Array, "*batch 3 3"]:
    """Rodrigues' formula: I + sin(a)/a K + (1 - cos(a))/a^2 K^2."""
    xp = namespace(rotvec)
    x, y, z = rotvec[..., 0], rotvec[..., 1], rotvec[..., 2]
    squared = x * x + y * y + z * z
    small = squared < _SERIES_BELOW
    angle = xp.sqrt(xp.where(small, xp.ones_like(squared), squared))
    half = xp.sin(0.5 * angle) / (0.5 * angle)
    a = xp.where(small, 1 - squared / 6, xp.sin(angle) / angle)
    b = xp.where(small, 0.5 - squared / 24, 0.5 * half * half)  # the half angle avoids the cancellation in 1 - cos
    rows = (
        (1 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y),
        (b * x * y + a * z, 1 - b * (x * x + z * z), b * y * z - a * x),
        (b * x * z - a * y, b * y * z + a * x, 1 - b * (x * x + y * y)),
    )
    return _matrix(xp, rows)


def _matrix(xp: Any, rows: tuple[tuple[Array, ...], ...]) -> Array:
    """(..., 3, 3) of its entries; np.stack would take as long as the formulas."""
    if xp is not np:
        return xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)
    made = np.empty((*np.shape(rows[0][0]), 3, 3), rows[0][0].dtype)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            made[..., i, j] = entry
    return made


def quaternion_from_matrix(matrix: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch 4"]:
    """Unit quaternion with w >= 0, by the largest of its four components (Shepperd's method), so always well posed."""
    xp = namespace(matrix)
    m = [[matrix[..., i, j] for j in range(3)] for i in range(3)]
    wx, wy, wz = m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]
    xy, xz, yz = m[1][0] + m[0][1], m[0][2] + m[2][0], m[1][2] + m[2][1]
    ww = 1 + m[0][0] + m[1][1] + m[2][2]
    xx = 1 + m[0][0] - m[1][1] - m[2][2]
    yy = 1 - m[0][0] + m[1][1] - m[2][2]
    zz = 1 - m[0][0] - m[1][1] + m[2][2]
    candidates = ((ww, wx, wy, wz), (wx, xx, xy, xz), (wy, xy, yy, yz), (wz, xz, yz, zz))
    best, result = ww, xp.stack(candidates[0], axis=-1)
    for index, score in ((1, xx), (2, yy), (3, zz)):
        better = score > best
        best = xp.where(better, score, best)
        result = xp.where(better[..., None], xp.stack(candidates[index], axis=-1), result)
    return _upper_half(xp, result / xp.sqrt(xp.sum(result * result, axis=-1, keepdims=True)))


def _upper_half(xp: Any, quaternion: Array) -> Array:
    return xp.where(quaternion[..., :1] < 0, -quaternion, quaternion)


def matrix_from_quaternion(quaternion: Float[Array, "*batch 4"]) -> Float[Array, "*batch 3 3"]:
    """Matrix of a quaternion of any non-zero length."""
    xp = namespace(quaternion)
    q = normalized(quaternion)
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return _matrix(xp, rows)


def rotvec_from_quaternion(quaternion: Float[Array, "*batch 4"]) -> Float[Array, "*batch 3"]:
    """Shortest rotation vector (angle 0..pi) of a unit quaternion of either sign."""
    xp = namespace(quaternion)
    q = _upper_half(xp, quaternion)
    w, v = q[..., :1], q[..., 1:]
    squared = xp.sum(v * v, axis=-1, keepdims=True)
    small = squared < _SERIES_BELOW
    length = xp.sqrt(xp.where(small, xp.ones_like(squared), squared))
    scale = xp.where(small, 2 + squared / 3, 2 * xp.atan2(length, w) / length)
    return v * scale


def quaternion_from_rotvec(rotvec: Float[Array, "*batch 3"]) -> Float[Array, "*batch 4"]:
    """Unit quaternion with w >= 0."""
    xp = namespace(rotvec)
    squared = xp.sum(rotvec * rotvec, axis=-1, keepdims=True)
    small = squared < _SERIES_BELOW
    angle = xp.sqrt(xp.where(small, xp.ones_like(squared), squared))
    scale = xp.where(small, 0.5 - squared / 48, xp.sin(0.5 * angle) / angle)
    w = xp.where(small, 1 - squared / 8, xp.cos(0.5 * angle))
    return _upper_half(xp, xp.concat([w, rotvec * scale], axis=-1))


def multiply_quaternions(a: Float[Array, "*batch 4"], b: Float[Array, "*batch 4"]) -> Float[Array, "*batch 4"]:
    """Hamilton's product: the rotation b, then a; as matrices it is a @ b."""
    xp = namespace(a, b)
    aw, ax, ay, az = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bw, bx, by, bz = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    return xp.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def inverse_quaternion(quaternion: Float[Array, "*batch 4"]) -> Float[Array, "*batch 4"]:
    """The opposite rotation of a unit quaternion."""
    return namespace(quaternion).concat([quaternion[..., :1], -quaternion[..., 1:]], axis=-1)


def rotvec_from_matrix(matrix: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch 3"]:
    """Shortest rotation vector, angle 0..pi; at exactly pi either of the two axes."""
    return rotvec_from_quaternion(quaternion_from_matrix(matrix))


def sixd_from_matrix(matrix: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch 6"]:
    """First two rows, flattened."""
    xp = namespace(matrix)
    return xp.concat([matrix[..., 0, :], matrix[..., 1, :]], axis=-1)


def matrix_from_sixd(sixd: Float[Array, "*batch 6"]) -> Float[Array, "*batch 3 3"]:
    """Gram-Schmidt on the two rows; any two vectors that are not parallel give a rotation."""
    xp = namespace(sixd)
    first = normalized(sixd[..., :3])
    second = sixd[..., 3:]
    second = normalized(second - xp.sum(first * second, axis=-1, keepdims=True) * first)
    return xp.stack([first, second, cross(first, second)], axis=-2)


def slerp_matrices(
    a: Float[Array, "*batch 3 3"], b: Float[Array, "*batch 3 3"], t: Float[Array, "*batch"] | float
) -> Float[Array, "*batch 3 3"]:
    """Rotation on the shortest arc from a (t = 0) to b (t = 1) at constant angular velocity; t may exceed 0..1."""
    turn = rotvec_from_matrix(transpose(a) @ b)
    return a @ matrix_from_rotvec(turn * (t if isinstance(t, int | float) else t[..., None]))


def yaw_matrix(angle: Float[Array, "*batch"] | float) -> Float[Array, "*batch 3 3"]:
    """Rotation by an angle in rad about +y (up): positive turns +z (forward) towards +x (left)."""
    if isinstance(angle, int | float):
        angle = np.asarray(angle, np.float64)
    xp = namespace(angle)
    c, s, one, zero = xp.cos(angle), xp.sin(angle), xp.ones_like(angle), xp.zeros_like(angle)
    rows = ((c, zero, s), (zero, one, zero), (-s, zero, c))
    return xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)


def heading_from_matrix(matrix: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch"]:
    """Angle in rad about +y of the rotated +z axis on the ground: 0 faces +z, pi/2 faces +x; 0 where it is vertical."""
    return direction_angle(matrix[..., 0, 2], matrix[..., 2, 2])


def direction_angle(x: Float[Array, "*batch"], z: Float[Array, "*batch"]) -> Float[Array, "*batch"]:
    """atan2(x, z) in rad with a finite gradient (zero) where both vanish."""
    xp = namespace(x, z)
    vertical = x * x + z * z < _TINY
    return xp.atan2(xp.where(vertical, xp.zeros_like(x), x), xp.where(vertical, xp.ones_like(z), z))


def angle_between(a: Float[Array, "*batch 3 3"], b: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch"]:
    """Angle 0..pi in rad of the rotation from a to b; its gradient is zero where they are equal."""
    rotvec = rotvec_from_matrix(transpose(a) @ b)
    return vector_length(rotvec)


def transpose(matrix: Float[Array, "*batch rows columns"]) -> Float[Array, "*batch columns rows"]:
    """Swap the last two axes: the inverse of a rotation matrix."""
    return namespace(matrix).matrix_transpose(matrix)


def rotate(matrix: Float[Array, "*batch 3 3"], vector: Float[Array, "*batch 3"]) -> Float[Array, "*batch 3"]:
    """Matrix times vector."""
    return (matrix @ vector[..., None])[..., 0]


def vector_length(vector: Float[Array, "*batch n"]) -> Float[Array, "*batch"]:
    """Euclidean length with a finite gradient (zero) at the zero vector."""
    xp = namespace(vector)
    squared = xp.sum(vector * vector, axis=-1)
    zero = squared < _TINY * _TINY
    return xp.where(zero, xp.zeros_like(squared), xp.sqrt(xp.where(zero, xp.ones_like(squared), squared)))


def normalized(vector: Float[Array, "*batch n"]) -> Float[Array, "*batch n"]:
    """Unit vector; the zero vector stays zero."""
    xp = namespace(vector)
    length = vector_length(vector)[..., None]
    return vector / xp.where(length > 0, length, xp.ones_like(length))


def cross(a: Float[Array, "*batch 3"], b: Float[Array, "*batch 3"]) -> Float[Array, "*batch 3"]:
    """Cross product along the last axis."""
    xp = namespace(a, b)
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return xp.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)
