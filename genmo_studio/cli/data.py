"""``genmo-studio data prepare``, and ``pack`` and ``unpack`` for machines that only a few megabytes reach."""

import argparse
from pathlib import Path

from genmo_studio.cli.console import CommandError, ProgressLine
from genmo_studio.engine.resources import prepare_process


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    prepare = actions.add_parser("prepare", help="archives with labels, or any folder of BVH files, to a training set")
    prepare.add_argument("source", metavar="DIR", type=Path)
    prepare.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="folder of the training set")
    prepare.add_argument("--body", default="genmo-free", help="body to fit the motion to (default: %(default)s)")
    prepare.add_argument("--max-clips", type=int, metavar="N", help="take only the first N clips")
    for name, words in (("pack", "a training set to small files"), ("unpack", "small files to a training set")):
        packing = actions.add_parser(name, help=words)
        packing.add_argument("source", metavar="DIR", type=Path)
        packing.add_argument("-o", "--output", metavar="OUT", type=Path, required=True)
        if name == "pack":
            packing.add_argument(
                "--most-minutes", type=float, metavar="N",
                help="pack at most so much training motion; contents take turns (all that is judged comes along)",
            )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Prepare, pack or unpack a training set."""
    if not arguments.source.is_dir():
        raise CommandError(f"{arguments.source} is not a folder.")
    prepare_process()
    if arguments.action != "prepare":
        return _packed(arguments)
    from genmo_studio.motion.body import load_body  # noqa: PLC0415
    from genmo_studio.training import prepare  # noqa: PLC0415

    bound = {} if arguments.max_clips is None else {"max_clips": arguments.max_clips}
    line = ProgressLine()
    for step in prepare.prepare(arguments.source, arguments.output, body=load_body(arguments.body), **bound):
        line.show(step)
    print(f"{arguments.output} in {line.finish()['total']:.0f} s")
    return 0


def _packed(arguments: argparse.Namespace) -> int:
    from genmo_studio.training import pack  # noqa: PLC0415

    line = ProgressLine()
    if arguments.action == "unpack":
        steps = pack.unpack(arguments.source, arguments.output)
    else:
        steps = pack.pack_with_captions(arguments.source, arguments.output, most_minutes=arguments.most_minutes)
    detail = ""
    for step in steps:
        line.show(step)
        detail = step.detail
    print(f"{arguments.output} in {line.finish()['total']:.0f} s, {detail}")
    return 0
