"""Loops: a span that repeats without a seam. What lies around the wrap is generated, not blended over.

The span is laid out twice, the second time where the first one left off, so that the wrap is in the middle with the
motion known on both sides of it. The frames around the wrap are made anew as in any regeneration, then both halves go
back to where they belong: the last frames of the span and, moved back, its first ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from genmo_studio.conditions.request import (
    KeptRegion,
    Loop,
    PoseCondition,
    Regeneration,
    TextCondition,
    WaypointCondition,
)
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic, ResolvedText
from genmo_studio.document.model import Vec3
from genmo_studio.document.time import Span
from genmo_studio.model.finishing import error_figures, promises
from genmo_studio.model.known import Known, known_of
from genmo_studio.motion.correction import key_errors
from genmo_studio.motion.ground import GroundMove, move_between, moved, without_travel
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotate, rotvec_from_matrix, yaw_matrix
from genmo_studio.values import replace

NO_VIDEO = "The video was not used for the loop: around the wrap two of its moments meet."


@dataclass(frozen=True, eq=False)
class Repetition:
    """A loop as the regeneration of the middle of two repetitions."""

    resolved: ResolvedConditions
    """What the network is told about the two repetitions"""
    known: Known
    """The two repetitions, with the frames around the wrap to be made anew"""
    asked: ResolvedConditions
    whole: Known
    """The motion as it was, and its span"""
    step: GroundMove
    """From one repetition to the next"""
    width: int
    """Frames made anew on each side of the wrap"""

    def unrolled(self, motion: Motion) -> Motion:
        """The whole motion with the loop in its span, from the two repetitions."""
        span, length = self.whole.span, self.whole.span.length
        back = moved(motion.sliced(length, length + self.width), self.known.body, self.step.inverse())
        loop = _pasted(self.whole.base.sliced(span.start, span.stop), back, 0)
        loop = _pasted(loop, motion.sliced(length - self.width, length), length - self.width)
        if self._kind is Loop.IN_PLACE:
            still = without_travel(loop, self.known.body, self.step)
            loop = replace(still, rotations=_first_of(still, loop))
        return _pasted(self.whole.base, loop, span.start)

    @property
    def _kind(self) -> Loop:
        asked = self.asked.request.regeneration
        assert asked is not None
        assert asked.loop is not None
        return asked.loop

    def told(self, motion: Motion, report: dict[str, Any]) -> dict[str, Any]:
        """The report of the two repetitions as that of the loop: errors are those of the motion that comes out."""
        request, in_place = self.asked.request, self._kind is Loop.IN_PLACE
        touched = set(range(self.whole.span.start, self.whole.span.stop)) if in_place else self._wrap_frames()
        poses, points = promises(
            msgspec.structs.replace(
                request,
                poses=tuple(pose for pose in request.poses if pose.frame in touched),
                waypoints=tuple(point for point in request.waypoints if point.frame in touched),
            )
        )
        errors = key_errors(motion, self.whole.body, poses, points)
        worked = ["Weight, flight or steps were put in around the wrap."] if report.get("clean_up") else []
        reason = ": a loop in place does not go there" if in_place else ""
        return {
            **report,
            "request_hash": request.hash,
            "frames": request.frames,
            "keys": len(poses) + len(points),
            "clean_up": worked,  # frames of the two repetitions would be misread
            "key_errors_after": error_figures(errors),
            "unmet": [f"{sentence}{reason if ': ' not in sentence else ''}" for sentence in errors.unmet],
            "loop": {
                "kind": self._kind.value,
                "turn": 0.0 if in_place else round(self.step.turn, 5),
                "shift": [0.0, 0.0] if in_place else [round(float(value), 5) for value in self.step.shift],
                "made_anew_each_side": self.width,
            },
        }

    def _wrap_frames(self) -> set[int]:
        span = self.whole.span
        return {*range(span.start, span.start + self.width), *range(span.stop - self.width, span.stop)}


def _first_of(still: Motion, loop: Motion) -> Any:
    """Rotations on the spot: the root's are new, those of the other joints the same bits as before."""
    rotations = loop.rotations.copy()
    rotations[:, 0] = still.rotations[:, 0]
    return rotations


def _pasted(motion: Motion, part: Motion, start: int) -> Motion:
    """The motion with ``part`` in its place from frame ``start`` on."""
    rotations, translation = motion.rotations.copy(), motion.translation.copy()
    rotations[start : start + len(part)] = part.rotations
    translation[start : start + len(part)] = part.translation
    contacts = None if motion.contacts is None else motion.contacts.copy()
    if contacts is not None and part.contacts is not None:
        contacts[start : start + len(part)] = part.contacts
    return replace(motion, rotations=rotations, translation=translation, contacts=contacts)


