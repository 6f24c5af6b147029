"""Keys met in a millisecond or two, for drafts that are looked at while something is dragged.

At the frame of a key the pose is exact. Between keys the difference fades with a smoothstep, all joints at once; the
finished motion is corrected with continuous acceleration by motion.correction, which takes a hundred times as long.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.time import Span
from genmo_studio.motion.body import Body
from genmo_studio.motion.correction import PoseTarget, WaypointTarget, meet_keys
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.values import replace

Floats = NDArray[np.float64]
REACH = 30
"""Frames over which a difference fades at most: 1 s."""


def meet_quickly(
    motion: Motion,
    body: Body,
    poses: Sequence[PoseTarget],
    waypoints: Sequence[WaypointTarget] = (),
    *,
    span: Span | None = None,
) -> Motion:
    """The motion with its keys met; what lies outside of ``span`` stays bit-identical.

    A key outside of the span (default: the motion) is left alone.
    """
    whole = Span(0, len(motion))
    inside = whole if span is None else span
    asked = [pose.frame for pose in poses] + [point.frame for point in waypoints]
    frames = sorted({frame for frame in asked if frame in inside})
    if not frames:
        return motion
    turned, moved = _differences(motion, body, poses, waypoints, frames)
    # Where the motion is known beside the span nothing is added there; at the motion's own ends nothing has to fade.
    before = None if inside.start == 0 else inside.start - 1
    after = None if inside.stop == len(motion) else inside.stop
    rotations, translation = motion.rotations.copy(), motion.translation.copy()
    for index, frame in enumerate(frames):
        left = frames[index - 1] if index else before
        right = frames[index + 1] if index + 1 < len(frames) else after
        part, weight = _bump(frame, left, right, inside)
        joints = np.flatnonzero(np.abs(turned[index]).max(axis=-1) > 1e-7)
        if len(joints):
            step = matrix_from_rotvec(weight[:, None, None] * turned[index, joints])
            now = matrix_from_rotvec(rotations[part][:, joints].astype(np.float64))
            rotations[part, joints] = rotvec_from_matrix(step @ now)
        translation[part] += (weight[:, None] * moved[index]).astype(np.float32)
    return replace(motion, rotations=rotations, translation=translation)


def _bump(frame: int, left: int | None, right: int | None, inside: Span) -> tuple[slice, Floats]:
    """Frames and weights of a difference: 1 at the frame, 0 at its neighbours or REACH away; 1 towards an open end."""
    start = inside.start if left is None else max(left + 1, frame - REACH + 1)
    stop = inside.stop if right is None else min(right, frame + REACH)
    frames = np.arange(start, stop)
    weight = np.ones(len(frames))
    if left is not None:
        first = max(left, frame - REACH)
        weight = np.where(frames < frame, (frames - first) / (frame - first), weight)
    if right is not None:
        last = min(right, frame + REACH)
        weight = np.where(frames > frame, (last - frames) / (last - frame), weight)
    return slice(start, stop), weight * weight * (3 - 2 * weight)


def _differences(
    motion: Motion,
    body: Body,
    poses: Sequence[PoseTarget],
    waypoints: Sequence[WaypointTarget],
    frames: list[int],
) -> tuple[Floats, Floats]:
    """Turns (K, 24, 3) in rad and shifts (K, 3) in m that make the poses of the frames meet their keys.

    The frames are solved side by side, each as a motion of its own.
    """
    met = []
    for frame in frames:
        alone = motion.sliced(frame, frame + 1)
        here = [replace(pose, frame=0) for pose in poses if pose.frame == frame]
        points = [replace(point, frame=0) for point in waypoints if point.frame == frame]
        met.append(_posed(alone, body, here, points))
    old = matrix_from_rotvec(motion.rotations[frames].astype(np.float64))
    new = matrix_from_rotvec(np.concatenate([m.rotations for m in met]).astype(np.float64))
    turned = rotvec_from_matrix(new @ np.swapaxes(old, -1, -2))
    moved = np.concatenate([m.translation for m in met]).astype(np.float64) - motion.translation[frames]
    return np.asarray(turned), np.asarray(moved)


def _posed(alone: Motion, body: Body, poses: list[PoseTarget], points: list[WaypointTarget]) -> Motion:
    """One pose that meets its keys. Turns and places of the root are written; the rest has to be solved."""
    if len(poses) > 1 or len(points) > 1 or any(pose.positions for pose in poses):
        return meet_keys(alone, body, poses, points)[0]
    rotations, translation = alone.rotations.copy(), alone.translation.copy()
    pelvis = body.rest_joints(alone.betas.astype(np.float64))[0]
    for point in points:  # a pose key of the frame, written after it, comes first
        if point.position is not None:
            translation[0, [0, 2]] = np.asarray(point.position) - pelvis[[0, 2]]
        if point.heading is not None:
            now = matrix_from_rotvec(rotations[0, 0].astype(np.float64))
            turn = yaw_matrix(np.asarray(point.heading - heading_from_matrix(now)))
            rotations[0, 0] = rotvec_from_matrix(turn @ now)
    for pose in poses:
        for joint, turned in pose.rotations.items():
            rotations[0, joint] = turned
        if pose.root_position is not None:
            translation[0] = np.asarray(pose.root_position) - pelvis
    return replace(alone, rotations=rotations, translation=translation.astype(np.float32))
