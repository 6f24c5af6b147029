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
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from genmo_studio.extract.text import encode_texts
from genmo_studio.model.checkpoint import Network, save_folder
from genmo_studio.model.config import DEFAULT, ModelConfig
from genmo_studio.model.diffusion import Schedule
from genmo_studio.model.keyfill import key_fill
from genmo_studio.model.network import DenoiserOutput
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.body import load_body
from genmo_studio.training.dataset import MotionWindows
from genmo_studio.training.losses import BodyPoints, LossWeights, losses
from genmo_studio.training.state import load_state, save_state
from genmo_studio.training.targets import Item, ItemMaker, encode_batch

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
    save_minutes: float = 5.0
    two_d_every: int = 10
    """Every so many steps one step trains from 2D alone, guided by the network's own estimate (0 = never)."""


def forward(network: Network, item: Item, xt: Tensor, steps: Tensor, *, vocabulary: Tensor) -> DenoiserOutput:
    """One pass of the network on a training item; x0 includes the keys' in-between."""
    c = item.conditions
    filled = key_fill(c.observed, c.observed_mask)
    baseline = filled.values * filled.known
    fused = network.conditions(c, fill=filled)
    states = vocabulary[item.text_rows.clamp_min(0)].float() * (item.text_rows >= 0)[..., None, None]
    text = network.denoiser.text_context(states, item.windows)
    held = xt * (1 - c.observed_mask) + c.observed * c.observed_mask
    out: DenoiserOutput = network.denoiser(held, steps, fused=fused, text=text, valid=item.targets.valid)
    return replace(out, x0=out.x0 + baseline)


