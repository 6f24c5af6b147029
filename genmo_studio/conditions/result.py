"""The motion that is shown: the document's result put together from takes, and its pose at any moment. No Qt, no GL.

A take is blended into the one before over ``ResultPiece.blend`` frames and may be moved over the ground by anchors.
Frames of the result that no piece covers hold the nearest pose, so that the character never disappears in the middle of
a play. Tweaks come last, on top of everything, from the lowest track to the highest.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.model import Anchor, Document, ResultPiece, TrackKind, Tweak
from genmo_studio.document.queries import heard_items, heard_tracks
from genmo_studio.document.time import Span
from genmo_studio.motion.layers import apply_tweaks
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotate, rotvec_from_matrix, slerp_matrices, yaw_matrix
from genmo_studio.values import replace

MAX_NESTED = 8
"""Blends within blends; what is older has faded away."""

TakeReader = Callable[[str], Motion | None]
"""take id -> its motion, None when it cannot be read."""


class ShownMotion(msgspec.Struct, frozen=True, eq=False):
    """A motion placed on the timeline."""

    motion: Motion
    start: int
    """Timeline frame of the motion's first frame."""
    covered: tuple[Span, ...] = ()
    """Timeline spans that come from a take; elsewhere the pose is held."""

    @property
    def span(self) -> Span:
        """Timeline frames."""
        return Span(self.start, self.start + len(self.motion))

    def local(self, frame: float) -> float:
        """Timeline frame -> frame of the motion, held at both ends."""
        return min(max(frame - self.start, 0.0), len(self.motion) - 1.0)


