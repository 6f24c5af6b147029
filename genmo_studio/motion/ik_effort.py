"""What a pose costs a full-body solve: effort, balance, limits and a prior, with goals and pins as springs.

Told to the second order about a state, by the variables that matter: joints that no goal or pin depends on have no
columns. The solve itself is ``motion.full_body_ik``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik import LIMBS
from genmo_studio.motion.ik_balance import Support
from genmo_studio.motion.ik_layout import (
    LENGTHS,
    LIMB_JOINTS,
    LOCKABLE,
    MIDDLE,
    START,
    VARIABLES,
    ancestors,
)
from genmo_studio.motion.ik_limbs import Limbs
from genmo_studio.motion.ik_rows import Rows
from genmo_studio.motion.ik_state import Placed, State, away_from
from genmo_studio.motion.joint_limits import Limits
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.pose_prior import PosePrior, feature_rates, features
from genmo_studio.motion.rotations import rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINT_COUNT
from genmo_studio.shapes import Bool, Float, Int

Floats = NDArray[np.float64]

_GOAL, _PIN = 1e5, 1e7  # stiffness of positions, 1/m^2
_TIGHTEST = 5e3  # the strongest pull that counts for tension
_TURN_PULL = 0.1  # rad: as _PULL, of rotations
_TURN_SHARE = 0.1  # stiffness of a rotation against that of a position: 1 rad counts like 0.3 m
_PULL = 0.0025  # m: from this distance on a goal pulls with the same force
_AIM = 0.4  # m: an iteration aims at most this far

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
_FALLING_EFFORT = 2e4  # of a metre squared by which the centre of mass leaves the support
_EFFORT = np.concatenate([np.full(3, _ROOT_EFFORT), np.repeat(_TURN_EFFORT, 3), np.full(len(LIMBS), _LENGTH_EFFORT)])
# Shares of the effort to leave the pose before the drag that full suggestion keeps; a prior knows no heading or place.
_EFFORT_LEFT = np.concatenate([np.full(6, 0.5), np.full(VARIABLES - 6, 0.15)])
_LIMIT_EFFORT = 60.0
_PRIOR_EFFORT = 0.3
_LIMB_OF_MIDDLE = {int(joint): limb for limb, joint in enumerate(MIDDLE)}
_LIMB_OF_END = {limb.end: number for number, limb in enumerate(LIMBS.values())}
_FEET = frozenset({INDEX["left_ankle"], INDEX["right_ankle"], INDEX["left_foot"], INDEX["right_foot"]})
_LEGS = [number for number, limb in enumerate(LIMBS.values()) if limb.end in _FEET]
_ARMS = [number for number, limb in enumerate(LIMBS.values()) if limb.end not in _FEET]
_BALANCING = np.ones(VARIABLES)
"""Variables that keep the balance: the trunk and the legs; an arm or a head that waves about for it looks odd."""
for _name in ("left_collar", "left_shoulder", "left_elbow", "left_wrist", "left_hand", "neck", "head"):
    for _joint in (INDEX[_name], INDEX[_name.replace("left", "right")]):
        _BALANCING[3 + 3 * _joint : 6 + 3 * _joint] = 0
_BALANCING[LENGTHS] = [limb.end in _FEET for limb in LIMBS.values()]


class Effector(msgspec.Struct, frozen=True, eq=False):
    """What is asked of one joint: where it is, how it is turned, or both."""

    joint: int
    position: Float[Floats, "3"] | None = None
    """in the world, m"""
    rotation: Float[Floats, "3 3"] | None = None
    """in the world"""
    weight: float = 1.0
    """0 to 1"""


class Miss(msgspec.Struct, frozen=True):
    """How far an effector is from what was asked; 0 where nothing was."""

    metres: float = 0.0
    radians: float = 0.0


class System(msgspec.Struct, frozen=True, eq=False):
    """The effort to the second order about a state, by the variables that may change."""

    square: Float[Floats, "m m"]
    push: Float[Floats, " m"]
    jacobian: Float[Floats, "rows m"]
    springs: Float[Floats, " rows"]
    pulls: Float[Floats, " rows"]
    targets: int
    """how many positions are asked for; their rows come first"""

    def forces_after(self, step: Float[Floats, " m"]) -> Float[Floats, "targets 3"]:
        """Forces of the springs of the positions that are left after a step."""
        rows = slice(0, 3 * self.targets)
        left = self.pulls[rows] - self.springs[rows] * (self.jacobian[rows] @ step)
        return np.asarray(left.reshape(-1, 3))


class Problem(msgspec.Struct, frozen=True, eq=False):
    """Everything of a drag that stays the same over its events."""

    rest: Pose
    limbs: Limbs
    home: State
    effectors: tuple[Effector, ...]
    """goals first; of goals that have a position it is given anew to each solve"""
    goals: int
    """how many of the effectors are goals"""
    placing: tuple[int, ...]
    """effectors that ask for a position"""
    rows: Rows
    stiffness: Float[Floats, " n"]
    gives: Bool[NDArray[np.bool_], " n"]
    """which of the positions are goals"""
    column_of: Mapping[int, int]
    """first of the three columns of a joint that turns"""
    kept: Int[NDArray[np.int64], " m"]
    """columns of ``rows`` that may change"""
    columns: Int[NDArray[np.int64], " m"]
    """the same as variables of ``ik_limbs``"""
    kept_square: Int[NDArray[np.int64], "m m"]
    """where the square of those stands in the flattened square of all columns"""
    blocks: tuple[Int[NDArray[np.int64], "turning 3 1"], Int[NDArray[np.int64], "turning 1 3"]]
    """where joints meet themselves in the square"""
    effort: Float[Floats, " columns"]
    """of the columns of ``rows``"""
    balancing: Float[Floats, " columns"]
    soft_lengths: Float[Floats, " 4"]
    limits: Limits
    suggest: float
    prior: PosePrior | None
    likely: Float[Floats, " 141"] | None
    """features of the pose that the prior pulls towards"""
    balance: Float[Floats, " 2"] | None
    """x, z where the centre of mass was"""
    support: Support | None

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
    ) -> "Problem":
        """The problem of a drag from the pose ``rest``; see ``full_body_ik.solve``."""
        turning = np.zeros(JOINT_COUNT, bool)
        turning[list(range(BODY_JOINT_COUNT) if free is None else sorted(free))] = True
        if not move_root:
            turning[0] = False
        effectors = (*goals, *pins)
        prior = prior if suggest > 0 else None
        locked = {
            effector.joint: np.asarray(effector.rotation, np.float64)
            for effector in effectors  # a pin comes later and wins
            if effector.rotation is not None and effector.joint in LOCKABLE and turning[effector.joint]
        }
        compensated = turning[START] & turning[MIDDLE]
        limbs = Limbs.of(
            rest.matrices(),
            np.asarray(rest_joints, np.float64),
            locked=locked,
            compensated=compensated,
            pins={
                _LIMB_OF_END[pin.joint]: np.asarray(pin.position, np.float64)
                for pin in pins
                if pin.position is not None and pin.joint in _LIMB_OF_END and compensated[_LIMB_OF_END[pin.joint]]
            },
        )
        local = rest.matrices()
        home = limbs.state_of(local, rest.translation)
        placing = [(index, effector) for index, effector in enumerate(effectors) if effector.position is not None]
        asked = {effector.joint for _, effector in placing}
        balanced = move_root and any(index >= len(goals) and effector.joint in _FEET for index, effector in placing)
        counts = turning if prior is not None else turning & _needed(effectors, balanced=balanced)
        hanging = [arm for arm in _ARMS if prior is None and turning[START[arm]] and not counts[START[arm]]]
        limbs = limbs.with_hanging(hanging, home)
        at_home = limbs.place(home)
        own = counts.copy()
        own[MIDDLE] = False
        own[list(locked)] = False
        reaching = np.array([bool(asked & set(limb)) for limb in LIMB_JOINTS.T.tolist()])
        rows = Rows.of(
            tuple(effector.joint for _, effector in placing),
            tuple(sorted(locked)),
            tuple(np.flatnonzero(own).tolist()),
            tuple(hanging),
        )
        kept = np.ones(len(rows.columns), bool)
        kept[:3] = move_root
        kept[-len(LIMBS) :] = turning[MIDDLE] & reaching
        blocks = 3 + np.arange(3 * len(rows.turning)).reshape(-1, 3)
        standing = [pin.joint for pin in pins if pin.joint in _FEET and pin.position is not None]
        centre = (rows.points[-1] @ at_home.positions)[[0, 2]]
        effort = _EFFORT if prior is None else _EFFORT * (1 - suggest * (1 - _EFFORT_LEFT))
        return Problem(
            rest=rest,
            limbs=limbs,
            home=at_home.state,
            effectors=effectors,
            goals=len(goals),
            placing=tuple(index for index, _ in placing),
            rows=rows,
            stiffness=np.array([e.weight * (_GOAL if index < len(goals) else _PIN) for index, e in placing]),
            gives=np.array([index < len(goals) for index, _ in placing], bool),
            column_of={int(joint): 3 + 3 * number for number, joint in enumerate(rows.turning)},
            kept=np.flatnonzero(kept),
            kept_square=np.flatnonzero(kept)[:, None] * len(kept) + np.flatnonzero(kept),
            blocks=(blocks[:, :, None], blocks[:, None, :]),
            columns=rows.columns[kept],
            effort=effort[rows.columns],
            balancing=_BALANCING[rows.columns],
            limits=Limits.around(at_home.local),
            suggest=suggest,
            prior=prior,
            likely=None if prior is None else (1 - suggest) * features(local, at_home.world) + suggest * prior.mean,
            soft_lengths=np.maximum(_STRETCH_FROM * limbs.longest, home.lengths),
            balance=centre if balanced else None,
            support=Support.of(at_home.positions, standing, centre) if balanced else None,
        )

    def system(self, placed: Placed, targets: Float[Floats, "n 3"]) -> System:
        """The effort's curvature and downhill push, without tension."""
        state, turning = placed.state, self.rows.turning
        count = len(self.effort)
        effort = self.effort.copy()
        push = np.empty(count)
        slope, curvature = away_from(state.turns[turning], self.home.turns[turning])
        push[:3] = self.home.root - state.root
        push[3:-4] = -slope.ravel()
        push[-4:] = self.home.lengths - state.lengths
        push *= effort
        over = state.lengths - self.soft_lengths
        stretched = _STRETCH_EFFORT * (over > 0)
        effort[-4:] += stretched
        push[-4:] -= stretched * over
        jacobian, springs, pulls = self._position_rows(placed, targets)
        for row, spring, pull in self._turn_rows(placed):
            jacobian = np.concatenate([jacobian, row])
            springs = np.concatenate([springs, np.full(3, spring)])
            pulls = np.concatenate([pulls, pull])
        square = jacobian.T @ (springs[:, None] * jacobian)
        flat = square.reshape(-1)
        flat[:: count + 1][:3] += effort[:3]
        flat[:: count + 1][-4:] += effort[-4:]
        square[self.blocks] += effort[3:-4:3, None, None] * curvature
        push += jacobian.T @ pulls
        self._add_limits(square, push, placed)
        self._add_prior(square, push, placed)
        return System(square, push, jacobian, springs, pulls, len(targets))

    def tension(self, placed: Placed, forces: Float[Floats, "targets 3"]) -> Float[Floats, "m m"]:
        """What is added to the square for the forces that pull the limbs tight."""
        return self.rows.tension(placed, forces, most=_TIGHTEST)

    def _position_rows(self, placed: Placed, targets: Floats) -> tuple[Floats, Floats, Floats]:
        """Jacobian, stiffness and pull of the targets and the balance. A goal pulls no stronger than at ``_PULL``."""
        count = len(targets)
        points = self.rows.points @ placed.positions
        missing = targets - points[:count]
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
            jacobian[-1] *= self.balancing
        jacobian = jacobian.reshape(-1, jacobian.shape[-1])
        spring_of, pull_of = springs.ravel(), pulls.ravel()
        away = None if self.support is None else self.support.away(points[-1, [0, 2]])
        if away is not None:  # one more row: the way out
            (x, z), metres = away
            jacobian = np.concatenate([jacobian, (x * jacobian[-3] + z * jacobian[-1])[None]])
            spring_of = np.append(spring_of, _FALLING_EFFORT)
            pull_of = np.append(pull_of, -_FALLING_EFFORT * metres)
        return jacobian, spring_of, pull_of

    def _add_limits(self, square: Floats, push: Floats, placed: Placed) -> None:
        beyond, slopes, curvatures = self.limits.push(placed.local)
        for joint, slope, curvature in zip(beyond.tolist(), slopes, curvatures, strict=True):
            if joint in self.limbs.locked:
                continue
            if (limb := _LIMB_OF_MIDDLE.get(joint)) is not None:
                turn, at = self.limbs.axis[limb] * placed.bend_rate[limb], limb - len(LIMBS)
                square[at, at] += _LIMIT_EFFORT * float(turn @ curvature @ turn)
                push[at] -= _LIMIT_EFFORT * float(turn @ slope)
            elif (first := self.column_of.get(joint)) is not None:
                square[first : first + 3, first : first + 3] += _LIMIT_EFFORT * curvature
                push[first : first + 3] -= _LIMIT_EFFORT * slope

    def _add_prior(self, square: Floats, push: Floats, placed: Placed) -> None:
        if self.prior is None or self.likely is None:
            return
        local = self.limbs.local_of(placed)
        turning = self.limbs.turning_jacobian(placed)
        rates = feature_rates(local, placed.world, self.limbs.local_turning(placed, turning), turning)
        rates = rates[:, self.rows.columns]
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
            row = self.limbs.turning_jacobian(placed)[effector.joint][:, self.rows.columns]
            yield row, stiffness, stiffness * turn


def _needed(effectors: Iterable[Effector], *, balanced: bool) -> Bool[NDArray[np.bool_], " 24"]:
    """Joints whose turns matter to what is asked; the others stay as they were, or hang."""
    needed = np.zeros(JOINT_COUNT, bool)
    for effector in effectors:
        needed |= ancestors()[effector.joint]
        needed[effector.joint] |= effector.rotation is not None
    if balanced:
        needed[START[_LEGS]] = True
    return needed


def miss_of(effector: Effector, placed: Placed, position: Float[Floats, "3"] | None, *, locked: bool) -> Miss:
    """How far a placed body is from an effector at a position; a ``locked`` joint is turned as it should be."""
    metres = radians = 0.0
    if position is not None:
        metres = float(np.linalg.norm(position - placed.positions[effector.joint]))
    if effector.rotation is not None and not locked:
        radians = float(np.linalg.norm(rotvec_from_matrix(effector.rotation @ placed.world[effector.joint].T)))
    return Miss(metres, radians)
