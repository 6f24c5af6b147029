"""Takes of prompts judged by a retrieval evaluator, and two and three prompts on one timeline.

Recordings of the validation split are scored by the same code: with their own captions (what is possible), with
shuffled captions (what is chance).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.time import Span
from genmo_studio.extract.text import TextEncoder, load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.metrics_protocols import frechet_distance, mean_pair_distance, r_precision
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.retrieval import Retrieval, trained
from genmo_studio.training.trials import body_positions, take

FRAMES = 90
BATCH = 32
MULTIMODAL = 4
"""Captions whose takes are repeated, and how often each."""
SEGMENT, OVERLAP = 75, 10
AROUND = 5
"""Frames on either side of a change of prompt in which its jerk is measured."""
Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class _Pair:
    caption: str
    motion: Motion


def retrieval(
    folder: Path, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """R-precision in batches of 32, FID, multimodal distance, diversity, multimodality, and timelines of prompts.

    Every batch has 32 different captions. With fewer than 32 captions in the validation split nothing is measured.
    """
    text = load_text_encoder("minilm")
    judge: Retrieval | None = None
    cache = paths.cache() / "evaluation"
    for step in trained(ClipStore.open(folder, split="train"), body=body, text=text, cache=cache):
        if isinstance(step, Progress):
            yield step
        else:
            judge = step
    assert judge is not None
    store = ClipStore.open(folder, split="val")
    pairs = captioned(store, count=options.retrieved, seed=options.seed)
    if len(pairs) < BATCH:
        yield {"left_out": f"the validation split has {len(pairs)} different captions; {BATCH} are needed"}
        return
    taker = _Taker(load_text_encoder(model.text_encoder), model, body, options)
    made: list[Motion] = []
    for number, pair in time.over(pairs, until=0.6, at_least=BATCH):
        yield Progress("takes for retrieval", number / len(pairs), pair.caption)
        made.append(taker([pair.caption], seed=options.seed + number))
    made = made[: len(made) // BATCH * BATCH]
    pairs = pairs[: len(made)]
    repeated: list[list[Motion]] = []
    for number, pair in time.over(pairs[:MULTIMODAL], until=0.75):
        yield Progress("takes of one prompt", number / MULTIMODAL, pair.caption)
        repeated.append([taker([pair.caption], seed=options.seed + 10_000 + k) for k in range(MULTIMODAL)])
    figures = _judged(judge, pairs, made, repeated, body=body)
    for event in _timelines(judge, pairs, taker, time):
        if isinstance(event, Progress):
            yield event
        else:
            figures["timelines"] = event
    yield figures


def captioned(store: ClipStore, *, count: int, seed: int) -> list[_Pair]:
    """Recordings and one caption each, all different within each 32 of them; a whole number of 32."""
    rng = np.random.default_rng(seed)
    found: list[_Pair] = []
    recent: list[str] = []
    for _ in range(20):  # passes over the clips: each batch wants captions of its own
        for index in rng.permutation(len(store.clips)):
            clip = store.clips[index]
            free = [c.text for c in clip.captions if c.stop < 0 and c.text not in recent]
            if clip.frames < FRAMES or not free or len(found) >= count:
                continue
            caption = free[int(rng.integers(len(free)))]
            start = int(rng.integers(clip.frames - FRAMES + 1))
            found.append(_Pair(caption, store.motion(clip).sliced(start, start + FRAMES)))
            recent = [*recent, caption] if len(recent) < BATCH - 1 else []
    return found[: len(found) // BATCH * BATCH]


@dataclass(frozen=True, eq=False)
class _Taker:
    """Makes takes of prompts."""

    text: TextEncoder
    model: LoadedModel
    body: Body
    options: EvaluationOptions

    def __call__(self, captions: Sequence[str], *, seed: int, spans: Sequence[Span] = (Span(0, FRAMES),)) -> Motion:
        """One take of prompts in their spans."""
        request = GenerationRequest(
            frames=max(span.stop for span in spans), seed=seed, steps=self.options.steps, model="evaluated",
            texts=tuple(TextCondition(text=word, span=span) for word, span in zip(captions, spans, strict=True)),
        )  # fmt: skip
        if self.options.guidance is not None:
            request = msgspec.structs.replace(request, guidance=self.options.guidance)
        states = self.text.encode(list(captions))
        text = ResolvedText(states=states, spans=tuple(spans), weights=(1.0,) * len(spans))
        return take(ResolvedConditions(request=request, text=text), model=self.model, body=self.body).motion


def _judged(
    judge: Retrieval,
    pairs: Sequence[_Pair],
    made: Sequence[Motion],
    repeated: Sequence[Sequence[Motion]],
    *,
    body: Body,
) -> Figures:
    texts = judge.embed_captions([pair.caption for pair in pairs])
    real = judge.embed_motions([pair.motion for pair in pairs], body=body)
    ours = judge.embed_motions(made, body=body)
    shuffled = np.concatenate([np.roll(part, 1, axis=0) for part in np.split(texts, len(texts) // BATCH)])
    half = np.random.default_rng(0).permutation(len(real))
    rows = {
        "recorded": _row(texts, real, real),
        "takes": _row(texts, ours, real),
        "shuffled_captions": _row(shuffled, ours, real),
    }
    spread = [mean_pair_distance(judge.embed_motions(list(motions), body=body)) for motions in repeated]
    return {
        **rows,
        "r3_to_recorded": round(rows["takes"]["r_precision_3"] / max(rows["recorded"]["r_precision_3"], 1e-9), 4),
        "fid_of_recorded_halves": round(
            frechet_distance(real[half[: len(half) // 2]], real[half[len(half) // 2 :]]), 4
        ),
        "multimodality": round(float(np.mean(spread)), 4),
        "samples": len(pairs),
    }


def _row(texts: Floats, motions: Floats, real: Floats) -> dict[str, float]:
    first, second, third = r_precision(texts, motions, batch=BATCH)
    return {
        "r_precision_1": round(first, 4),
        "r_precision_2": round(second, 4),
        "r_precision_3": round(third, 4),
        "fid": round(frechet_distance(motions, real), 4),
        "multimodal_distance": round(float(np.linalg.norm(texts - motions, axis=-1).mean()), 4),
        "diversity": round(mean_pair_distance(motions), 4),
    }


def _timelines(
    judge: Retrieval, pairs: Sequence[_Pair], taker: _Taker, time: Allotment
) -> Iterator[Progress | Figures]:
    """Two and three prompts that overlap: is each segment what its prompt says, and how hard is the change."""
    body, options = taker.body, taker.options
    texts = judge.embed_captions([pair.caption for pair in pairs[:BATCH]])
    found: Figures = {"recorded_jerk_m_s3": round(float(np.mean([_jerk(p.motion, body).mean() for p in pairs])), 2)}
    for parts in (2, 3):
        right: list[bool] = []
        change: list[float] = []
        elsewhere: list[float] = []
        for number, _ in time.over(range(options.sampled), until=0.85 if parts == 2 else 1.0):
            yield Progress(f"timelines of {parts} prompts", number / max(options.sampled, 1))
            chosen = [(number * parts + k) % BATCH for k in range(parts)]
            spans = [Span(max(k * SEGMENT - OVERLAP, 0), (k + 1) * SEGMENT) for k in range(parts)]
            words = [pairs[row].caption for row in chosen]
            motion = taker(words, seed=options.seed + number, spans=spans)
            pieces = [motion.sliced(k * SEGMENT, (k + 1) * SEGMENT) for k in range(parts)]
            distance = np.linalg.norm(judge.embed_motions(pieces, body=body)[:, None] - texts[None], axis=-1)
            right += [bool((row < row[own]).sum() < 3) for row, own in zip(distance, chosen, strict=True)]
            jerk = _jerk(motion, body)
            near = np.zeros(len(jerk), bool)
            for k in range(1, parts):
                near[k * SEGMENT - OVERLAP - AROUND : k * SEGMENT + AROUND] = True
            change.append(float(jerk[near].mean()))
            elsewhere.append(float(jerk[~near].mean()))
        if right:
            found[str(parts)] = {
                "segments_r_precision_3": round(float(np.mean(right)), 4),
                "transition_jerk_m_s3": round(float(np.mean(change)), 2),
                "jerk_elsewhere_m_s3": round(float(np.mean(elsewhere)), 2),
                "timelines": len(change),
            }
    yield found


def _jerk(motion: Motion, body: Body) -> Floats:
    """Mean jerk of the joints from frame to frame, m/s^3; (T - 3,)."""
    jerk = np.diff(body_positions(motion, body=body), n=3, axis=0) * motion.fps**3
    return np.asarray(np.linalg.norm(jerk, axis=-1).mean(axis=1))
