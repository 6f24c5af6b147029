"""Where an edit changed what the model is told, and which frames answer it. Pure.

While something is dragged, and when it is let go, the motion is made anew between the keys on both sides of what was
edited: these are met anyway, so the rest can stay as it is.
"""

from collections.abc import Iterable, Sequence

import msgspec

from genmo_studio.document.model import ContactClip, Document, Foot, Item, PoseKey, Track, TrackKind
from genmo_studio.document.queries import heard_items, heard_tracks, item_span
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, REGIONS

ANSWERED = frozenset({TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS, TrackKind.PATH, TrackKind.TEXT, TrackKind.CONTACTS})
"""Tracks whose edits the motion answers while they are made."""
POSED = ANSWERED - {TrackKind.TEXT}
"""Tracks whose edits say how the motion goes through some frames, not what it is about."""
REACH = 60
"""Frames on a side without a key that are made anew."""
LIVE_FRAMES = 150
"""Most frames of a draft that is made while something is dragged: 5 s."""
LEAST_CONTEXT = 20
"""Frames of the known motion that a live draft shall see on each side, where there are any."""


EVERY_JOINT = frozenset(range(BODY_JOINT_COUNT))
_LEGS = frozenset((*REGIONS["left_leg"], *REGIONS["right_leg"]))
SAME = 5e-4
"""rad or m; a key that changes by less is met as it was: to 0.1 degree and 1 mm."""


class Edited(msgspec.Struct, frozen=True):
    """What an edit touched."""

    span: Span
    """From the first frame that was touched to the last, as it was and as it is now."""
    tracks: frozenset[str]
    """Ids of the tracks."""
    joints: frozenset[int] = EVERY_JOINT
    """What it is about: what a key said of other joints before is not touched."""


def edited(old: Document, new: Document, *, kinds: frozenset[TrackKind] = ANSWERED) -> Edited | None:
    """What differs between two documents on tracks of these kinds; None when nothing does."""
    if old.tracks is new.tracks:
        return None
    before = {track.id: track.items for track in old.tracks if track.kind in kinds}
    spans: list[Span] = []
    touched: set[str] = set()
    joints: set[int] = set()
    for track in new.tracks:
        if track.kind not in kinds:
            continue
        former = before.pop(track.id, ())
        if former is not track.items and (changed := _changed(former, track.items)):
            spans += map(item_span, (item for pair in changed for item in pair if item is not None))
            touched.add(track.id)
            for was, now in changed:
                joints |= joints_between(was, now)
    for track_id, items in before.items():  # tracks that are gone
        spans += map(item_span, items)
        touched.add(track_id)
        for item in items:
            joints |= joints_between(item, None)
    if not spans:
        return None
    span = Span(min(span.start for span in spans), max(span.stop for span in spans))
    return Edited(span, frozenset(touched), frozenset(joints))


def _changed(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[Item | None, Item | None]]:
    """Items that are not the same in both, as they were and as they are; equal ends cost an identity check."""
    first, most = 0, min(len(old), len(new))
    while first < most and old[first] is new[first]:
        first += 1
    last = 0
    while last < most - first and old[-1 - last] is new[-1 - last]:
        last += 1
    was, now = old[first : len(old) - last], new[first : len(new) - last]
    before, after = {item.id: item for item in was}, {item.id: item for item in now}
    gone: list[tuple[Item | None, Item | None]] = [(item, None) for item in was if item.id not in after]
    return gone + [(before.get(item.id), item) for item in now if before.get(item.id) != item]