def noisy_input(item: Item, x0: Tensor, *, schedule: Schedule, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """x_t and steps: zeros at the last step for items in estimation mode, noised x0 at a random step otherwise."""
    size = len(x0)
    steps = torch.randint(0, schedule.steps, (size,), generator=generator)
    noise = torch.randn(x0.shape, generator=generator)
    steps = torch.where(item.estimation, torch.full_like(steps, schedule.steps - 1), steps)
    xt = schedule.noised(x0, steps, noise) * (~item.estimation)[:, None, None]
    return xt, steps


def compute_statistics(windows: MotionWindows, *, batches: int = 40) -> Statistics:
    """Means and deviations of the 151 channels over training windows; deviations are kept above a floor."""
    rows, turns, music = [], [], []
    for step in range(batches):
        batch = windows.batch_at(1_000_000 + step)
        seen = torch.arange(len(batch["valid"])) % 2 == 0
        raw, *_ = encode_batch(batch, seen)
        rows.append(raw[torch.from_numpy(batch["valid"])])
        turns.append(torch.from_numpy(batch["cam_angvel"]).flatten(0, 1))
        music.append(torch.from_numpy(batch["music"][batch["has_music"]]))
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


class Trainer:
    """State of one run."""

    def __init__(self, options: TrainOptions, *, config: ModelConfig = DEFAULT) -> None:
        self.options = options
        self.config = config
        self.rank, self.world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        self.body = load_body("genmo-free")
        self.windows = MotionWindows(
            options.data, split="train", frames=options.frames, batch=options.batch,
            seed=options.seed * 1000 + self.rank, body=self.body,
        )  # fmt: skip
        self.points = BodyPoints(self.body)
        self.schedule = Schedule()
        torch.manual_seed(options.seed)
        self.network = Network(config).to(options.device)
        self.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=options.learning_rate, weight_decay=0.01)
        self.step, self.seconds, self.history = 0, 0.0, list[dict[str, float]]()
        state = load_state(options.out)
        if state is None:
            self.statistics = compute_statistics(self.windows)
        else:
            self.network.load_state_dict(state.network)
            self.average = {k: v.to(options.device) for k, v in state.average.items()}
            state.restore_optimizer(self.optimizer, self.network)
            self.step, self.seconds, self.history = state.step, state.seconds, state.history
            self.statistics = with_music(Statistics.from_json(state.statistics), self.windows)
        self.maker = ItemMaker(config, self.statistics)
        self.vocabulary = encode_vocabulary(self.windows.vocabulary, options.out)

    def train(self) -> None:
        """Run until the session's or the run's time is used up, saving on the way."""
        options = self.options
        started = last = saved = time.monotonic()
        recent: dict[str, list[float]] = defaultdict(list)
        while self.seconds < options.minutes * 60 and time.monotonic() - started < options.session_minutes * 60:
            parts = self.train_step()
            now = time.monotonic()
            self.seconds += now - last
            last = now
            for name, value in parts.items():
                recent[name].append(value)
            if self.step % 50 == 0 and self.rank == 0:
                row = {k: float(np.mean(v)) for k, v in recent.items()}
                self.history.append({"step": self.step, "minutes": self.seconds / 60, **row})
                recent.clear()
                print(json.dumps({k: round(v, 5) for k, v in self.history[-1].items()}), flush=True)
            if now - saved > options.save_minutes * 60 and self.rank == 0:
                self.save()
                saved = time.monotonic()
                last = saved
        if self.rank == 0:
            self.save()

    def train_step(self) -> dict[str, float]:
        """One optimiser step; returns the parts of the loss."""
        options = self.options
        rng = np.random.default_rng((self.options.seed, self.rank, self.step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        item = self.maker.make(self.windows.batch_at(self.step), rng)
        every = self.options.two_d_every
        if every and self.step % every == every - 1:
            item = self._guided_by_estimate(item)
        item = to_device(item, self.options.device)
        xt, steps = noisy_input(
            to_device(item, "cpu"), item.targets.x0.cpu(), schedule=self.schedule, generator=generator
        )
        rate = learning_rate(self.seconds / (self.options.minutes * 60), self.step, peak=self.options.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        device = self.options.device
        out = forward(self.network, item, xt.to(device), steps.to(device), vocabulary=self.vocabulary)
        total, parts = losses(
            out, item.targets, points=self.points, statistics=self.statistics, weights=LossWeights(),
            geometry=torch.from_numpy(rng.permutation(options.batch)[: max(1, options.batch // 2)]),
        )  # fmt: skip
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
        return {"loss": float(total.detach()), **parts}

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        for key, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[key].lerp_(value, 1 - decay)
            else:
                self.average[key].copy_(value)

    @torch.no_grad()
    def _guided_by_estimate(self, item: Item) -> Item:
        """Estimation-guided 2D training: the video items lose their 3D truth.

        Their pseudo truth is the network's own estimate (no gradient); only reprojection is scored.
        """
        seen = item.targets.is_video
        if not bool(seen.any()):
            return item
        device = self.options.device
        moved = to_device(item, device)
        steps = torch.full((len(seen),), self.schedule.steps - 1, device=device)
        out = forward(self.network, moved, torch.zeros_like(moved.targets.x0), steps, vocabulary=self.vocabulary)
        pseudo = torch.where(seen[:, None, None], out.x0.cpu(), item.targets.x0)
        weight = torch.where(seen[:, None, None], torch.zeros_like(item.targets.weight), item.targets.weight)
        targets = replace(item.targets, x0=pseudo, weight=weight, only_2d=seen)
        return replace(item, targets=targets, estimation=item.estimation & ~seen)

    def save(self) -> None:
        """Write the training state and the averaged weights (a model folder the studio can load)."""
        save_state(
            self.options.out,
            network=self.network,
            average=self.average,
            optimizer=self.optimizer,
            statistics=self.statistics.to_json(),
            step=self.step,
            seconds=self.seconds,
            history=self.history,
        )
        save_folder(
            self.options.out / "model",
            self.average,
            config=self.config,
            statistics=self.statistics,
            name="default",
            licence=LICENCE,
            extra={"training": {"steps": self.step, "minutes": self.seconds / 60}},
        )


def to_device(item: Item, device: str) -> Item:
    """All tensors of an item on a device."""

    def moved(value: Any) -> Any:
        return value.to(device) if isinstance(value, Tensor) else value

    return Item(
        conditions=replace(item.conditions, **{k: moved(v) for k, v in vars(item.conditions).items()}),
        targets=replace(item.targets, **{k: moved(v) for k, v in vars(item.targets).items()}),
        text_rows=moved(item.text_rows),
        windows=moved(item.windows),
        estimation=moved(item.estimation),
    )


def encode_vocabulary(captions: list[str], folder: Path) -> Tensor:
    """Token states (N, S, D) in half precision of every caption, cached in the run folder."""
    cache = folder / "captions.pt"
    if cache.is_file():
        stored = torch.load(cache, weights_only=True)
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
    parser.add_argument("--two-d-every", type=int, default=10)
    arguments = vars(parser.parse_args(argv))
    threads = arguments.pop("threads")
    if threads:
        torch.set_num_threads(threads)
    if arguments["device"] == "auto":
        arguments["device"] = "cuda" if torch.cuda.is_available() else "cpu"
    if arguments["device"] == "cuda" and "LOCAL_RANK" in os.environ:
        arguments["device"] = f"cuda:{os.environ['LOCAL_RANK']}"
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
