"""The body as a full-body solver sees it: joints that turn freely, and limbs that reach by becoming longer or shorter.

A straight arm or leg can't be shortened by a small turn of the elbow or knee: to first order nothing happens, and a
solver that steps along derivatives moves the whole body instead. So the four limbs are told by other numbers here: the
length from shoulder to wrist (hip to ankle), which the two bones follow in closed form, and the turn of that line about
its start. Lengthening moves the end straight along the line and leaves the plane of the bend where it is, so elbows and
knees keep their direction and can't bend backwards.

A hand, a foot, the toes or the pelvis can also be *locked*: it keeps its turn in the world whatever the joints above
do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik import LIMBS
from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS
from genmo_studio.shapes import Bool, Float, Int

Floats = NDArray[np.float64]

START = np.array([limb.start for limb in LIMBS.values()])
MIDDLE = np.array([limb.middle for limb in LIMBS.values()])
END = np.array([limb.end for limb in LIMBS.values()])
TIP = np.array([PARENTS.index(limb.end) for limb in LIMBS.values()])
LIMB_JOINTS = np.stack([MIDDLE, END, TIP])
"""(3, 4): the joints that move when a limb's length changes"""
LOCKABLE = frozenset({0, *END.tolist(), *TIP.tolist()})
"""Joints that can keep their turn in the world on their own."""
VARIABLES = 3 + JOINT_COUNT * 3 + len(START)
"""Columns of a Jacobian: root m (3), turns of the joints in their parents' frames rad (24 x 3), limb lengths m (4)."""
LENGTHS = slice(VARIABLES - len(START), VARIABLES)
TURNS = slice(3, LENGTHS.start)

_HINGES = np.array([limb.hinge for limb in LIMBS.values()], np.float64)
_ABOVE = np.array([max(parent, 0) for parent in PARENTS])
_HINGE_COUNTS_BELOW = 0.6  # rad of bend
_HINGE_SHARE = 0.4
_EYE = np.eye(3)
_LEAST_CURVATURE = 0.2
_LEAST_SINE = 0.05  # of the bend, in derivatives: the true ones have no bound at a straight limb
_MOST_BENT = np.radians(160)
_STRETCH = 0.9998  # of the full length, where the pose before the drag was not longer already
CROSS = np.zeros((3, 9))  # r @ CROSS is the matrix of x -> x cross r, flattened
CROSS[0, 5], CROSS[0, 7], CROSS[1, 2], CROSS[1, 6], CROSS[2, 1], CROSS[2, 3] = 1, -1, -1, 1, 1, -1


@cache
def _levels() -> tuple[tuple[slice, Int[NDArray[np.int64], " n"]], ...]:
    levels, start = [], 1
    while start < JOINT_COUNT:
        stop = next((j for j in range(start, JOINT_COUNT) if PARENTS[j] >= start), JOINT_COUNT)
        levels.append((slice(start, stop), np.array(PARENTS[start:stop])))
        start = stop
    return tuple(levels)


@cache
def ancestors() -> Bool[NDArray[np.bool_], "24 24"]:
    """[joint, above]: whether turning ``above`` moves ``joint``."""
    result = np.zeros((JOINT_COUNT, JOINT_COUNT), bool)
    for joint in range(JOINT_COUNT):
        above = joint
        while (above := PARENTS[above]) >= 0:
            result[joint, above] = True
    return result


@cache
def turning_joints(locked: tuple[int, ...]) -> Bool[NDArray[np.bool_], "24 24"]:
    """[joint, other]: whether turning ``other`` turns ``joint`` in the world."""
    turning = ancestors() | np.eye(JOINT_COUNT, dtype=bool)
    for lock in locked:
        turning[np.ix_(ancestors()[:, lock] | (np.arange(JOINT_COUNT) == lock), ancestors()[lock])] = False
        turning[lock, lock] = False
    return turning


@cache
def lever_joints(locked: tuple[int, ...]) -> Int[NDArray[np.int64], "24 24"]:
    """[joint, above]: the joint that turning ``above`` carries along when ``joint`` is asked for.

    Below a locked joint nothing is turned by what is above it, only carried.
    """
    result = np.tile(np.arange(JOINT_COUNT)[:, None], (1, JOINT_COUNT))
    for lock in sorted(locked, reverse=True):
        result[np.ix_(ancestors()[:, lock], ancestors()[lock])] = lock
    return result


