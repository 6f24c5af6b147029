"""How good each frame of a motion is: foot skate, distance from keys, jumps at seams, jitter. NumPy only.

Every function gives one value a frame, (T,) float64, NaN where the measure says nothing about a frame. Positions are
joints in the world, metres, y up; ``fps`` is frames a second. Their means over a motion are the figures of
``motion.contacts`` and ``training.metrics``, so that strip, take list and evaluation speak of the same thing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, forward_kinematics
from genmo_studio.motion.contacts import FEET, STATIC_SPEED, touching
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.shapes import Float

Positions = NDArray[np.floating[Any]]
PerFrame = NDArray[np.float64]
Vec3 = tuple[float, float, float]

AROUND = 0.5
"""Seconds on either side of a seam that tell how fast the motion changes there anyway."""
_USUAL = 90.0  # percentile of the acceleration around a seam that counts as usual


class Measure(Enum):
    """What can be said of a frame."""

    SKATE = "skate"
    KEYS = "keys"
    SEAMS = "seams"
    JITTER = "jitter"


class Limits(msgspec.Struct, frozen=True):
    """From where on a value deserves a look, and from where on it is visibly wrong; in the measure's own unit."""

    watch: float
    bad: float


LIMITS: dict[Measure, Limits] = {
    Measure.SKATE: Limits(STATIC_SPEED, 2 * STATIC_SPEED),  # 0.3 m/s is a centimetre a frame
    Measure.KEYS: Limits(0.01, 0.05),
    Measure.SEAMS: Limits(15.0, 35.0),
    Measure.JITTER: Limits(500.0, 800.0),
}
"""Skate m/s, keys m, seams m/s^2, jitter m/s^3.

The last two were measured on 15,000 frames of recorded motion (130 clips, 30 frames a second): 5 % of all frames have
more jerk than the first limit and one in a thousand more than the second; of seams put where there is none, 1 % and
0.1 % jump that much.
"""


@dataclass(frozen=True)
class KeyTarget:
    """What a key asks of one frame; what is absent is free."""

    frame: int
    """Frame of the motion."""
    rotations: Mapping[str, Vec3] = field(default_factory=dict)
    """SMPL joint name -> local rotation vector, rad."""
    positions: Mapping[str, Vec3] = field(default_factory=dict)
    """SMPL joint name -> place in the world, m."""
    pelvis: Vec3 | None = None
    """Pelvis in the world, m."""
    ground: tuple[float, float] | None = None
    """Pelvis over the ground: x, z in m."""
    heading: float | None = None
    """Where the body faces, rad about +y."""


def skate_speed(
    positions: Float[Positions, "frames 24 3"],
    contacts: Float[Positions, "frames 6"] | None = None,
    *,
    fps: float = 30.0,
) -> PerFrame:
    """Horizontal speed (m/s) of the ankle or toe joint that slides most while it touches the ground.

    Touching is weighed as in ``motion.contacts.foot_skate``; the speed is to the next frame, the last frame repeats.
    """
    if len(positions) < 2:
        return np.zeros(len(positions))
    feet = positions[:, list(FEET)].astype(np.float64)
    speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * fps
    slide = (speed * touching(positions, contacts)).max(axis=1)
    return np.append(slide, slide[-1])


def joint_jerk(positions: Float[Positions, "frames joints 3"], *, fps: float = 30.0) -> PerFrame:
    """Mean jerk (m/s^3) of the 22 body joints: mean of the third differences that a frame has a part in."""
    frames = len(positions)
    if frames < 4:
        return np.zeros(frames)
    body = positions[:, :BODY_JOINT_COUNT].astype(np.float64)
    jerk = np.linalg.norm(np.diff(body, n=3, axis=0) * fps**3, axis=-1).mean(axis=-1)
    taps = np.ones(4)
    return np.asarray(np.convolve(jerk, taps) / np.convolve(np.ones(len(jerk)), taps))


def peak_acceleration(positions: Float[Positions, "frames joints 3"], *, fps: float = 30.0) -> PerFrame:
    """Largest acceleration (m/s^2) of the 22 body joints: second difference about each frame, 0 at both ends."""
    found = np.zeros(len(positions))
    if len(positions) > 2:
        body = positions[:, :BODY_JOINT_COUNT].astype(np.float64)
        found[1:-1] = np.linalg.norm(np.diff(body, n=2, axis=0) * fps**2, axis=-1).max(axis=-1)
    return found


def seam_jump(
    positions: Float[Positions, "frames joints 3"], seams: Iterable[tuple[int, int]], *, fps: float = 30.0
) -> PerFrame:
    """How much harder (m/s^2) the body is accelerated at a seam than around it; NaN away from seams.

    ``seams`` are (first frame of the later piece, frames of cross-fade). A break in position or in velocity shows as a
    peak of the second difference at the seam's frames; from it the 90th percentile of the half second on both sides is
    taken away, so that a fast movement is no jump.
    """
    acceleration = peak_acceleration(positions, fps=fps)
    jump = np.full(len(positions), np.nan)
    reach = round(AROUND * fps)
    for frame, blend in seams:
        first, stop = max(frame - 1, 0), min(frame + blend + 1, len(positions))
        if not 0 < frame < len(positions) or stop <= first:
            continue
        around = np.concatenate((acceleration[max(1, first - reach) : first], acceleration[stop : stop + reach]))
        usual = float(np.percentile(around, _USUAL)) if len(around) else 0.0
        jump[first:stop] = np.fmax(jump[first:stop], np.maximum(acceleration[first:stop] - usual, 0.0))
    return jump


def key_distance(motion: Motion, body: Body, targets: Iterable[KeyTarget]) -> PerFrame:
    """How far (m) the joint that is farthest off lies from where the frame's keys want it; NaN where no key is.

    A key's rotations, pelvis place and heading are put into the shown pose; the distance is what that moves.
    """
    found = np.full(len(motion), np.nan)
    rest = body.rest_joints(motion.betas).astype(np.float64)
    for target in targets:
        if 0 <= target.frame < len(motion):
            found[target.frame] = np.fmax(found[target.frame], _distance(motion, rest, target))
    return found


def _distance(motion: Motion, rest: Positions, target: KeyTarget) -> float:
    turned = np.asarray(matrix_from_rotvec(motion.rotations[target.frame].astype(np.float64)))
    translation = motion.translation[target.frame].astype(np.float64)
    _, shown = forward_kinematics(turned, rest, translation)
    asked = turned.copy()
    for name, value in target.rotations.items():
        if INDEX.get(name, BODY_JOINT_COUNT) < BODY_JOINT_COUNT:
            asked[INDEX[name]] = matrix_from_rotvec(np.array(value, np.float64))
    if target.heading is not None:
        asked[0] = yaw_matrix(target.heading - float(heading_from_matrix(asked[0]))) @ asked[0]
    moved = translation.copy()
    if target.pelvis is not None:
        moved = np.array(target.pelvis, np.float64) - rest[0]
    if target.ground is not None:
        moved[[0, 2]] = np.array(target.ground) - rest[0, [0, 2]]
    _, wanted = forward_kinematics(asked, rest, moved)
    off = np.linalg.norm(np.asarray(wanted) - np.asarray(shown), axis=-1)[:BODY_JOINT_COUNT]
    placed = [
        float(np.linalg.norm(np.asarray(shown)[INDEX[name]] - np.array(place)))
        for name, place in target.positions.items()
        if name in INDEX
    ]
    return max([float(off.max()), *placed])
