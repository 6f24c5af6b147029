"""Training of the in-between network on windows of a training set (model/inbetween.py).

Every window is one gap of 5 to 60 frames between two poses of a recording. Before and after it the network sees up to
REACH frames: all of them (as when a gap in a motion is filled), some of them, or none but the key itself (as when an
animator sets keys). Contents take turns as in evaluation, each also mirrored and at other speeds.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from genmo_studio.model.inbetween import (
    LONGEST,
    REACH,
    Between,
    Gaps,
    Inbetween,
    InbetweenConfig,
    filled,
    in_frame_of,
)
from genmo_studio.motion.body import Body, forward_kinematics
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, slerp_matrices
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.training.augment import CONTACT_MIRROR, mirrored_rotvecs, mirrored_translation
from genmo_studio.training.clips import ClipStore

SHORTEST = 5
SPEEDS = (1.0, 0.8, 0.9, 1.1, 1.25)
"""Every clip is also learnt at these speeds (frames of the recording a frame)."""
FEET = tuple(INDEX[name] for name in ("left_ankle", "left_foot", "right_ankle", "right_foot"))
"""Joints of the first four contact channels."""


@dataclass(frozen=True, eq=False)
class Clips:
    """Frames of many clips end to end."""

    rotvecs: NDArray[np.float32]
    """(N, 22, 3)"""
    root: NDArray[np.float32]
    """(N, 3) pelvis, m"""
    contacts: NDArray[np.float32]
    """(N, 6)"""
    groups: tuple[tuple[tuple[int, int], ...], ...]
    """(start, frames) of the clips of each content"""
    chance: NDArray[np.float64]
    """of each group"""

    @staticmethod
    def of(store: ClipStore, body: Body, speeds: tuple[float, ...] = SPEEDS) -> "Clips":
        """Every clip at every speed; groups are drawn by the root of their frames."""
        pelvis = np.asarray(body.rest_joints(np.zeros(10))[0], np.float32)
        parts: list[tuple[NDArray[np.float32], ...]] = []
        groups: dict[tuple[str, str], list[tuple[int, int]]] = {}
        size: dict[tuple[str, str], int] = {}
        start = 0
        for clip in store.clips:
            part = slice(clip.start, clip.start + clip.frames)
            for speed in speeds:
                made = _resampled(
                    np.asarray(store.rotvecs[part]), np.asarray(store.translation[part]) + pelvis,
                    np.asarray(store.contacts[part], np.float32), speed,
                )  # fmt: skip
                if len(made[0]) < SHORTEST + 2:
                    continue
                parts.append(made)
                key = (clip.source, clip.content)
                groups.setdefault(key, []).append((start, len(made[0])))
                size[key] = size.get(key, 0) + len(made[0])
                start += len(made[0])
        weight = np.sqrt([size[key] for key in groups])
        rotvecs, root, contacts = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Clips(
            rotvecs,
            root,
            contacts,
            groups=tuple(tuple(group) for group in groups.values()),
            chance=weight / weight.sum(),
        )


def _resampled(
    rotvecs: NDArray[np.float32], root: NDArray[np.float32], contacts: NDArray[np.float32], speed: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    if speed == 1.0 or len(root) < 2:
        return rotvecs.astype(np.float32), root.astype(np.float32), contacts
    at = np.arange(0.0, len(root) - 1, speed)
    low = np.minimum(at.astype(int), len(root) - 2)
    share = (at - low).astype(np.float32)
    turns = matrix_from_rotvec(rotvecs.astype(np.float32))
    between = slerp_matrices(turns[low], turns[low + 1], np.repeat(share[:, None], turns.shape[1], 1))
    placed = root[low] + (root[low + 1] - root[low]) * share[:, None]
    return (
        rotvec_from_matrix(between).astype(np.float32),
        placed.astype(np.float32),
        contacts[np.round(at).astype(int)],
    )


@dataclass(frozen=True)
class Batch:
    """Gaps and what was really there."""

    gaps: Gaps
    turns: Tensor
    root: Tensor
    contacts: Tensor


def draw(clips: Clips, rng: np.random.Generator, *, count: int) -> Batch:
    """``count`` gaps of nearly the same length."""
    longest = int(rng.integers(SHORTEST, LONGEST + 1))
    shortest = max(SHORTEST, longest - 6)
    length = REACH + longest + REACH
    rotvecs = np.zeros((count, length, BODY_JOINT_COUNT, 3), np.float32)
    root, contacts = np.zeros((count, length, 3), np.float32), np.zeros((count, length, 6), np.float32)
    known = np.zeros((count, length), bool)
    first, last = np.full(count, REACH - 1), np.zeros(count, int)
    for row in range(count):
        while True:
            group = clips.groups[rng.choice(len(clips.groups), p=clips.chance)]
            start, frames = group[rng.integers(len(group))]
            gap = int(rng.integers(shortest, longest + 1))
            if frames >= gap + 2:
                break
        at = int(rng.integers(0, frames - gap - 1))  # the key before the gap
        last[row] = REACH + gap
        low, high = max(at - REACH + 1, 0), min(at + gap + 1 + REACH, frames)
        place = slice(REACH - 1 - (at - low), REACH - 1 + (high - at))
        source = slice(start + low, start + high)
        place = slice(place.start, min(place.stop, length))
        source = slice(source.start, source.start + place.stop - place.start)
        rotvecs[row, place], root[row, place] = clips.rotvecs[source], clips.root[source]
        contacts[row, place] = clips.contacts[source]
        there = np.zeros(length, bool)
        there[place] = True
        known[row, [REACH - 1, last[row]]] = True
        for side, usual in ((slice(0, REACH - 1), 0.55), (slice(last[row] + 1, length), 0.2)):
            kind = rng.random()
            if kind < usual:
                known[row, side] = True
            elif kind < usual + 0.15:
                known[row, side] = rng.random(known[row, side].shape) < 0.2
        known[row] &= there
        if rng.random() < 0.5:
            rotvecs[row], root[row] = mirrored_rotvecs(rotvecs[row]), mirrored_translation(root[row])
            contacts[row] = contacts[row][:, CONTACT_MIRROR]
    turns = matrix_from_rotvec(torch.from_numpy(rotvecs))
    index = torch.from_numpy(first)
    turns, placed, _, _ = in_frame_of(turns, torch.from_numpy(root), index)
    told = torch.from_numpy(known)
    fill_turns, fill_root, valid = filled(turns, placed, told)
    gaps = Gaps(fill_turns, fill_root, told, valid, index, torch.from_numpy(last))
    return Batch(gaps, turns, placed, torch.from_numpy(contacts))


def losses(found: Between, batch: Batch, rest: Tensor) -> dict[str, Tensor]:
    """Position (the measure itself, m), turns, speed, slide (m/s where a foot rests) and contacts."""
    gaps = batch.gaps
    frame = torch.arange(gaps.known.shape[1])[None]
    inside = ((frame > gaps.first[:, None]) & (frame < gaps.last[:, None])).float()
    turned, placed = forward_kinematics(found.turns, rest, found.root - rest[0])
    with torch.no_grad():
        true_turned, true = forward_kinematics(batch.turns, rest, batch.root - rest[0])
    count = inside.sum()
    off = ((placed - true).square().flatten(2).sum(-1) + 1e-8).sqrt()
    turn = (turned - true_turned).abs().mean((-1, -2, -3))
    steps = inside[:, 1:] * inside[:, :-1]
    moved, really = torch.diff(placed, dim=1), torch.diff(true, dim=1)
    speed = (moved - really).abs().sum(-1).mean(-1)
    rests = batch.contacts[:, 1:, :4] * batch.contacts[:, :-1, :4] * steps[..., None]
    slide = (moved[:, :, FEET].square().sum(-1) + 1e-8).sqrt() * 30
    said = F.binary_cross_entropy_with_logits(found.contacts, batch.contacts, reduction="none").mean(-1)
    return {
        "position": (off * inside).sum() / count,
        "turn": (turn * inside).sum() / count,
        "speed": (speed * steps).sum() / steps.sum().clamp_min(1) * 30,
        "slide": (slide * rests).sum() / rests.sum().clamp_min(1),
        "contacts": (said * inside).sum() / count,
    }


WEIGHTS = {"position": 1.0, "turn": 2.0, "speed": 0.05, "slide": 0.05, "contacts": 0.05}


def train(
    clips: Clips, val: Clips, body: Body, out: Path, *, config: InbetweenConfig, seconds: float, batch: int = 64,
    rate: float = 1e-3, seed: int = 0, tell: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Train for a time and write the averaged weights after every report."""
    torch.manual_seed(seed)
    network, average = Inbetween(config), Inbetween(config)
    average.load_state_dict(network.state_dict())
    rest = torch.from_numpy(np.asarray(body.rest_joints(np.zeros(10))[:BODY_JOINT_COUNT], np.float32))
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.02)
    rng = np.random.default_rng(seed)
    step, before, sums = 0, 0.0, dict.fromkeys(WEIGHTS, 0.0)
    if out.is_file():
        state = torch.load(out, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, before = state["step"], state["seconds"]
        rng = np.random.default_rng((seed, step))
    began = time.monotonic() - before
    tell(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M weights, {len(clips.root)} frames")
    report = 0
    while (gone := time.monotonic() - began) < seconds:
        share = gone / seconds
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-6
        drawn = draw(clips, rng, count=batch)
        parts = losses(network(drawn.gaps, rest), drawn, rest)
        total = torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(0.998, step / (step + 10))
        with torch.no_grad():
            for mean, trained in zip(average.parameters(), network.parameters(), strict=True):
                mean.lerp_(trained, 1 - keep)
        for name, value in parts.items():
            sums[name] += float(value.detach())
        if step % 250 == 0:
            report += 1
            line = " ".join(f"{name} {value / 250:.4f}" for name, value in sums.items())
            sums = dict.fromkeys(WEIGHTS, 0.0)
            _keep(out, network, average, optimizer, step=step, seconds=gone)
            judged = ""
            if report % 2 == 0:
                judged = json.dumps({k: round(v, 3) for k, v in judge(average, val, rest).items()})
            tell(f"{gone:6.0f}s step {step} {line} {judged}")
    _keep(out, network, average, optimizer, step=step, seconds=time.monotonic() - began)
    tell(json.dumps(judge(average, val, rest)))


def _keep(
    out: Path, network: Inbetween, average: Inbetween, optimizer: torch.optim.Optimizer, *, step: int, seconds: float
) -> None:
    """Write the state of a training; whole or not at all."""
    state = {
        "network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
        "step": step, "seconds": seconds,
    }  # fmt: skip
    temporary = out.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(out)


@torch.no_grad()
def judge(network: Inbetween, val: Clips, rest: Tensor, *, windows: int = 96, seed: int = 1) -> dict[str, float]:
    """Position error over that of interpolation by gap, with REACH known frames before and one after (and sparse)."""
    found = {}
    for gap in (5, 15, 30, 45, 60):
        for name in ("context", "keys"):
            errors = np.zeros(2)
            for drawn in _judged(val, gap, windows=windows, seed=seed, context=name == "context"):
                inside = slice(REACH, REACH + gap)
                true = forward_kinematics(drawn.turns, rest, drawn.root - rest[0])[1][:, inside]
                for k, made in enumerate((drawn.gaps, network(drawn.gaps, rest))):
                    placed = forward_kinematics(made.turns, rest, made.root - rest[0])[1][:, inside]
                    errors[k] += float((placed - true).flatten(2).norm(dim=-1).mean())
            found[f"{gap}{name[0]}"] = errors[1] / errors[0]
    return found


def _judged(val: Clips, gap: int, *, windows: int, seed: int, context: bool) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    length = REACH + gap + 1
    chosen = []
    able = [[c for c in group if c[1] >= length] for group in val.groups]
    able = [group for group in able if group]
    for k in range(windows):
        start, frames = (group := able[k % len(able)])[rng.integers(len(group))]
        chosen.append(start + int(rng.integers(frames - length + 1)))
    index = np.array(chosen)[:, None] + np.arange(length)
    turns = matrix_from_rotvec(torch.from_numpy(val.rotvecs[index]))
    first = torch.full((windows,), REACH - 1)
    turns, root, _, _ = in_frame_of(turns, torch.from_numpy(val.root[index]), first)
    known = torch.zeros(windows, length, dtype=torch.bool)
    known[:, -1] = known[:, REACH - 1] = True
    if context:
        known[:, :REACH] = True
    fill_turns, fill_root, valid = filled(turns, root, known)
    yield Batch(
        Gaps(fill_turns, fill_root, known, valid, first, torch.full((windows,), length - 1)), turns, root,
        torch.from_numpy(val.contacts[index]),
    )  # fmt: skip
