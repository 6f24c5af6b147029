"""One pass of the denoiser written down as torch runs it, for sequences of one length.

Of a pass over a draft's 5 s a quarter is Python on its way from one layer to the next, which is the same every time. A
trace of it (torch.jit) gives the same numbers to the last bit. Attention plans and rotary tables are part of what is
written down, so a trace is good for its own numbers of frames and prompts only; making one takes as long as ten passes.
"""

import warnings
from typing import Protocol

import torch
from torch import Tensor, nn

from genmo_studio.model.network import Denoiser, DenoiserOutput, TextContext


class Pass(Protocol):
    """A denoiser as samplers call it."""

    def __call__(
        self, xt: Tensor, steps: Tensor, *, fused: Tensor, text: TextContext, valid: Tensor | None = None
    ) -> DenoiserOutput:
        """See Denoiser.forward."""


class _Flat(nn.Module):
    """The pass with tensors only, which is what can be written down."""

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = denoiser

    def forward(  # noqa: PLR0917 - a trace has no names
        self, xt: Tensor, steps: Tensor, fused: Tensor, keys: Tensor, values: Tensor, windows: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Keys and values (blocks, B, K, H, S, D)."""
        text = TextContext(keys=keys.unbind(0), values=values.unbind(0), windows=windows)
        out = self.denoiser(xt, steps, fused=fused, text=text)
        return out.x0, out.camera, out.static_logits, out.hidden


class FrozenPass:
    """Called as the denoiser it was made of; batches of one, without ``valid``."""

    def __init__(self, denoiser: Denoiser, *, frames: int, text: TextContext) -> None:
        """Write the pass down for ``frames`` and the number of prompts of ``text``. RuntimeError where torch cannot."""
        config = denoiser.config
        self._stacked: tuple[TextContext, Tensor, Tensor] | None = None
        example = (
            torch.zeros(1, frames, denoiser.add_cond_linear.in_features - config.width),
            torch.zeros(1, dtype=torch.long),
            torch.zeros(1, frames, config.width),
            *(part.clone() for part in self._together(text)),
            text.windows.clone(),
        )
        with torch.no_grad(), warnings.catch_warnings():
            # It warns of shapes that become part of the trace, which is what is wanted, and that torch will rather
            # compile: that needs a C++ compiler on the user's machine.
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(_Flat(denoiser).eval(), example, check_trace=False)  # type: ignore[no-untyped-call]
            self._run = torch.jit.freeze(traced)

    def _together(self, text: TextContext) -> tuple[Tensor, Tensor]:
        """Keys and values of all blocks; prompts stay the same for a whole drag."""
        if self._stacked is None or self._stacked[0] is not text:
            self._stacked = text, torch.stack(text.keys), torch.stack(text.values)
        return self._stacked[1:]

    def __call__(
        self, xt: Tensor, steps: Tensor, *, fused: Tensor, text: TextContext, valid: Tensor | None = None
    ) -> DenoiserOutput:
        """See Denoiser.forward."""
        if valid is not None:
            raise ValueError("a frozen pass is over whole sequences")
        x0, camera, static_logits, hidden = self._run(xt, steps, fused, *self._together(text), text.windows)
        return DenoiserOutput(x0=x0, camera=camera, static_logits=static_logits, hidden=hidden)
