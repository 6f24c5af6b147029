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
_LEAST_SINE = 0.05  # of the bend, in derivatives: the true ones have no bound at a straight limb
_MOST_BENT = np.radians(160)
_STRETCH = 0.9998  # of the full length, where the pose before the drag was not longer already
_CROSS = np.zeros((3, 9))  # r @ _CROSS is the matrix of x -> x cross r, flattened
_CROSS[0, 5], _CROSS[0, 7], _CROSS[1, 2], _CROSS[1, 6], _CROSS[2, 1], _CROSS[2, 3] = 1, -1, -1, 1, 1, -1


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


def turns_of(vectors: Float[Floats, "n 3"]) -> Float[Floats, "n 3 3"]:
    """Rotation matrices of rotation vectors; Rodrigues' formula with sinc, which needs no case for small angles."""
    angle = np.sqrt((vectors * vectors).sum(-1))[:, None, None]
    skew = -(vectors @ _CROSS).reshape(-1, 3, 3)
    half = np.sinc(angle / (2 * np.pi))
    return np.asarray(np.eye(3) + np.sinc(angle / np.pi) * skew + 0.5 * half * half * (skew @ skew))


def sine_of_turn(a: Float[Floats, "n 3 3"], b: Float[Floats, "n 3 3"]) -> Float[Floats, "n 3"]:
    """Axis times sine of the turn from b to a: smooth on all rotations, unlike the rotation vector."""
    turn = a @ b.transpose(0, 2, 1)
    return 0.5 * np.stack(
        [turn[:, 2, 1] - turn[:, 1, 2], turn[:, 0, 2] - turn[:, 2, 0], turn[:, 1, 0] - turn[:, 0, 1]], axis=-1
    )


