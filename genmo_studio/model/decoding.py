"""From the network's answer to motion in the studio's world."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmo_studio.model.inputs import RootTargets
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.representation import LAYOUT, Features, TurnIntegration, decode, world_rollout
from genmo_studio.motion.rotations import heading_from_matrix, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import JOINT_COUNT
from genmo_studio.motion.steadied import steadied, sureness
from genmo_studio.values import replace

Array = Any
"""A NumPy array or a torch tensor."""


@dataclass(frozen=True)
class WorldMotion:
    """Decoded motion of batch size 1: tensors, or NumPy arrays (``rolled_out``)."""

    features: Features
    orient: Array
    """(1, L, 3, 3)"""
    translation: Array
    """(1, L, 3) from the origin"""


def to_world(x0: Tensor, *, statistics: Statistics, cam_angvel: Tensor) -> WorldMotion:
    """Roll a normalised x0 (1, L, 151) out in the studio's world (the first camera looks along -z)."""
    return _rolled_out(statistics.restore(x0), cam_angvel)


def rolled_out(x0: Tensor, *, statistics: Statistics, cam_angvel: Tensor) -> WorldMotion:
    """The same as NumPy arrays, which on a few hundred frames take a third of the time of tensors. Learns nothing."""
    return _rolled_out(statistics.restore(x0).cpu().numpy(), cam_angvel.cpu().numpy())


def _rolled_out(channels: Array, cam_angvel: Array) -> WorldMotion:
    features = decode(channels)
    orient, translation = world_rollout(
        global_orient=features.global_orient,
        global_orient_gv=features.global_orient_gv,
        cam_angvel=cam_angvel,
        local_transl_vel=features.local_transl_vel,
        integration=TurnIntegration.RELEASE if _turns(cam_angvel) else TurnIntegration.EXACT,
    )
    return WorldMotion(features, _half_turned(orient, -2), _half_turned(translation, -1))


def _half_turned(x: Array, axis: int) -> Array:
    """Half a turn about the vertical: x and z change their signs."""
    x = x * 1.0
    for component in (0, 2):
        index = (..., component) if axis == -1 else (..., component, slice(None))
        x[index] = -x[index]
    return x


def _turns(cam_angvel: Array) -> bool:
    return bool((abs(cam_angvel[..., [1, 2, 3, 5]]) > 1e-4).any())


def as_numpy(x: Array) -> NDArray[np.float64]:
    """A tensor or an array in double precision."""
    return np.asarray(x.cpu() if isinstance(x, Tensor) else x, np.float64)


def surely_turned(world: WorldMotion, x0: Tensor, *, statistics: Statistics, fps: float) -> WorldMotion:
    """``rolled_out`` without jerks where the network's rows of a rotation are short (motion/steadied.py).

    ``x0`` (1, L, 151) is what ``world`` was decoded from. The way of the root stays: what was promised of it holds.
    """
    channels = as_numpy(statistics.restore(x0)[0])
    gravity_view, pose = channels[:, LAYOUT["global_orient_gv"]], channels[:, LAYOUT["body_pose"]]
    sure = sureness(np.concatenate([gravity_view, pose], axis=1).reshape(len(channels), -1, 6))
    turns = np.concatenate([as_numpy(world.orient)[0, :, None], as_numpy(world.features.body_pose)[0]], axis=1)
    steady, changed = steadied(turns, sure, fps=fps)
    if not changed.any():
        return world
    kept = ~changed[..., None, None]
    return replace(
        world,
        features=replace(
            world.features, body_pose=np.where(kept[:, 1:], world.features.body_pose[0], steady[:, 1:])[None]
        ),
        orient=np.where(kept[:, 0], world.orient[0], steady[:, 0])[None],
    )


def place(
    world: WorldMotion, *, root: RootTargets, pinned_heading: bool, rest_pelvis: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rotation vectors of the root (L, 3) and translation (L, 3) put where the user said.

    With promised positions the whole motion is shifted onto the first of them. Otherwise it starts at x = z = 0 and,
    unless something pins the heading, faces +z. ``rest_pelvis`` (3,) is the pelvis of the unposed body. Heights are
    relative until motion.grounding.
    """
    orient = as_numpy(world.orient[0])
    translation = as_numpy(world.translation[0])
    if not pinned_heading:
        turn = yaw_matrix(-heading_from_matrix(orient[0]))
        orient, translation = turn @ orient, translation @ turn.T
    target, mask = root.position[0].cpu().numpy(), root.mask[0].cpu().numpy() > 0
    shift = -translation[0] - rest_pelvis
    for axis in (0, 2):
        frames = np.flatnonzero(mask[:, axis])
        if len(frames):
            shift[axis] = target[frames[0], axis] - translation[frames[0], axis] - rest_pelvis[axis]
    return np.asarray(rotvec_from_matrix(orient)), translation + shift


def assemble(
    world: WorldMotion,
    root_rotvec: np.ndarray,
    translation: np.ndarray,
    *,
    contacts: Tensor,
    betas: np.ndarray,
    body: str,
    fps: float,
) -> Motion:
    """Motion from decoded pose, placed root and contact logits (1, L, 6)."""
    pose = rotvec_from_matrix(as_numpy(world.features.body_pose[0]))
    rotations = np.zeros((len(translation), JOINT_COUNT, 3), np.float32)
    rotations[:, 0] = root_rotvec
    rotations[:, 1:22] = pose
    return Motion(
        rotations=rotations,
        translation=np.ascontiguousarray(translation, np.float32),
        betas=np.asarray(betas, np.float32),
        contacts=torch.sigmoid(contacts[0]).float().cpu().numpy(),
        fps=fps,
        body=body,
    )
