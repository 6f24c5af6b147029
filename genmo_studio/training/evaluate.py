"""Figures of a model on the validation split: in-betweening, estimation from 2D, foot skate, text separability.

``python -m genmo_studio.training.evaluate DATA --model NAME_OR_PATH -o figures.json``. Everything goes through
``model.generator``, as a user's request does.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, PoseCondition, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText, ResolvedVideo
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.motion.body import Body, joint_positions, load_body
from genmo_studio.motion.contacts import foot_skate
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.training import metrics
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.dataset import Augmentation, MotionWindows

GAPS = (5, 15, 30, 45)
CONTEXT = 10
PROMPTS = (
    "a person walks", "a person runs", "a person jumps", "a person waves both hands", "a person raises the left hand",
    "a person raises the right hand", "a person dances salsa", "a person kicks", "a person bows", "a person crawls",
)  # fmt: skip
_ESTIMATION_FRAMES = 120


@dataclass(frozen=True)
class EvaluationOptions:
    """How much is measured; the figures are means over these samples."""

    windows: int = 40
    """Windows of the in-betweening and estimation figures that take one pass."""
    sampled: int = 12
    """Windows of the figures that are sampled in ``steps`` steps."""
    repeats: int = 4
    """Takes a prompt for the text figures."""
    prompts: tuple[str, ...] = PROMPTS
    prompt_frames: int = 90
    steps: int = 50
    seed: int = 0


Figures = dict[str, Any]


def evaluate(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions | None = None
) -> Iterator[Progress | Figures]:
    """Measure ``model`` on the validation split of the training set in ``folder``; the last item is the figures."""
    chosen = options or EvaluationOptions()
    store = ClipStore.open(folder, split="val")
    figures: Figures = {"model": model.name, "model_hash": model.hash, "options": msgspec.to_builtins(chosen)}
    rows = _in_betweening(store, model=model, body=body, options=chosen)
    for name, part in (
        ("in_betweening", rows),
        ("estimation", _estimation(folder, model=model, body=body, options=chosen)),
        ("text", _text(store, model=model, body=body, options=chosen)),
    ):
        for step in part:
            if isinstance(step, Progress):
                yield step
            else:
                figures[name] = step
    yield figures


def take(resolved: ResolvedConditions, *, model: LoadedModel, body: Body) -> GenerationResult:
    """Run a request to its end."""
    result = None
    for event in generate(resolved, model=model, body=body):
        if isinstance(event, GenerationResult):
            result = event
    assert result is not None
    return result


def pose_key(motion: Motion, frame: int, *, rest_pelvis: NDArray[np.float32], at: int) -> PoseCondition:
    """A full-body key at request frame ``at`` that holds ``motion``'s pose at ``frame``."""
    rotations = {
        JOINTS[j]: (float(v[0]), float(v[1]), float(v[2]))
        for j, v in enumerate(motion.rotations[frame, :BODY_JOINT_COUNT])
    }
    x, y, z = (motion.translation[frame] + rest_pelvis).tolist()
    return PoseCondition(frame=at, rotations=rotations, root_position=(x, y, z))


