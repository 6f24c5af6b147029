"""``genmo-studio train``: resumable, time-limited training of the default family on CPU, one GPU, or several GPUs.

The learning rate follows the share of the *time budget* that is used up, so a run that is cut into sessions or moved
to another machine ends where it should. A run folder holds the training state in shards of at most 15 MiB and the
averaged weights as a model folder that the studio can load at once.
"""

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from genmo_studio.extract.text import encode_texts
from genmo_studio.model.checkpoint import LoadedModel, Network, load_model, save_folder
from genmo_studio.model.config import DEFAULT, ModelConfig
from genmo_studio.model.diffusion import Schedule
from genmo_studio.model.keyfill import KeyFill, key_fill
from genmo_studio.model.network import DenoiserOutput
from genmo_studio.model.root_prior import completed
from genmo_studio.model.smoothing import smooth_over_time
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.body import load_body
from genmo_studio.training.clips import CAPTIONS_FILE
from genmo_studio.training.dataset import MotionWindows
from genmo_studio.training.losses import BodyPoints, LossWeights, losses
from genmo_studio.training.prefetch import batches
from genmo_studio.training.state import load_state, save_state
from genmo_studio.training.targets import Item, ItemMaker, decide, encode_batch
from genmo_studio.values import replace

WARMUP_STEPS = 200
GRADIENT_CLIP = 0.5
EMA_DECAY = 0.999
MIN_DEVIATION = {"rotation": 0.05, "velocity": 0.004}
LICENCE = "CC BY-NC 4.0"


@dataclass(frozen=True)
class TrainOptions:
    """What a run is asked to do."""

    data: Path
    out: Path
    minutes: float
    """Training time of the whole run; the learning rate reaches zero when it is used up."""
    session_minutes: float
    """Stop this session after so much time; resume later with the same command."""
    batch: int = 16
    frames: int = 120
    learning_rate: float = 5e-4
    seed: int = 0
    device: str = "cpu"
    workers: int = 0
    """Processes that build batches; 0 = this one."""
    dropout: float = 0.0
    log_every: int = 50
    save_minutes: float = 5.0
    two_d_every: int = 10
    """Every so many steps one step trains from 2D alone, guided by the network's own estimate (0 = never)."""
    start: str | None = None
    """Name or folder of a model of the default family whose weights and statistics a new run begins with."""
    only: tuple[str, ...] = ()
    """Train the weights whose names begin so and leave the others as they are; () = all."""
    path_share: float | None = None
    """Share of the items that get a root path; None = as PATH_SHARES of targets says."""
    bf16: bool = False
    """Matrix products of the network in bfloat16; losses and weights stay in float32."""
    minutes_before: float = 0.0
    """Training time of this run that was spent elsewhere, before the weights of ``start``."""


@dataclass(frozen=True)
class Answer:
    """A pass of the network before its answer is completed."""

    out: DenoiserOutput
    held: Tensor
    """(B, L, 151) the noisy motion with keys written in"""
    filled: KeyFill


def answered(
    network: Network, item: Item, xt: Tensor, steps: Tensor, *, vocabulary: Tensor, bf16: bool = False
) -> Answer:
    """One pass on a training item. With ``bf16`` matrix products are in bfloat16; the result is float32 either way."""
    c = item.conditions
    filled = key_fill(c.observed, c.observed_mask)
    states = vocabulary[item.text_rows.clamp_min(0)].float() * (item.text_rows >= 0)[..., None, None]
    held = xt * (1 - c.observed_mask) + c.observed * c.observed_mask
    with torch.autocast(xt.device.type, dtype=torch.bfloat16, enabled=bf16):
        fused = network.conditions(c, fill=filled)
        text = network.denoiser.text_context(states, item.windows)
        out: DenoiserOutput = network.denoiser(held, steps, fused=fused, text=text, valid=item.targets.valid)
    return Answer(DenoiserOutput(**{name: value.float() for name, value in vars(out).items()}), held, filled)


def forward(
    network: Network,
    item: Item,
    xt: Tensor,
    steps: Tensor,
    *,
    vocabulary: Tensor,
    level: Tensor,
    statistics: Statistics,
    bf16: bool = False,
) -> DenoiserOutput:
    """The completed answer to a training item; ``level`` (T,) is the signal share of each diffusion step."""
    answer = answered(network, item, xt, steps, vocabulary=vocabulary, bf16=bf16)
    x0 = completed(
        answer.out, answer.held, level[steps], filled=answer.filled, conditions=item.conditions,
        statistics=statistics, path_answer=network.denoiser.path_answer(),
    )  # fmt: skip
    return replace(answer.out, x0=smooth_over_time(x0, frames=network.config.smoothing))


