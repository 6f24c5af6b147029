"""Attention of the GENMO backbone: rotary self-attention in a sliding window, and windowed text cross-attention.

A frame i of a sequence longer than W attends to the W frames from clamp(i - W/2, 0, L - W): near the ends the window is
clamped, not shortened (MODEL.md section 2). Queries are cut into blocks; a block of Q queries only ever needs
Q + W - 1 keys, so time and memory grow linearly with L. Short sequences use the dense mask, which is faster there.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUERY_BLOCK = 64
DENSE_WINDOWS = 2.5
"""Up to so many windows the dense mask is faster than cutting into blocks (measured: benchmarks/bench_length.py)."""


def rotary_turns(length: int, head_dim: int, *, device: torch.device) -> Tensor:
    """Rotary position table (RoFormer, 2104.09864), complex (L, head_dim / 2): one turn for each channel pair."""
    frequencies = 1.0 / (10000 ** (torch.arange(0, head_dim, 2, device=device).float() / head_dim))
    angles = torch.arange(length, device=device).float()[:, None] * frequencies
    return torch.polar(torch.ones_like(angles), angles)


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Turn neighbouring channel pairs of x (..., L, head_dim) by the table, as a product of complex numbers."""
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turns).flatten(-2).to(x.dtype)


def window_starts(length: int, window: int, *, device: torch.device) -> Tensor:
    """First key (L,) that each frame attends to when L > window."""
    return (torch.arange(length, device=device) - window // 2).clamp(0, length - window)


def window_mask(length: int, window: int, *, device: torch.device) -> Tensor:
    """The same windows as a dense (L, L) bool mask, True = may attend: the O(L^2) reference of tests and benchmarks."""
    start = window_starts(length, window, device=device)[:, None]
    key = torch.arange(length, device=device)[None]
    return (key >= start) & (key < start + window)


@dataclass(frozen=True)
class AttentionPlan:
    """Who attends to whom over a sequence of L frames: the same for every block, so made once a pass.

    A dense plan has one mask over all frames; a blocked plan has the frames of each block of queries and of its keys.
    """

    mask: Tensor | None
    """additive, 0 or -inf: dense (1 | B, 1, 1 | L, L), blocked (1 | B, blocks, Q, span); None = everybody attends"""
    queries: Tensor | None = None
    """(blocks, Q) frame of each query; None = dense"""
    keys: Tensor | None = None
    """(blocks, span) frame of each key"""


def _additive(allowed: Tensor) -> Tensor:
    """0 where allowed, -inf elsewhere: what attention would otherwise make of a bool mask again in every block."""
    return torch.zeros(allowed.shape, device=allowed.device).masked_fill_(~allowed, -torch.inf)


def dense_plan(length: int, *, window: int, valid: Tensor | None, device: torch.device) -> AttentionPlan:
    """One mask over all frames, O(L^2); ``valid`` (B, L) marks real frames."""
    mask = None if valid is None else valid[:, None, None, :]
    if length > window:
        dense = window_mask(length, window, device=device)[None, None]
        mask = dense if mask is None else mask & dense
    return AttentionPlan(mask=None if mask is None else _additive(mask))


def window_plan(length: int, *, window: int, valid: Tensor | None, device: torch.device) -> AttentionPlan:
    """The same attention as :func:`dense_plan`, cut into blocks of queries where the sequence is long: O(L)."""
    if length <= DENSE_WINDOWS * window:
        return dense_plan(length, window=window, valid=valid, device=device)
    span = min(QUERY_BLOCK + window - 1, length)
    blocks = -(-length // QUERY_BLOCK)
    first_query = torch.arange(blocks, device=device) * QUERY_BLOCK
    first_key = (first_query - window // 2).clamp(0, length - span)
    queries = (first_query[:, None] + torch.arange(QUERY_BLOCK, device=device)).clamp(max=length - 1)
    keys = first_key[:, None] + torch.arange(span, device=device)
    start = window_starts(length, window, device=device)[queries][..., None]  # (blocks, Q, 1)
    allowed = ((keys[:, None] >= start) & (keys[:, None] < start + window))[None]  # (1, blocks, Q, span)
    if valid is not None:
        allowed = allowed & valid[:, keys][:, :, None]
    return AttentionPlan(mask=_additive(allowed), queries=queries, keys=keys)


def planned_attention(q: Tensor, k: Tensor, v: Tensor, *, plan: AttentionPlan) -> Tensor:
    """Attention of q, k, v (B, H, L, D) -> (B, H, L, D)."""
    mask = None if plan.mask is None else plan.mask.to(q.dtype)
    if plan.queries is None or plan.keys is None:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    batch, heads, length, dim = q.shape
    blocks, width = plan.queries.shape

    def blocked(x: Tensor, index: Tensor) -> Tensor:
        return x[:, :, index].transpose(1, 2).reshape(batch * blocks, heads, index.shape[1], dim)

    out = F.scaled_dot_product_attention(
        blocked(q, plan.queries),
        blocked(k, plan.keys),
        blocked(v, plan.keys),
        attn_mask=None if mask is None else mask.expand(batch, -1, -1, -1).reshape(batch * blocks, 1, width, -1),
    )
    out = out.reshape(batch, blocks, heads, width, dim).transpose(1, 2)
    return out.reshape(batch, heads, blocks * width, dim)[:, :, :length]


class RotarySelfAttention(nn.Module):
    """Multi-head self-attention with rotary positions."""

    def __init__(self, width: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.proj = nn.Linear(width, width)
        self._kept: tuple[tuple[tuple[int, int], ...], Tensor, Tensor] | None = None

    def forward(self, x: Tensor, *, turns: Tensor, plan: AttentionPlan) -> Tensor:
        """x (B, L, C), turns of :func:`rotary_turns` -> (B, L, C)."""
        batch, length, width = x.shape
        heads = F.linear(x, *self._merged()).reshape(batch, length, 3 * self.heads, -1).transpose(1, 2)
        q, k = rotate(heads[:, : 2 * self.heads], turns).chunk(2, dim=1)
        out = planned_attention(q, k, heads[:, 2 * self.heads :], plan=plan)
        projected: Tensor = self.proj(out.transpose(1, 2).reshape(batch, length, width))
        return projected

    def _merged(self) -> tuple[Tensor, Tensor]:
        """Weight (3 C, C) and bias of query, key and value: one product of three times the width beats three.

        Of weights that are not learned it is kept until one of them is written or moved. Learned ones are merged every
        time, also where no gradient is wanted: the fused optimizer writes them without counting a version.
        """
        parts = (self.query, self.key, self.value)
        parameters = [p for part in parts for p in (part.weight, part.bias)]
        if torch.is_grad_enabled() or any(p.requires_grad or p.is_inference() for p in parameters):
            return torch.cat(parameters[0::2]), torch.cat(parameters[1::2])
        state = tuple((p.data_ptr(), p._version) for p in parameters)
        if self._kept is None or self._kept[0] != state:
            self._kept = (state, torch.cat(parameters[0::2]), torch.cat(parameters[1::2]))
        return self._kept[1], self._kept[2]


class TextCrossAttention(nn.Module):
    """Multi-text injection: ``sum_k window_k * MHA(motion, text_k)``.

    Keys and values depend on the prompts only, so they are projected once a generation. ``window`` may hold weights
    between 0 and 1; a frame outside every window receives exactly nothing.
    """

    def __init__(self, width: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def keys_values(self, text: Tensor) -> tuple[Tensor, Tensor]:
        """Embedded prompts (B, K, S, C) -> keys and values, each (B, K, H, S, C / H)."""
        batch, prompts, tokens, width = text.shape
        projected = F.linear(text, self.in_proj_weight[width:], self.in_proj_bias[width:])
        k, v = projected.chunk(2, dim=-1)
        shape = (batch, prompts, tokens, self.heads, width // self.heads)
        return k.reshape(shape).transpose(2, 3), v.reshape(shape).transpose(2, 3)

    def forward(self, x: Tensor, *, keys: Tensor, values: Tensor, windows: Tensor) -> Tensor:
        """x (B, L, C), windows (B, K, L) -> (B, L, C)."""
        batch, length, width = x.shape
        q = F.linear(x, self.in_proj_weight[:width], self.in_proj_bias[:width])
        q = q.reshape(batch, 1, length, self.heads, -1).transpose(2, 3)
        prompts = keys.shape[1]
        attended = F.scaled_dot_product_attention(
            q.expand(-1, prompts, -1, -1, -1).flatten(0, 1), keys.flatten(0, 1), values.flatten(0, 1)
        )  # (B * K, H, L, D)
        attended = attended.transpose(1, 2).reshape(batch, prompts, length, width)
        summed = (windows[..., None] * attended).sum(1)  # not einsum, which makes a matrix product for each frame
        return F.linear(summed, self.out_proj.weight) + windows.sum(1)[..., None] * self.out_proj.bias
