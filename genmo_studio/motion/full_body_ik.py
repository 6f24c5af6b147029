"""Full-body inverse kinematics of one pose: drag any joint, keep others where they are, and the body follows.

The answer is the pose of least effort that meets the goals and pins. Effort is measured from the pose at the start of
the drag, so the answer depends on where the pointer is and not on the way it took there: a goal that comes back brings
the pose back, one that stands still moves nothing, and a small move of a goal is a small move of the pose. Limbs are
cheap to move, collars and the spine dear and the root dearest, so that the body leans and steps as far as it must and
no further. On top comes, softly, the balance over planted feet.

Each iteration is one Newton step of that effort with goals and pins as stiff springs (pins a hundred times stiffer), on
the variables of ``motion.ik_limbs``. A goal pulls with no more than a fixed force, so that one out of reach stretches
the body towards it without tearing the pins. Positions in m, rotations in rad.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik import LIMBS
from genmo_studio.motion.ik_limbs import (
    LENGTHS,
    LIMB_JOINTS,
    LOCKABLE,
    MIDDLE,
    START,
    TURNS,
    VARIABLES,
    Limbs,
    Placed,
    State,
    sine_of_turn,
)
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.rotations import rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT, PARENTS
from genmo_studio.shapes import Bool, Float, Int

Floats = NDArray[np.float64]

ITERATIONS = 24
_SETTLED = 1e-5  # m and rad: a step smaller than this ends the search
_MET = 1e-9
_GOAL, _PIN = 1e5, 1e7  # stiffness of positions, 1/m^2
_TIGHTEST = 5e3  # the strongest pull that counts for tension
_TURN_PULL = 0.1  # rad: as _PULL, of rotations
_TURN_SHARE = 0.1  # stiffness of a rotation against that of a position: 1 rad counts like 0.3 m
_PULL = 0.01  # m: from this distance on a goal pulls with the same force
_AIM = 0.4  # m: an iteration aims at most this far
_LONGEST_TURN, _LONGEST_MOVE, _LONGEST_STRETCH = 0.6, 0.3, 0.2  # of one iteration

# Effort of a radian squared, by joint, and of a metre squared; only their ratios matter.
_TURN_EFFORT = np.array(
    [30, 1, 1, 14, 1, 1, 14, 3, 3, 14, 3, 3, 8, 10, 10, 6, 1, 1, 1, 1, 2, 2, 2, 2], np.float64
)  # fmt: skip
_ROOT_EFFORT = 120.0
_LENGTH_EFFORT = 12.0
_STRETCH_FROM, _STRETCH_EFFORT = 0.96, 4000.0  # a limb nearly at its full length asks the body for help
_BALANCE_EFFORT, _BALANCE_GIVES = 150.0, 0.08  # the latter in m
_FEET = frozenset({INDEX["left_ankle"], INDEX["right_ankle"], INDEX["left_foot"], INDEX["right_foot"]})


def _mass_shares() -> Floats:
    """(24,) shares of the body's mass at its joints: de Leva 1996, half of a segment at each of its ends."""
    segments = {
        ("neck", "head"): 0.0694, ("pelvis", "spine1"): 0.1117, ("spine1", "spine2"): 0.1000,
        ("spine2", "spine3"): 0.11, ("spine3", "neck"): 0.1129,
        ("left_shoulder", "left_elbow"): 0.0271, ("right_shoulder", "right_elbow"): 0.0271,
        ("left_elbow", "left_wrist"): 0.0162, ("right_elbow", "right_wrist"): 0.0162,
        ("left_wrist", "left_hand"): 0.0061, ("right_wrist", "right_hand"): 0.0061,
        ("left_hip", "left_knee"): 0.1416, ("right_hip", "right_knee"): 0.1416,
        ("left_knee", "left_ankle"): 0.0433, ("right_knee", "right_ankle"): 0.0433,
        ("left_ankle", "left_foot"): 0.0137, ("right_ankle", "right_foot"): 0.0137,
    }  # fmt: skip
    shares = np.zeros(JOINT_COUNT)
    for ends, mass in segments.items():
        for end in ends:
            shares[INDEX[end]] += mass / 2
    return np.asarray(shares / shares.sum())


