"""Full-body inverse kinematics of one pose: drag any joint, keep others where they are, and the body follows.

The answer is the pose of least effort that meets the goals and pins. Effort is measured from the pose at the start of
the drag, so the answer depends on where the pointer is and not on the way it took there: a goal that comes back brings
the pose back, one that stands still moves nothing, and a small move of a goal is a small move of the pose. Limbs are
cheap to move, collars and the spine dear and the root dearest, so that the body leans and steps as far as it must and
no further. On top comes the balance over planted feet: softly, and firmly where the centre of mass would leave them.

Each iteration is one Newton step of that effort with goals and pins as stiff springs (pins a hundred times stiffer), on
the variables of ``motion.ik_limbs``. A goal pulls with no more than a fixed force, so that one out of reach stretches
the body towards it.

Pins come before goals. The limb of a pinned hand or foot follows to its pin in closed form after each step, so it can
only be missed where the body has gone out of its reach; what is left of that, or of other pins, at the end is taken
back: the body goes towards the last pose that kept the pins until this one does. Positions in m, rotations in rad.
"""

import time
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik_effort import Effector, Miss, Problem, System, miss_of
from genmo_studio.motion.ik_layout import LENGTHS, TURNS, VARIABLES
from genmo_studio.motion.ik_state import Placed, State
from genmo_studio.motion.joint_limits import stress
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.pose_prior import PosePrior
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import JOINT_COUNT
from genmo_studio.shapes import Float

__all__ = ["ITERATIONS", "SETTLED", "Effector", "Miss", "Solved", "Solver", "held", "solve"]

Floats = NDArray[np.float64]

ITERATIONS = 12
SETTLED = 1e-4
"""m and rad: a step smaller than this ends the search"""
_MET = 1e-9
_TORN = 6e-5  # m by which a pin may be missed
_GIVES = 5e-4  # m that taking back may amount to and the search still be at rest: the springs of pins give so much
_TURNED_OFF = 1e-3  # rad, likewise
_TAKEN_BACK = 12  # tries at finding how far the body has to go back
_MOST_CREEP = 6.0
_LONGEST_TURN, _LONGEST_MOVE, _LONGEST_STRETCH = 0.6, 0.3, 0.2  # of one iteration
_LENGTH_COUNT = LENGTHS.stop - LENGTHS.start


class Solved(msgspec.Struct, frozen=True, eq=False):
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
    solver = Solver(
        rest or pose, rest_joints, goals=goals, pins=pins, free=free, move_root=move_root, prior=prior, suggest=suggest
    )
    if rest is not None:
        solver.start_from(pose)
    return solver.moved(iterations=iterations)


def _check(effectors: Sequence[Effector]) -> None:
    for effector in effectors:
        if not 0 <= effector.joint < JOINT_COUNT:
            raise ValueError(f"there is no joint {effector.joint}")
        if effector.position is None and effector.rotation is None:
            raise ValueError(f"the effector of joint {effector.joint} asks for neither a position nor a rotation")