def joints_between(was: Item | None, now: Item | None) -> frozenset[int]:
    """The joints (0..21) that an item was about and is not any more, or is about in another way.

    A new key is about the places that it names only: how the result is turned at its frame, and where it is, may be
    how the key wants it.
    """
    if isinstance(now, PoseKey) and was is None:
        return _reaching(joints_named(now.positions), now)
    if isinstance(was, PoseKey) and isinstance(now, PoseKey):
        before, after = _asked(was), _asked(now)
        names = before.keys() | after.keys()
        if (was.frame, was.hold, was.weight, was.muted) == (now.frame, now.hold, now.weight, now.muted):
            names = {name for name in names if _differ(before.get(name), after.get(name))}
        return _reaching(joints_named(names), was, now)
    if isinstance(was, PoseKey):
        return _reaching(joints_named(_asked(was)), was)
    if isinstance(now or was, ContactClip):
        clips = [clip for clip in (was, now) if isinstance(clip, ContactClip)]
        return frozenset(
            joint for clip in clips for joint in REGIONS["left_leg" if clip.foot is Foot.LEFT else "right_leg"]
        )
    return EVERY_JOINT


def _asked(key: PoseKey) -> dict[str, tuple[float, ...]]:
    """All that a key says, by joint."""
    found: dict[str, tuple[float, ...]] = dict(key.rotations)
    for name, place in key.positions.items():
        found[name] = (*found.get(name, ()), *place)
    if key.root_position is not None:
        found["pelvis"] = (*found.get("pelvis", ()), *key.root_position)
    return found


def _reaching(joints: frozenset[int], *keys: PoseKey) -> frozenset[int]:
    """These joints, and the spine where a hand or the head among them is to reach a place: an arm alone is short."""
    placed = joints_named(name for key in keys for name in key.positions) & joints
    return joints | frozenset(REGIONS["spine"]) if placed - _LEGS else joints


def _differ(was: tuple[float, ...] | None, now: tuple[float, ...] | None) -> bool:
    if was is None or now is None or len(was) != len(now):
        return True
    return any(abs(one - other) > SAME for one, other in zip(was, now, strict=True))


def joints_named(names: Iterable[str]) -> frozenset[int]:
    """The joints (0..21) of these names; the tip of a hand goes where its wrist lets it."""
    held = (name.replace("_hand", "_wrist") for name in names)
    return frozenset(INDEX[name] for name in held if name in INDEX and INDEX[name] < BODY_JOINT_COUNT)


def between_keys(document: Document, what: Edited) -> Span:
    """The frames around an edit up to the keys on both sides, without these; at most REACH where there is none.

    Keys of the whole body count, and those of the tracks that were edited.
    """
    before, after = what.span.start - REACH, what.span.stop + REACH
    for start, stop in _held(_bounding(document, what.tracks)):
        if stop <= what.span.start:
            before = max(before, stop)
        elif start >= what.span.stop:
            after = min(after, start)
    return Span(min(max(before, 0), what.span.start), max(min(after, document.length), what.span.start + 1))


def _bounding(document: Document, tracks: frozenset[str]) -> Iterable[Track]:
    for track in heard_tracks(document):
        if track.kind is TrackKind.FULL_KEYS or (track.id in tracks and track.kind in ANSWERED):
            yield track


def _held(tracks: Iterable[Track]) -> Iterable[tuple[int, int]]:
    """First frame and frame behind the last of each key, its hold included; clips bound nothing."""
    for track in tracks:
        if track.kind in (TrackKind.TEXT, TrackKind.CONTACTS):
            continue
        for item in heard_items(track.items):
            span = item_span(item)
            yield span.start, span.stop


def live_window(span: Span, *, bounds: Span, at: int) -> tuple[Span, Span]:
    """The frames that a live draft is made of, at most LIVE_FRAMES of ``bounds``, and those of them that change.

    ``span`` is what should change; where it is too long, the part around frame ``at``. What is left of the window is
    known motion on both sides of it.
    """
    span = span.intersection(bounds) or Span(bounds.start, min(bounds.start + 1, bounds.stop))
    context = min(LEAST_CONTEXT, span.start - bounds.start), min(LEAST_CONTEXT, bounds.stop - span.stop)
    most = LIVE_FRAMES - sum(context)
    if span.length > most:
        start = min(max(at - most // 2, span.start), span.stop - most)
        span = Span(start, start + most)
    rest = LIVE_FRAMES - span.length
    start = max(bounds.start, span.start - rest // 2)
    stop = min(bounds.stop, start + LIVE_FRAMES)
    return Span(max(bounds.start, stop - LIVE_FRAMES), stop), span
