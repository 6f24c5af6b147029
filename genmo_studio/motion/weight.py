"""Nobody hovers: where nothing carries the body and it does not fly, it is let down to the ground.

A body that is off the ground flies, and its height bends down with about 9.81 m/s^2. Where a motion is off the ground
and its pelvis does not fall like that (a network whose heights are sums of velocities lets people sit down in the air),
the pelvis is lowered by the gap, smoothly, and not at all at keys that fix its height. On raised ground, which only
keys make, a body that sinks into it is raised as well. The legs stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.footpath import runs
from genmo_studio.motion.grounding import lowest_points
from genmo_studio.motion.jumps import GRAVITY
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.smoothest import Wanted, smoothest
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ALOFT = 0.06
"""m over the ground from which on a body is off it."""
_SHORT = 5  # frames: running steps, and too few to tell how the body falls
_CUT = 15  # frames at an end of the motion: a flight of which only a part is seen
_FALLING = 0.4  # part of gravity with which whatever flies falls at least
_PULL = 0.03  # weight of a gap beside that of second differences: it acts within about 30^(1/4) frames
_NOTHING = 1e-4  # m


@dataclass(frozen=True)
class Lowered:
    """A stretch of frames in which the body hovered, and how far it was let down at most (m)."""

    start: int
    stop: int
    most: float


def let_down(
    motion: Motion,
    body: Body,
    *,
    ground: Float[Floats, " frames"],
    held: Sequence[int] = (),
    kept: Sequence[int] = (),
    flying: Sequence[tuple[int, int]] = (),
    planted: Float[Floats, "frames 2"] | None = None,
    strength: float = 1.0,
) -> tuple[Motion, list[Lowered]]:
    """The motion without hovering, and where it hovered.

    ``ground`` is the height of the ground (m), ``held`` are frames in which the pelvis stays where it is; who is off
    the ground in frames that are ``kept`` as they were is left there. ``flying`` are stretches (start, stop) in which
    the body is known to fly. Where the user has ``planted`` a foot (0..1) nobody
    hovers: that foot is brought to the ground by its leg.
    """
    if len(motion) < 3 or strength <= 0:
        return motion, []
    gap = lowest_points(motion, body) - ground
    hovers = _hovers(motion, body, gap, kept)
    if planted is not None:
        hovers &= ~(planted > 0).any(axis=1)
    wrong = hovers | ((gap < -ALOFT) & (ground > 0) & ~_frames(kept, len(gap)))
    for start, stop in flying:
        wrong[start:stop] = False
    if not wrong.any():
        return motion, []
    shift = _shift(gap, wrong, _frames(held, len(motion)), flying)
    shift[np.abs(shift) < _NOTHING] = 0
    translation = motion.translation.copy()
    translation[:, 1] += (strength * shift).astype(np.float32)
    told = [Lowered(start, stop, float(-shift[start:stop].min())) for start, stop in runs(hovers)]
    return replace(motion, translation=translation), [part for part in told if part.most > ALOFT]


def _frames(frames: Sequence[int], length: int) -> Bools:
    mask = np.zeros(length, np.bool_)
    mask[[frame for frame in frames if 0 <= frame < length]] = True
    return mask


def _hovers(motion: Motion, body: Body, gap: Float[Floats, " frames"], kept: Sequence[int]) -> Bools:
    """Frames off the ground in stretches in which the body does not fall as it would have to."""
    hovers, known = np.zeros(len(gap), np.bool_), _frames(kept, len(gap))
    height = joint_positions(motion, body)[:, :4, 1].astype(np.float64).mean(axis=1)  # pelvis, hips, spine
    for start, stop in runs(gap > ALOFT):
        if stop - start <= (_CUT if start == 0 or stop == len(gap) else _SHORT) or known[start:stop].any():
            continue
        time = np.arange(stop - start) / motion.fps
        fall = -2 * float(np.polyfit(time - time.mean(), height[start:stop], 2)[0])
        hovers[start:stop] = fall < _FALLING * GRAVITY
    return hovers


def _shift(gap: Floats, wrong: Bools, held: Bools, flying: Sequence[tuple[int, int]]) -> Float[Floats, " frames"]:
    """How far the pelvis goes up: minus the gap where it is wrong, nothing at held frames and where it was right."""
    weight = np.full(len(gap), _PULL)
    for start, stop in flying:
        weight[start:stop] = _PULL / 100
    target = np.where(wrong, -gap, 0.0)
    # Beside a stretch that is wrong the small gaps that a standing body has are closed too: no step at its ends.
    near = distance_transform_edt(~wrong)
    target = np.where(~wrong & (np.abs(gap) <= ALOFT), -gap * smoothstep(1 - near / 8), target)
    return smoothest(
        Wanted(
            np.zeros((len(gap) - 2, 1)), np.ones(len(gap) - 2), np.where(held, 0.0, target)[:, None], weight, held
        )
    )[:, 0]  # fmt: skip
