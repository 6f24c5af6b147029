"""Edits of pose keys and waypoints. Moving, deleting and duplicating them is in ``items``."""

from collections.abc import Iterable, Mapping

import msgspec

from genmo_studio.document.edits.core import (
    Edit,
    EditError,
    change_items,
    get_track,
    grown,
    put,
    require_items,
    unlocked,
    with_items,
)
from genmo_studio.document.edits.items import add_item
from genmo_studio.document.model import Document, Item, Key, KeyTangent, PoseKey, Vec3, Waypoint
from genmo_studio.document.queries import item_span, items_at


def set_key(track_id: str, key: Key) -> Edit:
    """Set a key or waypoint at its frame. One that is there already keeps its id and gets the new content."""

    def apply(document: Document) -> Document:
        track = unlocked(get_track(document, track_id))
        require_items((key,), track, document)
        existing = items_at(track, key.frame)
        if not existing:
            return add_item(track_id, key)(document)
        replaced: Item = msgspec.structs.replace(key, id=existing[0].id)
        if existing == (replaced,):
            return document
        return grown(with_items(document, track, put(track, (replaced,))), item_span(key).stop)

    return apply


def _as_pose(item: Item) -> PoseKey:
    if not isinstance(item, PoseKey):
        raise EditError("Only a pose key holds joints.")
    return item


def change_pose(
    key_id: str,
    *,
    rotations: Mapping[str, Vec3] | None = None,
    positions: Mapping[str, Vec3] | None = None,
    root_position: Vec3 | None = None,
) -> Edit:
    """Add to or replace in a pose key: rotation vectors (rad), joint targets (m), pelvis position (m)."""

    def change(item: Item) -> Item:
        key = _as_pose(item)
        return msgspec.structs.replace(
            key,
            rotations={**key.rotations, **(rotations or {})},
            positions={**key.positions, **(positions or {})},
            root_position=key.root_position if root_position is None else root_position,
        )

    return lambda document: change_items(document, (key_id,), change)


def free_joints(key_id: str, joints: Iterable[str], *, root_position: bool = False) -> Edit:
    """Take joints out of a pose key, so that the model decides about them; optionally its root position too."""
    freed = set(joints)

    def change(item: Item) -> Item:
        key = _as_pose(item)
        return msgspec.structs.replace(
            key,
            rotations={name: value for name, value in key.rotations.items() if name not in freed},
            positions={name: value for name, value in key.positions.items() if name not in freed},
            root_position=None if root_position else key.root_position,
        )

    return lambda document: change_items(document, (key_id,), change)


def set_hold(ids: Iterable[str], hold: int) -> Edit:
    """Let pose keys hold their pose for ``hold`` more frames; 0 holds it at the key alone."""
    wanted, frames = tuple(ids), max(0, hold)
    return lambda document: change_items(
        document, wanted, lambda item: msgspec.structs.replace(_as_pose(item), hold=frames)
    )


def set_tangent(ids: Iterable[str], tangent: KeyTangent) -> Edit:
    """Let interpolation pass pose keys in another way."""
    wanted = tuple(ids)
    return lambda document: change_items(
        document, wanted, lambda item: msgspec.structs.replace(_as_pose(item), tangent=tangent)
    )


def _as_waypoint(item: Item) -> Waypoint:
    if not isinstance(item, Waypoint):
        raise EditError("Only a waypoint has a place on the ground.")
    return item


def set_velocity(waypoint_id: str, velocity: tuple[float, float] | None) -> Edit:
    """Set how the path passes a waypoint (x, z in m/s); None leaves that free."""

    def change(item: Item) -> Item:
        return msgspec.structs.replace(_as_waypoint(item), velocity=velocity)

    return lambda document: change_items(document, (waypoint_id,), change)


def set_waypoint(waypoint_id: str, *, position: tuple[float, float] | None, heading: float | None) -> Edit:
    """Set the ground position (x, z in m) and heading (rad) of a waypoint; None leaves that free."""

    def change(item: Item) -> Item:
        return msgspec.structs.replace(_as_waypoint(item), position=position, heading=heading)

    return lambda document: change_items(document, (waypoint_id,), change)