_MASS = _mass_shares()
_BALANCING = np.ones(VARIABLES)
"""Variables that keep the balance: the trunk and the legs; arms that wave about for it look like a tightrope."""
for _arm in ("left_collar", "left_shoulder", "left_elbow", "left_wrist", "left_hand"):
    for _joint in (INDEX[_arm], INDEX[_arm.replace("left", "right")]):
        _BALANCING[3 + 3 * _joint : 6 + 3 * _joint] = 0
_BALANCING[LENGTHS] = [limb.end in (INDEX["left_ankle"], INDEX["right_ankle"]) for limb in LIMBS.values()]


@dataclass(frozen=True, eq=False)
class Effector:
    """What is asked of one joint: where it is, how it is turned, or both."""

    joint: int
    position: Float[Floats, "3"] | None = None
    """in the world, m"""
    rotation: Float[Floats, "3 3"] | None = None
    """in the world"""
    weight: float = 1.0
    """0 to 1"""


@dataclass(frozen=True)
class Miss:
    """How far an effector is from what was asked; 0 where nothing was."""

    metres: float = 0.0
    radians: float = 0.0


@dataclass(frozen=True, eq=False)
class Solved:
    """The pose of least effort and what it left over."""

    pose: Pose
    goals: tuple[Miss, ...]
    """in the order of the goals"""
    pins: tuple[Miss, ...]
    iterations: int
    """how many were needed"""
    settled: bool
    """whether the search came to rest"""


def held(pose: Pose, rest_joints: Float[Floats, "24 3"], joint: int, *, position: bool, rotation: bool) -> Effector:
    """A pin that keeps a joint where it is, as it is turned, or both."""
    turned, placed = pose.world(rest_joints)
    return Effector(joint, placed[joint] if position else None, turned[joint] if rotation else None)


def solve(
    pose: Pose,
    rest_joints: Float[Floats, "24 3"],
    *,
    goals: Sequence[Effector],
    pins: Sequence[Effector] = (),
    free: frozenset[int] | None = None,
    move_root: bool = True,
    rest: Pose | None = None,
    iterations: int = ITERATIONS,
) -> Solved:
    """The pose in which ``goals`` are met as far as ``pins`` and reach allow.

    ``rest`` is the pose at the start of the drag (default: ``pose``) and ``pose`` the answer of the event before, from
    which the search starts. Only ``free`` joints turn (None: all but the two hands' tips); the root moves with
    ``move_root``. Joints that did not turn keep the very numbers of ``rest``. Raises ValueError when an effector asks
    for nothing or has no joint of the body.
    """
    _check([*goals, *pins])
    problem = _Problem.of(rest or pose, rest_joints, goals=goals, pins=pins, free=free, move_root=move_root)
    return problem.solved(pose, iterations=iterations)


def _check(effectors: Sequence[Effector]) -> None:
    for effector in effectors:
        if not 0 <= effector.joint < JOINT_COUNT:
            raise ValueError(f"there is no joint {effector.joint}")
        if effector.position is None and effector.rotation is None:
            raise ValueError(f"the effector of joint {effector.joint} asks for neither a position nor a rotation")


