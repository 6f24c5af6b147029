"""Make a training set from labelled mocap archives or from any folder of BVH.

``training.clips`` says what a training set is.
"""

import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genmo_studio.conditions.progress import Progress
from genmo_studio.importers.bvh import MAX_BYTES, BvhClip, BvhError, read_bvh
from genmo_studio.motion.body import Body
from genmo_studio.motion.joint_names import guess_mapping
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.retarget import RetargetError, retarget_bvh
from genmo_studio.motion.soles import planted_up, sole_direction
from genmo_studio.training.clips import SPLITS, PrepareError
from genmo_studio.training.music_render import render_features
from genmo_studio.training.set_writer import FPS, SetWriter

MAX_CLIPS = 1_000_000
MAX_ARCHIVE_BYTES = 64 * 1024**3
_MIN_FRAMES = 2
_SOLE_CLIPS = 12


@dataclass(frozen=True)
class _Item:
    label: dict[str, Any]
    text: str
    mapping: Mapping[str, str | None] | None


Soles = dict[tuple[str, str], "np.ndarray[Any, np.dtype[np.float64]]"]
"""Sole direction (``motion.soles``) by (skeleton, subject); subject "" is the skeleton's average."""


def prepare(
    source: Path,
    out: Path,
    *,
    body: Body,
    max_clips: int = MAX_CLIPS,
    music_seconds: float = 360.0,
    music_splits: Sequence[str] = tuple(reversed(SPLITS)),
) -> Iterator[Progress]:
    """Write a training set for ``body`` into the folder ``out``; yields progress after every few clips.

    ``source`` is a folder with ``labels.jsonl``, ``skeletons.json`` and ``mocap/*.tar.xz``, or any folder of BVH
    files (centimetres, T-pose rest facing +z; captions come from the file names, every 20th clip is for validation).
    Clips that can't be read are left out and named in the manifest. Then music is rendered and heard for rhythmic clips
    of ``music_splits`` for at most ``music_seconds`` (0: none). Raises PrepareError when nothing remains.
    """
    yield from _prepare_motion(source, out, body=body, max_clips=max_clips)
    if music_seconds > 0:
        yield from render_features(out, body=body, seconds=music_seconds, splits=music_splits)


def _prepare_motion(source: Path, out: Path, *, body: Body, max_clips: int) -> Iterator[Progress]:
    labelled = source / "labels.jsonl"
    soles: Soles = {}
    if labelled.is_file():
        yield Progress("measuring how the skeletons stand", 0.0)
        soles = _measure_soles(source, body=body)
    total, items = _labelled(source) if labelled.is_file() else _folder(source)
    total = min(total, max_clips)
    skipped: list[str] = []
    with SetWriter(out, body=body) as writer:
        for seen, item in enumerate(items, start=1):
            if seen > max_clips:
                break
            try:
                motion, weight = _convert(item, body=body, soles=soles)
            except (BvhError, RetargetError) as error:
                skipped.append(str(error))
                continue
            writer.add(motion, item.label, weight=weight)
            if seen % 20 == 0 or seen == total:
                yield Progress("preparing motion", min(seen / max(total, 1), 1.0), f"{seen} of {total} clips")
        if not writer.clips:
            reason = f" ({skipped[0]})" if skipped else ""
            raise PrepareError(f"no clip in {source} could be used{reason}; the folder must hold BVH files or archives")
        writer.finish(skipped)
    yield Progress("preparing motion", 1.0, f"{writer.clips} clips ready, {len(skipped)} left out")


def _measure_soles(source: Path, *, body: Body) -> Soles:
    """Sole directions of every (skeleton, subject) from a few of its clips, and of every skeleton from all of those."""
    samples: dict[tuple[str, str], list[np.ndarray[Any, np.dtype[np.float64]]]] = {}
    _, items = _labelled(source, per_subject=_SOLE_CLIPS)
    for item in items:
        try:
            motion, _ = _convert(item, body=body, soles={})
        except (BvhError, RetargetError):
            continue
        skeleton, subject = _figure(item.label)
        found = planted_up(motion, body)
        samples.setdefault((skeleton, subject), []).append(found)
        if subject:
            samples.setdefault((skeleton, ""), []).append(found)
    directions = {figure: sole_direction(np.concatenate(found)) for figure, found in samples.items()}
    return {figure: direction for figure, direction in directions.items() if direction is not None}


def _figure(label: Mapping[str, Any]) -> tuple[str, str]:
    return str(label.get("skeleton") or ""), str(label.get("subject") or "")


