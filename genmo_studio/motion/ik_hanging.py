"""Arms that nothing asks for hang from the chest, as arms with weight do."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik_layout import START
from genmo_studio.motion.ik_state import CROSS, Placed
from genmo_studio.shapes import Float, Int

Floats = NDArray[np.float64]

_EYE = np.eye(3)
_UPSIDE_DOWN, _HANGS_LESS = np.radians(150), np.radians(50)  # of tilt: where an arm hangs no more, and fades


class Hanging(msgspec.Struct, frozen=True, eq=False):
    """Arms that hang from the chest: they turn with its heading, and with its tilt the less the more they hang."""

    joints: Int[NDArray[np.int64], " n"]
    """where they start"""
    limbs: Int[NDArray[np.int64], " n"]
    frames: Float[Floats, "n 3 3"]
    """of those joints before the drag, in the world"""
    lines: Float[Floats, "n 3 3"]
    """how the lines of the arms were turned, in the world"""
    weight: Float[Floats, " n"]
    """0 for an arm that is held level or higher, 1 for one that hangs straight down"""

    @staticmethod
    def of(limbs: Int[NDArray[np.int64], " n"], home: Placed, along: Float[Floats, "4 3"]) -> "Hanging":
        """From the pose before the drag."""
        joints = START[limbs]
        frames = home.frames[joints]
        lines = frames @ home.state.turns[joints]
        down = -(lines @ along[limbs][..., None])[:, 1, 0]
        return Hanging(joints, limbs, frames, lines, np.clip(down, 0, 1) ** 2)

    def turned(self, turns: Float[Floats, "24 3 3"], above: Float[Floats, "4 3 3"]) -> Float[Floats, "24 3 3"]:
        """The local turns with those of the hanging arms; ``above`` are the frames of all limbs."""
        frames = above[self.limbs]
        away = frames @ self.frames.transpose(0, 2, 1)
        trace = away[:, 0, 0] + away[:, 1, 1] + away[:, 2, 2]
        heading = 2 * np.arctan2(away[:, 0, 2] - away[:, 2, 0], 1 + trace)
        yaw = np.zeros_like(away)
        yaw[:, 0, 0] = yaw[:, 2, 2] = np.cos(heading)
        yaw[:, 0, 2] = np.sin(heading)
        yaw[:, 2, 0] = -yaw[:, 0, 2]
        yaw[:, 1, 1] = 1
        tilt = away @ yaw.transpose(0, 2, 1)
        axis = 0.5 * (tilt.reshape(-1, 9)[:, [7, 2, 3]] - tilt.reshape(-1, 9)[:, [5, 6, 1]])
        sine = np.sqrt((axis * axis).sum(-1))
        angle = np.arctan2(sine, 0.5 * (tilt[:, 0, 0] + tilt[:, 1, 1] + tilt[:, 2, 2] - 1))
        hangs = self.weight * np.minimum(np.maximum((_UPSIDE_DOWN - angle) / _HANGS_LESS, 0), 1)
        skew = -((axis / np.maximum(sine, 1e-12)[:, None]) @ CROSS).reshape(-1, 3, 3)
        back = (-hangs * angle)[:, None, None]
        kept = _EYE + np.sin(back) * skew + (1 - np.cos(back)) * (skew @ skew)  # against the tilt
        result = turns.copy()
        result[self.joints] = frames.transpose(0, 2, 1) @ kept @ away @ self.lines
        return result
