"""The in-between network: what a body does between two poses that are known, when nothing else is said.

The denoiser is told keys as linear fills of its own channels and learns in-betweening beside everything else. A gap
between two keys is a small problem of its own, and a network that knows nothing but that solves it better: it sees the
poses before and after the gap in the frame of the last one, the plain in-between (slerp, straight line) over the gap,
and answers with the difference to it (as Oreshkin et al., "Motion In-Betweening via Delta-Interpolator", 2022), so that
an untrained one interpolates and the ends of a gap are met by construction (docs/adr/0022).

A token is PATCH frames: half the tokens at the same detail. All positions are of joints in m, y up.
"""

import dataclasses
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmo_studio.model.keyfill import next_index, previous_index
from genmo_studio.motion.body import forward_kinematics
from genmo_studio.motion.rotations import (
    heading_from_matrix,
    matrix_from_sixd,
    rotate,
    sixd_from_matrix,
    slerp_matrices,
    yaw_matrix,
)
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT

PATCH = 2
REACH = 10
"""Frames before the gap's first key and after its last that the network sees, where they are keyed."""
LONGEST = 60
"""Longest gap (frames between two keys) that it was trained on."""
CONTACTS = 6
_OFFSETS = 16
_FEATURES = BODY_JOINT_COUNT * 6 + 3 + BODY_JOINT_COUNT * 3 + 2 + 4 + 4 * _OFFSETS
_ANSWERS = BODY_JOINT_COUNT * 6 + 3 + CONTACTS


@dataclass(frozen=True)
class InbetweenConfig:
    """Sizes of the network; stored beside its weights."""

    width: int = 192
    layers: int = 6
    heads: int = 4

    def to_json(self) -> dict[str, int]:
        """A plain dictionary for a model's header."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(data: dict[str, int]) -> "InbetweenConfig":
        """Inverse of to_json; raises ValueError on absurd values and TypeError on unknown ones."""
        config = InbetweenConfig(**data)
        if not (0 < config.width <= 2048 and 0 < config.layers <= 32 and 0 < config.heads <= 32):
            raise ValueError(f"an in-between network of width {config.width} and {config.layers} layers")
        if config.width % config.heads:
            raise ValueError(f"{config.heads} heads do not divide a width of {config.width}")
        return config


@dataclass(frozen=True)
class Gaps:
    """A batch of gaps between known poses, each in the frame of its first key: it stands at x = z = 0, facing +z."""

    turns: Tensor
    """(B, L, 22, 3, 3) local rotations, slerp where ``known`` is not set; joint 0 turns the body in the gap's frame"""
    root: Tensor
    """(B, L, 3) the pelvis, m; a straight line where ``known`` is not set"""
    known: Tensor
    """(B, L) bool"""
    valid: Tensor
    """(B, L) bool: known, or between two frames that are"""
    first: Tensor
    """(B,) index of the key before the gap"""
    last: Tensor
    """(B,) index of the key after it"""


@dataclass(frozen=True)
class Between:
    """What the network answers; the known frames as they were."""

    turns: Tensor
    """(B, L, 22, 3, 3)"""
    root: Tensor
    """(B, L, 3)"""
    contacts: Tensor
    """(B, L, 6) logits that a joint rests"""


