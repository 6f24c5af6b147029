"""Whether takes keep time with real songs whose tempo is known: excerpts heard by the real extractor.

A song is a sound file with a JSON file of the same name beside it that holds ``bpm`` and ``first_beat_s`` (a constant
tempo). The beats that takes are scored against are those of that grid, not those that the extractor heard, so that a
wrong tempo counts against the model. Nobody recorded dances to these songs; takes without music, from the same noise,
are what chance reaches.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic
from genmo_studio.extract.known_music import MusicFeatures
from genmo_studio.extract.music import BEAT, FPS, extract_music
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import PrepareError
from genmo_studio.training.metrics_protocols import beat_alignment, dance_beats
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import take

FRAMES = 300
LEAD_IN = 15.0
"""Seconds at either end of a song from which no excerpt is taken."""
SOUNDS = (".ogg", ".wav", ".mp3", ".flac", ".m4a")


@dataclass(frozen=True, eq=False)
class Song:
    """A song and its beat grid."""

    path: Path
    bpm: float
    first_beat: float
    """s"""


@dataclass(frozen=True, eq=False)
class _Excerpt:
    song: Song
    features: NDArray[np.float32]
    """(FRAMES, 35)"""
    beats: NDArray[np.int64]
    """frames of the excerpt on the known grid"""


def songs_in(folder: Path) -> list[Song]:
    """The songs of a folder, by name. Raises PrepareError when there is none or one has no usable JSON file."""
    found = []
    for path in sorted(p for p in folder.glob("*") if p.suffix.lower() in SOUNDS):
        told = path.with_suffix(".json")
        try:
            facts = json.loads(told.read_text(encoding="utf-8"))
            bpm, first = float(facts["bpm"]), float(facts["first_beat_s"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PrepareError(f"{told} must say the song's tempo as bpm and first_beat_s ({error})") from error
        if not 30 <= bpm <= 300:
            raise PrepareError(f"{told} says {bpm} beats a minute, which is no tempo")
        found.append(Song(path, bpm, first))
    if not found:
        raise PrepareError(f"{folder} holds no song ({', '.join(SOUNDS)})")
    return found


def grid_beats(song: Song, *, start: int, frames: int) -> NDArray[np.int64]:
    """Frames (of 30 a second, from frame ``start`` of the song on) nearest to the beats of the known grid."""
    period = 60.0 / song.bpm
    begin, end = start / FPS, (start + frames - 1) / FPS
    numbers = np.arange(np.ceil((begin - song.first_beat) / period), np.floor((end - song.first_beat) / period) + 1)
    return np.rint((song.first_beat + numbers * period) * FPS).astype(np.int64) - start


def songs_figures(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment, until: float = 1.0
) -> Iterator[Progress | Figures]:
    """Beat alignment of takes with the song and without it, at the known tempo and at half of it.

    At these tempi (170 and 190 beats a minute) dancers step on every second beat; ``half`` scores those.
    """
    songs = songs_in(folder)
    heard: dict[Path, MusicFeatures] = {}
    for song in songs:
        for step in extract_music(song.path, cache=paths.cache()):
            if isinstance(step, Progress):
                yield step
            else:
                heard[song.path] = step
    excerpts = _excerpts(songs, heard, count=options.sampled)
    scores: dict[str, list[float]] = {}
    found_beats: list[float] = []
    for number, excerpt in time.over(excerpts, until=until):
        yield Progress("real songs", number / len(excerpts), excerpt.song.path.name)
        request = GenerationRequest(frames=FRAMES, seed=options.seed + number, steps=options.steps, model="evaluated")
        ones = np.ones(FRAMES, np.float32)
        music = ResolvedMusic(exists=ones > 0, features=excerpt.features, weight=ones)
        for name, told in (("conditioned", music), ("unconditioned", None)):
            made = take(ResolvedConditions(request=request, music=told), model=model, body=body).motion
            for kind, beats in (("", excerpt.beats), ("half_", excerpt.beats[::2])):
                scores.setdefault(f"{kind}{name}", []).append(_score(beats, made, body=body))
        tracked = np.flatnonzero(excerpt.features[:, BEAT] > 0.5)
        found_beats.append(beat_alignment(tracked, excerpt.beats) or 0.0)
    if not found_beats:
        yield {"left_out": "no excerpt was asked for, or every song is too short", "excerpts": 0}
        return
    yield _summary(scores) | {
        "beats_heard_on_the_grid": round(float(np.mean(found_beats)), 4),
        "excerpts": len(found_beats),
        "songs": {song.path.name: song.bpm for song in songs},
        "frames": FRAMES,
    }


def _score(beats: NDArray[np.int64], motion: Motion, *, body: Body) -> float:
    return beat_alignment(beats, dance_beats(joint_positions(motion, body))) or 0.0


def _summary(scores: dict[str, list[float]]) -> Figures:
    found: Figures = {name: round(float(np.mean(values)), 4) for name, values in scores.items()}
    for kind in ("", "half_"):
        gain = np.array(scores[f"{kind}conditioned"]) - np.array(scores[f"{kind}unconditioned"])
        found[f"{kind}margin"] = round(float(gain.mean()), 4)
        found[f"{kind}margin_spread"] = round(float(gain.std(ddof=1) / len(gain) ** 0.5), 4) if len(gain) > 1 else None
    return found


def _excerpts(songs: list[Song], heard: dict[Path, MusicFeatures], *, count: int) -> list[_Excerpt]:
    """``count`` excerpts, songs taking turns, spread evenly between lead-in and end."""
    found: list[_Excerpt] = []
    for number in range(count):
        song = songs[number % len(songs)]
        features = heard[song.path].features
        of_song = -(-count // len(songs))
        first = min(int(LEAD_IN * FPS), max(len(features) - FRAMES, 0))
        last = max(len(features) - FRAMES - int(LEAD_IN * FPS), first)
        start = int(np.linspace(first, last, of_song)[number // len(songs)])
        part = features[start : start + FRAMES]
        if len(part) == FRAMES:
            found.append(_Excerpt(song, part, grid_beats(song, start=start, frames=FRAMES)))
    return found
