"""The motion that is shown: the document's result put together from takes, and its pose at any moment. No Qt, no GL.

A take is blended into the one before over ``ResultPiece.blend`` frames; frames of the result that no piece covers hold
the nearest pose, so that the character never disappears in the middle of a play.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.model import Document, ResultPiece
from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, slerp_matrices

TakeReader = Callable[[str], Motion | None]
"""take id -> its motion, None when it cannot be read."""


@dataclass(frozen=True, eq=False)
class ShownMotion:
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


def assemble_result(document: Document, read_take: TakeReader) -> ShownMotion | None:
    """Put the result together; None when there is none or no take of it can be read."""
    takes = {take.id: take for take in document.takes}
    pieces: list[tuple[ResultPiece, Motion, int]] = []
    for piece in sorted(document.result, key=lambda p: p.span):
        take = takes.get(piece.take)
        motion = None if take is None else read_take(piece.take)
        if take is not None and motion is not None and len(motion) and piece.span.length > 0:
            pieces.append((piece, motion, take.span.start + piece.offset))
    if not pieces:
        return None
    if len(pieces) == 1 and pieces[0][0].span.start == pieces[0][2] and pieces[0][0].span.length == len(pieces[0][1]):
        piece, motion, start = pieces[0]
        return ShownMotion(motion, start, (piece.span,))
    start, stop = pieces[0][0].span.start, max(piece.span.stop for piece, _, _ in pieces)
    frames = np.arange(start, stop)
    owner = _owners(frames, [piece.span for piece, _, _ in pieces])
    rotations, translation, contacts = _gather(frames, owner, pieces)
    _cross_fade(rotations, translation, start=start, pieces=pieces)
    first = pieces[0][1]
    motion = replace(first, rotations=rotations, translation=translation, contacts=contacts)
    return ShownMotion(motion, start, tuple(piece.span for piece, _, _ in pieces))


def _owners(frames: NDArray[np.int64], spans: list[Span]) -> NDArray[np.int64]:
    """(T,) index of the piece each frame is read from; gaps belong to the piece before."""
    owner = np.zeros(len(frames), np.int64)
    for index, span in enumerate(spans):
        owner[frames >= span.start] = index
    return owner


def _gather(
    frames: NDArray[np.int64], owner: NDArray[np.int64], pieces: list[tuple[ResultPiece, Motion, int]]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None]:
    rotations = np.empty((len(frames), 24, 3), np.float32)
    translation = np.empty((len(frames), 3), np.float32)
    known = all(motion.contacts is not None for _, motion, _ in pieces)
    contacts = np.zeros((len(frames), 6), np.float32) if known else None
    for index, (piece, motion, take_start) in enumerate(pieces):
        mine = np.flatnonzero(owner == index)
        held = np.clip(frames[mine], piece.span.start, piece.span.stop - 1)
        local = np.clip(held - take_start, 0, len(motion) - 1)
        rotations[mine], translation[mine] = motion.rotations[local], motion.translation[local]
        if contacts is not None and motion.contacts is not None:
            contacts[mine] = motion.contacts[local]
    return rotations, translation, contacts


def _cross_fade(
    rotations: NDArray[np.float32],
    translation: NDArray[np.float32],
    *,
    start: int,
    pieces: list[tuple[ResultPiece, Motion, int]],
) -> None:
    """Blend the first frames of each piece with how the piece before would go on; changes the arrays in place."""
    for before, (piece, _, _) in pairwise(pieces):
        for offset in range(min(piece.blend, piece.span.length)):
            frame = piece.span.start + offset
            share = (offset + 1) / (piece.blend + 1)
            share = share * share * (3 - 2 * share)
            old_rotations, old_translation = pose_at(before[1], float(frame - before[2]))
            row = frame - start
            mixed = slerp_matrices(
                matrix_from_rotvec(old_rotations.astype(np.float64)),
                matrix_from_rotvec(rotations[row].astype(np.float64)),
                share,
            )
            rotations[row] = rotvec_from_matrix(mixed)
            translation[row] = (1 - share) * old_translation + share * translation[row]
