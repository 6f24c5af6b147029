"""The public release's roll-out, rounding included: what its reference vectors are compared with.

The release takes each camera turn as an arc cosine in float32, which rounds small angles to steps of 3.5e-4 rad, and
adds hundreds of them up. A better formula (`representation.world_rollout`) differs from it by up to 5e-4 rad and, on
long paths, by centimetres. To tell such rounding from a mistake, this module repeats the release's operations in their
order; torch tensors in float32 then agree to a few float32 steps.
"""

from typing import Any

from genmo_studio.motion.arrays import namespace
from genmo_studio.motion.representation import smoothed
from genmo_studio.motion.rotations import rotate, transpose, yaw_matrix
from genmo_studio.shapes import Float

Array = Any


def release_world_rollout(
    *,
    global_orient: Float[Array, "*batch frames 3"],
    global_orient_gv: Float[Array, "*batch frames 3"],
    cam_angvel: Float[Array, "*batch frames 6"],
    local_transl_vel: Float[Array, "*batch frames 3"],
) -> tuple[Float[Array, "*batch frames 3 3"], Float[Array, "*batch frames 3"]]:
    """World orientation matrices (y up) and translation (m) of decoded rotation vectors, as the release computes them.

    For comparison only: gradients are not finite for a camera at rest. Use `world_rollout` for everything else.
    """
    xp = namespace(global_orient_gv)
    in_gv, in_camera = _matrix(global_orient_gv), _matrix(global_orient)
    camera_to_gv = in_gv @ transpose(in_camera)
    now = _laid_down(camera_to_gv[..., :, 2])
    after = _laid_down((camera_to_gv @ transpose(_turn(cam_angvel)))[..., :, 2])
    angle = xp.acos(xp.clip(xp.sum(now * after, axis=-1, keepdims=True), -1.0, 1.0))
    rate = smoothed((_unit(xp.linalg.cross(now, after)) * angle)[..., 1])[..., 1:]
    yaw = xp.cumulative_sum(xp.concat([xp.zeros_like(rate[..., :1]), rate], axis=-1), axis=-1)
    orient = yaw_matrix(yaw) @ in_gv
    step = rotate(orient, local_transl_vel)[..., :-1, :]
    return orient, xp.cumulative_sum(xp.concat([xp.zeros_like(step[..., :1, :]), step], axis=-2), axis=-2)


def _unit(vector: Array) -> Array:
    xp = namespace(vector)
    length = xp.linalg.vector_norm(vector, axis=-1, keepdims=True)
    return vector / xp.clip(length, 1e-12, None)


def _laid_down(vector: Array) -> Array:
    xp = namespace(vector)
    flat = xp.stack([vector[..., 0], xp.zeros_like(vector[..., 1]), vector[..., 2]], axis=-1)
    return _unit(flat)


def _turn(sixd: Array) -> Array:
    xp = namespace(sixd)
    first = _unit(sixd[..., :3])
    second = sixd[..., 3:]
    second = _unit(second - xp.sum(first * second, axis=-1, keepdims=True) * first)
    return xp.stack([first, second, xp.linalg.cross(first, second)], axis=-2)


def _matrix(rotvec: Array) -> Array:
    """Matrix by way of a quaternion that is divided by its squared length at the end."""
    xp = namespace(rotvec)
    angle = xp.linalg.vector_norm(rotvec, axis=-1, keepdims=True)
    scale = xp.sin(0.5 * angle) / angle
    small = xp.abs(angle) < 1e-6
    scale = xp.where(small, 0.5 - angle * angle / 48, scale)
    q = xp.concat([xp.cos(0.5 * angle), rotvec * scale], axis=-1)
    s = 2.0 / xp.sum(q * q, axis=-1)
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    rows = (
        (1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w)),
        (s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w)),
        (s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)),
    )
    return xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)
