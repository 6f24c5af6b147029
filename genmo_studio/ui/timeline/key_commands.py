"""What is done to selected keys, as labelled edits. Pure. None means that there is nothing to act on."""

from collections.abc import Callable, Iterable

from genmo_studio.document import edits
from genmo_studio.document.holds import held_parts
from genmo_studio.document.model import Document, Item, KeyTangent, PoseKey, Waypoint
from genmo_studio.document.queries import item_start
from genmo_studio.document.time import Span
from genmo_studio.ui.body_words import parts_words
from genmo_studio.ui.timeline.choosing import chosen_items, shown_items
from genmo_studio.ui.timeline.commands import noun
from genmo_studio.ui.timeline.effects import Apply
from genmo_studio.ui.timeline.key_mirror import WORLD, Plane, mirrored, plane_of

SUGGESTED = 0.5
"""Weight of a breakdown."""
Stand = Callable[[int], tuple[tuple[float, float], float] | None]
"""Frame -> where on the ground (m) and which way (rad) the shown motion stands; None without one."""


def chosen_keys(document: Document, ids: Iterable[str]) -> tuple[Item, ...]:
    """The selected keys and waypoints, by frame."""
    found = (item for _, item in chosen_items(document, ids) if isinstance(item, PoseKey | Waypoint))
    return tuple(sorted(found, key=item_start))


def all_keys(document: Document) -> frozenset[str]:
    """Every key and waypoint of the rows that are shown (KF12)."""
    return frozenset(item.id for _, item in shown_items(document) if isinstance(item, PoseKey | Waypoint))


def hold(document: Document, ids: Iterable[str], frames: int) -> Apply | None:
    """Let the selected pose keys hold for some more frames; 0 for none."""
    keys = [item.id for item in chosen_keys(document, ids) if isinstance(item, PoseKey)]
    label = "Change Hold" if frames else "Remove Hold"
    return Apply(label, edits.set_hold(keys, frames)) if keys else None


def lengthen(document: Document, ids: Iterable[str], *, by: int) -> Apply | None:
    """Make the holds of the selected pose keys longer or shorter."""
    keys = [item for item in chosen_keys(document, ids) if isinstance(item, PoseKey)]
    changes = (edits.set_hold((key.id,), key.hold + by) for key in keys)
    return Apply("Change Hold", edits.compose(*changes)) if keys else None


def scale(document: Document, ids: Iterable[str], *, percent: float, frame: int) -> Apply | None:
    """Scale the selected keys in time: about a frame among them, else about the first of them."""
    keys = chosen_keys(document, ids)
    if not keys or percent <= 0:
        return None
    first, last = item_start(keys[0]), item_start(keys[-1])
    pivot = frame if first <= frame <= last else first
    whole = 10_000  # frames of a stretch that stands for 100 %, so that any percentage is a whole one
    old, new = Span(pivot, pivot + whole), Span(pivot, pivot + max(1, round(whole * percent / 100)))
    return Apply(f"Scale {noun(keys)} to {percent:g} %", edits.stretch_items([k.id for k in keys], old=old, new=new))


def reverse(document: Document, ids: Iterable[str]) -> Apply | None:
    """Let the selected items follow each other the other way round."""
    items = [item for _, item in chosen_items(document, ids)]
    if len(items) < 2:
        return None
    return Apply(f"Reverse {noun(items)}", edits.reverse_items([item.id for item in items]))


def mirror(document: Document, ids: Iterable[str], *, stand: Stand, world: bool = False) -> Apply | None:
    """Exchange left and right of the selected keys: about the body at the first of them, or about the world."""
    keys = chosen_keys(document, ids)
    if not keys:
        return None
    plane = WORLD if world else _body_plane(keys, stand)
    return Apply(f"Mirror {noun(keys)}", edits.replace_items(mirrored(key, plane) for key in keys))


def _body_plane(keys: tuple[Item, ...], stand: Stand) -> Plane:
    """Where the body stands at the first key: as a key of that frame says, else as the shown motion does."""
    first = item_start(keys[0])
    place: tuple[float, float] | None = None
    heading: float | None = None
    for key in (key for key in keys if item_start(key) == first):
        at, way = plane_of(key)
        place, heading = place or at, way if heading is None else heading
    shown = stand(first) or ((0.0, 0.0), 0.0)
    return Plane(shown[0] if place is None else place, shown[1] if heading is None else heading)


def breakdown(document: Document, ids: Iterable[str]) -> Apply | None:
    """Let the selected keys only suggest; let them be met again when all of them do."""
    keys = chosen_keys(document, ids)
    if not keys:
        return None
    suggest = not all(key.weight < 1 for key in keys)
    label = "Make Breakdown" if suggest else "Make Key"
    return Apply(label, edits.set_weight([key.id for key in keys], SUGGESTED if suggest else 1.0))


def tangent(document: Document, ids: Iterable[str], way: KeyTangent) -> Apply | None:
    """How interpolation passes the selected pose keys."""
    keys = [item.id for item in chosen_keys(document, ids) if isinstance(item, PoseKey)]
    return Apply("Change Tangent" + "s" * (len(keys) > 1), edits.set_tangent(keys, way)) if keys else None


def free(document: Document, ids: Iterable[str], parts: Iterable[str]) -> Apply | None:
    """Take joints out of the selected keys: the model decides about them."""
    gone = frozenset(parts)
    keys = [k for k in chosen_keys(document, ids) if isinstance(k, PoseKey) and held_parts(k) & gone]
    if not keys:
        return None
    return Apply(f"Free {parts_words(gone).title()}", edits.free_parts([key.id for key in keys], gone))


def nudge_parts(document: Document, ids: Iterable[str], parts: Iterable[str], *, by: int) -> Apply | None:
    """Move joints of the selected keys by whole frames, not before frame 0, and select where they are then."""
    moved = frozenset(parts)
    keys = [k for k in chosen_keys(document, ids) if isinstance(k, PoseKey) and held_parts(k) & moved]
    if not keys:
        return None
    by = max(by, -min(key.frame for key in keys))
    names = [edits.new_id() for _ in keys]
    after = (k.id if held_parts(k) <= moved else name for k, name in zip(keys, names, strict=True))
    edit = edits.move_joints([key.id for key in keys], moved, by=by, new_ids=names)
    return Apply(f"Nudge {parts_words(moved).title()}", edit, frozenset(after))
