"""Frame-aligned conditions -> fused features: ``f = sum_k embed_k(c_k, exists_k)`` (MODEL.md section 2).

``exists_k`` is an input of its own, so that absence is learned. The release's conditions are keypoints, box, camera
turn, image feature, music and speech; the studio's default family adds keyframes and the root path. Module names follow
the release's checkpoint keys.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmo_studio.model.config import KEYPOINTS, MOTION_CHANNELS, PATH_CHANNELS, ModelConfig
from genmo_studio.model.keyfill import KEY_TIMING, KeyFill
from genmo_studio.model.network import Mlp
from genmo_studio.model.speech import SpeechEncoder
from genmo_studio.values import replace

MIN_CONFIDENCE = 0.5
MIN_VISIBLE_JOINTS = 4
POINT_WIDTH = 32
SPEECH_CHANNELS = 128


@dataclass(frozen=True)
class Conditions:
    """Frame-aligned model inputs of a batch. Absent modalities are zeros with a False mask."""

    obs: Tensor
    """(B, L, 17, 3) x, y in the person box (-1..1) and confidence"""
    obs_visible: Tensor
    """(B, L, 17) bool"""
    cliffcam: Tensor
    """(B, L, 3) box centre from the principal point and box size, over the focal length"""
    cam_angvel: Tensor
    """(B, L, 6) normalised camera turn"""
    image: Tensor | None
    """(B, L, image_dim)"""
    music: Tensor
    """(B, L, music_dim) normalised"""
    has_2d: Tensor
    """(B, L) bool"""
    has_camera: Tensor
    has_image: Tensor
    has_music: Tensor
    has_speech: Tensor
    observed: Tensor
    """(B, L, 151) normalised key values, zero where free (studio extension)"""
    observed_mask: Tensor
    """(B, L, 151) 1 where a key holds"""
    path: Tensor
    """(B, L, PATH_CHANNELS) see keyfill.path_features (studio extension)"""

    def without_weak(self) -> "Conditions":
        """The branch that guidance moves away from: music and speech dropped; video, 2D, camera and keys kept."""
        return replace(
            self,
            music=torch.zeros_like(self.music),
            has_music=torch.zeros_like(self.has_music),
            has_speech=torch.zeros_like(self.has_speech),
        )

    def empty(self) -> "Conditions":
        """Nothing given at all."""
        return replace(
            self.without_weak(),
            obs_visible=torch.zeros_like(self.obs_visible),
            has_2d=torch.zeros_like(self.has_2d),
            has_camera=torch.zeros_like(self.has_camera),
            has_image=torch.zeros_like(self.has_image),
            observed=torch.zeros_like(self.observed),
            observed_mask=torch.zeros_like(self.observed_mask),
            path=torch.zeros_like(self.path),
        )


def no_conditions(batch: int, length: int, *, config: ModelConfig, device: torch.device | str = "cpu") -> Conditions:
    """Conditions with every modality absent; fill in what exists with dataclasses.replace."""

    def zeros(*shape: int) -> Tensor:
        return torch.zeros(batch, length, *shape, device=device)

    def absent(*shape: int) -> Tensor:
        return torch.zeros(batch, length, *shape, dtype=torch.bool, device=device)

    return Conditions(
        obs=zeros(KEYPOINTS, 3),
        obs_visible=absent(KEYPOINTS),
        cliffcam=zeros(3),
        cam_angvel=zeros(6),
        image=zeros(config.image_dim) if config.image_dim else None,
        music=zeros(config.music_dim),
        has_2d=absent(),
        has_camera=absent(),
        has_image=absent(),
        has_music=absent(),
        has_speech=absent(),
        observed=zeros(MOTION_CHANNELS),
        observed_mask=zeros(MOTION_CHANNELS),
        path=zeros(PATH_CHANNELS),
    )


def _embedder(inputs: int, width: int, dropout: float) -> nn.Sequential:
    last = nn.Linear(width, width)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Dropout(dropout), last)


def _feature_embedder(inputs: int, width: int) -> nn.Sequential:
    last = nn.Linear(inputs, width)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.LayerNorm(inputs), last)


def _exists_embedder(width: int) -> nn.Sequential:
    last = nn.Linear(width, width)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(width + 1, width), nn.SiLU(), last)


class ConditionEncoder(nn.Module):
    """The additive fusion block."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, dropout = config.width, config.dropout
        self.config = config
        self.learned_pos_linear = nn.Linear(2, POINT_WIDTH)
        self.learned_pos_params = nn.Parameter(torch.randn(KEYPOINTS, POINT_WIDTH))
        self.embed_noisyobs = Mlp(KEYPOINTS * POINT_WIDTH, width * 2, width, dropout=dropout)
        self.cliffcam_embedder = _embedder(3, width, dropout)
        self.cam_angvel_embedder = _embedder(6, width, dropout)
        self.music_embedder = Mlp(config.music_dim, width * 2, width, dropout=dropout)
        named = ["f_cliffcam", "f_cam_angvel", "encoded_music"]
        if config.image_dim:
            self.imgseq_embedder = _feature_embedder(config.image_dim, width)
            named.append("f_imgseq")
        if config.speech:
            self.audio_encoder = SpeechEncoder()
            self.audio_embedder = _feature_embedder(SPEECH_CHANNELS, width)
            named.append("encoded_audio")
        self.cond_exists_embedder = nn.ModuleDict({name: _exists_embedder(width) for name in named})
        if config.keys:
            self.keys_embedder = _embedder(3 * MOTION_CHANNELS + KEY_TIMING, width, dropout)
        if config.path:
            self.path_embedder = _embedder(PATH_CHANNELS, width, dropout)

    def forward(self, conditions: Conditions, *, fill: KeyFill | None = None, steady: Tensor | None = None) -> Tensor:
        """Conditions -> (B, L, C). ``fill`` (see key_fill) is needed when the network has the keys condition.

        ``steady`` is what :meth:`steady` gave for the same video and music, where it is at hand.
        """
        c = conditions
        fused = self.steady(c) if steady is None else steady
        if self.config.keys:
            if fill is None:
                raise ValueError("this network takes keys: pass fill=key_fill(...)")
            keys = torch.cat([fill.values, fill.known, c.observed_mask, fill.timing], dim=-1)
            fused = fused + self.keys_embedder(keys)
        if self.config.path:
            fused = fused + self.path_embedder(c.path)
        return fused

    def steady(self, conditions: Conditions) -> Tensor:
        """The part that no key and no path changes: video, camera and music; (B, L, C)."""
        c = conditions
        visible = c.obs_visible & c.has_2d[..., None]
        has_2d = visible.sum(-1) >= MIN_VISIBLE_JOINTS
        fused = self._keypoints(c.obs, visible)
        fused = fused + self._named("f_cliffcam", self.cliffcam_embedder(c.cliffcam), has_2d)
        fused = fused + self._named("f_cam_angvel", self.cam_angvel_embedder(c.cam_angvel), c.has_camera)
        fused = fused + self._named("encoded_music", self.music_embedder(c.music), c.has_music)
        if c.image is not None and self.config.image_dim:
            fused = fused + self._named("f_imgseq", self.imgseq_embedder(c.image), c.has_image)
        if self.config.speech:  # the studio has no speech track: the learned absence is added
            absent = torch.zeros_like(c.has_speech)
            fused = fused + self._named("encoded_audio", torch.zeros_like(fused), absent)
        return fused

    def _keypoints(self, obs: Tensor, visible: Tensor) -> Tensor:
        shown = (obs[..., 2:] > MIN_CONFIDENCE) & visible[..., None]
        points = self.learned_pos_linear(torch.where(shown, obs[..., :2], torch.zeros_like(obs[..., :2])))
        points = torch.where(shown, points, self.learned_pos_params)
        out: Tensor = self.embed_noisyobs(points.flatten(-2))
        return out

    def _named(self, name: str, feature: Tensor, exists: Tensor) -> Tensor:
        present = exists[..., None].to(feature.dtype)
        out: Tensor = self.cond_exists_embedder[name](torch.cat([feature * present, present], dim=-1))
        return out
