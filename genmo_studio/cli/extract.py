"""``genmo-studio extract``: what the model will see of a video, or hear of music, as a file."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from genmo_studio import paths
from genmo_studio.cli.console import CommandError, ProgressLine
from genmo_studio.document.model import TempoScale
from genmo_studio.engine.resources import prepare_process
from genmo_studio.media.probe import probe

SUFFIXES = {".npz", ".json"}


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("medium", metavar="MEDIUM", type=Path, help="a video, or a sound file")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help=".npz, or .json for music")
    parser.add_argument("--music", action="store_true", help="listen to a video's sound instead of watching it")
    parser.add_argument(
        "--tempo", choices=[scale.value for scale in TempoScale], default=TempoScale.NORMAL.value,
        help="correct a tempo that was found too high or too low by two",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Extract and write."""
    if arguments.output.suffix.lower() not in SUFFIXES:
        raise CommandError(f"{arguments.output} has no format that can be written; use .npz or .json.")
    if not arguments.output.resolve().parent.is_dir():
        raise CommandError(f"The folder {arguments.output.resolve().parent} does not exist; nothing was written.")
    found = probe(arguments.medium)
    prepare_process()
    return _video(arguments) if found.has_video and not arguments.music else _music(arguments)


def _music(arguments: argparse.Namespace) -> int:
    from genmo_studio.extract.music import extract_music  # noqa: PLC0415

    line = ProgressLine()
    steps = extract_music(arguments.medium, cache=paths.cache(), tempo=TempoScale(arguments.tempo))
    (music,) = line.results(steps)
    line.finish()
    beats = [int(beat) for beat in music.beats]
    if arguments.output.suffix.lower() == ".json":
        facts = {"tempo_bpm": music.tempo_bpm, "fps": 30, "frames": len(music.features), "beats": beats}
        arguments.output.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    else:
        np.savez_compressed(arguments.output, features=music.features, beats=music.beats, tempo_bpm=music.tempo_bpm)
    print(f"{arguments.output}: {music.tempo_bpm:.1f} beats a minute, {len(beats)} beats, {len(music.features)} frames")
    return 0


def _video(arguments: argparse.Namespace) -> int:
    from genmo_studio.extract.video import extract_video  # noqa: PLC0415

    if arguments.output.suffix.lower() != ".npz":
        raise CommandError("What is found in a video is written as .npz.")
    line = ProgressLine()
    (track,) = line.results(extract_video(arguments.medium, cache=paths.cache()))
    line.finish()
    arrays = {name: value for name, value in vars(track).items() if isinstance(value, np.ndarray)}
    np.savez_compressed(arguments.output, allow_pickle=False, **arrays)
    for note in track.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{arguments.output}: a person in {int(track.found.sum())} of {len(track.found)} frames")
    return 0
