"""In-betweening: keys before and after a gap, and what the model, a straight in-between and holding make of the gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import TakeMode
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.metrics_protocols import npss
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import pose_key, spread_windows, take
from genmo_studio.values import replace

GAPS = (5, 15, 30, 45, 60)
CONTEXT = 10
MODES = {"draft": TakeMode.DRAFT, "sampled": TakeMode.FULL}


@dataclass(frozen=True, eq=False)
class _Filled:
    """One gap as somebody filled it."""

    l2p: float
    l2q: float
    turns: NDArray[np.float64]
    """(gap, 22 * 4) world quaternions, without jumps from q to -q, in the sign of the truth's"""
    truth: NDArray[np.float64]


def in_betweening(
    store: ClipStore, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """Keys at CONTEXT frames before the gap and at one after it; what lies between is compared with the recording.

    ``to_interpolated`` is L2P over that of interpolation on the same windows: the literature's best reach 0.31 to 0.38
    on their data at 15 and 30 frames.
    """
    found: Figures = {}
    fills: dict[int, dict[str, list[_Filled]]] = {gap: {} for gap in GAPS}
    windows = {
        gap: spread_windows(store, frames=CONTEXT + gap + 1, count=options.windows, seed=options.seed) for gap in GAPS
    }
    for number, _ in time.over(range(options.windows)):
        yield Progress("in-betweening", number / options.windows)
        for gap in GAPS:  # inside, so that a run that is cut short has all gaps
            if number >= len(windows[gap]):
                continue
            clip, first = windows[gap][number]
            truth = store.motion(store.clips[clip]).sliced(first, first + CONTEXT + gap + 1)
            results = _filled_gap(truth, gap, sampled=number < options.sampled, model=model, body=body, options=options)
            for name, motion in results.items():
                fills[gap].setdefault(name, []).append(_filled(motion, truth, body=body, stop=CONTEXT + gap))
    for gap in GAPS:
        rows = {name: _row(values, fills[gap]["interpolated"]) for name, values in fills[gap].items()}
        for name in ("interpolated", "draft"):  # the same windows as the sampled ones
            if "sampled" in fills[gap]:
                same = fills[gap][name][: len(fills[gap]["sampled"])]
                rows[f"{name}_on_sampled"] = _row(same, fills[gap]["interpolated"])
        found[str(gap)] = rows
    yield found


def _filled_gap(
    truth: Motion, gap: int, *, sampled: bool, model: LoadedModel, body: Body, options: EvaluationOptions
) -> dict[str, Motion]:
    """The recording with its gap filled by each baseline and each mode."""
    stop = CONTEXT + gap
    results = {
        "interpolated": metrics.interpolated(truth, start=CONTEXT, stop=stop),
        "held": metrics.held(truth, start=CONTEXT, stop=stop),
    }
    poses = tuple(pose_key(truth, frame, body=body) for frame in [*range(CONTEXT), stop])
    for name, mode in MODES.items():
        if mode is TakeMode.DRAFT or sampled:
            request = GenerationRequest(
                frames=len(truth), poses=poses, seed=options.seed, steps=options.steps, foot_lock=0.0, mode=mode,
                model="evaluated",
            )  # fmt: skip
            results[name] = take(ResolvedConditions(request=request), model=model, body=body).motion
    return results


def exchanged(found: Motion, truth: Motion, straight: Motion) -> Iterator[tuple[str, Motion]]:
    """Where an error comes from: the filling, the recording with one part of it, and halves of it on the straight line.

    ``found`` and ``straight`` (interpolation) are fillings of a gap of ``truth``; all have the same frames.
    """
    pelvis, limbs = truth.rotations.copy(), truth.rotations.copy()
    pelvis[:, 0], limbs[:, 1:] = found.rotations[:, 0], found.rotations[:, 1:]
    yield "whole", found
    yield "path_alone", replace(truth, translation=found.translation)
    yield "pelvis_alone", replace(truth, rotations=pelvis)
    yield "limbs_alone", replace(truth, rotations=limbs)
    yield "turns_on_straight_path", replace(found, translation=straight.translation)
    yield "path_under_straight_turns", replace(straight, translation=found.translation)


def _filled(motion: Motion, truth: Motion, *, body: Body, stop: int) -> _Filled:
    position, turn = metrics.gap_errors(motion, truth, body=body, start=CONTEXT, stop=stop)
    wanted = _continuous(metrics.world_quaternions(truth, body=body)[CONTEXT:stop])
    ours = _continuous(metrics.world_quaternions(motion, body=body)[CONTEXT:stop])
    ours = ours * np.where((ours[:1] * wanted[:1]).sum(-1, keepdims=True) < 0, -1.0, 1.0)
    return _Filled(position, turn, ours.reshape(len(ours), -1), wanted.reshape(len(wanted), -1))


def _continuous(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, J, 4) with the sign of each frame nearest to the frame before."""
    flips = (quaternions[1:] * quaternions[:-1]).sum(-1) < 0
    sign = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0)
    return np.concatenate([quaternions[:1], quaternions[1:] * sign[..., None]])


def _row(values: Sequence[_Filled], straight: Sequence[_Filled]) -> dict[str, float]:
    position = float(np.mean([value.l2p for value in values]))
    reference = float(np.mean([value.l2p for value in straight[: len(values)]]))
    return {
        "l2p_m": round(position, 4),
        "l2q": round(float(np.mean([value.l2q for value in values])), 4),
        "npss": round(npss(np.stack([v.turns for v in values]), np.stack([v.truth for v in values])), 6),
        "to_interpolated": round(position / max(reference, 1e-9), 4),
        "windows": len(values),
    }
