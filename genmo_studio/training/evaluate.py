"""Figures of a model: in-betweening, key errors, estimation from 2D keypoints, foot skate and what prompts lead to.

``genmo-studio evaluate DATA --model NAME_OR_PATH -o figures.json``. Recordings come from the validation split, so
neither their subjects nor their styles were trained on; only the figures of prompts compare with training clips, which
are what the model should resemble. Everything goes through ``model.generator``, as a user's request does.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

import msgspec

from genmo_studio.conditions.progress import Progress
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.measure_keys import in_betweening, key_figures
from genmo_studio.training.measure_motion import estimation, text_figures
from genmo_studio.training.options import EvaluationOptions, Figures

COUNTS = ("windows", "sampled", "keyed", "repeats", "references", "prompt_frames", "steps", "seed")
PARTS = ("in_betweening", "keys", "estimation", "text")
_HELP = {
    "windows": "windows of the figures that take one pass",
    "sampled": "windows of the in-betweening figures that are sampled",
    "keyed": "windows of the key error figures",
    "repeats": "takes a prompt",
    "references": "recordings a prompt",
    "prompt_frames": "frames of a take from a prompt",
    "steps": "sampling steps",
    "seed": "seed of windows and noise",
}


def evaluate(
    folder: Path,
    *,
    model: LoadedModel,
    body: Body,
    options: EvaluationOptions | None = None,
    parts: Sequence[str] = PARTS,
) -> Iterator[Progress | Figures]:
    """Measure ``model`` on the training set in ``folder``: the figures so far after each part, all of them last.

    Raises PrepareError when the folder is not a training set.
    """
    chosen = options or EvaluationOptions()
    store = ClipStore.open(folder, split="val")
    figures: Figures = {
        "model": model.name,
        "model_hash": model.hash,
        "device": model.device,
        "options": msgspec.to_builtins(chosen),
    }
    runs = {
        "in_betweening": in_betweening(store, model=model, body=body, options=chosen),
        "keys": key_figures(store, model=model, body=body, options=chosen),
        "estimation": estimation(folder, model=model, body=body, options=chosen),
        "text": text_figures(folder, model=model, body=body, options=chosen),
    }
    seconds: dict[str, float] = {}
    for name in parts:
        start = time.perf_counter()
        for step in runs[name]:
            if isinstance(step, Progress):
                yield step
            else:
                figures[name] = step
        seconds[name] = round(time.perf_counter() - start, 1)
        yield figures | {"seconds": dict(seconds)}


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: write the figures as JSON."""
    arguments = _parser().parse_args(argv)
    options = replace(
        EvaluationOptions(), guidance=arguments.guidance, **{name: getattr(arguments, name) for name in COUNTS}
    )
    model = load_model(arguments.model, device=arguments.device)
    body = load_body(arguments.body)
    for step in evaluate(arguments.data, model=model, body=body, options=options, parts=arguments.only):
        if isinstance(step, Progress):
            print(f"\r{step.stage} {step.fraction:4.0%} {step.detail}\x1b[K", end="", flush=True)
        else:
            arguments.out.write_text(json.dumps(step, indent=1) + "\n", encoding="utf-8")
            print(f"\n{arguments.out}: {', '.join(step['seconds'])}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="genmo-studio evaluate",
        description="Measure a model on the validation part of a training set and write the figures as JSON.",
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="folder made by genmo-studio data prepare")
    parser.add_argument("--model", default="default", metavar="NAME_OR_PATH")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--device", default="cpu", metavar="cpu|cuda")
    parser.add_argument("--body", default="genmo-free", metavar="NAME_OR_PATH")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts (all of them)")
    parser.add_argument("--guidance", type=float, help="guidance of prompts (default: that of a new project)")
    defaults = {field.name: field.default for field in fields(EvaluationOptions)}
    for name in COUNTS:
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=_count, default=defaults[name], help=f"{_HELP[name]} ({defaults[name]})")
    return parser


def _count(word: str) -> int:
    value = int(word)
    if not 0 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{word} is not between 0 and 100000")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
