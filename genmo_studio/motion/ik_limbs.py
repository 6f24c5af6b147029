"""The body as a full-body solver sees it: joints that turn freely, and limbs that reach by becoming longer or shorter.

A straight arm or leg can't be shortened by a small turn of the elbow or knee: to first order nothing happens, and a
solver that steps along derivatives moves the whole body instead. So the four limbs are told by other numbers here: the
length from shoulder to wrist (hip to ankle), which the two bones follow in closed form, and the turn of that line about
its start. Lengthening moves the end straight along the line and leaves the plane of the bend where it is, so elbows and
knees keep their direction and can't bend backwards.

A hand, a foot, the toes or the pelvis can also be *locked*: it keeps its turn in the world whatever the joints above
do. A hand or foot can be *pinned*: its limb follows to the place in closed form, whatever the body does, as long as it
reaches. And an arm that nothing asks for can *hang*: it follows the heading of the chest and, the more it hangs down,
not its tilt, as an arm with weight does.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik import LIMBS
from genmo_studio.motion.ik_hanging import Hanging
from genmo_studio.motion.ik_layout import (
    END,
    LENGTHS,
    LIMB_JOINTS,
    MIDDLE,
    START,
    TIP,
    TURNS,
    VARIABLES,
    ancestors,
    trunk_levels,
    turning_joints,
)
from genmo_studio.motion.ik_state import CROSS, Placed, State, turns_of
from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS
from genmo_studio.shapes import Bool, Float, Int
from genmo_studio.values import replace

Floats = NDArray[np.float64]

_HINGES = np.array([limb.hinge for limb in LIMBS.values()], np.float64)
_ABOVE = np.array([max(parent, 0) for parent in PARENTS])
_ABOVE_START = _ABOVE[START]
_HINGE_COUNTS_BELOW = 0.6  # rad of bend
_HINGE_SHARE = 0.4
_EYE = np.eye(3)
_NOTHING = np.zeros(len(LIMBS))
_LEAST_SINE = 0.05  # of the bend, in derivatives: the true ones have no bound at a straight limb
_MOST_BENT = np.radians(160)
_STRETCH = 0.9998  # of the full length, where the pose before the drag was not longer already


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., [1, 2, 0]] * b[..., [2, 0, 1]] - a[..., [2, 0, 1]] * b[..., [1, 2, 0]])


def _unit(a: Floats) -> Floats:
    return np.asarray(a / np.maximum(np.sqrt((a * a).sum(-1, keepdims=True)), 1e-12))


class Limbs(msgspec.Struct, frozen=True, eq=False):
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
    locks: tuple[tuple[tuple[int, Float[Floats, "3 3"]], ...], ...]
    """the same of limbs, by rows of ``LIMB_JOINTS``: which limb, and its turn"""
    loose_ends: Float[Floats, "4"]
    """0 where the hand or foot is locked, 1 elsewhere"""
    pinned: Int[NDArray[np.int64], " pinned"]
    """limbs (0 to 3) whose end is held in place"""
    pins: Float[Floats, "pinned 3"]
    """where, m"""
    hanging: Hanging | None

    @staticmethod
    def of(
        local: Float[Floats, "24 3 3"],
        rest_joints: Float[Floats, "24 3"],
        *,
        locked: Mapping[int, Float[Floats, "3 3"]],
        compensated: Bool[NDArray[np.bool_], "4"],
        pins: Mapping[int, Float[Floats, "3"]],
    ) -> "Limbs":
        """The limbs of a pose. Axes are those of the present bend; the hinge's where a limb is nearly straight.

        ``pins`` are places of the ends of limbs (0 to 3) that are compensated.
        """
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
            locks=tuple(
                tuple((limb, locked[joint]) for limb, joint in enumerate(row) if joint in locked)
                for row in LIMB_JOINTS.tolist()
            ),
            loose_ends=np.array([float(joint not in locked) for joint in END.tolist()]),
            pinned=np.array(sorted(pins), np.int64),
            pins=np.array([pins[limb] for limb in sorted(pins)], np.float64).reshape(-1, 3),
            hanging=None,
        )

    def with_hanging(self, limbs: Sequence[int], home: State) -> "Limbs":
        """These limbs that hang from the chest as they do in ``home``."""
        if not limbs:
            return self
        return replace(self, hanging=Hanging.of(np.array(limbs), self.place(home), self.along))

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
        """World rotations and positions of a state, with pinned limbs put to their pins."""
        local = state.turns.copy()
        steps = np.empty((JOINT_COUNT, 3, 4))
        steps[:, :, :3], steps[:, :, 3] = local, self.offsets
        placed = np.empty((JOINT_COUNT, 3, 4))
        placed[0, :, :3], placed[0, :, 3] = self.locked.get(0, local[0]), self.root_rest + state.root
        for level, parent in trunk_levels():
            parents = placed[parent]
            placed[level] = parents[:, :, :3] @ steps[level]
            placed[level, :, 3] += parents[:, :, 3]
        above = placed[_ABOVE_START, :, :3]
        overreach = _NOTHING
        if len(self.pinned):
            state, overreach = self._reaching(state, above, placed[START, :, 3])
        local[MIDDLE], back, bend = self._bent(state.lengths)
        local[START] = state.turns[START] @ back
        placed[START, :, :3] = above @ local[START]
        steps[MIDDLE, :, :3] = local[MIDDLE]
        parents = placed[START]
        for joints, locked in zip(LIMB_JOINTS, self.locks, strict=True):
            below = parents[:, :, :3] @ steps[joints]
            below[:, :, 3] += parents[:, :, 3]
            for limb, turn in locked:
                below[limb, :, :3] = turn
            placed[joints] = parents = below
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
            state=state,
            overreach=overreach,
            local=local,
            world=world,
            positions=np.ascontiguousarray(placed[:, :, 3]),
            frames=frames,
            bend_rate=bend_rate,
            upper_turn=upper_turn,
            lower_turn=upper_turn + axis * bend_rate[:, None],
        )

    def _reaching(self, state: State, above: Floats, starts: Floats) -> tuple[State, Float[Floats, "4"]]:
        """The state with the lines of pinned limbs turned to their pins, by the shortest arc, and as long as needed."""
        limbs = self.pinned
        joints, frames = START[limbs], above[limbs]
        wanted = self.pins - starts[limbs]
        distance = np.sqrt((wanted * wanted).sum(-1))
        line = (state.turns[joints] @ self.along[limbs][..., None])[..., 0]
        aim = (wanted[:, None] @ frames)[:, 0] / np.maximum(distance, 1e-9)[:, None]
        skew = -(_cross(line, aim) @ CROSS).reshape(-1, 3, 3)
        scale = 1 / np.maximum(1 + (line * aim).sum(-1), 1e-3)
        arc = _EYE + skew + scale[:, None, None] * (skew @ skew)
        turns, lengths, overreach = state.turns.copy(), state.lengths.copy(), np.zeros(len(START))
        turns[joints] = arc @ turns[joints]
        lengths[limbs] = np.minimum(np.maximum(distance, self.shortest[limbs]), self.longest[limbs])
        overreach[limbs] = distance - lengths[limbs]
        return State(state.root, turns, lengths), overreach

    def hung(self, placed: Placed) -> Placed:
        """The body with the arms hanging that do."""
        if self.hanging is None:
            return placed
        state = placed.state
        return self.place(State(state.root, self.hanging.turned(state.turns, placed.frames[START]), state.lengths))

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
        lengths = np.minimum(np.maximum(state.lengths + step[LENGTHS], self.shortest), self.longest)
        turns = turns_of(step[TURNS].reshape(-1, 3)) @ state.turns
        return State(state.root + step[:3], turns, lengths)
