"""Which words belong to a motion: a small retrieval evaluator, trained on the training split only.

Two encoders meet in one space of 64 numbers: motion (joints in the heading frame with their speeds, ten frames a
second, through two temporal convolutions, mean and largest value over time) and caption (mean MiniLM token state
through two layers). They are trained together with InfoNCE (van den Oord et al. 2018) on random windows of the training
clips; clips with the same caption are no negatives of one another. Embeddings have length 1. The figures that are made
with it are those of Guo et al. 2022, but not comparable with theirs: other data, other features.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from genmo_studio.conditions.progress import Progress
from genmo_studio.extract.text import TextEncoder
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, yaw_matrix
from genmo_studio.shapes import Float
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.trials import body_positions

EVERY = 3
"""Frames of the recording to one frame of the evaluator (30 to 10 a second)."""
CHANNELS = 22 * 3 * 2 + 5
WIDTH, SPACE = 96, 64
WINDOW = 30
"""Evaluator frames of a training window: 3 s."""
SHORTEST = 8
TEMPERATURE = 0.07
Floats = NDArray[np.float32]


def frames_of(motion: Motion, *, body: Body) -> Float[Floats, "frames channels"]:
    """What the evaluator sees: joints (m) and their velocities (m/s) in the heading frame, the root's velocity there,

    its height and its turn (rad/s), ten times a second. Heading, place and the frame that it starts at do not matter.
    """
    sparse = body_positions(motion, body=body)[::EVERY]
    heading = heading_from_matrix(matrix_from_rotvec(motion.rotations[::EVERY, 0].astype(np.float64)))
    back = yaw_matrix(heading)
    rate = motion.fps / EVERY
    local = (sparse - sparse[:, :1] * (1, 0, 1)) @ back
    velocity = np.diff(local, axis=0, append=local[-1:]) * rate
    step = (np.diff(sparse[:, :1], axis=0, append=sparse[-1:, :1]) * rate) @ back
    turn = np.diff(np.unwrap(heading), append=np.unwrap(heading)[-1:]) * rate
    flat = [
        local.reshape(len(local), -1),
        velocity.reshape(len(local), -1),
        step[:, 0],
        sparse[:, 0, 1:2],
        turn[:, None],
    ]
    return np.concatenate(flat, axis=1).astype(np.float32)


class MotionEncoder(nn.Module):
    """(B, T, CHANNELS) and which frames are real (B, T) -> (B, SPACE) of length 1."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CHANNELS))
        self.register_buffer("std", torch.ones(CHANNELS))
        self.mean: Tensor
        self.std: Tensor
        self.into = nn.Linear(CHANNELS, WIDTH)
        self.convolutions = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 5, padding=2) for _ in range(2))
        self.out = nn.Linear(2 * WIDTH, SPACE)
        self.drop = nn.Dropout(0.1)

    def forward(self, frames: Tensor, real: Tensor) -> Tensor:
        """Embed motions."""
        mask = real[..., None].float()
        x = F.gelu(self.into((frames - self.mean) / self.std)) * mask
        for convolution in self.convolutions:
            x = (x + F.gelu(convolution(self.drop(x).transpose(1, 2)).transpose(1, 2))) * mask
        mean = x.sum(1) / mask.sum(1).clamp_min(1)
        largest = x.masked_fill(mask == 0, -1e4).amax(1)
        return F.normalize(self.out(torch.cat([mean, largest], dim=-1)), dim=-1)


