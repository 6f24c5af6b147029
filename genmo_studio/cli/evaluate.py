"""``genmo-studio evaluate``: hands its arguments to the evaluation program."""

import argparse

from genmo_studio.engine.resources import prepare_process


def run(arguments: argparse.Namespace) -> int:
    """Measure a model."""
    prepare_process()
    from genmo_studio.training import evaluate  # noqa: PLC0415

    return evaluate.main(arguments.rest)
