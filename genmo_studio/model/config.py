"""Sizes of a GENMO network. One dataclass covers the tiny reference, the default model and the full release."""

import dataclasses
from dataclasses import dataclass
from typing import Any

MOTION_CHANNELS = 151
KEYPOINTS = 17
PATH_CHANNELS = 13
"""See keyfill.path_features for their names."""


@dataclass(frozen=True)
class ModelConfig:
    """Shape of a network; stored beside the weights (MODEL.md section 2)."""

    width: int = 1024
    layers: int = 16
    heads: int = 8
    mlp_ratio: float = 4.0
    text_mlp_ratio: float = 4.0
    text_dim: int = 1024
    text_tokens: int = 50
    image_dim: int = 1024
    """Size of the image feature; 0 = the network has no image condition."""
    music_dim: int = 35
    speech: bool = True
    """Whether the speech embedder of the release exists (the studio has no speech track; the condition is absent)."""
    window: int = 120
    """Frames one frame attends to; longer sequences use sliding windows."""
    keys: bool = False
    """Studio extension: keyframes as a trained condition (MODEL.md section 6)."""
    path: bool = False
    """Studio extension: root path as a trained condition."""
    smoothing: float = 0.0
    """Studio extension: deviation in frames of the filter over time on every x0 (smoothing.py); 0 = none."""
    root_prior: bool = False
    """Studio extension: the root's velocity is answered as a difference to the given path (root_prior.py)."""
    dropout: float = 0.1
    train_steps: int = 1000

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for a checkpoint's header."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "ModelConfig":
        """Inverse of to_json; raises ValueError on unknown or absurd values."""
        known = {f.name for f in dataclasses.fields(ModelConfig)}
        unknown = set(data) - known
        if unknown:
            raise ValueError(f"this checkpoint was made by a newer studio: unknown settings {sorted(unknown)}")
        config = ModelConfig(**data)
        if not (0 < config.width <= 4096 and 0 < config.layers <= 64 and config.width % config.heads == 0):
            raise ValueError(
                f"this checkpoint describes an impossible network: width {config.width}, {config.layers} layers"
            )
        return config


RELEASE = ModelConfig()
"""The public GEM release: 498 M parameters in the denoiser, text blocks included."""

DEFAULT = ModelConfig(
    width=256, layers=6, heads=4, text_mlp_ratio=1.0, text_dim=384, text_tokens=32, image_dim=0, speech=False,
    keys=True, path=True, smoothing=1.0, root_prior=True, dropout=0.0,
)  # fmt: skip
"""The studio's own model."""
