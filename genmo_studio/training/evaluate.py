"""Figures of a model: in-betweening, keys, estimation, prompts, retrieval, music, physics and mixed conditions.

``genmo-studio evaluate DATA --model NAME_OR_PATH -o figures.json``. Recordings come from the validation split, so
neither their subjects nor their styles were trained on; only the figures of prompts compare with training clips, which
are what the model should resemble. Everything goes through ``model.generator``, as a user's request does, and the
recordings and simple baselines are scored by the same code in the same run.
"""

import argparse
import hashlib
import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import msgspec

from genmo_studio.conditions.progress import Progress
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.training.allotment import Allotment, shares
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.evaluate_public import CameraRun, evaluate_cameras, public_training_set
from genmo_studio.training.evaluation_set import JUDGED, training_set
from genmo_studio.training.measure_between import in_betweening
from genmo_studio.training.measure_keys import key_figures
from genmo_studio.training.measure_mixed import mixed
from genmo_studio.training.measure_motion import estimation, text_figures
from genmo_studio.training.measure_music import music
from genmo_studio.training.measure_physics import physics
from genmo_studio.training.measure_regeneration import regeneration_figures
from genmo_studio.training.measure_retrieval import retrieval
from genmo_studio.training.measure_video import films_of, whole_path
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.public.clips import CLIP_SETS
from genmo_studio.training.public.sequences import CAMERA_SETS
from genmo_studio.values import replace

COUNTS = (
    "windows",
    "sampled",
    "filmed",
    "keyed",
    "repeats",
    "references",
    "retrieved",
    "prompt_frames",
    "steps",
    "seed",
)
_HELP = {
    "windows": "windows of the figures that take one pass",
    "sampled": "windows of the figures that are sampled (in-betweening, physics, music, mixed)",
    "filmed": "films of the whole video path",
    "keyed": "windows of the key error figures",
    "repeats": "takes a prompt",
    "references": "recordings a prompt",
    "retrieved": "captions of the retrieval figures, in batches of 32",
    "prompt_frames": "frames of a take from a prompt",
    "steps": "sampling steps",
    "seed": "seed of windows and noise",
}


@dataclass(frozen=True)
class _Run:
    """What every part is given."""

    folder: Path
    store: ClipStore
    """The split that is judged."""
    model: LoadedModel
    body: Body
    options: EvaluationOptions
    time: Allotment
    """How long this part may take."""


Part = Callable[[_Run], Iterator[Progress | Figures]]
PARTS: dict[str, Part] = {
    "in_betweening": lambda r: in_betweening(r.store, model=r.model, body=r.body, options=r.options, time=r.time),
    "keys": lambda r: key_figures(r.store, model=r.model, body=r.body, options=r.options, time=r.time),
    "estimation": lambda r: estimation(r.folder, model=r.model, body=r.body, options=r.options, time=r.time),
    "video_path": lambda r: whole_path(
        films_of(r.folder, body=r.body), model=r.model, body=r.body, options=r.options, time=r.time
    ),
    "text": lambda r: text_figures(r.folder, model=r.model, body=r.body, options=r.options, time=r.time),
    "retrieval": lambda r: retrieval(r.folder, model=r.model, body=r.body, options=r.options, time=r.time),
    "music": lambda r: music(r.folder, model=r.model, body=r.body, options=r.options, time=r.time),
    "regeneration": lambda r: regeneration_figures(r.store, model=r.model, body=r.body, options=r.options, time=r.time),
    "physics": lambda r: physics(r.store, model=r.model, body=r.body, options=r.options, time=r.time),
    "mixed": lambda r: mixed(r.folder, model=r.model, body=r.body, options=r.options, time=r.time),
}
"""Name of a part -> what measures it; the last value that it yields are its figures."""
WEIGHTS = {
    "in_betweening": 5, "keys": 4, "estimation": 3, "video_path": 5, "text": 4, "retrieval": 9, "music": 4,
    "regeneration": 4, "physics": 2, "mixed": 4,
}  # fmt: skip
"""How a time limit is dealt out."""
NEEDS_TRAINING_CLIPS = {"text", "retrieval", "mixed"}
SAME = ("model_hash", "data_hash", "options")
"""What a report that was begun must have been measured with for its parts to count."""
TASKS: dict[str, tuple[str, ...]] = {
    "keys": ("keys", "in_betweening", "regeneration"),
    "in-between": ("in_betweening",),
    "estimation": ("estimation", "video_path"),
}
"""Other words for parts; every part is a task under its own name as well."""