@dataclass(frozen=True, eq=False)
class _Problem:
    """One solve, with everything that stays the same over its iterations."""

    rest: Pose
    limbs: Limbs
    home: State
    effectors: tuple[Effector, ...]
    reaching: NDArray[np.int64]
    """joints with a position to reach"""
    targets: Float[Floats, "n 3"]
    stiffness: Float[Floats, " n"]
    reaching_goal: Bool[NDArray[np.bool_], " n"]
    """which of them are goals"""
    bones: Int[NDArray[np.int64], "3 bones"]
    """joint above, joint below and number of the reaching joint, for all bones that lead to one"""
    goals: int
    """how many of the effectors are goals; they come first"""
    columns: NDArray[np.int64]
    """variables that may change"""
    effort: Float[Floats, "79"]
    soft_lengths: Float[Floats, "4"]
    balance: Float[Floats, "2"] | None
    """x, z where the centre of mass was"""
    anchors: NDArray[np.int64]

    @staticmethod
    def of(
        rest: Pose,
        rest_joints: Float[Floats, "24 3"],
        *,
        goals: Sequence[Effector],
        pins: Sequence[Effector],
        free: frozenset[int] | None,
        move_root: bool,
    ) -> "_Problem":
        turning = np.zeros(JOINT_COUNT, bool)
        turning[list(range(BODY_JOINT_COUNT) if free is None else sorted(free))] = True
        if not move_root:
            turning[0] = False
        effectors = (*goals, *pins)
        locked = {
            effector.joint: np.asarray(effector.rotation, np.float64)
            for effector in effectors  # a pin comes later and wins
            if effector.rotation is not None and effector.joint in LOCKABLE and turning[effector.joint]
        }
        local = rest.matrices()
        rest_joints = np.asarray(rest_joints, np.float64)
        limbs = Limbs.of(local, rest_joints, locked=locked, compensated=turning[START] & turning[MIDDLE])
        home = limbs.state_of(local, rest.translation)
        asked = {effector.joint for effector in effectors if effector.position is not None}
        reaching = np.array([bool(asked & set(LIMB_JOINTS[:, limb].tolist())) for limb in range(len(START))])
        balance = None
        if move_root and _FEET & {effector.joint for effector in pins if effector.position is not None}:
            balance = (_MASS @ rest.world(rest_joints)[1])[[0, 2]]
        positions = [(index, effector) for index, effector in enumerate(effectors) if effector.position is not None]
        return _Problem(
            rest=rest,
            reaching=np.array([effector.joint for _, effector in positions], np.int64),
            targets=np.array([effector.position for _, effector in positions], np.float64).reshape(-1, 3),
            stiffness=np.array([effector.weight * (_GOAL if i < len(goals) else _PIN) for i, effector in positions]),
            reaching_goal=np.array([index < len(goals) for index, _ in positions], bool),
            bones=_bones([effector.joint for _, effector in positions]),
            limbs=limbs,
            home=home,
            effectors=effectors,
            goals=len(goals),
            columns=_columns(turning, locked.keys(), reaching, move_root=move_root),
            effort=np.concatenate(
                [np.full(3, _ROOT_EFFORT), np.repeat(_TURN_EFFORT, 3), np.full(len(START), _LENGTH_EFFORT)]
            ),
            soft_lengths=np.maximum(_STRETCH_FROM * limbs.longest, home.lengths),
            balance=balance,
            anchors=limbs.anchors(),
        )

    def solved(self, pose: Pose, *, iterations: int) -> Solved:
        limbs, columns = self.limbs, self.columns
        state = limbs.state_of(pose.matrices(), pose.translation)
        placed = limbs.place(state)
        settled, count = self._at_rest(pose, placed), 0
        before, share = np.zeros(VARIABLES), 1.0
        while not settled and count < iterations:
            count += 1
            step = np.zeros(VARIABLES)
            square, push = self._system(state, placed)
            square, push = square[np.ix_(columns, columns)], push[columns]
            step[columns] = np.linalg.solve(square, push)
            bound = self._over_the_bounds(state, step)
            if bound.any():
                step[columns] = _solved_with(square, push, columns, bound, self._bounded(state, step))
            share = max(share / 2, 1 / 8) if step @ before < -0.3 * (step @ step) else min(2 * share, 1.0)
            before = step
            step = step * (share * _shortened(step))
            settled = float(np.abs(step).max()) < _SETTLED
            state = limbs.stepped(state, step)
            placed = limbs.place(state)
        misses = tuple(_miss(effector, placed) for effector in self.effectors)
        answer = pose if count == 0 else self._pose_of(state, placed)
        return Solved(answer, misses[: self.goals], misses[self.goals :], count, settled)

    def _at_rest(self, pose: Pose, placed: Placed) -> bool:
        if not pose.same_as(self.rest):
            return False
        misses = [_miss(effector, placed) for effector in self.effectors]
        return all(miss.metres < _MET and miss.radians < _MET for miss in misses)

    def _system(self, state: State, placed: Placed) -> tuple[Float[Floats, "79 79"], Float[Floats, "79"]]:
        """Curvature of the effort and its downhill push."""
        away = np.concatenate(
            [
                state.root - self.home.root,
                sine_of_turn(state.turns, self.home.turns).ravel(),
                state.lengths - self.home.lengths,
            ]
        )
        effort = self.effort.copy()
        push = -effort * away
        over = state.lengths - self.soft_lengths
        stretched = np.where(over > 0, _STRETCH_EFFORT, 0.0)
        effort[LENGTHS] += stretched
        push[LENGTHS] -= stretched * over
        levers, lengthening = self.limbs.levers(placed, self.anchors)
        rows, stiffness, pulls = [], [], []
        if len(self.reaching):
            moved = self.limbs.position_jacobian(placed, levers[self.reaching], lengthening[self.reaching])
            springs, forces = self._springs(self.targets - placed.positions[self.reaching], self.stiffness)
            turned, tight = self._tension(placed, forces)
            rows += [moved.reshape(-1, VARIABLES), turned]
            stiffness += [np.repeat(springs, 3), tight]
            pulls += [forces.ravel(), np.zeros(len(tight))]
        for row, spring, pull in (*self._turn_rows(placed), *self._balance_rows(placed, levers, lengthening)):
            rows.append(row)
            stiffness.append(np.full(len(row), spring))
            pulls.append(pull)
        jacobian = np.concatenate(rows)
        square = jacobian.T @ (np.concatenate(stiffness)[:, None] * jacobian)
        square[np.diag_indices(VARIABLES)] += effort
        return square, push + jacobian.T @ np.concatenate(pulls)

    def _springs(self, missing: Float[Floats, "n 3"], stiffness: Float[Floats, " n"]) -> tuple[Floats, Floats]:
        """Stiffness (n,) and force (n, 3) of springs; a goal's pulls no stronger than it does at ``_PULL``."""
        distance = np.sqrt((missing * missing).sum(-1))
        gives = (self.reaching_goal) & (distance > _PULL)
        force = np.where(gives, _PULL / np.maximum(distance, 1e-12), 1.0) * stiffness
        return np.where(gives, stiffness * _PULL / np.clip(distance, 1e-12, _AIM), stiffness), force[:, None] * missing

    def _turn_rows(self, placed: Placed) -> Iterator[tuple[Floats, float, Floats]]:
        """Jacobian, stiffness and pull of the rotations that are asked for and not locked."""
        for index, effector in enumerate(self.effectors):
            if effector.rotation is None or effector.joint in self.limbs.locked:
                continue
            turn = rotvec_from_matrix(effector.rotation @ placed.world[effector.joint].T)
            stiffness = effector.weight * _TURN_SHARE * (_GOAL if index < self.goals else _PIN)
            if index < self.goals:
                stiffness *= min(1.0, _TURN_PULL / max(float(np.sqrt(turn @ turn)), 1e-12))
            yield self.limbs.turning_jacobian(placed)[effector.joint], stiffness, stiffness * turn

    def _balance_rows(
        self, placed: Placed, levers: Floats, lengthening: Floats
    ) -> Iterator[tuple[Floats, float, Floats]]:
        """The same of the centre of mass over the ground, where feet are planted."""
        if self.balance is None:
            return
        moved = self.limbs.position_jacobian(
            placed, np.tensordot(_MASS, levers, 1)[None], np.tensordot(_MASS, lengthening, 1)[None]
        )[0, [0, 2]]
        off = self.balance - (_MASS @ placed.positions)[[0, 2]]
        stiffness = _BALANCE_EFFORT * min(1.0, _BALANCE_GIVES / max(float(np.sqrt(off @ off)), 1e-9))
        yield moved * _BALANCING, stiffness, stiffness * off

    def _tension(self, placed: Placed, pulls: Float[Floats, "effectors 3"]) -> tuple[Floats, Floats]:
        """What a chain that is pulled tight resists to being bent, as a rope does: rows and their stiffnesses.

        A bone l under a force f that turns by w changes the work by (f.l |w|^2 - (f.w)(l.w)) / 2: the springs alone
        don't tell. What is negative of it (a bone that is pushed) is left out.
        """
        upper, lower, effector = self.bones
        strength = np.sqrt((pulls * pulls).sum(-1))
        line = pulls / np.maximum(strength, 1e-12)[:, None]
        tight = np.minimum(strength, _TIGHTEST)[effector] * (
            (placed.positions[lower] - placed.positions[upper]) * line[effector]
        ).sum(-1)
        across = np.eye(3) - line[:, :, None] * line[:, None, :]
        turned = across[effector] @ self.limbs.turning_jacobian(placed)[upper]
        return turned.reshape(-1, VARIABLES), np.repeat(np.maximum(tight, 0), 3)

    def _over_the_bounds(self, state: State, step: Floats) -> Bool[NDArray[np.bool_], "4"]:
        lengths = state.lengths + step[LENGTHS]
        return np.asarray((lengths > self.limbs.longest) | (lengths < self.limbs.shortest))

    def _bounded(self, state: State, step: Floats) -> Floats:
        lengths = np.clip(state.lengths + step[LENGTHS], self.limbs.shortest, self.limbs.longest)
        return np.asarray(lengths - state.lengths)

    def _pose_of(self, state: State, placed: Placed) -> Pose:
        """Joints that did not turn keep their numbers."""
        rotations = self.rest.rotations.copy()
        home = self.limbs.place(self.home).local
        turned = np.flatnonzero(np.abs(placed.local - home).max(axis=(1, 2)) > 1e-12)
        rotations[turned] = rotvec_from_matrix(placed.local[turned])
        return Pose(rotations, state.root)


