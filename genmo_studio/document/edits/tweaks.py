"""Edits of tweaks: changes on top of the result. Moving, trimming, muting and deleting them is in ``items``.

A tweak that is added or changed by hand is stamped with what lies below it: whoever sets it looks at that result.
"""

from collections.abc import Iterable, Mapping

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, change_items, new_id
from genmo_studio.document.edits.items import add_item
from genmo_studio.document.edits.tracks import add_track
from genmo_studio.document.model import Document, Item, TrackKind, Tweak, Vec3
from genmo_studio.document.time import Span
from genmo_studio.document.under import under_hash


def stamped(document: Document, tweak: Tweak) -> Tweak:
    """The tweak, made for what lies below it now."""
    return msgspec.structs.replace(tweak, under=under_hash(document, tweak))


def _as_tweak(item: Item) -> Tweak:
    if not isinstance(item, Tweak):
        raise EditError("Only a tweak changes the result.")
    return item


def add_tweak(tweak: Tweak, *, track_id: str | None = None) -> Edit:
    """Put a tweak on a track; without one, on the first unlocked track of tweaks that is heard, else on a new one."""
    fresh = new_id()

    def apply(document: Document) -> Document:
        target = track_id
        if target is None:
            rows = (track for track in document.tracks if track.kind is TrackKind.TWEAKS)
            target = next((track.id for track in rows if not track.locked and not track.muted), None)
        if target is None:
            target = fresh
            document = add_track(TrackKind.TWEAKS, track_id=fresh)(document)
        return add_item(target, stamped(document, tweak))(document)

    return apply


def change_tweak(
    tweak_id: str,
    *,
    span: Span | None = None,
    rotations: Mapping[str, Vec3] | None = None,
    shift: Vec3 | None = None,
    rise: int | None = None,
    fall: int | None = None,
) -> Edit:
    """Change a tweak: its span, turns of joints (rad, added or replaced by name), shift (m), frames of rise and fall.

    A turn or shift of zero takes the joint or the shift out. None leaves something as it is.
    """

    def apply(document: Document) -> Document:
        def change(item: Item) -> Item:
            tweak = _as_tweak(item)
            turns = {name: turn for name, turn in {**tweak.rotations, **(rotations or {})}.items() if any(turn)}
            moved = tweak.shift if shift is None else shift
            return stamped(
                document,
                msgspec.structs.replace(
                    tweak,
                    span=tweak.span if span is None else span,
                    rotations=turns,
                    shift=moved if moved is not None and any(moved) else None,
                    rise=tweak.rise if rise is None else rise,
                    fall=tweak.fall if fall is None else fall,
                ),
            )

        return change_items(document, (tweak_id,), change)

    return apply


def accept_tweaks(ids: Iterable[str]) -> Edit:
    """Say that tweaks are right on what lies below them now."""
    wanted = tuple(ids)
    return lambda document: change_items(document, wanted, lambda item: stamped(document, _as_tweak(item)))