def evaluate(
    folder: Path,
    *,
    model: LoadedModel,
    body: Body,
    options: EvaluationOptions | None = None,
    parts: Sequence[str] = tuple(PARTS),
    limit_minutes: float | None = None,
    known: Figures | None = None,
) -> Iterator[Progress | Figures]:
    """Measure ``model`` on the training set in ``folder``: the figures so far after each part, all of them last.

    With a limit each part takes as many samples as its share of the time allows (one at least; the figures say how
    many) and ``cut_short`` names those that had to stop. ``known`` is a report that was begun before: its parts are
    not measured again if it is of the same model, data and options, and they were not cut short. Raises PrepareError
    when the folder is not a training set.
    """
    chosen = options or EvaluationOptions()
    run = _Run(folder, ClipStore.open(folder, split="val"), model, body, chosen, Allotment())
    figures: Figures = {
        "model": model.name,
        "model_hash": model.hash,
        "device": model.device,
        "data_hash": hashlib.sha256((folder / "clips.jsonl").read_bytes()).hexdigest(),
        "options": json.loads(msgspec.json.encode(chosen)),  # as they are read back from a report
    }
    if limit_minutes is not None:
        figures |= {"limit_minutes": limit_minutes, "cut_short": []}
    seconds: dict[str, float] = {}
    if known is not None and all(known.get(key) == figures[key] for key in SAME):
        short = known.get("cut_short", [])  # a part with fewer samples than were asked for is measured again
        seconds = {
            name: value
            for name, value in known["seconds"].items()
            if name in PARTS and name in known and name not in short
        }
        figures |= {name: known[name] for name in seconds}
        if set(parts) <= seconds.keys():
            yield figures | {"seconds": dict(seconds)}
    parts = [name for name in parts if name not in seconds]
    before = sum(seconds.values())
    weights = [WEIGHTS[name] for name in parts]
    for number, name in enumerate(parts):
        start = time.perf_counter()
        allotted = shares(limit_minutes, weights, spent=sum(seconds.values()) - before, done=number)
        run = replace(run, time=Allotment(allotted))
        if name in NEEDS_TRAINING_CLIPS and not run.store.manifest.frames.get("train"):
            figures[name] = {"left_out": "the data has no training clips, which this part compares with"}
            continue
        for step in PARTS[name](run):
            if isinstance(step, Progress):
                yield step
            else:
                figures[name] = step
        seconds[name] = round(time.perf_counter() - start, 1)
        if run.time.cut_short:
            figures["cut_short"] = [*figures["cut_short"], name]
        yield figures | {"seconds": dict(seconds)}


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: write the figures as JSON."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    data = arguments.archives or arguments.data
    if data is None or (arguments.archives is not None and arguments.data is not None):
        parser.error("name the data once: a folder, or --data FOLDER")
    if arguments.set is not None and arguments.labels is not None:
        parser.error("--labels are of archives; a public set has its own")
    options = replace(
        EvaluationOptions(),
        guidance=arguments.guidance,
        songs=arguments.songs,
        **{name: getattr(arguments, name) for name in COUNTS},
    )
    parts = tuple(dict.fromkeys(part for task in arguments.tasks for part in TASKS.get(task, (task,))))
    model = load_model(arguments.model, device=arguments.device)
    body = load_body(arguments.body)
    command = f"genmo-studio evaluate {shlex.join(sys.argv[2:] if argv is None else argv)}"
    limit = arguments.limit_minutes
    steps: Iterator[Progress | Figures]
    if arguments.set in CAMERA_SETS:
        asked = CameraRun(arguments.set, data, arguments.split, arguments.bodies)
        steps = evaluate_cameras(asked, model=model, body=body, options=options, limit_minutes=limit)
    else:
        folder = _folder(data, arguments, body=body)
        steps = evaluate(
            folder, model=model, body=body, options=options, parts=parts, limit_minutes=limit,
            known=_begun(arguments.out) if arguments.resume else None,
        )  # fmt: skip
        steps = _named(steps, arguments.set)
    for step in steps:
        if isinstance(step, Progress):
            _show(step)
        else:
            report = {"command": command} | step
            arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
            print(f"\n{arguments.out}: {', '.join(step['seconds'])}")
    return 0


