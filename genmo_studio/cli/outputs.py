"""Files that a command writes: options, checks before the work starts, writing, and reading back."""

import argparse
import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.cli.console import CommandError, ProgressLine
from genmo_studio.cli.project import MediaFinder
from genmo_studio.conditions.record import record_of
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document import storage
from genmo_studio.document.edits import add_take, compose, new_id, show_regenerated
from genmo_studio.document.model import Document, Take
from genmo_studio.document.time import Span
from genmo_studio.export import EXPORTERS, Existing, ExportOptions, Frames, Sound, UpAxis, export_motion
from genmo_studio.export.report import verify_export
from genmo_studio.media.audio import read_audio
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.ui.mix import mix_music
from genmo_studio.values import replace

FILMS = {".mp4"}


@dataclass(frozen=True)
class Target:
    """The files to write and how."""

    files: tuple[Path, ...]
    options: ExportOptions
    silent: bool


def add_outputs(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """-o and the options of the formats."""
    known = ", ".join([*EXPORTERS, storage.SUFFIX])
    parser.add_argument(
        "-o", "--output", action="append", default=[], type=Path, metavar="OUT", required=required,
        help=f"file to write; may be given several times; its suffix chooses the format: {known}",
    )  # fmt: skip
    parser.add_argument("--size", metavar="WxH", default="1280x720", help=".mp4 and .png: pixels (%(default)s)")
    parser.add_argument("--frame", type=int, metavar="N", help=".png: draw only this frame of the motion")
    parser.add_argument("--up", choices=[axis.value for axis in UpAxis], default=UpAxis.Z.value, help=".npz: up axis")
    parser.add_argument("--silent", action="store_true", help=".mp4: leave the sound out")


def plan_outputs(arguments: argparse.Namespace, *, project: bool = True) -> Target:
    """Check everything that can be checked before a long computation. Raises CommandError."""
    allowed = {*EXPORTERS, *([storage.SUFFIX] if project else [])}
    for path in arguments.output:
        if path.suffix.lower() not in allowed:
            raise CommandError(f"{path} has no format that can be written; use one of {', '.join(sorted(allowed))}.")
        if not path.resolve().parent.is_dir():
            raise CommandError(f"The folder {path.resolve().parent} does not exist; nothing was written.")
        if path.is_dir():
            raise CommandError(f"{path} is a folder; give a file name.")
    single = arguments.frame is not None
    options = ExportOptions(
        existing=Existing.REPLACE,
        up=UpAxis(arguments.up),
        size=parse_size(arguments.size),
        frames=Frames.SINGLE if single else Frames.SEQUENCE,
        frame=arguments.frame or 0,
    )
    return Target(tuple(arguments.output), options, arguments.silent)


def parse_size(text: str) -> tuple[int, int]:
    """ "1280x720" """
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isascii() and width.isdecimal() and height.isascii() and height.isdecimal()):
        raise CommandError(f"--size {text} is no size; write it as 1280x720.")
    return int(width), int(height)


def write_motion(
    motion: Motion, target: Target, line: ProgressLine, *, sound: Sound | None = None, body: Body | None = None
) -> Iterator[dict[str, Any]]:
    """Write the motion to every file but project files, and yield what each holds when it is read back.

    ``body`` wears it; the one that the motion names by default.
    """
    body = body or load_body(motion.body)
    for path in target.files:
        if path.suffix.lower() == storage.SUFFIX:
            continue
        options = replace(target.options, sound=sound if path.suffix.lower() in FILMS else None)
        for written in line.results(export_motion(motion, body, path, options)):
            if written.suffix.lower() not in EXPORTERS:  # a companion, such as the notes beside a .bvh
                yield {"path": str(written), "bytes": written.stat().st_size}
                continue
            found = verify_export(written, motion, body)
            yield {
                "path": str(written),
                "bytes": found.bytes,
                "frames": found.frames,
                "fps": found.fps,
                "max_joint_error_m": found.max_joint_error,
            }


def sound_of(document: Document, folder: Path, target: Target, *, start: int) -> Sound | None:
    """The project's music from timeline frame ``start`` on, if a film is among the files."""
    if target.silent or not any(path.suffix.lower() in FILMS for path in target.files):
        return None
    finder = MediaFinder(document, folder)

    def read(media: str) -> tuple[NDArray[np.float32], int] | None:
        try:
            return read_audio(Path(finder(media)[0]))
        except LookupError:
            return None

    mix = mix_music(document, read)
    return None if mix is None else Sound(mix.samples[round(start * mix.rate / document.fps) :], mix.rate)


def save_projects(
    loaded: storage.Loaded,
    motion: Motion,
    request: GenerationRequest,
    target: Target,
    report: dict[str, Any],
    *,
    anew: Span | None = None,
) -> Iterator[dict[str, Any]]:
    """Write the project with the motion as its newest take to every .genmo file among the files.

    A take whose frames ``anew`` were made anew is shown there only.
    """
    files = [path for path in target.files if path.suffix.lower() == storage.SUFFIX]
    if not files:
        return
    data = motion.to_bytes()
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    take = Take(
        id=new_id(),
        name=f"Take {len(loaded.document.takes) + 1}",
        span=Span(request.start, request.start + request.frames),
        blob=hashlib.sha256(data).hexdigest(),
        request_hash=request.hash,
        conditions_hash=request.conditions_hash,
        seed=request.seed,
        model=str(report.get("model", request.model)),
        mode=request.mode,
        device=str(report.get("device", "cpu")),
        created=now,
        model_hash=str(report.get("model_hash", "")),
        request=record_of(request),
        base="" if request.regeneration is None else request.regeneration.base,
    )
    show = add_take(take) if anew is None else compose(add_take(take, place=False), show_regenerated(take.id, anew))
    document = show(loaded.document)
    info = replace(loaded.info, created=loaded.info.created or now, saved=now, edits=loaded.info.edits + 1)
    for path in files:
        storage.save(
            path, document, takes={**loaded.takes, take.blob: data}, info=info, thumb=loaded.thumb, newer=loaded.newer
        )
        yield {"path": str(path), "bytes": path.stat().st_size, "take": take.name}