def noisy_input(item: Item, *, level: Tensor) -> tuple[Tensor, Tensor]:
    """x_t and steps: zeros at the last step for items in estimation mode, noised x0 at a random step otherwise."""
    x0 = item.targets.x0
    generator = torch.Generator(x0.device).manual_seed(item.noise_seed)
    count = len(level)
    steps = torch.randint(0, count, (len(x0),), generator=generator, device=x0.device)
    noise = torch.randn(x0.shape, generator=generator, device=x0.device)
    steps = torch.where(item.estimation, torch.full_like(steps, count - 1), steps)
    share = level[steps][:, None, None]
    xt = share.sqrt() * x0 + (1 - share).sqrt() * noise
    return xt * (~item.estimation)[:, None, None], steps


def compute_statistics(windows: MotionWindows, *, batches: int = 40) -> Statistics:
    """Means and deviations of the 151 channels over training windows; deviations are kept above a floor."""
    rows, turns, music = [], [], []
    for step in range(batches):
        arrays = decide(windows.batch_at(1_000_000 + step), np.random.default_rng(step))
        batch = {name: torch.from_numpy(value) for name, value in arrays.items() if value.ndim}
        raw, *_ = encode_batch(batch, torch.arange(len(batch["valid"])) % 2 == 0)
        rows.append(raw[batch["valid"]])
        turns.append(batch["cam_angvel"].flatten(0, 1))
        music.append(batch["music"][batch["has_music"]])
    x, turn, sound = torch.cat(rows), torch.cat(turns), torch.cat(music)
    floor = torch.full((x.shape[1],), MIN_DEVIATION["rotation"])
    floor[-3:] = MIN_DEVIATION["velocity"]
    has_sound = len(sound) > 100
    return Statistics(
        mean=x.mean(0),
        std=torch.maximum(x.std(0), floor),
        camera_mean=turn.mean(0),
        camera_std=turn.std(0).clamp_min(0.002),
        music_mean=sound.mean(0) if has_sound else torch.zeros(35),
        music_std=sound.std(0).clamp_min(0.05) if has_sound else torch.ones(35),
    )


def with_music(statistics: Statistics, windows: MotionWindows) -> Statistics:
    """Measure the music part when a set got its music after the run began; all else stays as it was."""
    if bool((statistics.music_std != 1).any()):
        return statistics
    measured = compute_statistics(windows)
    return replace(statistics, music_mean=measured.music_mean, music_std=measured.music_std)


def learning_rate(share: float, step: int, *, peak: float) -> float:
    """Linear warm-up, then a cosine over the share (0..1) of the time budget that is used up."""
    warm = min(1.0, (step + 1) / WARMUP_STEPS)
    return peak * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))


def decided_batch(batch: dict[str, Any], step: int, *, seed: int, path_share: float | None = None) -> dict[str, Any]:
    """``targets.decide`` with the random generator of a step; runs in the processes that build batches."""
    return decide(batch, np.random.default_rng((seed, step)), path_share=path_share)


def started(model: str) -> LoadedModel:
    """The model that a run begins with. Raises ValueError when it is none of the default family."""
    loaded = load_model(model, device="cpu")
    if loaded.kind != "default":
        raise ValueError(f"training can only start from a model of the studio's own family, and {model} is another")
    return loaded


def _functional(config: ModelConfig) -> dict[str, Any]:
    """The settings that change what a network computes and nothing of the weights that it has."""
    return {"smoothing": config.smoothing, "root_prior": config.root_prior}


