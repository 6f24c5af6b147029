"""Moving a joint so that the body follows: the one place where the viewport asks for inverse kinematics. Pure.

Three modes share one call: the whole body follows, only the limb of the joint, or only the selected joints. Pins hold
the place, the orientation or both that their joint had when the drag began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.full_body_ik import ITERATIONS, Effector, held, solve
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS, PARENTS, REGIONS

Floats = NDArray[np.float64]

PINNABLE = ("left_wrist", "right_wrist", "left_ankle", "right_ankle", "head", "pelvis")
"""Joints that a pin can hold."""
WHILE_DRAGGED = 8
"""Iterations an event of a drag: the search goes on from the answer before, so it needs few of them."""
LIMBS = ("left_arm", "right_arm", "left_leg", "right_leg", "spine")


class IkMode(Enum):
    """What follows a joint that is moved."""

    FULL_BODY = "Full Body"
    BODY_PART = "Body Part"
    SELECTION = "Selection"


@dataclass(frozen=True)
class Pin:
    """What of a joint is held."""

    place: bool = True
    turn: bool = False


@dataclass(frozen=True, eq=False)
class Moved:
    """The pose after a move, and how far it stays from what was asked."""

    pose: Pose
    missing: Mapping[int, float]
    """m between each dragged joint and its goal"""


def limb_names(joint: str) -> frozenset[str]:
    """The joints of the arm, leg or spine that a joint belongs to; the pelvis is its own part."""
    index = INDEX[joint]
    for name in LIMBS:
        if index in REGIONS[name]:
            return frozenset(JOINTS[j] for j in REGIONS[name])
    return frozenset({joint})


def free_joints(mode: IkMode, joint: int, selected: Iterable[str]) -> frozenset[int]:
    """The joints that may turn when a joint is moved."""
    if mode is IkMode.FULL_BODY:
        return frozenset(range(BODY_JOINT_COUNT))
    if mode is IkMode.BODY_PART:
        return frozenset(INDEX[name] for name in limb_names(JOINTS[joint]))
    chosen = frozenset(INDEX[name] for name in selected)
    return chosen | {joint} if len(chosen) > 1 else frozenset({joint, max(PARENTS[joint], 0)})


def move(
    start: Pose,
    rest_joints: Floats,
    *,
    goals: Mapping[int, Floats],
    pins: Mapping[int, Pin],
    free: frozenset[int],
    former: Pose | None = None,
    iterations: int = ITERATIONS,
) -> Moved:
    """The pose with these joints at these places (3,) in m, as far as it can be done; pinned joints stay.

    ``start`` is the pose at the beginning of the drag, ``former`` the answer before this one, from which the search
    goes on. The root moves when it is among the ``free`` joints or is itself dragged.
    """
    held_joints = [
        held(start, rest_joints, joint, position=pin.place, rotation=pin.turn)
        for joint, pin in sorted(pins.items())
        if joint not in goals
    ]
    solved = solve(
        former or start,
        rest_joints,
        goals=[Effector(joint, position=np.asarray(place, np.float64)) for joint, place in goals.items()],
        pins=held_joints,
        free=free | (_bending_for(held_joints) if 0 in free else frozenset()),
        move_root=0 in free or 0 in goals,
        rest=start,
        iterations=iterations,
    )
    missing = {joint: miss.metres for joint, miss in zip(goals, solved.goals, strict=True)}
    return Moved(solved.pose, missing)


def _bending_for(pins: Iterable[Effector]) -> frozenset[int]:
    """What has to bend so that a pinned hand or foot stays: its limb."""
    limbs = (limb_names(JOINTS[pin.joint]) for pin in pins if JOINTS[pin.joint] not in {"pelvis", "head"})
    return frozenset(INDEX[name] for limb in limbs for name in limb)
