"""Public data sets in an evaluation: which are filmed and which are clips, and where what was made of them is kept."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import msgspec

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body, load_body
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.measure_public import Bodies, estimation_on
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.public.clips import CLIP_SETS, as_training_set
from genmo_studio.training.public.files import PublicDataError
from genmo_studio.training.public.sequences import CAMERA_SETS

_RECIPE = 1  # of what is made of a set; part of its name in the cache


@dataclass(frozen=True)
class CameraRun:
    """What is asked of a filmed set."""

    name: str
    folder: Path
    split: str | None
    """None: the first of its own."""
    bodies: Path | None
    """Folder of official bodies."""


def evaluate_cameras(
    run: CameraRun,
    *,
    model: LoadedModel,
    body: Body,
    options: EvaluationOptions,
    limit_minutes: float | None = None,
) -> Iterator[Progress | Figures]:
    """Estimation on a filmed set. Raises PublicDataError with one sentence."""
    read, splits = CAMERA_SETS[run.name]
    split = _split(run.name, run.split, splits)
    bodies = Bodies(body, {} if run.bodies is None else bodies_in(run.bodies))
    time = Allotment(None if limit_minutes is None else 60 * limit_minutes)
    sequences = read(_there(run.folder), split)
    began = monotonic()
    for step in estimation_on(sequences, model=model, bodies=bodies, options=options, time=time):
        if isinstance(step, Progress):
            yield step
        else:
            yield {
                "set": run.name, "split": split, "model": model.name, "model_hash": model.hash, "device": model.device,
                "options": msgspec.to_builtins(options), "cut_short": time.cut_short, "estimation": step,
                "seconds": {"estimation": round(monotonic() - began, 1)},
            }  # fmt: skip


def public_training_set(name: str, folder: Path, *, split: str | None, body: Body) -> Iterator[Progress | Path]:
    """Progress, then the folder of a training set made of a public set of clips, kept in the cache.

    The set is known again by its folder and the dates of its lists. Raises PublicDataError with one sentence.
    """
    read, splits = CLIP_SETS[name]
    chosen = _split(name, split, splits)
    digest = hashlib.sha256(f"{_RECIPE} {name} {chosen} {body.name} {_there(folder).resolve()}".encode())
    for path in sorted([*folder.glob("*.txt"), *folder.glob("splits/*.txt")]):
        digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
    out = paths.cache() / "evaluation" / f"{name}-{digest.hexdigest()[:16]}"
    if not (out / "manifest.json").is_file():
        yield from as_training_set(read, folder, out, split=chosen, body=body, cache=paths.cache())
    yield out


def bodies_in(folder: Path) -> dict[str, Body]:
    """The official SMPL bodies of a folder by gender. Raises PublicDataError when there is none that can be read."""
    found: dict[str, Body] = {}
    for gender in ("male", "female", "neutral"):
        for suffix in (".npz", ".pkl"):
            path = folder / f"SMPL_{gender.upper()}{suffix}"
            if path.is_file() and gender not in found:
                try:
                    found[gender] = load_body(str(path))
                except ValueError as error:
                    raise PublicDataError(str(error)) from error
    if not found:
        raise PublicDataError(f"{folder} holds no SMPL_MALE, SMPL_FEMALE or SMPL_NEUTRAL (.npz or .pkl)")
    return found


def _split(name: str, asked: str | None, known: tuple[str, ...]) -> str:
    if asked is not None and asked not in known:
        raise PublicDataError(f"{name} has no split {asked}; it has {', '.join(known)}")
    return asked or known[0]


def _there(folder: Path) -> Path:
    if not folder.is_dir():
        raise PublicDataError(f"{folder} is not a folder; name the one into which the set was unpacked")
    return folder
