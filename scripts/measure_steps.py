"""How takes change with the number of sampling steps: a table, and where it stops to matter.

python scripts/measure_steps.py DATA steps.json [--model MODEL] [--prompts 10] [--seeds 2] [--windows 6]
python scripts/measure_steps.py DATA steps.json --rows 50 20 20:early 20:late 20:every2 10 --windows 0

A row is a number of steps and, after a colon, in which half of them takes are guided (``early``: while there is more
noise than motion; ``late``; all without it); a step without guidance costs half. After ``every`` and a number n, the
unconditional answer is made anew in every n-th step. ``processor_s`` is processor time of
one take, which a busy machine does not stretch.

Sampling adds no noise, so takes of the same seed come nearer to one motion as steps are added. ``to_most`` is the mean
distance of joints (root together, cm) from the take of most steps and the same noise; ``other_seed`` what another seed
makes of it, for comparison.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model import predicting
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.sampler import plain
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.measure_motion import motion_features, references
from genmo_studio.training.options import PROMPTS, EvaluationOptions
from genmo_studio.training.trials import body_positions, pose_key, root_speed, spread_windows, take

STEPS = (50, 30, 20, 15, 10, 8, 5)
HALF = 500
"""Of the thousand diffusion steps."""
FRAMES, GAP, CONTEXT = 90, 30, 10
Floats = NDArray[np.float64]


def main() -> None:
    """Write the table after every number of steps."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--prompts", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--windows", type=int, default=6)
    usual = [str(steps) for steps in STEPS]
    parser.add_argument("--rows", nargs="+", default=usual, metavar="STEPS[:early|:late|:everyN]")
    arguments = parser.parse_args()
    model, body = load_model(arguments.model, device="cpu"), load_body("genmo-free")
    prompts = PROMPTS[: arguments.prompts]
    known = _middles(arguments.data, prompts, body=body)
    store = ClipStore.open(arguments.data, split="val")
    windows = spread_windows(store, frames=CONTEXT + GAP + 1, count=arguments.windows, seed=0)
    table: dict[str, dict[str, float]] = {}
    most: list[Motion] = []
    for name in arguments.rows:
        steps, _, part = name.partition(":")
        steps = int(steps)
        start = time.process_time()
        with guided_in(part or "all"):
            takes = list(_takes(prompts, arguments.seeds, steps, model=model, body=body))
        spent = (time.process_time() - start) / len(takes)
        most = most or takes
        row = _prompt_row(takes, most, known, seeds=arguments.seeds, body=body)
        row |= _gap_row(store, windows, steps, model=model, body=body)
        table[name] = {key: round(value, 4) for key, value in row.items()} | {"processor_s": round(spent, 3)}
        arguments.out.write_text(json.dumps({"model_hash": model.hash, "steps": table}, indent=1) + "\n", "utf-8")
        print(name, table[name], flush=True)


def _every(guided: Any, count: int, denoiser: Any, **told: Any) -> Any:
    return guided(denoiser, **{**told, "every": count})


@contextmanager
def guided_in(part: str) -> Iterator[None]:
    """Guide takes in all steps, or in the half of them with more noise (early) or less (late)."""
    both = partial(_every, predicting.guided, 1)

    def sometimes(denoiser: Any, **told: Any) -> Any:
        strong = both(denoiser, **told)
        left_out = ("fused_uncond", "text_uncond", "scale", "every")
        weak = plain(denoiser, **{key: value for key, value in told.items() if key not in left_out})

        def predict(xt: Any, steps: Any) -> Any:
            early = float(steps.flatten()[0]) >= HALF
            return strong(xt, steps) if early == (part == "early") else weak(xt, steps)

        return predict

    if part.startswith("every"):
        both, part = partial(_every, predicting.guided, int(part.removeprefix("every"))), "all"
    if part not in ("all", "early", "late"):
        raise SystemExit(f"{part} is not early, late or every and a number")
    with mock.patch.object(predicting, "guided", both if part == "all" else sometimes):
        yield


def _middles(data: Path, prompts: tuple[str, ...], *, body: Body) -> tuple[Floats, Floats, Floats]:
    """Mean features of each prompt's recordings, and middle and spread of all of them."""
    store, options = ClipStore.open(data, split="train"), EvaluationOptions(references=6, prompt_frames=FRAMES)
    rows = [[motion_features(m, body=body) for m in references(store, prompt, options=options)] for prompt in prompts]
    every = np.concatenate([np.stack(row) for row in rows])
    middle, spread = every.mean(0), every.std(0) + 1e-6
    return np.stack([(np.stack(row).mean(0) - middle) / spread for row in rows]), middle, spread


def _takes(prompts: tuple[str, ...], seeds: int, steps: int, *, model: LoadedModel, body: Body) -> Iterator[Motion]:
    states = load_text_encoder(model.text_encoder).encode(list(prompts))
    for row, prompt in enumerate(prompts):
        for seed in range(seeds):
            span = Span(0, FRAMES)
            request = GenerationRequest(
                frames=FRAMES, texts=(TextCondition(text=prompt, span=span),), seed=seed, steps=steps, model="measured"
            )
            text = ResolvedText(states=states[row : row + 1], spans=(span,), weights=(1.0,))
            yield take(ResolvedConditions(request=request, text=text), model=model, body=body).motion


def _prompt_row(
    takes: list[Motion], most: list[Motion], known: tuple[Floats, Floats, Floats], *, seeds: int, body: Body
) -> dict[str, float]:
    middles, middle, spread = known
    features = (np.stack([motion_features(m, body=body) for m in takes]) - middle) / spread
    nearest = np.linalg.norm(features[:, None] - middles[None], axis=-1).argmin(1)
    places = [body_positions(m, body=body) for m in takes]
    posed = [p - p[:, :1] for p in places]
    goal = [p - p[:, :1] for p in (body_positions(m, body=body) for m in most)]

    def apart(pairs: Iterable[tuple[Floats, Floats]]) -> float:
        return 100 * float(np.mean([np.linalg.norm(a - b, axis=-1).mean() for a, b in pairs]))

    found = {
        "recognised": float((nearest == np.repeat(np.arange(len(middles)), seeds)).mean()),
        "jitter_m_s3": float(np.mean([metrics.jitter(p) for p in places])),
        "speed_m_s": float(np.mean([root_speed(m) for m in takes])),
        "to_most_cm": apart(zip(posed, goal, strict=True)),
    }
    if seeds > 1:
        found["other_seed_cm"] = apart((posed[i], posed[i + 1]) for i in range(0, len(posed) - 1, seeds))
    return found


def _gap_row(
    store: ClipStore, windows: list[tuple[int, int]], steps: int, *, model: LoadedModel, body: Body
) -> dict[str, float]:
    """In-betweening of GAP frames and what its keys miss before they are corrected."""
    errors, missed = [], []
    for clip, first in windows:
        truth = store.motion(store.clips[clip]).sliced(first, first + CONTEXT + GAP + 1)
        poses = tuple(pose_key(truth, frame, body=body) for frame in [*range(CONTEXT), CONTEXT + GAP])
        request = GenerationRequest(frames=len(truth), poses=poses, steps=steps, foot_lock=0.0, model="measured")
        result = take(ResolvedConditions(request=request), model=model, body=body)
        errors.append(metrics.gap_errors(result.motion, truth, body=body, start=CONTEXT, stop=CONTEXT + GAP)[0])
        missed.append(result.report["key_errors_before"]["root_position_mm"])
    return {"l2p_30_m": float(np.mean(errors)), "key_root_before_mm": float(np.mean(missed))} if errors else {}


if __name__ == "__main__":
    main()