class Trainer:
    """State of one run."""

    def __init__(self, options: TrainOptions, *, config: ModelConfig = DEFAULT) -> None:
        self.options = options
        begun = None if options.start is None else started(options.start)
        # What the network computes is today's; its size is that of the model it starts from.
        self.config = config = config if begun is None else replace(begun.config, **_functional(config))
        device = options.device
        self.rank, self.world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        self.body = load_body("genmo-free")
        self.seed = options.seed * 1000 + self.rank
        self.opener = partial(
            MotionWindows, options.data, split="train", frames=options.frames, batch=options.batch, seed=self.seed,
            body=self.body,
        )  # fmt: skip
        windows = self.opener()
        self.points = BodyPoints(self.body, device=device)
        self.level = Schedule().signal(torch.device(device))
        torch.manual_seed(options.seed)
        self.network = Network(replace(config, dropout=options.dropout)).to(device)
        if begun is not None:
            new = set(self.network.load_state_dict(begun.network.state_dict(), strict=False).missing_keys)
            if any(not name.startswith("denoiser.path_head.") for name in new):
                raise ValueError(f"{options.start} does not hold the weights of its own description")
        if options.only:
            for name, parameter in self.network.named_parameters():
                parameter.requires_grad_(name.startswith(options.only))
        self.licence = LICENCE if begun is None else begun.licence
        self.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            [p for p in self.network.parameters() if p.requires_grad],
            lr=options.learning_rate,
            weight_decay=0.01,
            fused=device != "cpu",
        )
        self.step, self.seconds, self.history = 0, options.minutes_before * 60, list[dict[str, float]]()
        state = load_state(options.out)
        if state is None:
            statistics = compute_statistics(windows) if begun is None else begun.statistics
        else:
            self.network.load_state_dict(state.network)
            self.average = {k: v.to(device) for k, v in state.average.items()}
            state.restore_optimizer(self.optimizer, self.network)
            self.step, self.seconds, self.history = state.step, state.seconds, state.history
            statistics = with_music(Statistics.from_json(state.statistics), windows)
        self.maker = ItemMaker(config, statistics, device=device)
        self.vocabulary = encode_vocabulary(windows.vocabulary, options.out, options.data).to(device)

    def train(self) -> None:
        """Run until the session's or the run's time is used up, saving on the way."""
        options = self.options
        started = last = saved = time.monotonic()
        recent: list[dict[str, Tensor]] = []
        source = batches(
            self.opener,
            start=self.step,
            workers=options.workers,
            transform=partial(decided_batch, seed=self.seed + 500_000, path_share=options.path_share),
        )
        for arrays in source:
            if self.seconds >= options.minutes * 60 or time.monotonic() - started >= options.session_minutes * 60:
                break
            recent.append(self.train_step(self.maker.make(arrays)))
            now = time.monotonic()
            self.seconds += now - last
            last = now
            if self.step % options.log_every == 0 and self.rank == 0:
                self._log(recent)
                recent = []
            if now - saved > options.save_minutes * 60 and self.rank == 0:
                self.save()
                saved = last = time.monotonic()
        if self.rank == 0:
            self.save()

    def _log(self, recent: list[dict[str, Tensor]]) -> None:
        names = sorted({name for parts in recent for name in parts})
        row = {n: float(torch.stack([parts[n] for parts in recent if n in parts]).mean()) for n in names}
        self.history.append({"step": self.step, "minutes": self.seconds / 60, **row})
        print(json.dumps({k: round(v, 5) for k, v in self.history[-1].items()}), flush=True)

    def train_step(self, item: Item) -> dict[str, Tensor]:
        """One optimiser step; returns the parts of the loss."""
        options = self.options
        every = options.two_d_every
        if every and self.step % every == every - 1:
            item = self._guided_by_estimate(item)
        xt, steps = noisy_input(item, level=self.level)
        rate = learning_rate(self.seconds / (options.minutes * 60), self.step, peak=options.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        out = self._forward(item, xt, steps)
        total, parts = losses(
            out,
            item.targets,
            points=self.points,
            statistics=self.maker.statistics,
            weights=LossWeights(),
            geometry=item.geometry,
            seen=item.seen,
        )
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        if self.world > 1:
            for parameter in self.network.parameters():
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= self.world
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_CLIP)
        if bool(torch.isfinite(norm)):
            self.optimizer.step()
        self._average()
        self.step += 1
        return {"loss": total.detach(), "gradient": norm.detach(), **parts}

    def _forward(self, item: Item, xt: Tensor, steps: Tensor) -> DenoiserOutput:
        return forward(
            self.network, item, xt, steps, vocabulary=self.vocabulary, level=self.level,
            statistics=self.maker.statistics, bf16=self.options.bf16,
        )  # fmt: skip

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        now = self.network.state_dict()
        floating = [key for key, value in now.items() if value.dtype.is_floating_point]
        torch._foreach_lerp_([self.average[k] for k in floating], [now[k] for k in floating], 1 - decay)

    @torch.no_grad()
    def _guided_by_estimate(self, item: Item) -> Item:
        """Estimation-guided 2D training: the video items lose their 3D truth.

        Their pseudo truth is the network's own estimate (no gradient); only reprojection is scored.
        """
        seen = item.targets.is_video
        last = torch.full((len(seen),), len(self.level) - 1, device=seen.device)
        zeros = torch.zeros_like(item.targets.x0)
        out = self._forward(item, zeros, last)
        only = seen[:, None, None]
        pseudo = torch.where(only, out.x0, item.targets.x0)
        weight = torch.where(only, torch.zeros_like(item.targets.weight), item.targets.weight)
        targets = replace(item.targets, x0=pseudo, weight=weight, only_2d=seen)
        return replace(item, targets=targets, estimation=item.estimation & ~seen)

    def save(self) -> None:
        """Write the training state and the averaged weights (a model folder the studio can load)."""
        save_state(
            self.options.out,
            network=self.network,
            average=self.average,
            optimizer=self.optimizer,
            statistics=self.maker.statistics.to_json(),
            step=self.step,
            seconds=self.seconds,
            history=self.history,
        )
        save_folder(
            self.options.out / "model",
            self.average,
            config=self.config,
            statistics=self.maker.statistics.to("cpu"),
            name="default",
            licence=self.licence,
            extra={"training": {"steps": self.step, "minutes": self.seconds / 60}},
        )


