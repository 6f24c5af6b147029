"""``genmo-studio check-reference``."""

import argparse
import sys
from pathlib import Path

from genmo_studio.engine.resources import prepare_process

TOLERANCE = 1e-4


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("checkpoint", metavar="CKPT", type=Path, help="a checkpoint in the public release's format")
    parser.add_argument("vectors", metavar="NPZ", type=Path, help="inputs and outputs of the release's code")
    parser.add_argument(
        "--statistics",
        type=Path,
        metavar="FILE.json",
        help="means and deviations of the representation; by default those of the release",
    )
    parser.add_argument(
        "--tolerance", type=float, default=TOLERANCE, help="largest error allowed (default %(default)g)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the largest absolute error of each group; 1 when one is larger than allowed."""
    prepare_process()
    from genmo_studio.model.reference import check_reference  # noqa: PLC0415

    errors = check_reference(arguments.checkpoint, arguments.vectors, statistics=arguments.statistics)
    for group, error in errors.items():
        print(f"{group:<10} {error:.3e}{'' if error <= arguments.tolerance else '  too large'}")
    if not errors:
        print("genmo-studio: the file holds no case that could be compared.", file=sys.stderr)
        return 1
    # A comparison with "not a number" in it is False, and must not pass.
    return 0 if all(error <= arguments.tolerance for error in errors.values()) else 1
