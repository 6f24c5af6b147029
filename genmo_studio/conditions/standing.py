"""Foot contacts against the keys inside them: a foot cannot rest on the ground and be in the air."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.holding import keys_of
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.document.model import ContactClip, Foot, Item, PoseKey
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, JOINTS, PARENTS

LIFTED = 0.06
"""m above where a standing foot has its joint, from which on it does not rest: more than correction bends away."""
APART = 0.10
"""m over the ground between two keys of one contact, from which on the foot has moved."""
MOST_KEYS = 500
"""Keys inside a contact up to which each is looked at."""
_JOINTS = {Foot.LEFT: ("left_ankle", "left_foot"), Foot.RIGHT: ("right_ankle", "right_foot")}


class _Held(msgspec.Struct, frozen=True):
    """A foot joint where a key puts it."""

    key: PoseKey
    joint: str
    place: tuple[float, float, float]


def lifted(items: Iterable[Item], rest: NDArray[np.float32]) -> Iterator[Problem]:
    """Keys that lift a foot which a contact plants, and pairs that move it; ``rest`` (24, 3) in m."""
    listed = list(items)
    contacts = [item for item in listed if isinstance(item, ContactClip) and item.planted]
    keys = keys_of(listed)
    frames = [key.frame for key in keys]
    for contact in contacts:
        inside = keys[bisect_left(frames, contact.span.start) : bisect_left(frames, contact.span.stop)]
        if inside and len(inside) <= MOST_KEYS:
            yield from _of_contact(contact, inside, rest)


def _of_contact(contact: ContactClip, keys: Sequence[PoseKey], rest: NDArray[np.float32]) -> Iterator[Problem]:
    ground = float(rest[:, 1].min())
    foot = contact.foot.value
    told: set[str] = set()
    placed: dict[str, list[_Held]] = {}
    for key in keys:
        for held in _feet(key, contact.foot, rest):
            height = held.place[1] - (float(rest[INDEX[held.joint], 1]) - ground)
            if height > LIFTED and key.id not in told:
                told.add(key.id)
                yield Problem(
                    Severity.ERROR,
                    f"The {foot} foot is planted from frame {contact.span.start} to {contact.span.stop - 1}, but the "
                    f"key at frame {key.frame} lifts it {height:.2f} m off the ground.",
                    contact.span,
                    (contact.id, key.id),
                    why="The key is met, so the foot leaves the ground and comes back inside the contact.",
                    advice=f"Trim the contact so that it ends before frame {key.frame}, or put the foot down in the "
                    "key.",
                )
            placed.setdefault(held.joint, []).append(held)
    yield from _moved(contact, placed, told)


def _moved(contact: ContactClip, placed: dict[str, list[_Held]], told: set[str]) -> Iterator[Problem]:
    for found in placed.values():
        standing = [held for held in found if held.key.id not in told]
        for first, second in pairwise(standing):
            (x0, _, z0), (x1, _, z1) = first.place, second.place
            metres = float(np.hypot(x1 - x0, z1 - z0))
            if metres > APART:
                yield Problem(
                    Severity.WARNING,
                    f"The {contact.foot.value} foot is planted, but the keys at frames {first.key.frame} and "
                    f"{second.key.frame} put it {metres:.2f} m apart.",
                    contact.span,
                    (contact.id, first.key.id, second.key.id),
                    why="Both keys are met, so the foot slides over the ground between them.",
                    advice="Split the contact between the two keys, or put the foot at the same place in both.",
                )
                return


def _feet(key: PoseKey, foot: Foot, rest: NDArray[np.float32]) -> Iterator[_Held]:
    """Where a key puts the ankle and the toes of a foot, as far as it says so: as targets, or by the whole leg."""
    for joint in _JOINTS[foot]:
        if joint in key.positions:
            yield _Held(key, joint, key.positions[joint])
        elif key.root_position is not None:
            chain = _chain(joint)
            if all(JOINTS[index] in key.rotations for index in chain[:-1]):
                yield _Held(key, joint, _placed(key, chain, rest))


def _chain(joint: str) -> list[int]:
    """Joints from the pelvis to one, both named."""
    found = [INDEX[joint]]
    while PARENTS[found[-1]] >= 0:
        found.append(PARENTS[found[-1]])
    return found[::-1]


def _placed(key: PoseKey, chain: list[int], rest: NDArray[np.float32]) -> tuple[float, float, float]:
    """World place (m) of the last joint of a chain that begins at the pelvis."""
    assert key.root_position is not None, "the place of the pelvis is known"
    place = np.array(key.root_position, np.float64)
    turned = np.eye(3)
    for parent, joint in pairwise(chain):
        turned = turned @ matrix_from_rotvec(np.array(key.rotations[JOINTS[parent]], np.float64))
        place = place + turned @ (rest[joint] - rest[parent]).astype(np.float64)
    x, y, z = place.tolist()
    return x, y, z
