"""The GENMO denoiser: fused conditions + noisy motion + text -> clean motion (MODEL.md section 2).

Submodule names follow the public release's checkpoint keys, so that its weights load without a table of renames.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmo_studio.model.attention import (
    AttentionPlan,
    RotarySelfAttention,
    TextCrossAttention,
    rotary_turns,
    window_plan,
)
from genmo_studio.model.config import MOTION_CHANNELS, ModelConfig
from genmo_studio.motion.representation import LAYOUT

POSITIONS = 5000
CAMERA_MEAN = (1.0606, -0.0027, 0.2702)
CAMERA_STD = (0.1784, 0.0956, 0.0764)
MIN_CAMERA_SCALE = 0.25


def sinusoids(count: int, width: int) -> Tensor:
    """Sinusoidal position table (count, 1, width) of "Attention is all you need"."""
    position = torch.arange(count).float()[:, None]
    rate = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
    table = torch.zeros(count, width)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)
    return table[:, None]


def tanh_gelu(x: Tensor) -> Tensor:
    """GELU in its tanh form, x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 x^3)): sigmoid takes half of tanh's time."""
    if torch.is_grad_enabled():
        return F.gelu(x, approximate="tanh")
    slope = (x * x).mul_(2 * math.sqrt(2 / math.pi) * 0.044715).add_(2 * math.sqrt(2 / math.pi))
    return slope.mul_(x).sigmoid_().mul_(x)


class Mlp(nn.Module):
    """Linear, GELU, Linear."""

    def __init__(self, inputs: int, hidden: int, outputs: int, *, approximate: str = "none", dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Linear(inputs, hidden)
        self.fc2 = nn.Linear(hidden, outputs)
        self.activation = tanh_gelu if approximate == "tanh" else F.gelu
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs)."""
        out: Tensor = self.drop(self.fc2(self.drop(self.activation(self.fc1(x)))))
        return out


class MotionBlock(nn.Module):
    """Pre-norm self-attention and MLP behind zero-initialised gates."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = RotarySelfAttention(width, heads=config.heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width, int(width * config.mlp_ratio), width, approximate="tanh", dropout=config.dropout)
        self.gate_msa = nn.Parameter(torch.zeros(1, 1, width))
        self.gate_mlp = nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x: Tensor, *, turns: Tensor, plan: AttentionPlan) -> Tensor:
        """(B, L, C) -> (B, L, C)."""
        x = torch.addcmul(x, self.gate_msa, self.attn(self.norm1(x), turns=turns, plan=plan))
        return torch.addcmul(x, self.gate_mlp, self.mlp(self.norm2(x)))


class TextBlock(nn.Module):
    """Pre-norm text cross-attention and MLP behind zero-initialised gates."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.cross_attn = TextCrossAttention(width, heads=config.heads)
        self.norm3 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width, int(width * config.text_mlp_ratio), width, approximate="tanh", dropout=config.dropout)
        self.gate_cross_attn = nn.Parameter(torch.zeros(1, 1, width))
        self.gate_mlp = nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x: Tensor, *, keys: Tensor, values: Tensor, windows: Tensor) -> Tensor:
        """(B, L, C) -> (B, L, C)."""
        text = self.cross_attn(self.norm2(x), keys=keys, values=values, windows=windows)
        x = torch.addcmul(x, self.gate_cross_attn, text)
        return torch.addcmul(x, self.gate_mlp, self.mlp(self.norm3(x)))


class TimestepEmbedder(nn.Module):
    """Diffusion step -> (B, 1, C)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.time_embed = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, steps: Tensor, table: Tensor) -> Tensor:
        """steps (B,) int, table (POSITIONS, 1, C)."""
        out: Tensor = self.time_embed(table[steps])
        return out


@dataclass(frozen=True)
class TextContext:
    """Prompts projected for every text block: made once a generation."""

    keys: tuple[Tensor, ...]
    """per block (B, K, H, S, D)"""
    values: tuple[Tensor, ...]
    windows: Tensor
    """(B, K, L), 0..1"""


@dataclass(frozen=True)
class DenoiserOutput:
    """What one pass predicts."""

    x0: Tensor
    """(B, L, 151) clean motion, normalised; betas averaged over the valid frames"""
    camera: Tensor
    """(B, L, 3) weak-perspective scale and offset"""
    static_logits: Tensor
    """(B, L, 6)"""
    hidden: Tensor
    """(B, L, C)"""

    def halves(self) -> tuple["DenoiserOutput", "DenoiserOutput"]:
        """The two answers of a pass of twice the batch."""
        parts = {name: value.chunk(2) for name, value in vars(self).items()}
        first, second = ({name: pair[i] for name, pair in parts.items()} for i in (0, 1))
        return DenoiserOutput(**first), DenoiserOutput(**second)


