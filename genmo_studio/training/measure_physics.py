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
from genmo_studio.motion.contacts import contact_labels, foot_skate, motion_quality
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import spread_windows, take

FRAMES = 120
AIM = 1.2
"""At most so much of the recordings' figure, after clean-up."""
LOW, SLIDES = 0.05, 0.5
"""m above its lowest level and m/s over the ground from which a toe joint skates."""
_SMALLEST = {"floating_m": 0.005, "penetration_m": 0.005, "skating_share": 0.01}
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
    if windows:
        recorded, cleaned_row = found["recorded"], found["cleaned"]
        found["cleaned_to_recorded"] = {
            key: round(cleaned_row[key] / max(recorded[key], _SMALLEST.get(key, 1e-6)), 3) for key in recorded
        }
    yield found | {"windows": len(rows["raw"]), "aim": AIM}


def floor_figures(motion: Motion, *, body: Body) -> dict[str, float]:
    """Skate (m/s) of feet that are low, and of feet that the motion says are at rest; ``skating_share`` of the steps
    with a toe joint within 5 cm of its lowest level in which it slides faster than 0.5 m/s; floating and penetration
    (m); jitter (m/s^3).

    What a recording says is at rest moves slower than 0.15 m/s by definition, so the second is hard on takes.
    """
    positions = joint_positions(motion, body)
    quality = motion_quality(motion, body)
    own: Any = motion.contacts if motion.contacts is not None else contact_labels(positions, motion.fps)
    return {
        "skate_height_m_s": foot_skate(positions, fps=motion.fps),
        "skate_contact_m_s": foot_skate(positions, own, fps=motion.fps),
        "skating_share": _skating_share(positions, fps=motion.fps),
        "floating_m": quality.floating,
        "penetration_m": quality.penetration,
        "jitter_m_s3": metrics.jitter(positions[:, :22], fps=motion.fps),
    }


def _skating_share(positions: NDArray[np.floating[Any]], *, fps: float) -> float:
    """The skating ratio of the text-to-motion literature (Karunratanakul et al. 2023), on the joint's own level."""
    toes = positions[:, [INDEX["left_foot"], INDEX["right_foot"]]].astype(np.float64)
    low = toes[..., 1] < toes[..., 1].min(axis=0) + LOW
    low = low[1:] & low[:-1]
    speed = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1) * fps
    return float((low & (speed > SLIDES)).any(axis=1).mean()) if len(low) else 0.0


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