def _cross(a: Floats, b: Floats) -> Floats:
    return np.stack(
        [
            a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1],
            a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2],
            a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0],
        ],
        axis=-1,
    )


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
    world: Float[Floats, "24 3 3"]
    positions: Float[Floats, "24 3"]
    bend_rate: Float[Floats, "4"]
    """rad of bend at the middle a metre of length (negative: longer is straighter)"""
    line_rate: Float[Floats, "4"]
    """rad that the upper bone turns against the line a metre of length, about the bend's axis"""


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
        return Limbs(
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
        )

    def bend(self, lengths: Float[Floats, "4"]) -> Float[Floats, "4"]:
        """rad of bend from the straightest."""
        squares = (self.upper * self.upper).sum(-1) + (self.lower * self.lower).sum(-1)
        part = ((lengths * lengths - squares) / 2 - self.parallel) / self.cosine_part
        return np.asarray(np.arccos(np.clip(part, -1, 1)))

    def _bent(self, lengths: Float[Floats, "4"]) -> tuple[Floats, Floats, Floats]:
        """Turn of the middle joints, compensation of the start joints, bend."""
        bend = self.bend(lengths)
        turned = turns_of(self.axis * (self.straightest + bend)[:, None])
        line = _unit(self.upper + (turned @ self.lower[..., None])[..., 0])
        around = _cross(self.along, line)
        skew = -(around @ _CROSS).reshape(-1, 3, 3)
        scale = 1 / np.maximum(1 + (self.along * line).sum(-1), 1e-6)
        back = np.eye(3) - skew + scale[:, None, None] * (skew @ skew)  # from the new line to that of the start
        back[~self.compensated] = np.eye(3)
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
        world = np.empty((JOINT_COUNT, 3, 3))
        positions = np.empty((JOINT_COUNT, 3))
        world[0] = self.locked.get(0, local[0])
        positions[0] = self.root_rest + state.root
        for level, above in _levels():
            parents = world[above]
            positions[level] = positions[above] + (parents @ self.offsets[level, :, None])[..., 0]
            world[level] = parents @ local[level]
            for joint, turn in self.locked.items():
                if level.start <= joint < level.stop:
                    world[joint] = turn
        for joint in self.locked:
            local[joint] = world[PARENTS[joint]].T @ world[joint] if joint else world[0]
        a2, b2 = (self.upper * self.upper).sum(-1), (self.lower * self.lower).sum(-1)
        bend_rate = -state.lengths / np.maximum(self.cosine_part * np.sin(bend), self.cosine_part * _LEAST_SINE)
        sine_line = np.maximum(np.sqrt(b2) * np.sin(bend) / state.lengths, _LEAST_SINE * np.sqrt(b2) / state.lengths)
        line_rate = (1 - (a2 - b2) / state.lengths**2) / (2 * np.sqrt(a2) * sine_line)
        return Placed(local, world, positions, bend_rate, np.where(self.compensated, line_rate, 0.0))

    def anchors(self) -> Int[NDArray[np.int64], "24 24"]:
        """[joint, above]: the joint that turning ``above`` carries along when ``joint`` is asked for.

        Below a locked joint nothing is turned by what is above it, only carried.
        """
        result = np.tile(np.arange(JOINT_COUNT)[:, None], (1, JOINT_COUNT))
        above = ancestors()
        for lock in sorted(self.locked, reverse=True):
            result[np.ix_(above[:, lock], above[lock])] = lock
        return result

    def position_jacobian(
        self, placed: Placed, levers: Float[Floats, "n 24 3"], lengthening: Float[Floats, "n 4 3"]
    ) -> Float[Floats, "n 3 79"]:
        """How points move with the variables, from their levers about every joint and their rates of lengthening."""
        count = len(levers)
        result = np.zeros((count, 3, VARIABLES))
        result[:, :, :3] = np.eye(3)
        across = (levers @ _CROSS).reshape(count, JOINT_COUNT, 3, 3) @ self._frames(placed)
        result[:, :, TURNS] = across.transpose(0, 2, 1, 3).reshape(count, 3, JOINT_COUNT * 3)
        result[:, :, LENGTHS] = lengthening.transpose(0, 2, 1)
        return result

    def levers(
        self, placed: Placed, anchors: Int[NDArray[np.int64], "24 24"]
    ) -> tuple[Float[Floats, "24 24 3"], Float[Floats, "24 4 3"]]:
        """For each joint: its lever about every joint above (m), and how fast the lengths of the limbs move it."""
        positions = placed.positions
        levers = (positions[anchors] - positions[None]) * ancestors()[..., None]
        lengthening = np.zeros((JOINT_COUNT, len(START), 3))
        limb = np.arange(len(START))
        line = _unit(positions[END] - positions[START])
        upper_turn, lower_turn = self.limb_turns(placed)
        lengthening[MIDDLE, limb] = _cross(upper_turn, positions[MIDDLE] - positions[START])
        lengthening[END, limb] = np.where(
            self.compensated[:, None], line, _cross(lower_turn, positions[END] - positions[MIDDLE])
        )
        free_end = np.array([joint not in self.locked for joint in END.tolist()])[:, None]
        lengthening[TIP, limb] = lengthening[END, limb] + free_end * _cross(lower_turn, positions[TIP] - positions[END])
        return levers, lengthening

    def limb_turns(self, placed: Placed) -> tuple[Float[Floats, "4 3"], Float[Floats, "4 3"]]:
        """How fast the upper and the lower bones turn in the world with the lengths, rad a metre."""
        axis = (placed.world[START] @ self.axis[..., None])[..., 0]
        upper = axis * placed.line_rate[:, None]
        return upper, upper + axis * placed.bend_rate[:, None]

    def turning_jacobian(self, placed: Placed) -> Float[Floats, "24 3 79"]:
        """How the joints turn in the world with the variables; a locked one doesn't, and shields what is below it."""
        turning = ancestors() | np.eye(JOINT_COUNT, dtype=bool)
        lengthened = np.zeros((JOINT_COUNT, len(START), 3))
        limb = np.arange(len(START))
        upper, lower = self.limb_turns(placed)
        lengthened[START, limb] = upper
        lengthened[LIMB_JOINTS, limb] = lower
        for lock in self.locked:
            kept = ancestors()[:, lock] | (np.arange(JOINT_COUNT) == lock)
            turning[np.ix_(kept, ancestors()[lock])] = False
            turning[lock, lock] = False
            if lock in END or lock in TIP:
                lengthened[kept] = 0.0
        result = np.zeros((JOINT_COUNT, 3, VARIABLES))
        frames = self._frames(placed)
        result[:, :, TURNS] = (turning[:, None, :, None] * frames.transpose(1, 0, 2)).reshape(JOINT_COUNT, 3, -1)
        result[:, :, LENGTHS] = lengthened.transpose(0, 2, 1)
        return result

    def _frames(self, placed: Placed) -> Float[Floats, "24 3 3"]:
        """The frames in which the joints' turns are told."""
        frames = placed.world[_ABOVE]
        frames[0] = np.eye(3)
        return np.asarray(frames)

    def stepped(self, state: State, step: Float[Floats, "79"]) -> State:
        """The state after a step, with the lengths inside their bounds."""
        lengths = np.clip(state.lengths + step[LENGTHS], self.shortest, self.longest)
        turns = turns_of(step[TURNS].reshape(-1, 3)) @ state.turns
        return replace(state, root=state.root + step[:3], turns=turns, lengths=lengths)
