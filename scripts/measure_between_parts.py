"""Where the in-between error comes from: L2P of each filling, and of the recording with one part of it exchanged.

python scripts/measure_between_parts.py DATA OUT.json --models default RUN/model --windows 12 --sampled 3
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import TakeMode
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.measure_between import CONTEXT, GAPS, exchanged
from genmo_studio.training.trials import pose_key, spread_windows, take


def filled(
    truth: Motion, gap: int, models: dict[str, LoadedModel], body: Body, *, sampled: bool, steps: int
) -> Iterator[tuple[str, Motion]]:
    """The gap as interpolation and each model fill it."""
    stop = CONTEXT + gap
    yield "interpolated", metrics.interpolated(truth, start=CONTEXT, stop=stop)
    poses = tuple(pose_key(truth, frame, body=body) for frame in [*range(CONTEXT), stop])
    for name, model in models.items():
        for word, mode in (("one pass", TakeMode.DRAFT), ("sampled", TakeMode.FULL)):
            if mode is TakeMode.FULL and not sampled:
                continue
            request = GenerationRequest(
                frames=len(truth), poses=poses, seed=0, steps=steps, foot_lock=0.0, mode=mode, model="evaluated"
            )
            yield f"{name}, {word}", take(ResolvedConditions(request=request), model=model, body=body).motion


def main() -> None:
    """Measure and write a table as JSON: gap -> filling -> part -> mean L2P in m."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--models", nargs="+", default=["default"])
    parser.add_argument("--windows", type=int, default=12)
    parser.add_argument("--sampled", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--gaps", type=int, nargs="+", default=list(GAPS))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    store, body = ClipStore.open(arguments.data, split="val"), load_body("genmo-free")
    models = {Path(name).name: load_model(name, device="cpu") for name in arguments.models}
    windows = {
        gap: spread_windows(store, frames=CONTEXT + gap + 1, count=arguments.windows, seed=arguments.seed)
        for gap in arguments.gaps
    }
    errors: dict[int, dict[str, dict[str, list[float]]]] = {gap: {} for gap in arguments.gaps}
    for number in range(arguments.windows):
        for gap in arguments.gaps:
            if number >= len(windows[gap]):
                continue
            clip, first = windows[gap][number]
            truth = store.motion(store.clips[clip]).sliced(first, first + CONTEXT + gap + 1)
            straight = metrics.interpolated(truth, start=CONTEXT, stop=CONTEXT + gap)
            wanted = number < arguments.sampled
            for name, motion in filled(truth, gap, models, body, sampled=wanted, steps=arguments.steps):
                for part, mixed in exchanged(motion, truth, straight):
                    error = metrics.gap_errors(mixed, truth, body=body, start=CONTEXT, stop=CONTEXT + gap)[0]
                    errors[gap].setdefault(name, {}).setdefault(part, []).append(error)
        table = {
            str(gap): {
                name: {"windows": len(row["whole"]), **{part: round(float(np.mean(v)), 4) for part, v in row.items()}}
                for name, row in rows.items()
            }
            for gap, rows in errors.items()
        }
        arguments.out.write_text(json.dumps(table, indent=1))
        print(number + 1, flush=True)


if __name__ == "__main__":
    main()
