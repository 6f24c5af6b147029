"""The frames that finishing looks at in a regeneration: weight, steps and feet for what is made anew, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.time import Span
from genmo_studio.model.footfalls import Footfalls, held_by
from genmo_studio.model.groundwork import Grounded, worked
from genmo_studio.model.known import Known
from genmo_studio.motion.body import Body
from genmo_studio.motion.correction import PoseTarget, WaypointTarget
from genmo_studio.motion.footclear import raised_feet
from genmo_studio.motion.footlock import Held, lock_feet
from genmo_studio.motion.grounding import lifted, lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MARGIN = 20
"""Known frames on each side that the finishing works with: more than any correction reaches."""
DEEPEST_USUAL = 0.05
"""m that soles of a known motion may lie below the floor and count as its own way of standing on it"""
LEG_JOINTS = (INDEX["left_hip"], INDEX["left_knee"], INDEX["left_ankle"], INDEX["right_hip"], INDEX["right_knee"],
         INDEX["right_ankle"])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Crop:
    """The frames that finishing looks at."""

    span: Span
    motion: Motion
    fresh: Bools
    poses: list[PoseTarget]
    waypoints: list[WaypointTarget]

    @property
    def still(self) -> list[int]:
        """Frames in which nothing may move."""
        return [int(frame) for frame in np.flatnonzero(~self.fresh.any(axis=1))]


def cropped(motion: Motion, body: Body, known: Known, poses: list[PoseTarget], waypoints: list[WaypointTarget]) -> Crop:
    """The new part and its margins; what stays is a target at every frame of the margins and at every key.

    So the correction fades to nothing at the seams, and inverse kinematics turns only joints that are made anew.
    """
    hull = known.hull
    near = Span(max(hull.start - MARGIN, 0), min(hull.stop + MARGIN, len(motion)))
    part, fresh = motion.sliced(near.start, near.stop), known.fresh[near.start : near.stop]
    pelvis = body.rest_joints(part.betas.astype(np.float64))[0]
    wanted: dict[int, PoseTarget] = {}
    for pose in poses:
        frame = pose.frame - near.start
        wanted[frame] = _over(wanted.get(frame), replace(pose, frame=frame))
    points = [replace(point, frame=point.frame - near.start) for point in waypoints]
    for frame in {*wanted, *(point.frame for point in points)} | set(np.flatnonzero(~fresh.any(axis=1)).tolist()):
        turns = part.rotations[frame].tolist()
        stays = PoseTarget(
            frame,
            rotations={joint: tuple(turns[joint]) for joint in range(BODY_JOINT_COUNT) if not fresh[frame, joint]},
            root_position=None if fresh[frame, 0] else tuple((part.translation[frame] + pelvis).tolist()),
        )
        wanted[frame] = _over(wanted.get(frame), stays)
    return Crop(near, part, fresh, [wanted[frame] for frame in sorted(wanted)], points)


def _over(under: PoseTarget | None, over: PoseTarget) -> PoseTarget:
    """Two targets of one frame as one."""
    if under is None:
        return over
    return PoseTarget(
        over.frame,
        rotations={**under.rotations, **over.rotations},
        root_position=under.root_position if over.root_position is None else over.root_position,
        positions={**under.positions, **over.positions},
    )


def worked_over(
    met: Motion, body: Body, request: GenerationRequest, crop: Crop, *, planted: Float[Floats, "frames 2"]
) -> Grounded:
    """The new part with weight, flight and steps where both legs are made anew; what stays is held."""

    def stays(joints: Sequence[int]) -> list[int]:
        return [int(frame) for frame in np.flatnonzero(~crop.fresh[:, joints].all(axis=1))]

    held = Held(stays(LEG_JOINTS[:3]), stays(LEG_JOINTS[3:]), stays([0]))
    if not crop.fresh[:, LEG_JOINTS].all(axis=1).any():
        return Grounded(met, np.zeros(len(met)), (), {})
    falls = Footfalls(met, planted)
    done = worked(falls, body, crop.poses, strength=request.foot_lock, held=held, first=crop.span.start)
    motion, contacts = _limited(done.motion, crop), done.motion.contacts
    if contacts is not None and met.contacts is not None:
        stepping = np.asarray(crop.fresh[:, LEG_JOINTS].all(axis=1))
        contacts = np.where(stepping[:, None], contacts, met.contacts)
    return replace(done, motion=replace(motion, contacts=contacts))


def cleaned_feet(
    grounded: Grounded, body: Body, request: GenerationRequest, crop: Crop, *, planted: Float[Floats, "frames 2"]
) -> Motion:
    """Feet locked and nothing below the floor, where legs or the root are made anew.

    ``planted`` (of the crop's frames) is how much the user wants the left and the right foot to rest.
    """
    motion = grounded.motion
    rooted = bool(crop.fresh[:, 0].any())
    still = set(crop.still)
    keys = [pose for pose in crop.poses if pose.frame not in still]
    protected = sorted({*still, *(pose.frame for pose in keys), *(point.frame for point in crop.waypoints)})
    if (request.foot_lock > 0 or planted.any()) and crop.fresh[:, LEG_JOINTS].any():
        motion, _ = lock_feet(
            motion,
            body,
            strength=request.foot_lock,
            protected=crop.still,
            held=held_by(keys),
            planted=planted,
            ground=grounded.ground,
            floor=False,
            pelvis=rooted,
        )
        motion = _limited(motion, crop)
    sunk = _usual_depth(crop, body)
    if rooted:
        raised = lifted(_higher(motion, sunk), body, protected=protected)
        motion = _limited(_higher(raised, -sunk), crop)
    return _limited(raised_feet(motion, body, fresh=crop.fresh, depth=sunk, protected=protected), crop)


def _usual_depth(crop: Crop, body: Body) -> float:
    """How deep (m) the lowest part of the known motion sinks: the new part need not be lifted out of that."""
    known = (
        crop.motion.sliced(0, 0)
        if not crop.still
        else replace(
            crop.motion,
            rotations=crop.motion.rotations[crop.still],
            translation=crop.motion.translation[crop.still],
            contacts=None,
        )
    )
    return float(np.clip(-lowest_points(known, body).min(), 0.0, DEEPEST_USUAL)) if len(known) else 0.0


def _higher(motion: Motion, metres: float) -> Motion:
    return replace(motion, translation=motion.translation + np.array([0.0, metres, 0.0], np.float32))


def _limited(motion: Motion, crop: Crop) -> Motion:
    """Only what is made anew from ``motion``, the rest as it was."""
    rotations = np.where(crop.fresh[..., None], motion.rotations, crop.motion.rotations)
    translation = np.where(crop.fresh[:, :1], motion.translation, crop.motion.translation)
    return replace(motion, rotations=rotations, translation=translation)