def turns_of(vectors: Float[Floats, "n 3"]) -> Float[Floats, "n 3 3"]:
    """Rotations near those of small rotation vectors (Cayley's map: no trigonometry, exact to the second order)."""
    skew = -(vectors @ CROSS).reshape(-1, 3, 3)
    share = 1 / (1 + 0.25 * (vectors * vectors).sum(-1))
    return np.asarray(_EYE + share[:, None, None] * (skew + 0.5 * (skew @ skew)))


def away_from(
    turns: Float[Floats, "n 3 3"], home: Float[Floats, "n 3 3"]
) -> tuple[Float[Floats, "n 3"], Float[Floats, "n 3 3"]]:
    """Slope (n, 3) and curvature (n, 3, 3) of 1 - cos(angle from home): smooth on all rotations.

    The curvature is that of the function, raised where the function bends down (beyond a right angle).
    """
    turn = turns @ home.transpose(0, 2, 1)
    flat = turn.reshape(-1, 9)
    trace = flat[:, 0] + flat[:, 4] + flat[:, 8]
    slope = 0.5 * (flat[:, [7, 2, 3]] - flat[:, [5, 6, 1]])
    raised = 0.5 * trace + np.maximum(_LEAST_CURVATURE - 0.5 * (trace - 1), 0)
    return slope, raised[:, None, None] * _EYE - 0.25 * (turn + turn.transpose(0, 2, 1))


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., [1, 2, 0]] * b[..., [2, 0, 1]] - a[..., [2, 0, 1]] * b[..., [1, 2, 0]])


def _unit(a: Floats) -> Floats:
    return np.asarray(a / np.maximum(np.sqrt((a * a).sum(-1, keepdims=True)), 1e-12))


@dataclass(frozen=True, eq=False)
class State:
    """Values of the variables."""

    root: Float[Floats, "3"]
    """SMPL ``transl``, m"""
    turns: Float[Floats, "24 3 3"]
    """local rotations; at the start of a limb, of the line to its end; what stands at its middle is not read"""
    lengths: Float[Floats, "4"]
    """start to end of each limb, m"""


@dataclass(frozen=True, eq=False)
class Placed:
    """A state worked out."""

    local: Float[Floats, "24 3 3"]
    """local rotations; of locked joints see ``Limbs.local_of``"""
    world: Float[Floats, "24 3 3"]
    positions: Float[Floats, "24 3"]
    frames: Float[Floats, "24 3 3"]
    """in which the joints' turns are told: the parents' world rotations"""
    bend_rate: Float[Floats, "4"]
    """rad of bend at the middle a metre of length (negative: longer is straighter)"""
    upper_turn: Float[Floats, "4 3"]
    """how fast the upper bone turns in the world with the length, rad a metre"""
    lower_turn: Float[Floats, "4 3"]


