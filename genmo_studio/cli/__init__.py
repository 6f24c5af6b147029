"""The command line: the same way from document to motion as the window's, without a window.

Each command is one module with ``configure(parser)`` and ``run(arguments) -> exit code`` and one line in COMMANDS. Exit
codes: 0 done, 1 could not be done (one sentence on stderr), 2 wrong usage, 130 cancelled with Ctrl-C.
"""

import argparse
import importlib
import sys
import traceback
from types import ModuleType

from genmo_studio import __version__

COMMANDS = {
    "generate": "make the motion that a project's timeline asks for, and write it to files",
    "export": "write a project's present motion to files",
    "render": "draw a project's present motion as a film or a picture, without a display",
    "extract": "find the person in a video, or the beats in music, and write them to a file",
    "info": "say what a project, a motion or a media file holds, or what this installation can use",
    "schema": "print the JSON Schema of project.json",
    "check-reference": "compare this program's arithmetic with reference vectors of the public release",
    "data": "turn motion capture archives or a folder of BVH files into a training set",
    "train": "train a model",
    "evaluate": "measure a model on the validation part of a training set",
}
"""Name -> what it does. The module of ``check-reference`` is ``check_reference``."""

HANDED_ON = {"train", "evaluate"}
"""Commands whose arguments, --help included, belong to the training programs."""

FAILED, CANCELLED = 1, 130


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    chosen = next((word for word in arguments if word in COMMANDS), None)
    parser = argparse.ArgumentParser(
        prog="genmo-studio",
        description="Recover and create human motion on one timeline. Without a command the window opens.",
        epilog="genmo-studio COMMAND --help explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"GENMO Studio {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=_sentence(summary))
        if name == chosen and name not in HANDED_ON:  # the other modules need not be imported
            _module(name).configure(subparser)
    end = arguments.index(chosen) + 1 if chosen in HANDED_ON else len(arguments)
    options = parser.parse_args(arguments[:end])
    options.rest = arguments[end:]
    return _run(options)


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"genmo_studio.cli.{name.replace('-', '_')}")


def _run(options: argparse.Namespace) -> int:
    from genmo_studio.engine.outcome import failure  # noqa: PLC0415 - `--help` is to be quick

    try:
        return int(_module(options.command).run(options))
    except KeyboardInterrupt:
        print("\ngenmo-studio: cancelled; no file was left half written.", file=sys.stderr)
        return CANCELLED
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        sys.stderr.close()
        return FAILED
    except Exception as error:
        if options.debug:
            traceback.print_exc()
        print(f"genmo-studio: {failure(0, error).sentence}", file=sys.stderr)
        return FAILED
