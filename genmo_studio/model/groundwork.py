"""Between keys and foot lock: a motion is given weight, flight and steps where it has none (decision 0019).

Each part changes only what cannot be: a body that hovers, a change of level between two keys without a jump, feet that
are said to stand while they are carried along, toes that slide under a body that gets up. What was done is told in
sentences, for the record of the take.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.model.footfalls import Footfalls, ground_under, held_by, in_the_air, key_levels
from genmo_studio.motion.body import Body
from genmo_studio.motion.correction import PoseTarget
from genmo_studio.motion.footlock import Held
from genmo_studio.motion.footplan import Steps
from genmo_studio.motion.footsteps import stepped
from genmo_studio.motion.jumps import Jump, jumped, level_ground
from genmo_studio.motion.lowrest import resting_low
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.supports import supported
from genmo_studio.motion.weight import Lowered, let_down
from genmo_studio.shapes import Float


@dataclass(frozen=True, eq=False)
class Grounded:
    """A motion whose feet can be locked."""

    motion: Motion
    ground: Float[NDArray[np.float64], " frames"]
    """height of the ground under it, m"""
    told: tuple[str, ...]
    """what was done, a sentence each"""
    figures: dict[str, float]
    """the same in numbers, nothing where nothing was done"""


def worked(
    falls: Footfalls,
    body: Body,
    poses: Sequence[PoseTarget],
    *,
    strength: float,
    held: Held | None = None,
    first: int = 0,
) -> Grounded:
    """Jumps, weight and steps, in this order; keys that fix the pelvis or a leg are left as they are.

    ``held`` are more frames in which a leg or the pelvis stays as it is. ``first`` is what the first frame is called in
    the sentences.
    """
    motion, keyed, stays = falls.motion, held_by(poses), held or Held()
    held = Held(
        sorted({*keyed.left_leg, *stays.left_leg}),
        sorted({*keyed.right_leg, *stays.right_leg}),
        sorted({*keyed.pelvis, *stays.pelvis}),
    )
    ground = ground_under(motion, body, poses)
    legs = sorted({*held.left_leg, *held.right_leg})
    motion, jumps = jumped(motion, body, key_levels(motion, body, poses), held=(*held.pelvis, *legs), strength=strength)
    ground = level_ground(jumps, ground)
    flying = [(jump.first, jump.last + 1) for jump in jumps]
    motion, lowered = let_down(
        motion,
        body,
        ground=ground,
        held=held.pelvis,
        kept=stays.pelvis,
        flying=flying,
        planted=falls.planted,
        strength=strength,
    )
    motion = in_the_air(motion, ground)
    motion, rested = resting_low(motion, body, ground=ground, strength=strength)
    busy = falls.planted.copy()
    for jump in jumps:
        busy[jump.first : jump.last + 1] = 1.0
    motion, steps = stepped(motion, body, ground=ground, legs=legs, pelvis=held.pelvis, planted=busy, strength=strength)
    motion, found = supported(
        motion, body, ground=ground, legs=legs, pelvis=held.pelvis, planted=busy, strength=strength
    )
    if strength <= 0:
        return Grounded(motion, ground, (), {})
    told = (*_told(jumps, lowered, steps, found, first=first), *_lying(rested, first=first))
    return Grounded(motion, ground, told, _figures(jumps, lowered, [*steps, *found]))


def _told(
    jumps: Sequence[Jump], lowered: Sequence[Lowered], steps: Sequence[Steps], found: Sequence[Steps], *, first: int
) -> tuple[str, ...]:
    return (
        *(
            f"A jump of {100 * jump.rise:+.0f} cm: the feet leave after frame {first + jump.leaves} and land at frame "
            f"{first + jump.lands}."
            for jump in jumps
        ),
        *(
            f"Let down by up to {100 * part.most:.0f} cm from frame {first + part.start} to {first + part.stop - 1}: "
            "nothing carried the body there."
            for part in lowered
        ),
        *(
            f"{_steps(part.count)} from frame {first + part.start} to {first + part.stop - 1}: "
            "the feet were carried along as they stood."
            for part in steps
        ),
        *(
            f"{_steps(part.count)} from frame {first + part.start} to {first + part.stop - 1}: "
            "no foot was said to carry the body."
            for part in found
        ),
    )


def _lying(rested: Sequence[tuple[int, int]], *, first: int) -> Iterator[str]:
    for start, stop in sorted(set(rested)):
        yield f"Toes rest from frame {first + start} to {first + stop - 1}: they lay on the ground under a low body."


def _figures(jumps: Sequence[Jump], lowered: Sequence[Lowered], steps: Sequence[Steps]) -> dict[str, float]:
    found = {
        "jumps": len(jumps),
        "let_down_m": round(max((part.most for part in lowered), default=0.0), 4),
        "steps_put_in": sum(part.count for part in steps),
    }
    return {name: value for name, value in found.items() if value}


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
