"""The noise schedule: 1,000 steps, cosine (Nichol and Dhariwal, arXiv 2102.09672), and its respacing for sampling."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

MAX_BETA = 0.999


@dataclass(frozen=True)
class Schedule:
    """Cumulative signal levels of a cosine schedule of ``steps`` steps."""

    steps: int = 1000

    @cached_property
    def alpha_bar(self) -> Tensor:
        """(steps,) float64: the share of signal variance left at each step."""

        def level(t: float) -> float:
            return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

        betas = [min(1 - level((i + 1) / self.steps) / level(i / self.steps), MAX_BETA) for i in range(self.steps)]
        return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), dim=0)

    def signal(self, device: torch.device) -> Tensor:
        """``alpha_bar`` in float32 on a device; the last step counts as no signal at all (estimation starts there)."""
        level = self.alpha_bar.float()
        level[-1] = 0.0
        return level.to(device)

    def noised(self, x0: Tensor, steps: Tensor, noise: Tensor) -> Tensor:
        """q(x_t | x_0): x0 and noise (B, L, C), steps (B,)."""
        level = self.signal(x0.device)[steps][:, None, None]
        return level.sqrt() * x0 + (1 - level).sqrt() * noise

    def respaced(self, count: int) -> list[int]:
        """``count`` steps spread evenly from 0 to steps - 1 inclusive, ascending."""
        if not 1 <= count <= self.steps:
            raise ValueError(f"{count} sampling steps asked for; 1 to {self.steps} are possible")
        if count == 1:
            return [self.steps - 1]
        stride = (self.steps - 1) / (count - 1)
        return [round(i * stride) for i in range(count)]