def spread_windows(store: ClipStore, *, frames: int, count: int, seed: int) -> list[tuple[int, int]]:
    """(clip, first frame) of ``count`` windows: contents take turns, so that no large content outweighs the others."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str], list[int]] = {}
    for number, clip in enumerate(store.clips):
        if clip.frames >= frames:
            groups.setdefault((clip.source, clip.content), []).append(number)
    chosen: list[tuple[int, int]] = []
    order = list(groups.values())
    while order and len(chosen) < count:
        for members in order[: count - len(chosen)]:
            member = members[int(rng.integers(len(members)))]
            chosen.append((member, int(rng.integers(store.clips[member].frames - frames + 1))))
    return chosen


def _in_betweening(
    store: ClipStore, *, model: LoadedModel, body: Body, options: EvaluationOptions
) -> Iterator[Progress | Figures]:
    """Keys at CONTEXT frames before the gap and at one after it; what lies between is compared with the recording."""
    found: Figures = {}
    for gap in GAPS:
        frames = CONTEXT + gap + 1
        windows = spread_windows(store, frames=frames, count=options.windows, seed=options.seed)
        errors: dict[str, list[tuple[float, float]]] = {"interpolated": [], "held": [], "draft": [], "sampled": []}
        keys: list[dict[str, float]] = []
        for number, (clip, first) in enumerate(windows):
            yield Progress(f"in-betweening {gap} frames", number / len(windows))
            truth = store.motion(store.clips[clip]).sliced(first, first + frames)
            results = {
                "interpolated": metrics.interpolated(truth, start=CONTEXT, stop=CONTEXT + gap),
                "held": metrics.held(truth, start=CONTEXT, stop=CONTEXT + gap),
            }
            request = _gap_request(truth, gap, body=body, options=options)
            modes = {"draft": TakeMode.DRAFT} | ({"sampled": TakeMode.FULL} if number < options.sampled else {})
            for name, mode in modes.items():
                resolved = ResolvedConditions(request=msgspec.structs.replace(request, mode=mode))
                result = take(resolved, model=model, body=body)
                results[name] = result.motion
                if name == "draft":
                    keys.append(result.report["key_errors_before"])
            for name, motion in results.items():
                errors[name].append(metrics.gap_errors(motion, truth, body=body, start=CONTEXT, stop=CONTEXT + gap))
        found[str(gap)] = {name: _pair(values) for name, values in errors.items() if values}
        found[str(gap)]["interpolated_on_sampled"] = _pair(errors["interpolated"][: options.sampled])
        found[str(gap)]["key_errors_before"] = {name: float(np.mean([k[name] for k in keys])) for name in keys[0]}
    yield found


def _pair(values: Sequence[tuple[float, float]]) -> dict[str, float]:
    position, turn = np.mean(values, axis=0).tolist()
    return {"l2p_m": round(position, 4), "l2q": round(turn, 4), "windows": len(values)}


def _gap_request(truth: Motion, gap: int, *, body: Body, options: EvaluationOptions) -> GenerationRequest:
    pelvis = body.rest_joints(truth.betas)[0]
    frames = [*range(CONTEXT), CONTEXT + gap]
    poses = tuple(pose_key(truth, frame, rest_pelvis=pelvis, at=frame) for frame in frames)
    return GenerationRequest(
        frames=len(truth), poses=poses, seed=options.seed, steps=options.steps, foot_lock=0.0, model="evaluated"
    )


def _estimation(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions
) -> Iterator[Progress | Figures]:
    """One pass on exact 2D keypoints: joint errors in the world that the first camera's heading defines."""
    windows = MotionWindows(folder, body=body, split="val", frames=_ESTIMATION_FRAMES, augmentation=Augmentation.none())
    rows: list[dict[str, float]] = []
    spread = spread_windows(windows.store, frames=_ESTIMATION_FRAMES, count=options.windows, seed=options.seed)
    for number, (clip, first) in enumerate(spread):
        yield Progress("estimating from keypoints", number / len(spread))
        batch = windows.window(clip, first, rng=np.random.default_rng((options.seed, number)))
        seen = batch["has_2d"][0]
        if seen.mean() < 0.5:
            continue
        truth = facing_camera(windows.motion(clip).sliced(first, first + _ESTIMATION_FRAMES), batch, body=body)
        request = GenerationRequest(
            frames=_ESTIMATION_FRAMES, mode=TakeMode.DRAFT, model="evaluated", seed=options.seed, foot_lock=0.0
        )
        resolved = ResolvedConditions(request=request, video=_video(batch))
        made = take(resolved, model=model, body=body).motion
        ours, theirs = joint_positions(made, body)[:, :22], joint_positions(truth, body)[:, :22]
        whole, first_two = metrics.world_mpjpe(ours, theirs)
        rows.append(
            {
                "mpjpe_mm": 1e3 * metrics.mpjpe(ours, theirs, valid=seen),
                "pa_mpjpe_mm": 1e3 * metrics.pa_mpjpe(ours, theirs, valid=seen),
                "wa_mpjpe_mm": 1e3 * whole,
                "w_mpjpe_mm": 1e3 * first_two,
                "acceleration_m_s2": metrics.acceleration_error(ours, theirs),
                "foot_skate_m_s": foot_skate(joint_positions(made, body)),
                "foot_skate_real_m_s": foot_skate(joint_positions(truth, body)),
            }
        )
    yield {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]} | {"windows": len(rows)}


