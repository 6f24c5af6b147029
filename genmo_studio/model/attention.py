"""Attention of the GENMO backbone: rotary self-attention in a sliding window, and windowed text cross-attention.

A frame i of a sequence longer than W attends to the W frames from clamp(i - W/2, 0, L - W): near the ends the window is
clamped, not shortened (MODEL.md section 2). Queries are cut into blocks; a block of Q queries only ever needs
Q + W - 1 keys, so time and memory grow linearly with L. Short sequences use the dense mask, which is faster there.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUERY_BLOCK = 64
DENSE_WINDOWS = 2.5
"""Up to so many windows the dense mask is faster than cutting into blocks (measured: benchmarks/bench_length.py)."""


def rotary_angles(length: int, head_dim: int, *, device: torch.device) -> Tensor:
    """Rotary position angles (length, head_dim); neighbouring channels share one frequency (RoFormer, 2104.09864)."""
    frequencies = 1.0 / (10000 ** (torch.arange(0, head_dim, 2, device=device).float() / head_dim))
    angles = torch.arange(length, device=device).float()[:, None] * frequencies
    return angles.repeat_interleave(2, dim=-1)


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Turn channel pairs of x (..., L, head_dim) by the angles (L, head_dim)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = torch.stack((-odd, even), dim=-1).flatten(-2)
    return x * angles.cos() + turned * angles.sin()


def window_starts(length: int, window: int, *, device: torch.device) -> Tensor:
    """First key (L,) that each frame attends to when L > window."""
    return (torch.arange(length, device=device) - window // 2).clamp(0, length - window)


def window_mask(length: int, window: int, *, device: torch.device) -> Tensor:
    """The same windows as a dense (L, L) bool mask, True = may attend: the O(L^2) reference of tests and benchmarks."""
    start = window_starts(length, window, device=device)[:, None]
    key = torch.arange(length, device=device)[None]
    return (key >= start) & (key < start + window)


def dense_attention(q: Tensor, k: Tensor, v: Tensor, *, valid: Tensor | None, window: int) -> Tensor:
    """Attention (B, H, L, D) with dense masks; ``valid`` (B, L) marks real frames."""
    length = q.shape[2]
    mask = None if valid is None else valid[:, None, None, :]
    if length > window:
        dense = window_mask(length, window, device=q.device)
        mask = dense if mask is None else mask & dense
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def sliding_window_attention(q: Tensor, k: Tensor, v: Tensor, *, valid: Tensor | None, window: int) -> Tensor:
    """The same result as dense_attention in O(L): q, k, v (B, H, L, D) -> (B, H, L, D)."""
    batch, heads, length, dim = q.shape
    if length <= DENSE_WINDOWS * window:
        return dense_attention(q, k, v, valid=valid, window=window)
    device = q.device
    span = min(QUERY_BLOCK + window - 1, length)
    blocks = -(-length // QUERY_BLOCK)
    first_query = torch.arange(blocks, device=device) * QUERY_BLOCK
    first_key = (first_query - window // 2).clamp(0, length - span)
    query_index = (first_query[:, None] + torch.arange(QUERY_BLOCK, device=device)).clamp(max=length - 1)
    key_index = first_key[:, None] + torch.arange(span, device=device)  # (blocks, span)
    start = window_starts(length, window, device=device)[query_index][..., None]  # (blocks, Q, 1)
    allowed = (key_index[:, None] >= start) & (key_index[:, None] < start + window)  # (blocks, Q, span)
    mask = allowed[None].expand(batch, -1, -1, -1)
    if valid is not None:
        mask = mask & valid[:, key_index][:, :, None]

    def blocked(x: Tensor, index: Tensor) -> Tensor:
        return x[:, :, index].transpose(1, 2).reshape(batch * blocks, heads, index.shape[1], dim)

    out = F.scaled_dot_product_attention(
        blocked(q, query_index),
        blocked(k, key_index),
        blocked(v, key_index),
        attn_mask=mask.reshape(batch * blocks, 1, QUERY_BLOCK, span),
    )
    out = out.reshape(batch, blocks, heads, QUERY_BLOCK, dim).transpose(1, 2)
    return out.reshape(batch, heads, blocks * QUERY_BLOCK, dim)[:, :, :length]


class RotarySelfAttention(nn.Module):
    """Multi-head self-attention with rotary positions in a sliding window."""

    def __init__(self, width: int, *, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, *, angles: Tensor, valid: Tensor | None) -> Tensor:
        """x (B, L, C), angles (L, C / heads) -> (B, L, C)."""
        batch, length, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.reshape(batch, length, self.heads, -1).transpose(1, 2)

        parts = (self.query, self.key, self.value)  # one product of three times the width is faster than three
        weight = torch.cat([part.weight for part in parts])
        query, key, value = F.linear(x, weight, torch.cat([part.bias for part in parts])).chunk(3, dim=-1)
        q, k = rotate(split(query), angles), rotate(split(key), angles)
        out = sliding_window_attention(q, k, split(value), valid=valid, window=self.window)
        projected: Tensor = self.proj(out.transpose(1, 2).reshape(batch, length, width))
        return projected


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
