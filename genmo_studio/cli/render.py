"""``genmo-studio render``: the present motion of a project, or a motion file, as a film or pictures."""

import argparse

from genmo_studio.cli import export
from genmo_studio.cli.console import CommandError
from genmo_studio.cli.outputs import plan_outputs

PICTURES = {".mp4", ".png"}


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    export.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draw."""
    for path in arguments.output:
        if path.suffix.lower() not in PICTURES:
            raise CommandError(f"{path} is no film or picture; use .mp4 or .png, or `genmo-studio export`.")
    return export.write(arguments, plan_outputs(arguments, project=False))
