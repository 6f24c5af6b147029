"""``genmo-studio generate``: request, extraction, sampling and files in this process; no worker is needed here."""

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmo_studio import __version__
from genmo_studio.cli.anew import add_anew, check_anew, start_anew
from genmo_studio.cli.console import CommandError, ProgressLine
from genmo_studio.cli.outputs import add_outputs, plan_outputs, save_projects, sound_of, write_motion
from genmo_studio.cli.project import MediaFinder, add_project, frames_text, open_project, parse_span
from genmo_studio.conditions.compile import Compiled, compile_request
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.edits import change_generation
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.storage import Loaded
from genmo_studio.engine.resources import prepare_process
from genmo_studio.engine.worker_jobs import Context, generation

if TYPE_CHECKING:
    from genmo_studio.model.generator import GenerationResult


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_project(parser)
    add_outputs(parser)
    parser.add_argument("--span", metavar="A:B", help="frames of the timeline to generate; all of it by default")
    add_anew(parser)
    parser.add_argument("--seed", type=int, help="another seed gives another motion; default: the project's")
    parser.add_argument("--steps", type=int, help="denoising steps; default: the project's")
    parser.add_argument("--guidance", type=float, metavar="W", help="pull of text and music; default: the project's")
    parser.add_argument("--draft", action="store_true", help="one estimation pass: quick, and rougher")
    parser.add_argument("--model", metavar="NAME_OR_PATH", help="a shipped model, a model folder or a checkpoint file")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--report", type=Path, metavar="FILE.json", help="write times, errors and settings there")


def run(arguments: argparse.Namespace) -> int:
    """Generate and write."""
    if not arguments.output and arguments.report is None:
        raise CommandError("Nothing would be written: name a file with -o, or a report with --report.")
    check_anew(arguments)
    target = plan_outputs(arguments)
    prepare_process()
    loaded = open_project(arguments.project)
    started = start_anew(arguments, loaded, _with_settings(arguments, loaded)) if arguments.regenerate else None
    if started is None:
        compiled = compiled_of(arguments, loaded)
    else:
        compiled = _told(Compiled(started.prepared.request, started.prepared.notes))
    request = compiled.request
    line = ProgressLine()
    base = b"" if started is None else started.prepared.base
    result = _generate(request, line, device=arguments.device, base=base)
    motion = result.motion if started is None else started.whole(result.motion)
    for note in result.report.get("notes", ()):
        print(f"note: {note}", file=sys.stderr)
    found = {**result.report, "notes": [*loaded.report, *compiled.notes, *result.report.get("notes", ())]}
    start = request.start if started is None else started.shown.start
    sound = sound_of(loaded.document, arguments.project.resolve().parent, target, start=start)
    anew = None if started is None else started.anew.span
    written = [
        *write_motion(motion, target, line, sound=sound),
        *save_projects(loaded, result.motion, request, target, result.report, anew=anew),
    ]
    report = _report(request, found, seconds=line.finish(), outputs=written)
    if arguments.report is not None:
        arguments.report.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    _tell(request, report)
    return 0


def compiled_of(arguments: argparse.Namespace, loaded: Loaded) -> Compiled:
    """The compiled request, with the command's options in place of the project's settings; notes go to stderr."""
    document = _with_settings(arguments, loaded)
    compiled = compile_request(
        document,
        locate=MediaFinder(document, arguments.project.resolve().parent),
        mode=TakeMode.DRAFT if arguments.draft else TakeMode.FULL,
        span=None if arguments.span is None else parse_span(arguments.span, document.length),
    )
    return _told(compiled)


def _with_settings(arguments: argparse.Namespace, loaded: Loaded) -> Document:
    settings = change_generation(
        model=arguments.model, seed=arguments.seed, steps=arguments.steps, guidance=arguments.guidance
    )
    return settings(loaded.document)


def _told(compiled: Compiled) -> Compiled:
    for note in compiled.notes:
        print(f"note: {note}", file=sys.stderr)
    return compiled


def _generate(request: GenerationRequest, line: ProgressLine, *, device: str, base: bytes = b"") -> "GenerationResult":
    from genmo_studio.model.generator import GenerationResult  # noqa: PLC0415

    steps = generation(request, context=Context(), device=device, base=base)
    with contextlib.closing(steps):
        for item in line.results(steps):
            if isinstance(item, GenerationResult):
                return item
    raise CommandError("The generation ended without a motion.")


def _report(
    request: GenerationRequest, found: dict[str, Any], *, seconds: dict[str, float], outputs: list[dict[str, Any]]
) -> dict[str, Any]:
    """What --report writes: what was asked for, what the generator found, and how long each stage took."""
    return {
        "program": f"GENMO Studio {__version__}",
        "request_hash": request.hash,
        "start": request.start,
        "frames": request.frames,
        "fps": request.fps,
        "guidance": request.guidance,
        **found,
        "network_seconds": found.get("seconds", {}),
        "seconds": {stage: round(value, 4) for stage, value in seconds.items()},
        "outputs": outputs,
    }


def _tell(request: GenerationRequest, report: dict[str, Any]) -> None:
    where = f"{report.get('model', request.model)} on {report.get('device', 'cpu')}"
    print(f"{frames_text(request.frames, request.fps)} with {where} in {report['seconds']['total']:.1f} s")
    for output in report["outputs"]:
        print(output["path"])
