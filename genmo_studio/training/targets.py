"""From a batch of windows (NumPy) to what the network is given and what it should answer (torch)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
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
MUSIC_KEPT = 0.6
TEXT_SHARES = {Task.VIDEO: 0.3, Task.KEYS: 0.5, Task.TEXT: 1.0}
KEYS_SHARES = {Task.VIDEO: 0.2, Task.KEYS: 1.0, Task.TEXT: 0.1}
PATH_SHARES = {Task.VIDEO: 0.1, Task.KEYS: 0.3, Task.TEXT: 0.35}
"""Share of items of each task that get a prompt, keys, a root path as well."""
Tensors = dict[str, Tensor]


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
    geometry: Tensor
    """indices of the items whose bodies are posed for the geometric losses"""
    seen: Tensor
    """those of ``geometry`` (positions within it) that a camera sees"""
    noise_seed: int


def _facing_first_camera(camera: Tensor) -> Tensor:
    """(B, 3, 3) yaw that turns the world so that the first camera looks along -z."""
    looks = camera[:, 0, 2]  # the camera's z axis in the world
    angle = torch.atan2(looks[:, 0], looks[:, 2])
    turn: Tensor = yaw_matrix(torch.pi - angle)
    return turn


def _world(batch: Tensors, is_video: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """World-to-camera, root orientation, translation and camera-frame translation after canonical turning."""
    camera, rotations, translation = batch["world_to_camera"], batch["rotations"], batch["translation"]
    in_camera = rotate(camera, translation - batch["camera_position"])
    turn = _facing_first_camera(camera)
    turn = torch.where(is_video[:, None, None], turn, torch.eye(3, device=turn.device))
    orient = turn[:, None] @ rotations[:, :, 0]
    turned = rotate(turn[:, None], translation)
    level = LEVEL_CAMERA.to(camera.device)
    world_to_camera = torch.where(is_video[:, None, None, None], camera @ transpose(turn)[:, None], level)
    return world_to_camera, orient, turned, in_camera


def encode_batch(batch: Tensors, is_video: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Raw channels (B, L, 151), world orientation, translation, camera translation of a batch."""
    world_to_camera, orient, translation, in_camera = _world(batch, is_video)
    global_orient, gravity_view, velocity = encode_root(orient, translation, world_to_camera)
    rotations = batch["rotations"]
    raw = encode(
        Features(
            body_pose=rotations[:, :, 1:],
            betas=batch["betas"][:, None].expand(-1, rotations.shape[1], -1),
            global_orient=global_orient,
            global_orient_gv=gravity_view,
            local_transl_vel=velocity,
        )
    )
    return raw, orient, translation, in_camera


