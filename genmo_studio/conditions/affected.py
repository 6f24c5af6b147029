"""What answers an edit: which frames of which part of the body are made anew. What the user made is left alone. Pure.

The part of the body is what the edited keys ask for and the result does not do yet; what it does already stays
bit-identical. The frames reach to the neighbouring keys (``edited.between_keys``), but never into local work: a loop,
or a part that the user had made anew. An edit inside of local work stays inside of it.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.edited import Edited, between_keys, joints_named
from genmo_studio.conditions.record import read_record
from genmo_studio.conditions.regenerating import covered_stretches
from genmo_studio.conditions.request import Regeneration
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import Document, PoseKey, ResultPiece, Take
from genmo_studio.document.queries import find_track, heard_items, items_in
from genmo_studio.document.time import Span
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.regions import region_joints, region_words
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, REGIONS
from genmo_studio.values import replace

SAME_TURN = np.radians(0.05)
"""A joint that is turned by less than this is where the key wants it; keys are met to 0.1 degree."""
SAME_PLACE = 5e-4
"""m; keys are met to 1 mm."""
LIMBS = ("spine", "left_arm", "right_arm", "left_leg", "right_leg")
ROOT = 0
RestPelvis = Callable[[Document], NDArray[np.floating]]
"""Where the body's pelvis is at rest, (3,) m: keys say where it is in the world, motions how far it went from there."""


@dataclass(frozen=True)
class Work:
    """A part of the result that the user made by itself."""

    take: str
    """Name of its take."""
    span: Span
    """Timeline frames."""
    regions: tuple[str, ...]
    loop: bool = False

    @property
    def words(self) -> str:
        """For a sentence: "the loop (frames 40 to 80)"."""
        what = "the loop" if self.loop else f"your new {region_words(self.regions)}"
        return f"{what} (frames {self.span.start} to {self.span.stop - 1})"


@dataclass(frozen=True)
class Affected:
    """What is made anew."""

    span: Span
    joints: frozenset[int]
    """What is asked for, 0..21."""
    spared: tuple[Work, ...] = ()
    """Local work that it ends at."""

    @property
    def regions(self) -> tuple[str, ...]:
        """The part of the body (motion.skeleton.REGIONS)."""
        return regions_of(self.joints)


def affected(
    document: Document, what: Edited, shown: ShownMotion | None, *, pelvis: RestPelvis | None = None, spare: bool = True
) -> Affected | None:
    """What answers an edit, None when the result does that already or does not reach there.

    ``spare=False`` goes into local work, because the user asked for it.
    """
    joints = asked_joints(document, what, shown, pelvis=pelvis)
    span = reached(document, what, shown)
    if not joints or span is None:
        return None
    if not spare:
        return Affected(span, joints)
    spared: list[Work] = []
    for work in local_work(document):
        cut = _cut(span, what.span, work) if region_joints(work.regions) & joints else span
        if cut != span:
            span = cut
            spared.append(work)
    return Affected(span, joints, tuple(spared))


def asked_joints(
    document: Document, what: Edited, shown: ShownMotion | None, *, pelvis: RestPelvis | None = None
) -> frozenset[int]:
    """The joints (0..21) that an edit is about: those it changed, and those that its keys want elsewhere.

    Where hands and feet are takes a whole body to say, so places of a key count when they were edited.
    """
    found = set(what.joints)
    for key in _keys(document, what):
        if shown is None or key.frame not in shown.span:
            found |= asked_by(key)
            continue
        pose = Pose.of(shown.motion, key.frame - shown.start)
        names = [name for name in key.rotations if name in INDEX and INDEX[name] < BODY_JOINT_COUNT]
        if names:
            asked = matrix_from_rotvec(np.array([key.rotations[name] for name in names], np.float64))
            there = matrix_from_rotvec(pose.rotations[[INDEX[name] for name in names]].astype(np.float64))
            off = angle_between(asked, there) > SAME_TURN
            found |= {INDEX[name] for name, apart in zip(names, off, strict=True) if apart}
        if key.root_position is not None:
            there = None if pelvis is None else pose.translation + pelvis(document)
            if there is None or np.abs(there - np.array(key.root_position)).max() > SAME_PLACE:
                found.add(ROOT)
    return frozenset(found)


def asked_by(key: PoseKey) -> frozenset[int]:
    """The joints that a key says something about."""
    names = {*key.rotations, *key.positions, *(() if key.root_position is None else ("pelvis",))}
    return joints_named(names)


