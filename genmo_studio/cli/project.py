"""Opening a project for a command: the document, its takes, and where its media are."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genmo_studio.cli.console import CommandError
from genmo_studio.conditions.result import ShownMotion, assemble_result
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_media
from genmo_studio.document.storage import Loaded, load
from genmo_studio.document.time import Span
from genmo_studio.export.amass import read_amass
from genmo_studio.media.files import locate, sha256_of
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.values import replace


def add_project(parser: argparse.ArgumentParser) -> None:
    """The argument PROJECT."""
    parser.add_argument("project", metavar="PROJECT", type=Path, help="a .genmo file or a plain project.json")


def open_project(path: Path) -> Loaded:
    """Load a project and say on stderr what was repaired. Raises StorageError."""
    loaded = load(path)
    for sentence in loaded.report:
        print(f"note: {sentence}", file=sys.stderr)
    return loaded


class MediaFinder:
    """media id -> (path, SHA-256), for the compile step."""

    def __init__(self, document: Document, folder: Path) -> None:
        self._document = document
        self._folder = folder

    def __call__(self, media_id: str) -> tuple[str, str]:
        """Raises LookupError when the file is gone; a file that has changed since is used, and a note says so."""
        media = find_media(self._document, media_id)
        if media is None:
            raise LookupError(f"the project does not list the medium {media_id}")
        path = locate(media, self._folder)
        if path is None:
            raise LookupError(f"“{media.name}” was not found")
        found = sha256_of(path)
        if media.sha256 is not None and found != media.sha256:
            print(f"note: “{media.name}” has changed since it was put into the project.", file=sys.stderr)
        return str(path), found


def parse_span(text: str, length: int, *, option: str = "--span") -> Span:
    """ "A:B" in frames, either side may be left out. Raises CommandError outside the project."""
    start, colon, stop = text.partition(":")
    try:
        span = Span(int(start or 0), int(stop or length))
    except ValueError:
        colon = ""
        span = Span(0, 0)
    if not colon or not 0 <= span.start < span.stop <= length:
        raise CommandError(f"{option} {text} is no span of this project; write A:B with 0 <= A < B <= {length} frames.")
    return span


@dataclass(frozen=True, eq=False)
class ReadMotion:
    """A motion and where it is from."""

    motion: Motion
    start: int = 0
    """Timeline frame of its first frame"""
    loaded: Loaded | None = None
    """The project, unless it is a motion file"""
    body: Body | None = None
    """What it is worn by, where that is known; else the body that the motion names"""


def shown_result(loaded: Loaded, *, tweaked: bool = True) -> ShownMotion | None:
    """The project's result on the body of its takes; None when it has none."""
    blobs = {take.id: take.blob for take in loaded.document.takes}

    def read(take: str) -> Motion | None:
        data = loaded.takes.get(blobs[take])
        return None if data is None else Motion.from_bytes(data)

    return assemble_result(loaded.document, read, tweaked=tweaked)


def _result(loaded: Loaded) -> ReadMotion:
    """The result on the project's body, as the viewport shows it."""
    from genmo_studio.ui.viewport.worn import Wardrobe  # noqa: PLC0415

    shown = shown_result(loaded)
    if shown is None:
        raise CommandError("This project has no motion yet; `genmo-studio generate` makes one.")
    try:
        body = load_body(loaded.document.body.model)
    except (ValueError, OSError) as error:
        print(f"note: the motion is on the body of its takes, because {error}", file=sys.stderr)
        return ReadMotion(shown.motion, shown.start, loaded)
    wardrobe = Wardrobe(body)
    wardrobe.set_body(body, loaded.document.body)
    worn = wardrobe.worn(shown) or shown
    return ReadMotion(worn.motion, worn.start, loaded, body)


def read_motion(path: Path, *, span: str | None = None) -> ReadMotion:
    """The motion that a project shows now, or that of a file the studio exported (.npz); cut to frames ``span`` of it.

    Raises CommandError, StorageError or ExportError with one sentence.
    """
    whole = (
        ReadMotion(read_amass(path, load_body("genmo-free")))
        if path.suffix.lower() == ".npz"
        else _result(open_project(path))
    )
    if span is None:
        return whole
    cut = parse_span(span, len(whole.motion))
    return replace(whole, motion=whole.motion.sliced(cut.start, cut.stop), start=whole.start + cut.start)


def frames_text(frames: int, fps: float) -> str:
    """ "300 frames (10.0 s)" """
    return f"{frames} frames ({np.round(frames / fps, 1)} s)"
