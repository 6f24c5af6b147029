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
    away_from,
)
from genmo_studio.motion.ik_rows import MASS, Rows
from genmo_studio.motion.joint_limits import Limits, stress
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.pose_prior import PosePrior, feature_rates, features
from genmo_studio.motion.rotations import rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT
from genmo_studio.shapes import Bool, Float

Floats = NDArray[np.float64]

ITERATIONS = 12
_SETTLED = 1e-4  # m and rad: a step smaller than this ends the search
_MET = 1e-9
_GOAL, _PIN = 1e5, 1e7  # stiffness of positions, 1/m^2
_TIGHTEST = 5e3  # the strongest pull that counts for tension
_TURN_PULL = 0.1  # rad: as _PULL, of rotations
_TURN_SHARE = 0.1  # stiffness of a rotation against that of a position: 1 rad counts like 0.3 m
_PULL = 0.0025  # m: from this distance on a goal pulls with the same force
_AIM = 0.4  # m: an iteration aims at most this far
_MOST_CREEP = 6.0
_LONGEST_TURN, _LONGEST_MOVE, _LONGEST_STRETCH = 0.6, 0.3, 0.2  # of one iteration

# Effort of a radian squared, by joint, and of a metre squared; only their ratios matter.
_TURN_EFFORT = np.array(
    [30, 1, 1, 14, 1, 1, 14, 3, 3, 14, 3, 3, 8, 10, 10, 6, 1, 1, 1, 1, 2, 2, 2, 2], np.float64
)  # fmt: skip
_ROOT_EFFORT = 120.0
_LENGTH_EFFORT = 12.0
# A limb nearly at its full length asks the body for help: arms gently, so that they end straight; legs firmly, because
# a knee that snaps straight pops.
_STRETCH_FROM = np.array([0.985, 0.985, 0.96, 0.96])
_STRETCH_EFFORT = np.array([3e4, 3e4, 4e3, 4e3])
_BALANCE_EFFORT, _BALANCE_GIVES = 400.0, 0.3  # the latter in m
_FEET = frozenset({INDEX["left_ankle"], INDEX["right_ankle"], INDEX["left_foot"], INDEX["right_foot"]})