def decide(
    batch: dict[str, Any], rng: np.random.Generator, *, path_share: float | None = None
) -> dict[str, NDArray[Any]]:
    """The window batch without its words, and every random choice of a training step, as NumPy arrays.

    ``path_share`` takes the place of PATH_SHARES. Runs in the processes that build batches; ``ItemMaker.make`` turns
    the result into tensors on the device.
    """
    size, length = batch["valid"].shape
    kinds = list(TASK_SHARES)
    tasks = [kinds[i] for i in rng.choice(len(kinds), size=size, p=list(TASK_SHARES.values()))]
    arrays = {name: value for name, value in batch.items() if isinstance(value, np.ndarray)}
    keyed = np.zeros((size, length, MOTION_CHANNELS), bool)
    at = np.zeros((size, 3, length), bool)
    for i, task in enumerate(tasks):
        if rng.random() < KEYS_SHARES[task]:
            pattern = random_keys(rng, length)
            keyed[i] = pattern.channels
            at[i] = pattern.position, pattern.heading, pattern.height
        if rng.random() < (PATH_SHARES[task] if path_share is None else path_share):
            position, heading = random_path(rng, length)
            at[i, 0] |= position
            at[i, 1] |= heading
        keyed[i, :, LAYOUT["betas"]] = rng.random() < BETAS_GIVEN
    rows = batch["text_index"].copy()
    kept = np.array([rng.random() < TEXT_SHARES[task] for task in tasks]) & (rng.random(size) >= TEXT_DROPPED)
    rows[~kept] = -1
    spans, frame = batch["text_span"], np.arange(length)
    arrays |= {
        "is_video": np.array([task is Task.VIDEO for task in tasks]),
        "keyed": keyed,
        "at": at,
        "kept_2d": np.stack([~spans_dropped(rng, length, probability=0.1) for _ in range(size)]),
        "kept_music": rng.random((size, 1)) < MUSIC_KEPT,
        "text_rows": rows,
        "windows": (frame >= spans[..., :1]) & (frame < spans[..., 1:]) & (rows[..., None] >= 0),
        "estimation": np.array([rng.random() < ESTIMATION_SHARES[task] for task in tasks]),
        "geometry": rng.permutation(size)[: max(1, size // 2)],
        "noise_seed": np.array(rng.integers(2**62)),
    }
    return arrays


class ItemMaker:
    """Turns decided batches into training items on a device."""

    def __init__(self, config: ModelConfig, statistics: Statistics, *, device: str = "cpu") -> None:
        self.config = config
        self.statistics = statistics.to(device)
        self.device = device

    def make(self, arrays: dict[str, NDArray[Any]]) -> Item:
        """Arrays of ``decide`` -> Item."""
        batch = {name: torch.from_numpy(np.ascontiguousarray(a)).to(self.device) for name, a in arrays.items()}
        is_video = batch["is_video"]
        raw, orient, translation, in_camera = encode_batch(batch, is_video)
        x0 = self.statistics.normalise(raw)
        pose_weight = batch["joint_weight"]
        weight = torch.ones_like(x0)
        weight[..., LAYOUT["body_pose"]] = pose_weight[:, None, 1:].repeat_interleave(6, dim=-1)
        targets = Targets(
            x0=x0,
            raw=raw,
            weight=weight,
            valid=batch["valid"],
            world_orient=orient,
            translation=translation,
            camera_translation=in_camera,
            intrinsics=batch["intrinsics"],
            bbox_xys=batch["bbox_xys"],
            contacts=batch["contacts"],
            joint_weight=pose_weight,
            is_video=is_video,
            only_2d=torch.zeros_like(is_video),
        )
        return Item(
            conditions=self._conditions(batch, targets),
            targets=targets,
            text_rows=batch["text_rows"],
            windows=batch["windows"].float(),
            estimation=batch["estimation"],
            geometry=batch["geometry"],
            seen=torch.from_numpy(np.flatnonzero(arrays["is_video"][arrays["geometry"]])).to(self.device),
            noise_seed=int(arrays["noise_seed"]),
        )

    def _conditions(self, batch: Tensors, targets: Targets) -> Conditions:
        statistics = self.statistics
        mask = (batch["keyed"] & targets.valid[..., None] & (targets.weight > 0)).float()
        at = batch["at"] & targets.valid[:, None]
        path = path_features(
            RootPath(
                position=targets.translation[..., [0, 2]],
                position_mask=at[:, 0],
                heading=heading_from_matrix(targets.world_orient),
                heading_mask=at[:, 1],
                height=targets.translation[..., 1],
                height_mask=at[:, 2],
            )
        )
        obs, seen = normalised_keypoints(batch["keypoints"], targets.bbox_xys)
        video = targets.is_video[:, None] & targets.valid
        has_music = batch["has_music"] & batch["kept_music"]
        music = (batch["music"] - statistics.music_mean) / statistics.music_std
        absent = torch.zeros_like(targets.valid)
        return Conditions(
            obs=obs * seen[..., None],
            obs_visible=seen,
            cliffcam=batch["cliffcam"],
            cam_angvel=(batch["cam_angvel"] - statistics.camera_mean) / statistics.camera_std,
            image=None,
            music=music * has_music[..., None],
            has_2d=batch["has_2d"] & video & batch["kept_2d"],
            has_camera=video,
            has_image=absent,
            has_music=has_music,
            has_speech=absent,
            observed=targets.x0 * mask,
            observed_mask=mask,
            path=path,
        )