def regions_of(joints: frozenset[int]) -> tuple[str, ...]:
    """The fewest regions that hold these joints; with the root among them the whole body, for all of it hangs there."""
    limbs = tuple(name for name in LIMBS if joints & set(REGIONS[name]))
    if ROOT in joints or len(limbs) == len(LIMBS):
        return ("full",)
    if set(limbs) >= {"spine", "left_arm", "right_arm"}:
        return ("upper", *limbs[3:])
    return limbs


def reached(document: Document, what: Edited, shown: ShownMotion | None) -> Span | None:
    """The frames around an edit, between the neighbouring keys, in the stretch of the result that it lies in.

    None where the result does not reach the edit. Of an edit across several stretches the first counts.
    """
    around = between_keys(document, what)
    stretch = next((one for one in covered_stretches(shown) if one.overlaps(what.span)), None)
    return None if stretch is None else around.intersection(stretch)


def local_work(document: Document) -> tuple[Work, ...]:
    """What the user made anew by itself and the result still shows, by its frames."""
    places = {take.id: index for index, take in enumerate(document.takes)}
    found = {
        work
        for piece in document.result
        if piece.take in places
        for work in _below(document.takes[: places[piece.take] + 1], piece)
    }
    return tuple(sorted(found, key=lambda work: (work.span, work.take)))


def _below(takes: Sequence[Take], piece: ResultPiece) -> Iterator[Work]:
    """Local work that a piece shows: its own take's, and what that take started from, back to a take of its own.

    A take says which takes its start showed. One of an older project does not: there all takes before it count, back
    to the first that is a motion of its own.
    """
    line = _line(takes, takes[-1]) if takes[-1].above else None
    for take in reversed(takes):
        if line is not None and take.id not in line:
            continue
        own = take.id == piece.take
        if not take.base:
            if line is not None:
                continue
            if own or take.span.shifted(piece.offset).overlaps(piece.span):
                return
            continue
        work = part_of(take)
        if work is None or take.refines:
            continue
        part = work.span.shifted(piece.offset).intersection(piece.span)
        if part is not None:
            yield replace(work, span=part)


def _line(takes: Sequence[Take], own: Take) -> frozenset[str]:
    """Ids of a take and of all that it goes back to."""
    above = {take.id: take.above for take in takes}
    found, left = set[str](), [own.id]
    while left:
        take = left.pop()
        if take not in found:
            found.add(take)
            left += above.get(take, ())
    return frozenset(found)


def part_of(take: Take) -> Work | None:
    """What was made anew in a take, where it was made; None for a take of its own, or where that is not known."""
    found = _recorded(take.request) if take.base else None
    if found is None:
        return None
    asked, start = found
    return Work(take.name, asked.span.shifted(start), asked.regions, loop=asked.loop is not None)


@functools.lru_cache(maxsize=256)
def _recorded(text: str) -> tuple[Regeneration, int] | None:
    """What a record says was made anew, and the timeline frame it counts from."""
    request = read_record(text)
    return None if request is None or request.regeneration is None else (request.regeneration, request.start)


def _cut(span: Span, core: Span, work: Work) -> Span:
    """``span`` up to local work, or inside of it where the edited frames ``core`` lie in it."""
    kept = work.span
    if not span.overlaps(kept):
        return span
    if kept.stop <= core.start:
        return Span(kept.stop, span.stop)
    if kept.start >= core.stop:
        return Span(span.start, kept.start)
    start = max(span.start, kept.start) if core.start >= kept.start else span.start
    stop = min(span.stop, kept.stop) if core.stop <= kept.stop else span.stop
    return Span(start, stop)


def _keys(document: Document, what: Edited) -> Iterator[PoseKey]:
    """Pose keys of the edited tracks at the edited frames."""
    for track_id in what.tracks:
        track = find_track(document, track_id)
        for item in () if track is None else heard_items(items_in(track, what.span)):
            if isinstance(item, PoseKey) and item.frame in what.span:
                yield item


def together(first: Affected, second: Affected) -> Affected | None:
    """Two that overlap, as one; None where that would go into what one of them leaves alone."""
    span = Span(min(first.span.start, second.span.start), max(first.span.stop, second.span.stop))
    joints, spared = first.joints | second.joints, tuple(dict.fromkeys((*first.spared, *second.spared)))
    if any(work.span.overlaps(span) and region_joints(work.regions) & joints for work in spared):
        return None
    return Affected(span, joints, spared)
