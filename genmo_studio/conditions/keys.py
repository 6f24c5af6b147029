"""Keys: full-body poses and partial ones (some joints, targets for hands and feet)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from genmo_studio.conditions.modality import Gathered, Modality, Scope, only
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.request import PoseCondition
from genmo_studio.document.holds import held_poses, held_span
from genmo_studio.document.model import Item, PoseKey, TrackKind, Vec3
from genmo_studio.document.time import Span
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX

SAME_ANGLE = np.radians(1.0)
SAME_PLACE = 0.01  # m


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Keys inside the scope by frame, held ones at every frame that they hold.

    Joints that the body does not have, and the fixed hands, become notes. A hold never asks for more than the scope
    has frames, and its conditions share what they hold, so a long one costs little (its JSON compresses a
    hundredfold).
    """
    conditions: list[PoseCondition] = []
    notes: list[str] = []
    keys = sorted(only(items, PoseKey), key=lambda key: key.frame)
    for key in keys:
        frame = scope.local_frame(key.frame)
        if frame is None and not (key.hold and held_span(key).overlaps(scope.span)):
            continue
        unused = sorted(name for name in {*key.rotations, *key.positions} if not _known(name, key))
        if unused:
            notes.append(
                f"The key at frame {key.frame} sets {', '.join(unused)}, which this body cannot turn or place."
            )
        if frame is not None:
            conditions += _condition(key, frame)
        if key.hold:
            conditions += _held(key, keys, scope)
    return Gathered(tuple(sorted(conditions, key=lambda pose: pose.frame)), tuple(notes))


def _held(key: PoseKey, keys: Sequence[PoseKey], scope: Scope) -> Iterator[PoseCondition]:
    made: dict[int, list[PoseCondition]] = {}  # of one value of what is held: its turns and places are shared
    for at, left in held_poses(key, keys, scope.span):
        known = made.setdefault(id(left), _condition(left, 0))
        for condition in known:
            yield msgspec.structs.replace(condition, frame=at - scope.span.start)


def _known(name: str, key: PoseKey) -> bool:
    """True when all that a key says about a joint can be used."""
    return name in INDEX and (name not in key.rotations or INDEX[name] < BODY_JOINT_COUNT)


def _condition(key: PoseKey, frame: int) -> list[PoseCondition]:
    """What a key asks for at a frame of the scope; nothing when it holds nothing that the body has."""
    rotations = {name: value for name, value in key.rotations.items() if INDEX.get(name, 99) < BODY_JOINT_COUNT}
    positions = {name: value for name, value in key.positions.items() if name in INDEX}
    if not (rotations or positions or key.root_position is not None):
        return []
    return [
        PoseCondition(
            frame=frame,
            rotations=rotations,
            root_position=key.root_position,
            positions=positions,
            weight=key.weight,
        )
    ]


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """Keys in one frame that ask for different things, and keys that ask for nothing."""
    by_frame: dict[int, list[PoseKey]] = defaultdict(list)
    for key in only(items, PoseKey):
        by_frame[key.frame].append(key)
        if not (key.rotations or key.positions or key.root_position is not None):
            yield Problem(
                Severity.INFO,
                "This key holds nothing.",
                Span(key.frame, key.frame + 1),
                (key.id,),
                why="It has no effect.",
                advice="Choose joints for it in the Inspector, or delete it.",
            )
    for frame, keys in by_frame.items():
        for first, second in pairwise(keys):
            parts = [*_turned_apart(first, second), *_placed_apart(first, second)]
            if parts:
                yield Problem(
                    Severity.ERROR,
                    f"Two keys at frame {frame} disagree about {', '.join(parts[:4])}; the upper one is used.",
                    Span(frame, frame + 1),
                    (first.id, second.id),
                    why="Only one of them can be met.",
                    advice="Move one to another frame, mute it, or delete it.",
                )


def _turned_apart(first: PoseKey, second: PoseKey) -> list[str]:
    return [name for name, value in first.rotations.items() if name in second.rotations
            and _angle(value, second.rotations[name]) > SAME_ANGLE]  # fmt: skip


def _angle(first: Vec3, second: Vec3) -> float:
    one, other = (matrix_from_rotvec(np.array(value, np.float64)) for value in (first, second))
    return float(angle_between(one, other))


def _placed_apart(first: PoseKey, second: PoseKey) -> list[str]:
    apart = [name for name, value in first.positions.items() if name in second.positions
             and math.dist(value, second.positions[name]) > SAME_PLACE]  # fmt: skip
    places = first.root_position, second.root_position
    if places[0] is not None and places[1] is not None and math.dist(places[0], places[1]) > SAME_PLACE:
        apart.append("the place of the pelvis")
    return apart


FULL = Modality(kind=TrackKind.FULL_KEYS, field="poses", gather=gather, check=check)
PARTIAL = Modality(kind=TrackKind.PARTIAL_KEYS, field="poses", gather=gather, check=check)
