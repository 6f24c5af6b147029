"""How far a model is from keys before they are corrected exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.finishing import promises
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import foot_skate
from genmo_studio.motion.correction import KeyErrors, key_errors
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX, REGIONS
from genmo_studio.motion.suddenness import knee_speeds
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.key_distances import KIMODO_RAW_CM, KeyDistances, sudden_share
from genmo_studio.training.measure_between import MODES
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import joint_key, pose_key, reach_key, spread_windows, take, waypoint
from genmo_studio.values import replace

KEYED_FRAMES = 120
KEY_GAP = 30
GUIDING = 0.999
"""A weight just below the promise: the network is told the key, but nothing holds or corrects it."""
HANDS = ("left_wrist", "right_wrist")


@dataclass(frozen=True)
class _Case:
    """A kind of keys on a window."""

    name: str
    request: GenerationRequest
    caption: str = ""


def key_figures(
    store: ClipStore, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """Worst key error of a window, mean over windows, at three stages of the same request.

    ``network``: the keys are inputs and nothing else (no projection, no correction; the whole motion is shifted over
    the ground so that its first positioned key is met, since only differences of positions mean anything to the
    network). ``projected``: held while sampling, as the studio does, before the exact correction. ``corrected``: what
    the user gets.
    """
    windows = spread_windows(store, frames=KEYED_FRAMES, count=options.keyed, seed=options.seed + 1)
    rows: dict[tuple[str, str, str], list[KeyErrors]] = {}
    distances: dict[tuple[str, str, str], KeyDistances] = {}
    shapes: dict[tuple[str, str], list[Figures]] = {}
    encoder = load_text_encoder(model.text_encoder)
    counted = 0
    for number, (clip, first) in time.over(windows):
        counted = number + 1
        truth = store.motion(store.clips[clip]).sliced(first, first + KEYED_FRAMES)
        captions = store.clips[clip].captions
        for case in _cases(truth, body=body, caption=captions[0].text if captions else ""):
            states = encoder.encode([case.caption]) if case.caption else None
            for mode_name, mode in MODES.items():
                yield Progress(f"keys: {case.name}, {mode_name}", number / len(windows))
                request = msgspec.structs.replace(
                    case.request, mode=mode, seed=options.seed, steps=options.steps, model="evaluated"
                )
                poses, points = promises(request)
                stages = _stages(request, states, model=model, body=body)
                for stage, motion in stages.items():
                    rows.setdefault((case.name, mode_name, stage), []).append(key_errors(motion, body, poses, points))
                    distances.setdefault((case.name, mode_name, stage), KeyDistances()).add(motion, body, poses, points)
                frames = sorted({pose.frame for pose in poses} | {point.frame for point in points})
                shapes.setdefault((case.name, mode_name), []).append(
                    _shape(stages["corrected"], truth, body=body, frames=frames)
                )
    found: Figures = {}
    for (case_name, mode_name, stage), values in rows.items():
        asked = rows[case_name, mode_name, "network"]
        figures = _mean_errors(values, asked=asked)
        kinds = distances[case_name, mode_name, stage].figures()
        found.setdefault(case_name, {}).setdefault(mode_name, {})[stage] = figures
        found.setdefault("distances", {}).setdefault(case_name, {}).setdefault(mode_name, {})[stage] = kinds
    for (case_name, mode_name), measured in shapes.items():
        means = {name: round(float(np.mean([row[name] for row in measured])), 5) for name in measured[0]}
        found.setdefault("around_keys", {}).setdefault(case_name, {})[mode_name] = means
    yield found | {
        "windows": counted, "frames": KEYED_FRAMES, "gap": KEY_GAP, "kimodo_published_raw_cm": KIMODO_RAW_CM
    }  # fmt: skip


def _shape(motion: Motion, truth: Motion, *, body: Body, frames: Sequence[int]) -> Figures:
    """How sudden the motion is around its keys and how its feet slide, beside the recording that the keys are from."""
    found: Figures = {}
    for name, shown in (("", motion), ("_recorded", truth)):
        moved, turned = sudden_share(shown, body, frames)
        found[f"sudden_places{name}"], found[f"sudden_turns{name}"] = moved, turned
        found[f"knee_p99_deg_s{name}"] = float(np.percentile(knee_speeds(shown), 99))
        found[f"skate_m_s{name}"] = foot_skate(joint_positions(shown, body), None, shown.fps)
    return found


def _cases(truth: Motion, *, body: Body, caption: str) -> Iterator[_Case]:
    frames = [*range(0, KEYED_FRAMES - 1, KEY_GAP), KEYED_FRAMES - 1]
    ends, inner = (frames[0], frames[-1]), frames[1:-1]
    positions = joint_positions(truth, body)
    arms = (*REGIONS["left_arm"], *REGIONS["right_arm"])
    base = GenerationRequest(frames=KEYED_FRAMES)
    whole = {frame: pose_key(truth, frame, body=body) for frame in frames}
    yield _Case("full_body", msgspec.structs.replace(base, poses=tuple(whole.values())))
    joints = tuple(sorted({joint for joint in arms if 0 < joint < 22}))
    partial = tuple(joint_key(truth, frame, joints=joints) for frame in inner)
    yield _Case("arm_rotations", msgspec.structs.replace(base, poses=(*(whole[frame] for frame in ends), *partial)))
    reach = tuple(reach_key(positions[frame], frame, names=HANDS) for frame in inner)
    yield _Case("hand_positions", msgspec.structs.replace(base, poses=(*(whole[frame] for frame in ends), *reach)))
    points = tuple(waypoint(truth, frame, body=body) for frame in frames)
    texts = (TextCondition(text=caption, span=Span(0, KEYED_FRAMES)),) if caption else ()
    yield _Case("waypoints", msgspec.structs.replace(base, waypoints=points, texts=texts), caption)


def _stages(request: GenerationRequest, states: Any, *, model: LoadedModel, body: Body) -> dict[str, Motion]:
    """Three answers to one request: network alone, projected, corrected."""
    told = msgspec.structs.replace(
        request,
        poses=tuple(msgspec.structs.replace(pose, weight=GUIDING) for pose in request.poses),
        waypoints=tuple(msgspec.structs.replace(point, weight=GUIDING) for point in request.waypoints),
    )
    text = None
    if states is not None:
        text = ResolvedText(states=states, spans=(Span(0, request.frames),), weights=(1.0,))
    alone = take(ResolvedConditions(request=told, text=text), model=model, body=body)
    result = take(ResolvedConditions(request=request, text=text), model=model, body=body)
    return {
        "network": _shifted(alone.uncorrected, request, body=body),
        "projected": result.uncorrected,
        "corrected": result.motion,
    }


def _shifted(motion: Motion, request: GenerationRequest, *, body: Body) -> Motion:
    """The motion moved over the ground so that its first positioned key is met."""
    wanted = {
        pose.frame: (pose.root_position[0], pose.root_position[2]) for pose in request.poses if pose.root_position
    }
    wanted |= {point.frame: point.position for point in request.waypoints if point.position is not None}
    if not wanted:
        return motion
    frame = min(wanted)
    pelvis = joint_positions(motion.sliced(frame, frame + 1), body)[0, INDEX["pelvis"]]
    translation = motion.translation.copy()
    translation[:, [0, 2]] += np.asarray(wanted[frame], np.float32) - pelvis[[0, 2]].astype(np.float32)
    return replace(motion, translation=translation)


_KINDS = {
    "rotation_deg": ("rotation_degrees", 1.0),
    "root_position_mm": ("root_position", 1e3),
    "joint_position_mm": ("joint_position", 1e3),
    "waypoint_mm": ("waypoint", 1e3),
}
"""Name of a figure -> the field of KeyErrors and its unit."""


def _mean_errors(values: Sequence[KeyErrors], *, asked: Sequence[KeyErrors]) -> dict[str, float]:
    """Millimetres and degrees; kinds that no key asks for (the network alone misses none) are left out."""
    return {
        name: round(float(np.mean([getattr(value, field) for value in values])) * unit, 3)
        for name, (field, unit) in _KINDS.items()
        if any(getattr(value, field) > 0 for value in asked)
    }
