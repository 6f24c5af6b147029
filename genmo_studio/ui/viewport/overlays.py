"""Ghosts before and after the playhead, and the ways of joints through the air. Pure: frames in, things to draw out.

Before is blue and after is yellow everywhere: the two stay apart for every common kind of colour blindness.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS, REGIONS
from genmo_studio.render.motion_scene import GHOST_AFTER, GHOST_BEFORE
from genmo_studio.render.scene import Depth, Floats, Lines, Material, Points, SkinnedBody, SkinnedMesh, Surface
from genmo_studio.ui.viewport.display import Display, GhostRule

DOT = 4.5
KEY_DOT = 10.0
NOW_DOT = 9.0
FARTHEST_SHARE = 0.35
"""Of the strength, that the farthest ghost and the ends of a trajectory keep."""


class Ghost(msgspec.Struct, frozen=True):
    """One ghost: which frame of the motion, and how strong (0..1)."""

    frame: int
    opacity: float
    before: bool


def ghost_frames(display: Display, *, now: float, frames: int, keys: Sequence[int]) -> tuple[Ghost, ...]:
    """Ghosts around ``now`` (fractional frame of a motion of ``frames`` frames), nearest first on each side.

    ``keys`` are sorted frames of the motion at which keys stand.
    """
    if display.ghosts is GhostRule.OFF or frames < 1:
        return ()
    count = display.ghost_count
    if display.ghosts is GhostRule.KEYS:
        before = [key for key in reversed(keys) if key < now - 0.5][:count]
        after = [key for key in keys if key > now + 0.5][:count]
    else:
        here, step = round(now), display.ghost_step
        before = [here - step * i for i in range(1, count + 1)]
        after = [here + step * i for i in range(1, count + 1)]
    found: list[Ghost] = []
    for side, is_before in ((before, True), (after, False)):
        for place, frame in enumerate(side):
            if 0 <= frame < frames:
                fade = 1.0 - (1.0 - FARTHEST_SHARE) * place / max(count - 1, 1)
                found.append(Ghost(frame, display.ghost_strength * fade, is_before))
    return tuple(found)


def ghost_bodies(
    ghosts: Sequence[Ghost], *, mesh: SkinnedMesh, transforms: Callable[[int], Floats]
) -> tuple[SkinnedBody, ...]:
    """See-through bodies."""
    made = []
    for ghost in ghosts:
        colour = GHOST_BEFORE if ghost.before else GHOST_AFTER
        made.append(
            SkinnedBody(
                mesh=mesh,
                transforms=transforms(ghost.frame),
                material=Material(primary=colour, secondary=colour, rim=colour),
                surface=Surface.GHOST,
                opacity=ghost.opacity,
            )
        )
    return tuple(made)


def limb_of(joint: int) -> tuple[int, ...]:
    """Joints of the arm, leg or spine that a joint belongs to, from the body outwards."""
    hands = {22: 20, 23: 21}
    for name in ("left_arm", "right_arm", "left_leg", "right_leg", "spine"):
        if hands.get(joint, joint) in REGIONS[name]:
            return REGIONS[name]
    return REGIONS["spine"]


def limb_ghosts(
    ghosts: Sequence[Ghost], joints: NDArray[np.floating], *, picked: Sequence[int]
) -> tuple[list[Lines], list[Points]]:
    """Bones of the limbs of the picked joints at the ghosts' frames; ``joints`` is (T, 24, 3)."""
    limb = sorted({j for joint in picked for j in limb_of(joint) if PARENTS[j] >= 0})
    segments, bones, places, dots = [], [], [], []
    for ghost in ghosts:
        colour = (*(GHOST_BEFORE if ghost.before else GHOST_AFTER), min(1.0, ghost.opacity * 1.4))
        at = joints[ghost.frame]
        for j in limb:
            segments.append((at[PARENTS[j]], at[j]))
            bones.append(colour)
            places.append(at[j])
            dots.append(colour)
    if not segments:
        return [], []
    return (
        [Lines(np.asarray(segments, np.float32), np.asarray(bones, np.float32), width=3.0, depth=Depth.ON_TOP)],
        [Points(np.asarray(places, np.float32), np.asarray(dots, np.float32), size=6.0, depth=Depth.ON_TOP)],
    )


def trails(
    joints: NDArray[np.floating], *, chosen: Sequence[int], display: Display, now: float, keys: Sequence[int]
) -> tuple[list[Lines], list[Points]]:
    """The ways of the chosen joints: a line, a dot a frame (their spacing shows speed), larger at keys and now.

    ``joints`` is (T, 24, 3); ``keys`` are frames of the motion.
    """
    here = round(now)
    start, stop = max(here - display.trail_before, 0), min(here + display.trail_after + 1, len(joints))
    frames = np.arange(start, stop)
    if not chosen or not len(frames):
        return [], []
    reach = np.where(frames < here, max(display.trail_before, 1), max(display.trail_after, 1))
    colours = np.empty((len(frames), 4), np.float32)
    colours[:, :3] = np.where((frames < here)[:, None], GHOST_BEFORE, GHOST_AFTER)
    colours[:, 3] = 1.0 - (1.0 - FARTHEST_SHARE) * np.abs(frames - here) / reach
    at_key = np.isin(frames, np.asarray(keys, int))
    lines, dots, big, current = [], [], [], []
    for joint in chosen:
        places = np.asarray(joints[start:stop, joint], np.float32)
        lines.append(np.stack([places[:-1], places[1:]], axis=1))
        dots.append(places[~at_key])
        big.append(places[at_key])
        current.append(places[frames == here])
    tile = (len(chosen), 1)
    line_colours = np.tile(colours[:-1] * np.array([1, 1, 1, 0.75], np.float32), tile)
    white = np.ones((sum(map(len, current)), 4), np.float32)
    found = [
        Points(np.concatenate(dots), np.tile(colours[~at_key], tile), size=DOT, depth=Depth.ON_TOP),
        Points(np.concatenate(big), np.tile(colours[at_key], tile), size=KEY_DOT, depth=Depth.ON_TOP),
        Points(np.concatenate(current), white, size=NOW_DOT, depth=Depth.ON_TOP),
    ]
    return [Lines(np.concatenate(lines), line_colours, width=1.6, depth=Depth.ON_TOP)], found


def highlight(
    tint: Floats | None, joints: Sequence[int], *, colour: tuple[float, float, float], strength: float = 0.6
) -> Floats:
    """(24, 4) tints with some joints in another colour."""
    result = np.zeros((JOINT_COUNT, 4), np.float32) if tint is None else tint.copy()
    result[list(joints)] = (*colour, strength)
    return result


STRESS: tuple[float, float, float] = (0.93, 0.22, 0.25)
"""Of a joint that is bent farther than people bend it."""
STRESS_SEEN = 0.02
"""Stress above which a joint is tinted; 1 is the limit."""


def stressed(tint: Floats | None, stress: NDArray[np.floating]) -> Floats:
    """(24, 4) tints with joints beyond their limits in red, as strongly as ``stress`` (24,) 0..1 says (GZ9)."""
    result = np.zeros((JOINT_COUNT, 4), np.float32) if tint is None else tint.copy()
    for joint in np.flatnonzero(stress > STRESS_SEEN):
        strength = float(min(stress[joint], 1.0)) * 0.55
        if strength > result[joint, 3]:
            result[joint] = (*STRESS, strength)
    return result
