"""``genmo-studio info``: what a file holds, or what this installation can use."""

import argparse
import platform
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from genmo_studio import __version__, paths
from genmo_studio.cli.console import CommandError
from genmo_studio.cli.project import frames_text, open_project, read_motion
from genmo_studio.document.model import Document
from genmo_studio.document.queries import item_span
from genmo_studio.engine.resources import prepare_process, processors


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a project, a motion (.npz), video or sound")


def run(arguments: argparse.Namespace) -> int:
    """Print one fact a line."""
    for name, value in _facts(arguments.file):
        print(f"{name:<12} {value}")
    return 0


def _facts(file: Path | None) -> Iterator[tuple[str, str]]:
    if file is None:
        return _installation()
    if file.suffix.lower() == ".npz":
        return _motion(file)
    if file.is_dir():
        raise CommandError(f"{file} is a folder; name a file.")
    if file.suffix.lower() in {".genmo", ".json"}:
        return _project(open_project(file).document)
    return _media(file)


def _installation() -> Iterator[tuple[str, str]]:
    prepare_process()
    import torch  # noqa: PLC0415

    from genmo_studio.engine import worker_device  # noqa: PLC0415

    device = worker_device.describe(worker_device.choose("auto"))
    yield "program", f"GENMO Studio {__version__}"
    yield "python", f"{platform.python_version()} on {platform.system()}, {processors()} processors"
    yield "torch", str(torch.__version__)
    yield "device", f"{device.kind} ({device.name}, {device.memory / 2**30:.1f} GiB)"
    if device.advice:
        yield "advice", device.advice
    yield "models", ", ".join(sorted(p.name for p in paths.models().glob("*") if p.is_dir())) or "none"
    yield "cache", str(paths.cache())


def _project(document: Document) -> Iterator[tuple[str, str]]:
    yield "project", document.name
    yield "length", f"{frames_text(document.length, document.fps)} at {document.fps} frames a second"
    for track in document.tracks:
        spans = [item_span(item) for item in track.items]
        where = f", frames {min(s.start for s in spans)} to {max(s.stop for s in spans)}" if spans else ""
        flags = "".join(f", {flag}" for flag in ("muted", "solo", "locked", "hidden") if getattr(track, flag))
        yield "track", f"{track.name} ({track.kind.value}): {len(spans)} items{where}{flags}"
    for media in document.media:
        yield "medium", f"{media.name} ({media.kind.value})"
    for take in document.takes:
        yield "take", f"{take.name}: {take.span.start}:{take.span.stop}, {take.model}, seed {take.seed}"
    yield "result", ", ".join(f"{p.span.start}:{p.span.stop}" for p in document.result) or "none"
    yield "body", document.body.model


def _motion(file: Path) -> Iterator[tuple[str, str]]:
    motion = read_motion(file).motion
    low, high = motion.translation.min(axis=0), motion.translation.max(axis=0)
    yield "motion", frames_text(len(motion), motion.fps)
    yield "body", motion.body
    yield "root", " ".join(f"{axis} {a:.2f} to {b:.2f} m" for axis, a, b in zip("xyz", low, high, strict=True))
    if motion.contacts is not None:
        yield "contacts", f"{np.mean(motion.contacts > 0.5):.0%} of joints and frames"


def _media(file: Path) -> Iterator[tuple[str, str]]:
    from genmo_studio.media.probe import probe  # noqa: PLC0415

    found = probe(file)
    yield "medium", file.name
    yield "length", f"{float(found.seconds):.2f} s, {found.frames} project frames"
    if found.has_video and found.size is not None and found.video_fps is not None:
        yield "video", f"{found.size[0]} x {found.size[1]}, {float(found.video_fps):.3f} frames a second"
    yield "sound", "yes" if found.has_sound else "no"