def _labelled(source: Path, *, per_subject: int = MAX_CLIPS) -> tuple[int, Iterator[_Item]]:
    """Labels and clips of the archives, in archive order; at most ``per_subject`` clips of each figure."""
    try:
        skeletons = json.loads((source / "skeletons.json").read_text("utf-8"))
        lines = (source / "labels.jsonl").read_text("utf-8").splitlines()
        labels = [json.loads(line) for line in lines if line.strip()]
        wanted: dict[str, dict[str, dict[str, Any]]] = {}
        taken: dict[tuple[str, str], int] = {}
        for label in labels:
            taken[_figure(label)] = taken.get(_figure(label), 0) + 1
            if taken[_figure(label)] > per_subject:
                continue
            wanted.setdefault(str(label["archive"]), {})[str(label["file"])] = label
        mappings = {name: dict(skeleton["smpl22"]) for name, skeleton in skeletons.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrepareError(f"the labels in {source} cannot be read: {error}") from error

    def items() -> Iterator[_Item]:
        for archive, files in wanted.items():
            path = source / "mocap" / Path(archive).name
            if not path.is_file():
                raise PrepareError(f"{path.name} is named by labels.jsonl but is not in {source / 'mocap'}")
            for name, text in _archive_members(path, names=files.keys()):
                label = files[name]
                yield _Item(label, text, mappings.get(str(label.get("skeleton"))))

    return len(labels), items()


def _archive_members(path: Path, *, names: Any) -> Iterator[tuple[str, str]]:
    """Wanted members of a tar archive as text; nothing is written to disk, so no member's path matters."""
    read = 0
    try:
        with tarfile.open(path, mode="r|*") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                if not member.isreg() or name not in names:
                    continue
                read += member.size
                if member.size > MAX_BYTES or read > MAX_ARCHIVE_BYTES:
                    raise PrepareError(f"{path.name} holds more data than a training archive may")
                stream = archive.extractfile(member)
                if stream is not None:
                    yield name, stream.read().decode("utf-8", "replace")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise PrepareError(f"{path.name} is broken or not a tar archive: {error}") from error


def _folder(source: Path) -> tuple[int, Iterator[_Item]]:
    """Every .bvh below a folder, without labels."""
    paths = sorted(p for p in source.rglob("*") if p.suffix.lower() == ".bvh" and p.is_file())
    if not paths:
        raise PrepareError(f"{source} holds neither labels.jsonl nor any .bvh file")

    def items() -> Iterator[_Item]:
        for number, path in enumerate(paths):
            if path.stat().st_size > MAX_BYTES:
                continue
            words = path.stem.replace("_", " ").replace("-", " ")
            label = {
                "id": path.relative_to(source).with_suffix("").as_posix(),
                "source": source.name,
                "licence": "unknown",
                "content": words,
                "texts": [{"text": words, "from": "file name"}],
                "split": "val" if len(paths) >= 20 and number % 20 == 19 else "train",
            }
            yield _Item(label, path.read_bytes().decode("utf-8", "replace"), None)

    return len(paths), items()


def _convert(item: _Item, *, body: Body, soles: Soles) -> tuple[Motion, np.ndarray[Any, np.dtype[np.float32]]]:
    name = str(item.label.get("id", "a clip"))
    try:
        clip = read_bvh(item.text).resampled(FPS)
        if len(clip) < _MIN_FRAMES:
            raise BvhError("it has a single frame")
        mapping = item.mapping
        if mapping is None:
            mapping = guess_mapping(clip.joints, clip.parents)
            require_t_pose(clip, mapping)
        skeleton, subject = _figure(item.label)
        sole_up = soles.get((skeleton, subject), soles.get((skeleton, "")))
        made = retarget_bvh(clip, mapping=mapping, body=body, sole_up=sole_up)
    except BvhError as error:
        raise BvhError(f"{name}: {error}") from error
    except RetargetError as error:
        raise RetargetError(f"{name}: {error}") from error
    return made.motion, made.joint_weight


def require_t_pose(clip: BvhClip, mapping: Mapping[str, str | None]) -> None:
    """Raise RetargetError unless the rest pose is a T-pose facing +z: legs down, arms out, left at +x."""
    rest = dict(zip(clip.joints, clip.rest_positions(), strict=True))

    def bone(start: str, end: str) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        a, b = rest.get(mapping.get(start) or ""), rest.get(mapping.get(end) or "")
        if a is None or b is None or np.linalg.norm(b - a) < 1e-6:
            return None
        return np.asarray((b - a) / np.linalg.norm(b - a))

    checks = [
        (bone("left_hip", "left_ankle"), 1, -1.0),
        (bone("right_hip", "right_ankle"), 1, -1.0),
        (bone("left_shoulder", "left_wrist"), 0, 1.0),
        (bone("right_shoulder", "right_wrist"), 0, -1.0),
    ]
    for direction, axis, sign in checks:
        if direction is not None and direction[axis] * sign < 0.85:
            raise RetargetError("its rest pose is not a T-pose facing +z; export it with a T-pose as rest")
