"""Where feet rest: what the network said, what the user said, and what keys make of it.

Contacts of the user win over predicted ones, keys win over both. A foot that could not rest where the user wants it to
is named in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import ContactCondition, GenerationRequest
from genmo_studio.document.model import Foot
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import FEET, contact_labels, sole_heights
from genmo_studio.motion.correction import PoseTarget
from genmo_studio.motion.footlock import Held
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX, PARENTS
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]

_COLUMNS = {Foot.LEFT: (0, 1), Foot.RIGHT: (2, 3)}
"""columns of the contacts, and places in contacts.FEET: ankle, toe joint"""
_FULL = 1.0  # weight from which on a contact is a promise
_RAISED = 0.08  # m over the ground from which on a sole that rests stands on something
_CLIMB = 0.002  # m a frame from which on a change of the ground is one of level
_STANDS = 0.5  # probability
RESTS_WITHIN = 0.02
"""m: a planted foot that moves or hovers more than this does not rest."""


@dataclass(frozen=True, eq=False)
class Footfalls:
    """Contacts after the user had a say."""

    motion: Motion
    """with these contacts"""
    planted: Float[Floats, "frames 2"]
    """0..1 how much the user wants the left and the right foot to rest"""


def with_wishes(motion: Motion, body: Body, contacts: Sequence[ContactCondition]) -> Footfalls:
    """The motion with the user's contacts in its own; where two disagree the later one holds."""
    planted = np.zeros((len(motion), 2))
    if not contacts:
        return Footfalls(motion, planted)
    found = motion.contacts
    if found is None:
        found = contact_labels(joint_positions(motion, body), motion.fps)
    told = np.array(found, np.float64)
    for wish in contacts:
        part = slice(max(wish.span.start, 0), max(wish.span.stop, 0))
        columns, side = list(_COLUMNS[wish.foot]), (Foot.LEFT, Foot.RIGHT).index(wish.foot)
        goal = 1.0 if wish.planted else 0.0
        told[part, columns] += wish.weight * (goal - told[part, columns])
        planted[part, side] = wish.weight if wish.planted else (1 - wish.weight) * planted[part, side]
    return Footfalls(replace(motion, contacts=told.astype(np.float32)), planted)


def held_by(poses: Sequence[PoseTarget]) -> Held:
    """What of the lower body the keys fix: a leg by its joints, the pelvis' height by any place."""
    left, right, pelvis = set[int](), set[int](), set[int]()
    for pose in poses:
        joints = {*pose.rotations, *pose.positions}
        for frames, hip in ((left, INDEX["left_hip"]), (right, INDEX["right_hip"])):
            if any(_below(joint, hip) for joint in joints):
                frames.add(pose.frame)
        if pose.root_position is not None or pose.positions:
            pelvis.add(pose.frame)
    return Held(sorted(left), sorted(right), sorted(pelvis))


def _below(joint: int, ancestor: int) -> bool:
    while joint > 0:
        if joint == ancestor:
            return True
        joint = PARENTS[joint]
    return False


def in_the_air(motion: Motion, ground: Float[Floats, " frames"]) -> Motion:
    """The motion without contacts where the ground changes: a foot is on its way from one level to the other."""
    changing = np.zeros(len(ground), np.bool_)
    step = np.abs(np.diff(ground)) > _CLIMB
    changing[1:-1] = step[:-1] & step[1:]
    if motion.contacts is None or not changing.any():
        return motion
    contacts = motion.contacts.copy()
    contacts[changing, :4] = 0
    return replace(motion, contacts=contacts)


def key_levels(motion: Motion, body: Body, poses: Sequence[PoseTarget]) -> dict[int, float]:
    """Frame of a key -> height (m) of the ground it stands on.

    A key stands where it fixes the pelvis and a foot rests there; from 8 cm under its lower sole on it stands on
    something.
    """
    level: dict[int, float] = {}
    if motion.contacts is None or not len(motion) or not poses:
        return level
    low = (joint_positions(motion, body)[:, list(FEET), 1] - sole_heights(body, motion.betas)).min(axis=1)
    for pose in poses:
        rests = float(motion.contacts[pose.frame, :4].max()) > _STANDS
        if pose.root_position is not None and rests:
            level[pose.frame] = float(low[pose.frame]) if low[pose.frame] > _RAISED else 0.0
    return level


def ground_under(motion: Motion, body: Body, poses: Sequence[PoseTarget]) -> Float[Floats, " frames"]:
    """Height of the ground (m) below the body: raised where keys stand on something, changing between such keys."""
    level = key_levels(motion, body, poses)
    if not any(level.values()):
        return np.zeros(len(motion))
    keys = sorted(level)
    return np.asarray(np.interp(np.arange(len(motion)), keys, [level[key] for key in keys]))


def unmet_contacts(motion: Motion, body: Body, request: GenerationRequest, poses: Sequence[PoseTarget]) -> list[str]:
    """A sentence for each contact of full weight that the finished motion does not keep."""
    if not request.contacts or not len(motion):
        return []
    feet = joint_positions(motion, body)[:, list(FEET)].astype(np.float64)
    soles = sole_heights(body, motion.betas)
    ground = ground_under(motion, body, poses)
    return [
        sentence
        for wish in request.contacts
        if wish.planted and wish.weight >= _FULL
        for sentence in _complaints(wish, feet, soles, ground, poses)
    ]


def _complaints(
    wish: ContactCondition, feet: Floats, soles: Floats, ground: Floats, poses: Sequence[PoseTarget]
) -> Iterator[str]:
    start, stop = max(wish.span.start, 0), min(wish.span.stop, len(feet))
    if stop <= start:
        return
    columns = list(_COLUMNS[wish.foot])
    part = feet[start:stop, columns]
    height = (part[..., 1] - soles[columns] - ground[start:stop, None]).min(axis=1)
    where = f"the {wish.foot.value} foot is planted from frame {start} to {stop - 1}"
    leg = INDEX[f"{wish.foot.value}_hip"]
    fixing = [p for p in poses if start <= p.frame < stop and any(_below(j, leg) for j in (*p.rotations, *p.positions))]
    for pose in fixing:
        lift = float(height[pose.frame - start])
        if lift > RESTS_WITHIN:
            yield f"{where}, but the key at frame {pose.frame} holds it {lift * 100:.1f} cm above the ground: keys win"
            return
    ground_way = part[:, :, [0, 2]] - part[len(part) // 2, :, [0, 2]].T
    slide = np.linalg.norm(ground_way, axis=-1).min(axis=1)
    worst = int(np.argmax(np.maximum(slide, np.abs(height))))
    if max(slide[worst], abs(height[worst])) <= RESTS_WITHIN:
        return
    if len(fixing) > 1 and slide[worst] >= abs(height[worst]):
        yield f"{where}, but the keys in that time put it {slide.max() * 100:.1f} cm apart: keys win"
    elif slide[worst] >= abs(height[worst]):
        yield f"{where}, but slides by {slide[worst] * 100:.1f} cm at frame {start + worst}: its place is out of reach"
    else:
        aloft = f"{height[worst] * 100:.1f} cm above the ground at frame {start + worst}"
        yield f"{where}, but is {aloft}: the ground is out of reach"
