"""A short Gaussian over time on every prediction of x0: part of the default family, trained with it.

Human motion has next to no energy above a few hertz, white noise has most of it there, and a small network cannot
cancel the noise of 151 channels frame by frame. Taking it out inside each pass keeps it from circulating through the
sampler (jitter of unfiltered samples: 3,000 m/s^3 against 16 to 320 of real clips; see
docs/adr/0010-prior-mean-and-smoothing.md).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

RADIUS_DEVIATIONS = 3.0


def smooth_over_time(x: Tensor, *, frames: float) -> Tensor:
    """Gaussian filter of deviation ``frames`` along time on x (B, L, C); ends are continued. 0 = unchanged."""
    if frames <= 0 or x.shape[1] < 2:
        return x
    radius = int(RADIUS_DEVIATIONS * frames + 0.5)
    offsets = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    kernel = torch.exp(-0.5 * (offsets / frames) ** 2)
    kernel = kernel / kernel.sum()
    padded = F.pad(x.transpose(1, 2), (radius, radius), mode="replicate")
    channels = x.shape[2]
    out = F.conv1d(padded, kernel.expand(channels, 1, -1), groups=channels)
    return out.transpose(1, 2)
