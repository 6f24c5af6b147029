"""How near a model comes to recordings that it sees as 2D keypoints, and what it makes of prompts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.finishing import finish
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import foot_skate
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, yaw_matrix
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.cameras import Faults
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.dataset import Augmentation, MotionWindows
from genmo_studio.training.metrics_protocols import emdb_figures
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import body_positions, facing_camera, root_speed, spread_windows, take, video_of
from genmo_studio.values import replace

ESTIMATION_FRAMES = 120
SHORTEST_REFERENCE = 30
SHUFFLES = 200
Features = NDArray[np.float64]


def estimation(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """One pass on 2D keypoints, exact ones and such as a detector makes; cameras stand, pan, follow or shake."""
    kinds = {"clean": Faults.NONE, "detector_like": Faults.DETECTOR}
    windows = {
        name: MotionWindows(
            folder,
            body=body,
            split="val",
            frames=ESTIMATION_FRAMES,
            augmentation=replace(Augmentation.none(), faults=f),
        )
        for name, f in kinds.items()
    }
    store = windows["clean"].store
    spread = spread_windows(store, frames=ESTIMATION_FRAMES, count=options.windows, seed=options.seed)
    rows: dict[str, list[tuple[dict[str, float], dict[str, float]]]] = {}
    for number, (clip, first) in time.over(spread):
        yield Progress("estimating from keypoints", number / len(spread))
        for name, of_kind in windows.items():
            batch = of_kind.window(clip, first, rng=np.random.default_rng((options.seed, number)))
            if batch["has_2d"].mean() < 0.5:
                continue
            recorded = of_kind.motion(clip).sliced(first, first + ESTIMATION_FRAMES)
            truth = facing_camera(recorded, batch, body=body)
            rows.setdefault(name, []).append(_estimated(truth, batch, model=model, body=body, seed=options.seed))
    yield {
        name: _means([ours for ours, _ in found])
        | {"windows": len(found), "emdb_protocol": _means([protocol for _, protocol in found])}
        for name, found in rows.items()
    }


def _means(rows: Sequence[dict[str, float]]) -> Figures:
    return {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}


def _estimated(
    truth: Motion, batch: dict[str, Any], *, model: LoadedModel, body: Body, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Our figures (22 joints, frames that the camera saw), and those of EMDB's protocol (24 joints, all frames)."""
    request = GenerationRequest(frames=len(truth), mode=TakeMode.DRAFT, model="evaluated", seed=seed, foot_lock=0.0)
    resolved = ResolvedConditions(request=request, video=video_of(batch))
    raw = take(resolved, model=model, body=body).motion
    cleaned = finish(raw, body, msgspec.structs.replace(request, foot_lock=1.0), unaided=raw).motion
    seen = batch["has_2d"][0]
    ours, theirs = body_positions(raw, body=body), body_positions(truth, body=body)
    whole, first_two = metrics.world_mpjpe(ours, theirs)
    protocol = emdb_figures(
        raw, truth, predicted_joints=joint_positions(raw, body).astype(np.float64),
        true_joints=joint_positions(truth, body).astype(np.float64), body=body,
    )  # fmt: skip
    row = {
        "mpjpe_mm": 1e3 * metrics.mpjpe(ours, theirs, valid=seen),
        "pa_mpjpe_mm": 1e3 * metrics.pa_mpjpe(ours, theirs, valid=seen),
        "wa_mpjpe_mm": 1e3 * whole,
        "w_mpjpe_mm": 1e3 * first_two,
        "acceleration_m_s2": metrics.acceleration_error(ours, theirs),
        "jitter_m_s3": metrics.jitter(ours),
        "jitter_real_m_s3": metrics.jitter(theirs),
        "foot_skate_before_m_s": foot_skate(joint_positions(raw, body)),
        "foot_skate_m_s": foot_skate(joint_positions(cleaned, body)),
        "foot_skate_real_m_s": foot_skate(joint_positions(truth, body)),
    }
    return row, protocol