class Denoiser(nn.Module):
    """One pass of GENMO."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.blocks = nn.ModuleList(MotionBlock(config) for _ in range(config.layers))
        self.text_encoder_layers = nn.ModuleDict({str(i): TextBlock(config) for i in range(config.layers)})
        self.embed_timestep = TimestepEmbedder(width)
        self.embed_text = nn.Linear(config.text_dim, width)
        self.add_cond_linear = nn.Linear(MOTION_CHANNELS + width, width)
        self.final_layer = Mlp(width, width, MOTION_CHANNELS)
        self.pred_cam_head = Mlp(width, width, 3)
        self.static_conf_head = Mlp(width, width, 6)
        if config.root_prior:
            self.path_head = Mlp(width + 3, width, 3)
            nn.init.zeros_(self.path_head.fc2.weight)
            nn.init.zeros_(self.path_head.fc2.bias)
        self.register_buffer("positions", sinusoids(POSITIONS, width), persistent=False)
        self.register_buffer("camera_mean", torch.tensor(CAMERA_MEAN), persistent=False)
        self.register_buffer("camera_std", torch.tensor(CAMERA_STD), persistent=False)
        self.positions: Tensor
        self.camera_mean: Tensor
        self.camera_std: Tensor

    def text_context(self, states: Tensor, windows: Tensor) -> TextContext:
        """Token states (B, K, S, text_dim) and windows (B, K, L) -> projected once for all steps."""
        embedded = self.embed_text(states) + self.positions[: states.shape[2], 0]
        pairs = [block.cross_attn.keys_values(embedded) for block in self._text_blocks()]
        return TextContext(keys=tuple(k for k, _ in pairs), values=tuple(v for _, v in pairs), windows=windows)

    def path_answer(self) -> Callable[[Tensor, Tensor], Tensor] | None:
        """(hidden (B, L, C), the path's step in the root's frame (B, L, 3), normalised) -> difference to that step.

        None for networks whose velocity knows no path (root_prior.py).
        """
        if not self.config.root_prior:
            return None
        head = self.path_head
        return lambda hidden, step: head(torch.cat([hidden, step], dim=-1))

    def _text_blocks(self) -> list[TextBlock]:
        return [block for block in self.text_encoder_layers.values() if isinstance(block, TextBlock)]

    def forward(
        self, xt: Tensor, steps: Tensor, *, fused: Tensor, text: TextContext, valid: Tensor | None = None
    ) -> DenoiserOutput:
        """Predict clean motion.

        xt (B, L, 151) noisy motion, steps (B,) diffusion steps, fused (B, L, C) conditions, valid (B, L) bool.
        """
        length = xt.shape[1]
        x = fused + self.embed_timestep(steps, self.positions)
        x = self.add_cond_linear(torch.cat([x, xt], dim=-1))
        turns = rotary_turns(length, self.config.width // self.config.heads, device=xt.device)
        plan = window_plan(length, window=self.config.window, valid=valid, device=xt.device)
        for index, (block, text_block) in enumerate(zip(self.blocks, self._text_blocks(), strict=True)):
            x = text_block(x, keys=text.keys[index], values=text.values[index], windows=text.windows)
            x = block(x, turns=turns, plan=plan)
        camera = self.pred_cam_head(x) * self.camera_std + self.camera_mean
        camera = torch.cat([camera[..., :1].clamp_min(MIN_CAMERA_SCALE), camera[..., 1:]], dim=-1)
        return DenoiserOutput(
            x0=self._average_betas(self.final_layer(x), valid),
            camera=camera,
            static_logits=self.static_conf_head(x),
            hidden=x,
        )

    @staticmethod
    def _average_betas(x0: Tensor, valid: Tensor | None) -> Tensor:
        part = LAYOUT["betas"]
        betas = x0[..., part]
        if valid is None:
            mean = betas.mean(1, keepdim=True)
        else:
            weight = valid[..., None].to(x0.dtype)
            mean = (betas * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
        return torch.cat([x0[..., : part.start], mean.expand_as(betas), x0[..., part.stop :]], dim=-1)
