"""Normalisation of the 151 channels and of the camera turn. Belongs to a checkpoint and is stored with it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genmo_studio.model.config import MOTION_CHANNELS


@dataclass(frozen=True)
class Statistics:
    """Means and deviations used as they stand (a release's deviations below 1 are already replaced by 1)."""

    mean: Tensor
    """(151,)"""
    std: Tensor
    """(151,)"""
    camera_mean: Tensor
    """(6,)"""
    camera_std: Tensor
    """(6,)"""
    music_mean: Tensor
    """(35,)"""
    music_std: Tensor
    """(35,)"""

    def normalise(self, x: Tensor) -> Tensor:
        """Raw channels (..., 151) -> normalised."""
        return (x - self.mean) / self.std

    def restore(self, x: Tensor) -> Tensor:
        """Normalised channels (..., 151) -> raw."""
        return x * self.std + self.mean

    def to(self, device: torch.device | str) -> "Statistics":
        """The same values on another device."""
        return Statistics(**{name: value.to(device) for name, value in vars(self).items()})

    def double(self) -> "Statistics":
        """The same values in double precision."""
        return Statistics(**{name: value.double() for name, value in vars(self).items()})

    def to_json(self) -> dict[str, list[float]]:
        """Plain lists for a checkpoint's header."""
        return {name: [float(v) for v in value] for name, value in vars(self).items()}

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Statistics":
        """Inverse of to_json; raises ValueError when a list has the wrong length."""
        sizes = {"mean": MOTION_CHANNELS, "std": MOTION_CHANNELS, "camera_mean": 6, "camera_std": 6}
        sizes |= {"music_mean": 35, "music_std": 35}
        values: dict[str, Tensor] = {}
        for name, size in sizes.items():
            numbers = data.get(name)
            if not isinstance(numbers, list) or len(numbers) != size:
                raise ValueError(f"the model's statistics are damaged: {name} should hold {size} numbers")
            values[name] = torch.tensor(numbers, dtype=torch.float32)
        return Statistics(**values)


def release_statistics(path: Path) -> Statistics:
    """Statistics of the public release from its JSON form (mean, std, clip_std, cam_angvel_mean, cam_angvel_std)."""
    data = json.loads(path.read_text(encoding="utf-8"))
    std = torch.tensor(data["std"], dtype=torch.float32)
    return Statistics(
        mean=torch.tensor(data["mean"], dtype=torch.float32),
        std=std.clamp_min(1.0) if data.get("clip_std", True) else std,
        camera_mean=torch.tensor(data["cam_angvel_mean"], dtype=torch.float32),
        camera_std=torch.tensor(data["cam_angvel_std"], dtype=torch.float32),
        music_mean=torch.zeros(35),
        music_std=torch.ones(35),
    )
