"""Whether takes obey the floor: skate, floating, penetration and jitter beside recordings with the same captions."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.finishing import finish
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import FEET, STATIC_SPEED, contact_labels, foot_skate, motion_quality
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import spread_windows, take

FRAMES = 120
AIM = 1.2
"""At most so much of the recordings' figure, after clean-up."""
LOW, SINKS, SWINGS = 0.05, 0.2, 0.6
"""A planted foot joint is at most so high (m above its lowest level), so fast up or down, and so fast over the ground
(m/s): the rule by which the training data itself was checked."""
_SMALLEST = {"floating_m": 0.005, "penetration_m": 0.005}
"""Below this a recording's own figure is measurement noise: ratios are taken to this instead."""


def physics(
    store: ClipStore, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """``recorded``, ``raw`` (as sampled) and ``cleaned`` (feet locked, on the floor) takes, and cleaned over recorded.

    A take has the caption and the length of its recording. Windows without a caption are left out.
    """
    windows = [
        (clip, first)
        for clip, first in spread_windows(store, frames=FRAMES, count=4 * options.sampled, seed=options.seed + 2)
        if store.clips[clip].captions
    ][: options.sampled]
    encoder = load_text_encoder(model.text_encoder)
    rows: dict[str, list[dict[str, float]]] = {"recorded": [], "raw": [], "cleaned": []}
    for number, (clip, first) in time.over(windows):
        caption = store.clips[clip].captions[0].text
        yield Progress("physics", number / len(windows), caption)
        truth = store.motion(store.clips[clip]).sliced(first, first + FRAMES)
        request = GenerationRequest(
            frames=FRAMES, texts=(TextCondition(text=caption, span=Span(0, FRAMES)),), seed=options.seed + number,
            steps=options.steps, foot_lock=0.0, model="evaluated",
        )  # fmt: skip
        text = ResolvedText(states=encoder.encode([caption]), spans=(Span(0, FRAMES),), weights=(1.0,))
        raw = take(ResolvedConditions(request=request, text=text), model=model, body=body).motion
        cleaned = finish(raw, body, msgspec.structs.replace(request, foot_lock=1.0), unaided=raw).motion
        for name, motion in (("recorded", truth), ("raw", raw), ("cleaned", cleaned)):
            rows[name].append(floor_figures(motion, body=body))
    found: Figures = {name: _mean(values) for name, values in rows.items() if values}
    if rows["raw"]:
        recorded, cleaned_row = found["recorded"], found["cleaned"]
        found["cleaned_to_recorded"] = {
            key: round(cleaned_row[key] / max(recorded[key], _SMALLEST.get(key, 1e-6)), 3)
            for key in recorded
            if key != "resting_share"
        }
    yield found | {"windows": len(rows["raw"]), "aim": AIM}


def floor_figures(motion: Motion, *, body: Body) -> dict[str, float]:
    """Skate (m/s) of feet that are low, of feet that the motion says are at rest, and of planted feet; the share of
    frames in which a foot joint rests; floating and penetration (m); jitter (m/s^3).

    A swinging foot passes low, so the first is far from zero in recordings. What a recording says is at rest moves
    slower than 0.15 m/s by definition, so the second is hard on takes. The third is near zero in recordings and asks
    the same of both.
    """
    positions = joint_positions(motion, body)
    planted, resting = _planted(positions, fps=motion.fps)
    quality = motion_quality(motion, body)
    own: Any = motion.contacts if motion.contacts is not None else contact_labels(positions, motion.fps)
    return {
        "skate_height_m_s": foot_skate(positions, fps=motion.fps),
        "skate_contact_m_s": foot_skate(positions, own, fps=motion.fps),
        "skate_planted_m_s": planted,
        "resting_share": resting,
        "floating_m": quality.floating,
        "penetration_m": quality.penetration,
        "jitter_m_s3": metrics.jitter(positions[:, :22], fps=motion.fps),
    }


def _planted(positions: NDArray[np.floating[Any]], *, fps: float) -> tuple[float, float]:
    """(m/s, share): speed over the ground of foot joints that are planted, and how often any foot joint rests.

    Planted: within LOW of the joint's own lowest level, hardly moving up or down, and too slow to be swinging. A foot
    that glides faster than that counts as swinging, which the second number shows: real people rest on a foot in most
    frames of a walk.
    """
    feet = positions[:, list(FEET)].astype(np.float64)
    level = feet[..., 1] - feet[..., 1].min(axis=0)
    step = np.diff(feet, axis=0) * fps
    speed = np.linalg.norm(step[..., [0, 2]], axis=-1)
    planted = (np.minimum(level[1:], level[:-1]) < LOW) & (np.abs(step[..., 1]) < SINKS) & (speed < SWINGS)
    resting = (np.linalg.norm(step, axis=-1) < STATIC_SPEED).any(axis=1)
    return float(speed[planted].mean()) if planted.any() else 0.0, float(resting.mean())


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
