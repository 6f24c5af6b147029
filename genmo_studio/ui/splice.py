"""Putting a range of one take into the result: which frames, and how it stands where the result stands. No Qt, no GL.

Two takes of one timeline end up in different places and face different ways. A spliced range is moved over the ground
(turned about +y, shifted in x and z; never up or down) so that it meets the result in the middle of the blend at each
seam. Between the seams the difference is spread evenly, so nothing teleports and nothing outside the range moves. Keys
and waypoints that the take was made from hold it in place: between the first and the last of them it stays as made.
"""

import math
from enum import Enum
from itertools import pairwise

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from genmo_studio.conditions.record import read_record
from genmo_studio.conditions.result import ShownMotion, TakeReader, assemble_result
from genmo_studio.document.edits import Edit, EditError, splice_take
from genmo_studio.document.model import Anchor, Document, Take
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.quality import LIMITS, Measure, skate_speed
from genmo_studio.motion.rotations import matrix_from_rotvec

DEFAULT_BLEND = 10
"""Frames; a third of a second at 30 frames a second."""


class Align(Enum):
    """Where a spliced range stands."""

    MADE = "made"
    """where its take was made"""
    SEAMS = "seams"
    """where the result stands, at every seam"""


class Splice(msgspec.Struct, frozen=True):
    """What to put where."""

    take: str
    span: Span
    blend: int = DEFAULT_BLEND
    align: Align = Align.SEAMS


def take_offset(document: Document, take_id: str) -> int:
    """Frames by which a take was moved on the timeline since it was made; 0 when the result does not show it."""
    return next((piece.offset for piece in document.result if piece.take == take_id), 0)


def span_now(document: Document, take: Take) -> Span:
    """Where a take lies on the timeline now."""
    return take.span.shifted(take_offset(document, take.id))


def splice_span(document: Document, take: Take, *, selected: frozenset[str], playhead: int) -> Span | None:
    """The frames to splice: those between in and out, else the selected piece of the result under the playhead.

    None when neither is there or the take has no frame in it.
    """
    span = document.in_out
    if span is None:
        chosen = [piece for piece in document.result if piece.take in selected]
        here = [piece for piece in chosen if playhead in piece.span] or chosen
        span = here[0].span if here else None
    return None if span is None else span.intersection(span_now(document, take))


def nearest_seam(document: Document, frame: int) -> int | None:
    """The frame nearest to ``frame`` at which one piece of the result meets the next; None when there is none."""
    seams = [b.span.start for a, b in pairwise(document.result) if a.span.stop == b.span.start]
    return min(seams, key=lambda seam: abs(seam - frame), default=None)