@dataclass(frozen=True, eq=False)
class Limbs:
    """The four limbs as they are at the start of a drag; all vectors in the upper bones' rest frames."""

    offsets: Float[Floats, "24 3"]
    root_rest: Float[Floats, "3"]
    middle_turns: Float[Floats, "4 3 3"]
    axis: Float[Floats, "4 3"]
    """about which the middle joint bends"""
    upper: Float[Floats, "4 3"]
    lower: Float[Floats, "4 3"]
    along: Float[Floats, "4 3"]
    """direction of the line at the start of the drag"""
    skew: Float[Floats, "4 3 3"]
    """cross product with the axis"""
    skew_twice: Float[Floats, "4 3 3"]
    bones: Float[Floats, "2 4"]
    """lengths of upper and lower bones, m"""
    squares: Float[Floats, "4"]
    parallel: Float[Floats, "4"]
    cosine_part: Float[Floats, "4"]
    straightest: Float[Floats, "4"]
    """rad of bend, from where the middle joint is at the start, at which the limb is longest"""
    shortest: Float[Floats, "4"]
    longest: Float[Floats, "4"]
    """how far a limb may be stretched, m"""
    compensated: Bool[NDArray[np.bool_], "4"]
    """whether the upper bone turns with the bend, so that the end moves along the line"""
    locked: Mapping[int, Float[Floats, "3 3"]]
    """joint -> turn in the world"""
    loose_ends: Float[Floats, "4"]
    """0 where the hand or foot is locked, 1 elsewhere"""

    @staticmethod
    def of(
        local: Float[Floats, "24 3 3"],
        rest_joints: Float[Floats, "24 3"],
        *,
        locked: Mapping[int, Float[Floats, "3 3"]],
        compensated: Bool[NDArray[np.bool_], "4"],
    ) -> "Limbs":
        """The limbs of a pose. Axes are those of the present bend; the hinge's where a limb is nearly straight."""
        offsets = rest_joints - rest_joints[_ABOVE]
        upper = offsets[MIDDLE]
        lower = (local[MIDDLE] @ offsets[END][..., None])[..., 0]
        plane = _cross(_unit(upper), _unit(lower))
        bend = np.arctan2(np.sqrt((plane * plane).sum(-1)), (_unit(upper) * _unit(lower)).sum(-1))
        backwards = ((plane * _HINGES).sum(-1) < 0) & (bend < _HINGE_COUNTS_BELOW)
        side = np.where(backwards, -1.0, 1.0)[:, None]
        share = _HINGE_SHARE * np.clip(1 - bend / _HINGE_COUNTS_BELOW, 0, 1)[:, None]
        axis = _unit(side * plane + share * (_HINGES - (_HINGES * _unit(upper)).sum(-1, keepdims=True) * _unit(upper)))
        parallel = (upper * axis).sum(-1) * (lower * axis).sum(-1)
        cosine = (upper * lower).sum(-1) - parallel
        sine = (upper * _cross(axis, lower)).sum(-1)
        squares = (upper * upper).sum(-1) + (lower * lower).sum(-1)
        reach = np.hypot(cosine, sine)
        present = np.sqrt(squares + 2 * (parallel + cosine))
        full = np.sqrt(squares + 2 * (parallel + reach))
        skew = -(axis @ CROSS).reshape(-1, 3, 3)
        return Limbs(
            skew=skew,
            skew_twice=skew @ skew,
            bones=np.sqrt([(upper * upper).sum(-1), (lower * lower).sum(-1)]),
            squares=squares,
            offsets=offsets,
            root_rest=rest_joints[0],
            middle_turns=local[MIDDLE],
            axis=axis,
            upper=upper,
            lower=lower,
            along=_unit(upper + lower),
            parallel=parallel,
            cosine_part=reach,
            straightest=np.arctan2(sine, cosine),
            shortest=np.sqrt(squares + 2 * (parallel + reach * np.cos(_MOST_BENT))),
            longest=np.maximum(_STRETCH * full, present),
            compensated=compensated,
            locked=locked,
            loose_ends=np.array([float(joint not in locked) for joint in END.tolist()]),
        )

    def bend(self, lengths: Float[Floats, "4"]) -> Float[Floats, "4"]:
        """rad of bend from the straightest."""
        part = ((lengths * lengths - self.squares) / 2 - self.parallel) / self.cosine_part
        return np.asarray(np.arccos(np.minimum(np.maximum(part, -1), 1)))

    def _bent(self, lengths: Float[Floats, "4"]) -> tuple[Floats, Floats, Floats]:
        """Turn of the middle joints, compensation of the start joints, bend."""
        bend = self.bend(lengths)
        angle = (self.straightest + bend)[:, None, None]
        turned = _EYE + np.sin(angle) * self.skew + (1 - np.cos(angle)) * self.skew_twice
        line = _unit(self.upper + (turned @ self.lower[..., None])[..., 0])
        skew = -(_cross(self.along, line) @ CROSS).reshape(-1, 3, 3)
        scale = 1 / np.maximum(1 + (self.along * line).sum(-1), 1e-6)
        back = _EYE - skew + scale[:, None, None] * (skew @ skew)  # from the new line to that of the start
        if not self.compensated.all():
            back[~self.compensated] = _EYE
        return turned @ self.middle_turns, back, bend

    def state_of(self, local: Float[Floats, "24 3 3"], root: Float[Floats, "3"]) -> State:
        """The variables of a pose."""
        lower = (local[MIDDLE] @ self.offsets[END][..., None])[..., 0]
        reach = self.upper + lower
        lengths = np.clip(np.sqrt((reach * reach).sum(-1)), self.shortest, self.longest)
        _, back, _ = self._bent(lengths)
        turns = local.copy()
        turns[START] = local[START] @ back.transpose(0, 2, 1)
        return State(root, turns, lengths)

    def place(self, state: State) -> Placed:
        """World rotations and positions of a state."""
        local = state.turns.copy()
        local[MIDDLE], back, bend = self._bent(state.lengths)
        local[START] = state.turns[START] @ back
        steps = np.empty((JOINT_COUNT, 3, 4))
        steps[:, :, :3], steps[:, :, 3] = local, self.offsets
        placed = np.empty((JOINT_COUNT, 3, 4))
        placed[0, :, :3], placed[0, :, 3] = self.locked.get(0, local[0]), self.root_rest + state.root
        for level, above in _levels():
            parents = placed[above]
            placed[level] = parents[:, :, :3] @ steps[level]
            placed[level, :, 3] += parents[:, :, 3]
            for joint, turn in self.locked.items():
                if level.start <= joint < level.stop:
                    placed[joint, :, :3] = turn
        world = placed[:, :, :3]
        frames = world[_ABOVE]
        frames[0] = _EYE
        upper, lower = self.bones
        sine = np.maximum(np.sin(bend), _LEAST_SINE)
        bend_rate = -state.lengths / (self.cosine_part * sine)
        line_rate = (state.lengths - (upper * upper - lower * lower) / state.lengths) / (2 * upper * lower * sine)
        axis = (world[START] @ self.axis[..., None])[..., 0]
        upper_turn = axis * (line_rate * self.compensated)[:, None]
        return Placed(
            local=local,
            world=world,
            positions=placed[:, :, 3],
            frames=frames,
            bend_rate=bend_rate,
            upper_turn=upper_turn,
            lower_turn=upper_turn + axis * bend_rate[:, None],
        )

    def local_of(self, placed: Placed) -> Float[Floats, "24 3 3"]:
        """Local rotations, those of locked joints too."""
        local = placed.local.copy()
        for joint in self.locked:
            local[joint] = placed.frames[joint].T @ placed.world[joint]
        return local

    def lengthening(self, placed: Placed) -> Float[Floats, "4 3 3"]:
        """[limb, which]: how fast its middle, end and tip move with its length, in metres a metre."""
        middle, end, tip = placed.positions[LIMB_JOINTS]
        start = placed.positions[START]
        line = _unit(end - start)
        if not self.compensated.all():
            line = np.where(self.compensated[:, None], line, _cross(placed.lower_turn, end - middle))
        carried = line + self.loose_ends[:, None] * _cross(placed.lower_turn, tip - end)
        return np.stack([_cross(placed.upper_turn, middle - start), line, carried], axis=1)

    def turning_jacobian(self, placed: Placed) -> Float[Floats, "24 3 79"]:
        """How the joints turn in the world with the variables; a locked one doesn't, and shields what is below it."""
        lengthened = np.zeros((JOINT_COUNT, len(START), 3))
        limb = np.arange(len(START))
        lengthened[START, limb] = placed.upper_turn
        lengthened[LIMB_JOINTS, limb] = placed.lower_turn
        for lock in self.locked:
            if lock in END or lock in TIP:
                lengthened[ancestors()[:, lock] | (np.arange(JOINT_COUNT) == lock)] = 0.0
        turning = turning_joints(tuple(self.locked))
        result = np.zeros((JOINT_COUNT, 3, VARIABLES))
        turned = turning[:, None, :, None] * placed.frames.transpose(1, 0, 2)
        result[:, :, TURNS] = turned.reshape(JOINT_COUNT, 3, -1)
        result[:, :, LENGTHS] = lengthened.transpose(0, 2, 1)
        return result

    def local_turning(self, placed: Placed, turning: Float[Floats, "24 3 79"]) -> Float[Floats, "24 3 79"]:
        """How the local rotations turn in their parents' frames; ``turning`` is the turning Jacobian."""
        result = np.zeros((JOINT_COUNT, 3, VARIABLES))
        every = np.arange(JOINT_COUNT)
        for axis in range(3):
            result[every, axis, TURNS.start + 3 * every + axis] = 1
        result[MIDDLE] = 0
        limb = np.arange(len(START))
        back = placed.frames[START].transpose(0, 2, 1)
        result[START, :, LENGTHS.start + limb] = (back @ placed.upper_turn[..., None])[..., 0]
        result[MIDDLE, :, LENGTHS.start + limb] = self.axis * placed.bend_rate[:, None]
        for lock in self.locked:
            result[lock] = -(placed.frames[lock].T @ turning[PARENTS[lock]]) if lock else 0
        return result

    def stepped(self, state: State, step: Float[Floats, "79"]) -> State:
        """The state after a step, with the lengths inside their bounds."""
        lengths = np.clip(state.lengths + step[LENGTHS], self.shortest, self.longest)
        turns = turns_of(step[TURNS].reshape(-1, 3)) @ state.turns
        return replace(state, root=state.root + step[:3], turns=turns, lengths=lengths)
