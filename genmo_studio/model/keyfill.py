"""Sparse keys and waypoints spread over all frames: inputs of the studio's own conditions.

Between two keys the plain in-between is a strong guess, so the network is told it and predicts the difference to it:
an untrained network already interpolates, and training only has to add what people do
(docs/adr/0007-keys-are-filled-then-corrected.md).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

KEY_TIMING = 4
NEARNESS_FRAMES = 15.0
FRAMES_PER_SECOND = 30.0
STANDING_HEIGHT = 0.9
"""Metres; pelvis heights are given relative to it."""


@dataclass(frozen=True)
class Filled:
    """Sparse values (B, L, C) spread over all frames."""

    values: Tensor
    """(B, L, C) linear between keys, held before the first and after the last, 0 where the channel has no key"""
    between: Tensor
    """(B, L, C) bool: a key at or before and a key at or after the frame"""
    known: Tensor
    """(B, L, C) bool: the channel has a key anywhere"""


def previous_index(mask: Tensor) -> Tensor:
    """Index of the last set frame at or before each frame, -1 where there is none; (B, L, C) -> (B, L, C) int."""
    frame = torch.arange(mask.shape[1], device=mask.device)[None, :, None]
    return torch.where(mask > 0, frame, torch.full_like(frame, -1)).cummax(dim=1).values


def next_index(mask: Tensor) -> Tensor:
    """Index of the first set frame at or after each frame, L where there is none."""
    return mask.shape[1] - 1 - previous_index(mask.flip(1)).flip(1)


def fill(values: Tensor, mask: Tensor) -> Filled:
    """Interpolate values (B, L, C) between the frames where mask (B, L, C) is set; O(L)."""
    length = mask.shape[1]
    before, after = previous_index(mask), next_index(mask)
    has_before, has_after = before >= 0, after < length
    low, high = before.clamp(min=0), after.clamp(max=length - 1)
    value_low, value_high = values.gather(1, low), values.gather(1, high)
    frame = torch.arange(length, device=mask.device)[None, :, None]
    share = (frame - low) / (high - low).clamp(min=1)
    both = has_before & has_after
    spread = torch.where(
        both, value_low + (value_high - value_low) * share, torch.where(has_before, value_low, value_high)
    )
    known = has_before | has_after
    return Filled(values=torch.where(known, spread, torch.zeros_like(spread)), between=both, known=known)


def nearness(mask: Tensor) -> Tensor:
    """How near the previous and the next set frame are, and whether they exist: (B, L, 1) -> (B, L, KEY_TIMING)."""
    length = mask.shape[1]
    frame = torch.arange(length, device=mask.device)[None, :, None]
    before, after = previous_index(mask), next_index(mask)
    has_before, has_after = (before >= 0).float(), (after < length).float()
    return torch.cat(
        [
            torch.exp(-(frame - before).clamp(min=0) / NEARNESS_FRAMES) * has_before,
            torch.exp(-(after - frame).clamp(min=0) / NEARNESS_FRAMES) * has_after,
            has_before,
            has_after,
        ],
        dim=-1,
    )


@dataclass(frozen=True)
class KeyFill:
    """Observed channels spread over the frames between them."""

    values: Tensor
    """(B, L, 151) see Filled.values"""
    known: Tensor
    """(B, L, 151) 1 where ``values`` means something"""
    timing: Tensor
    """(B, L, KEY_TIMING) see nearness"""


def key_fill(observed: Tensor, mask: Tensor) -> KeyFill:
    """Observed channels (B, L, 151) and their mask -> network input and baseline."""
    filled = fill(observed, mask)
    return KeyFill(
        values=filled.values, known=filled.known.to(mask.dtype), timing=nearness(mask.amax(-1, keepdim=True))
    )


KEYED_VARIANCE = 0.25
"""How far real motion lies from the plain in-between, as a share of the channels' variance (order of size)."""


def prior_mean(filled: KeyFill, xt: Tensor, level: Tensor) -> Tensor:
    """What x_t and the keys alone say about x0: the posterior mean under a Gaussian around the in-between.

    x_t = sqrt(level) x0 + sqrt(1 - level) noise, x0 ~ N(m, s^2) with m the in-between and s^2 = KEYED_VARIANCE where a
    channel has keys, m = 0 and s^2 = 1 elsewhere (channels are normalised). The network answers with the difference to
    it, so it need not learn to copy x_t. ``level`` (B,) is the share of signal; at level 0 (estimation) this is m.
    """
    known = filled.known
    return posterior(filled.values * known, 1 - (1 - KEYED_VARIANCE) * known, xt, level)


def posterior(mean: Tensor, variance: Tensor, xt: Tensor, level: Tensor) -> Tensor:
    """Mean of x0 ~ N(mean, variance) when x_t = sqrt(level) x0 + sqrt(1 - level) noise is seen; level (B,)."""
    share = level[:, None, None].to(xt.dtype)
    gain = share.sqrt() * variance / (share * variance + 1 - share)
    return mean + gain * (xt - share.sqrt() * mean)


@dataclass(frozen=True)
class RootPath:
    """Sparse root targets in the network's world (y up, the first camera looks along -z)."""

    position: Tensor
    """(B, L, 2) ground position x, z in m"""
    position_mask: Tensor
    """(B, L) bool"""
    heading: Tensor
    """(B, L) rad about +y"""
    heading_mask: Tensor
    """(B, L) bool"""
    height: Tensor
    """(B, L) pelvis height in m"""
    height_mask: Tensor
    """(B, L) bool"""


PATH_STEP, PATH_KNOWN, PATH_HEIGHT = slice(0, 2), slice(2, 3), slice(6, 7)
"""Channels of path_features: velocity x, z; whether it is known; pelvis height over standing."""


def path_features(path: RootPath) -> Tensor:
    """(B, L, PATH_CHANNELS): velocity x, z of the straight path (m/s) and whether it is known; cosine and sine of the
    heading and whether known; pelvis height over standing and whether known; at a position / heading / height target;
    nearness of the previous and next position target. Only differences of positions enter, so any length works.
    """
    position = fill(path.position, path.position_mask[..., None].expand_as(path.position))
    step = torch.diff(position.values, dim=1, append=position.values[:, -1:]) * FRAMES_PER_SECOND
    moving = position.between[..., :1].float()
    angle = torch.stack([path.heading.cos(), path.heading.sin()], dim=-1)
    heading = fill(angle, path.heading_mask[..., None].expand_as(angle))
    height = fill((path.height - STANDING_HEIGHT)[..., None], path.height_mask[..., None])
    at = [path.position_mask, path.heading_mask, path.height_mask]
    return torch.cat(
        [
            step * moving,
            moving,
            heading.values,
            heading.known[..., :1].float(),
            height.values,
            height.known.float(),
            torch.stack(at, dim=-1).float(),
            nearness(path.position_mask[..., None])[..., :2],
        ],
        dim=-1,
    )
