"""From dense motion to pose keys, and from pose keys to a motion by interpolation: what the two commands do. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.edits import Edit, EditError, add_items, add_track, compose, new_id
from genmo_studio.document.model import Document, PoseKey, Track, TrackKind, Vec3
from genmo_studio.document.queries import heard_items, heard_tracks
from genmo_studio.document.time import Span
from genmo_studio.motion.interpolate import Tangent, interpolated_places, interpolated_turns
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.reduce import Reduction, Tolerance, reduced
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS

WHOLE = tuple(JOINTS[:BODY_JOINT_COUNT])


def reduce_span(document: Document, bare: ShownMotion | None) -> Span | None:
    """The frames that are reduced: between in and out, else all of the result; None without a result there."""
    if bare is None:
        return None
    return bare.span if document.in_out is None else document.in_out.intersection(bare.span)


def pose_track(document: Document, joints: Sequence[str]) -> Track | None:
    """The track that takes the keys: the first unlocked one of their kind."""
    kind = _kind(joints)
    return next((track for track in document.tracks if track.kind is kind and not track.locked), None)


def _kind(joints: Sequence[str]) -> TrackKind:
    return TrackKind.FULL_KEYS if set(joints) == set(WHOLE) else TrackKind.PARTIAL_KEYS


def keyed_frames(document: Document, joints: Sequence[str], span: Span) -> tuple[int, ...]:
    """Frames of the span that the track has keys at already; they stay as they are."""
    track = pose_track(document, joints)
    items = () if track is None else track.items
    return tuple(key.frame for key in items if isinstance(key, PoseKey) and key.frame in span)


def reduction_of(
    bare: ShownMotion, span: Span, *, joints: Sequence[str], tolerance: Tolerance, root: bool, fixed: Iterable[int]
) -> Reduction:
    """Keys, as frames of the span, for these joints. Takes a second or so: not for the window's own thread."""
    motion = bare.motion.sliced(span.start - bare.start, span.stop - bare.start)
    own = tuple(frame - span.start for frame in fixed)
    return reduced(motion, joints=tuple(INDEX[name] for name in joints), tolerance=tolerance, root=root, fixed=own)


def keys_edit(
    document: Document,
    bare: ShownMotion,
    span: Span,
    found: Reduction,
    *,
    joints: Sequence[str],
    root: bool,
    rest_pelvis: NDArray[np.float32],
) -> tuple[Edit, frozenset[str]]:
    """Put the keys of a reduction on a track; keys that are there stay. Returns the edit and the new keys' ids."""
    taken = set(keyed_frames(document, joints, span))
    keys = []
    for frame in (span.start + own for own in found.frames):
        if frame in taken:
            continue
        row = frame - bare.start
        turns = {name: _vec3(bare.motion.rotations[row, INDEX[name]]) for name in joints}
        place = _vec3(bare.motion.translation[row] + rest_pelvis) if root else None
        keys.append(PoseKey(id=new_id(), frame=frame, rotations=turns, root_position=place))
    track = pose_track(document, joints)
    if track is not None:
        return add_items(track.id, keys), frozenset(key.id for key in keys)
    fresh = new_id()
    put = add_items(fresh, keys)
    return compose(add_track(_kind(joints), track_id=fresh), put), frozenset(key.id for key in keys)


def _vec3(values: NDArray[np.float32]) -> Vec3:
    x, y, z = (float(value) for value in values)
    return x, y, z


def full_keys(document: Document, span: Span | None = None) -> list[PoseKey]:
    """The full pose keys that are heard, by frame; of two at a frame the one on the higher track."""
    by_frame: dict[int, PoseKey] = {}
    for track in reversed(heard_tracks(document)):
        if track.kind is not TrackKind.FULL_KEYS:
            continue
        for key in heard_items(track.items):
            if isinstance(key, PoseKey) and set(key.rotations) >= set(WHOLE) and (span is None or key.frame in span):
                by_frame[key.frame] = key
    return [by_frame[frame] for frame in sorted(by_frame)]


def blocked(
    keys: Sequence[PoseKey], *, tangent: Tangent | None, rest_pelvis: NDArray[np.float32], like: Motion
) -> tuple[Span, Motion]:
    """A motion through full keys by interpolation alone, from the first key to the last; a hold is held.

    ``tangent`` is how every key is passed, None for each key's own. ``like`` gives body, betas and rate. EditError when
    there are not two keys with a place for the root.
    """
    poses = [key for key in keys if key.root_position is not None]
    if len(poses) < 2:
        raise EditError("There are not two full pose keys with a place to go between; set them first.")
    stops: list[tuple[int, PoseKey, Tangent]] = []
    for index, key in enumerate(poses):
        after = poses[index + 1].frame if index + 1 < len(poses) else None
        hold = key.hold if after is None else min(key.hold, after - 1 - key.frame)
        way = Tangent(key.tangent.value) if tangent is None else tangent
        stops.append((key.frame, key, Tangent.FLAT if hold > 0 and way is Tangent.AUTO else way))
        if hold > 0:
            stops.append((key.frame + hold, key, stops[-1][2]))
    frames = np.array([frame for frame, *_ in stops])
    tangents = [how for *_, how in stops]
    turns = np.array([[key.rotations[name] for name in WHOLE] for _, key, _ in stops], np.float64)
    places = np.array([key.root_position for _, key, _ in stops], np.float64)
    span = Span(int(frames[0]), int(frames[-1]) + 1)
    wanted = np.arange(span.start, span.stop)
    rotations = np.zeros((span.length, len(JOINTS), 3), np.float32)
    rotations[:, : len(WHOLE)] = interpolated_turns(frames, turns, wanted, tangents)
    translation = (interpolated_places(frames, places, wanted, tangents) - rest_pelvis).astype(np.float32)
    return span, Motion(rotations, translation, betas=like.betas, fps=like.fps, body=like.body)
