"""How well a new part joins a known motion: jumps at seams and at the wrap of loops beside those of recordings.

A jump at a frame is the largest change of velocity, and of acceleration, among the differences that reach over it. On
recordings the same is measured at every frame; its 99th percentile is what a seam may have.
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.regeneration import made_anew
from genmo_studio.conditions.request import GenerationRequest, Loop, Regeneration
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import contact_labels, foot_skate
from genmo_studio.motion.ground import GroundMove, moved
from genmo_studio.motion.ik import chain_above
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.regions import region_joints
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, transpose
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import spread_windows
from genmo_studio.values import replace

FRAMES = 150
SPAN = Span(50, 100)
LOOP = Span(30, 110)
LOOP_BLEND = 12
CASES: tuple[tuple[str, ...], ...] = (("full",), ("upper",), ("lower",), ("left_arm",), ("right_leg",), ("root",))
MODES = {"draft": TakeMode.DRAFT, "sampled": TakeMode.FULL}
KINDS = ("velocity_m_s", "acceleration_m_s2", "turn_rad_s", "turn_rad_s2")
_ROOM = 3  # frames on each side that a third difference over a frame reaches

EVERY_JOINT = frozenset(range(BODY_JOINT_COUNT))

Floats = NDArray[np.float64]


def jumps(motion: Motion, body: Body, *, turning: frozenset[int] = EVERY_JOINT) -> Floats:
    """(frames, 4) jump over the boundary before each frame, of each of KINDS: the joint that jumps most.

    Velocities are steps times the frame rate, of joints in the world (m) and of their local rotations (rad). Of the 22
    joints those count that are ``turning`` and, in the world, those that they carry along. Frames too near to an end
    have NaN.
    """
    carried = [joint for joint in range(BODY_JOINT_COUNT) if turning & {0, *chain_above(joint)}]
    positions = joint_positions(motion, body)[:, carried].astype(np.float64)
    turns = matrix_from_rotvec(motion.rotations[:, sorted(turning)].astype(np.float64))
    spin = np.asarray(rotvec_from_matrix(turns[1:] @ transpose(turns[:-1])))
    columns = [_over(np.diff(positions, axis=0), motion.fps), _over(spin, motion.fps)]
    return np.concatenate(columns, axis=1)


def _over(steps: Floats, fps: float) -> Floats:
    """(steps + 1, 2) largest change of velocity and of acceleration over each boundary, from steps (T - 1, joints, 3).

    Boundary f lies between frames f - 1 and f. Second differences over it are those of three frames that lie on both
    sides, third differences those of four.
    """
    frames = len(steps) + 1
    second = np.linalg.norm(np.diff(steps, axis=0), axis=-1).max(axis=1) * fps
    third = np.linalg.norm(np.diff(steps, n=2, axis=0), axis=-1).max(axis=1) * fps**2
    found = np.full((frames, 2), np.nan)
    for frame in range(_ROOM, frames - _ROOM + 1):
        found[frame] = second[frame - 2 : frame].max(), third[frame - 3 : frame].max()
    return found


def regeneration_figures(
    store: ClipStore, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """Seams of regenerated spans by region, and wraps of loops, in both modes, beside recordings of the same split."""
    windows = spread_windows(store, frames=FRAMES, count=options.windows, seed=options.seed + 7)
    recordings = [store.motion(store.clips[clip]).sliced(first, first + FRAMES) for clip, first in windows]
    real = np.concatenate([jumps(motion, body) for motion in recordings])
    limit = np.nanpercentile(real, 99, axis=0)
    found: Figures = {
        "windows": len(windows),
        "recordings": {
            "p50": _named(np.nanpercentile(real, 50, axis=0)),
            "p99": _named(limit),
            "foot_skate_m_s": round(float(np.mean([_skate(motion, body) for motion in recordings])), 4),
        },
    }
    spans: dict[tuple[str, str], list[tuple[Motion, Regeneration, GenerationResult]]] = {}
    wraps: dict[str, list[Floats]] = {}
    for number, base in time.over(recordings):
        for mode_name, mode in MODES.items():
            if mode is TakeMode.FULL and number >= options.sampled:
                continue
            yield Progress(f"regenerating, {mode_name}", number / len(recordings))
            for regions in CASES:
                asked = _asked(base, SPAN, regions=regions)
                made = _made(base, asked, mode, model=model, body=body, options=options)
                spans.setdefault((regions[0], mode_name), []).append((base, asked, made))
            wraps.setdefault(mode_name, []).append(_wrap(base, mode, model=model, body=body, options=options))
    for (region, mode_name), taken in spans.items():
        bases, wanted, results = zip(*taken, strict=True)
        found.setdefault(region, {})[mode_name] = _spans(bases, wanted, results, limit=limit, body=body)
    found["loop"] = {mode_name: _beside(np.concatenate(seams), limit) for mode_name, seams in wraps.items()}
    yield found


def _asked(base: Motion, span: Span, *, regions: tuple[str, ...] = ("full",), loop: Loop | None = None) -> Regeneration:
    named = hashlib.sha256(base.to_bytes()).hexdigest()
    return Regeneration(named, span, regions, blend=8 if loop is None else LOOP_BLEND, loop=loop)


def _made(
    base: Motion,
    asked: Regeneration,
    mode: TakeMode,
    *,
    model: LoadedModel,
    body: Body,
    options: EvaluationOptions,
) -> GenerationResult:
    request = GenerationRequest(
        frames=len(base), mode=mode, seed=options.seed, steps=options.steps, model="evaluated", regeneration=asked
    )
    *_, last = generate(ResolvedConditions(request), model=model, body=body, base=base)
    assert isinstance(last, GenerationResult)
    return last


def _spans(
    bases: Sequence[Motion],
    asked: Sequence[Regeneration],
    made: Sequence[GenerationResult],
    *,
    limit: Floats,
    body: Body,
) -> Figures:
    turning = region_joints(asked[0].regions)
    seams = np.concatenate([jumps(result.motion, body, turning=turning)[[SPAN.start, SPAN.stop]] for result in made])
    same = [_rest(result.motion, one) == _rest(base, one) for base, one, result in zip(bases, asked, made, strict=True)]
    inside = [result.motion.sliced(SPAN.start, SPAN.stop) for result in made]
    there = [base.sliced(SPAN.start, SPAN.stop) for base in bases]
    new = [
        np.abs(joint_positions(a, body) - joint_positions(b, body)).mean() for a, b in zip(inside, there, strict=True)
    ]
    return {
        **_beside(seams, limit),
        "bit_identical_outside": f"{sum(same)} of {len(same)}",
        "foot_skate_m_s": round(float(np.mean([_skate(motion, body) for motion in inside])), 4),
        "foot_skate_of_recording_m_s": round(float(np.mean([_skate(motion, body) for motion in there])), 4),
        "mean_difference_m": round(float(np.mean(new)), 4),
    }


def _rest(motion: Motion, asked: Regeneration) -> str:
    """SHA-256 of everything that may not change."""
    fresh = made_anew(asked, len(motion))
    outside = ~fresh.any(axis=1)
    contacts = b"" if motion.contacts is None else motion.contacts[outside].tobytes()
    parts = (motion.rotations[~fresh].tobytes(), motion.translation[~fresh[:, 0]].tobytes(), contacts)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _skate(motion: Motion, body: Body) -> float:
    """m/s while a foot joint is slower than the labels' limit or the motion says that it rests."""
    positions = joint_positions(motion, body)
    contacts = motion.contacts if motion.contacts is not None else contact_labels(positions, motion.fps)
    return foot_skate(positions, contacts, motion.fps)


