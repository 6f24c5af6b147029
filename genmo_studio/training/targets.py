"""From a batch of windows (NumPy) to what the network is given and what it should answer (torch)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genmo_studio.model.conditioning import Conditions
from genmo_studio.model.config import MOTION_CHANNELS, ModelConfig
from genmo_studio.model.keyfill import RootPath, path_features
from genmo_studio.model.observations import normalised_keypoints
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.representation import LAYOUT, Features, encode, encode_root
from genmo_studio.motion.rotations import heading_from_matrix, rotate, transpose, yaw_matrix
from genmo_studio.training.masks import (
    ESTIMATION_SHARES,
    TASK_SHARES,
    Task,
    random_keys,
    random_path,
    spans_dropped,
)

LEVEL_CAMERA = torch.diag(torch.tensor([1.0, -1.0, -1.0]))
"""World-to-camera rotation of the virtual camera of items without video: level, looking along -z."""
BETAS_GIVEN = 0.9
TEXT_DROPPED = 0.1


@dataclass(frozen=True)
class Targets:
    """Ground truth of a batch in the network's world: y up, the first camera looks along -z."""

    x0: Tensor
    """(B, L, 151) normalised"""
    raw: Tensor
    """(B, L, 151)"""
    weight: Tensor
    """(B, L, 151) 0 where the source does not tell"""
    valid: Tensor
    """(B, L) bool"""
    world_orient: Tensor
    """(B, L, 3, 3)"""
    translation: Tensor
    """(B, L, 3)"""
    camera_translation: Tensor
    """(B, L, 3) SMPL transl in the camera frame"""
    intrinsics: Tensor
    bbox_xys: Tensor
    contacts: Tensor
    joint_weight: Tensor
    """(B, 22)"""
    is_video: Tensor
    """(B,) bool: seen by the batch's camera"""
    only_2d: Tensor
    """(B,) bool: no 3D truth; ``x0`` is a pseudo truth and only the reprojection counts"""

    def picked(self, items: Tensor) -> "Targets":
        """The targets of some items (indices or a (B,) mask)."""
        return Targets(**{name: value[items] for name, value in vars(self).items()})


@dataclass(frozen=True)
class Item:
    """Everything one training step needs."""

    conditions: Conditions
    targets: Targets
    text_rows: Tensor
    """(B, K) rows of the vocabulary, -1 = no prompt"""
    windows: Tensor
    """(B, K, L)"""
    estimation: Tensor
    """(B,) bool: trained in estimation mode"""


def _facing_first_camera(camera: Tensor) -> Tensor:
    """(B, 3, 3) yaw that turns the world so that the first camera looks along -z."""
    looks = camera[:, 0, 2]  # the camera's z axis in the world
    angle = torch.atan2(looks[:, 0], looks[:, 2])
    turn: Tensor = yaw_matrix(torch.pi - angle)
    return turn