def text_figures(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """Takes of prompts beside recordings of the training split that are captioned in the same words.

    ``recognised``: share of takes that lie nearest to the mean of the recordings of their own prompt. ``shuffled`` is
    the same with the prompts dealt out at random, ``recordings_recognised`` the share of recordings (each left out of
    its mean). ``separability`` looks at takes alone: the nearest other take has the same prompt.
    """
    store = ClipStore.open(folder, split="train")
    real = {prompt: references(store, prompt, options=options) for prompt in options.prompts}
    takes: dict[str, list[tuple[Motion, Motion]]] = {prompt: [] for prompt in options.prompts}
    states = load_text_encoder(model.text_encoder).encode(list(options.prompts))
    for repeat, _ in time.over(range(options.repeats)):
        for row, prompt in enumerate(options.prompts):
            yield Progress("motion from text", (repeat + row / len(options.prompts)) / options.repeats, prompt)
            request = _prompt_request(prompt, repeat, options=options)
            spans = (Span(0, request.frames),)
            text = ResolvedText(states=states[row : row + 1], spans=spans, weights=(1.0,))
            raw = take(ResolvedConditions(request=request, text=text), model=model, body=body).motion
            locked = finish(raw, body, msgspec.structs.replace(request, foot_lock=1.0), unaided=raw).motion
            takes[prompt].append((raw, locked))
    known = [prompt for prompt in options.prompts if real[prompt]]
    yield {
        "prompts": {prompt: _prompt_row(takes[prompt], real[prompt], body=body) for prompt in options.prompts},
        **_recognition({p: [locked for _, locked in takes[p]] for p in known}, {p: real[p] for p in known}, body=body),
        "takes": sum(map(len, takes.values())),
    }


def _prompt_request(prompt: str, repeat: int, *, options: EvaluationOptions) -> GenerationRequest:
    request = GenerationRequest(
        frames=options.prompt_frames, texts=(TextCondition(text=prompt, span=Span(0, options.prompt_frames)),),
        seed=options.seed + repeat, steps=options.steps, foot_lock=0.0, model="evaluated",
    )  # fmt: skip
    return request if options.guidance is None else msgspec.structs.replace(request, guidance=options.guidance)


def references(store: ClipStore, prompt: str, *, options: EvaluationOptions) -> list[Motion]:
    """Recordings that have ``prompt`` among their captions for all of their length, cut to the length of a take."""
    found = [
        clip
        for clip in store.clips
        if clip.frames >= SHORTEST_REFERENCE and any(c.text == prompt and c.stop < 0 for c in clip.captions)
    ]
    rng = np.random.default_rng(options.seed)
    order = rng.permutation(len(found))[: options.references]
    return [store.motion(found[i]).sliced(0, min(found[i].frames, options.prompt_frames)) for i in order]


def _prompt_row(takes: Sequence[tuple[Motion, Motion]], real: Sequence[Motion], *, body: Body) -> dict[str, float]:
    raw, locked = [pair[0] for pair in takes], [pair[1] for pair in takes]

    def mean(values: list[float]) -> float:
        return round(float(np.mean(values)), 4) if values else float("nan")

    def skate(motions: Sequence[Motion]) -> float:
        return mean([foot_skate(joint_positions(motion, body)) for motion in motions])

    row = {
        "speed_m_s": mean([root_speed(motion) for motion in locked]),
        "jitter_m_s3": mean([metrics.jitter(body_positions(motion, body=body)) for motion in locked]),
        "foot_skate_before_m_s": skate(raw),
        "foot_skate_m_s": skate(locked),
        "takes": len(takes),
        "recordings": len(real),
    }
    if real:
        row["speed_real_m_s"] = mean([root_speed(motion) for motion in real])
        row["jitter_real_m_s3"] = mean([metrics.jitter(body_positions(motion, body=body)) for motion in real])
        row["foot_skate_real_m_s"] = skate(real)
    return row


def _recognition(takes: dict[str, list[Motion]], real: dict[str, list[Motion]], *, body: Body) -> Figures:
    if len(real) < 2:
        return {}
    names = list(real)
    reference = np.stack([motion_features(motion, body=body) for name in names for motion in real[name]])
    home = np.array([row for row, name in enumerate(names) for _ in real[name]])
    made = np.stack([motion_features(motion, body=body) for name in names for motion in takes[name]])
    wanted = np.array([row for row, name in enumerate(names) for _ in takes[name]])
    middle, spread = reference.mean(0), reference.std(0) + 1e-6
    reference, made = (reference - middle) / spread, (made - middle) / spread
    nearest = metrics.nearest_centroid(made, reference, home)
    rng = np.random.default_rng(0)
    shuffled = np.mean([(nearest == rng.permutation(wanted)).mean() for _ in range(SHUFFLES)])
    left_out = [
        metrics.nearest_centroid(reference[[i]], np.delete(reference, i, 0), np.delete(home, i))[0] == home[i]
        for i in range(len(home))
        if (home == home[i]).sum() > 1
    ]
    return {
        "recognised": round(float((nearest == wanted).mean()), 4),
        "recognised_by_prompt": {
            name: round(float((nearest[wanted == row] == row).mean()), 4) for row, name in enumerate(names)
        },
        "chance": round(1 / len(names), 4),
        "shuffled": round(float(shuffled), 4),
        "recordings_recognised": round(float(np.mean(left_out)), 4) if left_out else None,
        "separability": round(metrics.separability(made, [names[row] for row in wanted]), 4),
    }


def motion_features(motion: Motion, *, body: Body) -> Features:
    """What a motion is like, whatever its heading, place and length: one vector.

    Mean and spread of the joints in the root's heading frame, mean joint speeds (m/s), speed over the ground along and
    across the heading (m/s), height and its spread (m), turn (rad/s).
    """
    positions = body_positions(motion, body=body)
    heading = heading_from_matrix(matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    turn_back = yaw_matrix(heading)
    local = (positions - positions[:, :1]) @ turn_back  # rows times the turn back
    speed = np.linalg.norm(np.diff(positions, axis=0), axis=-1).mean(0) * motion.fps
    step = (np.diff(positions[:, :1], axis=0) @ turn_back[:-1])[:, 0].mean(0) * motion.fps
    height = positions[:, 0, 1]
    turn = (np.unwrap(heading)[-1] - heading[0]) * motion.fps / max(len(positions) - 1, 1)
    return np.concatenate(
        [local.mean(0).ravel(), local.std(0).ravel(), speed, [step[0], step[2], height.mean(), height.std(), turn]]
    )
