"""Whether takes keep time with music: beat alignment, physical foot contact, diversity.

The music is what ``training.music_render`` made for the validation clips (the data has no songs; each track is written
in the tempo of its clip's own movement), so the recordings are the real dances to it. Samples without music are
scored against the same beats: what they reach is chance. With songs in the options, real songs follow
(``measure_songs``).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic
from genmo_studio.extract.music import BEAT
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore, read_music
from genmo_studio.training.measure_motion import motion_features
from genmo_studio.training.measure_songs import songs_figures
from genmo_studio.training.metrics_protocols import (
    beat_alignment,
    dance_beats,
    kinetic_features,
    kinetic_frechet_distance,
    mean_pair_distance,
    physical_foot_contact,
)
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import take

FRAMES = 150
FEWEST_BEATS = 4


def music(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """``recorded``, ``conditioned`` and ``unconditioned`` on the same tracks; the last two from the same noise.

    ``margin`` is the mean difference in beat alignment of conditioned and unconditioned takes of the same track,
    ``margin_spread`` its standard error over the tracks.
    """
    store = ClipStore.open(folder, split="val")
    tracks = _tracks(store, read_music(folder, store.clips), count=options.sampled, seed=options.seed)
    takes: dict[str, list[tuple[float, Motion]]] = {"recorded": [], "conditioned": [], "unconditioned": []}
    for number, (truth, features) in time.over(tracks, until=1.0 if options.songs is None else 0.5):
        yield Progress("music", number / len(tracks))
        beats = np.flatnonzero(features[:, BEAT] > 0.5)
        request = GenerationRequest(
            frames=len(truth), seed=options.seed + number, steps=options.steps, model="evaluated"
        )
        heard = ResolvedMusic(
            exists=np.ones(len(truth), bool), features=features, weight=np.ones(len(truth), np.float32)
        )
        made = {
            "recorded": truth,
            "conditioned": take(ResolvedConditions(request=request, music=heard), model=model, body=body).motion,
            "unconditioned": take(ResolvedConditions(request=request), model=model, body=body).motion,
        }
        for name, motion in made.items():
            score = beat_alignment(beats, dance_beats(joint_positions(motion, body)))
            takes[name].append((0.0 if score is None else score, motion))
    songs: Figures = {}
    if options.songs is not None:
        for step in songs_figures(Path(options.songs), model=model, body=body, options=options, time=time):
            if isinstance(step, Progress):
                yield step
            else:
                songs = {"songs": step}
    if not tracks:
        yield {"tracks": 0} | songs
        return
    scores = {name: np.array([score for score, _ in rows]) for name, rows in takes.items()}
    gain = scores["conditioned"] - scores["unconditioned"]
    spread = float(gain.std(ddof=1) / len(gain) ** 0.5) if len(gain) > 1 else None
    real = _kinetic(takes["recorded"], body=body)
    yield {
        **{name: _row(rows, real, body=body) for name, rows in takes.items()},
        "margin": round(float(gain.mean()), 4),
        "margin_spread": None if spread is None else round(spread, 4),
        "tracks": len(gain),
        "frames": FRAMES,
    } | songs


def _tracks(
    store: ClipStore, features: dict[str, NDArray[np.float32]], *, count: int, seed: int
) -> list[tuple[Motion, NDArray[np.float32]]]:
    """Recordings and their music, of clips long enough to have a few beats."""
    found = []
    for clip in store.clips:
        heard = features.get(clip.id)
        if heard is None or min(len(heard), clip.frames) < FRAMES:
            continue
        if (heard[:FRAMES, BEAT] > 0.5).sum() >= FEWEST_BEATS:
            found.append((clip, heard[:FRAMES]))
    order = np.random.default_rng(seed).permutation(len(found))[:count]
    return [(store.motion(found[i][0]).sliced(0, FRAMES), found[i][1]) for i in order]


def _kinetic(rows: list[tuple[float, Motion]], *, body: Body) -> NDArray[np.float64]:
    return np.stack([kinetic_features(joint_positions(motion, body)) for _, motion in rows])


def _row(rows: list[tuple[float, Motion]], real: NDArray[np.float64], *, body: Body) -> dict[str, float | None]:
    features = np.stack([motion_features(motion, body=body) for _, motion in rows])
    contact = [physical_foot_contact(joint_positions(motion, body)) for _, motion in rows]
    return {
        "beat_alignment": round(float(np.mean([score for score, _ in rows])), 4),
        "physical_foot_contact": round(float(np.mean(contact)), 4),
        "fid_kinetic": round(kinetic_frechet_distance(_kinetic(rows, body=body), real), 4) if len(rows) > 1 else None,
        "diversity": round(mean_pair_distance(features), 4),
    }
