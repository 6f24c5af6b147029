"""The 151 channels a frame that the network reads and writes, and the way from them to motion in the world and back.

Frames of reference. The *camera* frame has x right, y down, z forward. The *gravity-view* frame of a picture has y up
along the vertical and z where the camera looks, laid onto the ground; x points left. (GVHMR has y down and x right;
the public GENMO release, whose vectors this module reproduces, turned it to y up.) Gravity-view orientations therefore
know which way is up but know headings only relative to the camera; the camera's turn about the vertical, from
`cam_angvel`, links the gravity-view frames of successive pictures.

A roll-out is expressed in the gravity-view frame of its first picture: there the first camera looks along +z, and the
root starts at the origin. Where that is in the user's world is for the caller to say (`anchored`).

All functions take NumPy or torch arrays with any leading batch dimensions before the L frames, and are differentiable.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from typing import Any

import array_api_compat
import numpy as np

from genmo_studio.motion.arrays import namespace
from genmo_studio.motion.rotations import (
    angle_between,
    cross,
    direction_angle,
    heading_from_matrix,
    matrix_from_sixd,
    normalized,
    rotate,
    sixd_from_matrix,
    transpose,
    yaw_matrix,
)
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.shapes import Float

Array = Any

SIZES: dict[str, int] = {
    "body_pose": (BODY_JOINT_COUNT - 1) * 6,
    "betas": 10,
    "global_orient": 6,
    "global_orient_gv": 6,
    "local_transl_vel": 3,
}
"""Name and size of each part, in channel order."""

LAYOUT: dict[str, slice] = {
    name: slice(stop - size, stop) for (name, size), stop in zip(SIZES.items(), accumulate(SIZES.values()), strict=True)
}
"""Where each part lies in the channels."""

CHANNELS = sum(SIZES.values())

_STILL_CAMERA = 1e-5  # rad a frame: a turn below this is numerical noise and must not add up over a long clip
_SMOOTHING_SIGMA = 3.0  # frames
_VERTICAL_VIEW = 1e-10  # squared sine of the angle between the view and the vertical


@dataclass(frozen=True, eq=False)
class Features:
    """The channels of L frames in their natural form."""

    body_pose: Float[Array, "*batch frames 21 3 3"]
    """local rotation matrices of the joints after the root"""
    betas: Float[Array, "*batch frames 10"]
    global_orient: Float[Array, "*batch frames 3 3"]
    """root orientation in the camera frame"""
    global_orient_gv: Float[Array, "*batch frames 3 3"]
    """root orientation in the gravity-view frame of its picture"""
    local_transl_vel: Float[Array, "*batch frames 3"]
    """step to the next frame in the root's own frame, m a frame"""


def encode(features: Features) -> Float[Array, "*batch frames 151"]:
    """Channels, not normalised."""
    xp = namespace(features.local_transl_vel)
    pose = sixd_from_matrix(features.body_pose)
    parts = {
        "body_pose": xp.reshape(pose, (*pose.shape[:-2], SIZES["body_pose"])),
        "betas": features.betas,
        "global_orient": sixd_from_matrix(features.global_orient),
        "global_orient_gv": sixd_from_matrix(features.global_orient_gv),
        "local_transl_vel": features.local_transl_vel,
    }
    return xp.concat([parts[name] for name in LAYOUT], axis=-1)


def decode(channels: Float[Array, "*batch frames 151"]) -> Features:
    """The inverse of `encode`; 6D parts need not be orthonormal."""
    xp = namespace(channels)
    pose = channels[..., LAYOUT["body_pose"]]
    return Features(
        body_pose=matrix_from_sixd(xp.reshape(pose, (*pose.shape[:-1], BODY_JOINT_COUNT - 1, 6))),
        betas=channels[..., LAYOUT["betas"]],
        global_orient=matrix_from_sixd(channels[..., LAYOUT["global_orient"]]),
        global_orient_gv=matrix_from_sixd(channels[..., LAYOUT["global_orient_gv"]]),
        local_transl_vel=channels[..., LAYOUT["local_transl_vel"]],
    )


