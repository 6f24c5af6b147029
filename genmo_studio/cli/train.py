"""``genmo-studio train``: hands its arguments to the training program."""

import argparse

from genmo_studio.extract.kernels import kernel_folder


def run(arguments: argparse.Namespace) -> int:
    """Train. Unlike a generation this takes as many threads as torch chooses or --threads says."""
    kernel_folder()
    from genmo_studio.training.loop import train_main  # noqa: PLC0415

    return train_main(arguments.rest)
