"""Edits of many keys at once: reverse them in time, put changed ones in their place, move or free some of their joints.

Scaling in time is ``clips.stretch_items``; moving, copying and deleting whole keys is in ``items``.
"""

from collections.abc import Iterable, Sequence

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, change_items, grown, new_id, positions_of, put, with_items
from genmo_studio.document.holds import ROOT, held_parts, without
from genmo_studio.document.model import Document, Item, PoseKey, Waypoint
from genmo_studio.document.queries import item_span, shifted


def replace_items(items: Iterable[Item]) -> Edit:
    """Put items in the place of those with the same ids."""
    by_id = {item.id: item for item in items}
    return lambda document: change_items(document, tuple(by_id), lambda item: by_id[item.id])


def reverse_items(ids: Iterable[str]) -> Edit:
    """Let items follow each other the other way round in the time that they fill together.

    What a key holds comes with it, and a waypoint is passed the other way.
    """
    wanted = tuple(ids)

    def apply(document: Document) -> Document:
        spans = [item_span(track.items[i]) for track, indices in positions_of(document, wanted) for i in indices]
        if not spans:
            return document
        ends = min(span.start for span in spans) + max(span.stop for span in spans)

        def change(item: Item) -> Item:
            span = item_span(item)
            turned = shifted(item, ends - span.stop - span.start)
            if isinstance(turned, Waypoint) and turned.velocity is not None:
                along, ahead = turned.velocity
                return msgspec.structs.replace(turned, velocity=(-along, -ahead))
            return turned

        return change_items(document, wanted, change)

    return apply


def move_joints(ids: Iterable[str], joints: Iterable[str], *, by: int, new_ids: Sequence[str] | None = None) -> Edit:
    """Move what pose keys hold of some joints (ROOT: the place of the pelvis) by whole frames.

    The joints go to the key of their track at that frame, where they replace what it held of them, else to a new key
    (``new_ids``, one a key). A key that has nothing left is gone; one whose joints all go moves as a whole.
    """
    wanted, parts = tuple(ids), frozenset(joints)
    names = dict(zip(wanted, new_ids or [new_id() for _ in wanted], strict=True))

    def apply(document: Document) -> Document:
        result = document
        for track, indices in positions_of(document, wanted):
            keys = {i: key for i in indices if isinstance(key := track.items[i], PoseKey)}
            if len(keys) < len(indices):
                raise EditError("Only a pose key holds joints.")
            rest: dict[int, PoseKey] = {}  # by frame: what the row holds afterwards
            for item in track.items:
                assert isinstance(item, PoseKey), "a track of pose keys"
                rest[item.frame] = item
            moving = []
            for key in keys.values():
                here = held_parts(key) & parts
                if not here or not by:
                    continue
                if key.frame + by < 0:
                    raise EditError("A key cannot lie before frame 0.")
                stays = without(key, here)
                moving.append(msgspec.structs.replace(_only(key, here), frame=key.frame + by))
                if held_parts(stays):
                    rest[key.frame] = stays
                    moving[-1] = msgspec.structs.replace(moving[-1], id=names[key.id])
                else:
                    del rest[key.frame]
            for key in moving:
                there = rest.get(key.frame)
                rest[key.frame] = key if there is None else _joined(there, key)
            made = tuple(rest[frame] for frame in sorted(rest))
            if moving:
                result = with_items(result, track, put(track, made, without=range(len(track.items))))
                result = grown(result, max(item_span(key).stop for key in made))
        return result

    return apply


def _only(key: PoseKey, parts: frozenset[str]) -> PoseKey:
    """A key with nothing but these parts."""
    return without(key, held_parts(key) - parts)


def _joined(there: PoseKey, added: PoseKey) -> PoseKey:
    """A key that also holds what another one holds, and no other place or turn of the same joints."""
    kept = without(there, held_parts(added))
    return msgspec.structs.replace(
        kept,
        rotations={**kept.rotations, **added.rotations},
        positions={**kept.positions, **added.positions},
        root_position=added.root_position if ROOT in held_parts(added) else kept.root_position,
    )


def free_parts(ids: Iterable[str], joints: Iterable[str]) -> Edit:
    """Take joints (ROOT: the place of the pelvis) out of pose keys; a key that has nothing left is gone."""
    wanted, parts = tuple(ids), frozenset(joints)

    def apply(document: Document) -> Document:
        result = document
        for track, indices in positions_of(document, wanted):
            left = []
            for index in indices:
                key = track.items[index]
                if not isinstance(key, PoseKey):
                    raise EditError("Only a pose key holds joints.")
                freed = without(key, held_parts(key) & parts)
                if held_parts(freed) or not held_parts(key):
                    left.append(freed)
            result = with_items(result, track, put(track, left, without=indices))
        return result

    return apply
