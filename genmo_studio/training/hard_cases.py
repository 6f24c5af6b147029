"""Ten requests that are hard to answer well, as an animator would make them: for looking at and for tests.

Poses are constructed here, from nothing but the body, or read from a training set (only their keys are: the model makes
everything between them). Each case says in ``impossible`` what part of it cannot be met.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import (
    ContactCondition,
    GenerationRequest,
    PoseCondition,
    TextCondition,
    WaypointCondition,
)
from genmo_studio.document.model import Foot
from genmo_studio.document.time import Span
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.grounding import lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.trials import pose_key, vec3

Turns = dict[str, tuple[float, float, float]]

STAND: Turns = {
    "left_shoulder": (0.1, 0.0, -1.25), "right_shoulder": (0.1, 0.0, 1.25), "left_hip": (-0.06, 0.0, 0.0),
    "right_hip": (-0.06, 0.0, 0.0), "left_knee": (0.12, 0.0, 0.0), "right_knee": (0.12, 0.0, 0.0),
    "left_ankle": (-0.06, 0.0, 0.0), "right_ankle": (-0.06, 0.0, 0.0),
}  # fmt: skip
SIT: Turns = STAND | {
    "left_hip": (-1.5, 0.0, 0.0), "right_hip": (-1.5, 0.0, 0.0), "left_knee": (1.5, 0.0, 0.0),
    "right_knee": (1.5, 0.0, 0.0), "left_ankle": (0.0, 0.0, 0.0), "right_ankle": (0.0, 0.0, 0.0),
}  # fmt: skip
CROUCH: Turns = STAND | {
    "pelvis": (0.35, 0.0, 0.0), "left_hip": (-1.2, 0.0, 0.0), "right_hip": (-1.2, 0.0, 0.0),
    "left_knee": (1.35, 0.0, 0.0), "right_knee": (1.35, 0.0, 0.0), "left_ankle": (-0.5, 0.0, 0.0),
    "right_ankle": (-0.5, 0.0, 0.0), "left_shoulder": (0.9, 0.0, -1.25), "right_shoulder": (0.9, 0.0, 1.25),
}  # fmt: skip
CRAWL: Turns = {
    "pelvis": (1.35, 0.0, 0.0), "left_hip": (-1.3, 0.0, 0.0), "right_hip": (-1.3, 0.0, 0.0),
    "left_knee": (1.55, 0.0, 0.0), "right_knee": (1.55, 0.0, 0.0), "left_ankle": (0.9, 0.0, 0.0),
    "right_ankle": (0.9, 0.0, 0.0), "left_shoulder": (0.0, -1.4, 0.0), "right_shoulder": (0.0, 1.4, 0.0),
    "head": (-0.6, 0.0, 0.0),
}  # fmt: skip
ARMS_UP: Turns = STAND | {"left_shoulder": (0.0, 0.0, 1.1), "right_shoulder": (0.0, 0.0, -1.1)}


@dataclass(frozen=True, eq=False)
class HardCase:
    """A request, and what is hard about it."""

    name: str
    request: GenerationRequest
    impossible: tuple[str, ...] = ()
    """words that the report has to say about what cannot be met; none where everything can"""
    forced: float = 1.0
    """how much more sudden than usual the keys themselves force the motion to be"""
    recorded: bool = False
    """its keys are frames of recordings"""


def pose(
    body: Body,
    turns: Turns,
    frame: int,
    *,
    place: tuple[float, float] = (0.0, 0.0),
    heading: float = 0.0,
    ground: float = 0.0,
) -> PoseCondition:
    """A full-body key whose lowest point is at the height ``ground`` and whose ankles are around ``place`` (m)."""
    rotations = np.zeros((1, 24, 3))
    for name, turn in turns.items():
        rotations[0, INDEX[name]] = turn
    root = yaw_matrix(heading) @ matrix_from_rotvec(rotations[0, 0])
    rotations[0, 0] = rotvec_from_matrix(root)
    rest = body.rest_joints(np.zeros(10, np.float32))[0].astype(np.float64)
    lying = Motion(rotations=rotations.astype(np.float32), translation=-rest[None].astype(np.float32))
    height = ground - float(lowest_points(lying, body)[0])
    ankles = joint_positions(lying, body)[0, [INDEX["left_ankle"], INDEX["right_ankle"]]].mean(axis=0)
    return PoseCondition(
        frame,
        rotations={JOINTS[joint]: vec3(rotations[0, joint]) for joint in range(BODY_JOINT_COUNT)},
        root_position=(place[0] - float(ankles[0]), height, place[1] - float(ankles[2])),
    )


def constructed(body: Body, *, prompts: bool = False) -> Iterator[HardCase]:
    """The cases that need no recordings; with ``prompts`` they also say in words what happens."""

    def asked(frames: int, prompt: str, **conditions: tuple[object, ...]) -> GenerationRequest:
        texts = (TextCondition(prompt, Span(0, frames)),) if prompts and prompt else ()
        return GenerationRequest(frames=frames, texts=texts, seed=1, steps=20, **conditions)  # type: ignore[arg-type]

    yield HardCase(
        "sit from standing",
        asked(
            90,
            "a person sits down",
            poses=(
                pose(body, STAND, 0),
                pose(body, SIT, 55),
                pose(body, SIT, 89),
            ),
            contacts=tuple(ContactCondition(Span(0, 90), foot) for foot in Foot),
        ),
    )
    yield HardCase(
        "180 degree turn between two keys",
        asked(75, "a person walks and turns left", poses=(pose(body, STAND, 0), pose(body, STAND, 60, heading=np.pi))),
    )
    yield HardCase(
        "jump to a higher ground key",
        asked(
            90,
            "a person jumps",
            poses=(
                pose(body, STAND, 0),
                pose(body, CROUCH, 22),
                pose(body, CROUCH, 44, place=(0.0, 0.7), ground=0.4),
                pose(body, STAND, 62, place=(0.0, 0.7), ground=0.4),
            ),
            contacts=tuple(ContactCondition(Span(44, 90), foot) for foot in Foot),
        ),
    )
    point = (0.45, 1.15, 1.2)
    yield HardCase(
        "hand kept on a point while walking past",
        asked(
            90,
            "a person walks",
            waypoints=tuple(WaypointCondition(frame, position=(0.0, 2.4 * frame / 89)) for frame in (0, 45, 89)),
            poses=tuple(PoseCondition(frame, positions={"left_wrist": point}) for frame in range(36, 55, 2)),
        ),
    )
    yield HardCase(
        "crawling to standing",
        asked(
            90,
            "a person gets up",
            poses=(pose(body, CRAWL, 0), pose(body, CROUCH, 50), pose(body, STAND, 75)),
        ),
    )
    yield HardCase(
        "two contradicting keys 3 frames apart",
        asked(
            90,
            "",
            poses=(
                pose(body, STAND, 0),
                pose(body, STAND, 43),
                pose(body, ARMS_UP, 46, place=(0.3, 0.0), heading=0.8),
                pose(body, STAND, 89),
            ),
        ),
        forced=16.0,
    )
    corner = ((0, (0.0, 0.0)), (22, (0.0, 0.7)), (45, (0.0, 1.4)), (67, (0.7, 1.4)), (89, (1.4, 1.4)))
    yield HardCase(
        "a path with a sharp corner",
        asked(90, "a person walks", waypoints=tuple(WaypointCondition(f, position=p) for f, p in corner)),
    )
    yield HardCase(
        "key beyond reach",
        asked(
            60,
            "",
            poses=(pose(body, STAND, 0), PoseCondition(30, positions={"right_wrist": (-0.6, 3.0, 0.2)})),
        ),
        impossible=("right wrist", "out of reach"),
    )
    yield HardCase("a one-frame span", asked(1, "", poses=(pose(body, CROUCH, 0),)))


def recorded(store: ClipStore, body: Body) -> Iterator[HardCase]:
    """Two of the cases with poses of recordings as keys; a clip that is not in the set is left out."""
    for name, clip_id, places, prompt in (
        ("recorded: sit down on a stool", "cmu_13_01", (0, 60, 110), "a person sits down"),
        ("recorded: crawl, then get up", "deepmimic_getup_facedown", (0, 30, 60, 91), "a person gets up"),
    ):
        found = [clip for clip in store.clips if clip.id == clip_id]
        if not found:
            continue
        motion = store.motion(found[0])
        frames = tuple(frame for frame in places if frame < len(motion))
        length = frames[-1] + 1
        request = GenerationRequest(
            frames=length, poses=tuple(pose_key(motion, frame, body=body) for frame in frames), seed=1, steps=20,
            texts=(TextCondition(prompt, Span(0, length)),),
        )  # fmt: skip
        yield HardCase(name, request, recorded=True)


def key_frames(request: GenerationRequest) -> Sequence[int]:
    """Frames with a pose key or a path point."""
    return sorted({pose.frame for pose in request.poses} | {point.frame for point in request.waypoints})


def root_speed(motion: Motion) -> NDArray[np.float64]:
    """(T,) m/s of the root to the next frame; the last one repeats."""
    if len(motion) < 2:
        return np.zeros(len(motion))
    speed = np.linalg.norm(np.diff(motion.translation.astype(np.float64), axis=0), axis=-1) * motion.fps
    return np.append(speed, speed[-1])
