"""``genmo-studio export``: the present motion of a project, or a motion file, to files."""

import argparse

from genmo_studio.cli.console import ProgressLine
from genmo_studio.cli.outputs import Target, add_outputs, plan_outputs, sound_of, write_motion
from genmo_studio.cli.project import add_project, frames_text, read_motion


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_project(parser)
    add_outputs(parser, required=True)
    parser.add_argument("--span", metavar="A:B", help="frames of the motion to export; all by default")


def run(arguments: argparse.Namespace) -> int:
    """Write the files and say what is in them."""
    return write(arguments, plan_outputs(arguments, project=False))


def write(arguments: argparse.Namespace, target: Target) -> int:
    """What ``export`` and ``render`` share."""
    read = read_motion(arguments.project, span=arguments.span)
    sound = None
    if read.loaded is not None:
        folder = arguments.project.resolve().parent
        sound = sound_of(read.loaded.document, folder, target, start=read.start)
    line = ProgressLine()
    written = list(write_motion(read.motion, target, line, sound=sound, body=read.body))
    line.finish()
    for output in written:
        if "frames" not in output:
            print(output["path"])
            continue
        error = output["max_joint_error_m"]
        joints = "" if error is None else f", joints within {error * 1e3:.2f} mm"
        print(f"{output['path']}: {frames_text(output['frames'], output['fps'])}{joints}")
    return 0
