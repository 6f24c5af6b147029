"""Dense motion reduced to few keys, so that interpolation between them stays within a tolerance.

Keys are put where the interpolation is furthest off, in all segments at once, until none is off by more than the
tolerance; then every key is tried whether it can go. The interpolation is that of ``motion.interpolate`` with automatic
tangents: "Interpolate Between Keys" shows exactly what was measured.
"""

from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.interpolate import interpolated_places, interpolated_quaternions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import inverse_quaternion, multiply_quaternions, quaternion_from_rotvec

Floats = NDArray[np.float64]
_REACH = 3
"""Keys on either side of one that goes: the second's tangent changes with it, and the third decides that tangent."""


class Tolerance(msgspec.Struct, frozen=True):
    """How far interpolation between the keys may be from the motion."""

    degrees: float = 3.0
    """of any joint's own turn"""
    metres: float = 0.02
    """of the root"""


class Reduction(msgspec.Struct, frozen=True, eq=False):
    """Keys that stand for a motion."""

    frames: tuple[int, ...]
    """Frames of the motion, ascending"""
    worst_degrees: float
    worst_metres: float


def reduced(
    motion: Motion, *, joints: tuple[int, ...], tolerance: Tolerance, root: bool = True, fixed: tuple[int, ...] = ()
) -> Reduction:
    """Choose frames of a motion as keys of these joints (and of the root's place). The first and last are always keys.

    ``fixed``: frames that stay keys. ValueError for an empty motion or when there is nothing to keep.
    """
    if not len(motion) or not (joints or root):
        raise ValueError("there is nothing to reduce")
    task = _Task(
        motion.rotations[:, list(joints)].astype(np.float64),
        motion.translation.astype(np.float64) if root else np.zeros((len(motion), 0)),
        tolerance,
    )
    keys = sorted({0, len(motion) - 1, *(frame for frame in fixed if 0 <= frame < len(motion))})
    held = frozenset(keys)
    keys = _grown(task, keys)
    keys = _thinned(task, keys, held=held)
    degrees, metres = task.errors(keys)
    return Reduction(tuple(keys), float(degrees.max(initial=0.0)), float(metres.max(initial=0.0)))


class _Task:
    """The motion and how far keys are from it."""

    def __init__(self, turns: Floats, places: Floats, tolerance: Tolerance) -> None:
        self._turns, self._places = quaternion_from_rotvec(turns), places
        self._degrees, self._metres = max(tolerance.degrees, 1e-3), max(tolerance.metres, 1e-5)

    def errors(self, keys: list[int], first: int = 0, stop: int | None = None) -> tuple[Floats, Floats]:
        """(T,) worst degrees of a joint and metres of the root in frames [first, stop)."""
        wanted = np.arange(first, len(self._turns) if stop is None else stop)
        at = np.array(keys)
        degrees, metres = np.zeros(len(wanted)), np.zeros(len(wanted))
        if self._turns.shape[1]:
            found = interpolated_quaternions(at, self._turns[at], wanted)
            between = multiply_quaternions(inverse_quaternion(found), self._turns[wanted])
            sine = np.linalg.norm(between[..., 1:], axis=-1)
            degrees = np.degrees(2.0 * np.arctan2(sine, np.abs(between[..., 0]))).max(axis=1)
        if self._places.shape[1]:
            found = interpolated_places(at, self._places[at], wanted)
            metres = np.linalg.norm(found - self._places[wanted], axis=1)
        return degrees, metres

    def off(self, keys: list[int], first: int = 0, stop: int | None = None) -> Floats:
        """(T,) error in units of the tolerance: more than 1 is too much."""
        degrees, metres = self.errors(keys, first, stop)
        off: Floats = np.maximum(degrees / self._degrees, metres / self._metres)
        return off


def _grown(task: _Task, keys: list[int]) -> list[int]:
    """More keys, the worst frame of every segment in each round, until all frames are within the tolerance."""
    while True:
        off = task.off(keys)
        worst = [
            first + 1 + int(off[first + 1 : last].argmax())
            for first, last in pairwise(keys)
            if last - first > 1 and off[first + 1 : last].max() > 1.0
        ]
        if not worst:
            return keys
        keys = sorted({*keys, *worst})


def _thinned(task: _Task, keys: list[int], *, held: frozenset[int]) -> list[int]:
    """Fewer keys: each is tried once, those in the middle of short segments first."""
    order = sorted(
        (key for key in keys if key not in held),
        key=lambda key: keys[keys.index(key) + 1] - keys[keys.index(key) - 1],
    )
    for key in order:
        index = keys.index(key)
        rest = keys[:index] + keys[index + 1 :]
        near = rest[max(index - _REACH, 0) : index + _REACH]
        first, last = rest[max(index - _REACH + 1, 0)], rest[min(index + _REACH - 2, len(rest) - 1)]
        if task.off(near, key, key + 1)[0] <= 1.0 and task.off(near, first, last + 1).max() <= 1.0:
            keys = rest
    return keys