def pose_at(motion: Motion, frame: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rotation vectors (24, 3) and translation (3,) at a fractional frame, held at both ends."""
    frame = min(max(frame, 0.0), len(motion) - 1.0)
    low = int(frame)
    share = frame - low
    if share < 1e-6 or low + 1 >= len(motion):
        return motion.rotations[low], motion.translation[low]
    turns = matrix_from_rotvec(motion.rotations[low : low + 2].astype(np.float64))
    rotations = rotvec_from_matrix(slerp_matrices(turns[0], turns[1], share))
    translation = (1 - share) * motion.translation[low] + share * motion.translation[low + 1]
    return rotations.astype(np.float32), translation.astype(np.float32)


def placed_motion(motion: Motion, anchors: tuple[Anchor, ...]) -> Motion:
    """The motion where the anchors put it on the ground; the same object when there are none."""
    if not anchors:
        return motion
    frames = np.arange(len(motion), dtype=np.float64)
    table = np.array([(*anchor.source, *anchor.target, anchor.turn) for anchor in anchors])
    source_x, source_z, target_x, target_z, angle = (
        np.interp(frames, [anchor.frame for anchor in anchors], column) for column in table.T
    )
    turn = yaw_matrix(angle)
    offset = motion.translation.astype(np.float64)
    offset[:, 0] -= source_x
    offset[:, 2] -= source_z
    translation = rotate(turn, offset)
    translation[:, 0] += target_x
    translation[:, 2] += target_z
    translation[:, 1] = motion.translation[:, 1]
    rotations = motion.rotations.copy()
    rotations[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    return replace(motion, rotations=rotations, translation=translation.astype(np.float32))


class _Part(msgspec.Struct, frozen=True, eq=False):
    """A piece of the result with its motion."""

    piece: ResultPiece
    motion: Motion
    start: int
    """Timeline frame of the motion's first frame."""
    blend: int
    """Frames of cross-fade from the part before; nothing is faded across a gap."""

    @property
    def span(self) -> Span:
        return self.piece.span


def assemble_result(document: Document, read_take: TakeReader, *, tweaked: bool = True) -> ShownMotion | None:
    """Put the result together; None when there is none or no take of it can be read.

    What is shown, measured and exported has the tweaks on top; a regeneration starts from the result without them.
    """
    shown = _assembled(document, read_take)
    return tweaked_result(document, shown) if tweaked and shown is not None else shown


def heard_tweaks(document: Document) -> tuple[Tweak, ...]:
    """Tweaks that take part, in the order in which they lie on top of each other: the lowest track first."""
    rows = [track for track in reversed(heard_tracks(document)) if track.kind is TrackKind.TWEAKS]
    return tuple(item for track in rows for item in heard_items(track.items) if isinstance(item, Tweak))


def tweaked_result(document: Document, shown: ShownMotion) -> ShownMotion:
    """A result with the document's tweaks on top; the same object when none changes it."""
    motion = apply_tweaks(shown.motion, heard_tweaks(document), start=shown.start)
    return shown if motion is shown.motion else replace(shown, motion=motion)


def _assembled(document: Document, read_take: TakeReader) -> ShownMotion | None:
    parts = _parts(document, read_take)
    if not parts:
        return None
    if len(parts) == 1 and parts[0].span.start == parts[0].start and parts[0].span.length == len(parts[0].motion):
        (part,) = parts
        return ShownMotion(part.motion, part.start, (part.span,))
    start, stop = parts[0].span.start, max(part.span.stop for part in parts)
    frames = np.arange(start, stop)
    owner = _owners(frames, [part.span for part in parts])
    rotations, translation, contacts = _gather(frames, owner, parts)
    _cross_fade(rotations, translation, start=start, parts=parts)
    motion = replace(parts[0].motion, rotations=rotations, translation=translation, contacts=contacts)
    return ShownMotion(motion, start, tuple(part.span for part in parts))


def _parts(document: Document, read_take: TakeReader) -> list[_Part]:
    takes = {take.id: take for take in document.takes}
    parts: list[_Part] = []
    for piece in sorted(document.result, key=lambda piece: piece.span):
        take = takes.get(piece.take)
        motion = None if take is None else read_take(piece.take)
        if take is not None and motion is not None and len(motion) and piece.span.length > 0:
            touches = bool(parts) and parts[-1].span.stop == piece.span.start
            placed = placed_motion(motion, piece.anchors)
            parts.append(_Part(piece, placed, take.span.start + piece.offset, piece.blend if touches else 0))
    return parts


def _owners(frames: NDArray[np.int64], spans: list[Span]) -> NDArray[np.int64]:
    """(T,) index of the piece each frame is read from; gaps belong to the piece before."""
    owner = np.zeros(len(frames), np.int64)
    for index, span in enumerate(spans):
        owner[frames >= span.start] = index
    return owner


def _gather(
    frames: NDArray[np.int64], owner: NDArray[np.int64], parts: list[_Part]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None]:
    rotations = np.empty((len(frames), 24, 3), np.float32)
    translation = np.empty((len(frames), 3), np.float32)
    known = all(part.motion.contacts is not None for part in parts)
    contacts = np.zeros((len(frames), 6), np.float32) if known else None
    for index, part in enumerate(parts):
        mine = np.flatnonzero(owner == index)
        held = np.clip(frames[mine], part.span.start, part.span.stop - 1)
        local = np.clip(held - part.start, 0, len(part.motion) - 1)
        rotations[mine], translation[mine] = part.motion.rotations[local], part.motion.translation[local]
        if contacts is not None and part.motion.contacts is not None:
            contacts[mine] = part.motion.contacts[local]
    return rotations, translation, contacts


def _cross_fade(
    rotations: NDArray[np.float32], translation: NDArray[np.float32], *, start: int, parts: list[_Part]
) -> None:
    """Blend the first frames of each piece with how the result before would go on; changes the arrays in place.

    The result before may itself be a blend that the piece cut short; it goes on as such, so that nothing jumps.
    """
    for index in range(1, len(parts)):
        span = parts[index].span
        for frame in range(span.start, span.start + min(parts[index].blend, span.length)):
            row = frame - start
            rotations[row], translation[row] = _mixed(parts, index, frame)


def _mixed(parts: list[_Part], index: int, frame: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The pose of a part at a timeline frame, with all the blends that have not ended by then."""
    first = index
    while first > 0 and index - first < MAX_NESTED and frame - parts[first].span.start < parts[first].blend:
        first -= 1
    rotations, translation = pose_at(parts[first].motion, float(frame - parts[first].start))
    for part in parts[first + 1 : index + 1]:
        share = (frame - part.span.start + 1) / (part.blend + 1)
        share = share * share * (3 - 2 * share)
        own_rotations, own_translation = pose_at(part.motion, float(frame - part.start))
        turned = slerp_matrices(
            matrix_from_rotvec(rotations.astype(np.float64)),
            matrix_from_rotvec(own_rotations.astype(np.float64)),
            share,
        )
        rotations = rotvec_from_matrix(turned).astype(np.float32)
        translation = ((1 - share) * translation + share * own_translation).astype(np.float32)
    return rotations, translation