def encode_vocabulary(captions: list[str], folder: Path, *others: Path) -> Tensor:
    """Token states (N, S, D) in half precision of every caption, cached in the run folder.

    A cache in one of the ``others`` (a training set that was packed has one) is as good.
    """
    cache = folder / CAPTIONS_FILE
    for known in (cache, *(other / CAPTIONS_FILE for other in others)):
        if known.is_file():
            stored = torch.load(known, weights_only=True)
            if stored["captions"] == captions:
                states: Tensor = stored["states"]
                return states
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        torch.as_tensor(encode_texts(captions[i : i + 64], encoder="minilm")).half()
        for i in range(0, len(captions), 64)
    ]
    states = torch.cat(parts) if parts else torch.zeros(1, DEFAULT.text_tokens, DEFAULT.text_dim).half()
    torch.save({"captions": captions, "states": states}, cache)
    return states


def train_main(argv: list[str] | None = None) -> int:
    """Entry point of ``genmo-studio train``."""
    parser = argparse.ArgumentParser(prog="genmo-studio train", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="folder made by `genmo-studio data prepare`")
    parser.add_argument("-o", "--out", type=Path, required=True, help="run folder; an existing run is resumed")
    parser.add_argument("--minutes", type=float, default=120.0, help="training time of the whole run")
    parser.add_argument("--session-minutes", type=float, default=1e9, help="stop this session after so long")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 = torch's choice")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--workers", type=int, default=0, help="processes that build batches; 0 = this one")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--two-d-every", type=int, default=10)
    parser.add_argument("--start", metavar="MODEL", help="begin a new run with the weights of this model")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="train the weights whose names begin so")
    parser.add_argument("--path-share", type=float, help="share of the items that get a root path (default: as usual)")
    parser.add_argument(
        "--minutes-before", type=float, default=0.0, help="training time spent before --start's weights"
    )
    parser.add_argument("--bf16", action="store_true", help="the network's matrix products in bfloat16")
    arguments = vars(parser.parse_args(argv))
    threads = arguments.pop("threads")
    arguments["only"] = tuple(arguments["only"])
    if threads:
        torch.set_num_threads(threads)
    if arguments["device"] == "auto":
        arguments["device"] = "cuda" if torch.cuda.is_available() else "cpu"
    if arguments["device"] == "cuda" and "LOCAL_RANK" in os.environ:
        arguments["device"] = f"cuda:{os.environ['LOCAL_RANK']}"
    if arguments["device"].startswith("cuda"):
        torch.backends.cuda.matmul.allow_tf32 = True
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        dist.init_process_group("nccl" if arguments["device"].startswith("cuda") else "gloo")
    try:
        trainer = Trainer(TrainOptions(**arguments))
        print(f"training on {arguments['device']}, step {trainer.step}, {trainer.seconds / 60:.1f} minutes so far")
        trainer.train()
    except (OSError, ValueError) as error:
        print(f"training stopped: {error}", file=sys.stderr)
        return 1
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
    return 0
