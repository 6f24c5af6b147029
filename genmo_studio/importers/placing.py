"""What a BVH file leaves open and an import must decide: which joints are whose, which way is up, what a unit is.

The guesses come from the skeleton itself; each can be overruled. A clip is turned into the form that retargeting
takes: rest pose standing along +y with its left at +x, the world's ground in the xz plane.
"""

from enum import Enum
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.importers.bvh import CENTIMETRE, BvhClip
from genmo_studio.motion.body import Body
from genmo_studio.motion.joint_names import guess_mapping
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.retarget import RetargetError, retarget_bvh, shortest_turn
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.values import replace

Array = NDArray[np.float64]

USUAL_LEG = 0.84
"""m from hip to ankle of an adult."""


class FileUp(Enum):
    """Axis of the file that points up."""

    X = "X"
    Y = "Y"
    Z = "Z"


class Unit(Enum):
    """Lengths that BVH files are written in; the value is metres."""

    METRE = 1.0
    CENTIMETRE = 0.01
    MILLIMETRE = 0.001
    INCH = 0.0254
    CMU = 0.056444

    @property
    def words(self) -> str:
        """For the report."""
        return "units of the CMU archive" if self is Unit.CMU else f"{self.name.lower()}s"


class Travel(Enum):
    """How far the body goes."""

    FITTED = "fitted to the body's legs"
    MEASURED = "as far as in the file"


class BvhFixes(msgspec.Struct, frozen=True):
    """What the user overrules; None = as guessed."""

    up: FileUp | None = None
    unit: Unit | None = None
    travel: Travel = Travel.FITTED


class BvhGuess(msgspec.Struct, frozen=True):
    """What was found out about a file."""

    up: FileUp
    unit: Unit
    leg: float
    """hip to ankle, in the file's own units"""
    recognised: tuple[str, ...]
    """SMPL joints that the skeleton plays, of the 22 of the body"""

    @property
    def missing(self) -> tuple[str, ...]:
        """SMPL joints that nothing plays."""
        return tuple(name for name in JOINTS[:BODY_JOINT_COUNT] if name not in self.recognised)


def guess(clip: BvhClip) -> BvhGuess:
    """Look at a clip that was read with centimetres as its unit. Raises RetargetError for what is no human figure."""
    mapping = guess_mapping(clip.joints, clip.parents)
    at = {name: index for index, name in enumerate(clip.joints)}
    played = {name: at[joint] for name, joint in mapping.items() if joint is not None}
    _require_legs(played)
    rest = clip.rest_positions()
    chain = [played[f"left_{part}"] for part in ("hip", "knee", "ankle")]
    leg = float(sum(np.linalg.norm(rest[b] - rest[a]) for a, b in pairwise(chain)))
    leg /= CENTIMETRE
    if not leg > 0:
        raise RetargetError("the legs of the skeleton have no length")
    unit = min(Unit, key=lambda unit: abs(np.log(leg * unit.value / USUAL_LEG)))
    recognised = tuple(name for name in JOINTS[:BODY_JOINT_COUNT] if name in played)
    return BvhGuess(_axis(_standing(clip, played)), unit, leg, recognised)


def placed_motion(clip: BvhClip, found: BvhGuess, fixes: BvhFixes, *, body: Body) -> Motion:
    """The clip on ``body`` at the clip's own rate. Raises RetargetError."""
    mapping = guess_mapping(clip.joints, clip.parents)
    at = {name: index for index, name in enumerate(clip.joints)}
    played = {name: at[joint] for name, joint in mapping.items() if joint is not None}
    turned = upright(clip, played, up=fixes.up or found.up)
    made = retarget_bvh(turned, mapping=mapping, body=body, source_floor=False)
    motion = made.motion
    if fixes.travel is Travel.MEASURED:
        unit = (fixes.unit or found.unit).value / CENTIMETRE
        translation = motion.translation.copy()
        first = translation[0, [0, 2]]
        translation[:, [0, 2]] = first + (translation[:, [0, 2]] - first) * (unit / made.scale)
        motion = replace(motion, translation=translation)
    return motion


def upright(clip: BvhClip, played: dict[str, int], *, up: FileUp) -> BvhClip:
    """The clip with its rest pose standing along +y, its left at +x, and the file's ``up`` along +y in the world."""
    rest = clip.rest_positions()
    rest_up = _signed_axis(_middle(rest, played, "hip") - _middle(rest, played, "ankle"))
    left = rest[played["left_hip"]] - rest[played["right_hip"]]
    left = _signed_axis(left - rest_up * float(left @ rest_up))
    basis = np.stack([left, rest_up, np.cross(left, rest_up)])
    world_up = np.eye(3)[list(FileUp).index(up)]
    if abs(float(world_up @ rest_up)) > 0.5:  # the world's axes are those of the rest pose
        world = basis if float(world_up @ rest_up) > 0 else np.diag([1.0, -1.0, -1.0]) @ basis
    else:
        world = shortest_turn(world_up, np.array([0.0, 1.0, 0.0]))
    rotations = basis @ clip.rotations @ basis.T
    root = clip.parents.index(-1)
    rotations[:, root] = world @ clip.rotations[:, root] @ basis.T
    return replace(
        clip,
        offsets=clip.offsets @ basis.T,
        rotations=rotations,
        positions=clip.positions @ world.T,
        end_sites={name: basis @ tip for name, tip in clip.end_sites.items()},
    )


def _standing(clip: BvhClip, played: dict[str, int]) -> Array:
    """Mean direction from ankles to hips over (at most 64 of) the frames, in the file's axes."""
    step = max(1, len(clip) // 64)
    some = replace(clip, rotations=clip.rotations[::step], positions=clip.positions[::step])
    _, positions = some.global_pose()
    return np.asarray((_middle(positions, played, "hip") - _middle(positions, played, "ankle")).mean(axis=0))


def _middle(positions: Array, played: dict[str, int], part: str) -> Array:
    return np.asarray((positions[..., played[f"left_{part}"], :] + positions[..., played[f"right_{part}"], :]) / 2)


def _axis(direction: Array) -> FileUp:
    return list(FileUp)[int(np.argmax(np.abs(direction)))]


def _signed_axis(direction: Array) -> Array:
    """The unit axis nearest to a direction."""
    at = int(np.argmax(np.abs(direction)))
    return np.asarray(np.eye(3)[at] * (1.0 if direction[at] >= 0 else -1.0))


def _require_legs(played: dict[str, int]) -> None:
    missing = [
        f"{side} {part}"
        for side in ("left", "right")
        for part in ("hip", "knee", "ankle")
        if f"{side}_{part}" not in played
    ]
    if missing:
        raise RetargetError(f"its skeleton is not a human figure that is known here (no {', '.join(missing)})")