class CaptionEncoder(nn.Module):
    """(B, text width) mean token state -> (B, SPACE) of length 1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, 2 * WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(2 * WIDTH, SPACE)
        )

    def forward(self, states: Tensor) -> Tensor:
        """Embed captions."""
        return F.normalize(self.layers(states), dim=-1)


@dataclass(frozen=True, eq=False)
class Retrieval:
    """The trained pair of encoders."""

    motions: MotionEncoder
    captions: CaptionEncoder
    text: TextEncoder

    @torch.no_grad()
    def embed_motions(self, motions: Sequence[Motion], *, body: Body) -> Float[Floats, "motions 64"]:
        """Embeddings of motions of any lengths."""
        if not motions:
            return np.zeros((0, SPACE), np.float32)
        parts = [torch.from_numpy(frames_of(motion, body=body)) for motion in motions]
        padded = nn.utils.rnn.pad_sequence(parts, batch_first=True)
        real = torch.arange(padded.shape[1]) < torch.tensor([len(part) for part in parts])[:, None]
        return np.asarray(self.motions(padded, real).numpy())

    @torch.no_grad()
    def embed_captions(self, captions: Sequence[str]) -> Float[Floats, "captions 64"]:
        """Embeddings of captions."""
        return np.asarray(self.captions(torch.from_numpy(mean_states(self.text, captions))).numpy())


def mean_states(text: TextEncoder, captions: Sequence[str]) -> Float[Floats, "captions width"]:
    """Mean over the tokens (padding is zero) of the token states of captions."""
    rows = []
    for start in range(0, len(captions), 64):
        states = text.encode(list(captions[start : start + 64]))
        count = np.maximum((np.abs(states).sum(-1, keepdims=True) > 0).sum(1), 1)
        rows.append(states.sum(1) / count)
    return np.concatenate(rows).astype(np.float32)


def trained(
    store: ClipStore, *, body: Body, text: TextEncoder, cache: Path, steps: int = 600, batch: int = 64
) -> Iterator[Progress | Retrieval]:
    """Train the evaluator on a store of training clips, or take it from ``cache``; the last value is the evaluator.

    The same clips and settings give the same evaluator. Raises ValueError when a clip is not of the training split.
    """
    if any(clip.split != "train" for clip in store.clips):
        raise ValueError("the retrieval evaluator is trained on training clips only")
    clips = [clip for clip in store.clips if clip.captions and clip.frames >= SHORTEST * EVERY]
    words = sorted({caption.text for clip in clips for caption in clip.captions})
    digest = hashlib.sha256(repr((words, [(c.id, c.frames) for c in clips], steps, batch, body.name, 1)).encode())
    path = cache / f"retrieval-{digest.hexdigest()[:16]}.pt"
    torch.manual_seed(0)
    width = text.encode(words[:1]).shape[-1]
    found = Retrieval(MotionEncoder().eval(), CaptionEncoder(width).eval(), text)
    if path.is_file():
        stored = torch.load(path, weights_only=True)
        found.motions.load_state_dict(stored["motions"])
        found.captions.load_state_dict(stored["captions"])
        yield found
        return
    yield Progress("training the retrieval evaluator", 0.0, f"{len(words)} captions")
    states = torch.from_numpy(mean_states(text, words))
    frames: list[Floats] = []
    for number, clip in enumerate(clips):
        if number % 50 == 0:
            yield Progress("training the retrieval evaluator", 0.5 * number / len(clips), f"{number} clips seen")
        frames.append(frames_of(store.motion(clip), body=body))
    row_of = {word: row for row, word in enumerate(words)}
    captions = [[row_of[caption.text] for caption in clip.captions] for clip in clips]
    for step in _fitted(found, frames, captions, states, steps=steps, batch=batch):
        yield Progress("training the retrieval evaluator", 0.5 + 0.5 * step / steps, f"step {step} of {steps}")
    cache.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{time.monotonic_ns()}.tmp")
    torch.save({"motions": found.motions.state_dict(), "captions": found.captions.state_dict()}, temporary)
    temporary.replace(path)
    yield found


def _fitted(
    found: Retrieval, frames: Sequence[Floats], captions: Sequence[list[int]], states: Tensor, *, steps: int, batch: int
) -> Iterator[int]:
    """Train in place; yields the number of the step now and then."""
    every = np.concatenate(frames)
    found.motions.mean.copy_(torch.from_numpy(every.mean(0)))
    found.motions.std.copy_(torch.from_numpy(every.std(0) + 0.05))
    learning: list[Any] = [*found.motions.parameters(), *found.captions.parameters()]
    optimizer = torch.optim.AdamW(learning, lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rng = np.random.default_rng(0)
    chance = np.array([len(clip_frames) ** 0.35 for clip_frames in frames])
    chance /= chance.sum()
    found.motions.train()
    found.captions.train()
    for step in range(steps):
        chosen = rng.choice(len(frames), size=min(batch, len(frames)), replace=False, p=chance)
        rows = torch.tensor([captions[i][int(rng.integers(len(captions[i])))] for i in chosen])
        windows, real = _windows([frames[i] for i in chosen], rng)
        motion, text = found.motions(windows, real), found.captions(states[rows])
        score = motion @ text.T / TEMPERATURE
        same = rows[:, None] == rows[None]
        score = score.masked_fill(same & ~torch.eye(len(rows), dtype=torch.bool), -torch.inf)
        wanted = torch.arange(len(rows))
        loss = F.cross_entropy(score, wanted) + F.cross_entropy(score.T, wanted)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        if step % 20 == 0:
            yield step
    found.motions.eval()
    found.captions.eval()


def _windows(parts: Sequence[Floats], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    frames, real = np.zeros((len(parts), WINDOW, CHANNELS), np.float32), np.zeros((len(parts), WINDOW), bool)
    for row, part in enumerate(parts):
        start = int(rng.integers(max(len(part) - WINDOW, 0) + 1))
        piece = part[start : start + WINDOW]
        frames[row, : len(piece)], real[row, : len(piece)] = piece, True
    return torch.from_numpy(frames), torch.from_numpy(real)
