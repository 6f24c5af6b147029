"""What a hold holds, frame by frame: each joint of a key for as long as no other key says something about it.

A hold of a full-body key therefore ends where the next full-body key lies, and a limb key inside it takes only its own
joints out. Pure.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from genmo_studio.document.model import PoseKey
from genmo_studio.document.time import Span

ROOT = "\0root"
"""Stands for the place of the root among what a key holds; no joint has a control character in its name."""


def held_parts(key: PoseKey) -> frozenset[str]:
    """Names of what a key holds: joints by their turn or place, and ROOT for the place of the pelvis."""
    root = () if key.root_position is None else (ROOT,)
    return frozenset((*key.rotations, *key.positions, *root))


def held_span(key: PoseKey) -> Span:
    """The frames after a key that its hold asks for."""
    return Span(key.frame + 1, key.frame + 1 + key.hold)


def without(key: PoseKey, parts: Iterable[str]) -> PoseKey:
    """A key that no longer holds some parts."""
    gone = set(parts)
    return msgspec.structs.replace(
        key,
        rotations={name: turn for name, turn in key.rotations.items() if name not in gone},
        positions={name: place for name, place in key.positions.items() if name not in gone},
        root_position=None if ROOT in gone else key.root_position,
    )


def held_poses(key: PoseKey, keys: Sequence[PoseKey], span: Span) -> Iterator[tuple[int, PoseKey]]:
    """(frame, what is still held) for the frames of a key's hold inside ``span``; ``keys`` are sorted by frame.

    The poses of frames between two keys are one value, so that a long hold costs little memory.
    """
    asked = held_span(key)
    at = bisect_right(keys, key.frame, key=lambda other: other.frame)
    begin, left = asked.start, key
    while begin < asked.stop:
        following = keys[at] if at < len(keys) else None
        until = asked.stop if following is None else min(asked.stop, following.frame)
        for frame in range(max(begin, span.start), min(until, span.stop)):
            yield frame, left
        if following is None or following.frame >= asked.stop:
            return
        taken = held_parts(following) & held_parts(left)
        if taken:
            left = without(left, taken)
            if not held_parts(left):
                return
        begin, at = following.frame, at + 1


def hold_stop(key: PoseKey, later: Iterable[PoseKey]) -> int:
    """The first frame at which nothing of a key is held any more; ``later`` are the keys after it, by frame."""
    stop, left = key.frame + 1 + key.hold, set(held_parts(key))
    for other in later:
        if other.frame >= stop:
            break
        left -= held_parts(other)
        if not left and not other.muted:
            return other.frame
    return stop
