"""From poses to keys: which keys hold the pose of a frame, and the edits that write a pose. Pure; no Qt.

A pose goes into the keys that are there: joints that a partial key at the frame names go into it, everything else into
the full key. Where there is none, ``new_key`` makes one, and the track it needs.
"""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.edits.tracks import NAMES
from genmo_studio.document.model import Document, Item, PoseKey, Track, TrackKind, Vec3
from genmo_studio.document.queries import items_at
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.skeleton import INDEX

Floats = NDArray[np.float64]
_KINDS = (TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS)


def covers(key: PoseKey, frame: int) -> bool:
    """Whether a key holds a frame."""
    return key.frame <= frame <= key.frame + key.hold


class _Holds:
    """The keys with a hold of each track, found once for as long as the track's items stay the same value.

    Looking through 100,000 keys at every change of the document would cost undo a quarter of a second.
    """

    def __init__(self, most: int = 64) -> None:
        self._known: list[tuple[tuple[Item, ...], tuple[PoseKey, ...]]] = []
        self._most = most

    def of(self, items: tuple[Item, ...]) -> tuple[PoseKey, ...]:
        for known, held in self._known:
            if known is items:
                return held
        held = tuple(item for item in items if isinstance(item, PoseKey) and item.hold)
        self._known = [*self._known[1 - self._most :], (items, held)]
        return held


_HOLDS = _Holds()


def keys_at(document: Document, frame: int) -> tuple[tuple[Track, PoseKey], ...]:
    """The keys that hold a frame, full ones first; muted ones do not count."""
    found: list[tuple[Track, PoseKey]] = []
    for kind in _KINDS:
        for track in document.tracks:
            if track.kind is kind and not track.muted:
                held = [key for key in _HOLDS.of(track.items) if key.frame < frame and covers(key, frame)]
                here = [item for item in items_at(track, frame) if isinstance(item, PoseKey)]
                found += [(track, key) for key in (*held, *here) if not key.muted]
    return tuple(found)


def open_keys_at(document: Document, frame: int) -> tuple[tuple[Track, PoseKey], ...]:
    """The keys of a frame that can be changed."""
    return tuple((track, key) for track, key in keys_at(document, frame) if not track.locked)


def any_keys(document: Document) -> bool:
    """Whether the project has pose keys at all."""
    return any(track.items for track in document.tracks if track.kind in _KINDS)


def neighbours(document: Document, frame: int) -> tuple[PoseKey | None, PoseKey | None]:
    """The nearest full keys before and after a frame."""
    keys = [
        item
        for track in document.tracks
        if track.kind is TrackKind.FULL_KEYS and not track.muted
        for item in track.items
        if isinstance(item, PoseKey) and not item.muted
    ]
    before = max((key for key in keys if key.frame < frame), key=lambda key: key.frame, default=None)
    after = min((key for key in keys if key.frame > frame), key=lambda key: key.frame, default=None)
    return before, after


def holds_all(keys: Iterable[PoseKey], joints: Iterable[str]) -> bool:
    """Whether the keys say something about every one of the joints."""
    named = {name for key in keys for name in (*key.rotations, *key.positions)}
    return named.issuperset(joints)


def write_pose(
    document: Document,
    frame: int,
    pose: Pose,
    *,
    rest_joints: Floats,
    touched: Iterable[str],
    targets: Mapping[str, Vec3],
) -> Edit:
    """Write a pose into the keys of a frame. EditError when there is none that can be changed.

    A full key takes the whole pose. Partial keys take the joints that they name; when there is no full key, the first
    takes the ``touched`` ones too. ``targets`` are places (m) of joints in the world, for keys that name places.
    """
    keys, touched = open_keys_at(document, frame), frozenset(touched)
    if not keys:
        raise EditError("There is no key at this frame that can be changed.")
    changes: list[Edit] = []
    root = pose.root_position(rest_joints)
    full = [key for track, key in keys if track.kind is TrackKind.FULL_KEYS]
    for key in full:
        place = root if key.root_position is not None or "pelvis" in touched else None
        changes.append(edits.replace_item(msgspec.structs.replace(key, rotations=pose.named(), root_position=place)))
    for index, key in enumerate(key for track, key in keys if track.kind is TrackKind.PARTIAL_KEYS):
        names = set(key.rotations) | (touched if not full and index == 0 else frozenset())
        placed = {name: targets[name] for name in key.positions if name in targets}
        moved = key.root_position is not None or ("pelvis" in names and not full)
        changes.append(
            edits.change_pose(
                key.id,
                rotations=named(pose, names),
                positions=placed,
                root_position=root if moved else None,
            )
        )
    return edits.compose(*changes)


def named(pose: Pose, names: Iterable[str]) -> dict[str, Vec3]:
    """Rotations of the named joints that a key can hold."""
    wanted = set(names)
    return {name: turn for name, turn in pose.named().items() if name in wanted}


def full_key(pose: Pose, frame: int, *, rest_joints: Floats, root: bool = True, key_id: str | None = None) -> PoseKey:
    """A key of the whole body; without ``root`` the place of the pelvis is free."""
    return PoseKey(
        id=key_id or edits.new_id(),
        frame=frame,
        rotations=pose.named(),
        root_position=pose.root_position(rest_joints) if root else None,
    )


def partial_key(
    pose: Pose,
    frame: int,
    *,
    turns: Iterable[str] = (),
    places: Iterable[str] = (),
    rest_joints: Floats,
    key_id: str | None = None,
) -> PoseKey:
    """A key of the rotations of some joints and of the places of some in the world, as the pose has them."""
    _, world = pose.world(rest_joints)
    held = frozenset(places)
    return PoseKey(
        id=key_id or edits.new_id(),
        frame=frame,
        rotations=named(pose, turns),
        root_position=pose.root_position(rest_joints) if "pelvis" in held else None,
        positions={name: place(world, name) for name in sorted(held - {"pelvis"})},
    )


def place(world: Floats, name: str) -> Vec3:
    """Where a joint is, of (24, 3) places in m."""
    x, y, z = (float(value) for value in world[INDEX[name]])
    return (x, y, z)


def put_key(document: Document, key: PoseKey, kind: TrackKind, *, track_id: str | None = None) -> Edit:
    """Set a key on the first open track of its kind, which is made when there is none.

    What a partial key at the frame holds already stays where the new one says nothing; a key's weight, hold and mute
    stay too.
    """
    home = next((t for t in document.tracks if t.kind is kind and not t.locked), None)
    if home is None:
        made = track_id or edits.new_id()
        return edits.compose(edits.add_track(kind, name=NAMES[kind], track_id=made), edits.set_key(made, key))
    there = next((item for item in home.items if isinstance(item, PoseKey) and item.frame == key.frame), None)
    if there is None:
        return edits.set_key(home.id, key)
    keep = kind is TrackKind.PARTIAL_KEYS
    merged = msgspec.structs.replace(
        there,
        rotations={**there.rotations, **key.rotations} if keep or not key.rotations else key.rotations,
        positions={**there.positions, **key.positions},
        root_position=key.root_position if key.root_position is not None else there.root_position,
    )
    return edits.set_key(home.id, merged)
