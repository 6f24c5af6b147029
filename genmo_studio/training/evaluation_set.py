"""The training set that an evaluation reads: a prepared folder, or archives with labels prepared into the cache."""

import hashlib
import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.motion.body import Body
from genmo_studio.training.clips import PrepareError
from genmo_studio.training.prepare import prepare

JUDGED = "val"
"""The split that every measurement reads."""


def training_set(
    data: Path, *, labels: Path | None = None, split: str = JUDGED, body: Body
) -> Iterator[Progress | Path]:
    """Progress, then the folder of a training set whose validation split is ``split`` of the data.

    ``data`` is a prepared folder, or one of archives (``mocap/*.tar.xz``, ``skeletons.json``) with labels in ``labels``
    or its own ``labels.jsonl``. Archives are prepared once: the same labels and archives are found in the cache again.
    Raises PrepareError when the folder is neither, or when a prepared set is asked for another split.
    """
    if (data / "manifest.json").is_file():
        if split != JUDGED or labels is not None:
            raise PrepareError(f"{data} is prepared already: its validation split is fixed; name the archives instead")
        yield data
        return
    chosen = labels if labels is not None else data / "labels.jsonl"
    if not chosen.is_file() and labels is None and (data / "mocap").is_dir():
        raise PrepareError(f"{data} has archives but no labels.jsonl; name the labels with --labels")
    if not chosen.is_file():
        raise PrepareError(f"{data} is not a training set, and there are no labels of archives at {chosen}")
    rows = _relabelled(chosen, split)
    out = paths.cache() / "evaluation" / _name(rows, data)
    if not (out / "manifest.json").is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="preparing-", dir=out.parent) as place:  # whole or not there at all
            staged, made = Path(place) / "labels", Path(place) / "set"
            staged.mkdir()
            (staged / "labels.jsonl").write_text(rows, encoding="utf-8")
            for name in ("skeletons.json", "mocap"):
                (staged / name).symlink_to((data / name).resolve())
            # Only what is judged needs music; without a limit, so that a slow machine measures the same clips.
            yield from prepare(staged, made, body=body, music_seconds=math.inf, music_splits=(JUDGED,))
            shutil.rmtree(out, ignore_errors=True)
            made.rename(out)
    yield out


def _relabelled(labels: Path, split: str) -> str:
    """The label lines with ``split`` as the validation split; what is neither judged nor "train" is left out."""
    lines: list[str] = []
    judged = 0
    try:
        for line in labels.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            label = json.loads(line)
            own = label.get("split", "train")
            if own == split:
                judged += 1
                lines.append(json.dumps(label | {"split": JUDGED}))
            elif own == "train":
                lines.append(json.dumps(label))
    except (OSError, ValueError, AttributeError) as error:
        raise PrepareError(f"{labels} cannot be read as labels: {error}") from error
    if not judged:
        raise PrepareError(f"{labels} has no clip in the split {split}")
    return "\n".join(lines) + "\n"


def _name(rows: str, data: Path) -> str:
    digest = hashlib.sha256(rows.encode())
    for path in sorted((data / "mocap").glob("*")):
        digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
