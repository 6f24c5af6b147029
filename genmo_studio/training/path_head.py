"""Fit the path's head alone to a network that stays as it is: its passes are made once, the head learns from them.

On two CPU cores a pass takes seconds and a step of the head a few milliseconds. So the hidden states of many training
windows are kept on disk (``collect``, which goes on where it stopped), and the head of 67,000 weights is fitted to them
as often as one likes (``fit``). Nothing but the velocity of frames on a given path can change.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmo_studio.model.keyfill import FRAMES_PER_SECOND, prior_mean
from genmo_studio.model.root_prior import path_terms
from genmo_studio.model.smoothing import smooth_over_time
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.representation import LAYOUT, decode
from genmo_studio.motion.rotations import rotate
from genmo_studio.training.loop import Trainer, answered, decided_batch, noisy_input
from genmo_studio.training.losses import joint_steps, rests
from genmo_studio.training.targets import Item

_VELOCITY = LAYOUT["local_transl_vel"]
DRIFT_WEIGHT = 2.0
"""Weight of the roll-out's drift (smooth L1, m) beside the squared error of the normalised velocity."""
SLIDE_WEIGHT = 1.0
"""Weight of the squared speed (m/s) of joints at rest beside them: the head learns when a foot stands."""
HELD_OUT = 10
"""Every so many-th pass is kept out of the fit and scores it."""