def camera_to_gravity_view(world_to_camera: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch 3 3"]:
    """Rotation from the camera frame to its gravity-view frame, from a y-up world's rotation into the camera.

    A camera that looks straight up or down keeps its own x axis.
    """
    xp = namespace(world_to_camera)
    up = world_to_camera[..., :, 1]
    like = {"dtype": up.dtype, "device": array_api_compat.device(up)}
    left = cross(up, xp.zeros_like(up) + xp.asarray([0.0, 0.0, 1.0], **like))
    vertical = xp.sum(left * left, axis=-1, keepdims=True) < _VERTICAL_VIEW
    left = normalized(xp.where(vertical, xp.asarray([-1.0, 0.0, 0.0], **like), left))
    return xp.stack([left, up, cross(left, up)], axis=-2)


def gravity_view_orientations(
    world_orient: Float[Array, "*batch 3 3"], world_to_camera: Float[Array, "*#batch 3 3"]
) -> Float[Array, "*batch 3 3"]:
    """Gravity-view orientation of a root whose orientation in the y-up world is given."""
    return camera_to_gravity_view(world_to_camera) @ world_to_camera @ world_orient


def cam_angvel_from_rotations(world_to_camera: Float[Array, "*batch frames 3 3"]) -> Float[Array, "*batch frames 6"]:
    """Camera turn to the next frame, 6D of R(t+1) R(t)^-1; the last is repeated (one frame alone: no turn)."""
    xp = namespace(world_to_camera)
    if world_to_camera.shape[-3] == 1:
        turn = world_to_camera @ transpose(world_to_camera)
    else:
        turn = world_to_camera[..., 1:, :, :] @ transpose(world_to_camera[..., :-1, :, :])
        turn = xp.concat([turn, turn[..., -1:, :, :]], axis=-3)
    return sixd_from_matrix(turn)


def local_velocity(
    world_orient: Float[Array, "*batch frames 3 3"], transl: Float[Array, "*batch frames 3"]
) -> Float[Array, "*batch frames 3"]:
    """Step to the next frame in the root's own frame, m a frame; the last step is repeated."""
    xp = namespace(transl)
    if transl.shape[-2] == 1:
        return xp.zeros_like(transl)
    step = transl[..., 1:, :] - transl[..., :-1, :]
    step = xp.concat([step, step[..., -1:, :]], axis=-2)
    return rotate(transpose(world_orient), step)


def encode_root(
    world_orient: Float[Array, "*batch frames 3 3"],
    transl: Float[Array, "*batch frames 3"],
    world_to_camera: Float[Array, "*#batch frames 3 3"],
) -> tuple[Float[Array, "*batch frames 3 3"], Float[Array, "*batch frames 3 3"], Float[Array, "*batch frames 3"]]:
    """From world motion (y up, m) and cameras to (global_orient, global_orient_gv, local_transl_vel).

    `world_rollout` with TurnIntegration.EXACT gives the same motion back up to its first heading and position.
    """
    global_orient = world_to_camera @ world_orient
    global_orient_gv = camera_to_gravity_view(world_to_camera) @ global_orient
    return global_orient, global_orient_gv, local_velocity(world_orient, transl)


class TurnIntegration(Enum):
    """How the camera's turns about the vertical are added up."""

    RELEASE = "release"
    """As the public release does: smoothed over time (Gaussian, 3 frames) and one frame late. Robust to noisy turns.

    Equal to the release up to its float32 rounding of small angles, about 2e-4 rad over 180 frames; `release_rollout`
    repeats that too.
    """
    EXACT = "exact"
    """The inverse of `encode_root`, without smoothing. The same as RELEASE for a camera that does not turn."""


def world_rollout(
    *,
    global_orient: Float[Array, "*batch frames 3 3"],
    global_orient_gv: Float[Array, "*batch frames 3 3"],
    cam_angvel: Float[Array, "*batch frames 6"],
    local_transl_vel: Float[Array, "*batch frames 3"],
    integration: TurnIntegration = TurnIntegration.RELEASE,
) -> tuple[Float[Array, "*batch frames 3 3"], Float[Array, "*batch frames 3"]]:
    """World orientation (y up) and translation (m) in the first gravity-view frame; translation starts at the origin.

    The camera's own orientation in the gravity-view frame is what the two predicted root orientations imply. All turns
    are about one axis, so adding them up is a cumulative sum of angles.
    """
    xp = namespace(global_orient_gv)
    yaw = camera_yaw(global_orient, global_orient_gv, cam_angvel, integration)
    orient = yaw_matrix(yaw) @ global_orient_gv
    step = rotate(orient, local_transl_vel)[..., :-1, :]
    transl = xp.cumulative_sum(xp.concat([xp.zeros_like(local_transl_vel[..., :1, :]), step], axis=-2), axis=-2)
    return orient, transl


def camera_yaw(
    global_orient: Array, global_orient_gv: Array, cam_angvel: Array, integration: TurnIntegration
) -> Float[Array, "*batch frames"]:
    """Angle (rad, about the vertical) that turns each frame's gravity-view frame into the first one."""
    xp = namespace(global_orient_gv)
    turn = matrix_from_sixd(cam_angvel)
    identity = xp.zeros_like(turn) + xp.eye(3, dtype=turn.dtype, device=array_api_compat.device(turn))
    still = angle_between(identity, turn) < _STILL_CAMERA
    if xp is np and still.all():  # what follows would give zeros
        return np.zeros(turn.shape[:-2], global_orient_gv.dtype)
    turn = xp.where(still[..., None, None], identity, turn)
    camera_to_gv = global_orient_gv @ transpose(global_orient)
    now = camera_to_gv[..., :, 2]
    after = (camera_to_gv @ transpose(turn))[..., :, 2]
    now, after = normalized(now[..., ::2]), normalized(after[..., ::2])  # laid onto the ground: x, z
    sine = now[..., 1] * after[..., 0] - now[..., 0] * after[..., 1]
    cosine = now[..., 0] * after[..., 0] + now[..., 1] * after[..., 1]
    rate = direction_angle(sine, cosine)
    rate = smoothed(rate)[..., 1:] if integration is TurnIntegration.RELEASE else rate[..., :-1]
    return xp.cumulative_sum(xp.concat([xp.zeros_like(now[..., :1, 0]), rate], axis=-1), axis=-1)


def smoothed(values: Float[Array, "*batch frames"]) -> Float[Array, "*batch frames"]:
    """Gaussian filter over time, cut at four deviations, with the end values continued."""
    xp = namespace(values)
    radius = int(4 * _SMOOTHING_SIGMA + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / _SMOOTHING_SIGMA) ** 2)
    kernel /= kernel.sum()
    frames = values.shape[-1]
    padded = xp.concat([values[..., :1]] * radius + [values] + [values[..., -1:]] * radius, axis=-1)
    result = xp.zeros_like(values)
    for shift, weight in enumerate(kernel.tolist()):
        result = result + weight * padded[..., shift : shift + frames]
    return result


