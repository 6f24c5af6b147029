"""Commands of contacts, locks and tweaks, as labelled edits. Pure. None means that there is nothing to act on."""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from genmo_studio.document import edits
from genmo_studio.document.model import ContactClip, Document, Foot, Item, LockClip, TrackKind, Tweak
from genmo_studio.document.queries import MAX_FRAMES
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.ui.body_words import region_words
from genmo_studio.ui.timeline.choosing import chosen_items, span_of
from genmo_studio.ui.timeline.effects import Apply

USUAL_SECONDS = 0.5
"""Length of what is added without a selection and without in and out."""
CONTACT_FRAMES = 10
"""Length of a contact where nothing says how long it is."""
STANDS = 0.5
"""Probability of a contact above which a foot rests."""
USUAL_EDGE = 0.2
"""Part of a new tweak over which it grows, and over which it fades."""
_NOTHING = (0.0, 0.0, 0.0)


def range_for(document: Document, ids: Iterable[str], frame: int) -> Span:
    """The frames a command of a range acts on: of the selection, else from in to out, else half a second from a frame.

    One selected key is no range: what is added there is for the frames around it.
    """
    chosen = _stretch(document, ids) or document.in_out
    if chosen is not None:
        return chosen
    start = max(0, min(frame, MAX_FRAMES - 1))
    return Span(start, min(MAX_FRAMES, start + max(1, round(USUAL_SECONDS * document.fps))))


def _stretch(document: Document, ids: Iterable[str]) -> Span | None:
    """The selected stretch of time; None for nothing, and for a single frame."""
    span = span_of(document, ids)
    return None if span is None or span.length < 2 else span


def contact(
    document: Document, ids: Iterable[str], *, frame: int, foot: Foot, planted: bool, stood: Span | None = None
) -> Apply:
    """Say that a foot is planted or free; what the row said about it there gives way.

    Where no stretch of time is selected or marked, it is said of ``stood``, the stretch in which the foot rests in the
    result, or else of CONTACT_FRAMES around the frame. A selected key is no stretch of time.
    """
    span = _stretch(document, ids) or document.in_out or stood or _around(frame, CONTACT_FRAMES)
    clip = ContactClip(edits.new_id(), span, foot, planted=planted)
    words = f"{foot.value.capitalize()} Foot {'Planted' if planted else 'Free'}"
    return Apply(f"Add Contact: {words}", edits.lay_contact(clip), frozenset({clip.id}))


def contact_stretch(contacts: NDArray[np.floating], foot: Foot, frame: int, *, start: int, length: int) -> Span | None:
    """The timeline frames around ``frame`` in which a foot rests in a motion; None where it does not.

    ``contacts`` (T, 6) are probabilities in the order of skeleton.CONTACT_JOINTS, from timeline frame ``start``;
    ``length`` is the project's.
    """
    ankle, toes = (0, 1) if foot is Foot.LEFT else (2, 3)
    rests = np.maximum(contacts[:, ankle], contacts[:, toes]) > STANDS
    at = frame - start
    if not 0 <= at < len(rests) or not rests[at]:
        return None
    lifted = np.flatnonzero(~rests)
    before, after = lifted[lifted < at], lifted[lifted > at]
    first = int(before[-1]) + 1 if len(before) else 0
    stop = int(after[0]) if len(after) else len(rests)
    return Span(first + start, stop + start).intersection(Span(0, length))


def _around(frame: int, frames: int) -> Span:
    start = max(0, min(frame - frames // 2, MAX_FRAMES - frames))
    return Span(start, start + frames)


def lock(document: Document, ids: Iterable[str], *, frame: int, regions: Collection[str]) -> Apply | None:
    """Lock regions: of the selected locks when only locks are selected, else a new lock over the range."""
    if not regions:
        return None
    locks = chosen_locks(document, ids)
    if locks:
        changes = edits.compose(*(edits.set_regions(clip.id, regions) for clip in locks))
        return Apply("Change Locked Regions", changes)
    clip = LockClip(edits.new_id(), range_for(document, ids, frame), regions=tuple(regions))
    return Apply(f"Lock {region_words(regions).title()}", edits.lay(TrackKind.LOCKS, (clip,)), frozenset({clip.id}))


def chosen_locks(document: Document, ids: Iterable[str]) -> tuple[LockClip, ...]:
    """The selected locks when nothing but locks is selected."""
    items = [item for _, item in chosen_items(document, ids)]
    locks = tuple(item for item in items if isinstance(item, LockClip))
    return locks if len(locks) == len(items) else ()


def tweak(document: Document, ids: Iterable[str], *, frame: int, joints: Collection[str]) -> Apply:
    """A tweak without a change yet, for these joints or else for the place of the root."""
    span = range_for(document, ids, frame)
    edge = min(round(USUAL_EDGE * span.length), (span.length - 1) // 2)
    named = [name for name in JOINTS[:BODY_JOINT_COUNT] if name in joints]
    clip = Tweak(
        edits.new_id(),
        span,
        rotations=dict.fromkeys(named, _NOTHING),
        shift=None if named else _NOTHING,
        rise=edge,
        fall=edge,
    )
    return Apply("Add Tweak", edits.add_tweak(clip), frozenset({clip.id}))


def accept(document: Document, ids: Iterable[str]) -> Apply | None:
    """Say that the selected tweaks are right on the result as it is now."""
    found = [item.id for _, item in chosen_items(document, ids) if isinstance(item, Tweak)]
    return Apply("Accept Tweak" + "s" * (len(found) > 1), edits.accept_tweaks(found)) if found else None


def _contacts(document: Document, ids: Iterable[str]) -> list[ContactClip]:
    found: list[Item] = [item for _, item in chosen_items(document, ids)]
    return [item for item in found if isinstance(item, ContactClip)]


def toggle(document: Document, ids: Iterable[str]) -> Apply | None:
    """Planted contacts become free and the other way round; mixed ones become planted."""
    found = _contacts(document, ids)
    planted = not all(clip.planted for clip in found)
    changes = [edits.set_contact(clip.id, planted=planted) for clip in found]
    return Apply("Plant Foot" if planted else "Free Foot", edits.compose(*changes)) if found else None


def other_foot(document: Document, ids: Iterable[str]) -> Apply | None:
    """Let contacts be about the other foot."""
    found = _contacts(document, ids)
    other = {Foot.LEFT: Foot.RIGHT, Foot.RIGHT: Foot.LEFT}
    changes = [edits.set_contact(clip.id, foot=other[clip.foot]) for clip in found]
    return Apply("Change Foot", edits.compose(*changes)) if found else None
