"""Video, prompt, music and keys on one timeline: what each condition loses beside the others.

The timeline of a recording of 150 frames: a camera sees frames 0 to 59, full-body keys stand at 90 and 119, its caption
holds from 60 to the end, music plays throughout. Each condition is judged on its own frames, once with all the others
and once alone, from the same noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic, ResolvedText, ResolvedVideo
from genmo_studio.document.time import Span
from genmo_studio.extract.music import BEAT
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.generator import GenerationResult
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.cameras import Faults
from genmo_studio.training.clips import ClipStore, read_music
from genmo_studio.training.dataset import Augmentation, MotionWindows
from genmo_studio.training.metrics_protocols import beat_alignment, dance_beats
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.retrieval import Retrieval, trained
from genmo_studio.training.trials import body_positions, facing_camera, pose_key, take, video_of
from genmo_studio.values import replace

FRAMES = 150
SEEN, KEYED, WORDS = Span(0, 60), (90, 119), Span(60, FRAMES)
ALL = ("video", "text", "music", "keys")


@dataclass(frozen=True, eq=False)
class _Case:
    """One recording and everything that can be told of it."""

    truth: Motion
    video: ResolvedVideo
    caption: str
    text: ResolvedText
    music: NDArray[np.float32]
    """(FRAMES, 35)"""
    seed: int


def mixed(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """For each condition its figures ``together`` with the others and ``alone``, and the recording's own."""
    judge: Retrieval | None = None
    store = ClipStore.open(folder, split="train")
    text = load_text_encoder("minilm")
    for step in trained(store, body=body, text=text, cache=paths.cache() / "evaluation"):
        if isinstance(step, Progress):
            yield step
        else:
            judge = step
    assert judge is not None
    cases = _cases(folder, model=model, body=body, options=options)
    rows: dict[str, list[dict[str, float]]] = {}
    for number, case in time.over(cases):
        yield Progress("mixed conditions", number / len(cases), case.caption)
        together = _generated(case, ALL, model=model, body=body, options=options)
        for name in ALL:
            alone = _generated(case, (name,), model=model, body=body, options=options)
            row = {f"{key}_together": value for key, value in _judged(name, together, case, judge, body=body).items()}
            row |= {f"{key}_alone": value for key, value in _judged(name, alone, case, judge, body=body).items()}
            rows.setdefault(name, []).append(row)
    yield {name: _means(found) for name, found in rows.items()} | {"timelines": len(rows.get("keys", ()))}


def _means(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}


def _cases(folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions) -> list[_Case]:
    plain = Augmentation(mirror=False, yaw=False, shape=False, join=False, faults=Faults.NONE)
    windows = MotionWindows(folder, body=body, split="val", frames=FRAMES, augmentation=plain)
    heard = read_music(folder, windows.clips)
    encoder = load_text_encoder(model.text_encoder)
    rng = np.random.default_rng(options.seed)
    found: list[_Case] = []
    for index in rng.permutation(len(windows.clips)):
        clip = windows.clips[index]
        music = heard.get(clip.id)
        whole = [caption.text for caption in clip.captions if caption.stop < 0]
        if clip.frames < FRAMES or music is None or len(music) < FRAMES or not whole or len(found) >= options.sampled:
            continue
        batch = windows.window(int(index), 0, rng=np.random.default_rng((options.seed, int(index))))
        video = video_of(batch)
        exists = video.exists & (np.arange(FRAMES) < SEEN.stop)
        if exists.sum() < (SEEN.stop - SEEN.start) // 2:
            continue
        truth = facing_camera(windows.motion(int(index)).sliced(0, FRAMES), batch, body=body)
        words = ResolvedText(states=encoder.encode(whole[:1]), spans=(WORDS,), weights=(1.0,))
        case = _Case(truth, replace(video, exists=exists), whole[0], words, music[:FRAMES], options.seed + len(found))
        found.append(case)
    return found


def _generated(
    case: _Case, conditions: tuple[str, ...], *, model: LoadedModel, body: Body, options: EvaluationOptions
) -> GenerationResult:
    request = GenerationRequest(
        frames=FRAMES, seed=case.seed, steps=options.steps, model="evaluated",
        texts=(TextCondition(text=case.caption, span=WORDS),) if "text" in conditions else (),
        poses=tuple(pose_key(case.truth, frame, body=body) for frame in KEYED) if "keys" in conditions else (),
    )  # fmt: skip
    ones = np.ones(FRAMES, np.float32)
    music = ResolvedMusic(exists=ones > 0, features=case.music, weight=ones) if "music" in conditions else None
    resolved = ResolvedConditions(
        request=request, video=case.video if "video" in conditions else None, music=music,
        text=case.text if "text" in conditions else None,
    )  # fmt: skip
    return take(resolved, model=model, body=body)


def _judged(name: str, result: GenerationResult, case: _Case, judge: Retrieval, *, body: Body) -> dict[str, float]:
    """The figure of one condition on the frames that it holds for."""
    motion = result.motion
    if name == "video":
        seen = slice(SEEN.start, SEEN.stop)
        ours, theirs = (body_positions(m, body=body)[seen] for m in (motion, case.truth))
        exists = case.video.exists[seen]
        return {"mpjpe_mm": 1e3 * metrics.mpjpe(ours, theirs, valid=exists)}
    if name == "keys":
        before = result.report["key_errors_before"]
        return {"rotation_deg": before["rotation_deg"], "root_position_mm": before["root_position_mm"]}
    if name == "text":
        caption = judge.embed_captions([case.caption])
        pieces = judge.embed_motions([m.sliced(WORDS.start, WORDS.stop) for m in (motion, case.truth)], body=body)
        ours, theirs = np.linalg.norm(pieces - caption, axis=-1).tolist()
        return {"distance": ours, "distance_of_recording": theirs}
    beats = np.flatnonzero(case.music[:, BEAT] > 0.5)
    scores = [beat_alignment(beats, dance_beats(joint_positions(m, body))) for m in (motion, case.truth)]
    return {key: score or 0.0 for key, score in zip(("beats", "beats_of_recording"), scores, strict=True)}
