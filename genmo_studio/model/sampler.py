"""Sampling: DDIM with eta 0 (arXiv 2010.02502) and classifier-free guidance in one batched pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from genmo_studio.model.diffusion import Schedule
from genmo_studio.model.frozen import Pass
from genmo_studio.model.network import Denoiser, DenoiserOutput, TextContext
from genmo_studio.model.smoothing import smooth_over_time
from genmo_studio.values import replace

Predict = Callable[[Tensor, Tensor], DenoiserOutput]
"""(xt (B, L, 151), steps (B,)) -> prediction"""
Prior = Callable[[DenoiserOutput, Tensor, Tensor], Tensor]
"""(the network's answer, xt with keys held, steps) -> x0, where the answer is a difference (root_prior.completed)"""
Project = Callable[[Tensor], Tensor]
"""x0 (B, L, 151) -> x0 that keeps the user's promises"""


@dataclass(frozen=True)
class Observed:
    """Channels held at given values while sampling: x_t is overwritten where the mask is 1."""

    values: Tensor
    mask: Tensor

    def hold(self, x: Tensor) -> Tensor:
        """x with the held channels replaced."""
        return x * (1 - self.mask) + self.values * self.mask


def _twice(text: TextContext, other: TextContext) -> TextContext:
    return TextContext(
        keys=tuple(torch.cat(pair) for pair in zip(text.keys, other.keys, strict=True)),
        values=tuple(torch.cat(pair) for pair in zip(text.values, other.values, strict=True)),
        windows=torch.cat([text.windows, other.windows]),
    )


def _mixed_at_size(both: Tensor, scale: float) -> Tensor:
    """Guided x0 brought back to the conditional's size over time, channel by channel (Lin et al. 2023, section 3.4).

    Plain guidance extrapolates amplitudes too: people walked and ran at twice their speed.
    """
    cond, uncond = both.chunk(2)
    mixed = uncond + scale * (cond - uncond)
    size = mixed.square().mean(1, keepdim=True).clamp_min(1e-8)
    return mixed * (cond.square().mean(1, keepdim=True) / size).sqrt().clamp(max=1.0)


def guided(
    denoiser: Denoiser,
    *,
    fused: Tensor,
    fused_uncond: Tensor,
    text: TextContext,
    text_uncond: TextContext,
    scale: float,
    prior: Prior | None = None,
    smoothing: float = 0.0,
    observed: Observed | None = None,
    valid: Tensor | None = None,
    every: int = 1,
) -> Predict:
    """``uncond + scale (cond - uncond)`` for x0 and both heads; one pass of twice the batch.

    The unconditional answer is made anew in every ``every``-th call; between, it keeps its distance to the conditional
    one, which changes slowly from step to step, and a call costs half (measured: docs/model.md, sampling steps).

    ``prior`` makes x0 of an answer that is a difference (root_prior.completed). The release has none and is guided as
    it was; with a prior the guided x0 keeps the size of the conditional one, see _mixed_at_size.
    """
    both_fused = torch.cat([fused, fused_uncond])
    both_text = _twice(text, text_uncond)
    both_valid = None if valid is None else torch.cat([valid, valid])
    calls, apart = 0, None

    def answered(held: Tensor, steps: Tensor) -> DenoiserOutput:
        nonlocal calls, apart
        fresh = calls % every == 0
        calls += 1
        if not fresh and apart is not None:
            one = denoiser(held, steps, fused=fused, text=text, valid=valid)
            return DenoiserOutput(**{name: torch.cat([x, x + apart[name]]) for name, x in vars(one).items()})
        out: DenoiserOutput = denoiser(
            torch.cat([held, held]), torch.cat([steps, steps]), fused=both_fused, text=both_text, valid=both_valid
        )
        if every > 1:
            cond, uncond = (vars(half) for half in out.halves())
            apart = {name: uncond[name] - x for name, x in cond.items()}
        return out

    def predict(xt: Tensor, steps: Tensor) -> DenoiserOutput:
        held = xt if observed is None else observed.hold(xt)
        out = answered(held, steps)

        def mix(x: Tensor) -> Tensor:
            cond, uncond = x.chunk(2)
            return uncond + scale * (cond - uncond)

        if prior is None:
            x0 = mix(out.x0)
        else:
            x0 = _mixed_at_size(torch.cat([prior(half, held, steps) for half in out.halves()]), scale)
        return DenoiserOutput(
            x0=smooth_over_time(x0, frames=smoothing),
            camera=mix(out.camera),
            static_logits=mix(out.static_logits) if prior is None else out.static_logits.chunk(2)[0],
            hidden=out.hidden.chunk(2)[0],
        )

    return predict


def plain(
    denoiser: Pass,
    *,
    fused: Tensor,
    text: TextContext,
    prior: Prior | None = None,
    smoothing: float = 0.0,
    observed: Observed | None = None,
    valid: Tensor | None = None,
) -> Predict:
    """One pass without guidance."""

    def predict(xt: Tensor, steps: Tensor) -> DenoiserOutput:
        held = xt if observed is None else observed.hold(xt)
        out: DenoiserOutput = denoiser(held, steps, fused=fused, text=text, valid=valid)
        x0 = out.x0 if prior is None else prior(out, held, steps)
        return replace(out, x0=smooth_over_time(x0, frames=smoothing))

    return predict


def estimate(
    predict: Predict,
    shape: tuple[int, int, int],
    *,
    schedule: Schedule,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
) -> DenoiserOutput:
    """Estimation mode: one pass at the last step from zeros (the release's choice; the paper feeds noise)."""
    steps = torch.full((shape[0],), schedule.steps - 1, device=device)
    return predict(torch.zeros(shape, device=device, dtype=dtype), steps)


@dataclass(frozen=True)
class SamplerStep:
    """State after one DDIM step."""

    index: int
    """1..count"""
    count: int
    output: DenoiserOutput
    raw: Tensor
    """(B, L, 151) x0 as the network said it, before projection"""
    pulled: Tensor
    """(B, L, 151) x0 after ``pull``, before projection"""
    sample: Tensor
    """(B, L, 151) x at the next noise level; equals x0 after the last step"""


def ddim(
    predict: Predict,
    noise: Tensor,
    *,
    schedule: Schedule,
    count: int,
    pull: Project | None = None,
    project: Project | None = None,
) -> Iterator[SamplerStep]:
    """DDIM, eta 0: yields after every step, so that the caller can show, cancel and measure.

    Each x0 is drawn to what is known (``pull``), then made to keep promises (``project``).
    """
    steps = schedule.respaced(count)
    levels = schedule.alpha_bar[steps].tolist()
    x = noise
    for done, index in enumerate(reversed(range(count)), start=1):
        out = predict(x, torch.full((x.shape[0],), steps[index], device=x.device))
        raw = out.x0
        pulled = raw if pull is None else pull(raw)
        out = replace(out, x0=pulled if project is None else project(pulled))
        level, previous = levels[index], levels[index - 1] if index > 0 else 1.0
        epsilon = (x / level**0.5 - out.x0) / (1 / level - 1) ** 0.5
        x = out.x0 * previous**0.5 + (1 - previous) ** 0.5 * epsilon
        yield SamplerStep(index=done, count=count, output=out, raw=raw, pulled=pulled, sample=x)
