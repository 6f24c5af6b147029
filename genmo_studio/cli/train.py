"""``genmo-studio train``: hands its arguments to the training program."""

import argparse
import os

from genmo_studio import paths


def run(arguments: argparse.Namespace) -> int:
    """Train. Unlike a generation this takes as many threads as torch chooses or --threads says."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache() / "numba"))
    from genmo_studio.training.loop import train_main  # noqa: PLC0415

    return train_main(arguments.rest)
