"""The known part of a regeneration: what the network is told of it, and which keys can still be met beside it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.regeneration import made_anew
from genmo_studio.conditions.request import (
    GenerationRequest,
    PoseCondition,
    Regeneration,
    WaypointCondition,
)
from genmo_studio.document.time import Span
from genmo_studio.motion.body import FREE_BODY, Body, load_body
from genmo_studio.motion.ik import chain_above
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.representation import LAYOUT, SIZES, camera_to_gravity_view, local_velocity
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, sixd_from_matrix
from genmo_studio.motion.seams import runs
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.shapes import Float

Bools = NDArray[np.bool_]
_CHANNELS = sum(SIZES.values())


@dataclass(frozen=True, eq=False)
class Known:
    """A motion of which a part is made anew."""

    base: Motion
    fresh: Bools
    """(T, 24) joints that are made anew; joint 0 stands for the root, its place included"""
    span: Span
    blend: int
    body: Body
    """The body that the known motion was made for"""

    @property
    def root_runs(self) -> list[Span]:
        """Stretches of frames in which the root is made anew."""
        return runs(self.fresh[:, 0])

    @property
    def hull(self) -> Span:
        """From the first to the last frame in which anything is made anew; the span when nothing is."""
        frames = np.flatnonzero(self.fresh.any(axis=1))
        return Span(int(frames[0]), int(frames[-1]) + 1) if len(frames) else self.span


def motion_digest(motion: Motion) -> str:
    """The name by which a regeneration knows the motion that it starts from."""
    return hashlib.sha256(motion.to_bytes()).hexdigest()


def known_motion(
    request: GenerationRequest, base: Motion | None, *, body: Body, digest: Callable[[Motion], str] = motion_digest
) -> Known | None:
    """What a request keeps of ``base``; None when it keeps nothing (no regeneration).

    The motion stays on the body that it was made for, which may be another than the request's ``body``.
    ``digest`` may remember what it answered.

    Raises ValueError with a sentence when the motion is not the one that the request names.
    """
    asked = request.regeneration
    if asked is None:
        return None
    if base is None:
        raise ValueError("the motion to change was not handed over; nothing was generated")
    if len(base) != request.frames:
        raise ValueError(f"the motion to change has {len(base)} frames, the request {request.frames}; it was not used")
    if digest(base) != asked.base:
        raise ValueError("the motion to change is not the one that was asked for; generate again from the present one")
    return known_of(asked, base, body=body if base.body == body.name else load_body(base.body))


def known_of(asked: Regeneration, base: Motion, *, body: Body) -> Known:
    """The same without the check of the motion's hash; ``body`` is the one that the motion was made for."""
    return Known(base, made_anew(asked, len(base)), asked.span, asked.blend, body)


def known_channels(
    known: Known, cameras: Float[NDArray[np.float64], "frames 3 3"]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Raw values (L, 151) of the known motion and mask (L, 151) of what stays, as in training (training.masks).

    The last root step before a gap is told although it leads into the gap: training did the same.
    """
    base, fresh = known.base, known.fresh
    values, mask = np.zeros((len(base), _CHANNELS)), np.zeros((len(base), _CHANNELS))
    turns = matrix_from_rotvec(base.rotations[:, :BODY_JOINT_COUNT].astype(np.float64))
    body, gravity_view = LAYOUT["body_pose"], LAYOUT["global_orient_gv"]
    values[:, body] = sixd_from_matrix(turns[:, 1:]).reshape(len(base), -1)
    mask[:, body] = np.repeat(~fresh[:, 1:BODY_JOINT_COUNT], 6, axis=1)
    values[:, gravity_view] = sixd_from_matrix(camera_to_gravity_view(cameras) @ cameras @ turns[:, 0])
    mask[:, gravity_view] = ~fresh[:, :1]
    values[:, LAYOUT["local_transl_vel"]] = local_velocity(turns[:, 0], base.translation.astype(np.float64))
    mask[:, LAYOUT["local_transl_vel"]] = ~fresh[:, :1]
    if base.body == FREE_BODY:
        values[:, LAYOUT["betas"]] = base.betas
        mask[:, LAYOUT["betas"]] = 1.0
    return values, mask


@dataclass(frozen=True)
class RootKnots:
    """Known frames beside the stretches in which the root is made anew."""

    frames: NDArray[np.int64]
    position: Float[NDArray[np.float64], "knots 3"]
    """m, the pelvis in the world"""
    heading: Float[NDArray[np.float64], " knots"]


def root_knots(known: Known) -> RootKnots:
    """Where the root has to pass on its way out of and back into the known motion."""
    length = len(known.base)
    edges = {edge for run in known.root_runs for edge in (run.start - 1, run.stop) if 0 <= edge < length}
    frames = np.array(sorted(edges), np.int64)
    turns = matrix_from_rotvec(known.base.rotations[frames, 0].astype(np.float64))
    pelvis = known.base.translation[frames] + known.body.rest_joints(known.base.betas.astype(np.float64))[0]
    return RootKnots(frames, pelvis, np.asarray(heading_from_matrix(turns)))


@dataclass(frozen=True)
class Askable:
    """A request with the keys that a new part can meet, and the parts of keys inside the span that it cannot."""

    told: GenerationRequest
    lost_poses: tuple[PoseCondition, ...]
    lost_points: tuple[WaypointCondition, ...]


def askable(request: GenerationRequest, known: Known) -> Askable:
    """Which keys a regeneration is about.

    Keys outside the span are about frames that stay as they are: they are neither told nor missed.
    """
    poses: list[PoseCondition] = []
    points: list[WaypointCondition] = []
    lost_poses: list[PoseCondition] = []
    lost_points: list[WaypointCondition] = []
    for pose in request.poses:
        if pose.frame in known.span:
            inside, outside = _parted(pose, known.fresh[pose.frame])
            poses += [inside] if inside is not None else []
            lost_poses += [outside] if outside is not None else []
    for point in request.waypoints:
        if point.frame in known.span:
            (points if known.fresh[point.frame, 0] else lost_points).append(point)
    told = msgspec.structs.replace(request, poses=tuple(poses), waypoints=tuple(points))
    return Askable(told, tuple(lost_poses), tuple(lost_points))


def _parted(pose: PoseCondition, fresh: Bools) -> tuple[PoseCondition | None, PoseCondition | None]:
    """A key as what the new part can meet and what it cannot; None where nothing is left."""

    def movable(joint: int) -> bool:
        return any(bool(fresh[above]) for above in (*chain_above(joint), 0))

    turns = {name for name in pose.rotations if name not in INDEX or fresh[INDEX[name]]}
    places = {name for name in pose.positions if name not in INDEX or movable(INDEX[name])}

    def part(*, met: bool) -> PoseCondition | None:
        rotations = {name: value for name, value in pose.rotations.items() if (name in turns) is met}
        positions = {name: value for name, value in pose.positions.items() if (name in places) is met}
        root = pose.root_position if bool(fresh[0]) is met else None
        if not rotations and not positions and root is None:
            return None
        return msgspec.structs.replace(pose, rotations=rotations, positions=positions, root_position=root)

    return part(met=True), part(met=False)
