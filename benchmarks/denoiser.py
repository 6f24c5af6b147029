"""A denoiser of the default size and everything it is called with. Timings do not depend on the weights."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from genmo_studio.model.checkpoint import Network
from genmo_studio.model.config import DEFAULT, MOTION_CHANNELS, ModelConfig
from genmo_studio.model.network import DenoiserOutput


@dataclass(frozen=True)
class Pass:
    """One call of the denoiser: B clips of L frames with two prompts."""

    network: Network
    fused: Tensor
    xt: Tensor
    steps: Tensor
    windows: Tensor
    states: Tensor

    @staticmethod
    def of(length: int, *, batch: int = 1, config: ModelConfig = DEFAULT, device: str = "cpu") -> "Pass":
        """Random inputs of the right shapes."""
        torch.manual_seed(0)
        network = Network(config).eval().requires_grad_(False).to(device)
        for parameter in network.parameters():  # the gates start at zero, and a zero may be cheaper
            parameter.add_(torch.randn_like(parameter) * 0.02)
        fused = torch.randn(batch, length, config.width, device=device)  # made once a generation, so not timed here
        windows = torch.zeros(batch, 2, length, device=device)
        windows[:, 0, : length * 2 // 3] = windows[:, 1, length // 3 :] = 1
        states = torch.randn(batch, 2, config.text_tokens, config.text_dim, device=device)
        xt = torch.randn(batch, length, MOTION_CHANNELS, device=device)
        return Pass(network, fused, xt, torch.full((batch,), 500, device=device), windows, states)

    def run(self) -> DenoiserOutput:
        """One pass; on a GPU, until it is done."""
        with torch.inference_mode():
            text = self.network.denoiser.text_context(self.states, self.windows)
            out: DenoiserOutput = self.network.denoiser(self.xt, self.steps, fused=self.fused, text=text)
        if self.xt.is_cuda:
            torch.cuda.synchronize()
        return out

    def flops(self) -> int:
        """Floating-point operations of its matrix products."""
        with FlopCounterMode(display=False) as counter:
            self.run()
        return int(counter.get_total_flops())