def facing_camera(motion: Motion, batch: dict[str, Any], *, body: Body) -> Motion:
    """The motion turned about the vertical so that the first camera of a batch of one looks along -z."""
    look = batch["world_to_camera"][0, 0, 2].astype(np.float64)
    turn = yaw_matrix(float(np.pi - np.arctan2(look[0], look[2])))
    rotations = matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64))
    turned = motion.rotations.copy()
    turned[:, 0] = rotvec_from_matrix(turn @ rotations)
    pelvis = np.asarray(body.rest_joints(motion.betas)[0], np.float64)
    translation = (motion.translation + pelvis) @ turn.T - pelvis
    return replace(motion, rotations=turned, translation=translation.astype(np.float32))


def _video(batch: dict[str, Any]) -> ResolvedVideo:
    turns = batch["world_to_camera"][0].astype(np.float64)
    return ResolvedVideo(
        exists=batch["has_2d"][0],
        keypoints=batch["keypoints"][0],
        bbox_xys=batch["bbox_xys"][0],
        intrinsics=batch["intrinsics"][0],
        camera_rotations=(turns @ turns[0].T).astype(np.float32),
        weight=np.ones(len(turns), np.float32),
    )


def _text(
    store: ClipStore, *, model: LoadedModel, body: Body, options: EvaluationOptions
) -> Iterator[Progress | Figures]:
    """Takes of each prompt: is a take's nearest neighbour of the same prompt, and how well do feet stay put."""
    encoder = load_text_encoder(model.text_encoder)
    states = encoder.encode(list(options.prompts))
    features, labels, skates = [], [], []
    for row, prompt in enumerate(options.prompts):
        for repeat in range(options.repeats):
            yield Progress("motion from text", (row + repeat / options.repeats) / len(options.prompts), prompt)
            span = Span(0, options.prompt_frames)
            request = GenerationRequest(
                frames=options.prompt_frames, texts=(TextCondition(text=prompt, span=span),),
                seed=options.seed + repeat, steps=options.steps, model="evaluated",
            )  # fmt: skip
            text = ResolvedText(states=states[row : row + 1], spans=(span,), weights=(1.0,))
            motion = take(ResolvedConditions(request=request, text=text), model=model, body=body).motion
            features.append(motion_features(motion, body=body))
            labels.append(prompt)
            skates.append(foot_skate(joint_positions(motion, body)))
    table = np.stack(features)
    table = (table - table.mean(0)) / (table.std(0) + 1e-6)
    real = [
        foot_skate(joint_positions(store.motion(clip), body)) for clip in store.clips[:: max(1, len(store.clips) // 60)]
    ]
    yield {
        "separability": round(metrics.separability(table, labels), 4),
        "chance": round((options.repeats - 1) / (len(labels) - 1), 4),
        "foot_skate_m_s": round(float(np.mean(skates)), 4),
        "foot_skate_real_m_s": round(float(np.mean(real)), 4),
        "takes": len(labels),
    }


def motion_features(motion: Motion, *, body: Body) -> NDArray[np.float64]:
    """What a motion is like, whatever its heading and place: one vector.

    Mean and spread of the joints in the root's heading frame, mean joint speeds, travel, height and turn.
    """
    positions = joint_positions(motion, body)[:, :22].astype(np.float64)
    heading = heading_from_matrix(matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    local = (positions - positions[:, :1]) @ yaw_matrix(heading)  # rows times the turn back
    speed = np.linalg.norm(np.diff(positions, axis=0), axis=-1).mean(0) * motion.fps
    travel = np.linalg.norm((positions[-1] - positions[0])[0, [0, 2]])
    height = positions[:, 0, 1]
    turn = np.unwrap(heading)[-1] - heading[0]
    return np.concatenate(
        [local.mean(0).ravel(), local.std(0).ravel(), speed, [travel, height.mean(), height.std(), turn]]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder made by `genmo-studio data prepare`")
    parser.add_argument("--model", default="default")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--body", default="genmo-free")
    defaults = EvaluationOptions()
    for name in ("windows", "sampled", "repeats", "steps", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(defaults, name))
    arguments = parser.parse_args(argv)
    options = replace(
        defaults, **{n: getattr(arguments, n) for n in ("windows", "sampled", "repeats", "steps", "seed")}
    )
    model = load_model(arguments.model, device=arguments.device)
    for step in evaluate(arguments.data, model=model, body=load_body(arguments.body), options=options):
        if isinstance(step, Progress):
            print(f"\r{step.stage} {step.fraction:4.0%} {step.detail}\x1b[K", end="", flush=True)
        else:
            arguments.out.write_text(json.dumps(step, indent=1) + "\n", encoding="utf-8")
            print(f"\n{arguments.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