def _world(batch: dict[str, Any], is_video: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """World-to-camera, root orientation, translation and camera-frame translation after canonical turning."""
    camera = torch.from_numpy(batch["world_to_camera"])
    rotations, translation = torch.from_numpy(batch["rotations"]), torch.from_numpy(batch["translation"])
    in_camera = rotate(camera, translation - torch.from_numpy(batch["camera_position"]))
    turn = _facing_first_camera(camera)
    turn = torch.where(is_video[:, None, None], turn, torch.eye(3))
    orient = turn[:, None] @ rotations[:, :, 0]
    turned = rotate(turn[:, None], translation)
    world_to_camera = torch.where(is_video[:, None, None, None], camera @ transpose(turn)[:, None], LEVEL_CAMERA)
    return world_to_camera, orient, turned, in_camera


def encode_batch(batch: dict[str, Any], is_video: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Raw channels (B, L, 151), world orientation, translation, camera translation of a batch."""
    world_to_camera, orient, translation, in_camera = _world(batch, is_video)
    global_orient, gravity_view, velocity = encode_root(orient, translation, world_to_camera)
    rotations = torch.from_numpy(batch["rotations"])
    betas = torch.from_numpy(batch["betas"])[:, None].expand(-1, rotations.shape[1], -1)
    raw = encode(
        Features(
            body_pose=rotations[:, :, 1:],
            betas=betas,
            global_orient=global_orient,
            global_orient_gv=gravity_view,
            local_transl_vel=velocity,
        )
    )
    return raw, orient, translation, in_camera


class ItemMaker:
    """Turns window batches into training items; every random choice comes from the generator that is handed in."""

    def __init__(self, config: ModelConfig, statistics: Statistics) -> None:
        self.config = config
        self.statistics = statistics

    def make(self, batch: dict[str, Any], rng: np.random.Generator) -> Item:
        """Batch (see MotionWindows) -> Item."""
        size, length = batch["valid"].shape
        kinds = list(TASK_SHARES)
        tasks = [kinds[i] for i in rng.choice(len(kinds), size=size, p=list(TASK_SHARES.values()))]
        is_video = torch.tensor([task is Task.VIDEO for task in tasks])
        raw, orient, translation, in_camera = encode_batch(batch, is_video)
        x0 = self.statistics.normalise(raw)
        pose_weight = torch.from_numpy(batch["joint_weight"])
        weight = torch.ones_like(x0)
        weight[..., LAYOUT["body_pose"]] = pose_weight[:, None, 1:].repeat_interleave(6, dim=-1)
        valid = torch.from_numpy(batch["valid"])
        targets = Targets(
            x0=x0,
            raw=raw,
            weight=weight,
            valid=valid,
            world_orient=orient,
            translation=translation,
            camera_translation=in_camera,
            intrinsics=torch.from_numpy(batch["intrinsics"]),
            bbox_xys=torch.from_numpy(batch["bbox_xys"]),
            contacts=torch.from_numpy(batch["contacts"]),
            joint_weight=pose_weight,
            is_video=is_video,
            only_2d=torch.zeros(size, dtype=torch.bool),
        )
        observed_mask, path = self._keys(tasks, targets, rng)
        conditions = self._conditions(batch, targets, observed_mask, path, rng)
        rows, windows = self._text(batch, tasks, length, rng)
        estimation = torch.tensor([rng.random() < ESTIMATION_SHARES[task] for task in tasks])
        return Item(conditions=conditions, targets=targets, text_rows=rows, windows=windows, estimation=estimation)

    def _keys(self, tasks: list[Task], targets: Targets, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        size, length, _ = targets.x0.shape
        mask = np.zeros((size, length, MOTION_CHANNELS), bool)
        at = np.zeros((3, size, length), bool)
        for i, task in enumerate(tasks):
            if rng.random() < {Task.KEYS: 1.0, Task.VIDEO: 0.2, Task.TEXT: 0.1}[task]:
                pattern = random_keys(rng, length)
                mask[i] = pattern.channels
                at[:, i] = pattern.position, pattern.heading, pattern.height
            if rng.random() < {Task.KEYS: 0.3, Task.VIDEO: 0.1, Task.TEXT: 0.35}[task]:
                position, heading = random_path(rng, length)
                at[0, i] |= position
                at[1, i] |= heading
            mask[i, :, LAYOUT["betas"]] = rng.random() < BETAS_GIVEN
        valid = targets.valid.numpy()
        mask &= valid[..., None]
        mask &= targets.weight.numpy() > 0
        at &= valid
        given = torch.from_numpy(at)
        path = path_features(
            RootPath(
                position=targets.translation[..., [0, 2]],
                position_mask=given[0],
                heading=heading_from_matrix(targets.world_orient),
                heading_mask=given[1],
                height=targets.translation[..., 1],
                height_mask=given[2],
            )
        )
        return torch.from_numpy(mask).float(), path

    def _conditions(
        self, batch: dict[str, Any], targets: Targets, mask: Tensor, path: Tensor, rng: np.random.Generator
    ) -> Conditions:
        size, length = targets.valid.shape
        obs, seen = normalised_keypoints(torch.from_numpy(batch["keypoints"]), targets.bbox_xys)
        kept = torch.from_numpy(np.stack([~spans_dropped(rng, length, probability=0.1) for _ in range(size)]))
        video = targets.is_video[:, None] & targets.valid
        has_music = torch.from_numpy(batch["has_music"]) & torch.from_numpy(rng.random((size, 1)) < 0.6)
        music = (torch.from_numpy(batch["music"]) - self.statistics.music_mean) / self.statistics.music_std
        turn = (torch.from_numpy(batch["cam_angvel"]) - self.statistics.camera_mean) / self.statistics.camera_std
        has_2d = torch.from_numpy(batch["has_2d"]) & video & kept
        absent = torch.zeros(size, length, dtype=torch.bool)
        return Conditions(
            obs=obs * seen[..., None],
            obs_visible=seen,
            cliffcam=torch.from_numpy(batch["cliffcam"]),
            cam_angvel=turn,
            image=None,
            music=music * has_music[..., None],
            has_2d=has_2d,
            has_camera=video,
            has_image=absent,
            has_music=has_music,
            has_speech=absent,
            observed=targets.x0 * mask,
            observed_mask=mask,
            path=path,
        )

    def _text(
        self, batch: dict[str, Any], tasks: list[Task], length: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        rows = batch["text_index"].copy()
        spans = batch["text_span"]
        kept = np.array([rng.random() < {Task.TEXT: 1.0, Task.KEYS: 0.5, Task.VIDEO: 0.3}[t] for t in tasks])
        kept &= rng.random(len(rows)) >= TEXT_DROPPED
        rows[~kept] = -1
        frame = np.arange(length)
        windows = (frame >= spans[..., :1]) & (frame < spans[..., 1:]) & (rows[..., None] >= 0)
        return torch.from_numpy(rows), torch.from_numpy(windows).float()