def collect(trainer: Trainer, folder: Path, *, passes: int) -> Iterator[int]:
    """Write ``passes`` batches of what the head sees and should answer; yields the number that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    windows = trainer.opener()
    for step in range(passes):
        path = folder / f"pass-{step:05d}.safetensors"
        if not path.is_file():
            share = trainer.options.path_share
            arrays = decided_batch(windows.batch_at(step), step, seed=trainer.seed + 500_000, path_share=share)
            temporary = path.with_suffix(".tmp")
            safetensors.torch.save_file(_seen(trainer, trainer.maker.make(arrays)), temporary)
            temporary.replace(path)
        yield step + 1


@torch.no_grad()
def _seen(trainer: Trainer, item: Item) -> dict[str, Tensor]:
    xt, steps = noisy_input(item, level=trainer.level)
    statistics, level = trainer.maker.statistics, trainer.level[steps]
    answer = answered(trainer.network, item, xt, steps, vocabulary=trainer.vocabulary)
    x0 = answer.out.x0 + prior_mean(answer.filled, answer.held, level)
    terms = path_terms(x0, answer.held, level, conditions=item.conditions, statistics=statistics)
    t = item.targets
    smooth = decode(statistics.restore(smooth_over_time(x0, frames=trainer.config.smoothing)))
    joints = trainer.points(smooth.global_orient_gv, smooth.body_pose, smooth.betas)[0]
    return {
        "hidden": answer.out.hidden.half(),
        "step": terms.step,
        "base": terms.base,
        "known": terms.known & t.valid[..., None],
        "before": x0[..., _VELOCITY].contiguous(),
        "truth": t.x0[..., _VELOCITY].contiguous(),
        "orient": t.world_orient.contiguous(),
        "translation": t.translation.contiguous(),
        "joint_steps": joint_steps(joints, t),
        "rests": rests(t, t.valid & ~t.only_2d[:, None]),
    }


@dataclass(frozen=True)
class Fit:
    """A fitted head and its held-out scores.

    Mean squared error of normalised velocity; drift in m; slide: mean squared speed of joints at rest, m^2/s^2.
    """

    head: nn.Module
    scores: dict[str, float]


def read_passes(folder: Path) -> list[dict[str, Tensor]]:
    """The passes that ``collect`` wrote, in order. Raises ValueError when there are too few to hold some out."""
    passes = [safetensors.torch.load_file(path) for path in sorted(folder.glob("pass-*.safetensors"))]
    if len(passes) < HELD_OUT:
        raise ValueError(f"{folder} holds {len(passes)} passes; at least {HELD_OUT} are needed to fit and to score")
    return passes


def fit(
    head: nn.Module,
    passes: list[dict[str, Tensor]],
    *,
    statistics: Statistics,
    smoothing: float,
    epochs: int,
    learning_rate: float = 2e-3,
    slide_weight: float = SLIDE_WEIGHT,
    seed: int = 0,
) -> Fit:
    """The head of the epoch with the lowest held-out loss; ``head`` itself is not changed."""
    kept, judged = [p for index, p in enumerate(passes) if index % HELD_OUT], passes[::HELD_OUT]
    score = _Score(statistics, smoothing, slide_weight)
    learning = copy.deepcopy(head)
    optimizer = torch.optim.AdamW(learning.parameters(), lr=learning_rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(kept))
    generator = torch.Generator().manual_seed(seed)
    best, lowest = copy.deepcopy(head), float(score.judged(head, judged)["loss"])
    for _ in range(epochs):
        for index in torch.randperm(len(kept), generator=generator).tolist():
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(score.total(*score.of(learning, kept[index])))
            torch.nn.utils.clip_grad_norm_(learning.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        loss = score.judged(learning, judged)["loss"]
        if loss < lowest:
            best, lowest = copy.deepcopy(learning), loss
    network = {f"network_{k}": v for k, v in score.judged(None, judged).items()}
    path_alone = {f"path_{k}": v for k, v in score.judged(_Nothing(), judged).items()}
    return Fit(best, {**network, **path_alone, **score.judged(best, judged), "passes": float(len(kept))})


class _Nothing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x[..., -3:])


class _Score:
    def __init__(self, statistics: Statistics, smoothing: float, slide_weight: float) -> None:
        self.mean, self.std = statistics.mean[_VELOCITY], statistics.std[_VELOCITY]
        self.smoothing, self.slide_weight = smoothing, slide_weight

    def total(self, error: Tensor, drift: Tensor, slide: Tensor) -> Tensor:
        return error + DRIFT_WEIGHT * drift + self.slide_weight * slide

    def of(self, head: nn.Module | None, seen: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Squared error of the velocity, drift of its roll-out and slide where a path is known.

        Without a head: as it was before there was one.
        """
        velocity, known = seen["before"], seen["known"]
        if head is not None:
            along = head(torch.cat([seen["hidden"].float(), seen["step"]], dim=-1)) + seen["base"]
            velocity = torch.where(known, along, velocity)
        velocity = smooth_over_time(velocity, frames=self.smoothing)
        weight = known.float()
        error = ((velocity - seen["truth"]) ** 2 * weight).sum() / weight.sum().clamp_min(1)
        step = rotate(seen["orient"], velocity * self.std + self.mean)[:, :-1]
        off = (step - torch.diff(seen["translation"], dim=1)) * weight[:, :-1]
        drift = off.cumsum(1) * weight[:, :-1]
        lost = F.smooth_l1_loss(drift, torch.zeros_like(drift), reduction="sum")
        standing = seen["rests"] * weight[:, :-1, :1]
        speed = ((seen["joint_steps"] + step[:, :, None]) * FRAMES_PER_SECOND).square().sum(-1)
        slide = (speed * standing).sum() / standing.sum().clamp_min(1)
        return error, lost / weight.sum().clamp_min(1), slide

    @torch.no_grad()
    def judged(self, head: nn.Module | None, passes: list[dict[str, Tensor]]) -> dict[str, float]:
        found = torch.stack([torch.stack(self.of(head, seen)) for seen in passes]).mean(0)
        error, drift, slide = found.unbind()
        total = self.total(error, drift, slide)
        return {"velocity": float(error), "drift": float(drift), "slide": float(slide), "loss": float(total)}


def fit_trainer(trainer: Trainer, folder: Path, *, epochs: int, slide_weight: float = SLIDE_WEIGHT) -> Fit:
    """Fit the head of a trainer to the passes in ``folder`` and put it into its weights, ready for ``save``."""
    found = fit(
        trainer.network.denoiser.path_head, read_passes(folder), statistics=trainer.maker.statistics.to("cpu"),
        smoothing=trainer.config.smoothing, epochs=epochs, slide_weight=slide_weight,
    )  # fmt: skip
    for name, value in found.head.state_dict().items():
        for weights in (trainer.network.state_dict(), trainer.average):
            weights[f"denoiser.path_head.{name}"].copy_(value)
    return found