def anchored(
    orient: Float[Array, "*batch frames 3 3"],
    transl: Float[Array, "*batch frames 3"],
    *,
    heading: Float[Array, "*batch"] | float,
    position: Float[Array, "*batch 3"],
) -> tuple[Float[Array, "*batch frames 3 3"], Float[Array, "*batch frames 3"]]:
    """Move a roll-out so that its first frame faces ``heading`` (rad about +y, 0 faces +z) at ``position`` (m)."""
    turn = yaw_matrix(heading - heading_from_matrix(orient[..., 0, :, :]))
    turned = turn[..., None, :, :] @ orient
    return turned, rotate(turn[..., None, :, :], transl - transl[..., :1, :]) + position[..., None, :]


def camera_translation(
    pred_cam: Float[Array, "*batch 3"], bbox_xys: Float[Array, "*batch 3"], intrinsics: Float[Array, "*batch 3 3"]
) -> Float[Array, "*batch 3"]:
    """Translation in the camera frame (m) of the network's (scale, x, y), as in CLIFF.

    The scale is that of a weak-perspective camera on the person box (centre x, y and size in pixels); intrinsics are
    those of the full image, in pixels.
    """
    xp = namespace(pred_cam)
    scaled = pred_cam[..., 0] * bbox_xys[..., 2] + 1e-9
    x = pred_cam[..., 1] + 2 * (bbox_xys[..., 0] - intrinsics[..., 0, 2]) / scaled
    y = pred_cam[..., 2] + 2 * (bbox_xys[..., 1] - intrinsics[..., 1, 2]) / scaled
    return xp.stack([x, y, 2 * intrinsics[..., 0, 0] / scaled], axis=-1)


def pred_cam_from_translation(
    transl: Float[Array, "*batch 3"], bbox_xys: Float[Array, "*batch 3"], intrinsics: Float[Array, "*batch 3 3"]
) -> Float[Array, "*batch 3"]:
    """The inverse of `camera_translation`."""
    xp = namespace(transl)
    focal, depth = intrinsics[..., 0, 0], transl[..., 2]
    x = transl[..., 0] - depth / focal * (bbox_xys[..., 0] - intrinsics[..., 0, 2])
    y = transl[..., 1] - depth / focal * (bbox_xys[..., 1] - intrinsics[..., 1, 2])
    return xp.stack([2 * focal / (depth * bbox_xys[..., 2]), x, y], axis=-1)
