"""``genmo-studio generate --regenerate``: a part of the project's present result made anew, the rest bit-identical."""

import argparse
from dataclasses import dataclass

import numpy as np

from genmo_studio.cli.console import CommandError
from genmo_studio.cli.project import MediaFinder, parse_span, shown_result
from genmo_studio.conditions.regenerating import BLEND, Anew, NotRegenerableError, Prepared, prepare
from genmo_studio.conditions.request import Loop
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.storage import Loaded
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import REGIONS
from genmo_studio.values import replace


def add_anew(parser: argparse.ArgumentParser) -> None:
    """--regenerate and what belongs to it."""
    parser.add_argument(
        "--regenerate", metavar="A:B",
        help="make only these frames of the project's present result anew; all others stay bit-identical",
    )  # fmt: skip
    parser.add_argument(
        "--region", action="append", choices=list(REGIONS), metavar="REGION",
        help=f"with --regenerate: only this part of the body; may be given several times: {', '.join(REGIONS)}",
    )  # fmt: skip
    parser.add_argument(
        "--blend", type=int, metavar="N",
        help=f"with --regenerate: frames at each end that lead into the new part; default {BLEND}",
    )  # fmt: skip
    parser.add_argument(
        "--loop", choices=[loop.value for loop in Loop],
        help="with --regenerate: make these frames repeat without a seam, at one place or on along the path",
    )  # fmt: skip


def check_anew(arguments: argparse.Namespace) -> None:
    """CommandError for options that say nothing without --regenerate, or nothing together."""
    if arguments.regenerate is None:
        for name in ("region", "blend", "loop"):
            if getattr(arguments, name) is not None:
                raise CommandError(f"--{name} says how a part is made anew; name its frames with --regenerate A:B.")
    elif arguments.span is not None:
        raise CommandError("--regenerate says which frames are made; leave --span out.")
    elif arguments.loop is not None and arguments.region is not None:
        raise CommandError("A loop repeats the whole body; leave --region out.")


@dataclass(frozen=True, eq=False)
class Started:
    """A regeneration and the result that it starts from."""

    anew: Anew
    prepared: Prepared
    shown: ShownMotion

    def whole(self, part: Motion) -> Motion:
        """The whole result with the part that was generated in its place."""
        first = self.prepared.request.start - self.shown.start
        there = slice(first, first + len(part))
        rotations, translation = self.shown.motion.rotations.copy(), self.shown.motion.translation.copy()
        rotations[there], translation[there] = part.rotations, part.translation
        contacts = self.shown.motion.contacts
        if contacts is not None and part.contacts is not None:
            contacts = np.concatenate([contacts[: there.start], part.contacts, contacts[there.stop :]])
        return replace(self.shown.motion, rotations=rotations, translation=translation, contacts=contacts)


def start_anew(arguments: argparse.Namespace, loaded: Loaded, document: Document) -> Started:
    """What --regenerate asks for, with the settings of ``document``. CommandError when it cannot be made anew."""
    anew = Anew(
        parse_span(arguments.regenerate, document.length, option="--regenerate"),
        tuple(arguments.region or ("full",)),
        BLEND if arguments.blend is None else max(arguments.blend, 0),
        None if arguments.loop is None else Loop(arguments.loop),
    )
    shown = shown_result(loaded, tweaked=False)
    try:
        prepared = prepare(
            document,
            shown,
            anew,
            locate=MediaFinder(document, arguments.project.resolve().parent),
            mode=TakeMode.DRAFT if arguments.draft else TakeMode.FULL,
        )
    except NotRegenerableError as error:
        raise CommandError(str(error)) from error
    assert shown is not None
    return Started(anew, prepared, shown)
