"""Moves over the ground: a turn about the vertical and a shift, applied to motions, and parts of such a move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import (
    heading_from_matrix,
    matrix_from_rotvec,
    rotate,
    rotvec_from_matrix,
    transpose,
    yaw_matrix,
)
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]

TREND = 15
"""Frames on each side over which the sway of steps is averaged out of a place and a heading."""
_STRAIGHT = 1e-6  # rad: below it a move is a shift without a turn


@dataclass(frozen=True, eq=False)
class GroundMove:
    """A rigid move over the ground: turn about +y (rad), then shift (x, z in m)."""

    turn: float
    shift: Float[Floats, "2"]

    def inverse(self) -> "GroundMove":
        """The move that undoes it."""
        x, _, z = -rotate(yaw_matrix(-self.turn), np.array([self.shift[0], 0.0, self.shift[1]]))
        return GroundMove(-self.turn, np.array([x, z]))

    def parts(self, shares: Float[Floats, " frames"]) -> tuple[Float[Floats, " frames"], Float[Floats, "frames 3"]]:
        """Turns and shifts of the steady move that is this one at share 1 and nothing at share 0.

        A steady move with a turn goes along a circle: the shift at share s is V(s turn) V(turn)^-1 times the shift,
        with V(a) = [[sin a, 1 - cos a], [cos a - 1, sin a]] / a on (x, z).
        """
        turns = self.turn * shares
        x, z = self.shift
        if abs(self.turn) < _STRAIGHT:
            return turns, np.stack([x * shares, np.zeros_like(shares), z * shares], axis=-1)
        sine, cosine = np.sin(self.turn), np.cos(self.turn)
        rate = np.linalg.solve([[sine, 1 - cosine], [cosine - 1, sine]], [x, z])
        return turns, np.stack(
            [
                np.sin(turns) * rate[0] + (1 - np.cos(turns)) * rate[1],
                np.zeros_like(shares),
                (np.cos(turns) - 1) * rate[0] + np.sin(turns) * rate[1],
            ],
            axis=-1,
        )


def moved(motion: Motion, body: Body, move: GroundMove) -> Motion:
    """The motion turned and shifted as a whole."""
    shift = np.array([move.shift[0], 0.0, move.shift[1]])
    return _moved(motion, body, np.full(len(motion), move.turn), np.broadcast_to(shift, (len(motion), 3)))


def without_travel(motion: Motion, body: Body, move: GroundMove) -> Motion:
    """The motion on the spot: a steady part of ``move``, all of it over the motion's frames, is taken back.

    The first frame stays where it is; repeated, the motion no longer gets anywhere.
    """
    shares = np.arange(len(motion)) / max(len(motion), 1)
    turns, shifts = move.parts(shares)
    back = rotate(yaw_matrix(-turns), shifts)
    return _moved(motion, body, -turns, -back)


def _moved(motion: Motion, body: Body, turns: Floats, shifts: Floats) -> Motion:
    pelvis = body.rest_joints(motion.betas.astype(np.float64))[0]
    turn = yaw_matrix(turns)
    place = rotate(turn, motion.translation.astype(np.float64) + pelvis) + shifts - pelvis
    rotations = motion.rotations.copy()
    rotations[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    return replace(motion, rotations=rotations, translation=place.astype(np.float32))


def move_between(motion: Motion, body: Body, first: int, second: int) -> GroundMove:
    """The move over the ground from frame ``first`` to frame ``second``, which may be one past the end.

    Places and headings are averaged over up to TREND frames on each side where both have them, so that the sway of a
    step is not taken for travel. Past the end the motion goes on at the mean of its last step and of the one after
    ``first``.
    """
    turns = matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64))
    heading = np.unwrap(heading_from_matrix(turns))
    place = motion.translation.astype(np.float64) + body.rest_joints(motion.betas.astype(np.float64))[0]
    if second >= len(motion):
        step = [_local_step(turns, place, frame) for frame in (first, len(motion) - 2) if 0 <= frame < len(motion) - 1]
        rate = np.diff(heading)[[first, -1]].mean() if len(motion) > 1 else 0.0
        mean = np.mean(step, axis=0) if step else np.zeros(3)
        place = np.concatenate([place, (place[-1] + turns[-1] @ mean)[None]])
        heading = np.append(heading, heading[-1] + rate)
    reach = max(0, min(TREND, first, len(heading) - 1 - second))
    around = np.arange(-reach, reach + 1)
    turn = float((heading[second + around] - heading[first + around]).mean())
    turn = (turn + np.pi) % (2 * np.pi) - np.pi  # whole turns are part of the motion, not of the move
    start, end = place[first + around].mean(axis=0), place[second + around].mean(axis=0)
    return GroundMove(turn, (end - rotate(yaw_matrix(turn), start))[[0, 2]])


def _local_step(turns: Floats, place: Floats, frame: int) -> Floats:
    return np.asarray(rotate(transpose(turns[frame]), place[frame + 1] - place[frame]))
