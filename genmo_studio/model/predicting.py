"""What the network is told of a request, and how it is asked: once in a draft, guided in every step of a take."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from genmo_studio.document.model import TakeMode
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.conditioning import Conditions
from genmo_studio.model.inputs import NetworkInputs
from genmo_studio.model.keyfill import KeyFill, key_fill
from genmo_studio.model.network import DenoiserOutput, TextContext
from genmo_studio.model.reused import Reused
from genmo_studio.model.root_prior import completed
from genmo_studio.model.sampler import Observed, Predict, Prior, guided, plain
from genmo_studio.values import replace

RENEWED = 2
"""Steps of the sampler in which the answer without words and music is made anew once (sampler.guided)."""


def _blended(
    model: LoadedModel,
    conditions: Conditions,
    inputs: NetworkInputs,
    *,
    fill: KeyFill | None,
    live: Reused | None = None,
) -> Tensor:
    """Fused conditions (1, L, C); video and music of less than full weight are faded towards their absence."""
    encoder = model.network.conditions
    steady = None if live is None else live.steady(lambda: encoder.steady(conditions))
    fused: Tensor = encoder(conditions, fill=fill, steady=steady)
    for weight, absent, exists in (
        (inputs.video_weight, _without_video(conditions), conditions.has_2d),
        (inputs.music_weight, conditions.without_weak(), conditions.has_music),
    ):
        faded = (weight < 1) & exists[..., None]  # a weight of zero is absence too
        if bool(faded.any()):
            without = encoder(absent, fill=fill)
            fused = torch.where(faded, without + weight * (fused - without), fused)
    return fused


def _without_video(conditions: Conditions) -> Conditions:
    empty = conditions.empty()
    return replace(
        conditions, obs_visible=empty.obs_visible, has_2d=empty.has_2d, has_camera=empty.has_camera,
        has_image=empty.has_image,
    )  # fmt: skip


def _prior(c: Conditions, filled: KeyFill, *, model: LoadedModel) -> Prior:
    level = model.schedule.signal(c.observed.device)

    def prior(answer: DenoiserOutput, xt: Tensor, steps: Tensor) -> Tensor:
        return completed(
            answer, xt, level[steps], filled=filled, conditions=c, statistics=model.statistics,
            path_answer=model.network.denoiser.path_answer(),
        )  # fmt: skip

    return prior


def predictor(
    inputs: NetworkInputs, *, model: LoadedModel, guidance: float, mode: TakeMode, live: Reused | None = None
) -> Callable[[], Predict]:
    """Makes the network's answers for one request; each predictor guides by itself, from its first step on."""
    network, c = model.network, inputs.conditions
    filled = key_fill(c.observed, c.observed_mask) if model.config.keys else None
    fused = _blended(model, c, inputs, fill=filled, live=live)

    def told() -> TextContext:
        return network.denoiser.text_context(inputs.text_states, inputs.text_windows)

    text = told() if live is None else live.text(told)
    prior = None if filled is None else _prior(c, filled, model=model)
    observed = Observed(values=c.observed, mask=c.observed_mask) if bool(c.observed_mask.any()) else None
    if mode is TakeMode.DRAFT or not inputs.has_weak or guidance == 1.0:
        denoiser = network.denoiser if live is None else live.denoiser(model, text=text, frames=fused.shape[1])
        return partial(
            plain, denoiser, fused=fused, text=text, prior=prior, smoothing=model.config.smoothing, observed=observed
        )
    no_text: TextContext = network.denoiser.text_context(torch.zeros_like(inputs.text_states), inputs.text_windows)
    return partial(
        guided,
        network.denoiser,
        fused=fused,
        fused_uncond=_blended(model, c.without_weak(), inputs, fill=filled),
        text=text,
        text_uncond=no_text,
        scale=guidance,
        prior=prior,
        smoothing=model.config.smoothing,
        observed=observed,
        every=1 if prior is None else RENEWED,  # the release is sampled as it was
    )