class Solver:
    """A drag: the same joints are asked for at other places, event by event, each search going on from the last answer.

    What doesn't change is worked out once, when it is made.
    """

    def __init__(
        self,
        rest: Pose,
        rest_joints: Float[Floats, "24 3"],
        *,
        goals: Sequence[Effector],
        pins: Sequence[Effector] = (),
        free: frozenset[int] | None = None,
        move_root: bool = True,
        prior: PosePrior | None = None,
        suggest: float = 0.0,
    ) -> None:
        """``rest`` is the pose before the drag; for the others and what is raised see ``solve``."""
        _check([*goals, *pins])
        self._problem = Problem.of(
            rest, rest_joints, goals=goals, pins=pins, free=free, move_root=move_root, prior=prior, suggest=suggest
        )
        problem = self._problem
        self._locked = problem.limbs.locked.keys()
        self._targets = np.array([problem.effectors[index].position for index in problem.placing], np.float64).reshape(
            -1, 3
        )
        self._moving = [place for place, index in enumerate(problem.placing) if index < problem.goals]
        self._at_home = problem.limbs.place(problem.home)
        self._placed = self._at_home
        self._pose = rest
        self._kept = self._at_home if self._torn(self._at_home) <= 0 else None
        first = len(problem.effort) - _LENGTH_COUNT
        self._lengths = np.flatnonzero(problem.kept >= first)  # among the variables that may change
        self._limbs = problem.kept[self._lengths] - first
        self._sides = np.zeros((len(problem.kept), 1 + len(self._lengths)), order="F")
        self._sides[self._lengths, 1 + np.arange(len(self._lengths))] = 1
        self._forces: Floats | None = None

    def start_from(self, pose: Pose) -> None:
        """Go on from another pose than the one before the drag; joints that nothing depends on stay as before it."""
        problem = self._problem
        state = problem.limbs.state_of(pose.matrices(), pose.translation)
        numbers = np.zeros(VARIABLES, bool)
        numbers[problem.columns] = True
        turns = problem.home.turns.copy()
        turning = numbers[TURNS].reshape(-1, 3).any(axis=1)
        turns[turning] = state.turns[turning]
        root = state.root if numbers[0] else problem.home.root
        lengths = np.where(numbers[LENGTHS], state.lengths, problem.home.lengths)
        self._placed = problem.limbs.place(State(root, turns, lengths))
        self._pose = pose
        if self._torn(self._placed) <= 0:
            self._kept = self._placed

    def moved(
        self,
        places: Sequence[Float[Floats, "3"]] | None = None,
        *,
        iterations: int = ITERATIONS,
        unseen: float = 0.0,
        seconds: float = np.inf,
    ) -> Solved:
        """The pose for goals at other places, m: one for each goal that had a position (None: where they were).

        The search ends when a step is smaller than ``SETTLED``, when it moves no joint by ``unseen`` (m), after
        ``iterations``, and before one that would end after ``seconds``; it goes on from there the next time.
        """
        if places is not None:
            if len(places) != len(self._moving):
                raise ValueError(f"there are {len(self._moving)} goals with a place, not {len(places)}")
            self._targets[self._moving] = places
        began = time.perf_counter()
        placed, count, rests = self._placed, 0, self._at_rest()
        answer = self._pose if rests else None
        before, share = np.zeros(len(self._problem.columns)), 1.0
        moving = not rests
        while moving and count < iterations:
            spent = time.perf_counter() - began
            if count and spent + spent / count > seconds:  # another iteration would take too long
                break
            count += 1
            step = self._step(placed)
            share = _share(step, before, share)
            before = step
            full = np.zeros(VARIABLES)
            full[self._problem.columns] = share * step
            full *= _shortened(full)
            rests = float(np.abs(full).max()) < SETTLED
            now = self._problem.limbs.place(self._problem.limbs.stepped(placed.state, full))
            moving = not rests and float(np.abs(now.positions - placed.positions).max()) >= unseen
            placed = now
        if count:
            placed, taken_back = self._with_pins_kept(placed)
            placed = self._problem.limbs.hung(placed)
            rests = rests and not taken_back
        self._placed = placed
        self._pose = answer or self._pose_of(placed)
        misses = self._misses(placed)
        return Solved(self._pose, misses[: self._problem.goals], misses[self._problem.goals :], count, rests)

    def _at_rest(self) -> bool:
        """Whether nothing has moved yet and nothing is asked that isn't so."""
        if self._problem.prior is not None or self._pose is not self._problem.rest:
            return False
        return all(miss.metres < _MET and miss.radians < _MET for miss in self._misses(self._placed))

    def _misses(self, placed: Placed) -> tuple[Miss, ...]:
        places: dict[int, Floats] = dict(zip(self._problem.placing, self._targets, strict=True))
        return tuple(
            miss_of(effector, placed, places.get(index), locked=effector.joint in self._locked)
            for index, effector in enumerate(self._problem.effectors)
        )

    # -- a step --------------------------------------------------------------------------------------------------------

    def _step(self, placed: Placed) -> Float[Floats, " m"]:
        """One Newton step of the variables that may change.

        The forces of the springs that are left after the step before say how tight the limbs are pulled; the very first
        step of a drag is worked out twice to know them.
        """
        problem = self._problem
        system = problem.system(placed, self._targets)
        if self._forces is None:
            self._forces = system.forces_after(self._within_bounds(placed, system, system.square))
        square = system.square
        if len(self._targets):
            square = square.copy()
            square[3:-_LENGTH_COUNT, 3:-_LENGTH_COUNT] += problem.tension(placed, self._forces)
        step = self._within_bounds(placed, system, square)
        self._forces = system.forces_after(step)
        return np.asarray(step[problem.kept])

    def _within_bounds(self, placed: Placed, system: System, square: Floats) -> Float[Floats, " columns"]:
        """The step of least effort in which no limb passes its bounds; 0 for what may not change.

        The bounds are a quadratic problem of at most four numbers, solved by its active set.
        """
        problem, limbs = self._problem, self._problem.limbs
        kept, lengths, limb = problem.kept, self._lengths, self._limbs
        sides = self._sides.copy()
        sides[:, 0] = system.push[kept]
        found = _solved(square.take(problem.kept_square), sides)
        step = np.zeros(len(system.push))
        step[kept] = found[:, 0]
        if len(lengths):
            present, free = placed.state.lengths[limb], found[lengths, 0]
            low, high = limbs.shortest[limb] - present, limbs.longest[limb] - present
            if ((free > high) | (free < low)).any():
                step[kept] -= found[:, 1:] @ _bounding(free, found[lengths, 1:], low, high)
        return step

    # -- pins ----------------------------------------------------------------------------------------------------------

    def _torn(self, placed: Placed) -> float:
        """By how much the worst pin is missed beyond what may be, m."""
        problem = self._problem
        worst = float(placed.overreach.max()) - _TORN
        pinned = range(problem.goals, len(problem.effectors))
        for place, index in enumerate(problem.placing):
            if index >= problem.goals:
                away = self._targets[place] - placed.positions[problem.effectors[index].joint]
                worst = max(worst, float(np.sqrt(away @ away)) - _TORN)
        for index in pinned:
            effector = problem.effectors[index]
            if effector.rotation is not None and effector.joint not in self._locked:
                worst = max(worst, miss_of(effector, placed, None, locked=False).radians - _TURNED_OFF)
        return worst

    def _with_pins_kept(self, placed: Placed) -> tuple[Placed, bool]:
        """The body as near to what was found as keeps the pins, towards the last that did; and if that is far."""
        worst = self._torn(placed)
        if worst <= 0:
            self._kept = placed
        if worst <= 0 or self._kept is None:
            return placed, False
        way = _Way.between(self._kept.state, placed.state)
        low, high, above = 0.0, 1.0, worst
        below = min(self._torn(self._kept), -1e-6)
        for _ in range(_TAKEN_BACK):  # the Illinois method, kept away from the ends
            share = low + (high - low) * min(max(below / (below - above), 0.1), 0.9)
            tried = self._problem.limbs.place(way.at(share))
            torn = self._torn(tried)
            if torn <= 0:
                self._kept, low, below, above = tried, share, min(torn, -1e-6), above / 2
            else:
                high, above, below = share, torn, below / 2
            if high - low < 0.02:
                break
        return self._kept, worst > _GIVES

    def _pose_of(self, placed: Placed) -> Pose:
        """Joints that did not turn keep their numbers."""
        problem = self._problem
        rotations = problem.rest.rotations.copy()
        local = problem.limbs.local_of(placed)
        home = problem.limbs.local_of(self._at_home)
        turned = np.flatnonzero(np.abs(local - home).max(axis=(1, 2)) > 1e-12)
        rotations[turned] = rotvec_from_matrix(local[turned])
        return Pose(rotations, placed.state.root)