def _wrap(base: Motion, mode: TakeMode, *, model: LoadedModel, body: Body, options: EvaluationOptions) -> Floats:
    """Jumps in two repetitions of a loop: at the wrap, and at both seams of what was generated around it."""
    length = LOOP.length
    result = _made(base, _asked(base, LOOP, loop=Loop.ALONG_PATH), mode, model=model, body=body, options=options)
    step = GroundMove(result.report["loop"]["turn"], np.array(result.report["loop"]["shift"]))
    once = result.motion.sliced(LOOP.start, LOOP.stop)
    again = moved(once, body, step)
    twice = replace(
        once,
        rotations=np.concatenate([once.rotations, again.rotations]),
        translation=np.concatenate([once.translation, again.translation]),
        contacts=None,
    )
    return jumps(twice, body)[[length - LOOP_BLEND, length, length + LOOP_BLEND]]


def _beside(seams: Floats, limit: Floats) -> Figures:
    """Mean and 95th percentile of the jumps, and the share of seams within the recordings' 99th percentile."""
    return {
        "mean": _named(seams.mean(axis=0)),
        "p95": _named(np.percentile(seams, 95, axis=0)),
        "within_p99": {
            name: round(float(share), 4) for name, share in zip(KINDS, (seams <= limit).mean(0), strict=True)
        },
        "seams": len(seams),
    }


def _named(values: Floats) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in zip(KINDS, values, strict=True)}