def _folder(data: Path, arguments: argparse.Namespace, *, body: Body) -> Path:
    """The training set that is read, made first where it must be."""
    if arguments.set is not None:
        found_in = public_training_set(arguments.set, data, split=arguments.split, body=body)
    else:
        found_in = training_set(data, labels=arguments.labels, split=arguments.split or JUDGED, body=body)
    folder = data
    for found in found_in:
        if isinstance(found, Progress):
            _show(found)
        else:
            folder = found
    return folder


def _begun(report: Path) -> Figures | None:
    """A report that was begun, if there is one that can be read."""
    try:
        found = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("seconds"), dict) else None


def _named(steps: Iterator[Progress | Figures], public: str | None) -> Iterator[Progress | Figures]:
    for step in steps:
        yield step if public is None or isinstance(step, Progress) else {"set": public} | step


def _show(step: Progress) -> None:
    print(f"\r{step.stage} {step.fraction:4.0%} {step.detail}\x1b[K", end="", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="genmo-studio evaluate",
        description="Measure a model on the validation part of a training set and write the figures as JSON.",
    )
    parser.add_argument(
        "data", type=Path, nargs="?", metavar="DATA",
        help="folder made by genmo-studio data prepare, or of archives with labels (prepared first, kept in the cache)",
    )  # fmt: skip
    parser.add_argument("--data", dest="archives", type=Path, metavar="DIR", help="the same as DATA")
    parser.add_argument(
        "--labels", type=Path, metavar="FILE", help="labels of the archives (default: DIR/labels.jsonl)"
    )
    parser.add_argument("--split", help="the split to judge (default: val; of a public set that of its papers)")
    parser.add_argument(
        "--set", choices=[*CAMERA_SETS, *CLIP_SETS],
        help="DATA is this public data set as it is handed out, unpacked",
    )  # fmt: skip
    parser.add_argument(
        "--bodies", type=Path, metavar="DIR",
        help="official bodies of the people in a filmed set: SMPL_MALE, SMPL_FEMALE, SMPL_NEUTRAL (.npz or .pkl)",
    )  # fmt: skip
    parser.add_argument("--model", default="default", metavar="NAME_OR_PATH")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--device", default="cpu", metavar="cpu|cuda")
    parser.add_argument("--body", default="genmo-free", metavar="NAME_OR_PATH")
    parser.add_argument(
        "--tasks", "--only", nargs="+", choices=[*PARTS, *TASKS], default=list(PARTS), metavar="TASK",
        help=f"measure these (all): {', '.join([*PARTS, *TASKS])}",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true",
        help="go on with a report of the same model and options: parts that it has are not measured again",
    )  # fmt: skip
    parser.add_argument(
        "--limit-minutes", type=_minutes, metavar="N",
        help="stop each part when its share of so many minutes is over (the figures say how many samples there were)",
    )  # fmt: skip
    parser.add_argument(
        "--songs", metavar="DIR",
        help="real songs for the music figures; a JSON file beside each says bpm and first_beat_s",
    )  # fmt: skip
    parser.add_argument("--guidance", type=float, help="guidance of prompts (default: that of a new project)")
    defaults = {field.name: field.default for field in fields(EvaluationOptions)}
    for name in COUNTS:
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=_count, default=defaults[name], help=f"{_HELP[name]} ({defaults[name]})")
    return parser


def _minutes(word: str) -> float:
    value = float(word)
    if not 0 < value < 10_000:
        raise argparse.ArgumentTypeError(f"{word} is not a time in minutes")
    return value


def _count(word: str) -> int:
    value = int(word)
    if not 0 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{word} is not between 0 and 100000")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