class _Block(nn.Module):
    """Pre-norm self-attention and MLP."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, n, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(seen.transpose(1, 2).reshape(b, n, c))
        changed: Tensor = x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))
        return changed


class Inbetween(nn.Module):
    """Fills gaps."""

    def __init__(self, config: InbetweenConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(PATCH * _FEATURES, config.width)
        self.blocks = nn.ModuleList(_Block(config.width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.leave = nn.Linear(config.width, PATCH * _ANSWERS)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, gaps: Gaps, rest: Tensor) -> Between:
        """``rest`` (22, 3) or (B, 1, 22, 3): the joints of the body at rest, m."""
        sixd = sixd_from_matrix(gaps.turns)
        x = _features(gaps, sixd, rest)
        b, length, _ = x.shape
        spare = -length % PATCH
        x = F.pad(x, (0, 0, 0, spare)).reshape(b, (length + spare) // PATCH, -1)
        seen = F.pad(gaps.valid, (0, spare)).reshape(b, -1, PATCH).any(-1)
        x = self.enter(x)
        for block in self.blocks:
            x = block(x, seen[:, None, None])
        answer = self.leave(self.norm(x)).reshape(b, length + spare, _ANSWERS)[:, :length]
        free = (~gaps.known).to(x.dtype)[..., None]
        turns = matrix_from_sixd(sixd + (answer[..., : BODY_JOINT_COUNT * 6] * free).unflatten(-1, (-1, 6)))
        turns = torch.where(gaps.known[..., None, None, None], gaps.turns, turns)
        root = gaps.root + answer[..., BODY_JOINT_COUNT * 6 : BODY_JOINT_COUNT * 6 + 3] * free
        return Between(turns, root, answer[..., -CONTACTS:])


def _features(gaps: Gaps, sixd: Tensor, rest: Tensor) -> Tensor:
    """(B, L, _FEATURES); zero outside ``valid``."""
    _, joints = forward_kinematics(gaps.turns, rest, gaps.root - rest[..., 0, :])
    frame = torch.arange(sixd.shape[1], device=sixd.device)[None]
    since, until = frame - gaps.first[:, None], gaps.last[:, None] - frame
    near = [torch.exp(-offset.abs().float() / 5) for offset in (since, until)]
    gap = (gaps.last - gaps.first).float()[:, None]
    timing = torch.stack([*near, since / gap, gap.expand_as(since) / LONGEST], dim=-1)
    flags = torch.stack([gaps.known, gaps.valid], dim=-1).float()
    parts = [sixd.flatten(2), gaps.root, joints.flatten(2), flags, timing, _waves(since), _waves(until)]
    return torch.cat(parts, dim=-1) * gaps.valid[..., None]


def _waves(offset: Tensor) -> Tensor:
    """(..., 2 * _OFFSETS) sines and cosines of an offset in frames, wavelengths 2 pi to about 600 frames."""
    rate = torch.exp(torch.arange(_OFFSETS, device=offset.device) * (-math.log(100.0) / (_OFFSETS - 1)))
    angle = offset[..., None] * rate
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


def in_frame_of(turns: Tensor, root: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn and move (B, L, 22, 3, 3), (B, L, 3) so that frame ``index`` (B,) faces +z above the origin.

    Also the way back: (B, 3, 3) and (B, 3); ``rotate(way, p) + origin``.
    """
    rows = torch.arange(len(index), device=index.device)
    way = yaw_matrix(heading_from_matrix(turns[rows, index, 0]))
    origin = root[rows, index] * torch.tensor([1.0, 0.0, 1.0], dtype=root.dtype, device=root.device)
    back = way.transpose(-1, -2)[:, None]
    oriented = torch.cat([(back @ turns[:, :, 0])[:, :, None], turns[:, :, 1:]], dim=2)
    return oriented, rotate(back, root - origin[:, None]), way, origin


def filled(turns: Tensor, root: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Slerp and straight lines over (B, L) frames that are not known: turns, root, and where there is such a thing."""
    length, mask = known.shape[1], known[..., None].to(root.dtype)
    frame = torch.arange(length, device=known.device)[None].expand_as(known)
    before, after = previous_index(mask)[..., 0], next_index(mask)[..., 0]
    valid = (before >= 0) & (after < length)
    low, high = torch.where(valid, before, 0), torch.where(valid, after, 0)
    share = ((frame - low) / (high - low).clamp(min=1)).to(root.dtype) * valid
    rows = torch.arange(len(known), device=known.device)[:, None]
    a, b = turns[rows, low], turns[rows, high]
    line = root[rows, low] + (root[rows, high] - root[rows, low]) * share[..., None]
    return slerp_matrices(a, b, share[..., None]), line, valid