def repetition(resolved: ResolvedConditions, known: Known) -> Repetition | None:
    """The two repetitions of a request for a loop; None for one of a single frame."""
    asked = resolved.request.regeneration
    assert asked is not None
    span, body = known.span, known.body
    width = min(max(asked.blend, 1), span.length // 2)
    if width < 1:
        return None
    step = move_between(known.base, body, span.start, span.stop)
    once = known.base.sliced(span.start, span.stop)
    again = moved(once, body, step)
    again = replace(again, rotations=_first_of(again, once))
    twice = replace(
        once,
        rotations=np.concatenate([once.rotations, again.rotations]),
        translation=np.concatenate([once.translation, again.translation]),
        contacts=None if once.contacts is None else np.concatenate([once.contacts, once.contacts]),
    )
    wrap = Span(span.length - width, span.length + width)
    kept = tuple(
        KeptRegion(part.shifted(shift), keeping.regions)
        for keeping in asked.kept
        if (part := keeping.span.intersection(span)) is not None
        for shift in (-span.start, span.length - span.start)
    )
    inner = Regeneration(base="", span=wrap, blend=width, kept=kept)
    return Repetition(
        resolved=_laid_out(resolved, span, step, inner),
        known=known_of(inner, twice, body=body),
        asked=resolved,
        whole=known,
        step=step,
        width=width,
    )


def _laid_out(resolved: ResolvedConditions, span: Span, step: GroundMove, inner: Regeneration) -> ResolvedConditions:
    """The conditions of the span twice in a row; what has a place moves along with the second repetition."""
    request, length = resolved.request, span.length
    told = msgspec.structs.replace(
        request,
        frames=2 * length,
        texts=tuple(
            TextCondition(text.text, part, text.weight) for text in request.texts for part in _twice(text.span, span)
        ),
        videos=(),
        music=(),
        contacts=tuple(
            msgspec.structs.replace(contact, span=part)
            for contact in request.contacts
            for part in _twice(contact.span, span)
        ),
        poses=tuple(
            again
            for pose in request.poses
            if pose.frame in span
            for again in (
                msgspec.structs.replace(pose, frame=pose.frame - span.start),
                _moved_pose(msgspec.structs.replace(pose, frame=pose.frame - span.start + length), step),
            )
        ),
        waypoints=tuple(
            again
            for point in request.waypoints
            if point.frame in span
            for again in (
                msgspec.structs.replace(point, frame=point.frame - span.start),
                _moved_point(msgspec.structs.replace(point, frame=point.frame - span.start + length), step),
            )
        ),
        regeneration=inner,
    )
    notes = (*resolved.notes, NO_VIDEO) if resolved.video is not None else resolved.notes
    return ResolvedConditions(told, music=_music(resolved.music, span), text=_text(resolved.text, span), notes=notes)


def _twice(part: Span, span: Span) -> Iterator[Span]:
    inside = part.intersection(span)
    if inside is not None:
        yield inside.shifted(-span.start)
        yield inside.shifted(span.length - span.start)


def _music(music: ResolvedMusic | None, span: Span) -> ResolvedMusic | None:
    if music is None:
        return None
    frames = np.tile(np.arange(span.start, span.stop), 2)
    return ResolvedMusic(exists=music.exists[frames], features=music.features[frames], weight=music.weight[frames])


def _text(text: ResolvedText | None, span: Span) -> ResolvedText | None:
    if text is None:
        return None
    rows = [(row, part) for row, own in enumerate(text.spans) for part in _twice(own, span)]
    if not rows:
        return None
    return ResolvedText(
        states=text.states[[row for row, _ in rows]],
        spans=tuple(part for _, part in rows),
        weights=tuple(text.weights[row] for row, _ in rows),
    )


def _moved_place(place: Vec3, step: GroundMove) -> Vec3:
    x, y, z = rotate(yaw_matrix(step.turn), np.array(place)).tolist()
    return x + float(step.shift[0]), y, z + float(step.shift[1])


def _moved_pose(pose: PoseCondition, step: GroundMove) -> PoseCondition:
    rotations = dict(pose.rotations)
    if "pelvis" in rotations:
        turned = yaw_matrix(step.turn) @ matrix_from_rotvec(np.array(rotations["pelvis"], np.float64))
        x, y, z = rotvec_from_matrix(turned).tolist()
        rotations["pelvis"] = (x, y, z)
    return msgspec.structs.replace(
        pose,
        rotations=rotations,
        root_position=None if pose.root_position is None else _moved_place(pose.root_position, step),
        positions={name: _moved_place(place, step) for name, place in pose.positions.items()},
    )


def _moved_point(point: WaypointCondition, step: GroundMove) -> WaypointCondition:
    place = point.position
    if place is not None:
        x, _, z = _moved_place((place[0], 0.0, place[1]), step)
        place = (x, z)
    heading = None if point.heading is None else point.heading + step.turn
    return msgspec.structs.replace(point, position=place, heading=heading)