class _Way(msgspec.Struct, frozen=True, eq=False):
    """States between two."""

    first: State
    second: State
    turns: Float[Floats, "24 3"]

    @staticmethod
    def between(first: State, second: State) -> "_Way":
        turns = np.asarray(rotvec_from_matrix(second.turns @ first.turns.transpose(0, 2, 1)))
        return _Way(first, second, turns)

    def at(self, share: float) -> State:
        return State(
            self.first.root + share * (self.second.root - self.first.root),
            np.asarray(matrix_from_rotvec(share * self.turns)) @ self.first.turns,
            self.first.lengths + share * (self.second.lengths - self.first.lengths),
        )


def _solved(square: Floats, sides: Floats) -> Floats:
    """square^-1 sides; the square is symmetric, and positive wherever the effort is."""
    from scipy.linalg.lapack import dposv  # noqa: PLC0415 - the window must not wait for it when it opens

    _, found, trouble = dposv(square, sides, lower=1)
    return np.asarray(np.linalg.solve(square, sides) if trouble else found)


def _bounding(step: Floats, inverse: Floats, low: Floats, high: Floats) -> Float[Floats, " n"]:
    """Forces that keep a few numbers within bounds; ``inverse`` says how they give way to them."""
    forces = np.zeros(len(step))
    side = np.zeros(len(step))  # 1 where a number is held at its upper bound, -1 at its lower
    for _ in range(3 * len(step)):
        left = step - inverse @ forces
        side = np.where(left > high + 1e-12, 1.0, np.where(left < low - 1e-12, -1.0, side))
        if not ((left > high + 1e-12) | (left < low - 1e-12)).any():
            break
        active = np.flatnonzero(side)
        bound = np.where(side > 0, high, low)
        forces = np.zeros(len(step))
        forces[active] = np.linalg.solve(inverse[np.ix_(active, active)], (step - bound)[active])
        wrong = forces * side < 0  # held, but would come back by itself
        if wrong.any() and not wrong[active].all():
            side[wrong] = forces[wrong] = 0
    return forces


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