def splice_edit(document: Document, splice: Splice, read_take: TakeReader) -> Edit:
    """The edit that does it. EditError with one sentence when it cannot be done."""
    take = find_take(document, splice.take)
    motion = None if take is None else read_take(splice.take)
    if take is None or motion is None:
        raise EditError("This take is no longer in the project.")
    offset = take_offset(document, take.id)
    anchors: tuple[Anchor, ...] = ()
    if splice.align is Align.SEAMS:
        shown = assemble_result(document, read_take, tweaked=False)  # tweaks come on top of the splice too
        if shown is not None:
            width = min(splice.blend, splice.span.length // 2)
            start = take.span.start + offset
            anchors = seam_anchors(shown, motion, splice.span, start=start, blend=width)
            anchors = kept_on_keys(anchors, motion, keys=ground_keys(take), span=splice.span.shifted(-start))
    return splice_take(take.id, splice.span, blend=splice.blend, offset=offset, anchors=anchors)


class Slide(msgspec.Struct, frozen=True):
    """A seam of a splice at which a foot slides that slides in neither of the two motions."""

    frame: int
    """of the timeline, where it slides most"""
    speed: float
    """m/s"""


def slides(before: ShownMotion | None, after: ShownMotion, motion: Motion, splice: Splice, *, start: int, body: Body) \
        -> tuple[Slide, ...]:  # fmt: skip
    """What the blends of a splice do to the feet; ``motion`` is the take's, ``start`` its first timeline frame.

    A blend mixes two ways of standing: where a foot rests in one place before and in another after it, it has to slide.
    """
    found = []
    width = min(splice.blend, splice.span.length // 2)
    for frames in (
        Span(splice.span.start, splice.span.start + width + 1),
        Span(splice.span.stop - width - 1, splice.span.stop + 1),
    ):
        speed = _slide(after, frames, body)
        own = _slide(ShownMotion(motion, start), frames, body)
        if before is not None:
            own = np.maximum(own, _slide(before, frames, body))
        worst = int(np.argmax(speed - own))
        if speed[worst] - own[worst] > LIMITS[Measure.SKATE].bad:
            found.append(Slide(frames.start + worst, float(speed[worst])))
    return tuple(found)


def _slide(shown: ShownMotion, frames: Span, body: Body) -> NDArray[np.float64]:
    """Skate (m/s) in timeline frames; 0 outside the motion."""
    speed = np.zeros(frames.length)
    inside = frames.intersection(shown.span)
    if inside is not None and inside.length > 1:
        part = shown.motion.sliced(inside.start - shown.start, inside.stop - shown.start)
        place = slice(inside.start - frames.start, inside.stop - frames.start)
        speed[place] = skate_speed(joint_positions(part, body), part.contacts, fps=part.fps)
    return speed


def seam_anchors(shown: ShownMotion, motion: Motion, span: Span, *, start: int, blend: int) -> tuple[Anchor, ...]:
    """Where a take has to stand to meet the result at the seams of ``span``; ``start`` is its first timeline frame.

    A seam is where the result goes on outside of the span. The result and the take meet in the middle of the blend.
    """
    seams = []
    if any(span.start - 1 in covered for covered in shown.covered):
        seams.append(span.start + blend // 2)
    if any(span.stop in covered for covered in shown.covered):
        seams.append(span.stop - 1 - blend // 2)
    anchors: list[Anchor] = []
    for frame in dict.fromkeys(seams):
        here, there = int(shown.local(frame)), frame - start
        if not 0 <= there < len(motion):
            continue
        turn = turn_between(motion.rotations[there, 0], shown.motion.rotations[here, 0])
        if anchors:  # the short way round from the seam before
            turn = anchors[-1].turn + math.remainder(turn - anchors[-1].turn, 2 * math.pi)
        anchors.append(Anchor(there, _ground(motion.translation[there]), _ground(shown.motion.translation[here]), turn))
    if len(anchors) == 2 and anchors[0].frame >= anchors[1].frame:
        anchors.pop()
    return tuple(anchors)


def ground_keys(take: Take) -> tuple[int, ...]:
    """Frames of a take at which keys said where it stands on the ground, ascending."""
    made = read_record(take.request)
    if made is None:
        return ()
    poses = (pose.frame for pose in made.poses if pose.root_position is not None and pose.weight > 0)
    points = (point.frame for point in made.waypoints if point.position is not None and point.weight > 0)
    return tuple(sorted({*poses, *points}))


def kept_on_keys(
    anchors: tuple[Anchor, ...], motion: Motion, *, keys: tuple[int, ...], span: Span
) -> tuple[Anchor, ...]:
    """The anchors, with the take left where it was made from its first to its last key in ``span`` (its own frames)."""
    if not anchors:
        return ()
    inside = [frame for frame in keys if frame in span and 0 <= frame < len(motion)]
    taken = {anchor.frame for anchor in anchors}
    still = []
    for frame in dict.fromkeys(inside[:1] + inside[-1:]):
        if frame not in taken:
            place = _ground(motion.translation[frame])
            still.append(Anchor(frame, place, place))
    if still:  # every turn is now next to none at all, so each goes the short way
        anchors = tuple(replace(anchor, turn=math.remainder(anchor.turn, 2 * math.pi)) for anchor in anchors)
    return tuple(sorted((*anchors, *still), key=lambda anchor: anchor.frame))


def turn_between(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The turn about +y (rad) that brings one rotation vector (3,) of the root closest to another.

    Unlike the difference of two headings it is also defined for a body that lies down.
    """
    first, second = matrix_from_rotvec(np.stack([a, b]).astype(np.float64))
    between = second @ first.T
    return float(math.atan2(between[0, 2] - between[2, 0], between[0, 0] + between[2, 2]))


def _ground(point: NDArray[np.float32]) -> tuple[float, float]:
    return float(point[0]), float(point[2])