def _bones(joints: Sequence[int]) -> Int[NDArray[np.int64], "3 bones"]:
    found = []
    for number, joint in enumerate(joints):
        below = joint
        while (above := PARENTS[below]) >= 0:
            found.append((above, below, number))
            below = above
    return np.array(found, np.int64).reshape(-1, 3).T


def _columns(
    turning: Bool[NDArray[np.bool_], "24"],
    locked: Collection[int],
    reaching: Bool[NDArray[np.bool_], "4"],
    *,
    move_root: bool,
) -> NDArray[np.int64]:
    """Which variables may change: nothing that a lock decides, and the length of a limb that something asks for."""
    free = np.zeros(VARIABLES, bool)
    free[:3] = move_root
    own = turning.copy()
    own[MIDDLE] = False
    own[list(locked)] = False
    free[TURNS] = np.repeat(own, 3)
    free[LENGTHS] = turning[MIDDLE] & reaching
    return np.flatnonzero(free)


def _solved_with(
    square: Floats, push: Floats, columns: NDArray[np.int64], bound: NDArray[np.bool_], values: Floats
) -> Floats:
    """The step again, with the lengths that would pass their bounds held at them."""
    square, push = square.copy(), push.copy()
    for limb in np.flatnonzero(bound):
        at = int(np.searchsorted(columns, LENGTHS.start + limb))
        push -= square[:, at] * values[limb]
        square[at, :], square[:, at] = 0.0, 0.0
        square[at, at], push[at] = 1.0, values[limb]
    return np.asarray(np.linalg.solve(square, push))


def _shortened(step: Floats) -> float:
    turns = step[TURNS].reshape(-1, 3)
    sizes = (
        float(np.sqrt((turns * turns).sum(-1).max())) / _LONGEST_TURN,
        float(np.sqrt(step[:3] @ step[:3])) / _LONGEST_MOVE,
        float(np.abs(step[LENGTHS]).max()) / _LONGEST_STRETCH,
    )
    return 1 / max(1.0, *sizes)


def _miss(effector: Effector, placed: Placed) -> Miss:
    metres = radians = 0.0
    if effector.position is not None:
        metres = float(np.linalg.norm(effector.position - placed.positions[effector.joint]))
    if effector.rotation is not None:
        radians = float(np.linalg.norm(rotvec_from_matrix(effector.rotation @ placed.world[effector.joint].T)))
    return Miss(metres, radians)