_EFFORT = np.concatenate([np.full(3, _ROOT_EFFORT), np.repeat(_TURN_EFFORT, 3), np.full(len(LIMBS), _LENGTH_EFFORT)])
# Shares of the effort to leave the pose before the drag that full suggestion keeps; a prior knows no heading or place.
_EFFORT_LEFT = np.concatenate([np.full(6, 0.5), np.full(VARIABLES - 6, 0.15)])
_LIMIT_EFFORT = 60.0
_PRIOR_EFFORT = 0.3
_LIMB_OF_MIDDLE = {int(joint): limb for limb, joint in enumerate(MIDDLE)}
_HELD = 1e12  # stiffness of what is held
_DIAGONAL = np.diag_indices(VARIABLES)
_TURN_AT = (np.arange(VARIABLES)[TURNS]).reshape(JOINT_COUNT, 3)
_TURN_BLOCKS = (_TURN_AT[:, :, None], _TURN_AT[:, None, :])
_OTHERS = np.setdiff1d(np.arange(VARIABLES), _TURN_AT)
_OTHER_DIAGONAL = (_OTHERS, _OTHERS)
_LENGTH_DIAGONAL = (np.arange(VARIABLES)[LENGTHS], np.arange(VARIABLES)[LENGTHS])
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

    @property
    def stress(self) -> Float[Floats, "24"]:
        """How close each joint is to its anatomical limit: see ``joint_limits.stress``."""
        return stress(self.pose.rotations)


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
    prior: PosePrior | None = None,
    suggest: float = 0.0,
    iterations: int = ITERATIONS,
) -> Solved:
    """The pose in which ``goals`` are met as far as ``pins`` and reach allow.

    ``rest`` is the pose at the start of the drag (default: ``pose``) and ``pose`` the answer of the event before, from
    which the search starts. Only ``free`` joints turn (None: all but the two hands' tips); the root moves with
    ``move_root``. Joints that did not turn keep the very numbers of ``rest``.

    With a ``prior``, ``suggest`` (0 to 1) says how far the free joints that nothing asks for leave ``rest`` for what is
    likely; at 1 the prior, the goals and the pins count, and ``rest`` hardly; at 0 the prior counts for nothing. Raises
    ValueError when an effector asks for nothing or has no joint of the body.
    """
    _check([*goals, *pins])
    problem = _Problem.of(
        rest or pose, rest_joints, goals=goals, pins=pins, free=free, move_root=move_root, prior=prior, suggest=suggest
    )
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
    goals: int
    """how many of the effectors are goals; they come first"""
    rows: Rows
    targets: Float[Floats, "n 3"]
    stiffness: Float[Floats, " n"]
    gives: Bool[NDArray[np.bool_], " n"]
    """which of the targets are goals"""
    fixed: Bool[NDArray[np.bool_], " 79"]
    """variables that may not change"""
    held: Float[Floats, " 79"]
    """the stiffness that holds them"""
    effort: Float[Floats, " 79"]
    soft_lengths: Float[Floats, " 4"]
    limits: Limits
    suggest: float
    prior: PosePrior | None
    likely: Float[Floats, " 141"] | None
    """features of the pose that the prior pulls towards"""
    balance: Float[Floats, " 2"] | None
    """x, z where the centre of mass was"""

    @staticmethod
    def of(
        rest: Pose,
        rest_joints: Float[Floats, "24 3"],
        *,
        goals: Sequence[Effector],
        pins: Sequence[Effector],
        free: frozenset[int] | None,
        move_root: bool,
        prior: PosePrior | None,
        suggest: float,
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
        limbs = Limbs.of(
            local,
            np.asarray(rest_joints, np.float64),
            locked=locked,
            compensated=turning[START] & turning[MIDDLE],
        )
        home = limbs.state_of(local, rest.translation)
        placing = [(index, effector) for index, effector in enumerate(effectors) if effector.position is not None]
        asked = {effector.joint for _, effector in placing}
        reaching = np.array([bool(asked & set(limb)) for limb in LIMB_JOINTS.T.tolist()])
        fixed = _fixed(turning, locked.keys(), reaching, move_root=move_root)
        balance = None
        if move_root and any(index >= len(goals) and effector.joint in _FEET for index, effector in placing):
            balance = (MASS @ limbs.place(home).positions)[[0, 2]]
        return _Problem(
            rest=rest,
            limbs=limbs,
            home=home,
            effectors=effectors,
            goals=len(goals),
            rows=Rows.of(tuple(effector.joint for _, effector in placing), tuple(sorted(locked))),
            targets=np.array([effector.position for _, effector in placing], np.float64).reshape(-1, 3),
            stiffness=np.array([e.weight * (_GOAL if index < len(goals) else _PIN) for index, e in placing]),
            gives=np.array([index < len(goals) for index, _ in placing], bool),
            fixed=fixed,
            held=np.where(fixed, _HELD, 0.0),
            effort=_EFFORT if prior is None else _EFFORT * (1 - suggest * (1 - _EFFORT_LEFT)),
            limits=Limits.around(limbs.place(home).local),
            suggest=suggest,
            prior=prior if suggest > 0 else None,
            likely=None
            if prior is None
            else (1 - suggest) * features(local, limbs.place(home).world) + suggest * prior.mean,
            soft_lengths=np.maximum(_STRETCH_FROM * limbs.longest, home.lengths),
            balance=balance,
        )

    def solved(self, pose: Pose, *, iterations: int) -> Solved:
        limbs = self.limbs
        state = limbs.state_of(pose.matrices(), pose.translation)
        placed = limbs.place(state)
        settled, count = self._at_rest(pose, placed), 0
        before, share = np.zeros(VARIABLES), 1.0
        forces: Floats | None = None
        while not settled and count < iterations:
            count += 1
            step, forces = self._step(state, placed, forces)
            share = _share(step, before, share)
            before = step
            step = step * (share * _shortened(share * step))
            settled = float(np.abs(step).max()) < _SETTLED
            state = limbs.stepped(state, step)
            placed = limbs.place(state)
        misses = tuple(_miss(effector, placed) for effector in self.effectors)
        answer = pose if count == 0 else self._pose_of(state, placed)
        return Solved(answer, misses[: self.goals], misses[self.goals :], count, settled)

    def _at_rest(self, pose: Pose, placed: Placed) -> bool:
        if self.prior is not None or not pose.same_as(self.rest):
            return False
        misses = [_miss(effector, placed) for effector in self.effectors]
        return all(miss.metres < _MET and miss.radians < _MET for miss in misses)

    def _step(self, state: State, placed: Placed, forces: Floats | None) -> tuple[Float[Floats, " 79"], Floats]:
        """One Newton step, and the forces of the springs that will be left after it.

        Those of the step before say how tight the limbs are pulled; the first step is worked out twice to know them.
        """
        system = self._system(state, placed)
        if forces is None:
            forces = system.forces_after(self._solved_within_bounds(state, system.square, system.push))
        square = system.square
        if len(self.targets):
            square = square.copy()
            square[TURNS, TURNS] += self.rows.tension(placed, forces, most=_TIGHTEST)
        step = self._solved_within_bounds(state, square, system.push)
        return step, system.forces_after(step)

    def _solved_within_bounds(self, state: State, square: Floats, push: Floats) -> Float[Floats, " 79"]:
        """The step; lengths that would pass their bounds are held at them and the rest is solved again."""
        step = np.linalg.solve(square, push)
        lengths = state.lengths + step[LENGTHS]
        bounded = np.minimum(np.maximum(lengths, self.limbs.shortest), self.limbs.longest)
        over = bounded != lengths
        if over.any():
            held = np.where(over, _HELD, 0.0)
            square, push = square.copy(), push.copy()
            square[_LENGTH_DIAGONAL] += held
            push[LENGTHS] += held * (bounded - state.lengths)
            step = np.linalg.solve(square, push)
        step[self.fixed] = 0.0
        return np.asarray(step)

    def _system(self, state: State, placed: Placed) -> "_System":
        """The effort's curvature and downhill push, without tension."""
        effort = self.effort.copy()
        push = np.empty(VARIABLES)
        slope, curvature = away_from(state.turns, self.home.turns)
        push[:3] = self.home.root - state.root
        push[TURNS] = -slope.ravel()
        push[LENGTHS] = self.home.lengths - state.lengths
        push *= effort
        over = state.lengths - self.soft_lengths
        stretched = _STRETCH_EFFORT * (over > 0)
        effort[LENGTHS] += stretched
        push[LENGTHS] -= stretched * over
        jacobian, springs, pulls = self._position_rows(placed)
        for row, spring, pull in self._turn_rows(placed):
            jacobian = np.concatenate([jacobian, row])
            springs = np.concatenate([springs, np.full(3, spring)])
            pulls = np.concatenate([pulls, pull])
        square = jacobian.T @ (springs[:, None] * jacobian)
        square[_TURN_BLOCKS] += effort[TURNS][::3, None, None] * curvature
        square[_OTHER_DIAGONAL] += effort[_OTHERS]
        square[_DIAGONAL] += self.held
        push += jacobian.T @ pulls
        self._add_limits(square, push, placed)
        self._add_prior(square, push, placed)
        push[self.fixed] = 0.0
        return _System(square, push, jacobian, springs, pulls, len(self.targets))

    def _position_rows(self, placed: Placed) -> tuple[Floats, Floats, Floats]:
        """Jacobian, stiffness and pull of the targets and the balance. A goal pulls no stronger than at ``_PULL``."""
        count = len(self.targets)
        points = self.rows.points @ placed.positions
        missing = self.targets - points[:count]
        distance = np.sqrt((missing * missing).sum(-1))
        far = self.gives & (distance > _PULL)
        jacobian = self.rows.jacobian(self.limbs, placed)
        springs, pulls = np.zeros((count + 1, 3)), np.zeros((count + 1, 3))
        springs[:count] = np.where(far, _PULL / np.minimum(np.maximum(distance, _PULL), _AIM), 1.0)[:, None]
        springs[:count] *= self.stiffness[:, None]
        pulls[:count] = (np.where(far, _PULL / np.maximum(distance, _PULL), 1.0) * self.stiffness)[:, None] * missing
        if self.balance is not None:
            off = self.balance - points[-1, [0, 2]]
            spring = _BALANCE_EFFORT * min(1.0, _BALANCE_GIVES / max(float(np.sqrt(off @ off)), 1e-9))
            springs[-1, [0, 2]] = spring
            pulls[-1, [0, 2]] = spring * off
            jacobian[-1] *= _BALANCING
        return jacobian.reshape(-1, VARIABLES), springs.ravel(), pulls.ravel()

    def _add_limits(self, square: Floats, push: Floats, placed: Placed) -> None:
        beyond, slopes, curvatures = self.limits.push(placed.local)
        for joint, slope, curvature in zip(beyond.tolist(), slopes, curvatures, strict=True):
            if joint in self.limbs.locked:
                continue
            if (limb := _LIMB_OF_MIDDLE.get(joint)) is not None:
                turn = self.limbs.axis[limb] * placed.bend_rate[limb]
                square[LENGTHS.start + limb, LENGTHS.start + limb] += _LIMIT_EFFORT * float(turn @ curvature @ turn)
                push[LENGTHS.start + limb] -= _LIMIT_EFFORT * float(turn @ slope)
            else:
                at = _TURN_AT[joint]
                square[at[:, None], at] += _LIMIT_EFFORT * curvature
                push[at] -= _LIMIT_EFFORT * slope

    def _add_prior(self, square: Floats, push: Floats, placed: Placed) -> None:
        if self.prior is None or self.likely is None:
            return
        local = self.limbs.local_of(placed)
        turning = self.limbs.turning_jacobian(placed)
        rates = feature_rates(local, placed.world, self.limbs.local_turning(placed, turning), turning)
        weighted = _PRIOR_EFFORT * self.suggest * (self.prior.precision @ rates)
        square += rates.T @ weighted
        push += (self.likely - features(local, placed.world)) @ weighted

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

    def _pose_of(self, state: State, placed: Placed) -> Pose:
        """Joints that did not turn keep their numbers."""
        rotations = self.rest.rotations.copy()
        local = self.limbs.local_of(placed)
        home = self.limbs.local_of(self.limbs.place(self.home))
        turned = np.flatnonzero(np.abs(local - home).max(axis=(1, 2)) > 1e-12)
        rotations[turned] = rotvec_from_matrix(local[turned])
        return Pose(rotations, state.root)


@dataclass(frozen=True, eq=False)
class _System:
    """The effort to the second order about a state."""

    square: Float[Floats, "79 79"]
    push: Float[Floats, " 79"]
    jacobian: Float[Floats, "rows 79"]
    springs: Float[Floats, " rows"]
    pulls: Float[Floats, " rows"]
    targets: int
    """how many positions are asked for; their rows come first"""

    def forces_after(self, step: Float[Floats, " 79"]) -> Float[Floats, "targets 3"]:
        """Forces of the springs of the positions that are left after a step."""
        rows = slice(0, 3 * self.targets)
        left = self.pulls[rows] - self.springs[rows] * (self.jacobian[rows] @ step)
        return np.asarray(left.reshape(-1, 3))


def _fixed(
    turning: Bool[NDArray[np.bool_], " 24"],
    locked: Collection[int],
    reaching: Bool[NDArray[np.bool_], " 4"],
    *,
    move_root: bool,
) -> Bool[NDArray[np.bool_], " 79"]:
    """Which variables may not change: what a lock decides, and the length of a limb that nothing asks for."""
    free = np.zeros(VARIABLES, bool)
    free[:3] = move_root
    own = turning.copy()
    own[MIDDLE] = False
    own[list(locked)] = False
    free[TURNS] = np.repeat(own, 3)
    free[LENGTHS] = turning[MIDDLE] & reaching
    return ~free


def _share(step: Floats, before: Floats, share: float) -> float:
    """How much of a step is taken: less where steps go to and fro, more where they creep in one direction (Aitken)."""
    size, last = float(np.sqrt(step @ step)), float(np.sqrt(before @ before))
    along = float(step @ before) / max(size * last, 1e-300)
    if along < -0.3:
        return max(min(share, 1.0) / 2, 1 / 8)
    if along > 0.9 and share >= 1 and size < last:
        return min(1 / (1 - size / last), _MOST_CREEP)
    return min(2 * share, 1.0)


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
