"""Moving a joint so that the body follows: the one place where the viewport asks for inverse kinematics. Pure.

Three modes share one call: the whole body follows, only the limb of the joint, or only the selected joints. Pins hold
the place, the orientation or both that their joint had when the drag began.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.full_body_ik import Effector, Solver, held
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS, PARENTS, REGIONS

Floats = NDArray[np.float64]

PINNABLE = ("left_wrist", "right_wrist", "left_ankle", "right_ankle", "head", "pelvis")
"""Joints that a pin can hold."""
WHILE_DRAGGED = 8
"""Most iterations an event of a drag: the search goes on from the answer before, so it needs few of them."""
AT_MOST = 0.006
"""s an event of a drag may search; what is left to be found is found at the next, or when the pointer rests."""
UNSEEN = 4e-4
"""m: while dragged, a search that moves no joint by more than this goes on when the pointer rests."""
_STILL = 1e-5  # rad: an answer that differs by less from the one before is the same
THOROUGH = 60
"""Most iterations of an answer that is kept."""
_PATIENCE = 0.5  # s, likewise
LIMBS = ("left_arm", "right_arm", "left_leg", "right_leg", "spine")


class IkMode(Enum):
    """What follows a joint that is moved."""

    FULL_BODY = "Full Body"
    BODY_PART = "Body Part"
    SELECTION = "Selection"


class Pin(msgspec.Struct, frozen=True):
    """What of a joint is held."""

    place: bool = True
    turn: bool = False


class Moved(msgspec.Struct, frozen=True, eq=False):
    """The pose after a move, and how far it stays from what was asked."""

    pose: Pose
    missing: Mapping[int, float]
    """m between each dragged joint and its goal"""
    settled: bool
    """whether asking again would give the same"""
    drag: "Drag"


class Drag:
    """Joints on their way to places, from the pose that they begin with; each answer goes on from the one before."""

    def __init__(
        self,
        start: Pose,
        rest_joints: Floats,
        *,
        joints: Iterable[int],
        pins: Mapping[int, Pin],
        free: frozenset[int],
    ) -> None:
        """``joints`` are dragged; pinned ones stay. The root moves when it is ``free`` or is itself dragged."""
        self._joints = tuple(joints)
        self._pose = start
        held_joints = [
            held(start, rest_joints, joint, position=pin.place, rotation=pin.turn)
            for joint, pin in sorted(pins.items())
            if joint not in self._joints
        ]
        self._solver = Solver(
            start,
            rest_joints,
            goals=[held(start, rest_joints, joint, position=True, rotation=False) for joint in self._joints],
            pins=held_joints,
            free=free | (_bending_for(held_joints) if 0 in free else frozenset()),
            move_root=0 in free or 0 in self._joints,
        )

    def to(self, goals: Mapping[int, Floats], *, thoroughly: bool) -> Moved:
        """The pose with the dragged joints at these places (3,) in m, as far as it can be done.

        ``thoroughly`` searches until nothing moves any more, otherwise only as long as a drag allows.
        """
        places = [np.asarray(goals[joint], np.float64) for joint in self._joints]
        if thoroughly:
            solved = self._solver.moved(places, iterations=THOROUGH, seconds=_PATIENCE)
        else:
            solved = self._solver.moved(places, iterations=WHILE_DRAGGED, unseen=UNSEEN, seconds=AT_MOST)
        missing = {joint: miss.metres for joint, miss in zip(self._joints, solved.goals, strict=True)}
        before, self._pose = self._pose, solved.pose
        still = float(np.abs(solved.pose.rotations - before.rotations).max()) < _STILL
        return Moved(solved.pose, missing, solved.settled or still, self)  # a search that pins stop comes to no rest


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


def _bending_for(pins: Iterable[Effector]) -> frozenset[int]:
    """What has to bend so that a pinned hand or foot stays: its limb."""
    limbs = (limb_names(JOINTS[pin.joint]) for pin in pins if JOINTS[pin.joint] not in {"pelvis", "head"})
    return frozenset(INDEX[name] for limb in limbs for name in limb)
